//! What raises or lowers suspicion beside the words: sender, conversation, listing, earlier signals.
//!
//! The figures are differences of log-odds, set by judgement: 0.7 doubles the odds.

use std::borrow::Cow;

use rialto_filter_sdk::{Context, ConversationKind, Message};

const DAY: u64 = 86_400;

/// One of them.
#[derive(Debug, Clone)]
pub struct Circumstance {
    /// Added to the log-odds.
    pub odds: f32,
    /// For a moderator.
    pub words: Cow<'static, str>,
}

impl Circumstance {
    pub fn new(odds: f32, words: impl Into<Cow<'static, str>>) -> Self {
        Self { odds, words: words.into() }
    }
}

/// How a signal depends on who says it and what it is about.
struct Habit {
    buyer: f32,
    seller: f32,
    /// Parts of categories' names it belongs to, and where it is ordinary talk.
    home: &'static [&'static str],
    ordinary: &'static [&'static str],
    /// A dear listing makes it likelier.
    dear: bool,
    /// A link beside it makes it likelier.
    link: f32,
}

const USUAL: Habit =
    Habit { buyer: 0.0, seller: 0.0, home: &[], ordinary: &[], dear: false, link: 0.2 };
const HOMES: &[&str] =
    &["housing", "rent", "apartment", "flat", "home", "room", "property", "estate"];
const GOODS: &[&str] = &[
    "car",
    "vehicle",
    "moto",
    "truck",
    "boat",
    "furniture",
    "bike",
    "electronics",
    "phone",
    "computer",
];

/// In the order of [`SIGNALS`](crate::SIGNALS).
const HABITS: [Habit; crate::SIGNALS.len()] = [
    Habit { seller: 0.2, home: &["ticket", "electronics", "phone", "console"], ..USUAL },
    Habit {
        seller: 0.2,
        buyer: -0.2,
        home: &["pet", "dog", "cat", "puppy", "animal", "job"],
        ..USUAL
    },
    Habit { buyer: 0.3, seller: -0.6, home: GOODS, dear: true, ..USUAL },
    Habit { buyer: 0.3, seller: -0.3, home: GOODS, dear: true, ..USUAL },
    USUAL,
    Habit { ordinary: &["gift", "voucher", "ticket"], ..USUAL },
    Habit { ordinary: &["crypto", "mining", "computer"], ..USUAL },
    Habit { link: 0.8, ..USUAL },
    Habit { seller: 0.2, buyer: -0.8, home: HOMES, ordinary: GOODS, dear: true, ..USUAL },
];

/// What counts for every signal.
pub fn of_sender(context: &Context) -> Vec<Circumstance> {
    let mut all = Vec::with_capacity(12);
    let sender = &context.sender;
    let is = |role: &str| sender.roles.iter().any(|one| one == role);
    if is("agent") || is("senior") || is("moderator") || is("admin") {
        all.push(Circumstance::new(-3.0, "written by staff"));
    } else if context.conversation.kind == ConversationKind::Support {
        all.push(Circumstance::new(-1.2, "told to staff"));
    }
    if context.conversation.is_first_contact {
        all.push(Circumstance::new(0.25, "first contact"));
    } else if context.conversation.message_count >= 20 {
        let words = format!("{} messages before", context.conversation.message_count);
        all.push(Circumstance::new(-0.4, words));
    }
    match sender.account_age_seconds {
        Some(age) if age < DAY => {
            all.push(Circumstance::new(0.35, "account made less than a day ago"));
        }
        Some(age) if age < 7 * DAY => {
            let words = format!("account {} days old", (age / DAY).max(1));
            all.push(Circumstance::new(0.2, words));
        }
        Some(age) if age >= 365 * DAY => {
            all.push(Circumstance::new(-0.4, "account older than a year"));
        }
        Some(age) if age >= 90 * DAY => {
            all.push(Circumstance::new(-0.2, "account older than three months"));
        }
        _ => {}
    }
    if sender.strikes > 0 {
        all.push(Circumstance::new(0.3, "the sender has strikes"));
    }
    let contact = |id: &str| id.starts_with("contact.") && id != "contact.link";
    if context.earlier.iter().any(|signal| contact(&signal.id) && signal.confidence >= 0.6) {
        all.push(Circumstance::new(0.3, "contact details beside it"));
    }
    if context
        .earlier
        .iter()
        .any(|signal| signal.id.starts_with("spam.") && signal.confidence >= 0.6)
    {
        all.push(Circumstance::new(0.3, "looks like spam as a whole"));
    }
    all
}

/// Adds what counts for one signal, given by its place.
pub fn of_signal(place: usize, message: &Message, context: &Context, all: &mut Vec<Circumstance>) {
    let habit = &HABITS[place];
    let mut add = |odds: f32, words: &'static str| {
        if odds != 0.0 {
            all.push(Circumstance::new(odds, words));
        }
    };
    let is = |role: &str| context.sender.roles.iter().any(|one| one == role);
    match (is("buyer"), is("seller")) {
        (true, false) => add(habit.buyer, "said by the buyer"),
        (false, true) => add(habit.seller, "said by the seller"),
        _ => {}
    }
    let link = |id: &str| id.starts_with("link.") || id == "contact.link";
    if !message.links.is_empty() || context.earlier.iter().any(|signal| link(&signal.id)) {
        add(habit.link, "a link beside it");
    }
    let Some(listing) = &context.listing else { return };
    if let Some(category) = &listing.category {
        let category = category.to_lowercase();
        let among = |names: &[&str]| names.iter().any(|name| category.contains(name));
        if among(habit.home) {
            add(0.3, "usual for this category");
        } else if among(habit.ordinary) {
            add(-1.0, "ordinary talk in this category");
        }
    }
    if habit.dear && listing.price_minor.is_some_and(|price| price >= 50_000) {
        add(0.2, "a dear listing");
    }
}
