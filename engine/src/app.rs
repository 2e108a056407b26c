//! The only place that wires the rooms together: opens them in order, serves, and closes them in reverse.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::config::Config;
use crate::conversation::{ConversationError, ConversationRooms, Conversations};
use crate::demo::{self, DemoError};
use crate::domain::Clock;
use crate::fanout::Fanout;
use crate::filter::{FilterSet, Pipeline, Policy, PolicyError};
use crate::graphql;
use crate::http::{self, HttpState};
use crate::identity::{Identity, IdentityError, MintError};
use crate::inbox::Inbox;
use crate::plugin::{self, LoadError};
use crate::shutdown::Shutdown;
use crate::store::{Store, StoreError};

/// Why the engine did not start or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The store could not be opened or closed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A filter could not be loaded.
    #[error(transparent)]
    Filter(#[from] LoadError),
    /// The policy table is wrong.
    #[error("{file}: {source}")]
    Policy {
        /// Where it was read from.
        file: String,
        /// What is wrong.
        source: PolicyError,
    },
    /// Keys for tokens could not be read or made.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Conversations could not be started.
    #[error(transparent)]
    Conversations(#[from] ConversationError),
    /// The demo marketplace could not be made.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// Tokens for the demo could not be made.
    #[error(transparent)]
    Mint(#[from] MintError),
    /// A file or socket.
    #[error("{what}: {source}")]
    Io {
        /// Which.
        what: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The rooms a message passes through, opened.
#[derive(Debug, Clone)]
pub struct Rooms {
    /// Keeps the truth.
    pub store: Store,
    /// Judges texts.
    pub pipeline: Pipeline,
    /// Delivers.
    pub fanout: Fanout,
    /// One actor each.
    pub conversations: Conversations,
    /// Everybody's list.
    pub inbox: Inbox,
    /// Tells the time.
    pub clock: Clock,
}

impl Rooms {
    /// Opens the store, loads the filters and starts the rest.
    pub async fn open(config: &Config, clock: Clock) -> Result<Self, AppError> {
        let data_dir = &config.server.data_dir;
        let store = Store::open(&config.store, data_dir, clock.clone()).await?;
        let pipeline = pipeline(config, &store, clock.clone()).await?;
        let fanout = Fanout::new(config.conversations.subscriber_buffer);
        let conversations = Conversations::start(ConversationRooms {
            store: store.clone(),
            pipeline: pipeline.clone(),
            fanout: fanout.clone(),
            clock: clock.clone(),
            messages: config.messages.clone(),
            settings: config.conversations.clone(),
        })
        .await?;
        let inbox = Inbox::start(store.clone(), fanout.clone()).await?;
        Ok(Self { store, pipeline, fanout, conversations, inbox, clock })
    }

    /// Finishes what was accepted, then closes the store.
    pub async fn close(&self) -> Result<(), AppError> {
        self.conversations.stop().await;
        Ok(self.store.close().await?)
    }
}

/// Serves until `shutdown`: stops accepting, finishes what was accepted, says goodbye to sockets, closes the store.
pub async fn run(config: Config, demo: bool, shutdown: Shutdown) -> Result<(), AppError> {
    let clock = Clock::system();
    let identity = Identity::open(&config.identity, &config.server.data_dir)?;
    let rooms = Rooms::open(&config, clock.clone()).await?;
    let tokens = if demo {
        demo::fill(&rooms.store, &rooms.conversations, &clock).await?;
        demo::tokens(&identity, &clock)?
    } else {
        Vec::new()
    };
    let listener = TcpListener::bind(config.server.listen)
        .await
        .map_err(|error| io(&format!("server.listen {}", config.server.listen), error))?;
    let address = listener.local_addr().map_err(|error| io("the socket's address", error))?;
    if demo {
        let colour = std::io::stdout().is_terminal();
        println!("{}", demo::banner(&config, address, &tokens, colour));
    }
    tracing::info!("listening on http://{address}");
    let config = Arc::new(config);
    let api = graphql::Rooms {
        store: rooms.store.clone(),
        conversations: rooms.conversations.clone(),
        inbox: rooms.inbox.clone(),
        clock: clock.clone(),
    };
    let schema = graphql::build_schema(api, &config.limits, config.server.development);
    let state = HttpState::new(schema, identity, clock, config, shutdown.clone());
    http::serve(listener, state).await.map_err(|error| io("serving", error))?;
    rooms.close().await?;
    tracing::info!("stopped");
    Ok(())
}

async fn pipeline(config: &Config, store: &Store, clock: Clock) -> Result<Pipeline, AppError> {
    let (filters, data_dir) = (config.filters.clone(), config.server.data_dir.clone());
    let key = store.secret_key();
    // Compiling a component takes a core for a while.
    let loaded = tokio::task::spawn_blocking({
        let filters = filters.clone();
        move || plugin::load(&filters, &data_dir, key, &clock)
    })
    .await
    .map_err(|error| io("loading filters", std::io::Error::other(error)))??;
    let policy = policy(filters.policy_file.as_deref())?;
    let set = FilterSet::new(loaded.live(), filters.fail_mode, policy);
    Pipeline::start(&filters, set).map_err(|error| io("starting inspector threads", error))
}

fn policy(file: Option<&Path>) -> Result<Policy, AppError> {
    let Some(path) = file else {
        return Policy::parse(Policy::DEFAULT)
            .map_err(|source| AppError::Policy { file: "the default policy".to_owned(), source });
    };
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| io(&file, error))?;
    Policy::parse(&text).map_err(|source| AppError::Policy { file, source })
}

fn io(what: &str, source: std::io::Error) -> AppError {
    AppError::Io { what: what.to_owned(), source }
}
