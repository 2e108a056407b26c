//! What words mean to the guard: numbers in seven languages, cues, units, messengers.
//!
//! Words are folded: lower case, without accents.

use rialto_filter_sdk::text::Lexicon;

use Meaning::{And, Call, Id, Num, Number as N, Platform as P, Reach, Repeat, Unit};
use Messenger::{
    Discord, Facebook, Instagram, Kakao, Kik, Line, Signal, Skype, Snapchat, Telegram, Threema,
    Tiktok, Viber, Wechat, Whatsapp, Zalo,
};

/// English, as a bit of a set of languages; the others follow.
pub const EN: u8 = 1;
pub const DE: u8 = 2;
pub const ES: u8 = 4;
pub const FR: u8 = 8;
pub const IT: u8 = 16;
pub const PT: u8 = 32;
pub const NL: u8 = 64;

/// What a word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A number below 100, in these languages.
    Number(u8, u8),
    /// The next digit, so many times.
    Repeat(u8),
    /// May stand between spelled-out numbers.
    And,
    /// What follows is likely to be a phone number.
    Call,
    /// As `Call`, unless an `Id` stands before it.
    Num,
    /// What follows is likely to be some other number.
    Id,
    /// What precedes is an amount.
    Unit,
    /// Asks for contact.
    Reach,
    /// A messenger; whether the word means nothing else.
    Platform(Messenger, bool),
}

/// A messenger or network people move to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Messenger {
    Whatsapp,
    Telegram,
    Signal,
    Instagram,
    Snapchat,
    Wechat,
    Skype,
    Viber,
    Line,
    Kik,
    Discord,
    Facebook,
    Tiktok,
    Threema,
    Kakao,
    Zalo,
}

impl Messenger {
    /// Its name as evidence.
    pub fn name(self) -> &'static str {
        match self {
            Whatsapp => "WhatsApp",
            Telegram => "Telegram",
            Signal => "Signal",
            Instagram => "Instagram",
            Snapchat => "Snapchat",
            Wechat => "WeChat",
            Skype => "Skype",
            Viber => "Viber",
            Line => "LINE",
            Kik => "Kik",
            Discord => "Discord",
            Facebook => "Facebook",
            Tiktok => "TikTok",
            Threema => "Threema",
            Kakao => "KakaoTalk",
            Zalo => "Zalo",
        }
    }
}

/// What the folded word means, if anything.
pub fn meaning(word: &[u8]) -> Option<Meaning> {
    WORDS.get(word)
}

