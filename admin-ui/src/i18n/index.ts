import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { keptStore } from "@/lib/store/kept";
import { en } from "./en";

export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", de: "Deutsch" };

/** The same shape as the English texts: a missing one is a type error. */
export type Texts<T = typeof en> = { [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "translation";
    resources: { translation: typeof en };
  }
}

const browsers = navigator.languages
  .map((tag) => tag.slice(0, 2))
  .find((tag) => LANGUAGES.includes(tag as Language));

export const language = keptStore<Language>(
  "language",
  (browsers as Language | undefined) ?? "en",
  LANGUAGES,
);

/** The language as the browser has it, such as en-GB: dates and numbers look as the viewer is used to. */
function tagOf(wanted: Language): string {
  return navigator.languages.find((tag) => tag === wanted || tag.startsWith(`${wanted}-`)) ?? wanted;
}

/** Other languages than English come when they are wanted. */
async function load(wanted: Language) {
  if (wanted !== "en" && !i18next.hasResourceBundle(wanted, "translation")) {
    const { de } = await import("./de");
    i18next.addResourceBundle(wanted, "translation", de);
  }
  await i18next.changeLanguage(tagOf(wanted));
  document.documentElement.lang = wanted;
}

export async function startTexts() {
  await i18next.use(initReactI18next).init({
    lng: tagOf("en"),
    fallbackLng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  if (language.get() !== "en") await load(language.get()).catch(() => {});
  language.subscribe(() => void load(language.get()).catch(() => {}));
}
