import type { Page } from "@playwright/test";
import { follow } from "./support/follow";
import { Marketplace, THREAT } from "./support/people";
import { expect, invite, test } from "./support/test";

/** Where the keyboard is. */
const focus = (page: Page) => page.locator(":focus");

/** Signs in without a mouse. */
async function enter(page: Page, who: { email: string; password: string }, path: string) {
  await page.addInitScript(() => {
    if (location.protocol !== "about:") localStorage.setItem("rialto.tour", "seen");
  });
  await page.goto(path);
  await expect(page.getByLabel("E-mail address"), "one can type at once").toBeFocused();
  await page.keyboard.type(who.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type("not the password");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("not right");
  await page.getByLabel("Password").focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.type(who.password);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("navigation", { name: "Main" }).first()).toBeVisible();
}

/** What a screen reader goes by: one main part, one heading above all, and everything named. */
async function landmarks(page: Page, heading: string) {
  await expect(page.getByRole("main")).toHaveCount(1);
  await expect(page.getByRole("navigation", { name: "Main" }).first()).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
}

test("a moderator's work by keyboard alone: each decision leads to the next message's heading", async ({
  browser,
  engine,
  ui,
}) => {
  const market = await Marketplace.open(engine, "keys");
  await market.users("Kim", "Kai", "Kea", "Kurt");
  await market.listing("thing", "kurt", "Orange pedalo", "sport");
  for (const name of ["kim", "kai", "kea"]) {
    const talk = await market.start(name, "thing", "Hello!");
    await market.send(name, talk.conversation, THREAT);
  }
  const context = await browser.newContext({ baseURL: ui, locale: "en-GB" });
  const page = await context.newPage();
  await enter(page, await invite(engine, "MODERATOR", "Kit Keys"), "moderation");
  await landmarks(page, "Moderation");

  await page.keyboard.press("Tab");
  await expect(focus(page)).toHaveText("Skip to the content");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();

  // Other tests' messages wait as well: one goes down to ours.
  const shown = page.getByRole("heading", { level: 2 });
  await expect(shown).toBeVisible();
  for (let n = 0; n < 60 && !/Kim/.test((await shown.textContent()) ?? ""); n++) {
    const before = new URL(page.url()).search;
    await page.keyboard.press("j");
    await expect.poll(() => new URL(page.url()).search).not.toBe(before);
    await expect(shown).toBeVisible();
  }
  await expect(shown).toContainText("Kim");

  const body = page.getByRole("region", { name: "Message", exact: true });
  await expect(body.getByRole("button", { name: "Show the text" })).toBeVisible();
  await page.keyboard.press("Space");
  await expect(body.getByRole("button", { name: "Show the text" })).toHaveCount(0);
  await page.keyboard.press("e");
  await page.keyboard.type("A threat, ");
  await expect(focus(page), "keys of decisions are letters while one writes").toHaveValue("A threat, ");
  await page.keyboard.press("Escape");
  await page.keyboard.press("x");
  await expect(page.locator("[data-toast]", { hasText: "Removed" })).toBeVisible();
  await expect(shown, "the next one is there, and has the focus").toContainText("Kai");
  await expect(shown).toBeFocused();

  // The same by buttons.
  const remove = page.getByRole("button", { name: "Remove" });
  for (let n = 0; n < 40 && !(await remove.evaluate((each) => each === document.activeElement)); n++)
    await page.keyboard.press("Tab");
  await expect(remove).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(shown).toContainText("Kea");
  await expect(shown, "the button is gone with its message: the focus is not").toBeFocused();

  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(shown, "a closed dialog gives the focus back").toBeFocused();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toContainText("Release");
  await page.keyboard.press("Escape");
  await expect(shown).toBeFocused();
  await context.close();
});

test("an agent's work by keyboard alone, and what comes is said to screen readers", async ({
  browser,
  engine,
  ui,
}) => {
  const market = await Marketplace.open(engine, "voice");
  await market.users("Vera");
  const context = await browser.newContext({ baseURL: ui, locale: "en-GB" });
  const page = await context.newPage();
  await enter(page, await invite(engine, "AGENT", "Vic Voice"), "overview");
  const talk = await market.support("vera", "account", "Can you hear me?");
  const customer = await follow(engine, await market.token("vera"), talk.conversation);

  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await landmarks(page, "Conversations");
  await expect(page.getByRole("link", { name: /Vera/ })).toBeVisible();
  await page.keyboard.press("j");
  await expect(page.getByRole("log")).toContainText("Can you hear me?");
  await expect(page.getByRole("heading", { level: 2 }).first()).toContainText("Vera");
  await page.keyboard.press("r");
  await expect(page.getByLabel("Your answer")).toBeFocused();
  await page.keyboard.type("Loud and clear.");
  await page.keyboard.press("Enter");
  await expect.poll(() => customer.bodies()).toContain("Loud and clear.");
  await expect(page.getByLabel("Your answer"), "one writes on").toBeFocused();

  await market.send("vera", talk.conversation, "Wonderful!");
  await expect(page.getByRole("status").filter({ hasText: "Vera says: Wonderful!" })).toHaveCount(1);
  await page.keyboard.press("Escape");
  await page.keyboard.press("c");
  await expect(page.getByText("This conversation is closed")).toBeVisible();
  await page.keyboard.press("u");
  await expect(page).toHaveURL(/conversations$/);
  await customer.stop();
  await context.close();
});
