import { readFile } from "node:fs/promises";
import { Marketplace } from "./support/people";
import { expect, test } from "./support/test";

/** The bundled word list as somebody else's build of it: a custom section makes it another component. */
async function anotherBuild(): Promise<Buffer> {
  const component = await readFile(new URL("../../plugins/dist/wordlist.wasm", import.meta.url));
  const name = Buffer.from("e2e");
  const section = Buffer.concat([Buffer.from([0, name.length + 2, name.length]), name, Buffer.from([1])]);
  return Buffer.concat([component, section]);
}

test("a filter goes from upload over shadow and backtest to live, and a message is masked", async ({
  admin,
  engine,
  signedIn,
}) => {
  test.setTimeout(180_000);
  const market = await Marketplace.open(engine, "life");
  await market.users("Fritz", "Frida");
  await market.listing("thing", "frida", "Box of spices", "food");
  const talk = await market.start("fritz", "thing", "Is there zanzibarwort in the box?");
  const page = await signedIn(admin, { path: "filters" });

  await page
    .getByLabel("Choose a file")
    .setInputFiles({ name: "wordlist.wasm", mimeType: "application/wasm", buffer: await anotherBuild() });
  await expect(page.getByText("The engine can run it")).toBeVisible({ timeout: 60_000 });
  await page.getByRole("button", { name: "Keep as draft" }).click();
  await expect(page.getByRole("heading", { name: "Version 2" })).toBeVisible();

  await page.getByRole("tab", { name: "Configuration" }).click();
  await page.getByLabel("Based on").selectOption("2");
  await page.getByRole("button", { name: "Add", exact: true }).first().click();
  await page.getByLabel("Name", { exact: false }).first().fill("spices");
  await page.getByLabel("Words and phrases").fill("zanzibarwort");
  await page.getByRole("button", { name: "Save as new version" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Change mode" }).click();
  await expect(page.locator("[data-toast]", { hasText: "Version 3: Shadow." })).toBeVisible();

  await market.send("fritz", talk.conversation, "Once more: zanzibarwort, yes or no?");
  await expect(async () => {
    await page.goto("filters/wordlist?tab=shadow");
    await expect(page.getByText("wordlist.denied").first()).toBeVisible({ timeout: 2000 });
  }, "in shadow it finds the word and does nothing").toPass();

  await page.goto("backtests?filter=wordlist&version=3");
  await page.getByRole("dialog").getByRole("button", { name: "Start" }).click();
  await expect(page.getByText("Done").first()).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("Is there zanzibarwort in the box?")).toBeVisible();

  await page.goto("policy");
  await page.getByRole("button", { name: "Edit from here" }).click();
  const editor = page.getByLabel("Policy, as TOML");
  const text = await editor.inputValue();
  await editor.fill(
    text.replace(
      'signal = "wordlist.denied"\naction = "refuse"\nnotice = "@word-denied"',
      'signal = "wordlist.denied"\naction = "mask"\nnotice = "@contact-hidden"',
    ),
  );
  await page.getByRole("button", { name: "Check" }).click();
  await expect(page.getByText("The table is right.")).toBeVisible();
  await page.getByRole("button", { name: "Save as new version" }).click();
  await page.getByRole("button", { name: "Activate" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Activate" }).click();
  await expect(page.locator("[data-toast]", { hasText: /decides now/ })).toBeVisible();

  await page.goto("filters/wordlist?tab=shadow");
  await page.getByRole("button", { name: "Make it live" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Change mode" }).click();
  await expect(page.locator("[data-toast]", { hasText: "Version 3: Live." })).toBeVisible();

  await market.send("fritz", talk.conversation, "So: zanzibarwort?");
  const { data } = await engine.ask<{
    conversation: { messages: { nodes: { body: string; status: string }[] } };
  }>(
    await market.token("frida"),
    `query($id: ID!) { conversation(id: $id) { messages(last: 1) { nodes { body status } } } }`,
    { id: talk.conversation },
  );
  const last = data.conversation.messages.nodes[0];
  expect(last?.body, "the word is masked for its recipient").not.toContain("zanzibarwort");
  expect(last?.body).toContain("So:");
});

test("what is no filter is refused with the reason", async ({ admin, signedIn }) => {
  const page = await signedIn(admin, { path: "filters" });
  await page
    .getByLabel("Choose a file")
    .setInputFiles({ name: "no.wasm", mimeType: "application/wasm", buffer: Buffer.from("not wasm at all") });
  await expect(page.getByText("This is no filter the engine can run")).toBeVisible();
  await expect(page.getByRole("button", { name: "Keep as draft" })).toHaveCount(0);
});

test("a message is tried as it is typed", async ({ admin, signedIn }) => {
  const page = await signedIn(admin, { path: "try" });
  await page.getByLabel("Message", { exact: true }).fill("Call me: +49 170 1234567");
  await expect(page.getByText("contact.phone")).toBeVisible();
  await expect(page.locator("section", { hasText: "The recipient sees" })).not.toContainText("1234567");
});
