import { defineConfig } from "@playwright/test";
import base from "./playwright.config";

/** Pictures of every screen at three widths in both themes, into `screens/`; axe looks at each on the way. */
export default defineConfig({
  ...base,
  testMatch: "*.shots.ts",
  timeout: 900_000,
  use: { ...base.use, actionTimeout: 8000 },
});
