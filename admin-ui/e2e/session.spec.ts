import { gzipSync } from "node:zlib";
import { Engine } from "./support/engine";
import { serveUi } from "./support/site";
import { expect, invite, join, test } from "./support/test";

test("the first admin sets the place up by the printed link, and the link works once", async ({
  browser,
}) => {
  const engine = await Engine.start({ demo: false });
  const site = await serveUi(engine.origin);
  const context = await browser.newContext({ baseURL: site.url, locale: "en-GB" });
  try {
    const link = (await engine.firstAdminLink()).replace(/^\/admin\//, "");
    const page = await context.newPage();
    await page.goto(link);
    await expect(page.getByRole("heading", { name: "Set up Rialto" })).toBeVisible();
    await page.getByLabel("Your name").fill("Zoe Zander");
    await page.getByLabel("E-mail address").fill("zoe@example.com");
    await page.getByLabel("Password").fill("too short");
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page, "a short password must not be taken").toHaveURL(/join/);
    await page.getByLabel("Password").fill("a sentence is easier");
    await page.getByRole("button", { name: "Create account" }).click();
    await expect(page.getByRole("dialog", { name: "Welcome to Rialto" })).toBeVisible();
    await page.getByRole("button", { name: "Skip" }).click();
    await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
    const cookies = await context.cookies();
    expect(cookies.find((cookie) => /rialto/.test(cookie.name))).toMatchObject({
      httpOnly: true,
      sameSite: "Strict",
    });

    await page.getByRole("button", { name: /Your account/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(page.getByLabel("Password")).toBeVisible();
    await page.goto("about:blank");
    await page.goto(link);
    await expect(page.getByText("This link is used or too old")).toBeVisible();
  } finally {
    await context.close();
    await site.close();
    await engine.end();
  }
});

test("a wrong password is refused in words, and one lands where one wanted to go", async ({
  browser,
  engine,
  ui,
}) => {
  const member = await invite(engine, "AGENT", "Wim Wrong");
  const context = await browser.newContext({ baseURL: ui, locale: "en-GB" });
  const page = await context.newPage();
  await page.goto("help?guide=agent");
  await page.getByLabel("E-mail address").fill(member.email);
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("not right");
  await page.getByLabel("Password").fill(member.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: "Skip" }).click();
  await expect(page.getByRole("heading", { name: "For agents" })).toBeVisible();
  await context.close();
});

test("each role sees only what it may", async ({ engine, signedIn }) => {
  const agent = await signedIn(await invite(engine, "AGENT", "Aida Agent"));
  const main = agent.getByRole("navigation", { name: "Main" }).first();
  await expect(main.getByRole("link", { name: /Conversations/ })).toBeVisible();
  for (const hidden of [/Moderation/, /Filters/, /Audit/])
    await expect(main.getByRole("link", { name: hidden })).toHaveCount(0);
  await agent.goto("moderation");
  await expect(agent.getByText("This is not open to your role").first()).toBeVisible();

  const moderator = await signedIn(await invite(engine, "MODERATOR", "Mo Derator"));
  const places = moderator.getByRole("navigation", { name: "Main" }).first();
  await expect(places.getByRole("link", { name: /Moderation/ })).toBeVisible();
  await expect(places.getByRole("link", { name: /Audit/ })).toHaveCount(0);
  await moderator.goto("filters");
  await expect(moderator.getByRole("link", { name: /contact-guard/ })).toBeVisible();
  await expect(
    moderator.getByRole("button", { name: "Upload filter" }),
    "only admins change filters",
  ).toHaveCount(0);
});

test("an admin invites, and switches an account off: its sessions end at once", async ({
  admin,
  engine,
  signedIn,
}) => {
  const page = await signedIn(admin, { path: "team" });
  await page.getByRole("button", { name: "Invite somebody" }).click();
  await page.getByRole("radio", { name: /Senior agent/ }).click();
  await page.getByRole("button", { name: "Make the link" }).click();
  const link = await page.getByRole("textbox", { name: "The link, shown this once" }).inputValue();
  await page.getByRole("button", { name: "Done" }).click();
  const member = await join(engine, link.split("#")[1] ?? "", "Selma Senior");
  await page.reload();
  const row = page.getByRole("listitem").filter({ hasText: "selma.senior@example.com" });
  await expect(row).toContainText("Senior agent");

  const theirs = await signedIn(member);
  await page.getByRole("button", { name: /done about Selma Senior/ }).click();
  await page.getByRole("menuitem", { name: "Switch off" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Switch off" }).click();
  await expect(row).toContainText("Switched off");
  await expect(theirs.getByText("You are signed out"), "the open screen must notice by itself").toBeVisible();
});

test("another password keeps this session and ends the others", async ({ engine, signedIn }) => {
  const member = await invite(engine, "AGENT", "Paul Password");
  const here = await signedIn(member, { path: "settings" });
  const elsewhere = await signedIn(member);
  await here.getByLabel("Current password").fill("not the password");
  await here.getByLabel("New password").fill("another good sentence");
  await here.getByRole("button", { name: "Change password" }).click();
  await expect(here.getByRole("alert")).toBeVisible();
  await here.getByLabel("Current password").fill(member.password);
  await here.getByRole("button", { name: "Change password" }).click();
  await expect(here.locator("[data-toast]", { hasText: "was changed" })).toBeVisible();
  await expect(elsewhere.getByText("You are signed out")).toBeVisible();
  await here.goto("conversations");
  await expect(here.getByRole("heading", { name: "Conversations" })).toBeVisible();
});

test("the first load is under 250 kB of compressed script", async ({ admin, browser, ui }) => {
  const context = await browser.newContext({ baseURL: ui, locale: "en-GB" });
  const page = await context.newPage();
  let bytes = 0;
  let charts = 0;
  page.on("response", async (response) => {
    if (!/\.js$/.test(new URL(response.url()).pathname)) return;
    const size = gzipSync(await response.body()).length;
    // The chart comes after the figures, once the page is idle.
    if (/chart/.test(response.url())) charts += size;
    else bytes += size;
  });
  await page.goto("overview");
  await page.getByLabel("E-mail address").fill(admin.email);
  await page.getByLabel("Password").fill(admin.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByText("Messages a minute")).toBeVisible();
  await page.waitForLoadState("networkidle").catch(() => {});
  await page.waitForTimeout(1000);
  console.log(
    `first load: ${Math.round(bytes / 1000)} kB of gzipped script, ${Math.round(charts / 1000)} kB of charts later`,
  );
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(250_000);
  await context.close();
});
