import { defineConfig } from "@playwright/test";
import { launchOptions } from "./e2e/support/chromium";

export default defineConfig({
  testDir: "e2e",
  testMatch: "*.spec.ts",
  // One engine and one browser: the tests share what is in the store, each with its own people and listings.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  outputDir: "test-results",
  use: { launchOptions, actionTimeout: 15_000, trace: "retain-on-failure" },
});
