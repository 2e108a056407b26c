//! What an index promises, on every kind of index: the embedded one always, Meilisearch where there is a server.
//!
//! `MEILI_URL` (and `MEILI_KEY`) name a server to be used; without them a `meilisearch` program on the PATH is started.

mod hostile;
mod life;
mod outage;
mod scopes;
mod server;
mod stage;
mod words;
mod writes;

use std::sync::Arc;

use futures_util::FutureExt as _;
use rialto_search::embedded::{EmbeddedShelf, Options};
use tempfile::TempDir;

use self::stage::{Case, Open};

macro_rules! cases {
    ($($name:literal => $case:path,)*) => {
        &[$(($name, |stage| $case(stage).boxed()),)*]
    };
}

const CASES: &[Case] = cases! {
    "words" => words::answers,
    "names and titles" => words::names_and_titles,
    "highlights" => words::highlights,
    "order and pages" => words::order_and_pages,
    "best first" => words::best_first,
    "scopes" => scopes::scopes,
    "verdicts" => scopes::verdicts,
    "filters" => scopes::filters,
    "replacing" => writes::replacing,
    "erasing" => writes::erasing,
    "positions" => writes::positions,
    "about" => writes::about,
    "limits" => writes::limits,
    "many" => writes::many,
    "swap" => life::swap,
    "reopened" => life::reopened,
    "leftovers" => life::leftovers,
    "searching while swapping" => life::searching_while_swapping,
    "hostile ids" => hostile::ids,
    "hostile texts" => hostile::texts,
    "compared" => hostile::compared,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn embedded() {
    let directory = TempDir::new().expect("there is room for a directory");
    let root = directory.path().to_owned();
    let open: Open = Arc::new(move |name| {
        let shelf = EmbeddedShelf::open(&root.join(name), Options::default());
        Arc::new(shelf.expect("it can be opened"))
    });
    let failed = stage::run(CASES, &open).await;
    assert_eq!(failed, [""; 0], "cases that failed on the embedded index");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn meilisearch() {
    let Some(server) = server::any().await else {
        return;
    };
    let server = Arc::new(server);
    let open: Open = {
        let server = server.clone();
        Arc::new(move |name| server.shelf(name))
    };
    let failed = stage::run(CASES, &open).await;
    server.clean_up().await;
    assert_eq!(failed, [""; 0], "cases that failed on Meilisearch");
}
