import { graphql } from "@/gql";
import type { SessionViewerQuery } from "@/gql/graphql";
import { connect, type Engine } from "@/lib/graphql/client";
import { forgetConnection } from "@/lib/graphql/connection";
import { createStore } from "@/lib/store/store";

const SESSION_VIEWER = graphql(`
  query SessionViewer {
    viewer {
      id
      name
      role
      staff {
        id
        email
      }
    }
  }
`);

export type Viewer = NonNullable<SessionViewerQuery["viewer"]>;

export type Session =
  | { state: "loading" }
  | { state: "signed-out"; because?: "ended" | "unreachable" }
  | { state: "signed-in"; viewer: Viewer; engine: Engine };

export const session = createStore<Session>({ state: "loading" });

const TOKEN = "rialto.token";

/** Asks the engine who is signed in, by the session's cookie or by a development token. */
export async function restore(because?: "ended"): Promise<Session> {
  const token = readToken();
  const engine = connect({ token }, () => void ended());
  const result = await engine.client.query(SESSION_VIEWER, {}, { requestPolicy: "network-only" }).toPromise();
  const viewer = result.data?.viewer;
  if (viewer) {
    const next: Session = { state: "signed-in", viewer, engine };
    session.set(next);
    return next;
  }
  engine.close();
  if (token) forgetToken();
  const unreachable = result.error?.networkError != null && !result.error.response?.status;
  const next: Session = { state: "signed-out", because: unreachable ? "unreachable" : because };
  session.set(next);
  return next;
}

let checking = false;

/**
 * The engine ended this session. A new cookie may be there already (another password, another tab): if not, it is the
 * sign-in screen, at the same address.
 */
async function ended() {
  const now = session.get();
  if (now.state !== "signed-in" || checking) return;
  checking = true;
  now.engine.close();
  forgetToken();
  forgetConnection();
  await restore("ended");
  checking = false;
}

export async function signOut() {
  const now = session.get();
  if (now.state === "signed-in") now.engine.close();
  if (readToken()) forgetToken();
  else await post("/auth/sign-out", {}).catch(() => {});
  forgetConnection();
  session.set({ state: "signed-out" });
}

/** Whether tokens can be pasted: in development, and in builds made for tests. */
export const tokensAllowed = import.meta.env.DEV || import.meta.env.VITE_DEVELOPER_TOKEN === "1";

export async function takeToken(token: string): Promise<boolean> {
  sessionStorage.setItem(TOKEN, token.trim().replace(/^bearer\s+/i, ""));
  const next = await restore();
  return next.state === "signed-in";
}

function readToken(): string | undefined {
  if (!tokensAllowed) return undefined;
  return sessionStorage.getItem(TOKEN) ?? undefined;
}

function forgetToken() {
  sessionStorage.removeItem(TOKEN);
}

export type AuthFault = { code: string; message: string; field?: string; retryAfterSeconds?: number };
export type AuthAnswer<T> = { ok: true; data: T } | { ok: false; fault: AuthFault };

/** The engine's few plain requests: those that set or clear the cookie. */
export async function post<T>(path: string, body: unknown): Promise<AuthAnswer<T>> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    return { ok: false, fault: { code: "UNREACHABLE", message: "" } };
  }
  const answer = response.status === 204 ? {} : await response.json().catch(() => ({}));
  if (response.ok) return { ok: true, data: answer as T };
  return { ok: false, fault: { code: `HTTP_${response.status}`, message: "", ...answer } };
}

/** Who is signed in; only for what is shown behind the sign-in. */
export function useViewer(): Viewer {
  const now = session.use();
  if (now.state !== "signed-in") throw new Error("Nobody is signed in here.");
  return now.viewer;
}
