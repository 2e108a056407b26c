//! What one client may ask: the shape of a document, the size of a page, the pace of sending.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::errors::Fault;
use crate::config::Limits;
use crate::domain::UserId;

/// Items on a page when the client names no number.
pub const DEFAULT_PAGE: usize = 50;

/// Which part of a connection is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many items.
    pub limit: usize,
    /// Counted from the end.
    pub backward: bool,
}

impl Page {
    /// Reads `first` and `last`; `backward` is the direction when neither is given.
    pub fn new(
        first: Option<i32>,
        last: Option<i32>,
        backward: bool,
        limits: &Limits,
    ) -> Result<Self, Fault> {
        let (name, asked, backward) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(Fault::BadUserInput("Give either `first` or `last`, not both.".into()));
            }
            (Some(first), None) => ("first", first, false),
            (None, Some(last)) => ("last", last, true),
            (None, None) => {
                return Ok(Self { limit: DEFAULT_PAGE.min(limits.page_size), backward });
            }
        };
        match usize::try_from(asked) {
            Ok(limit) if limit <= limits.page_size => Ok(Self { limit, backward }),
            _ => Err(Fault::BadUserInput(format!(
                "`{name}` must be between 0 and {}, not {asked}.",
                limits.page_size
            ))),
        }
    }
}

/// Complexity of a connection: its page size times what one item costs.
pub fn page_cost(first: Option<i32>, last: Option<i32>, child: usize) -> usize {
    let asked = first.or(last).and_then(|asked| usize::try_from(asked).ok());
    child.saturating_mul(asked.unwrap_or(DEFAULT_PAGE).clamp(1, 1_000)).saturating_add(1)
}

/// The pace at which each user may send messages.
#[derive(Debug)]
pub struct SendLimiter {
    users: RateLimiter<UserId, DashMapStateStore<UserId>, DefaultClock>,
    clock: DefaultClock,
    checks: AtomicU32,
}

/// Checks after which users who have been quiet are forgotten, so that the state stays small.
const FORGET_EVERY: u32 = 4_096;

impl SendLimiter {
    /// A limiter with the configured pace and burst.
    pub fn new(limits: &Limits) -> Self {
        let per_second = NonZeroU32::new(limits.sends_per_second).unwrap_or(NonZeroU32::MIN);
        let burst = NonZeroU32::new(limits.send_burst).unwrap_or(NonZeroU32::MIN);
        Self {
            users: RateLimiter::dashmap(Quota::per_second(per_second).allow_burst(burst)),
            clock: DefaultClock::default(),
            checks: AtomicU32::new(0),
        }
    }

    /// Whether the user may send one message now; if not, when to try again.
    pub fn check(&self, user: &UserId) -> Result<(), Duration> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.users.retain_recent();
            self.users.shrink_to_fit();
        }
        self.users.check_key(user).map_err(|until| until.wait_time_from(self.clock.now()))
    }

    /// Users it keeps track of.
    pub fn tracked(&self) -> usize {
        self.users.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_arguments() {
        let limits = Limits { page_size: 100, ..Limits::default() };
        let page = |first, last| Page::new(first, last, true, &limits);
        assert_eq!(page(None, None), Ok(Page { limit: 50, backward: true }));
        assert_eq!(page(Some(100), None), Ok(Page { limit: 100, backward: false }));
        assert_eq!(page(None, Some(0)), Ok(Page { limit: 0, backward: true }));
        for (first, last) in [(Some(101), None), (None, Some(-1)), (Some(1), Some(1))] {
            let error = page(first, last).expect_err("must be refused");
            assert_eq!(error.code(), "BAD_USER_INPUT", "first {first:?}, last {last:?}");
        }
    }

    #[test]
    fn a_hasty_sender_waits_and_others_do_not() {
        let limits = Limits { sends_per_second: 1, send_burst: 2, ..Limits::default() };
        let limiter = SendLimiter::new(&limits);
        let (ann, bob) = (UserId::trusted("ann"), UserId::trusted("bob"));
        assert!(limiter.check(&ann).is_ok() && limiter.check(&ann).is_ok(), "the burst");
        let wait = limiter.check(&ann).expect_err("over the burst");
        assert!(wait <= Duration::from_secs(1), "told to wait {wait:?}");
        assert!(limiter.check(&bob).is_ok(), "each user has their own pace");
    }

    #[test]
    fn quiet_users_are_forgotten() {
        let limits = Limits { sends_per_second: 1_000_000, send_burst: 1, ..Limits::default() };
        let limiter = SendLimiter::new(&limits);
        for number in 0..3 * FORGET_EVERY {
            let _ = limiter.check(&UserId::trusted(format!("user {number}")));
        }
        assert!(limiter.tracked() <= FORGET_EVERY as usize + 64, "kept {}", limiter.tracked());
    }
}
