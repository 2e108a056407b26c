//! A disk that is slow, hangs, or is full while commits are under way: what was acknowledged stays, and whoever has to wait is told.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use rialto_client::{Client, ClientError};
use serde_json::{Value, json};

use crate::healthy::{SmallDisk, ask, fill, until};
use crate::raw::figure;
use crate::shims::Dial;
use crate::support::{Engine, all_messages, send, start};

const CONVERSATIONS: usize = 16;

/// How a send ended that was not acknowledged.
#[derive(Debug, PartialEq, Eq)]
enum Refused {
    Busy,
    Failed,
}

/// Sends once: the message's number, or why there is none.
async fn once(client: &Client, id: &str, client_id: &str) -> Result<u64, Refused> {
    match send(client, id, client_id, &format!("{client_id} {}", "x".repeat(2_000))).await {
        Ok(payload) if payload["userErrors"] == json!([]) => {
            Ok(payload["message"]["seq"].as_u64().expect("a number"))
        }
        Ok(payload) => {
            assert_eq!(payload["userErrors"][0]["code"], "BUSY", "{payload}");
            assert!(payload["userErrors"][0]["retryAfterSeconds"].is_number(), "{payload}");
            Err(Refused::Busy)
        }
        Err(ClientError::GraphQl(errors)) => match errors[0]["extensions"]["code"].as_str() {
            Some("BUSY") => {
                assert!(errors[0]["extensions"]["retryAfterSeconds"].is_number(), "{errors}");
                Err(Refused::Busy)
            }
            Some("UNAVAILABLE" | "TIMEOUT") => Err(Refused::Failed),
            _ => panic!("no code for this: {errors}"),
        },
        Err(other) => panic!("an answer was expected: {other}"),
    }
}

