//! The wasmtime engine of the process: compile-once cache, pooled memory, and the thread that drives deadlines.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use wasmtime::{
    Cache, CacheConfig, Config, Engine, EngineWeak, InstanceAllocationStrategy,
    PoolingAllocationConfig,
};

use super::admission::Known;
use super::compiler::Compiler;
use super::room::Room;

/// Why the host can't start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The directory for compiled filters can't be used.
    #[error("compiled filters can't be kept in {directory}: {problem}; check that it is writable")]
    Cache {
        /// Which directory.
        directory: PathBuf,
        /// What was wrong.
        problem: String,
    },
    /// wasmtime refused its settings.
    #[error("the WebAssembly engine can't start: {0}")]
    Engine(String),
    /// The thread that ends overdue filters, or the compiler's, can't be started.
    #[error("the threads that end overdue filters and compile new ones can't be started: {0}")]
    Thread(#[from] io::Error),
}

/// Runs every filter of the process. Cheap to clone.
#[derive(Clone)]
pub struct Host {
    engine: Engine,
    ticker: Arc<Ticker>,
    cache: Cache,
    memory_bytes: usize,
    compiler: Arc<Compiler>,
    known: Arc<Known>,
    room: Arc<Room>,
}

pub use super::room::HostUsage;

/// The guest's own stack; host calls come on top of it.
const STACK_BYTES: usize = 512 * 1024;
/// Instances alive at once: running ones are no more than inspector threads, the others wait for their next message.
pub(super) const MAX_INSTANCES: u32 = 256;
/// Core modules of all instances together.
const MAX_CORE_INSTANCES: u32 = MAX_INSTANCES * MODULES_PER_COMPONENT;
/// Core modules in one component: a Python filter has 38.
const MODULES_PER_COMPONENT: u32 = 64;

impl Host {
    /// Starts the engine; compiled filters are kept in `<data_dir>/cache`, an instance gets so many bytes of memory.
    pub fn start(data_dir: &Path, memory_bytes: usize) -> Result<Self, EngineError> {
        let directory = data_dir.join("cache");
        let cache = |problem: String| EngineError::Cache { directory: directory.clone(), problem };
        std::fs::create_dir_all(&directory).map_err(|error| cache(error.to_string()))?;
        let absolute = directory.canonicalize().map_err(|error| cache(error.to_string()))?;
        let mut config = CacheConfig::new();
        config.with_directory(absolute);
        let compiled = Cache::new(config).map_err(|error| cache(format!("{error:#}")))?;

        let pooled = Engine::new(&settings(&compiled, Some(memory_bytes)));
        let engine = pooled.or_else(|error| {
            tracing::warn!(%error, "filters run without pooled memory, which is slower; this machine gives too little address space");
            Engine::new(&settings(&compiled, None))
        });
        let engine = engine.map_err(|error| EngineError::Engine(format!("{error:#}")))?;
        let ticker = Ticker::start(engine.weak())?;
        Ok(Self {
            engine,
            ticker,
            cache: compiled,
            memory_bytes,
            compiler: Arc::new(Compiler::start()?),
            known: Arc::default(),
            room: Arc::default(),
        })
    }

    /// Instances alive and the linear memory of the idle ones among them.
    pub fn usage(&self) -> HostUsage {
        self.room.usage()
    }

    /// How many components were found compiled, and how many had to be compiled.
    pub fn cache_use(&self) -> (usize, usize) {
        (self.cache.cache_hits(), self.cache.cache_misses())
    }

    /// The engine itself.
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// What compiles components.
    pub(super) fn compiler(&self) -> &Compiler {
        &self.compiler
    }

    /// Components admitted before.
    pub(super) fn known(&self) -> &Known {
        &self.known
    }

    /// Where instances live.
    pub(super) fn room(&self) -> &Arc<Room> {
        &self.room
    }

