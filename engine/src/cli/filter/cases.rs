//! A case as the host sees it: an inspection with its circumstances, its lists and its past.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use rialto_filter_cases::{Case, CaseContext, CaseKind, CasePast, CaseStage};

use crate::domain::{ConversationId, ConversationKind, UserId};
use crate::filter::lists::{List, ListTooLong, Lists};
use crate::filter::recent::Recent;
use crate::filter::{
    ConversationFacts, Inspection, ListingFacts, SenderFacts, Signal, Stage, Subject,
};

/// A case's time unless it says another: the first second of 2026, as in the SDK's tests.
const NOW: i64 = 1_767_225_600;

/// What the host can't be told, because it takes it from nowhere yet.
pub(super) fn untellable(context: &CaseContext) -> Option<&'static str> {
    if !context.labels.is_empty() {
        Some("context.labels")
    } else if context.strikes > 0 {
        Some("context.strikes")
    } else {
        None
    }
}

/// Puts the case's lists in place of all there are.
pub(super) fn arrange_lists(lists: &Lists, case: &Case) -> Result<(), ListTooLong> {
    let made: Result<BTreeMap<_, _>, _> = case
        .lists
        .iter()
        .map(|(name, entries)| Ok((name.clone(), Arc::new(List::new(entries)?))))
        .collect();
    lists.replace(made?);
    Ok(())
}

/// The case's message, with a past of its own.
pub(super) fn subject(case: &Case) -> Subject {
    let given = &case.context;
    let now = given
        .now
        .and_then(|now| i64::try_from(now).ok())
        .and_then(|now| DateTime::from_timestamp(now, 0))
        .or_else(|| DateTime::from_timestamp(NOW, 0))
        .unwrap_or_default();
    let sender = UserId::trusted(given.sender_key.clone().unwrap_or_else(|| "sender".into()));
    let conversation = ConversationId::trusted(
        given.conversation_key.clone().unwrap_or_else(|| "conversation".into()),
    );
    let past = past(case, now, &sender, &conversation);
    let before = |seconds: u64| ago(now, seconds);
    let listing = (given.category.is_some() || given.price_minor.is_some()).then(|| ListingFacts {
        title: None,
        category: given.category.clone(),
        price_minor: given.price_minor,
        currency: given.currency.clone(),
    });
    let inspection = Inspection {
        text: case.text.as_str().into(),
        stage: match given.stage {
            Some(CaseStage::Edit) => Stage::Edit,
            Some(CaseStage::Create) | None => Stage::Create,
        },
        now,
        sender: SenderFacts {
            id: sender,
            roles: given.roles.clone(),
            account_created_at: Some(before(given.account_age_seconds.unwrap_or(0))),
            locale: given.language.clone(),
        },
        conversation: ConversationFacts {
            id: conversation,
            kind: match given.kind {
                Some(CaseKind::Support) => ConversationKind::Support,
                Some(CaseKind::Direct) | None => ConversationKind::Direct,
            },
            created_at: before(given.conversation_age_seconds),
            message_count: given.message_count,
            is_first_contact: given.is_first_contact.unwrap_or(true),
            recipient_locale: None,
        },
        listing,
    };
    Subject::new(inspection).with_recent(Arc::new(past))
}

/// A plain message: a first contact by a new account, unlike any other sender or conversation.
pub(super) fn stranger(text: &str, number: usize, now: DateTime<Utc>) -> Subject {
    let inspection = Inspection {
        text: text.into(),
        stage: Stage::Create,
        now,
        sender: SenderFacts {
            id: UserId::trusted(format!("sender-{number}")),
            roles: vec!["user".into()],
            account_created_at: Some(now),
            locale: None,
        },
        conversation: ConversationFacts {
            id: ConversationId::trusted(format!("conversation-{number}")),
            kind: ConversationKind::Direct,
            created_at: now,
            message_count: 0,
            is_first_contact: true,
            recipient_locale: None,
        },
        listing: None,
    };
    Subject::new(inspection)
}

/// What was said before, oldest first; where the case counts similar messages, so many of the same text.
fn past(case: &Case, now: DateTime<Utc>, sender: &UserId, conversation: &ConversationId) -> Recent {
    let recent = Recent::new();
    let mut told: Vec<&CasePast> = case.history.iter().collect();
    told.sort_by_key(|past| std::cmp::Reverse(past.age_seconds));
    for (number, past) in told.into_iter().enumerate() {
        let other = UserId::trusted("counterpart");
        let elsewhere = ConversationId::trusted(format!("elsewhere-{number}"));
        recent.note_stored(
            if past.by_sender { sender } else { &other },
            if past.in_conversation { conversation } else { &elsewhere },
            ago(now, past.age_seconds),
            &past.text,
        );
    }
    if let Some(similar) = case.similar {
        for number in 0..similar.messages {
            let place = number.checked_rem(similar.conversations);
            let place = place.map(|place| ConversationId::trusted(format!("similar-{place}")));
            let age = if number == 0 { similar.oldest_seconds.max(1) } else { 1 };
            let place = place.as_ref().unwrap_or(conversation);
            recent.note_stored(sender, place, ago(now, age), &case.text);
        }
    }
    recent
}

fn ago(now: DateTime<Utc>, seconds: u64) -> DateTime<Utc> {
    i64::try_from(seconds)
        .ok()
        .and_then(TimeDelta::try_seconds)
        .and_then(|age| now.checked_sub_signed(age))
        .unwrap_or_default()
}

/// A place a signal names, or a signal without one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found<'a> {
    pub(super) id: &'a str,
    /// Bytes of the text.
    pub(super) range: Option<std::ops::Range<usize>>,
    pub(super) signal: &'a Signal,
}

/// Every place of every signal in the order of the text, then the signals without one.
pub(super) fn places(signals: &[Signal]) -> Vec<Found<'_>> {
    let range = |span: &crate::domain::Span| span.start as usize..span.end as usize;
    let mut places: Vec<Found<'_>> = signals
        .iter()
        .flat_map(|signal| {
            signal.spans.iter().map(move |span| Found {
                id: &signal.id,
                range: Some(range(span)),
                signal,
            })
        })
        .collect();
    places.sort_by_key(|found| found.range.as_ref().map(|range| range.start));
    let whole = signals.iter().filter(|signal| signal.spans.is_empty());
    places.extend(whole.map(|signal| Found { id: &signal.id, range: None, signal }));
    places
}
