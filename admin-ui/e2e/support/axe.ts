import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import type { AxeResults } from "axe-core";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds serious or critical on the page as it is now. */
export async function serious(page: Page): Promise<string[]> {
  // By the debugger, so that the page's Content-Security-Policy does not stand in the way.
  const results = (await page.evaluate(
    `${source}; axe.run(document, { resultTypes: ["violations"] })`,
  )) as AxeResults;
  return results.violations
    .filter((each) => each.impact === "serious" || each.impact === "critical")
    .map(
      (each) =>
        `${each.id}: ${each.help} (${each.nodes
          .slice(0, 3)
          .map((node) => node.target.join(" "))
          .join(" | ")})`,
    );
}
