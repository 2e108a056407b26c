import type { Page } from "@playwright/test";
import { Marketplace, THREAT } from "./support/people";
import { expect, invite, test } from "./support/test";

const MANY = Number(process.env.SCALE ?? 10_000);

/** Scrolls through the element and tells how long frames took, milliseconds: the median and the worst of a hundred. */
async function frames(page: Page, selector: string, by: number) {
  return page.locator(selector).evaluate(
    (element, step) =>
      new Promise<{ median: number; worst: number; rows: number }>((resolve) => {
        const times: number[] = [];
        let before = performance.now();
        const frame = (now: number) => {
          times.push(now - before);
          before = now;
          element.scrollTop += step;
          if (times.length < 120) return requestAnimationFrame(frame);
          const sorted = times.slice(5).sort((a, b) => a - b);
          const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
          resolve({
            median: at(0.5),
            worst: at(0.99),
            rows: element.querySelectorAll("[data-index]").length,
          });
        };
        requestAnimationFrame(frame);
      }),
    by,
  );
}

test(`a conversation of ${MANY} messages scrolls smoothly, and so does the queue`, async ({
  engine,
  signedIn,
}) => {
  test.setTimeout(300_000);
  const market = await Marketplace.open(engine, "many");
  await market.users("Ned", "Nan");
  await market.listing("thing", "nan", "A thousand marbles", "toys");
  const talk = await market.start("ned", "thing", "Hello!");
  const token = await market.token("ned");
  const send = (from: number, count: number) =>
    engine.ask<Record<string, { userErrors: { message: string }[] }>>(
      token,
      `mutation { ${Array.from(
        { length: count },
        (_, n) =>
          `m${n}: sendMessage(input: { conversationId: "${talk.conversation}", clientId: "n${from + n}", body: "${THREAT} ${from + n}" }) { userErrors { message } }`,
      ).join(" ")} }`,
    );
  const AT_ONCE = 10;
  for (let sent = 0; sent < MANY; sent += AT_ONCE * 8) {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, lane) => send(sent + lane * AT_ONCE, AT_ONCE)),
    );
    const problem = answers.flatMap(
      (answer) => answer.errors ?? Object.values(answer.data).flatMap((each) => each.userErrors),
    )[0];
    if (problem) throw new Error(problem.message);
  }

  const page = await signedIn(await invite(engine, "MODERATOR", "Nora Numbers"), {
    path: "moderation?sender=many-ned",
  });
  const queue = "section[aria-label='Held messages']";
  await expect(page.locator(`${queue} button`).first()).toBeVisible();
  // Floods are shadowed after a while, so the queue has some hundred of them.
  const inQueue = await frames(page, queue, 400);

  await page.goto(`conversations/${talk.conversation.split(":")[1]}?at=1`);
  await page.getByLabel("Reason").fill("How it scrolls");
  await page.getByRole("button", { name: "Look", exact: true }).click();
  await expect(page.getByText("The conversation begins here.")).toBeVisible({ timeout: 120_000 });
  const inThread = await frames(page, "[role=log]", 600);
  console.log("queue", inQueue, "conversation", inThread);
  for (const found of [inQueue, inThread]) {
    expect(found.rows, "only what is seen exists").toBeLessThan(80);
    expect(found.median, "half of the frames are on time").toBeLessThan(34);
    // On a machine that does other things as well.
    expect(found.worst, "none takes so long that one sees it stop").toBeLessThan(500);
  }
});
