//! How much memory the process holds for itself, and whether that is more than it may: then work is turned away.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use std::{fs, thread};

/// Between two looks.
const EVERY: Duration = Duration::from_millis(200);

static HELD: AtomicU64 = AtomicU64::new(0);
static CEILING: AtomicU64 = AtomicU64::new(0);
static SHORT: AtomicBool = AtomicBool::new(false);

/// What was seen last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Bytes the process holds that are no file's.
    pub held: u64,
    /// Bytes it may hold.
    pub ceiling: u64,
    /// Whether work is turned away.
    pub short: bool,
}

/// Looks again and again from now on; `ceiling` bytes, 0 for none. Does nothing where the system doesn't say.
pub fn watch(ceiling: u64) {
    if ceiling == 0 {
        return;
    }
    CEILING.store(ceiling, Ordering::Relaxed);
    let looking = move || {
        while let Some(held) = held() {
            look(held, ceiling);
            thread::park_timeout(EVERY);
        }
        tracing::warn!(
            "the system doesn't say how much memory there is in use; `limits.memory_mib` has no effect"
        );
    };
    // A thread of its own, because a runtime with too much to do would be the last to notice.
    if let Err(error) = thread::Builder::new().name("rialto-memory".into()).spawn(looking) {
        tracing::warn!(%error, "nobody looks at how much memory is in use");
    }
}

/// Whether the process holds more than it may, so that what can be put off is.
pub fn is_short() -> bool {
    SHORT.load(Ordering::Relaxed)
}

/// What was seen last; `None` if there is no ceiling.
pub fn standing() -> Option<Standing> {
    let (held, ceiling) = (HELD.load(Ordering::Relaxed), CEILING.load(Ordering::Relaxed));
    (ceiling > 0).then(|| Standing { held, ceiling, short: is_short() })
}

fn look(held: u64, ceiling: u64) {
    HELD.store(held, Ordering::Relaxed);
    let (before, short) = (is_short(), next(is_short(), held, ceiling));
    SHORT.store(short, Ordering::Relaxed);
    let (held_mib, ceiling_mib) = (held >> 20, ceiling >> 20);
    match (before, short) {
        (false, true) => tracing::warn!(held_mib, ceiling_mib, "memory is short; work is refused"),
        (true, false) => tracing::info!(held_mib, ceiling_mib, "memory is not short any more"),
        _ => {}
    }
}

/// Short above the ceiling, until a tenth of it is free again.
fn next(short: bool, held: u64, ceiling: u64) -> bool {
    held > if short { ceiling - ceiling / 10 } else { ceiling }
}

/// Files mapped into memory are left out: the system takes that back whenever it needs to.
fn held() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_short_is_so_until_a_tenth_is_free() {
        let seen = [900, 1_000, 1_001, 950, 901, 900, 950, 1_001, 0];
        let mut short = false;
        let verdicts: Vec<bool> = seen
            .iter()
            .map(|held| {
                short = next(short, *held, 1_000);
                short
            })
            .collect();
        assert_eq!(verdicts, [false, false, true, true, true, false, false, true, false]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_system_says_how_much_it_is() {
        let before = held().expect("it says");
        let block = vec![1_u8; 64 << 20];
        let after = held().expect("it says");
        assert!(after >= before + (60 << 20), "{before}, then {after} with {} more", block.len());
    }
}
