//! Compiles components on one thread of low priority, one after the other: an upload never takes a core from live messages.

use std::io;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread;

use wasmtime::Engine;
use wasmtime::component::Component;

/// Components that may wait to be compiled.
const MAX_WAITING: usize = 16;
/// Of 20 steps of politeness; at 5 the thread gets a third of what a live thread gets when both want the same core, and never
/// makes one wait that wakes up. More would starve uploads on a machine that is always busy.
#[cfg(target_os = "linux")]
const POLITENESS: i32 = 5;

type Job = Box<dyn FnOnce() + Send>;

/// The thread's queue; the thread ends when this is dropped.
pub(super) struct Compiler(SyncSender<Job>);

/// Why a component was not compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CompileError {
    /// Too many wait.
    Busy,
    /// The compiler refused it, or failed.
    Failed(String),
}

impl Compiler {
    /// Starts the thread.
    pub(super) fn start() -> io::Result<Self> {
        let (send, receive) = sync_channel::<Job>(MAX_WAITING);
        thread::Builder::new().name("rialto-compiler".into()).spawn(move || {
            be_polite();
            receive.into_iter().for_each(|job| job());
        })?;
        Ok(Self(send))
    }

    /// Compiles, or finds it compiled before by an engine of the same version and settings. Waits for it: seconds for a
    /// component with a language runtime.
    pub(super) fn compile(&self, engine: &Engine, bytes: &[u8]) -> Result<Component, CompileError> {
        let (reply, answer) = sync_channel(1);
        let (engine, bytes) = (engine.clone(), bytes.to_vec());
        let job = Box::new(move || {
            // The compiler is large and its input is anybody's: should it panic, the next component still compiles.
            let compile = std::panic::AssertUnwindSafe(|| Component::from_binary(&engine, &bytes));
            let compiled = match std::panic::catch_unwind(compile) {
                Ok(compiled) => compiled.map_err(|error| format!("{error:#}")),
                Err(_) => Err("the compiler panicked on it".to_owned()),
            };
            // Whoever asked may have left.
            let _ = reply.send(compiled);
        });
        match self.0.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(CompileError::Busy),
            Err(TrySendError::Disconnected(_)) => return Err(gone()),
        }
        answer.recv().map_err(|_| gone())?.map_err(CompileError::Failed)
    }
}

fn gone() -> CompileError {
    CompileError::Failed("the compiler's thread has ended".to_owned())
}

/// Linux knows priorities of threads; elsewhere the thread is one among equals.
fn be_polite() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, POLITENESS) {
        tracing::warn!(%error, "filters are compiled at normal priority");
    }
}
