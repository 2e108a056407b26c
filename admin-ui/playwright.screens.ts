import { defineConfig } from "@playwright/test";
import base from "./playwright.config";

/** Pictures of every screen at three widths in both themes, into `screens/`; axe looks at each on the way. */
export default defineConfig({
  ...base,
  testMatch: "*.shots.ts",
  timeout: 1_200_000,
  // Of its own, so that browser tests may run meanwhile.
  outputDir: "test-results-screens",
  use: { ...base.use, actionTimeout: 8000, trace: "off" },
});
