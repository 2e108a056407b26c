import { fileURLToPath } from "node:url";
import { type PreviewServer, preview } from "vite";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The built application before an engine: the engine's own if it has one, or `vite preview` with the same headers.
 * `UI=dist` takes the files in that folder, such as what `npm run build` made since the engine was built.
 */
export async function serveUi(engine: string): Promise<{ url: string; close: () => Promise<void> }> {
  const files = process.env.UI;
  const own = files ? undefined : await fetch(`${engine}/admin/`).catch(() => undefined);
  if (own?.ok && (await own.text()).includes('id="root"'))
    return { url: `${engine}/admin/`, close: async () => {} };
  process.env.RIALTO_URL = engine;
  const server: PreviewServer = await preview({
    root,
    build: { outDir: files },
    preview: { port: 0, host: "127.0.0.1" },
    logLevel: "error",
  });
  const url = server.resolvedUrls?.local[0];
  if (!url) throw new Error("the preview server has no address; was the application built?");
  return { url, close: () => server.close() };
}
