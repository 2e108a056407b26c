//! Filters in Meilisearch's language: the scope, which the server puts in, and what was asked for.
//!
//! Meilisearch folds what it compares (`Alice`, `alice` and ` alice ` are the same to it), which would show one user's
//! messages to another. So ids are neither indexed nor asked for as they are, but as keys.

use std::fmt::Write as _;

use crate::document::{Kind, Projection};
use crate::query::{ConversationFilter, MessageFilter, Scope};

/// Ids of at most this length that are all small letters, digits and dashes are their own keys.
const LONGEST_PLAIN: usize = 64;

/// Values that are sought with one filter where there may be any number: the server's time grows with their square (1,000
/// took 0.1 s, 5,000 3.6 s).
pub const VALUES: usize = 200;

/// What stands for an id or a name (of any length and characters) where the server compares: 1 to 64 characters out of
/// `a-z0-9-_`, different for different ids.
pub fn key(id: &str) -> String {
    let plain = (1..=LONGEST_PLAIN).contains(&id.len())
        && id.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    if plain { id.to_owned() } else { format!("_{}", &blake3::hash(id.as_bytes()).to_hex()[..40]) }
}

/// The keys of many.
pub fn keys<T: AsRef<str>>(ids: &[T]) -> Vec<String> {
    ids.iter().map(|id| key(id.as_ref())).collect()
}

/// `attribute` is this value, or has it among its values.
pub fn is(attribute: &str, value: &str) -> String {
    format!("{attribute} = \"{}\"", key(value))
}

/// `attribute` is any of these values, or has one of them. Of none, nothing is: don't ask.
pub fn any<T: AsRef<str>>(attribute: &str, values: &[T]) -> String {
    let mut filter = format!("{attribute} IN [");
    for (n, value) in values.iter().enumerate() {
        let comma = if n == 0 { "" } else { ", " };
        let _ = write!(filter, "{comma}\"{}\"", key(value.as_ref()));
    }
    filter.push(']');
    filter
}

/// All of it must hold.
fn all(clauses: &[String]) -> String {
    let clauses: Vec<_> = clauses.iter().map(|clause| format!("({clause})")).collect();
    clauses.join(" AND ")
}

fn of_kind(kind: Kind) -> String {
    is("kind", kind.as_str())
}

/// Which messages; `None` if there can be none.
pub fn messages(scope: &Scope, filter: &MessageFilter) -> Option<String> {
    let mut clauses = Vec::new();
    let whole = is("projection", Projection::Whole.as_str());
    let reads = is("readers", scope.user());
    match scope {
        Scope::User(_) => clauses.push(reads),
        Scope::Support(_) => {
            clauses.push(whole);
            clauses.push(format!("{} OR {reads}", of_kind(Kind::Support)));
        }
        Scope::Everything(user) => {
            clauses.push(whole);
            clauses.push(format!(
                "NOT {} OR NOT {} OR {reads}",
                of_kind(Kind::Direct),
                is("participants", user)
            ));
        }
    }
    if let Some(verdict) = &filter.verdict {
        clauses.push(is("verdict", verdict));
        clauses.push(as_staff(scope)?);
    }
    if let Some(conversation) = &filter.conversation {
        clauses.push(is("conversation_key", conversation));
    }
    list(&mut clauses, "listing", filter.listings.as_deref())?;
    list(&mut clauses, "sender", filter.senders.as_deref())?;
    for group in &filter.participants {
        list(&mut clauses, "participants", Some(group))?;
    }
    if let Some(category) = &filter.category {
        clauses.push(is("category", category));
    }
    if let Some(has) = filter.has_attachment {
        clauses.push(format!("has_attachment = {has}"));
    }
    common(&mut clauses, filter.kind, filter.from, filter.to);
    Some(all(&clauses))
}

/// What the viewer sees as staff, not as somebody in the conversation.
fn as_staff(scope: &Scope) -> Option<String> {
    match scope {
        Scope::User(_) => None,
        Scope::Support(_) => Some(of_kind(Kind::Support)),
        Scope::Everything(user) => {
            Some(format!("NOT {} OR NOT {}", of_kind(Kind::Direct), is("participants", user)))
        }
    }
}

/// Which conversations; `None` if there can be none.
pub fn conversations(scope: &Scope, filter: &ConversationFilter) -> Option<String> {
    let mut clauses = Vec::new();
    match scope {
        Scope::User(user) => clauses.push(is("readers", user)),
        Scope::Support(user) => {
            let reads = is("readers", user);
            clauses.push(format!("{} OR {reads}", of_kind(Kind::Support)));
        }
        Scope::Everything(_) => {}
    }
    list(&mut clauses, "listing_key", filter.listings.as_deref())?;
    for group in &filter.participants {
        list(&mut clauses, "participants", Some(group))?;
    }
    if let Some(category) = &filter.category {
        clauses.push(is("category_key", category));
    }
    common(&mut clauses, filter.kind, filter.from, filter.to);
    Some(all(&clauses))
}

fn list(clauses: &mut Vec<String>, attribute: &str, values: Option<&[String]>) -> Option<()> {
    match values {
        None => {}
        Some([]) => return None,
        Some(values) => clauses.push(any(attribute, values)),
    }
    Some(())
}

fn common(clauses: &mut Vec<String>, kind: Option<Kind>, from: Option<i64>, to: Option<i64>) {
    clauses.extend(kind.map(of_kind));
    clauses.extend(from.map(|from| format!("at >= {from}")));
    clauses.extend(to.map(|to| format!("at < {to}")));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn readable_ids_stay_readable_and_look_alikes_differ() {
        assert_eq!(key("user-7"), "user-7");
        for id in ["Alice", " alice", "alice ", "álice", "", "a_b", &"a".repeat(65)] {
            let key = key(id);
            assert_eq!((key.len(), &key[..1]), (41, "_"), "{id:?} must be digested");
        }
        assert_ne!(key("ALICE"), key("Alice"));
    }

    #[test]
    fn an_empty_list_and_a_user_asking_for_verdicts_find_nothing() {
        let user = Scope::User("u".to_owned());
        let none = MessageFilter { listings: Some(Vec::new()), ..MessageFilter::default() };
        assert_eq!(messages(&user, &none), None);
        let verdict =
            MessageFilter { verdict: Some("hold".to_owned()), ..MessageFilter::default() };
        assert_eq!(messages(&user, &verdict), None);
        assert!(messages(&Scope::Support("u".to_owned()), &verdict).is_some());
    }

    proptest! {
        /// Whatever an id is, nothing of it but harmless characters reaches the filter, and the filter has the shape it has
        /// for a harmless id.
        #[test]
        fn no_id_can_change_a_filter(id in ".{0,140}", other in ".{0,140}") {
            let key_of = key(&id);
            prop_assert!((1..=64).contains(&key_of.len()));
            prop_assert!(key_of.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_')));
            prop_assert_eq!(key(&id) == key(&other), id == other);
            let filter = |id: &str| MessageFilter {
                conversation: Some(id.to_owned()),
                senders: Some(vec![id.to_owned(), "another-sender".to_owned()]),
                category: Some(id.to_owned()),
                verdict: Some(id.to_owned()),
                ..MessageFilter::default()
            };
            let hostile = messages(&Scope::Everything(id.clone()), &filter(&id));
            let harmless = messages(&Scope::Everything("harmless".to_owned()), &filter("harmless"));
            prop_assert_eq!(
                hostile.map(|text| text.replace(&format!("\"{key_of}\""), "\"harmless\"")),
                harmless
            );
        }
    }
}
