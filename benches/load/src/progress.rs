//! Progress bars: shown to people only, on standard error.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `length` of something.
pub fn bar(length: u64, what: &str) -> ProgressBar {
    let template = format!("{{bar:40.cyan/blue}} {{pos}}/{{len}} {what}  {{elapsed}}");
    let style = ProgressStyle::with_template(&template);
    let bar = ProgressBar::new(length);
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// A bar over a time.
pub fn time(length: Duration, what: &str) -> ProgressBar {
    let template = format!("{what}  {{bar:40.cyan/blue}} {{pos}}/{{len}} ms");
    let bar = ProgressBar::new(u64::try_from(length.as_millis()).unwrap_or(u64::MAX));
    match ProgressStyle::with_template(&template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Runs `work` under a bar that goes with the time.
pub fn during<T>(length: Duration, what: &str, work: impl FnOnce() -> T) -> T {
    let bar = time(length, what);
    let over = AtomicBool::new(false);
    let start = Instant::now();
    let result = std::thread::scope(|scope| {
        let hand = scope.spawn(|| {
            while !over.load(Ordering::Acquire) {
                bar.set_position(u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX));
                std::thread::park_timeout(Duration::from_millis(500));
            }
        });
        let result = work();
        over.store(true, Ordering::Release);
        hand.thread().unpark();
        result
    });
    bar.finish_and_clear();
    result
}
