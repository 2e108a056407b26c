import type { Page } from "@playwright/test";
import { follow } from "./support/follow";
import { Marketplace, SPAM, THREAT } from "./support/people";
import { expect, invite, test } from "./support/test";

const toasts = (page: Page) => page.locator("[data-toast]");

test("spam is held, a moderator releases it, and the recipient's own subscription gets it live", async ({
  engine,
  signedIn,
}) => {
  const market = await Marketplace.open(engine, "spam");
  await market.users("Bea", "Sid");
  await market.listing("thing", "sid", "Blue kayak with paddle", "sport");
  const page = await signedIn(await invite(engine, "MODERATOR", "Rita Release"), { path: "moderation" });
  const talk = await market.start("bea", "thing", "Hello, is the kayak there?");
  const recipient = await follow(engine, await market.token("sid"), talk.conversation);

  await market.send("bea", talk.conversation, SPAM);
  const row = page.getByRole("button", { name: /Bea.*Blue kayak/ });
  await expect(row, "a held message comes to the open queue by itself").toBeVisible();
  await row.click();
  expect(recipient.bodies(), "what is held does not reach the recipient").not.toContain(SPAM);
  await page.keyboard.press("Space");
  await expect(page.getByRole("region", { name: "Message", exact: true })).toContainText("free prize");
  const evidence = page.getByRole("region", { name: "What there is to decide by" });
  await expect(evidence.getByText("spam.text").first()).toBeVisible();
  await page.keyboard.press("r");
  await expect(toasts(page)).toContainText("Released");
  await expect(row).toHaveCount(0);
  await expect.poll(() => recipient.bodies(), { message: "released, it arrives live" }).toContain(SPAM);
  await recipient.stop();
});

test("a decision is taken back by Z, and the message waits again", async ({ engine, signedIn }) => {
  const market = await Marketplace.open(engine, "undo");
  await market.users("Uwe", "Udo");
  await market.listing("thing", "udo", "Green canoe", "sport");
  const talk = await market.start("uwe", "thing", "Hello!");
  await market.send("uwe", talk.conversation, THREAT);
  const page = await signedIn(await invite(engine, "MODERATOR", "Ulla Undo"), { path: "moderation" });
  const row = page.getByRole("button", { name: /Uwe.*Green canoe/ });
  await row.click();
  await expect(page.getByRole("heading", { name: /Uwe/ })).toBeVisible();
  await page.keyboard.press("x");
  await expect(row).toHaveCount(0);
  await page.keyboard.press("z");
  await expect(toasts(page).filter({ hasText: "Taken back" })).toBeVisible();
  await expect(row).toBeVisible();
});

test("two moderators, one message: one decides, the other is told", async ({ engine, signedIn }) => {
  const market = await Marketplace.open(engine, "two");
  await market.users("Tim", "Tom");
  await market.listing("thing", "tom", "Red rowing boat", "sport");
  const talk = await market.start("tim", "thing", "Hello!");
  const { message } = await market.send("tim", talk.conversation, THREAT);
  const first = await signedIn(await invite(engine, "MODERATOR", "Fay First"), {
    path: `moderation?item=${message}`,
  });
  const second = await signedIn(await invite(engine, "MODERATOR", "Sue Second"), {
    path: `moderation?item=${message}`,
  });
  for (const page of [first, second]) await expect(page.getByRole("heading", { name: /Tim/ })).toBeVisible();
  await Promise.all([first.keyboard.press("r"), second.keyboard.press("x")]);

  const token = await engine.token("root", "admin", "Root");
  const decided = async () => {
    const { data } = await engine.ask<{
      conversation: { messages: { nodes: { decision: { decision: string } | null }[] } };
    }>(
      token,
      `query($id: ID!) { conversation(id: $id, reason: "testing") { messages(last: 1) { nodes { decision { decision } } } } }`,
      { id: talk.conversation },
    );
    return data.conversation.messages.nodes[0]?.decision?.decision;
  };
  await expect.poll(decided).toMatch(/RELEASE|REMOVE/);
  for (const page of [first, second]) {
    await expect(
      page.getByRole("button", { name: /Tim.*Red rowing boat/ }),
      "decided, it waits for nobody",
    ).toHaveCount(0);
  }
  const won = (page: typeof first) =>
    toasts(page)
      .filter({ hasText: /^(Released|Removed)/ })
      .count();
  const told = (page: typeof first) =>
    toasts(page)
      .filter({ hasText: /was faster/ })
      .count();
  await expect
    .poll(async () => [await won(first), await won(second)].filter(Boolean).length, {
      message: "one of them decided",
    })
    .toBe(1);
  await expect
    .poll(async () => (await told(first)) + (await told(second)), { message: "the other is told" })
    .toBeGreaterThan(0);
});

test("the queue is narrowed to a signal, and stays so while messages come", async ({ engine, signedIn }) => {
  const market = await Marketplace.open(engine, "narrow");
  await market.users("Nia", "Noa", "Nils");
  await market.listing("thing", "nils", "Purple dinghy", "sport");
  const page = await signedIn(await invite(engine, "MODERATOR", "Nelly Narrow"), { path: "moderation" });
  const threats = await market.start("nia", "thing", "Hello!");
  const spam = await market.start("noa", "thing", "Hello!");
  await market.send("nia", threats.conversation, THREAT);
  await market.send("noa", spam.conversation, SPAM);
  const row = (name: string) => page.getByRole("button", { name: new RegExp(`${name}.*Purple dinghy`) });
  await expect(row("Nia")).toBeVisible();
  await expect(row("Noa")).toBeVisible();

  await page.getByLabel("Signal").selectOption("tone.threat");
  await expect(page).toHaveURL(/signal=tone\.threat/);
  await expect(row("Noa")).toHaveCount(0);
  await expect(row("Nia")).toHaveCount(1);
  await market.send("noa", spam.conversation, `${SPAM} Hurry!`);
  await market.send("nia", threats.conversation, `${THREAT} tomorrow`);
  await expect(row("Nia")).toHaveCount(2);
  await expect(row("Noa"), "what does not fit stays out").toHaveCount(0);
  await page.getByLabel("Signal").selectOption("");
  await expect(row("Noa")).toHaveCount(2);
});

test("parts that a moderator marks are hidden from the recipient", async ({ engine, signedIn }) => {
  const market = await Marketplace.open(engine, "mask");
  await market.users("Mia", "Max");
  await market.listing("thing", "max", "Yellow raft", "sport");
  const talk = await market.start("mia", "thing", "Hello!");
  const recipient = await follow(engine, await market.token("max"), talk.conversation);
  await market.send("mia", talk.conversation, THREAT);
  const page = await signedIn(await invite(engine, "MODERATOR", "Maud Mask"), { path: "moderation" });
  await page.getByRole("button", { name: /Mia.*Yellow raft/ }).click();
  await expect(page.getByRole("heading", { name: /Mia/ })).toBeVisible();
  await page.keyboard.press("m");
  await expect(toasts(page)).toContainText("Masked");
  await expect.poll(() => recipient.bodies().length).toBeGreaterThan(0);
  expect(recipient.bodies().at(-1)).not.toContain("kill you");
  await recipient.stop();
});
