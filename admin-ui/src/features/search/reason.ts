import { createStore } from "@/lib/store/store";

/** Why the viewer searches; kept until the page is closed. */
export const searchReason = createStore<string | undefined>(undefined);
