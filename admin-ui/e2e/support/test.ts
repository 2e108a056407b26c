import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
import { Engine } from "./engine";
import { serveUi } from "./site";

type Staff = { name: string; email: string; password: string };
type Worker = { engine: Engine; ui: string; admin: Staff };
type Each = {
  /** A page on which somebody is signed in. */
  signedIn: (who: Staff, options?: { path?: string }) => Promise<Page>;
};

const PASSWORD = "correct horse battery";

/** Fails a test that leaves errors behind in the console: what the Content-Security-Policy blocked is among them. */
function watch(context: BrowserContext, errors: string[]) {
  context.on("weberror", (error) => errors.push(String(error.error())));
  context.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !/Failed to load resource|WebSocket connection/.test(text))
      errors.push(text);
  });
}

export const test = base.extend<Each, Worker>({
  engine: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright asks for it
    async ({}, use) => {
      const engine = await Engine.start();
      await use(engine);
      await engine.end();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  ui: [
    async ({ engine }, use) => {
      const site = await serveUi(engine.origin);
      await use(site.url);
      await site.close();
    },
    { scope: "worker" },
  ],
  admin: [
    async ({ engine }, use) => {
      await use(await join(engine, (await engine.firstAdminLink()).split("#")[1] ?? "", "Ada Admin"));
    },
    { scope: "worker" },
  ],
  signedIn: async ({ browser, ui }, use) => {
    const errors: string[] = [];
    const contexts: BrowserContext[] = [];
    await use(async (who, { path = "" } = {}) => {
      const context = await browser.newContext({
        baseURL: ui,
        locale: "en-GB",
        viewport: { width: 1280, height: 800 },
      });
      contexts.push(context);
      await context.addInitScript(() => {
        // An empty page has no storage.
        if (location.protocol !== "about:") localStorage.setItem("rialto.tour", "seen");
      });
      watch(context, errors);
      const page = await context.newPage();
      await page.goto(path);
      await page.getByLabel("E-mail address").fill(who.email);
      await page.getByLabel("Password").fill(who.password);
      await page.getByRole("button", { name: "Sign in" }).click();
      await expect(page.getByRole("navigation", { name: "Main" }).first()).toBeVisible();
      return page;
    });
    for (const context of contexts) await context.close();
    expect(errors, "nothing may go wrong in the browser's console").toEqual([]);
  },
});

export { expect };

/** Takes up a one-time link by the engine's own address. */
export async function join(engine: Engine, token: string, name: string): Promise<Staff> {
  const email = `${name.toLowerCase().replace(/\W+/g, ".")}@example.com`;
  const response = await fetch(`${engine.origin}/auth/join`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: engine.origin },
    body: JSON.stringify({ token, name, email, password: PASSWORD }),
  });
  if (!response.ok) throw new Error(`joining failed: ${response.status} ${await response.text()}`);
  return { name, email, password: PASSWORD };
}

/** An account with a role, by an admin's invitation. */
export async function invite(engine: Engine, role: string, name: string): Promise<Staff> {
  const admin = await engine.token("root", "admin", "Root");
  const { data, errors } = await engine.ask<{ inviteStaff: { link: string } }>(
    admin,
    `mutation($input: InviteStaffInput!) { inviteStaff(input: $input) { link userErrors { message } } }`,
    { input: { role } },
  );
  if (!data?.inviteStaff.link) throw new Error(`no invitation: ${JSON.stringify(errors ?? data)}`);
  return join(engine, data.inviteStaff.link.split("#")[1] ?? "", name);
}
