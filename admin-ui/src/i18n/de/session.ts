import type { Texts } from "..";

export const session: Texts["session"] = {
  signIn: "Anmelden",
  title: "Bei Rialto anmelden",
  lead: "Für alle, die den Marktplatz sicher und hilfreich halten.",
  email: "E-Mail-Adresse",
  password: "Passwort",
  passwordHint: "Mindestens 12 Zeichen. Ein Satz merkt sich leichter als ein Wort.",
  forgot:
    "Vergessen? Die Administration kann Sie neu einladen. Wer die Maschine betreibt, macht mit rialto admin-link einen Link.",
  wrong: "E-Mail-Adresse oder Passwort stimmen nicht.",
  limited: "Zu viele Versuche. Warten Sie {{seconds}} Sekunden und versuchen Sie es dann noch einmal.",
  unreachable: "Rialto ist nicht erreichbar. Versuchen Sie es gleich noch einmal.",
  notStaff: "Dieses Konto gehört nicht zum Team: Hier gibt es dafür nichts zu sehen.",
  token: "Entwicklungs-Token",
  tokenLead: "Nur in der Entwicklung. Vergessen, sobald Sie den Tab schließen.",
  tokenUse: "Token verwenden",
  tokenWrong: "Dieses Token wird nicht angenommen. Machen Sie eines mit: rialto token --sub you --role admin",
  join: {
    firstTitle: "Rialto einrichten",
    firstLead: "Sie sind die Ersten hier: Ihr Konto verwaltet alles Weitere und lädt die anderen ein.",
    title: "Beitreten: {{role}}",
    lead: "Sie wurden eingeladen. Wählen Sie, wie andere Sie sehen, und ein Passwort.",
    name: "Ihr Name",
    nameHint: "Kundinnen und Kunden sehen ihn, wenn Sie antworten.",
    submit: "Konto anlegen",
    invalid: "Dieser Link ist verbraucht oder zu alt",
    invalidAdvice:
      "Ein Link gilt einmal und einen Tag lang. Bitten Sie um einen neuen; für das erste Konto macht ihn „rialto admin-link“.",
    taken: "Diese E-Mail-Adresse hat schon jemand im Team.",
    checking: "Ihr Link wird geprüft…",
  },
};
