//! Admission: a component comes in only if it is a filter, and is refused with the reason otherwise.

mod description;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use chrono::DateTime;
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;

use crate::config::Filters;
use crate::filter::{FaultKind, FilterFault};

use super::bindings::FilterPre;
use super::bindings::rialto::filter::types;
use super::budget::Budget;
use super::compiler::CompileError;
use super::engine::Host;
use super::grants::Grants;
use super::imports::linker;
use super::instance::{Instance, Services, State, load_deadline};
use super::log::FilterLog;
use super::report::AdmissionReport;
use super::schema::Schema;
use super::wasi;
use description::check_description;

/// Why a component is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Larger than allowed.
    #[error("it has {bytes} bytes; at most {limit} are allowed (`filters.max_component_mib`)")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The largest size.
        limit: usize,
    },
    /// Some other file.
    #[error("it is not a WebAssembly component: {0}")]
    NotAComponent(String),
    /// It wants what no filter gets.
    #[error("it imports {import}, {reason}")]
    Import {
        /// Such as `wasi:sockets/tcp@0.2.6`.
        import: String,
        /// Why that is refused.
        reason: &'static str,
    },
    /// It is not a filter.
    #[error("it doesn't fit the world `rialto:filter/filter@1.0.0`: {0}")]
    World(String),
    /// It could not say what it is.
    #[error("its `describe` failed: {0}")]
    Describe(FilterFault),
    /// What it says of itself can't be right.
    #[error("its description is wrong: {0}")]
    Description(String),
    /// Others wait to be compiled.
    #[error("too many components wait to be compiled; try again in a minute")]
    Busy,
}

/// A component that passed, ready to be linked.
pub(super) struct Admitted {
    pub(super) component: Component,
    pub(super) digest: [u8; 32],
    pub(super) schema: Schema,
    pub(super) report: Arc<AdmissionReport>,
}

/// Components admitted by this process, as long as somebody uses them; the latest few also without.
#[derive(Default)]
pub(super) struct Known(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    by_digest: HashMap<[u8; 32], Weak<Admitted>>,
    latest: VecDeque<Arc<Admitted>>,
}

/// Components kept though nobody uses them: between check, upload and configuration. Each may be some 40 MB of code.
const KEPT_UNUSED: usize = 2;

impl Known {
    fn get(&self, digest: &[u8; 32]) -> Option<Arc<Admitted>> {
        self.lock().by_digest.get(digest).and_then(Weak::upgrade)
    }

    fn insert(&self, admitted: &Arc<Admitted>) {
        let mut known = self.lock();
        known.by_digest.retain(|_, known| known.strong_count() > 0);
        known.by_digest.insert(admitted.digest, Arc::downgrade(admitted));
        known.latest.push_back(Arc::clone(admitted));
        let old = if known.latest.len() > KEPT_UNUSED { known.latest.pop_front() } else { None };
        drop(known);
        // Freeing its code takes a while.
        drop(old);
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compiles (once per content and engine version), links and asks the component what it is, or refuses.
pub(super) fn admitted(
    host: &Host,
    bytes: &[u8],
    filters: &Filters,
) -> Result<Arc<Admitted>, Refusal> {
    let limit = filters.max_component_mib.saturating_mul(1024 * 1024);
    if bytes.len() > limit {
        return Err(Refusal::TooLarge { bytes: bytes.len(), limit });
    }
    let digest = *blake3::hash(bytes).as_bytes();
    if let Some(admitted) = host.known().get(&digest) {
        return Ok(admitted);
    }
    check_header(bytes)?;
    let started = Instant::now();
    let component = host.compiler().compile(host.engine(), bytes).map_err(|error| match error {
        CompileError::Busy => Refusal::Busy,
        CompileError::Failed(text) => Refusal::NotAComponent(text),
    })?;
    let compile_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let imports = check_imports(host, &component)?;
    check_exports(host, &component)?;
    let world = |error: wasmtime::Error| Refusal::World(format!("{error:#}"));
    let linker = linker(host.engine(), Grants::NONE).map_err(world)?;
    let pre = FilterPre::new(linker.instantiate_pre(&component).map_err(world)?).map_err(world)?;
    let deadline = Duration::from_millis(filters.deadline_ms);
    let (description, memory) =
        on_plain_thread(|| describe(host, &pre, digest, deadline)).map_err(Refusal::Describe)?;
    let config_schema = description.config_schema.clone();
    let described = check_description(description)?;
    let wants = wanted(&imports);
    let mut report = AdmissionReport {
        digest: blake3::Hash::from_bytes(digest).to_hex().as_str().into(),
        bytes: bytes.len(),
        name: described.name,
        semver: described.version,
        config_schema,
        signals: described.signals,
        imports,
        wants,
        compile_ms,
        memory,
        warnings: Vec::new(),
    };
    report.warnings = warnings(host, &report, &described.schema);
    let schema = described.schema;
    let admitted = Arc::new(Admitted { component, digest, schema, report: Arc::new(report) });
    host.known().insert(&admitted);
    Ok(admitted)
}

/// What it says it is, and the linear memory it takes to say so.
fn describe(
    host: &Host,
    pre: &FilterPre<State>,
    seed: [u8; 32],
    deadline: Duration,
) -> Result<(types::Description, usize), FilterFault> {
    let _running = host.running();
    let services = Arc::new(Services {
        log: Arc::new(FilterLog::new("describe".to_owned())),
        counters: Arc::default(),
        lists: Arc::default(),
        random: wasi::randomness(&seed),
    });
    let budget = Budget::start(load_deadline(deadline));
    let mut instance = Instance::new(host, pre, &services, DateTime::default(), budget)?;
    Ok((instance.describe()?, instance.memory()))
}

/// Guests may call WASI, which must not run on a thread of tokio's.
pub(super) fn on_plain_thread<T: Send>(
    work: impl FnOnce() -> Result<T, FilterFault> + Send,
) -> Result<T, FilterFault> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("rialto-admission".into());
        let failed = |text: String| FilterFault::new(FaultKind::Overloaded, text);
        match thread.spawn_scoped(scope, work) {
            Ok(running) => {
                running.join().unwrap_or_else(|_| Err(failed("the host panicked".to_owned())))
            }
            Err(error) => Err(failed(format!("no thread for it: {error}"))),
        }
    })
}

