import type { Texts } from "..";

export const help: Texts["help"] = {
  title: "Hilfe",
  lead: "Kurze Anleitungen, eine je Rolle. Mit ? sehen Sie überall die Tasten der Ansicht.",
  keys: "Tasten zeigen",
  tourAgain: "Rundgang noch einmal",
  guides: {
    agent: {
      title: "Für den Kundendienst",
      lead: "Schnell und freundlich antworten.",
      steps: {
        one: {
          title: "Sehen, wer wartet",
          text: "Unterhaltungen zeigt alle, die dem Kundendienst schrieben. Unter „Wartend“ steht zuoberst, wer am längsten wartet. J und K gehen durch die Liste, mit Alt auch beim Schreiben.",
        },
        two: {
          title: "Antworten",
          text: "R führt ins Antwortfeld. Eingabe sendet, Umschalt+Eingabe macht eine neue Zeile. Ein Entwurf bleibt in diesem Browser erhalten, bis er gesendet ist. Kommt eine Antwort nicht durch, steht das dabei; sie kommt nie doppelt an.",
        },
        three: {
          title: "Mehr wissen",
          text: "I zeigt die Anzeige, die Beteiligten und frühere Anfragen. Rotes oder Gelbes wurde angehalten oder entfernt; „warum?“ sagt, was darin gefunden wurde.",
        },
        four: {
          title: "Abschließen",
          text: "C schließt die Unterhaltung. Sie bleibt lesbar und lässt sich jederzeit wieder öffnen.",
        },
      },
    },
    moderator: {
      title: "Für die Moderation",
      lead: "Über angehaltene Nachrichten entscheiden, mit je einer Taste.",
      steps: {
        one: {
          title: "Die Warteschlange",
          text: "Was das Regelwerk anhält, wartet unter Moderation. Der Text ist verwischt, bis Sie die Leertaste drücken. Gefundenes ist markiert; daneben steht, welcher Filter, wie sicher und nach welcher Regel.",
        },
        two: {
          title: "Entscheiden",
          text: "R gibt frei, M maskiert das Markierte, X entfernt. Wählen Sie vor M Text aus, um auch ihn zu verbergen. Mit E schreiben Sie einen Grund. Die nächste Nachricht kommt von selbst.",
        },
        three: {
          title: "Zurücknehmen",
          text: "Z nimmt die letzte Entscheidung zurück, solange die Meldung steht. Zwei entscheiden nie doppelt: Wer zweiter ist, erfährt die erste Entscheidung.",
        },
        four: {
          title: "Weiter nachsehen",
          text: "Eine private Unterhaltung verlangt einen Grund, der im Prüfprotokoll steht. „Ausprobieren“ zeigt, was aus einem Text würde, „Entscheidungen“, was aus echten wurde.",
        },
      },
    },
    admin: {
      title: "Für die Administration",
      lead: "Den Betrieb führen: Filter, Regelwerk, Team.",
      steps: {
        one: {
          title: "Das Team einladen",
          text: "Unter Team entstehen Links, die einmal gelten, mit einer Rolle. Ein Konto abzuschalten beendet seine Sitzungen sofort.",
        },
        two: {
          title: "Filter ohne Angst ändern",
          text: "Hochladen oder einstellen ergibt einen Entwurf. Im Schatten sehen Sie, was er geändert hätte; eine Rückprobe tut es mit der Vergangenheit. Dann ein Teilbetrieb, dann alles. Zurückrollen ist ein Knopf.",
        },
        three: {
          title: "Filter finden, das Regelwerk entscheidet",
          text: "Schreiben Sie einen Entwurf, prüfen Sie ihn, sehen Sie die Unterschiede, probieren Sie ihn aus, und aktivieren Sie ihn dann. Jedes Urteil nennt die Version.",
        },
        four: {
          title: "Im Auge behalten",
          text: "Der Überblick ist live. Anzeigen zeigt, wozu man nicht schreiben kann, und die Abhilfe. Das Prüfprotokoll zeigt, wer was tat und ansah.",
        },
      },
    },
  },
  tour: {
    label: "Rundgang zum Anfang",
    step: "{{now}} von {{all}}",
    skip: "Überspringen",
    next: "Weiter",
    done: "Los",
    welcome: {
      title: "Willkommen bei Rialto",
      text: "Alles ist höchstens zwei Tasten entfernt. Das hier dauert eine halbe Minute.",
    },
    go: {
      title: "G, dann ein Buchstabe",
      text: "G M öffnet die Moderation, G C die Unterhaltungen, G F die Filter. Die Buchstaben stehen neben den Namen, wenn Sie darauf zeigen.",
    },
    palette: {
      title: "Eine Taste für alles",
      text: "{{key}} findet Ansichten, Filter und Befehle. Fügen Sie dort die Kennung einer Unterhaltung oder Nachricht ein, um hinzuspringen.",
    },
    keys: {
      title: "Taste vergessen?",
      text: "? zeigt, was die Tasten in dieser Ansicht tun. Den Rundgang finden Sie unter Hilfe wieder.",
    },
  },
};
