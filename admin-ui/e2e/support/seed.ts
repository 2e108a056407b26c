import { readFile } from "node:fs/promises";
import type { Engine } from "./engine";
import { Marketplace, SPAM, THREAT } from "./people";

/** A day at the marketplace, so that every screen has something to show. */
export async function seed(engine: Engine) {
  const market = await Marketplace.open(engine, "day");
  await market.users("Lena", "Marek", "Giulia", "Otto", "Priya", "Hugo", "Wen", "Rosa");
  await market.listing("ebike", "marek", "Cargo e-bike, two children's seats", "bike", 289_000);
  await market.listing("synth", "giulia", "Analogue synthesizer, fully serviced", "music", 84_000);
  await market.listing("tent", "priya", "Tunnel tent for four, used twice", "sport", 21_000);
  await market.listing("orphan", undefined, "Garden table, teak, six chairs", "garden", 34_900);
  await market.listing("orphan-2", undefined, "Box of vinyl records", "music", 6_000);

  const honest = await market.start(
    "lena",
    "ebike",
    "Hi! Is the cargo bike still there? We would come on Sunday.",
  );
  await market.send(
    "marek",
    honest.conversation,
    "It is. Sunday at two would suit me, bring the children for a ride.",
  );
  await market.send("lena", honest.conversation, "Wonderful. Does the battery come with its charger?");
  const held = [
    ["hugo", "synth", SPAM],
    ["wen", "ebike", `${THREAT}, give me the bike`],
    [
      "hugo",
      "tent",
      "WINNER!! As a valued customer you have been selected to receive a £900 prize reward! To claim call 09061701461",
    ],
    [
      "otto",
      "synth",
      "URGENT! Your mobile number has won a 2000 bonus, claim it free by texting WIN to 80086 now",
    ],
    ["rosa", "tent", "You idiot, I will find you and kill you"],
  ] as const;
  for (const [user, listing, body] of held) {
    const said = await market.start(user, listing, "Hello, I am interested.");
    await market.send(user, said.conversation, body);
  }
  await market.send(
    "marek",
    honest.conversation,
    "Charger included. My number is +49 170 1234567 in case you are late.",
  );

  const refund = await market.support(
    "lena",
    "payment",
    "I paid twice for the same listing fee. Can I have one of them back?",
  );
  await market.support(
    "otto",
    "account",
    "I can't change the picture of my profile, it always says that the file is too large.",
  );
  await market.support(
    "priya",
    "safety",
    "Somebody offers my tent with my own pictures. What can I do about it?",
  );
  const agent = await engine.token("day-sam", "agent", "Sam");
  await engine.ask(
    agent,
    `mutation($input: SendMessageInput!) { sendMessage(input: $input) { userErrors { message } } }`,
    {
      input: {
        conversationId: refund.conversation,
        clientId: "seed-1",
        body: "Hello Lena, I am sorry for that. I can see both payments; one of them goes back to you today.",
      },
    },
  );
  await market.send(
    "lena",
    refund.conversation,
    "Thank you! How long does it take until it is on my account?",
  );

  const admin = await engine.token("day-root", "admin", "Root");
  const act = (mutation: string, input: object, type: string) =>
    engine.ask(
      admin,
      `mutation($input: ${type}!) { ${mutation}(input: $input) { userErrors { message } } }`,
      { input },
    );
  await act(
    "changeFilterList",
    {
      name: "blocked-hosts",
      add: ["bad.example", "phish.example", "paypa1.example"],
      note: "From the fraud team",
    },
    "ChangeFilterListInput",
  );
  await act(
    "changeFilterList",
    { name: "denied-phrases", add: ["wire me the deposit", "outside of the platform"] },
    "ChangeFilterListInput",
  );
  await act(
    "configureFilter",
    {
      name: "wordlist",
      baseVersion: 1,
      config: { lists: [{ id: "tents", words: ["tent", "battery"] }] },
      grants: ["LISTS", "LOG"],
      note: "Words from last week's reports",
    },
    "ConfigureFilterInput",
  );
  await act("setFilterMode", { name: "wordlist", version: 2, mode: "SHADOW" }, "SetFilterModeInput");
  await market.send("lena", honest.conversation, "Is the battery from this year?");
  await market.send("marek", honest.conversation, "From last spring, 1,200 km on it.");
  const policy = await readFile(new URL("../../../schema/policy.toml", import.meta.url), "utf8");
  await act(
    "savePolicy",
    {
      text: policy.replace(
        'action = "refuse"\nnotice = "@word-denied"',
        'action = "hold"\nnotice = "@checking"',
      ),
      note: "Denied words are held, not refused",
    },
    "SavePolicyInput",
  );
  const { data } = await engine.ask<{ startBacktest: { backtest: { id: string } | null } }>(
    admin,
    `mutation($input: StartBacktestInput!) { startBacktest(input: $input) { backtest { id } } }`,
    {
      input: {
        candidate: { filter: { name: "wordlist", version: 2 } },
        source: { history: { limit: 1000 } },
        share: 1,
      },
    },
  );
  return {
    honest: honest.conversation,
    support: refund.conversation,
    backtest: data?.startBacktest.backtest?.id ?? "",
  };
}
