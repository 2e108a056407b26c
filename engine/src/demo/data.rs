//! The demo's people, offers and conversations. All invented; telephone numbers are ones kept free for fiction.

use crate::domain::Role;

/// Somebody of the demo.
pub(super) struct Person {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) role: Role,
    pub(super) locale: &'static str,
    pub(super) account_age_days: i64,
    /// Gets a token under this word.
    pub(super) part: Option<&'static str>,
}

/// Something offered.
pub(super) struct Offer {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) seller: &'static str,
    pub(super) category: &'static str,
    pub(super) price_minor: i64,
}

/// A conversation.
pub(super) struct Talk {
    pub(super) topic: Topic,
    /// Who says what; the first speaker starts it.
    pub(super) lines: &'static [(&'static str, &'static str)],
}

/// What a conversation is about.
#[derive(Clone, Copy)]
pub(super) enum Topic {
    Listing(&'static str),
    Support { category: &'static str, listing: Option<&'static str> },
}

const fn user(id: &'static str, name: &'static str, locale: &'static str, days: i64) -> Person {
    Person { id, name, role: Role::User, locale, account_age_days: days, part: None }
}

pub(super) const USERS: &[Person] = &[
    Person { part: Some("buyer"), ..user("mara", "Mara Lindqvist", "en", 410) },
    Person { part: Some("seller"), ..user("tomas", "Tomás Herrera", "es", 1_220) },
    user("jonas", "Jonas Albrecht", "de", 95),
    user("aylin", "Aylin Demir", "tr", 730),
    user("pierre", "Pierre Caron", "fr", 2),
    user("oksana", "Oksana Melnyk", "uk", 320),
    Person { role: Role::Agent, part: Some("agent"), ..user("sam", "Sam (support)", "en", 900) },
    Person { role: Role::Admin, part: Some("admin"), ..user("ines", "Inês (admin)", "pt", 1_500) },
];

const fn offer(
    id: &'static str,
    seller: &'static str,
    category: &'static str,
    price_minor: i64,
    title: &'static str,
) -> Offer {
    Offer { id, title, seller, category, price_minor }
}

pub(super) const LISTINGS: &[Offer] = &[
    offer("demo-bike", "tomas", "bike", 38_000, "Steel touring bike, 56 cm, new tyres"),
    offer("demo-desk", "tomas", "furniture", 14_500, "Solid oak desk, 140 × 70 cm"),
    offer("demo-camera", "aylin", "electronics", 26_000, "Mirrorless camera with 35 mm lens"),
    offer("demo-car", "jonas", "car", 429_000, "Small estate car, 2011, 148,000 km, one owner"),
    offer("demo-piano", "oksana", "music", 65_000, "Upright piano, tuned last spring"),
    offer("demo-pram", "aylin", "children", 9_000, "Pram with rain cover, used for one child"),
    offer("demo-mower", "jonas", "garden", 7_500, "Push mower, freshly sharpened"),
    offer("demo-sofa", "oksana", "furniture", 22_000, "Two-seat sofa, washable covers"),
    offer("demo-books", "tomas", "books", 1_800, "Twelve crime novels, one box"),
    offer("demo-skis", "pierre", "sport", 11_000, "Touring skis 172 cm with bindings"),
    offer("demo-phone", "pierre", "electronics", 15_900, "Phone, 128 GB, light scratches"),
    offer("demo-lamp", "oksana", "household", 2_500, "Reading lamp with paper shade"),
];

pub(super) const TALKS: &[Talk] = &[
    Talk {
        topic: Topic::Listing("demo-bike"),
        lines: &[
            ("mara", "Hello! Is the touring bike still available? I am 178 cm, would 56 fit me?"),
            ("tomas", "Hi Mara, yes it is. I am 180 and it fits me well, so I think it would."),
            ("mara", "Great. Are the gears original, or have they been replaced?"),
            ("tomas", "The chain and the cassette are two years old, the rest is original."),
            ("mara", "Would you take 350 if I come for it this Saturday?"),
            ("tomas", "360 and I throw in the pump and the rear light."),
            ("mara", "Deal. Saturday at eleven?"),
            ("tomas", "Eleven is fine. It is the house with the green door, next to the bakery."),
        ],
    },
    Talk {
        topic: Topic::Listing("demo-desk"),
        lines: &[
            ("aylin", "Good morning, does the desk come apart? It has to go up four floors."),
            (
                "tomas",
                "Good morning! The legs come off with one screw each. Two people can carry the top.",
            ),
            ("aylin", "Perfect. Could you keep it until Thursday?"),
            ("tomas", "I can. My number is 020 7946 0958, call me when you are downstairs."),
            ("aylin", "Part of your message is hidden for me. Shall we just say Thursday at six?"),
            ("tomas", "Thursday at six it is."),
        ],
    },
    Talk {
        topic: Topic::Listing("demo-camera"),
        lines: &[
            ("mara", "Hi Aylin, how many pictures has the camera taken, roughly?"),
            ("aylin", "About nine thousand. I mostly used it on two trips."),
            ("mara", "And is the strap included?"),
            ("aylin", "Strap, two batteries and the charger. The bag I keep, sorry."),
            ("mara", "Fair enough. I will think about it until tomorrow."),
        ],
    },
    Talk {
        topic: Topic::Listing("demo-piano"),
        lines: &[
            (
                "jonas",
                "Is the piano on the ground floor? And who would have to arrange the transport?",
            ),
            (
                "oksana",
                "Ground floor, and the door is wide. The buyer arranges it, but I know a good firm.",
            ),
            ("jonas", "Could my daughter play it once before we decide?"),
            ("oksana", "Of course. Any evening after six is good."),
        ],
    },
    Talk {
        topic: Topic::Listing("demo-phone"),
        lines: &[
            ("oksana", "Hello, does the phone come with its box and an invoice?"),
            ("pierre", "Hello, no invoice, but I can send it today if you pay now."),
            ("oksana", "I would rather pick it up and pay then."),
            (
                "pierre",
                "I am travelling, so only by post. Write to me at pierre.caron@mail.example please.",
            ),
            ("oksana", "No thank you, I prefer to stay here."),
        ],
    },
    Talk {
        topic: Topic::Support { category: "safety", listing: Some("demo-phone") },
        lines: &[
            (
                "oksana",
                "A seller wants me to pay before I have seen the phone and to write by e-mail. Is that normal?",
            ),
            (
                "sam",
                "Hello Oksana, thank you for telling us. No: please pay only when you have the phone in your hands.",
            ),
            ("sam", "We will look at this listing. You don't have to answer the seller any more."),
            ("oksana", "Thank you, that was quick!"),
            ("sam", "With pleasure. Write to us here whenever something feels wrong."),
        ],
    },
];
