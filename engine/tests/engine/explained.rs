//! Promise 8: what was held, masked or refused says which filter, signal, span and policy version decided.

use std::path::Path;

use rialto_engine::conversation::{ConversationError, Refusal};
use rialto_engine::domain::{Action, ClientId, Clock, ConversationId, Role};
use tempfile::TempDir;

use crate::rooms::{client_id, listing, rooms, viewer};

const POLICY: &str = r#"
failure_notice = "We are checking this."

[[row]]
signal = "contact.email"
action = "refuse"
notice = "No addresses, please."

[[row]]
signal = "contact.phone"
action = "mask"
notice = "Numbers are hidden."

[[row]]
signal = "link.shortened"
action = "hold"
notice = "Somebody looks at the link first."
"#;

fn policy(dir: &Path) -> std::path::PathBuf {
    let file = dir.join("policy.toml");
    std::fs::write(&file, POLICY).expect("a policy file");
    file
}

#[tokio::test]
async fn every_verdict_is_recorded_with_its_reasons_and_a_refusal_leaves_no_event() {
    let dir = TempDir::new().expect("a directory");
    let file = policy(dir.path());
    let rooms =
        rooms(&dir, Clock::system(), |config| config.filters.policy_file = Some(file)).await;
    let ann = viewer("ann", Role::User);
    let first = rooms.conversations.start_direct(&ann, &listing(0), client_id(0), "Hello").await;
    let id: ConversationId = first.expect("started").view.conversation.id.clone();
    let cases = [
        ("write to ann@example.com", "contact.email", Action::Refuse, "No addresses, please."),
        ("ring +44 7911 123456", "contact.phone", Action::Mask, "Numbers are hidden."),
        (
            "see https://bit.ly/abc",
            "link.shortened",
            Action::Hold,
            "Somebody looks at the link first.",
        ),
    ];
    for (n, (text, signal, action, words)) in cases.into_iter().enumerate() {
        let sent = rooms.conversations.send(&ann, &id, client_id(n + 1), text).await;
        if action == Action::Refuse {
            let refused = sent.expect_err("policy refuses it");
            assert!(
                matches!(&refused, ConversationError::Refused(Refusal::RefusedByPolicy(told)) if told == words),
                "{refused:?}"
            );
        } else {
            let message = sent.expect("accepted").message;
            assert_eq!(message.action(), action);
        }
        let decisions = rooms.store.decisions(&id).await.expect("decisions");
        let decision = decisions
            .iter()
            .find(|decision| decision.client_id == ClientId::trusted((n + 1).to_string()))
            .expect("recorded");
        let verdict = &decision.verdict;
        assert_eq!((verdict.action, verdict.policy_version), (action, 1));
        assert_eq!(verdict.notice.as_deref(), Some(words));
        let found = verdict.signals.iter().find(|found| found.id == signal).expect("the signal");
        assert!(found.filter_version.contains('+'), "version and digest: {}", found.filter_version);
        let span = found.spans.first().expect("where");
        assert!(!text[span.start as usize..span.end as usize].trim().is_empty());
        assert_eq!(&*decision.body, text, "the text as written, also when it was refused");
        assert_eq!(decision.seq.is_none(), action == Action::Refuse);
    }
    let events = rooms.store.events(&id, 1..=10).await.expect("events");
    assert_eq!(events.len(), 3, "hello, masked and held; what was refused is not in the log");
    rooms.close().await.expect("closed");
}
