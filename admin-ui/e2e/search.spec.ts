import { Marketplace } from "./support/people";
import { expect, invite, test } from "./support/test";

test("a message is found and jumped to, and an admin builds the index anew meanwhile", async ({
  admin,
  engine,
  signedIn,
}) => {
  const market = await Marketplace.open(engine, "find");
  await market.users("Wanda", "Walt");
  await market.listing("thing", "walt", "Weather station", "garden");
  const talk = await market.start("wanda", "thing", "Does the anemometer still turn?");
  const page = await signedIn(admin, { path: "search" });
  const found = page.getByRole("region", { name: "Results" }).getByRole("link");
  await page.getByRole("searchbox", { name: "Search" }).fill("anemometr");
  await page.getByLabel("Reason").fill("How search does");
  await page.getByRole("button", { name: "Look", exact: true }).click();
  await expect(async () => {
    await page.reload();
    await page.getByLabel("Reason").fill("How search does");
    await page.getByRole("button", { name: "Look", exact: true }).click();
    await expect(found.first()).toContainText("anemometer", { timeout: 2000 });
  }, "the index follows, and forgives").toPass();

  const opener = page.getByRole("button", { name: "Search index" });
  await opener.click();
  const dialog = page.getByRole("dialog", { name: "Search index" });
  await expect(dialog).toContainText("Answers");
  await dialog.getByRole("button", { name: "Build it anew" }).click();
  await expect(page.locator("[data-toast]", { hasText: "The new search index answers" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(opener, "the focus is where it was").toBeFocused();

  await page.reload();
  await page.getByLabel("Reason").fill("How search does");
  await page.getByRole("button", { name: "Look", exact: true }).click();
  await expect(found.first(), "the new index knows it as well").toContainText("anemometer");
  await found.first().click();
  await expect(page).toHaveURL(new RegExp(`conversations/${talk.conversation.split(":")[1]}\\?at=`));

  const agent = await signedIn(await invite(engine, "AGENT", "Ingo Index"), { path: "search" });
  await expect(agent.getByRole("searchbox", { name: "Search" })).toBeVisible();
  await expect(agent.getByRole("button", { name: "Search index" }), "only for admins").toHaveCount(0);
});
