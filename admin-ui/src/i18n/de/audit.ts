import type { Texts } from "..";

export const audit: Texts["audit"] = {
  title: "Prüfprotokoll",
  lead: "Wer was getan und wer was angesehen hat. Es kann nur wachsen.",
  empty: "Noch nichts",
  emptyLead: "Jede Entscheidung, jede Änderung und jeder Blick in eine private Unterhaltung steht hier.",
  emptyFiltered: "Kein Eintrag passt.",
  time: "Zeit",
  actor: "Wer",
  action: "Was",
  target: "Woran",
  reason: "Warum",
  actionHint: "Etwa conversation.read oder filter",
  only: "Nur {{what}}",
};
