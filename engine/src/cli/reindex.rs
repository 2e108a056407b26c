//! `rialto reindex`: builds the search index anew, in a running engine or in the data directory of a stopped one.

use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Deserialize;
use serde_json::Value;

use super::client::{self, Client, ClientError, UserError, read};
use super::settings::{Settings, TOKEN_VARIABLE, URL_VARIABLE};
use super::{CliError, runtime};
use crate::config::Config;
use crate::domain::{Clock, Role};
use crate::outbox::Outbox;
use crate::search::{BuildProgress, OpenError, Search, SearchRooms};
use crate::store::{Store, StoreError};

/// Between two looks at a running engine.
const LOOK: Duration = Duration::from_millis(300);

const REBUILD: &str =
    "mutation { result: rebuildSearchIndex { userErrors { message field retryAfterSeconds } } }";
const PROGRESS: &str = "{ result: searchIndex { state problem messages \
    build { startedAt conversationsDone conversationsTotal messagesDone } } }";

/// Builds the search index anew from the store, beside the one in use, and puts it in its place
///
/// Nothing that is said meanwhile is missed. With --url a running engine does it and goes on answering searches; without,
/// the engine must be stopped.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Running engine that is to do it
    #[arg(long, value_name = "URL", env = URL_VARIABLE)]
    url: Option<String>,
    /// Token of an admin; without one it is minted with the data directory's secret
    #[arg(long, value_name = "JWT", env = TOKEN_VARIABLE, hide_env_values = true)]
    token: Option<String>,
}

/// Why the index was not built.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReindexError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0}: if an engine runs on this data directory, let it do it with --url")]
    InUse(StoreError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the index was not built: {0}")]
    Failed(String),
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, CliError> {
    let config = arguments.settings.load(Vec::new())?;
    super::logging::start(&config.log);
    let messages = runtime()?.block_on(async {
        match &arguments.url {
            Some(url) => remotely(&config, url, arguments.token.as_deref()).await,
            None => Ok(here(&config).await?),
        }
    })?;
    println!("The search index is built: {messages} messages.");
    Ok(ExitCode::SUCCESS)
}

async fn here(config: &Config) -> Result<u64, ReindexError> {
    let clock = Clock::system();
    let store = Store::open(&config.store, &config.server.data_dir, clock.clone()).await.map_err(
        |error| match error {
            StoreError::Unavailable(_) if config.store.address == "embedded" => {
                ReindexError::InUse(error)
            }
            error => ReindexError::Store(error),
        },
    )?;
    let outbox = Outbox::start(store.clone(), clock.clone());
    let shelf = Search::shelf(&config.search, &config.server.data_dir, &store)?;
    let search = Search::start(SearchRooms { store: store.clone(), outbox, shelf, clock });
    let bar = bar();
    let mut progress = search.watch_build();
    let shown = async {
        while progress.changed().await.is_ok() {
            let now = progress.borrow_and_update().clone();
            now.iter().for_each(|now| show(&bar, now));
        }
        std::future::pending::<()>().await;
    };
    let built = tokio::select! {
        built = search.rebuild() => built,
        () = shown => Ok(()),
    };
    bar.finish_and_clear();
    let messages = search.status().await.stats.map_or(0, |stats| stats.messages);
    if let Err(error) = store.close().await {
        tracing::warn!(%error, "the store was not closed cleanly");
    }
    built.map(|()| messages).map_err(ReindexError::Failed)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Look {
    state: String,
    problem: Option<String>,
    messages: Option<u64>,
    build: Option<BuildLook>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BuildLook {
    started_at: chrono::DateTime<chrono::Utc>,
    conversations_done: u64,
    conversations_total: u64,
    messages_done: u64,
}

async fn remotely(config: &Config, url: &str, token: Option<&str>) -> Result<u64, CliError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Payload {
        user_errors: Vec<UserError>,
    }
    let token = client::token(token, || Ok(config.clone()), "rialto-reindex", Role::Admin)?;
    let ask = async {
        let client = Client::open(url, &token)?;
        let payload: Payload = read(client.ask(REBUILD, Value::Null).await?)?;
        if !payload.user_errors.is_empty() {
            return Err(ReindexError::Failed(UserError::told(&payload.user_errors)));
        }
        let bar = bar();
        // Asked for is not begun: the build shows up a moment later, unless it was over by then.
        let mut begun = false;
        for waited in 0.. {
            tokio::time::sleep(LOOK).await;
            let look: Look = read(client.ask(PROGRESS, Value::Null).await?)?;
            match look {
                Look { build: Some(build), .. } => {
                    begun = true;
                    show(&bar, &build.into());
                }
                Look { state, messages, .. } if state == "READY" && (begun || waited > 10) => {
                    bar.finish_and_clear();
                    return Ok(messages.unwrap_or(0));
                }
                Look { problem: Some(problem), .. } => return Err(ReindexError::Failed(problem)),
                Look { .. } => {}
            }
        }
        Ok(0)
    };
    Ok(ask.await?)
}

impl From<BuildLook> for BuildProgress {
    fn from(look: BuildLook) -> Self {
        Self {
            started_at: look.started_at,
            conversations_done: look.conversations_done,
            conversations_total: look.conversations_total,
            messages_done: look.messages_done,
        }
    }
}

fn bar() -> ProgressBar {
    let style =
        "{bar:40.cyan/blue} {pos}/{len} conversations, {msg} · {elapsed} · about {eta} left";
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.set_message("0 messages");
    bar
}

fn show(bar: &ProgressBar, progress: &BuildProgress) {
    bar.set_length(progress.conversations_total.max(progress.conversations_done));
    bar.set_position(progress.conversations_done);
    bar.set_message(format!("{} messages", progress.messages_done));
}