    /// Linear memory of one instance, bytes.
    pub(super) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// Keeps the epoch going while a guest runs: hold the guard during every call and instantiation.
    pub(super) fn running(&self) -> Running<'_> {
        self.ticker.active.fetch_add(1, Ordering::SeqCst);
        if self.ticker.parked.load(Ordering::SeqCst) {
            self.ticker.thread.unpark();
        }
        Running(&self.ticker)
    }
}

fn settings(cache: &Cache, pooled_memory: Option<usize>) -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .epoch_interruption(true)
        .max_wasm_stack(STACK_BYTES)
        .cache(Some(cache.clone()));
    if let Some(bytes) = pooled_memory {
        let mut pool = PoolingAllocationConfig::new();
        pool.max_memory_size(bytes)
            .total_component_instances(MAX_INSTANCES)
            .total_core_instances(MAX_CORE_INSTANCES)
            .total_memories(MAX_INSTANCES)
            .total_tables(MAX_INSTANCES * 4)
            .table_elements(20_000)
            .max_core_instances_per_component(MODULES_PER_COMPONENT)
            .max_memories_per_component(4)
            .max_tables_per_component(16)
            .max_tables_per_module(8)
            .max_core_instance_size(4 * 1024 * 1024)
            .max_component_instance_size(4 * 1024 * 1024);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    config
}

/// Advances the epoch every millisecond while guests run, and rests while none does.
struct Ticker {
    active: AtomicUsize,
    parked: AtomicBool,
    thread: Thread,
}

const TICK: Duration = Duration::from_millis(1);
/// Ticks without a running guest before the thread rests.
const IDLE_TICKS: u32 = 50;

impl Ticker {
    fn start(engine: EngineWeak) -> io::Result<Arc<Self>> {
        let (send, receive) = std::sync::mpsc::sync_channel::<Arc<Self>>(1);
        let join = thread::Builder::new().name("rialto-epoch".into()).spawn(move || {
            if let Ok(ticker) = receive.recv() {
                let weak = Arc::downgrade(&ticker);
                drop(ticker);
                tick(&engine, &weak);
            }
        })?;
        let ticker = Arc::new(Self {
            active: AtomicUsize::new(0),
            parked: AtomicBool::new(false),
            thread: join.thread().clone(),
        });
        // The receiver waits in the thread above.
        let _ = send.send(Arc::clone(&ticker));
        Ok(ticker)
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.thread.unpark();
    }
}

#[expect(clippy::disallowed_methods, reason = "a thread of its own, which only sleeps and ticks")]
fn tick(engine: &EngineWeak, ticker: &std::sync::Weak<Ticker>) {
    let mut idle = 0;
    let mut last = Instant::now();
    loop {
        thread::sleep(TICK);
        let (Some(engine), Some(ticker)) = (engine.upgrade(), ticker.upgrade()) else { return };
        // Late ticks are made up for; a guest asked too early looks at its own clock and goes on.
        for _ in 0..last.elapsed().as_millis().clamp(1, 100) {
            engine.increment_epoch();
        }
        last = Instant::now();
        idle = if ticker.active.load(Ordering::SeqCst) == 0 { idle + 1 } else { 0 };
        if idle < IDLE_TICKS {
            continue;
        }
        idle = 0;
        ticker.parked.store(true, Ordering::SeqCst);
        if ticker.active.load(Ordering::SeqCst) == 0 {
            drop(engine);
            // The wait is bounded, so that the thread notices when the host is gone.
            let weak = Arc::downgrade(&ticker);
            drop(ticker);
            thread::park_timeout(Duration::from_secs(1));
            let Some(ticker) = weak.upgrade() else { return };
            ticker.parked.store(false, Ordering::SeqCst);
        } else {
            ticker.parked.store(false, Ordering::SeqCst);
        }
        last = Instant::now();
    }
}

/// A guest runs while this is held.
pub(super) struct Running<'a>(&'a Ticker);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::SeqCst);
    }
}
