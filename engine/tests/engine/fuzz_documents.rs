//! Documents nobody wrote: whatever they look like, they are answered soon and without a panic, and what is over a limit is never
//! executed. `PROPTEST_CASES=20000` tries more of them.

use std::cell::Cell;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, TestCaseError, TestRunner};
use rialto_engine::app::Rooms;
use rialto_engine::config::{Config, Limits};
use rialto_engine::domain::{Clock, Role, UserId, Viewer};
use rialto_engine::graphql::{self, Caller, Executor, Params};
use serde_json::{Value, json};

/// Longer than any of these may take on a busy machine.
const SOON: Duration = Duration::from_secs(5);
const REFUSALS: [&str; 7] = [
    "TOO_DEEP",
    "TOO_COMPLEX",
    "TOO_MANY_ALIASES",
    "TOO_MANY_DIRECTIVES",
    "DOCUMENT_TOO_LARGE",
    "GRAPHQL_VALIDATION_FAILED",
    "GRAPHQL_PARSE_FAILED",
];

/// A selection of the schema's own fields, so that it gets as far as it may.
#[derive(Debug, Clone)]
enum Piece {
    Leaf {
        alias: bool,
        skipped: bool,
    },
    /// The way from a viewer to its conversations, from a conversation to its messages, from a message to its conversation.
    Into {
        alias: bool,
        first: u16,
        inside: Vec<Piece>,
    },
    /// Wrapped in an inline fragment.
    Inline(Vec<Piece>),
    /// Put into a named fragment, which is spread this often.
    Spread {
        times: u8,
        inside: Vec<Piece>,
    },
}

fn piece() -> impl Strategy<Value = Piece> {
    let leaf = (prop::bool::weighted(0.2), prop::bool::weighted(0.1))
        .prop_map(|(alias, skipped)| Piece::Leaf { alias, skipped });
    leaf.prop_recursive(24, 120, 4, |inner| {
        let inside = || prop::collection::vec(inner.clone(), 1..5);
        prop_oneof![
            6 => (prop::bool::weighted(0.2), 0..120_u16, inside())
                .prop_map(|(alias, first, inside)| Piece::Into { alias, first, inside }),
            1 => inside().prop_map(Piece::Inline),
            1 => (1..6_u8, inside()).prop_map(|(times, inside)| Piece::Spread { times, inside }),
        ]
    })
}

/// Which type of the schema is selected from; each leads to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Viewer,
    Conversation,
    Message,
}

/// The text of a document, and what it amounts to with its fragments spread out.
#[derive(Debug, Default)]
struct Written {
    fragments: String,
    named: usize,
    aliases: usize,
    fields: usize,
    depth: usize,
}

impl Written {
    fn selection(
        &mut self,
        out: &mut String,
        at: At,
        pieces: &[Piece],
        depth: usize,
        times: usize,
    ) {
        out.push_str("{ ");
        for piece in pieces {
            self.one(out, at, piece, depth, times);
        }
        out.push_str("} ");
    }

    fn one(&mut self, out: &mut String, at: At, piece: &Piece, depth: usize, times: usize) {
        let name = match at {
            At::Viewer => "Viewer",
            At::Conversation => "Conversation",
            At::Message => "Message",
        };
        match piece {
            Piece::Leaf { alias, skipped } => {
                self.alias(out, *alias, times);
                self.field(depth, times);
                out.push_str("id ");
                if *skipped {
                    out.push_str("@skip(if: true) ");
                }
            }
            Piece::Into { alias, first, inside } => {
                self.alias(out, *alias, times);
                self.field(depth, times);
                let next = match at {
                    At::Viewer => {
                        let _ = write!(out, "conversations(first: {first}) {{ nodes ");
                        At::Conversation
                    }
                    At::Conversation => {
                        let _ = write!(out, "messages(first: {first}) {{ nodes ");
                        At::Message
                    }
                    At::Message => {
                        out.push_str("conversation ");
                        self.selection(out, At::Conversation, inside, depth + 1, times);
                        return;
                    }
                };
                self.field(depth + 1, times);
                self.selection(out, next, inside, depth + 2, times);
                out.push_str("} ");
            }
            Piece::Inline(inside) => {
                let _ = write!(out, "... on {name} ");
                self.selection(out, at, inside, depth, times);
            }
            Piece::Spread { times: more, inside } => {
                self.named += 1;
                let fragment = format!("F{}", self.named);
                for _ in 0..*more {
                    let _ = write!(out, "...{fragment} ");
                }
                let mut text = format!("fragment {fragment} on {name} ");
                let all = times.saturating_mul(usize::from(*more));
                self.selection(&mut text, at, inside, depth, all);
                self.fragments.push_str(&text);
            }
        }
    }

    fn alias(&mut self, out: &mut String, alias: bool, times: usize) {
        if alias {
            self.aliases = self.aliases.saturating_add(times);
            let _ = write!(out, "a{}: ", self.aliases);
        }
    }

    fn field(&mut self, depth: usize, times: usize) {
        self.fields = self.fields.saturating_add(times);
        self.depth = self.depth.max(depth);
    }
}

