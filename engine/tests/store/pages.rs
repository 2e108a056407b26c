//! Pages of messages against a model: random logs with edits, retractions, gaps of other events and invisible messages.

use std::sync::Arc;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rialto_engine::domain::{
    Action, Audience, ClientId, ConversationId, Event, EventKind, Message, Seq,
};
use rialto_engine::store::{Page, Store, Write};

use crate::support::{
    at, conversation, conversation_id, event, in_memory, posted, user, verdict, write,
};

/// What the store should know: messages as they are now, in order.
struct Model {
    id: ConversationId,
    messages: Vec<Message>,
    last: Seq,
}

impl Model {
    /// Writes a random log and remembers what it adds up to. `hidden` is the share that only the sender sees.
    async fn write(store: &Store, rng: &mut StdRng, name: &str, length: Seq, hidden: f64) -> Self {
        let id = conversation_id(name);
        let mut writes = vec![Write::Conversation(conversation(&id))];
        let mut messages: Vec<Message> = Vec::new();
        for seq in 1..=length {
            let event = random_event(rng, &id, seq, hidden, &mut messages);
            messages.extend(event.posted_message());
            if let EventKind::MessageEdited { message, .. }
            | EventKind::MessageRetracted { message, .. } = event.kind
            {
                let changed = messages.iter().find(|known| known.seq == message);
                writes.extend(changed.cloned().map(Write::Message));
            }
            writes.push(Write::Event(event));
            if writes.len() > 400 || seq == length {
                write(store, &id, std::mem::take(&mut writes)).await.expect("committed");
            }
        }
        Self { id, messages, last: length }
    }

    /// What a page should hold, from first principles.
    fn page(&self, page: &Page, visible: impl Fn(&Message) -> bool) -> (Vec<Message>, bool) {
        let inside = |message: &&Message| {
            message.seq > page.after && message.seq < page.before && visible(message)
        };
        let mut all: Vec<Message> = self.messages.iter().filter(inside).cloned().collect();
        let has_more = all.len() > page.limit;
        if page.newest {
            all.drain(..all.len().saturating_sub(page.limit));
        } else {
            all.truncate(page.limit);
        }
        (all, has_more)
    }
}

fn random_event(
    rng: &mut StdRng,
    id: &ConversationId,
    seq: Seq,
    hidden: f64,
    messages: &mut [Message],
) -> Event {
    let index = (0..messages.len()).collect::<Vec<_>>();
    match (rng.random_range(0..10), index.choose(rng).copied()) {
        (0, Some(index)) => {
            let message = &mut messages[index];
            message.body = Arc::from(format!("edited at {seq}"));
            message.edited_at = Some(at(1_800_000_000_000));
            let (message, body) = (message.seq, Arc::clone(&message.body));
            event(id, seq, EventKind::MessageEdited { message, body, verdict: None })
        }
        (1, Some(index)) => {
            let message = &mut messages[index];
            message.body = Arc::from("");
            message.retracted_at = Some(at(1_800_000_000_001));
            let message = message.seq;
            event(id, seq, EventKind::MessageRetracted { message, withheld: false })
        }
        (2, _) => event(id, seq, EventKind::ConversationClosed),
        _ if rng.random_bool(hidden) => event(
            id,
            seq,
            EventKind::MessagePosted {
                client_id: ClientId::trusted(format!("client-{seq}")),
                body: Arc::from(format!("hidden {seq}")),
                verdict: Some(verdict(Action::Shadow)),
            },
        ),
        _ => posted(id, seq, &format!("message {seq}")),
    }
}

fn random_page(rng: &mut StdRng, last: Seq) -> Page {
    let after = if rng.random_bool(0.5) { 0 } else { rng.random_range(0..=last + 5) };
    let before = match rng.random_range(0..4) {
        0 => Seq::MAX,
        1 => rng.random_range(0..=last + 5),
        2 => last + rng.random_range(1_000..2_000_000),
        _ => after.saturating_add(rng.random_range(0..40)),
    };
    let limit = *[0, 1, 2, 5, 50, 100].choose(rng).expect("not empty");
    Page { after, before, limit, newest: rng.random() }
}

#[tokio::test]
async fn pages_are_what_the_model_says() {
    let store = in_memory().await;
    let bob = Audience::Participant(user("bob"));
    for (number, (length, hidden)) in
        [(1, 0.0), (15, 0.3), (60, 0.0), (300, 0.5), (700, 0.1)].into_iter().enumerate()
    {
        let seed: u64 = rand::random();
        let rng = &mut StdRng::seed_from_u64(seed);
        let model = Model::write(&store, rng, &number.to_string(), length, hidden).await;
        assert_eq!(store.last_seq(&model.id).await, Ok(model.last));
        for _ in 0..120 {
            let page = random_page(rng, length);
            let all = rng.random_bool(0.3);
            let visible = |message: &Message| all || message.view(&bob).is_some();
            let found = store.messages(&model.id, page.clone(), visible).await.expect("answers");
            let (messages, has_more) = model.page(&page, visible);
            assert_eq!(found.messages, messages, "seed {seed}, {page:?} of {length}, all: {all}");
            assert_eq!(found.has_more, has_more, "seed {seed}, {page:?} of {length}, all: {all}");
        }
        for message in &model.messages {
            let found = store.message(&model.id, message.seq).await;
            assert_eq!(found.as_ref(), Ok(&Some(message.clone())), "seed {seed}");
        }
    }
}

/// However many messages are invisible, one page looks at a bounded stretch, and walking on gets everything.
#[tokio::test]
async fn a_walk_past_thousands_of_invisible_messages_goes_on_where_it_stopped() {
    let store = in_memory().await;
    let rng = &mut StdRng::seed_from_u64(1);
    let model = Model::write(&store, rng, "shadow", 16_000, 1.0).await;
    let seen = |message: &Message| message.seq < 40 || message.seq > 15_960;
    for newest in [true, false] {
        let mut page = Page { after: 0, before: Seq::MAX, limit: 1_000, newest };
        let (mut found, mut steps) = (Vec::new(), 0);
        loop {
            let step = store.messages(&model.id, page.clone(), seen).await.expect("answers");
            steps += 1;
            found.extend(step.messages);
            if !step.has_more {
                break;
            }
            if newest {
                page.before = step.scanned_to;
            } else {
                page.after = step.scanned_to;
            }
        }
        assert!(steps > 1, "16,000 events are too many to look at for one page");
        found.sort_by_key(|message| message.seq);
        let all: Vec<Message> = model.messages.iter().filter(|m| seen(m)).cloned().collect();
        assert_eq!(found, all, "newest: {newest}");
    }
}
