//! The support desk's lists, live figures, and who of the staff sees what.

use std::time::Duration;

use rialto_client::ClientError;
use serde_json::{Value, json};

use crate::moderation::{NUMBER, engine};
use crate::support::{CONTACT, send, start};

const DESK: &str = "query($filter: SupportFilter, $after: String) { supportConversations(filter: $filter, \
    first: 2, after: $after) { nodes { id waitingSince participants { user { name } } } \
    pageInfo { hasNextPage endCursor } } }";
const STATS: &str = "liveStats { minutes { direct support verdicts { action count } } openConversations \
    unansweredConversations oldestUnansweredSince heldCount oldestHeldSince connectedUsers \
    filters { name mode health { live { inspected } } } coverage { active percent } }";

#[tokio::test]
async fn the_desk_sees_who_waits_and_the_figures_follow() {
    let (mut engine, _policy) = engine();
    engine.seed(1).await;
    let (ann, bob) = (engine.client("ann", "user").await, engine.client("bob", "user").await);
    let gil = engine.client("gil", "agent").await;
    let mut ids = Vec::new();
    for n in 0..3 {
        let variables = json!({ "clientId": n.to_string(), "body": format!("Question {n}") });
        let answer = ann.execute(CONTACT, variables).await.expect("contactSupport");
        let id = answer["contactSupport"]["conversation"]["id"].as_str().expect("an id");
        ids.push(id.to_owned());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let direct = start(&bob, "listing-0", "1", "Hello").await;
    send(&bob, &direct, "2", NUMBER).await.expect("held");
    send(&gil, &ids[0], "1", "An answer").await.expect("answered");

    let list = |filter: Value, after: Value| {
        let gil = &gil;
        async move {
            let answer = gil.execute(DESK, json!({ "filter": filter, "after": after })).await;
            let mut answer = answer.expect("a list");
            answer["supportConversations"].take()
        }
    };
    let of = |page: &Value| -> Vec<String> {
        let nodes = page["nodes"].as_array().expect("nodes").clone();
        nodes.iter().map(|node| node["id"].as_str().expect("an id").to_owned()).collect()
    };
    let first = list(Value::Null, Value::Null).await;
    assert_eq!(of(&first), [ids[0].clone(), ids[2].clone()], "newest activity first");
    assert_eq!(first["nodes"][0]["participants"][0]["user"]["name"], "ANN");
    let second = list(Value::Null, first["pageInfo"]["endCursor"].clone()).await;
    assert_eq!(of(&second), [ids[1].clone()]);
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let waiting = list(json!({ "unanswered": true }), Value::Null).await;
    assert_eq!(of(&waiting), [ids[1].clone(), ids[2].clone()], "who waits longest first");
    let close = "mutation($id: ID!) { closeConversation(input: {conversationId: $id}) { userErrors { code } } }";
    gil.execute(close, json!({ "id": ids[1] })).await.expect("closed");
    let waiting = list(json!({ "unanswered": true }), Value::Null).await;
    assert_eq!(of(&waiting), [ids[2].clone()], "nobody waits in a closed one");
    assert_eq!(of(&list(json!({ "state": "CLOSED" }), Value::Null).await), [ids[1].clone()]);
    assert_eq!(
        of(&list(json!({ "customerId": "ann", "state": "OPEN" }), Value::Null).await).len(),
        2
    );

    let figures = |stats: &Value| {
        let minutes = stats["minutes"].as_array().expect("minutes");
        assert_eq!(minutes.len(), 60);
        let sum = |field: &str| minutes.iter().filter_map(|it| it[field].as_u64()).sum::<u64>();
        (
            sum("direct"),
            sum("support"),
            stats["openConversations"].clone(),
            stats["unansweredConversations"].clone(),
            stats["heldCount"].clone(),
        )
    };
    let expected = (2, 4, json!(2), json!(1), json!(1));
    let max = engine.client("max", "admin").await;
    let mut live = max.subscribe(&format!("subscription {{ {STATS} }}"), json!({}));
    let mut stats = Value::Null;
    for _ in 0..10 {
        let next = live.next().await.expect("open").expect("no errors")["liveStats"].take();
        stats = next;
        if figures(&stats) == expected {
            break;
        }
    }
    assert_eq!(figures(&stats), expected, "{stats}");
    assert!(stats["oldestHeldSince"].is_string() && stats["oldestUnansweredSince"].is_string());
    assert!(stats["connectedUsers"].as_u64() >= Some(4), "{stats}");
    assert_eq!(stats["coverage"]["active"], 1);
    assert!(stats["filters"].as_array().is_some_and(|it| !it.is_empty()), "an admin sees filters");
    let seen = gil.execute(&format!("{{ {STATS} }}"), json!({})).await.expect("figures");
    assert!(seen["liveStats"]["filters"].is_null(), "an agent doesn't");

    drop((ann, bob, gil, max, live));
    assert_eq!(engine.terminate(), Some(0), "a clean stop");
    engine.kill_and_restart();
    let max = engine.client("max", "admin").await;
    let mut after = max.execute(&format!("{{ {STATS} }}"), json!({})).await.expect("figures");
    assert_eq!(figures(&after["liveStats"].take()), expected, "a restart empties nothing");
}

/// Role × what staff's screens ask: who may is listed, everybody else is FORBIDDEN.
#[tokio::test]
async fn each_role_sees_only_what_it_may() {
    let (engine, _policy) = engine();
    let roles = ["user", "agent", "senior", "moderator", "admin", "service"];
    let table = [
        ("{ team { id } }", "-asmd-"),
        ("{ staffInvitations { id } }", "----d-"),
        ("{ auditLog { nodes { action } } }", "----d-"),
        ("{ moderationQueue { totalCount } }", "---md-"),
        ("{ queueItem(messageId: \"message:c:1\") { id } }", "---md-"),
        ("{ supportConversations { nodes { id } } }", "-asmd-"),
        ("{ liveStats { heldCount } }", "-asmd-"),
        ("{ decisions { nodes { at } } }", "---md-"),
        ("{ filters { name } }", "---md-"),
        ("subscription { liveStats { heldCount } }", "-asmd-"),
        (
            "mutation { decide(input: {messageId: \"message:c:1\", decision: RELEASE}) { userErrors { code } } }",
            "---md-",
        ),
        (
            "mutation { undoDecision(input: {messageId: \"message:c:1\", decisionSeq: 1}) { userErrors { code } } }",
            "---md-",
        ),
        ("mutation { inviteStaff(input: {role: AGENT}) { userErrors { code } } }", "----d-"),
        ("mutation { revokeInvitation(input: {id: \"x\"}) { userErrors { code } } }", "----d-"),
        (
            "mutation { changeStaffRole(input: {id: \"staff:x\", role: AGENT}) { userErrors { code } } }",
            "----d-",
        ),
        (
            "mutation { setStaffActive(input: {id: \"staff:x\", active: true}) { userErrors { code } } }",
            "----d-",
        ),
    ];
    let mut clients = Vec::new();
    for role in roles {
        clients.push(engine.client(&format!("one-{role}"), role).await);
    }
    for (operation, expected) in table {
        let mut seen = String::new();
        for (client, letter) in clients.iter().zip("uasmdv".chars()) {
            let answer = client.subscribe(operation, json!({})).next().await.expect("an answer");
            seen.push(match answer {
                Ok(_) => letter,
                Err(ClientError::GraphQl(errors)) => {
                    assert_eq!(errors[0]["extensions"]["code"], "FORBIDDEN", "{operation}");
                    '-'
                }
                Err(error) => panic!("{operation}: {error}"),
            });
        }
        assert_eq!(seen, expected, "{operation}");
    }
}
