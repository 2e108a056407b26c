import type { Texts } from "..";

export const listings: Texts["listings"] = {
  title: "Anzeigen",
  lead: "Zu jeder aktiven Anzeige kann man schreiben. Was das nicht kann, steht hier, mit der Abhilfe.",
  coverage: "Abdeckung",
  covered: "Zu {{enabled}} von {{active}} aktiven Anzeigen kann man schreiben",
  complete: "Zu jeder aktiven Anzeige kann man schreiben.",
  exceptions: "Ohne Nachrichten",
  exception: { NO_SELLER: "Ohne Anbieter" },
  cure: {
    NO_SELLER:
      "Der Marktplatz hat niemanden genannt, der antworten könnte. Senden Sie die Anzeigen noch einmal, mit „seller“: rialto import listings oder upsertListings. Es wirkt sofort.",
  },
  showThem: "Diese Anzeigen zeigen",
  onlyWithout: "Nur ohne Nachrichten",
  list: "Anzeigen",
  listing: "Anzeige",
  seller: "Von",
  price: "Preis",
  category: "Rubrik",
  status: "Stand",
  messaging: "Nachrichten",
  has: "An",
  hasNot: "aus",
  inactive: "nicht aktiv",
  empty: "Keine Anzeigen",
  emptyLead: "Senden Sie sie mit rialto import listings oder mit upsertListings.",
  emptyFiltered: "Keine Anzeige passt.",
  conversations: "Unterhaltungen darüber",
};
