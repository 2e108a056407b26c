//! A wake-up more exact than the millisecond that `epoll` offers, so that a rate is offered on time.

use std::io;
use std::time::{Duration, Instant};

use mio::{Registry, Token};

#[cfg(target_os = "linux")]
mod exact {
    use std::os::fd::{AsRawFd, OwnedFd};

    use mio::unix::SourceFd;
    use mio::{Interest, Registry, Token};
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };

    use super::{Duration, io};

    #[derive(Debug)]
    pub struct Alarm(OwnedFd);

    impl Alarm {
        pub fn new(registry: &Registry, token: Token) -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let alarm = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            registry.register(&mut SourceFd(&alarm.as_raw_fd()), token, Interest::READABLE)?;
            Ok(Self(alarm))
        }

        /// Setting it anew also takes back what it said before.
        pub fn set(&self, wait: Duration) -> io::Result<()> {
            let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
            // Zero would mean never.
            let wait = wait.max(Duration::from_nanos(1));
            let value = Timespec {
                tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(wait.subsec_nanos()),
            };
            let alarm = Itimerspec { it_interval: zero, it_value: value };
            timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &alarm)?;
            Ok(())
        }
    }
}

/// Wakes a poll up at a time.
#[derive(Debug)]
pub struct Timer {
    #[cfg(target_os = "linux")]
    alarm: exact::Alarm,
    set_to: Option<Instant>,
}

impl Timer {
    /// Registers itself as `token`.
    #[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "Linux only"))]
    pub fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        Ok(Self {
            #[cfg(target_os = "linux")]
            alarm: exact::Alarm::new(registry, token)?,
            set_to: None,
        })
    }

    /// Sets it, if it is not set to that time already; what to give `poll` as its longest wait.
    pub fn wake_at(&mut self, now: Instant, at: Instant) -> io::Result<Option<Duration>> {
        let wait = at.saturating_duration_since(now);
        if wait.is_zero() {
            return Ok(Some(Duration::ZERO));
        }
        if self.set_to != Some(at) {
            #[cfg(target_os = "linux")]
            self.alarm.set(wait)?;
            self.set_to = Some(at);
        }
        Ok(if cfg!(target_os = "linux") { None } else { Some(wait) })
    }
}
