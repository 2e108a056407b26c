import type { LaunchOptions } from "@playwright/test";
import chromium from "@sparticuz/chromium";

/** A browser that needs no system packages: it comes by npm. `CHROMIUM` names another one. */
export const launchOptions: LaunchOptions = {
  executablePath: process.env.CHROMIUM ?? (await chromium.executablePath()),
  args: chromium.args.filter((arg) => !/^--(headless|single-process|no-zygote|font-render)/.test(arg)),
  headless: true,
};
