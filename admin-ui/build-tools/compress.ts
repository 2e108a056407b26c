import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/** Lays `x.js.br` and `x.js.gz` beside each `x.js`, so that nobody has to compress while serving. */
export function compress(): Plugin {
  let out = "";
  return {
    name: "compress",
    apply: "build",
    configResolved(config) {
      out = path.resolve(config.root, config.build.outDir, config.build.assetsDir);
    },
    async closeBundle() {
      const files = (await readdir(out)).filter((name) => /\.(js|css|svg)$/.test(name));
      for (const file of files.map((name) => path.join(out, name))) {
        const content = await readFile(file);
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } };
        await writeFile(`${file}.br`, await brotli(content, quality));
        await writeFile(`${file}.gz`, await zip(content, { level: 9 }));
      }
    },
  };
}
