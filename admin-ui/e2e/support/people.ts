import type { Engine } from "./engine";

const SEND = `mutation($input: SendMessageInput!) { sendMessage(input: $input) { message { id seq status } userErrors { code message } } }`;
const START = `mutation($input: StartConversationInput!) { startConversation(input: $input) { conversation { id } message { id seq status } userErrors { code message } } }`;
const SUPPORT = `mutation($input: ContactSupportInput!) { contactSupport(input: $input) { conversation { id } message { id } userErrors { code message } } }`;

type Sent = { conversation: string; message: string };
type Payload = { conversation?: { id: string }; message?: { id: string }; userErrors: { message: string }[] };

/** Buyers, sellers and customers, as the marketplace's own frontend would be one. */
export class Marketplace {
  private constructor(
    readonly engine: Engine,
    private readonly service: string,
    readonly prefix: string,
  ) {}

  static async open(engine: Engine, prefix: string): Promise<Marketplace> {
    return new Marketplace(engine, await engine.token("marketplace", "service"), prefix);
  }

  id(name: string): string {
    return `${this.prefix}-${name}`;
  }

  async users(...names: string[]) {
    const users = names.map((name) => ({
      id: this.id(name.toLowerCase()),
      name,
      createdAt: "2025-03-01T00:00:00Z",
    }));
    await this.must(
      this.service,
      `mutation($input: UpsertUsersInput!) { upsertUsers(input: $input) { userErrors { message } } }`,
      { users },
    );
  }

  async listing(
    name: string,
    seller: string | undefined,
    title: string,
    category = "bike",
    priceMinor = 25_000,
  ) {
    const sellerId = seller && this.id(seller);
    const listing = {
      externalId: this.id(name),
      title,
      sellerId,
      category,
      priceMinor,
      currency: "EUR",
      url: `https://market.example/${name}`,
    };
    await this.must(
      this.service,
      `mutation($input: UpsertListingsInput!) { upsertListings(input: $input) { userErrors { message } } }`,
      { listings: [listing] },
    );
  }

  token(user: string): Promise<string> {
    return this.engine.token(this.id(user));
  }

  async start(buyer: string, listing: string, body: string): Promise<Sent> {
    const input = { listingId: this.id(listing), clientId: crypto.randomUUID(), body };
    return this.sent(await this.must(await this.token(buyer), START, input));
  }

  async send(user: string, conversation: string, body: string): Promise<Sent> {
    const input = { conversationId: conversation, clientId: crypto.randomUUID(), body };
    return { ...this.sent(await this.must(await this.token(user), SEND, input)), conversation };
  }

  async support(user: string, category: string, body: string): Promise<Sent> {
    const input = { category, clientId: crypto.randomUUID(), body };
    return this.sent(await this.must(await this.token(user), SUPPORT, input));
  }

  private sent(payload: Payload): Sent {
    return { conversation: payload.conversation?.id ?? "", message: payload.message?.id ?? "" };
  }

  private async must(token: string, query: string, input: object): Promise<Payload> {
    const { data, errors } = await this.engine.ask<Record<string, Payload>>(token, query, { input });
    const payload = Object.values(data ?? {})[0];
    if (errors?.length || !payload || payload.userErrors.length > 0) {
      throw new Error(`it was not done: ${JSON.stringify(errors ?? payload?.userErrors)}`);
    }
    return payload;
  }
}

export const SPAM =
  "Congratulations! You have won a free prize, claim now by calling 09061701461. Text WIN to 80086";
export const THREAT = "You are a stupid idiot and I will kill you";
