//! One text to many conversations.

use rialto_filter_sdk::history::{self, Scope};
use rialto_filter_sdk::{Context, Message, Signal};

use crate::config::Config;
use crate::excess::Excess;
use crate::standing::Standing;
use crate::turn::Turn;

/// A conversation that has got so far isn't looked at any more: floods come early.
const EARLY_MESSAGES: u64 = 10;
/// Enough of a conversation to see whether the other side ever answered.
const LOOK_BACK: u32 = 8;
/// For a sender who may have been answered longer ago than the history reaches.
const UNKNOWN_FACTOR: f32 = 3.0;

/// The finding, if the text went to more conversations than usual. One host call, two if it did.
pub fn find(
    message: &Message,
    context: &Context,
    turn: Turn,
    standing: &Standing,
    config: &Config,
) -> Option<Signal> {
    let settings = &config.copies;
    // Whoever answers many people may well say the same to all of them.
    if turn == Turn::Answers
        || context.conversation.message_count > EARLY_MESSAGES
        || standing.tier.copies == 0
    {
        return None;
    }
    let characters = characters(&message.normalized, settings.short_characters);
    if characters < settings.min_characters {
        return None;
    }
    let short = characters < settings.short_characters;
    let laxer = if short { settings.short_factor } else { 1.0 };

    let alike = history::similar(settings.window_seconds, settings.min_similarity);
    let count = u64::from(alike.conversations);
    let mut excess =
        Excess::of(count, standing.usual(standing.tier.copies, laxer), alike.oldest_seconds)?;
    if turn == Turn::Continues {
        let said = history::recent(Scope::Conversation, LOOK_BACK);
        if said.iter().any(|past| !past.by_sender) {
            return None;
        }
        if said.is_empty() {
            let usual = standing.usual(standing.tier.copies, laxer * UNKNOWN_FACTOR);
            excess = Excess::of(count, usual, alike.oldest_seconds)?;
        }
    }
    let signal = excess
        .signal("flood.copies", ("sent nearly this text to", "other conversations"), standing)
        .evidence("copies", alike.messages.to_string());
    Some(if short {
        signal.evidence("note", "a short text, so more copies are usual")
    } else {
        signal
    })
}

/// Characters that are no white space, counted up to `enough`.
fn characters(text: &str, enough: u32) -> u32 {
    let visible = text.chars().filter(|character| !character.is_whitespace());
    visible.take(enough as usize).fold(0, |count, _| count + 1)
}
