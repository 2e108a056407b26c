//! Syncs counted by the kernel, for servers that don't count them: `perf stat` on the system calls.

use std::io::Read;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

/// What databases sync with.
const CALLS: &str = "syscalls:sys_enter_fsync,syscalls:sys_enter_fdatasync";

/// Counts until it is asked.
#[derive(Debug)]
pub struct Counter(Child);

impl Counter {
    /// Of these processes and what they start; `None` if there is no `perf` or it may not.
    pub fn start(pids: impl IntoIterator<Item = u32>) -> Option<Self> {
        let pids: Vec<String> = pids.into_iter().map(|pid| pid.to_string()).collect();
        let mut perf = Command::new("perf");
        perf.args(["stat", "-x", ",", "-e", CALLS, "-p", &pids.join(",")]);
        perf.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        perf.spawn().ok().map(Self)
    }

    /// How many there were.
    pub fn finish(mut self) -> Option<u64> {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).ok()?)?;
        kill_process(pid, Signal::INT).ok()?;
        let mut text = String::new();
        self.0.stderr.take()?.read_to_string(&mut text).ok()?;
        self.0.wait().ok()?;
        sum(&text)
    }
}

/// The sum of all counted lines of `perf stat -x,`; `None` if none was.
fn sum(text: &str) -> Option<u64> {
    let count = |line: &str| {
        let (count, rest) = line.split_once(',')?;
        if !rest.contains("sys_enter_") {
            return None;
        }
        // What no process called is `<not counted>`; what perf can't do is `<not supported>`.
        if count == "<not counted>" { Some(0) } else { count.parse::<u64>().ok() }
    };
    text.lines().filter_map(count).reduce(|a, b| a + b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_perf_prints_is_added() {
        let text = "1294,,syscalls:sys_enter_fsync,5001,100.00,,\n<not counted>,,syscalls:sys_enter_fdatasync,0,100.00,,\n";
        assert_eq!(sum(text), Some(1_294));
        assert_eq!(sum("<not supported>,,syscalls:sys_enter_fsync,0,100.00,,\n"), None);
        assert_eq!(sum("Error:\nNo permission, sorry\n"), None);
    }
}
