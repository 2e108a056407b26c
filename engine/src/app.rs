//! The only place that wires the rooms together: opens them in order, serves, and closes them in reverse.

use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::backtest::Backtests;
use crate::config::Config;
use crate::conversation::{ConversationError, ConversationRooms, Conversations};
use crate::demo::{self, DemoError};
use crate::domain::Clock;
use crate::fanout::Fanout;
use crate::filter::{FilterSet, Pipeline, Policy, PolicyError};
use crate::graphql;
use crate::http::{self, Bounds, HttpState, Starting};
use crate::identity::{Identity, IdentityError, MintError};
use crate::inbox::Inbox;
use crate::insight::Insight;
use crate::outbox::{ConsumerError, Outbox};
use crate::plugin::{EngineError, Host};
use crate::release::{Releases, SeedError};
use crate::search::{OpenError, Search, SearchRooms};
use crate::shutdown::Shutdown;
use crate::staff::{Staff, StaffError};
use crate::store::{Store, StoreError};
use crate::telemetry::heartbeat::Heartbeat;
use crate::telemetry::{memory, trace};
use crate::trust::Moderation;

/// Longest wait for those who were told that the engine is starting.
const HANDOVER: Duration = Duration::from_secs(1);

/// Why the engine did not start or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The store could not be opened or closed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Filters can't run here.
    #[error(transparent)]
    Host(#[from] EngineError),
    /// A filter or the policy can't be used.
    #[error(transparent)]
    Filters(#[from] SeedError),
    /// The policy every engine begins with is wrong.
    #[error("the default policy: {0}")]
    Policy(#[from] PolicyError),
    /// Keys for tokens could not be read or made.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// Conversations could not be started.
    #[error(transparent)]
    Conversations(#[from] ConversationError),
    /// The demo marketplace could not be made.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// Accounts of staff could not be read or written.
    #[error(transparent)]
    Staff(#[from] StaffError),
    /// What follows the log could not begin.
    #[error(transparent)]
    Consumer(#[from] ConsumerError),
    /// The search index has no place.
    #[error(transparent)]
    Search(#[from] OpenError),
    /// Tokens for the demo could not be made.
    #[error(transparent)]
    Mint(#[from] MintError),
    /// Traces can't be sent.
    #[error(transparent)]
    Traces(#[from] trace::Unusable),
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
    /// Says which filters and policy do.
    pub releases: Releases,
    /// Tries drafts on the past.
    pub backtests: Backtests,
    /// Delivers.
    pub fanout: Fanout,
    /// One actor each.
    pub conversations: Conversations,
    /// Feeds what follows the log.
    pub outbox: Outbox,
    /// Everybody's list.
    pub inbox: Inbox,
    /// Held messages.
    pub moderation: Moderation,
    /// Live figures.
    pub insight: Insight,
    /// Accounts of staff.
    pub staff: Staff,
    /// Finds messages and conversations.
    pub search: Search,
    /// Tells the time.
    pub clock: Clock,
}

impl Rooms {
    /// Opens the store, loads the filters and starts the rest.
    pub async fn open(config: &Config, clock: Clock) -> Result<Self, AppError> {
        Self::open_telling(config, clock, &Starting::default()).await
    }

    /// The same, telling how far it is.
    async fn open_telling(
        config: &Config,
        clock: Clock,
        starting: &Starting,
    ) -> Result<Self, AppError> {
        let data_dir = &config.server.data_dir;
        let store = Store::open(&config.store, data_dir, clock.clone()).await?;
        starting.done();
        let host = Host::start(data_dir, config.filters.memory_mib.saturating_mul(1024 * 1024))?;
        // Nothing judges before the releases say what, and nothing is sent before that.
        let nothing =
            FilterSet::new(vec![], config.filters.fail_mode, Policy::parse(Policy::DEFAULT, 0)?);
        let pipeline = Pipeline::start(&config.filters, nothing)
            .map_err(|error| io("starting inspector threads", error))?;
        let filters = config.filters.clone();
        let releases =
            Releases::start(store.clone(), pipeline.clone(), host, filters, clock.clone()).await?;
        starting.done();
        let backtests =
            Backtests::start(store.clone(), pipeline.clone(), releases.clone(), clock.clone())
                .await?;
        let fanout = Fanout::new(config.conversations.subscriber_buffer);
        let moderation = Moderation::start(store.clone(), fanout.clone()).await?;
        let conversations = Conversations::start(ConversationRooms {
            store: store.clone(),
            pipeline: pipeline.clone(),
            fanout: fanout.clone(),
            clock: clock.clone(),
            messages: config.messages.clone(),
            settings: config.conversations.clone(),
        })
        .await?;
        let outbox = Outbox::start(store.clone(), clock.clone());
        let inbox = Inbox::start(store.clone(), fanout.clone(), &outbox).await?;
        let insight = Insight::start(
            store.clone(),
            fanout.clone(),
            inbox.clone(),
            moderation.clone(),
            clock.clone(),
        )
        .await?;
        let staff = Staff::new(store.clone(), config.staff.clone(), clock.clone());
        let shelf = Search::shelf(&config.search, data_dir, &store)?;
        let search = Search::start(SearchRooms {
            store: store.clone(),
            outbox: outbox.clone(),
            shelf,
            clock: clock.clone(),
        });
        let (keeper, days) = (store.clone(), config.filters.decision_days);
        tokio::spawn({
            let clock = clock.clone();
            async move { keeper.keep_decisions(days, clock).await }
        });
        Ok(Self {
            store,
            pipeline,
            releases,
            backtests,
            fanout,
            conversations,
            outbox,
            inbox,
            moderation,
            insight,
            staff,
            search,
            clock,
        })
    }

    /// Finishes what was accepted, then closes the store.
    pub async fn close(&self) -> Result<(), AppError> {
        self.backtests.stop().await;
        self.conversations.stop().await;
        self.insight.keep().await;
        self.store.close().await?;
        self.releases.stop().await;
        Ok(())
    }
}

/// Serves until `shutdown`: stops accepting, finishes what was accepted, says goodbye to sockets, closes the store.
pub async fn run(config: Config, demo: bool, shutdown: Shutdown) -> Result<(), AppError> {
    let clock = Clock::system();
    let identity = Identity::open(&config.identity, &config.server.data_dir)?;
    let heartbeat = Heartbeat::start();
    memory::watch((config.limits.memory_mib as u64).saturating_mul(1024 * 1024));
    let traces = match &config.tracing.otlp_endpoint {
        Some(endpoint) => {
            let now = clock.now().timestamp_millis();
            Some(trace::start(endpoint, config.tracing.sample_ratio, now)?)
        }
        None => None,
    };
    let (listener, meanwhile) = bind(&config)?;
    let address = listener.local_addr().map_err(|error| io("the socket's address", error))?;
    let (starting, started) = (Starting::default(), Arc::new(Notify::new()));
    let over = Arc::clone(&started);
    let bounds = Bounds::of(&config.limits);
    let lobby = starting.clone().serve(meanwhile, bounds, heartbeat.clone(), async move {
        over.notified().await;
    });
    let lobby = tokio::spawn(lobby);
    let rooms = Rooms::open_telling(&config, clock.clone(), &starting).await?;
    let tokens = if demo {
        demo::fill(&rooms.store, &rooms.conversations, &clock).await?;
        demo::tokens(&identity, &clock)?
    } else {
        Vec::new()
    };
    if demo {
        let colour = std::io::stdout().is_terminal();
        println!("{}", demo::banner(&config, address, &tokens, colour));
    }
    // Whoever connects from here on waits for the engine itself.
    started.notify_one();
    let _ = tokio::time::timeout(HANDOVER, lobby).await;
    tracing::info!("listening on http://{address}");
    rooms.staff.trim().await?;
    if let Some((secret, until)) = rooms.staff.first_admin_link().await? {
        println!("First admin: http://{address}/admin/join#{secret}");
        println!("             (for one account, until {})", until.format("%F %R UTC"));
    }
    let config = Arc::new(config);
    let api = graphql::Rooms {
        store: rooms.store.clone(),
        conversations: rooms.conversations.clone(),
        outbox: rooms.outbox.clone(),
        inbox: rooms.inbox.clone(),
        search: rooms.search.clone(),
        releases: rooms.releases.clone(),
        backtests: rooms.backtests.clone(),
        moderation: rooms.moderation.clone(),
        insight: rooms.insight.clone(),
        staff: rooms.staff.clone(),
        clock: clock.clone(),
    };
    let schema = graphql::build_schema(&api, &config.limits, config.server.development);
    let desk = (rooms.staff.clone(), rooms.insight.presence().clone());
    let state = HttpState::new(schema, identity, desk, clock, config, (shutdown, heartbeat));
    http::serve(listener, bounds, state).await;
    rooms.close().await?;
    if let Some(traces) = traces {
        traces.finish().await;
    }
    tracing::info!("stopped");
    Ok(())
}

/// The socket, twice: once for whoever asks before the engine is ready. Bound first, so that a wrong address is told before
/// anything is opened.
fn bind(config: &Config) -> Result<(TcpListener, TcpListener), AppError> {
    let at = config.server.listen;
    let bound = std::net::TcpListener::bind(at).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok((TcpListener::from_std(listener.try_clone()?)?, TcpListener::from_std(listener)?))
    });
    bound.map_err(|error| io(&format!("server.listen {at}"), error))
}

fn io(what: &str, source: std::io::Error) -> AppError {
    AppError::Io { what: what.to_owned(), source }
}