fn wanted(imports: &[String]) -> Grants {
    let interfaces = imports.iter().filter_map(|import| import.strip_prefix("rialto:filter/"));
    let words = interfaces.filter_map(|rest| rest.split_once('@')).map(|(name, _)| name);
    words.fold(Grants::NONE, |grants, word| grants.with(word).unwrap_or(grants))
}

fn warnings(host: &Host, report: &AdmissionReport, schema: &Schema) -> Vec<String> {
    let mut warnings = Vec::new();
    let problems = schema.check(&serde_json::Value::Object(serde_json::Map::new()));
    if let Some(problem) = problems.first() {
        warnings.push(format!("it needs a configuration; of `{{}}` its schema says: {problem}"));
    }
    if report.memory > host.memory_bytes() / 2 {
        let mib = |bytes: usize| bytes.div_ceil(1024 * 1024);
        let (takes, may) = (mib(report.memory), mib(host.memory_bytes()));
        warnings.push(format!("a new instance takes {takes} of the {may} MiB it may have"));
    }
    warnings
}

fn check_header(bytes: &[u8]) -> Result<(), Refusal> {
    let problem = match bytes.get(..8) {
        Some([0, b'a', b's', b'm', 0x0d, 0, 1, 0]) => return Ok(()),
        Some([0, b'a', b's', b'm', 1, 0, 0, 0]) => {
            "it is a core module; build for `wasm32-wasip2`, or wrap it with `wasm-tools component new`"
        }
        Some([0, b'a', b's', b'm', ..]) => "its WebAssembly version is unknown",
        _ => "it doesn't start like WebAssembly",
    };
    Err(Refusal::NotAComponent(problem.to_owned()))
}

fn check_imports(host: &Host, component: &Component) -> Result<Vec<String>, Refusal> {
    const KNOWN: [&str; 10] = [
        "rialto:filter/types@1.",
        "rialto:filter/log@1.",
        "rialto:filter/counters@1.",
        "rialto:filter/lists@1.",
        "rialto:filter/history@1.",
        "wasi:io/",
        "wasi:clocks/",
        "wasi:random/",
        "wasi:cli/",
        "wasi:filesystem/",
    ];
    let mut imports = Vec::new();
    for (import, _) in component.component_type().imports(host.engine()) {
        if KNOWN.iter().any(|known| import.starts_with(known)) {
            imports.push(import.to_owned());
            continue;
        }
        let reason = if import.starts_with("wasi:sockets/") || import.starts_with("wasi:http/") {
            "but filters get no network"
        } else {
            "which filters are not offered; see `schema/filter.wit` for what is"
        };
        return Err(Refusal::Import { import: import.to_owned(), reason });
    }
    Ok(imports)
}

fn check_exports(host: &Host, component: &Component) -> Result<(), Refusal> {
    for name in ["describe", "configure", "inspect"] {
        match component.component_type().get_export(host.engine(), name) {
            Some(export) if matches!(export.ty, ComponentItem::ComponentFunc(_)) => {}
            Some(_) => return Err(Refusal::World(format!("its export `{name}` is no function"))),
            None => return Err(Refusal::World(format!("it doesn't export `{name}`"))),
        }
    }
    Ok(())
}