/// An executor over an empty store, with a viewer.
async fn executor(limits: &Limits) -> (Executor, Caller) {
    let mut config = Config::default();
    config.store.address = "memory".into();
    config.filters.bundled = false;
    let dir = tempfile::TempDir::new().expect("a directory");
    config.server.data_dir = dir.path().to_owned();
    let clock = Clock::system();
    let rooms = Rooms::open(&config, clock.clone()).await.expect("rooms");
    let api = graphql::Rooms {
        store: rooms.store,
        conversations: rooms.conversations,
        outbox: rooms.outbox,
        inbox: rooms.inbox,
        search: rooms.search,
        releases: rooms.releases,
        backtests: rooms.backtests,
        moderation: rooms.moderation,
        insight: rooms.insight,
        staff: rooms.staff,
        clock: clock.clone(),
    };
    let schema = graphql::build_schema(&api, limits, true);
    let expires_at = clock.now() + chrono::TimeDelta::hours(1);
    let viewer = Viewer { id: UserId::trusted("ann"), role: Role::User, name: None, expires_at };
    (Executor::new(schema, limits, true), Caller(Some(Arc::new(viewer))))
}

/// The answer to a document, in time and without a fault of the engine.
async fn answer(executor: &Executor, caller: &Caller, query: &str) -> Result<Value, TestCaseError> {
    let began = Instant::now();
    let params = Params { query: Some(query.to_owned()), ..Params::default() };
    let answer = match executor.prepare(params, caller.clone()) {
        Ok(prepared) => executor.execute(prepared).await,
        Err(answer) => answer,
    };
    let answer = serde_json::to_value(&answer).expect("JSON");
    prop_assert!(began.elapsed() < SOON, "it took {:?}: {query}", began.elapsed());
    for error in answer["errors"].as_array().into_iter().flatten() {
        let code = &error["extensions"]["code"];
        prop_assert!(code.is_string() && *code != "INTERNAL", "{error} for {query}");
    }
    Ok(answer)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().expect("a runtime")
}

fn runner() -> TestRunner {
    // Failures print what failed; files beside the tests would only be in the way.
    TestRunner::new(Runs { failure_persistence: None, ..Runs::default() })
}

#[test]
fn what_is_over_a_limit_is_never_executed() {
    let limits = Limits { depth: 12, complexity: 400, aliases: 8, ..Limits::default() };
    let runtime = runtime();
    let (executor, caller) = runtime.block_on(executor(&limits));
    let (executed, refused) = (Cell::new(0), Cell::new(0));
    let documents = prop::collection::vec(piece(), 1..4);
    let ran = runner().run(&documents, |pieces| {
        let mut written = Written::default();
        let mut text = "{ viewer ".to_owned();
        // The viewer is the first level.
        written.field(1, 1);
        written.selection(&mut text, At::Viewer, &pieces, 2, 1);
        text.push_str("} ");
        text.push_str(&written.fragments);
        let over = written.depth > limits.depth
            || written.fields > limits.complexity
            || written.aliases > limits.aliases;
        let answer = runtime.block_on(answer(&executor, &caller, &text))?;
        let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
        if over {
            prop_assert!(answer["data"].is_null(), "executed, with {written:?}: {text}");
            prop_assert!(REFUSALS.contains(&code), "{answer} for {text}");
        }
        let count = if answer["data"].is_null() { &refused } else { &executed };
        count.set(count.get() + 1);
        Ok(())
    });
    ran.unwrap_or_else(|failure| panic!("{failure}"));
    let (executed, refused) = (executed.get(), refused.get());
    assert!(executed > 0 && refused > 0, "{executed} executed, {refused} refused");
}

#[test]
fn whatever_is_written_is_answered() {
    let runtime = runtime();
    let (executor, caller) = runtime.block_on(executor(&Limits::default()));
    let tokens = "(query|mutation|subscription|fragment|on|\\{|\\}|\\(|\\)|\\[|\\]|\\.\\.\\.|@skip|@include|if:|\\$[a-c]|:|!|=|viewer|id|nodes|conversations|first|\
        sendMessage|__schema|__typename|types|name|true|null|-?[0-9]{1,12}|[0-9]\\.[0-9]e[0-9]{1,4}|\"[^\"]{0,6}\"|\"\"\"[^\"]{0,6}\"\"\"|#[^\\n]{0,4}\\n|,|é|\\PC| ){0,60}";
    let ran =
        runner().run(&tokens, |text| runtime.block_on(answer(&executor, &caller, &text)).map(drop));
    ran.unwrap_or_else(|failure| panic!("{failure}"));
    // One that is good, damaged anywhere.
    let good = "query Q($n: Int = 5, $b: Boolean = true) { viewer { id ...F @include(if: $b) } a: __typename } \
        fragment F on Viewer { conversations(first: $n) { nodes { id lastSeq } pageInfo { endCursor } } }";
    let damage = (0..good.len(), 0..6_usize, "\\PC{0,3}");
    let ran = runner().run(&damage, |(at, cut, put)| {
        let end = (at + cut).min(good.len());
        let text = format!("{}{put}{}", &good[..at], &good[end..]);
        runtime.block_on(answer(&executor, &caller, &text)).map(drop)
    });
    ran.unwrap_or_else(|failure| panic!("{failure}"));
    let whole = runtime.block_on(answer(&executor, &caller, good)).expect("answered");
    assert_eq!(whole["data"]["viewer"]["conversations"]["nodes"], json!([]), "{whole}");
    let lacking = good.replace(" = true", "!");
    let told = runtime.block_on(answer(&executor, &caller, &lacking)).expect("answered");
    assert_eq!(told["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{told}");
    assert!(told["data"].is_null(), "a variable is missing: {told}");
}