/// Numbers without a gap; each acknowledged one is there, with its own text, and nothing is there twice.
async fn check(engine: &Engine, id: &str, acknowledged: &BTreeMap<String, u64>) {
    let sam = engine.client("sam", "user").await;
    let messages = all_messages(&sam, id).await;
    let seqs: Vec<u64> = messages.iter().filter_map(|it| it["seq"].as_u64()).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "no gap, nothing doubled");
    let word = |message: &Value| {
        let body = message["body"].as_str().unwrap_or_default();
        body.split(' ').next().unwrap_or_default().to_owned()
    };
    let by_seq: BTreeMap<u64, String> =
        seqs.iter().copied().zip(messages.iter().map(word)).collect();
    for (client_id, seq) in acknowledged {
        assert_eq!(by_seq.get(seq), Some(client_id), "acknowledged as {seq}");
    }
    let mut words: Vec<&String> = by_seq.values().collect();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), by_seq.len(), "one text is there twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_slow_disk_what_is_acknowledged_is_there_and_the_rest_is_told_to_wait() {
    let dir = tempfile::TempDir::new().expect("a directory");
    let disk = Dial::of_slow_disk(dir.path());
    let bounds = [("RIALTO_CONVERSATIONS__INTAKE", "64"), ("RIALTO_CONVERSATIONS__MAILBOX", "4")];
    let mut engine = Engine::with(&[disk.settings(), bounds].concat());
    engine.seed(CONVERSATIONS).await;
    let mut ann = engine.client("ann", "user").await;
    let mut ids = Vec::new();
    for n in 0..CONVERSATIONS {
        ids.push(start(&ann, &format!("listing-{n}"), "first", "Hello").await);
    }
    let before = figure(&engine, "process_resident_memory_bytes", "").await;
    disk.set(300_000);
    let (mut acknowledged, mut busy) = (vec![BTreeMap::new(); CONVERSATIONS], 0);
    for round in 0..4 {
        // More at once than may be under way.
        let names: Vec<String> = (0..120).map(|n| format!("r{round}n{n}")).collect();
        let began = Instant::now();
        let sends = names.iter().enumerate();
        let sends = sends.map(|(n, client_id)| once(&ann, &ids[n % CONVERSATIONS], client_id));
        let ends = futures_util::future::join_all(sends).await;
        for (n, (client_id, end)) in names.iter().zip(ends).enumerate() {
            match end {
                Ok(seq) => {
                    acknowledged[n % CONVERSATIONS].insert(client_id.clone(), seq);
                }
                Err(Refused::Busy) => busy += 1,
                Err(Refused::Failed) => panic!("a slow disk is no failure"),
            }
        }
        // Filters, two or three groups, and a machine that does other things.
        assert!(began.elapsed() < Duration::from_secs(8), "they waited {:?}", began.elapsed());
    }
    let sent: usize = acknowledged.iter().map(BTreeMap::len).sum();
    assert!(busy >= 100 && sent >= 100, "{busy} busy, {sent} sent");
    let slow = figure(&engine, "rialto_store_commit_seconds_sum", "").await;
    assert!(slow >= 1.0, "the disk was slow: {slow} s");
    let grown = figure(&engine, "process_resident_memory_bytes", "").await - before;
    assert!(grown < 100e6, "memory grew by {grown}");
    for (id, acknowledged) in ids.iter().zip(&acknowledged) {
        check(&engine, id, acknowledged).await;
    }

    // It hangs: longer than commits may be stuck before that is told.
    disk.set(60_000_000);
    let stuck = {
        let client = engine.client("ann", "user").await;
        let id = ids[0].clone();
        tokio::spawn(async move { once(&client, &id, "stuck").await })
    };
    let told = until(&engine.url, "/health/ready", |status, _| status == 503).await;
    assert_eq!(told["checks"]["commits"]["ok"], false, "{told}");
    let (live, body) = ask(&engine.url, "/health/live").await.expect("an answer");
    assert_eq!(live, 200, "nothing a restart would mend: {body}");
    let query = "query($id: ID!) { conversation(id: $id) { lastSeq } }";
    assert!(ann.execute(query, json!({ "id": ids[0] })).await.is_ok(), "who reads is served");
    disk.set(0);
    until(&engine.url, "/health/ready", |status, _| status == 200).await;
    let seq = stuck.await.expect("no panic").expect("acknowledged when the disk was well again");
    acknowledged[0].insert("stuck".to_owned(), seq);
    engine.kill_and_restart();
    ann = engine.client("ann", "user").await;
    once(&ann, &ids[0], "after").await.expect("all is well");
    for (id, acknowledged) in ids.iter().zip(&acknowledged) {
        check(&engine, id, acknowledged).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_again_and_again_loses_and_doubles_nothing() {
    let Some(disk) = SmallDisk::mount(256) else {
        eprintln!("skipped: mounting a file system is not allowed here");
        return;
    };
    let filler = disk.0.join("filler");
    let mut engine = Engine::at(
        &disk.0.join("data"),
        &[("RIALTO_STORE__MEMTABLE_MIB", "1"), ("RIALTO_LIMITS__OPERATIONS_PER_SOCKET", "1000")],
    );
    engine.seed(1).await;
    let ann = engine.client("ann", "user").await;
    let id = start(&ann, "listing-0", "first", "Hello").await;
    let (mut acknowledged, mut waiting) = (BTreeMap::new(), Vec::new());
    let mut failed = 0;
    for round in 0..3 {
        let fresh: Vec<String> = (0..150).map(|n| format!("r{round}n{n}")).collect();
        // What had no answer but an error is sent again, under the same client id.
        waiting.extend(fresh);
        for full in [false, true, false] {
            if full {
                fill(&filler);
            } else {
                let _ = fs::remove_file(&filler);
                until(&engine.url, "/health/ready", |status, _| status == 200).await;
            }
            let (now, later) =
                waiting.split_at(if full || waiting.len() < 50 { waiting.len() } else { 50 });
            let sends = now.iter().map(|client_id| once(&ann, &id, client_id));
            let ends = futures_util::future::join_all(sends).await;
            let mut again = Vec::new();
            for (client_id, end) in now.iter().zip(ends) {
                match end {
                    Ok(seq) => drop(acknowledged.insert(client_id.clone(), seq)),
                    Err(why) => {
                        failed += usize::from(why == Refused::Failed);
                        again.push(client_id.clone());
                    }
                }
            }
            again.extend_from_slice(later);
            waiting = again;
        }
    }
    assert!(failed > 0, "nothing failed on a full disk");
    let _ = fs::remove_file(&filler);
    until(&engine.url, "/health/ready", |status, _| status == 200).await;
    for client_id in waiting {
        let seq = once(&ann, &id, &client_id).await.expect("there is room");
        acknowledged.insert(client_id, seq);
    }
    assert_eq!(acknowledged.len(), 450, "each in the end");
    engine.kill_and_restart();
    check(&engine, &id, &acknowledged).await;
}
