import { mkdir, rm } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { de } from "../src/i18n/de";
import { en } from "../src/i18n/en";
import { serious } from "./support/axe";
import { seed } from "./support/seed";
import { expect, invite, test } from "./support/test";

const WIDTHS = [
  { name: "phone", width: 390, height: 844 },
  { name: "laptop", width: 1280, height: 800 },
  { name: "wide", width: 1920, height: 1080 },
] as const;
const THEMES = ["light", "dark"] as const;
// LANG_UI=de takes them in German, beside the English ones.
const GERMAN = process.env.LANG_UI === "de";
const OUT = new URL(GERMAN ? "../screens/de/" : "../screens/", import.meta.url).pathname;
const say = GERMAN ? de : (en as unknown as typeof de);

// SCREENS=moderation,overview takes only these; WIDTHS=phone and THEMES=dark likewise.
const only = (name: string) => process.env[name]?.split(",").filter(Boolean);

type Screen = { name: string; path: string; act?: (page: Page) => Promise<void> };

test("every screen", async ({ browser, engine, ui, admin }) => {
  await mkdir(OUT, { recursive: true });
  const seeded = await seed(engine);
  await invite(engine, "MODERATOR", "Mona Moreau");
  await invite(engine, "AGENT", "Sam Okafor");
  const root = await engine.token("day-root", "admin", "Root");
  await engine.ask(
    root,
    `mutation { inviteStaff(input: { role: SENIOR, email: "nina@example.com" }) { link } }`,
  );
  const bare = (id: string) => id.slice(id.indexOf(":") + 1);
  const screens: Screen[] = [
    { name: "overview", path: "overview" },
    { name: "moderation", path: "moderation" },
    {
      name: "moderation-revealed",
      path: "moderation?order=severity",
      act: async (page) => {
        const phone = (page.viewportSize()?.width ?? 0) < 1024;
        if (phone)
          await page.getByRole("region", { name: say.moderation.queue }).getByRole("button").first().click();
        await page.getByRole("button", { name: say.moderation.reveal }).click();
      },
    },
    { name: "moderation-empty", path: "moderation?sender=nobody" },
    { name: "conversations", path: "conversations" },
    { name: "conversation", path: `conversations/${bare(seeded.support)}` },
    { name: "conversation-reason", path: `conversations/${bare(seeded.honest)}` },
    {
      name: "conversation-private",
      path: `conversations/${bare(seeded.honest)}`,
      act: async (page) => {
        await page.getByRole("button", { name: say.conversations.reason.presets.report }).click();
        await page.getByRole("button", { name: say.conversations.reason.submit, exact: true }).click();
        await expect(page.getByRole("log")).toBeVisible();
      },
    },
    { name: "search", path: "search" },
    {
      name: "search-results",
      path: "search?q=battery",
      act: async (page) => {
        const reason = page.getByLabel(say.conversations.reason.label);
        const hit = page.getByRole("region", { name: say.search.results });
        await expect(reason.or(hit).first()).toBeVisible();
        if (!(await reason.isVisible())) return;
        await reason.fill("Looking for a battery fraud");
        await page.getByRole("button", { name: say.conversations.reason.submit, exact: true }).click();
        await expect(hit).toBeVisible();
      },
    },
    {
      name: "search-index",
      path: "search",
      act: async (page) => {
        await page.getByRole("button", { name: say.search.index.open }).click();
        await expect(page.getByRole("dialog")).toBeVisible();
      },
    },
    { name: "filters", path: "filters" },
    { name: "filter-versions", path: "filters/wordlist" },
    { name: "filter-configuration", path: "filters/wordlist?tab=configuration" },
    { name: "filter-shadow", path: "filters/wordlist?tab=shadow" },
    { name: "filter-logs", path: "filters/wordlist?tab=logs" },
    { name: "filter-limits", path: "filters/wordlist?tab=settings" },
    {
      name: "filter-mode",
      path: "filters/wordlist",
      act: async (page) => {
        await page.getByRole("button", { name: say.filters.setMode }).first().click();
        await page.getByRole("radio", { name: new RegExp(say.words.mode.CANARY) }).click();
      },
    },
    { name: "policy", path: "policy?version=2" },
    { name: "decisions", path: "decisions" },
    {
      name: "decision",
      path: "decisions?action=HOLD",
      act: async (page) => {
        await page.getByRole("row").nth(1).getByRole("button").click();
        await expect(page.getByRole("dialog")).toBeVisible();
      },
    },
    { name: "backtests", path: "backtests" },
    { name: "backtest", path: `backtests/${seeded.backtest}` },
    { name: "lists", path: "lists" },
    {
      name: "try",
      path: "try",
      act: async (page) => {
        await page
          .getByLabel(say.trial.text, { exact: true })
          .fill("Great! Write to jane@example.com or call +49 170 1234567, you have won a prize");
        await expect(page.getByText(say.trial.sender)).toBeVisible();
      },
    },
    { name: "listings", path: "listings" },
    { name: "audit", path: "audit" },
    { name: "team", path: "team" },
    {
      name: "team-invite",
      path: "team",
      act: async (page) => {
        await page.getByRole("button", { name: say.team.invite }).click();
      },
    },
    { name: "help", path: "help" },
    { name: "settings", path: "settings" },
    { name: "leaving", path: "leaving?to=https%3A%2F%2Fexample.com%2Foffer%3Fid%3D7" },
    { name: "not-found", path: "nowhere" },
    {
      name: "palette",
      path: "overview",
      act: async (page) => {
        await page.keyboard.press("Control+k");
        await expect(page.getByRole("dialog")).toBeVisible();
      },
    },
    {
      name: "keys",
      path: "conversations",
      act: async (page) => {
        await page.keyboard.press("?");
        await expect(page.getByRole("dialog")).toBeVisible();
      },
    },
    {
      name: "tour",
      path: "overview",
      act: async (page) => {
        await page.evaluate(() => localStorage.removeItem("rialto.tour"));
        await page.reload();
        await expect(page.getByRole("dialog")).toBeVisible();
        await page.evaluate(() => localStorage.setItem("rialto.tour", "seen"));
      },
    },
  ];
  const wanted = only("SCREENS");
  if (!wanted) await rm(OUT, { recursive: true, force: true });
  const found: string[] = [];
  for (const size of WIDTHS.filter((each) => only("WIDTHS")?.includes(each.name) ?? true)) {
    for (const theme of THEMES.filter((each) => only("THEMES")?.includes(each) ?? true)) {
      const context = await browser.newContext({
        baseURL: ui,
        locale: GERMAN ? "de-DE" : "en-GB",
        colorScheme: theme,
        viewport: { width: size.width, height: size.height },
        reducedMotion: "reduce",
      });
      const page = await context.newPage();
      page.on("console", (message) => {
        const text = message.text();
        if (message.type() === "error" && !/Failed to load resource/.test(text))
          found.push(`${size.name} ${theme} console: ${text}`);
      });
      page.on("pageerror", (error) => found.push(`${size.name} ${theme} page error: ${error}`));
      const shoot = async (name: string) => {
        await page.waitForTimeout(350);
        const problems = await serious(page);
        found.push(...problems.map((problem) => `${size.name} ${theme} ${name}: ${problem}`));
        await page.screenshot({ path: `${OUT}${name}-${size.name}-${theme}.png` });
      };
      await page.goto("");
      await expect(page.getByLabel(say.session.password)).toBeVisible();
      if (!wanted || wanted.includes("sign-in")) await shoot("sign-in");
      await page.evaluate(() => localStorage.setItem("rialto.tour", "seen"));
      await page.reload();
      await page.getByLabel(say.session.email).fill(admin.email);
      await page.getByLabel(say.session.password).fill(admin.password);
      await page.getByRole("button", { name: say.session.signIn }).click();
      const menu = page.getByRole("navigation", { name: say.shell.nav.label });
      await expect(menu.filter({ visible: true })).toBeVisible();
      for (const screen of screens.filter((each) => wanted?.includes(each.name) ?? true)) {
        await page.goto(screen.path);
        await expect(menu.filter({ visible: true })).toBeVisible();
        await page.waitForTimeout(650);
        try {
          await screen.act?.(page);
        } catch (problem) {
          found.push(
            `${size.name} ${theme} ${screen.name} could not be prepared: ${String(problem).split("\n")[0]}`,
          );
        }
        await shoot(screen.name);
      }
      await context.close();
    }
  }
  expect([...new Set(found)], "no screen may have serious problems").toEqual([]);
});