#[rustfmt::skip]
static WORDS: Lexicon<Meaning, 665> = Lexicon::new(&[
    ("zero", N(0, EN | FR | IT | PT)), ("oh", N(0, EN)), ("o", N(0, EN)), ("nil", N(0, EN)),
    ("nought", N(0, EN)), ("zer0", N(0, EN)), ("one", N(1, EN)), ("won", N(1, EN)),
    ("two", N(2, EN)), ("three", N(3, EN)), ("four", N(4, EN)), ("five", N(5, EN)),
    ("fife", N(5, EN)), ("six", N(6, EN | FR)), ("seven", N(7, EN)), ("eight", N(8, EN)),
    ("nine", N(9, EN)), ("niner", N(9, EN)), ("ten", N(10, EN)), ("eleven", N(11, EN)),
    ("twelve", N(12, EN)), ("thirteen", N(13, EN)), ("fourteen", N(14, EN)),
    ("fifteen", N(15, EN)), ("sixteen", N(16, EN)), ("seventeen", N(17, EN)),
    ("eighteen", N(18, EN)), ("nineteen", N(19, EN)), ("null", N(0, DE)), ("eins", N(1, DE)),
    ("ein", N(1, DE)), ("eine", N(1, DE)), ("zwei", N(2, DE)), ("zwo", N(2, DE)),
    ("drei", N(3, DE)), ("vier", N(4, DE | NL)), ("funf", N(5, DE)), ("fuenf", N(5, DE)),
    ("sechs", N(6, DE)), ("sieben", N(7, DE)), ("acht", N(8, DE | NL)), ("neun", N(9, DE)),
    ("zehn", N(10, DE)), ("elf", N(11, DE | NL)), ("zwolf", N(12, DE)), ("zwoelf", N(12, DE)),
    ("dreizehn", N(13, DE)), ("vierzehn", N(14, DE)), ("funfzehn", N(15, DE)),
    ("fuenfzehn", N(15, DE)), ("sechzehn", N(16, DE)), ("siebzehn", N(17, DE)),
    ("achtzehn", N(18, DE)), ("neunzehn", N(19, DE)), ("cero", N(0, ES)), ("uno", N(1, ES | IT)),
    ("dos", N(2, ES)), ("tres", N(3, ES | PT)), ("cuatro", N(4, ES)), ("cinco", N(5, ES | PT)),
    ("seis", N(6, ES | PT)), ("siete", N(7, ES)), ("ocho", N(8, ES)), ("nueve", N(9, ES)),
    ("diez", N(10, ES)), ("once", N(11, ES)), ("doce", N(12, ES)), ("trece", N(13, ES)),
    ("catorce", N(14, ES)), ("quince", N(15, ES)), ("dieciseis", N(16, ES)),
    ("diecisiete", N(17, ES)), ("dieciocho", N(18, ES)), ("diecinueve", N(19, ES)),
    ("veinte", N(20, ES)), ("veintiuno", N(21, ES)), ("veintidos", N(22, ES)),
    ("veintitres", N(23, ES)), ("veinticuatro", N(24, ES)), ("veinticinco", N(25, ES)),
    ("veintiseis", N(26, ES)), ("veintisiete", N(27, ES)), ("veintiocho", N(28, ES)),
    ("veintinueve", N(29, ES)), ("un", N(1, FR)), ("une", N(1, FR)), ("deux", N(2, FR)),
    ("trois", N(3, FR)), ("quatre", N(4, FR)), ("cinq", N(5, FR)), ("sept", N(7, FR)),
    ("huit", N(8, FR)), ("neuf", N(9, FR)), ("dix", N(10, FR)), ("onze", N(11, FR | PT)),
    ("douze", N(12, FR)), ("treize", N(13, FR)), ("quatorze", N(14, FR)),
    ("quinze", N(15, FR | PT)), ("seize", N(16, FR)), ("due", N(2, IT)), ("tre", N(3, IT)),
    ("quattro", N(4, IT)), ("cinque", N(5, IT)), ("sei", N(6, IT)), ("sette", N(7, IT)),
    ("otto", N(8, IT)), ("nove", N(9, IT | PT)), ("dieci", N(10, IT)), ("undici", N(11, IT)),
    ("dodici", N(12, IT)), ("tredici", N(13, IT)), ("quattordici", N(14, IT)),
    ("quindici", N(15, IT)), ("sedici", N(16, IT)), ("um", N(1, PT)), ("uma", N(1, PT)),
    ("dois", N(2, PT)), ("duas", N(2, PT)), ("quatro", N(4, PT)), ("meia", N(6, PT)),
    ("sete", N(7, PT)), ("oito", N(8, PT)), ("dez", N(10, PT)), ("doze", N(12, PT)),
    ("treze", N(13, PT)), ("catorze", N(14, PT)), ("dezesseis", N(16, PT)),
    ("dezessete", N(17, PT)), ("dezoito", N(18, PT)), ("dezenove", N(19, PT)), ("nul", N(0, NL)),
    ("een", N(1, NL)), ("twee", N(2, NL)), ("drie", N(3, NL)), ("vijf", N(5, NL)),
    ("zes", N(6, NL)), ("zeven", N(7, NL)), ("negen", N(9, NL)), ("tien", N(10, NL)),
    ("twaalf", N(12, NL)), ("dertien", N(13, NL)), ("veertien", N(14, NL)),
    ("vijftien", N(15, NL)), ("zestien", N(16, NL)), ("zeventien", N(17, NL)),
    ("achttien", N(18, NL)), ("negentien", N(19, NL)), ("twenty", N(20, EN)),
    ("thirty", N(30, EN)), ("forty", N(40, EN)), ("fourty", N(40, EN)), ("fifty", N(50, EN)),
    ("sixty", N(60, EN)), ("seventy", N(70, EN)), ("eighty", N(80, EN)), ("ninety", N(90, EN)),
    ("zwanzig", N(20, DE)), ("dreissig", N(30, DE)), ("dreisig", N(30, DE)),
    ("vierzig", N(40, DE)), ("funfzig", N(50, DE)), ("fuenfzig", N(50, DE)),
    ("sechzig", N(60, DE)), ("siebzig", N(70, DE)), ("achtzig", N(80, DE)),
    ("neunzig", N(90, DE)), ("treinta", N(30, ES)), ("cuarenta", N(40, ES)),
    ("cincuenta", N(50, ES)), ("sesenta", N(60, ES)), ("setenta", N(70, ES | PT)),
    ("ochenta", N(80, ES)), ("noventa", N(90, ES | PT)), ("vingt", N(20, FR)),
    ("vingts", N(20, FR)), ("trente", N(30, FR)), ("quarante", N(40, FR)),
    ("cinquante", N(50, FR)), ("soixante", N(60, FR)), ("septante", N(70, FR)),
    ("huitante", N(80, FR)), ("octante", N(80, FR)), ("nonante", N(90, FR)), ("venti", N(20, IT)),
    ("trenta", N(30, IT)), ("quaranta", N(40, IT)), ("cinquanta", N(50, IT)),
    ("sessanta", N(60, IT)), ("settanta", N(70, IT)), ("ottanta", N(80, IT)),
    ("novanta", N(90, IT)), ("vinte", N(20, PT)), ("trinta", N(30, PT)), ("quarenta", N(40, PT)),
    ("cinquenta", N(50, PT)), ("sessenta", N(60, PT)), ("oitenta", N(80, PT)),
    ("twintig", N(20, NL)), ("dertig", N(30, NL)), ("veertig", N(40, NL)), ("vijftig", N(50, NL)),
    ("zestig", N(60, NL)), ("zeventig", N(70, NL)), ("tachtig", N(80, NL)),
    ("negentig", N(90, NL)),
    ("double", Repeat(2)), ("dbl", Repeat(2)), ("triple", Repeat(3)), ("treble", Repeat(3)),
    ("doppel", Repeat(2)), ("doble", Repeat(2)), ("doppio", Repeat(2)), ("dubbel", Repeat(2)),
    ("and", And), ("y", And), ("et", And), ("und", And), ("then", And), ("dann", And),
    ("puis", And), ("luego", And), ("e", And), ("en", And),
    ("whatsapp", P(Whatsapp, true)), ("whatsap", P(Whatsapp, true)),
    ("watsapp", P(Whatsapp, true)), ("watsap", P(Whatsapp, true)), ("whatsup", P(Whatsapp, true)),
    ("whatapp", P(Whatsapp, true)), ("wathsapp", P(Whatsapp, true)),
    ("whasapp", P(Whatsapp, true)), ("wattsapp", P(Whatsapp, true)),
    ("vatsap", P(Whatsapp, true)), ("wa", P(Whatsapp, false)), ("wsp", P(Whatsapp, false)),
    ("wpp", P(Whatsapp, false)), ("whats", P(Whatsapp, false)), ("wapp", P(Whatsapp, false)),
    ("telegram", P(Telegram, true)), ("telegramm", P(Telegram, true)),
    ("telegrm", P(Telegram, true)), ("tg", P(Telegram, false)), ("tele", P(Telegram, false)),
    ("signal", P(Signal, false)), ("instagram", P(Instagram, true)),
    ("insta", P(Instagram, true)), ("instgram", P(Instagram, true)),
    ("instagramm", P(Instagram, true)), ("ig", P(Instagram, false)),
    ("snapchat", P(Snapchat, true)), ("snapchatt", P(Snapchat, true)),
    ("snap", P(Snapchat, false)), ("sc", P(Snapchat, false)), ("wechat", P(Wechat, true)),
    ("weixin", P(Wechat, true)), ("wx", P(Wechat, false)), ("skype", P(Skype, true)),
    ("viber", P(Viber, true)), ("line", P(Line, false)), ("kik", P(Kik, true)),
    ("discord", P(Discord, false)), ("facebook", P(Facebook, false)), ("fb", P(Facebook, false)),
    ("messenger", P(Facebook, false)), ("tiktok", P(Tiktok, true)), ("threema", P(Threema, true)),
    ("kakaotalk", P(Kakao, true)), ("kakao", P(Kakao, false)), ("zalo", P(Zalo, false)),
    ("call", Call), ("calls", Call), ("calling", Call), ("text", Call), ("texting", Call),
    ("txt", Call), ("sms", Call), ("ring", Call), ("phone", Call), ("phones", Call),
    ("tel", Call), ("telephone", Call), ("mobile", Call), ("cell", Call), ("cellphone", Call),
    ("cel", Call), ("handy", Call), ("handynummer", Call), ("telefon", Call), ("telefono", Call),
    ("telefone", Call), ("telefonnummer", Call), ("anrufen", Call), ("ruf", Call), ("ruft", Call),
    ("rufen", Call), ("anruf", Call), ("melden", Call), ("appel", Call), ("appelle", Call),
    ("appeler", Call), ("appelez", Call), ("telephoner", Call), ("portable", Call), ("gsm", Call),
    ("movil", Call), ("llama", Call), ("llamame", Call), ("llamar", Call), ("llame", Call),
    ("chiama", Call), ("chiamami", Call), ("cellulare", Call), ("ligue", Call), ("liga", Call),
    ("telemovel", Call), ("celular", Call), ("bel", Call), ("bellen", Call),
    ("telefoonnummer", Call), ("mobiel", Call), ("mob", Call), ("ph", Call), ("reach", Call),
    ("imessage", Call), ("facetime", Call), ("dial", Call), ("contact", Call),
    ("contactnumber", Call), ("kontakt", Call), ("contacto", Call), ("contatto", Call),
    ("contato", Call), ("joindre", Call), ("joignable", Call), ("joignez", Call), ("sim", Call),
    ("landline", Call), ("festnetz", Call), ("fixe", Call), ("digits", Call), ("dm", Call),
    ("number", Num), ("num", Num), ("numero", Num), ("nummer", Num), ("numbers", Num),
    ("nr", Num), ("no", Num),
    ("order", Id), ("orders", Id), ("ref", Id), ("reference", Id), ("invoice", Id),
    ("serial", Id), ("sn", Id), ("imei", Id), ("isbn", Id), ("ean", Id), ("upc", Id),
    ("gtin", Id), ("part", Id), ("partno", Id), ("model", Id), ("modell", Id), ("tracking", Id),
    ("vin", Id), ("sku", Id), ("id", Id), ("article", Id), ("artikel", Id), ("artikelnummer", Id),
    ("item", Id), ("listing", Id), ("ad", Id), ("anzeige", Id), ("anzeigennummer", Id),
    ("bestellnummer", Id), ("bestellung", Id), ("sendungsnummer", Id), ("seriennummer", Id),
    ("teilenummer", Id), ("rechnung", Id), ("rechnungsnummer", Id), ("kundennummer", Id),
    ("pedido", Id), ("factura", Id), ("referencia", Id), ("serie", Id), ("commande", Id),
    ("facture", Id), ("suivi", Id), ("iban", Id), ("account", Id), ("konto", Id),
    ("kontonummer", Id), ("bic", Id), ("case", Id), ("ticket", Id), ("parcel", Id),
    ("barcode", Id), ("code", Id), ("oem", Id), ("chassis", Id), ("registration", Id),
    ("plate", Id), ("patent", Id), ("mpn", Id), ("asin", Id), ("dhl", Id), ("booking", Id),
    ("sortcode", Id),
    ("add", Reach), ("message", Reach), ("msg", Reach), ("messages", Reach), ("write", Reach),
    ("find", Reach), ("hit", Reach), ("ping", Reach), ("chat", Reach), ("talk", Reach),
    ("follow", Reach), ("pm", Reach), ("schreib", Reach), ("schreibe", Reach),
    ("schreiben", Reach), ("schreibt", Reach), ("melde", Reach), ("meld", Reach),
    ("erreichbar", Reach), ("erreichst", Reach), ("erreichen", Reach), ("schick", Reach),
    ("schicke", Reach), ("send", Reach), ("escribe", Reach), ("escribeme", Reach),
    ("escribir", Reach), ("agrega", Reach), ("agregame", Reach), ("manda", Reach),
    ("mandame", Reach), ("hablame", Reach), ("habla", Reach), ("hablamos", Reach),
    ("ecris", Reach), ("ecrivez", Reach), ("ecrire", Reach), ("ajoute", Reach),
    ("ajoutez", Reach), ("scrivi", Reach), ("scrivimi", Reach), ("scrivere", Reach),
    ("aggiungimi", Reach), ("fala", Reach), ("chama", Reach), ("speak", Reach), ("move", Reach),
    ("switch", Reach), ("continue", Reach), ("drop", Reach), ("shoot", Reach), ("inbox", Reach),
    ("kontaktieren", Reach), ("schreibmir", Reach), ("hmu", Reach), ("slide", Reach),
    ("connect", Reach), ("join", Reach), ("anschreiben", Reach),
    ("km", Unit), ("kms", Unit), ("kilometer", Unit), ("kilometers", Unit), ("kilometres", Unit),
    ("mi", Unit), ("miles", Unit), ("mile", Unit), ("mls", Unit), ("m", Unit), ("cm", Unit),
    ("mm", Unit), ("metres", Unit), ("meters", Unit), ("meter", Unit), ("metre", Unit),
    ("feet", Unit), ("ft", Unit), ("foot", Unit), ("inch", Unit), ("inches", Unit),
    ("zoll", Unit), ("pouces", Unit), ("pulgadas", Unit), ("kg", Unit), ("kgs", Unit),
    ("kilo", Unit), ("kilos", Unit), ("g", Unit), ("gr", Unit), ("gram", Unit), ("grams", Unit),
    ("grm", Unit), ("lbs", Unit), ("lb", Unit), ("oz", Unit), ("stone", Unit), ("ton", Unit),
    ("tons", Unit), ("t", Unit), ("tonnen", Unit), ("l", Unit), ("liter", Unit), ("litre", Unit),
    ("liters", Unit), ("litres", Unit), ("ltr", Unit), ("ml", Unit), ("kw", Unit), ("kwh", Unit),
    ("ps", Unit), ("hp", Unit), ("bhp", Unit), ("cv", Unit), ("watt", Unit), ("watts", Unit),
    ("w", Unit), ("v", Unit), ("volt", Unit), ("volts", Unit), ("mah", Unit), ("ah", Unit),
    ("wh", Unit), ("gb", Unit), ("tb", Unit), ("mb", Unit), ("ghz", Unit), ("mhz", Unit),
    ("hz", Unit), ("rpm", Unit), ("cc", Unit), ("ccm", Unit), ("mph", Unit), ("kmh", Unit),
    ("kph", Unit), ("years", Unit), ("year", Unit), ("yrs", Unit), ("yr", Unit), ("jahre", Unit),
    ("jahr", Unit), ("anos", Unit), ("ans", Unit), ("ano", Unit), ("mois", Unit),
    ("monate", Unit), ("months", Unit), ("month", Unit), ("hours", Unit), ("hour", Unit),
    ("hrs", Unit), ("hr", Unit), ("h", Unit), ("std", Unit), ("stunden", Unit), ("horas", Unit),
    ("heures", Unit), ("min", Unit), ("mins", Unit), ("minutes", Unit), ("minuten", Unit),
    ("minutos", Unit), ("sec", Unit), ("secs", Unit), ("uhr", Unit), ("am", Unit), ("px", Unit),
    ("mp", Unit), ("megapixel", Unit), ("dpi", Unit), ("pieces", Unit), ("pcs", Unit),
    ("pc", Unit), ("stuck", Unit), ("stuk", Unit), ("stk", Unit), ("units", Unit),
    ("people", Unit), ("persons", Unit), ("seats", Unit), ("k", Unit), ("mio", Unit),
    ("mil", Unit), ("sq", Unit), ("sqm", Unit), ("sqft", Unit), ("qm", Unit), ("acres", Unit),
    ("ha", Unit), ("pages", Unit), ("seiten", Unit), ("paginas", Unit), ("days", Unit),
    ("day", Unit), ("tage", Unit), ("tag", Unit), ("dias", Unit), ("jours", Unit),
    ("weeks", Unit), ("week", Unit), ("wochen", Unit), ("bar", Unit), ("psi", Unit), ("nm", Unit),
    ("lumens", Unit), ("lm", Unit), ("db", Unit), ("pax", Unit), ("times", Unit), ("stars", Unit),
    ("points", Unit), ("percent", Unit), ("prozent", Unit), ("watching", Unit), ("views", Unit),
    ("euros", Unit), ("euro", Unit), ("eur", Unit), ("usd", Unit), ("gbp", Unit),
    ("dollar", Unit), ("dollars", Unit), ("pound", Unit), ("pounds", Unit), ("quid", Unit),
    ("bucks", Unit), ("chf", Unit), ("sek", Unit), ("nok", Unit), ("dkk", Unit), ("pln", Unit),
    ("zl", Unit), ("kr", Unit), ("czk", Unit), ("kc", Unit), ("rub", Unit), ("tl", Unit),
    ("inr", Unit), ("rs", Unit), ("cad", Unit), ("aud", Unit), ("nzd", Unit), ("brl", Unit),
    ("mxn", Unit), ("cents", Unit), ("cent", Unit), ("pence", Unit), ("yen", Unit), ("jpy", Unit),
    ("franken", Unit), ("francs", Unit), ("fr", Unit), ("grand", Unit), ("x", Unit),
]);
