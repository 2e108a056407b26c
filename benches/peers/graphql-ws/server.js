// The peer: GraphQL over WebSockets by graphql-ws, stored in PostgreSQL. See benches/README.md.
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { parse, validate } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { Live } from "./live.js";
import { resolvers, schema } from "./schema.js";
import { Store } from "./store.js";

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "4100" },
    secret: { type: "string" },
    "database-socket": { type: "string" },
    user: { type: "string", default: "postgres" },
    connections: { type: "string", default: "20" },
    commit: { type: "string", default: "statement" },
  },
});

const secret = readFileSync(options.secret, "utf8").trim();
const live = new Live();
const store = new Store({
  host: options["database-socket"],
  user: options.user,
  database: "postgres",
  connections: Number(options.connections),
  commit: options.commit,
});
const rootValue = resolvers(store, live);

function viewerOf(bearer) {
  const [head, body, signature] = String(bearer ?? "").replace(/^Bearer /, "").split(".");
  if (!signature) return undefined;
  const right = createHmac("sha256", secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature, "base64url");
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  const { alg } = JSON.parse(Buffer.from(head, "base64url"));
  const claims = JSON.parse(Buffer.from(body, "base64url"));
  return alg === "HS256" && claims.exp > Date.now() / 1000 ? claims.sub : undefined;
}

// Clients send the same few documents again and again: each is parsed and validated once.
const documents = new Map();
function documentOf(query) {
  let known = documents.get(query);
  if (!known) {
    const document = parse(query);
    const errors = validate(schema, document);
    known = errors.length > 0 ? { errors } : { document };
    if (documents.size < 1_000) documents.set(query, known);
  }
  return known;
}

const http = createServer(async (request, response) => {
  if (request.url === "/metrics") {
    const syncs = await store.syncs();
    response.end(`# TYPE peer_wal_syncs_total counter\npeer_wal_syncs_total ${syncs}\n`);
  } else if (request.url === "/health/ready") {
    response.end("ready\n");
  } else {
    response.writeHead(404).end();
  }
});
const sockets = new WebSocketServer({ server: http, path: "/graphql" });
useServer(
  {
    onConnect: ({ connectionParams, extra }) => {
      extra.viewer = viewerOf(connectionParams?.authorization);
      return extra.viewer !== undefined;
    },
    onSubscribe: ({ extra }, _id, { query, operationName, variables }) => {
      let known;
      try {
        known = documentOf(query);
      } catch (error) {
        return [error];
      }
      if (known.errors) return known.errors;
      return {
        schema,
        document: known.document,
        operationName,
        variableValues: variables,
        rootValue,
        contextValue: { viewer: extra.viewer },
      };
    },
  },
  sockets,
);
http.listen(Number(options.port), "127.0.0.1", 1_024, () => {
  console.log(`peer: http://127.0.0.1:${options.port}, commit by ${options.commit}`);
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
