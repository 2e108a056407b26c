// Starts the real binary on a store of its own, mints tokens, and asks over plain HTTP.
import { spawn, execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";

const run = promisify(execFile);
const here = path.dirname(fileURLToPath(import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? path.join(here, "../../../target");
const binary = process.env.RIALTO_BIN ?? path.join(target, "debug", "rialto");
// Settings of the machine's are not for the engine under test, which would refuse those it does not know.
const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("RIALTO_"));
// The test of expiring tokens can't wait for the tolerated clock difference.
const env = { ...Object.fromEntries(inherited), RIALTO_IDENTITY__LEEWAY_SECONDS: "0" };

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/** A running engine: `url`, `ws`, `token(sub, role)`, `ask(token, query, variables)`, `stop()`. */
export async function start() {
  const data = await mkdtemp(path.join(tmpdir(), "rialto-clients-"));
  const child = spawn(binary, ["serve", "--listen", "127.0.0.1:0", "--data-dir", data], { env });
  const exited = new Promise((resolve) => child.once("exit", (code) => resolve(code)));
  const origin = await address(child).catch(async (error) => {
    child.kill("SIGKILL");
    await rm(data, { recursive: true, force: true });
    throw error;
  });
  const url = `${origin}/graphql`;

  async function token(sub, role = "user", expiresIn = "1h") {
    const args = ["token", "--data-dir", data, "--sub", sub, "--role", role, "--expires-in", expiresIn];
    const { stdout } = await run(binary, args, { env });
    const found = stdout.match(/[\w-]+\.[\w-]+\.[\w-]+/);
    if (!found) throw new Error(`no token in the output of \`rialto token\`: ${stdout}`);
    return found[0];
  }

  async function ask(bearer, query, variables) {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/graphql-response+json",
        ...(bearer && { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, ...(await response.json()) };
  }

  async function stop() {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    const code = await exited;
    clearTimeout(late);
    await rm(data, { recursive: true, force: true });
    return code;
  }

  return { origin, url, ws: url.replace("http", "ws"), token, ask, stop, terminate: () => child.kill("SIGTERM") };
}

function address(child) {
  return new Promise((resolve, reject) => {
    let output = "";
    const late = setTimeout(() => reject(new Error(`the engine did not start in time:\n${output}`)), START_TIMEOUT_MS);
    const read = (chunk) => {
      output += chunk;
      // The log may colour its lines.
      const found = output.replace(/\x1b\[[0-9;]*m/g, "").match(/listening on (http:\/\/[\d.]+:\d+)/);
      if (found) {
        clearTimeout(late);
        resolve(found[1]);
      }
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("error", (error) => reject(new Error(`${binary} could not be started: ${error.message}`)));
    child.once("exit", (code) => {
      clearTimeout(late);
      reject(new Error(`the engine ended with ${code}:\n${output}`));
    });
  });
}

/** Pushes a seller, a buyer and one listing; gives their tokens and the listing's id. */
export async function marketplace(engine, name) {
  const service = await engine.token("backend", "service");
  const [seller, buyer] = [`${name}-seller`, `${name}-buyer`];
  const listing = `${name}-bicycle`;
  const pushed = await engine.ask(
    service,
    `mutation Push($users: UpsertUsersInput!, $listings: UpsertListingsInput!) {
      upsertUsers(input: $users) { users { id name } userErrors { code field message } }
      upsertListings(input: $listings) { listings { id externalId } userErrors { code field message } }
    }`,
    {
      users: { users: [{ id: seller, name: "Sara" }, { id: buyer, name: "Bo" }] },
      listings: {
        listings: [{ externalId: listing, title: "A bicycle", sellerId: seller, priceMinor: 9900, currency: "EUR" }],
      },
    },
  );
  if (pushed.errors || pushed.data.upsertListings.listings.length !== 1) {
    throw new Error(`the marketplace could not be pushed: ${JSON.stringify(pushed)}`);
  }
  return { seller: await engine.token(seller), buyer: await engine.token(buyer), sellerId: seller, buyerId: buyer, listing };
}

export const START = `mutation Start($input: StartConversationInput!) {
  startConversation(input: $input) {
    conversation { id lastSeq }
    message { id seq body status clientId sender { id name } sentAt }
    userErrors { code message field retryAfterSeconds }
  }
}`;

export const SEND = `mutation Send($input: SendMessageInput!) {
  sendMessage(input: $input) {
    conversation { id }
    message { id seq body status sender { id } sentAt }
    userErrors { code message field retryAfterSeconds }
  }
}`;

export const EVENTS = `subscription Events($conversationId: ID!, $after: Int) {
  conversationEvents(conversationId: $conversationId, after: $after) {
    __typename
    ... on ConversationSnapshot { conversation { id lastSeq participants { user { id name } role } } }
    ... on DurableEvent { seq }
    ... on MessagePosted { message { id body sender { id } clientId } }
    ... on TypingChanged { user { id } typing }
    ... on ReadAdvanced { userId lastReadSeq }
    ... on ResyncRequired { lastSeq reason }
  }
}`;
