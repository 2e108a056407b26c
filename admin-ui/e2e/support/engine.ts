import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));
const target = process.env.CARGO_TARGET_DIR ?? path.join(root, "target");
const binary = process.env.RIALTO_BIN ?? path.join(target, "debug", "rialto");
// Settings of the machine's are not for the engine under test.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("RIALTO_")));

export type Answer<T> = { data: T; errors?: { message: string; extensions?: { code?: string } }[] };

/** A real engine on a store of its own. */
export class Engine {
  private child: ChildProcess | undefined;
  private output = "";
  private constructor(
    readonly dataDir: string,
    private readonly demo: boolean,
    public origin = "",
  ) {}

  static async start({ demo = true } = {}): Promise<Engine> {
    const engine = new Engine(await mkdtemp(path.join(tmpdir(), "rialto-ui-")), demo);
    await engine.up("127.0.0.1:0");
    return engine;
  }

  private async up(listen: string) {
    const args = ["serve", "--listen", listen, "--data-dir", this.dataDir, ...(this.demo ? ["--demo"] : [])];
    const child = spawn(binary, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    this.output = "";
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`the engine did not listen in time:\n${this.output}`)),
        90_000,
      );
      const read = (chunk: Buffer) => {
        this.output += chunk.toString();
        const found = /listening on (http:\/\/[\d.:]+)/.exec(this.output);
        if (!found?.[1]) return;
        this.origin = found[1];
        clearTimeout(late);
        resolve();
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.once("exit", (code) => reject(new Error(`the engine ended with ${code}:\n${this.output}`)));
    });
  }

  /** The first admin's one-time link, as it was printed. */
  async firstAdminLink(): Promise<string> {
    for (let tries = 0; tries < 100; tries++) {
      const found = /First admin: http:\/\/[^/]+(\/admin\/join#\S+)/.exec(this.output);
      if (found?.[1]) return found[1];
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`the engine printed no link for the first admin:\n${this.output}`);
  }

  async token(sub: string, role = "user", name?: string): Promise<string> {
    const args = ["token", "--data-dir", this.dataDir, "--sub", sub, "--role", role];
    const { stdout } = await run(binary, name ? [...args, "--name", name] : args, { env });
    const found = /[\w-]+\.[\w-]+\.[\w-]+/.exec(stdout);
    if (!found) throw new Error(`no token in: ${stdout}`);
    return found[0];
  }

  async ask<T = Record<string, never>>(token: string, query: string, variables?: object): Promise<Answer<T>> {
    const response = await fetch(`${this.origin}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer<T>;
  }

  /** An admin's mutation that takes an input and must succeed. */
  async manage(mutation: string, input: object) {
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const { data, errors } = await this.ask<Record<string, { userErrors: { message: string }[] }>>(
      await this.token("root", "admin", "Root"),
      `mutation($input: ${type}!) { ${mutation}(input: $input) { userErrors { message } } }`,
      { input },
    );
    const problem = errors?.[0] ?? data[mutation]?.userErrors[0];
    if (problem) throw new Error(`${mutation} was refused: ${problem.message}`);
  }

  /** Like `kill -9`, or softly. */
  async down(signal: "SIGKILL" | "SIGTERM" = "SIGTERM") {
    const child = this.child;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  /** Starts again where it was. */
  async again() {
    await this.up(new URL(this.origin).host);
  }

  async end() {
    await this.down("SIGKILL");
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
