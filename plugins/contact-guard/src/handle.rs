//! Names on messengers, and requests to move to one.

mod invite;
mod name;
mod platform;

use std::ops::Range;

use rialto_filter_sdk::text::Scan;

use crate::config::Kind;
use crate::words::Messenger;
use invite::{invitation, reaches};
use name::{at_name, name_before, name_behind};
pub use platform::messenger_of;
use platform::{mail_provider, platform};

/// A name on a messenger, or a messenger somebody asks to move to.
#[derive(Debug, PartialEq)]
pub struct Handle {
    /// Tokens.
    pub tokens: Range<usize>,
    /// A handle, a mail address, or only asking to move.
    pub kind: Kind,
    /// Which messenger, if that is known.
    pub messenger: Option<Messenger>,
    /// 0 to 1.
    pub confidence: f32,
    /// Why it is taken for one.
    pub why: &'static str,
}

/// Calls `each` with every handle outside the token ranges `used` (sorted).
pub fn find(scan: &Scan, used: &[Range<usize>], mut each: impl FnMut(Handle)) {
    let mut used = used.iter().peekable();
    let mut messenger_seen = None;
    let mut token = 0;
    // Nothing before belongs to what is found next.
    let mut start = 0;
    while token < scan.tokens().len() {
        while used.next_if(|range| range.end <= token).is_some() {}
        if let Some(range) = used.peek().filter(|range| range.contains(&token)) {
            token = range.end;
            start = token;
            continue;
        }
        let limit = used.peek().map_or(usize::MAX, |range| range.start);
        if let Some((messenger, sure, behind)) = platform(scan, token) {
            messenger_seen = messenger_seen.or(Some(messenger));
            let behind = behind.min(limit);
            let handle = named(scan, token, behind, sure, start..limit, Some(messenger));
            let handle = handle.or_else(|| invitation(scan, token, behind, sure, messenger));
            token = handle.as_ref().map_or(behind, |handle| handle.tokens.end).max(token + 1);
            if let Some(handle) = handle {
                start = token;
                each(handle);
            }
        } else if mail_provider(scan, token) {
            let handle = named(scan, token, token + 1, false, start..limit, None);
            token = handle.as_ref().map_or(token + 1, |handle| handle.tokens.end.max(token + 1));
            if let Some(handle) = handle {
                start = token;
                each(Handle { kind: Kind::Email, why: "name at a mail provider", ..handle });
            }
        } else if let Some(handle) = at_name(scan, token, messenger_seen, reaches) {
            token = handle.tokens.end;
            // A mere `@anna` may turn out to be one: `@anna on insta`.
            start = if handle.confidence < 0.5 { start } else { token };
            each(handle);
        } else {
            token += 1;
        }
    }
}

/// The name behind or before what is named in `token..behind`, inside `limits`.
fn named(
    scan: &Scan,
    token: usize,
    behind: usize,
    sure: bool,
    limits: Range<usize>,
    messenger: Option<Messenger>,
) -> Option<Handle> {
    let (name, confidence) = name_behind(scan, behind, sure)
        .filter(|(name, _)| name.end <= limits.end)
        .or_else(|| {
            let mail = messenger.is_none();
            name_before(scan, token, sure, mail).filter(|(name, _)| name.start >= limits.start)
        })?;
    Some(Handle {
        tokens: name.start.min(token)..name.end.max(behind),
        kind: Kind::Handle,
        messenger,
        confidence,
        why: "name on a messenger",
    })
}
