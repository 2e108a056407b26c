import { follow } from "./support/follow";
import { Marketplace } from "./support/people";
import { expect, invite, test } from "./support/test";

test("a user contacts support, an agent answers, the user gets it", async ({ engine, signedIn }) => {
  const market = await Marketplace.open(engine, "desk");
  await market.users("Clara");
  const page = await signedIn(await invite(engine, "AGENT", "Anna Answer"), { path: "conversations" });
  const talk = await market.support("clara", "payment", "Where is my refund?");
  const row = page.getByRole("link", { name: /Clara/ });
  await expect(row, "a new conversation comes to the open list by itself").toBeVisible();
  await expect(row).toContainText("Where is my refund?");
  const customer = await follow(engine, await market.token("clara"), talk.conversation);
  await row.click();
  await expect(page.getByRole("log")).toContainText("Where is my refund?");

  await page.keyboard.press("r");
  await page.getByLabel("Your answer").fill("It is on its way, Clara.");
  await page.reload();
  await expect(page.getByLabel("Your answer"), "a draft outlives the page").toHaveValue(
    "It is on its way, Clara.",
  );
  await page.getByLabel("Your answer").press("Enter");
  await expect(page.getByRole("log")).toContainText("It is on its way, Clara.");
  await expect.poll(() => customer.bodies()).toContain("It is on its way, Clara.");
  await expect(page.getByLabel("Your answer")).toHaveValue("");

  await market.send("clara", talk.conversation, "Thank you!");
  await expect(page.getByRole("log"), "the customer's words come live").toContainText("Thank you!");
  await page.getByRole("heading", { name: "Clara" }).click();
  await page.keyboard.press("c");
  await expect(page.getByText("This conversation is closed")).toBeVisible();
  await customer.stop();
});

test("the engine restarts under the open screen, and it resumes by itself", async ({ engine, signedIn }) => {
  const market = await Marketplace.open(engine, "again");
  await market.users("Rolf");
  const talk = await market.support("rolf", "account", "Before the restart");
  const bare = talk.conversation.split(":")[1];
  const page = await signedIn(await invite(engine, "AGENT", "Ines Again"), { path: `conversations/${bare}` });
  await expect(page.getByRole("log")).toContainText("Before the restart");
  await page.getByLabel("Your answer").fill("half a sent");
  await engine.down("SIGKILL");
  await expect(page.getByText(/Reconnecting/)).toBeVisible();
  await engine.again();
  await market.send("rolf", talk.conversation, "After the restart");
  await expect(page.getByRole("log"), "nothing that was said meanwhile is missing").toContainText(
    "After the restart",
  );
  await expect(page.getByText(/Reconnecting/)).toHaveCount(0);
  await expect(page.getByLabel("Your answer")).toHaveValue("half a sent");
});

test("without a network it says so, keeps what is typed, and goes on by itself", async ({
  engine,
  signedIn,
}) => {
  const market = await Marketplace.open(engine, "offline");
  await market.users("Olga");
  const talk = await market.support("olga", "account", "Before the tunnel");
  const bare = talk.conversation.split(":")[1];
  const page = await signedIn(await invite(engine, "AGENT", "Otis Offline"), {
    path: `conversations/${bare}`,
  });
  const log = page.getByRole("log");
  await expect(log).toContainText("Before the tunnel");
  const customer = await follow(engine, await market.token("olga"), talk.conversation);

  await page.context().setOffline(true);
  await expect(page.getByText("You are offline. What you type is kept.")).toBeVisible();
  const answer = page.getByLabel("Your answer");
  await answer.fill("Said in the tunnel");
  await answer.press("Enter");
  await expect(log.getByText(/Not sent yet/)).toBeVisible();
  await answer.fill("half a sent");
  await market.send("olga", talk.conversation, "Said above the tunnel");
  await expect(log, "nothing is made up").not.toContainText("Said above the tunnel");
  expect(customer.bodies()).not.toContain("Said in the tunnel");

  await page.context().setOffline(false);
  await expect(page.getByText(/You are offline|Reconnecting/)).toHaveCount(0);
  await expect(log, "what was missed is there").toContainText("Said above the tunnel");
  await expect
    .poll(() => customer.bodies(), { message: "it goes by itself" })
    .toContain("Said in the tunnel");
  await expect(log.getByText(/Not sent yet/)).toHaveCount(0);
  await expect(answer).toHaveValue("half a sent");
  const arrived = customer.bodies().filter((body) => body === "Said in the tunnel");
  expect(arrived, "and once").toHaveLength(1);
  await customer.stop();
});

test("a private conversation asks for a reason, which is in the audit log", async ({
  admin,
  engine,
  signedIn,
}) => {
  const market = await Marketplace.open(engine, "private");
  await market.users("Pia", "Pit");
  await market.listing("thing", "pit", "Wooden chess set", "toys");
  const talk = await market.start("pia", "thing", "Is the white queen original?");
  const page = await signedIn(admin, { path: `conversations/${talk.conversation.split(":")[1]}` });
  await page.getByLabel("Reason").fill("Report 4711");
  await expect(
    page.getByText("Is the white queen original?"),
    "nothing is shown before the reason",
  ).toHaveCount(0);
  await page.getByRole("button", { name: "Look", exact: true }).click();
  await expect(page.getByRole("log")).toContainText("Is the white queen original?");
  await page.goto("audit?action=conversation.read");
  await expect(page.getByRole("row").filter({ hasText: "Report 4711" }).first()).toBeVisible();
});
