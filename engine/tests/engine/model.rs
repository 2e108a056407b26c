//! A property: under any interleaving of sends, retries, lost connections and resumption, everyone sees one log.

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{EVENTS, Engine, all_messages, next_durable, next_event, send, start};

/// One step of a user's day. `who`: 0 is the buyer, 1 the seller.
#[derive(Debug, Clone)]
enum Step {
    Send { who: usize },
    Retry { who: usize, nth: usize },
    Disconnect { who: usize },
    Resume { who: usize, read: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..2_usize;
    prop_oneof![
        4 => who.clone().prop_map(|who| Step::Send { who }),
        2 => (who.clone(), 0..20_usize).prop_map(|(who, nth)| Step::Retry { who, nth }),
        1 => who.clone().prop_map(|who| Step::Disconnect { who }),
        2 => (who, 1..6_usize).prop_map(|(who, read)| Step::Resume { who, read }),
    ]
}

/// What the model knows: the log, and who sent what under which client id.
#[derive(Default)]
struct Model {
    log: Vec<(usize, String)>,
    sent: [Vec<String>; 2],
    seqs: HashMap<(usize, String), u64>,
}

async fn run(engine: &Engine, case: usize, steps: &[Step]) {
    let names = [format!("buyer-{case}"), "sam".to_owned()];
    let listing = "listing-0";
    let mut clients =
        [engine.client(&names[0], "user").await, engine.client(&names[1], "user").await];
    let id = start(&clients[0], listing, "first", "Hello").await;
    let mut model = Model::default();
    model.log.push((0, "first".to_owned()));
    let mut seen: [u64; 2] = [0, 0];
    for (n, step) in steps.iter().enumerate() {
        match *step {
            Step::Send { who } => {
                let client_id = format!("c{n}");
                let payload = send(&clients[who], &id, &client_id, "text").await.expect("sent");
                model.log.push((who, client_id.clone()));
                let seq = model.log.len() as u64;
                assert_eq!(payload["message"]["seq"], seq);
                model.sent[who].push(client_id.clone());
                model.seqs.insert((who, client_id), seq);
            }
            Step::Retry { who, nth } => {
                let Some(client_id) = model.sent[who].get(nth).cloned() else { continue };
                let payload = send(&clients[who], &id, &client_id, "again").await.expect("sent");
                assert_eq!(payload["message"]["seq"], model.seqs[&(who, client_id)]);
                assert_eq!(payload["message"]["body"], "text", "the first result");
            }
            Step::Disconnect { who } => {
                clients[who] = engine.client(&names[who], "user").await;
            }
            Step::Resume { who, read } => {
                let variables = json!({ "id": id, "after": seen[who] });
                let mut events = clients[who].subscribe(EVENTS, variables);
                assert_eq!(next_event(&mut events).await["__typename"], "ConversationSnapshot");
                for _ in 0..read.min(model.log.len() - usize::try_from(seen[who]).unwrap_or(0)) {
                    let event = next_durable(&mut events).await;
                    seen[who] += 1;
                    assert_eq!(event["seq"], seen[who], "no gap, no duplicate");
                    check(&event["message"], &model, &names, who);
                }
            }
        }
    }
    for (who, client) in clients.iter().enumerate() {
        let messages = all_messages(client, &id).await;
        assert_eq!(messages.len(), model.log.len());
        messages.iter().for_each(|message| check(message, &model, &names, who));
    }
}

/// A message as shown to `viewer` is the one the model has at its place.
fn check(message: &Value, model: &Model, names: &[String; 2], viewer: usize) {
    let seq = message["id"].as_str().and_then(|id| id.rsplit(':').next()?.parse::<usize>().ok());
    let (who, client_id) = &model.log[seq.expect("a message's id ends in its number") - 1];
    assert_eq!(message["sender"]["id"], json!(names[*who]));
    let shown = if *who == viewer { json!(client_id) } else { Value::Null };
    assert_eq!(message["clientId"], shown);
}

#[test]
fn any_interleaving_gives_one_log() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let engine = Engine::start();
    runtime.block_on(engine.seed(1));
    let case = std::cell::Cell::new(0);
    let config =
        ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in proptest::collection::vec(step(), 1..40))| {
        case.set(case.get() + 1);
        runtime.block_on(run(&engine, case.get(), &steps));
    });
}
