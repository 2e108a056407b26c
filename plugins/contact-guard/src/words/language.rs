//! Languages, as bits of a set.

macro_rules! languages {
    ($($name:ident $bit:literal $what:literal),+ $(,)?) => {
        $(#[doc = $what] pub const $name: u32 = 1 << $bit;)+
    };
}

languages! {
    EN 0 "English.", DE 1 "German.", ES 2 "Spanish.", FR 3 "French.", IT 4 "Italian.",
    PT 5 "Portuguese.", NL 6 "Dutch.", PL 7 "Polish.", SV 8 "Swedish.",
    DA 9 "Danish and Norwegian.", FI 10 "Finnish.", ET 11 "Estonian.", LV 12 "Latvian.",
    LT 13 "Lithuanian.", RU 14 "Russian.", UK 15 "Ukrainian.", TR 16 "Turkish.", RO 17 "Romanian.",
    CS 18 "Czech and Slovak.", HR 19 "Croatian, Serbian, Bosnian.", HU 20 "Hungarian.",
    EL 21 "Greek.", ID 22 "Indonesian and Malay.", HI 23 "Hindi in Latin letters.",
}
