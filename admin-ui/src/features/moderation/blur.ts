import { keptStore } from "@/lib/store/kept";

/** Whether texts in moderation stay blurred until asked for. */
export const blurring = keptStore<"on" | "off">("blur", "on", ["on", "off"]);
