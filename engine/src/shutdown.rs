//! Stopping: first announced, then softly (finish what was accepted), then hard (stop now).

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// How far stopping has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Running,
    Draining,
    Soft,
    Hard,
}

/// Tells every room when to stop. Cheap to clone; all clones are one.
///
/// The first SIGINT or SIGTERM announces the stop; the soft one begins when balancers had time to hear of it. The second
/// signal, or the end of the time a soft stop may take, starts the hard one.
#[derive(Debug, Clone)]
pub struct Shutdown(Arc<watch::Sender<Stage>>);

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Shutdown {
    /// One that nothing but `stop` and `force` triggers; tests use it.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Stage::Running)))
    }

    /// One that signals trigger. An announced stop becomes a soft one after `drain`, and that a hard one after `patience`.
    /// Fails if the process can't listen to signals; must be called inside a tokio runtime.
    pub fn on_signals(drain: Duration, patience: Duration) -> std::io::Result<Self> {
        let shutdown = Self::new();
        let mut signals = Signals::listen()?;
        let (on_signal, on_time) = (shutdown.clone(), shutdown.clone());
        tokio::spawn(async move {
            let name = signals.next().await;
            on_signal.announce();
            tracing::info!(signal = name, "stopping; a second signal forces");
            let forced = async {
                let name = signals.next().await;
                on_signal.force();
                tracing::warn!(signal = name, "forced to stop");
            };
            let drained = async {
                tokio::time::sleep(drain).await;
                on_signal.stop();
            };
            tokio::join!(forced, drained);
        });
        tokio::spawn(async move {
            on_time.soft().await;
            tokio::time::sleep(patience).await;
            if on_time.0.send_if_modified(|stage| raise(stage, Stage::Hard)) {
                tracing::warn!(seconds = patience.as_secs(), "stopping took too long; forced");
            }
        });
        Ok(shutdown)
    }

    /// Says that the soft stop will come; everything is served until then.
    pub fn announce(&self) {
        self.0.send_if_modified(|stage| raise(stage, Stage::Draining));
    }

    /// Starts the soft stop, unless it has started.
    pub fn stop(&self) {
        self.0.send_if_modified(|stage| raise(stage, Stage::Soft));
    }

    /// Starts the hard stop.
    pub fn force(&self) {
        self.0.send_if_modified(|stage| raise(stage, Stage::Hard));
    }

    /// Waits for the soft stop; returns at once if it has started. Cancel safe.
    pub async fn soft(&self) {
        self.reached(Stage::Soft).await;
    }

    /// Waits for the hard stop; returns at once if it has started. Cancel safe.
    pub async fn hard(&self) {
        self.reached(Stage::Hard).await;
    }

    /// Whether a stop was announced or has started.
    pub fn is_announced(&self) -> bool {
        *self.0.borrow() >= Stage::Draining
    }

    /// Whether the soft stop has started.
    pub fn is_soft(&self) -> bool {
        *self.0.borrow() >= Stage::Soft
    }

    /// Whether the hard stop has started.
    pub fn is_hard(&self) -> bool {
        *self.0.borrow() == Stage::Hard
    }

    async fn reached(&self, stage: Stage) {
        let mut stages = self.0.subscribe();
        // It fails only when the sender is gone, and `self` holds it.
        let _ = stages.wait_for(|now| *now >= stage).await;
    }
}

fn raise(stage: &mut Stage, to: Stage) -> bool {
    let later = *stage < to;
    *stage = (*stage).max(to);
    later
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let (interrupt, terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        Ok(Self { interrupt, terminate })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> &'static str {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOON: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn soft_comes_before_hard_and_everyone_hears() {
        let shutdown = Shutdown::new();
        let waiting = [shutdown.clone(), shutdown.clone()].map(|clone| {
            tokio::spawn(async move {
                clone.soft().await;
                (clone.is_soft(), clone.is_hard())
            })
        });
        assert!(!shutdown.is_announced(), "nothing asked it to stop");
        shutdown.announce();
        assert!(shutdown.is_announced() && !shutdown.is_soft(), "only announced");
        shutdown.stop();
        for room in waiting {
            let seen = tokio::time::timeout(SOON, room).await.expect("it hears").expect("no panic");
            assert_eq!(seen, (true, false));
        }
        let hard = tokio::time::timeout(Duration::from_millis(20), shutdown.hard()).await;
        assert!(hard.is_err(), "a soft stop is not a hard one");
        shutdown.force();
        tokio::time::timeout(SOON, shutdown.hard()).await.expect("forced");
        shutdown.stop();
        assert!(shutdown.is_hard(), "it does not go back");
        tokio::time::timeout(SOON, shutdown.soft()).await.expect("a hard stop is a soft one too");
    }

    #[tokio::test]
    async fn a_soft_stop_that_takes_too_long_becomes_hard() {
        let (drain, patience) = (Duration::ZERO, Duration::from_millis(30));
        let shutdown = Shutdown::on_signals(drain, patience).expect("signals");
        shutdown.stop();
        tokio::time::timeout(SOON, shutdown.hard()).await.expect("patience ends");
    }
}
