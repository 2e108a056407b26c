//! Figures of processes, from `/proc`; elsewhere than on Linux there are none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

/// Ticks of `/proc/PID/stat` in a second, the same on every Linux that runs this.
const TICKS: u64 = 100;

/// Whether there is such a process.
pub fn lives(pid: u32) -> bool {
    fs::metadata(format!("/proc/{pid}")).is_ok()
}

/// CPU time of a process and of its children that ended.
pub fn cpu(pid: u32) -> Option<Duration> {
    let fields = stat(pid)?;
    // utime, stime, cutime, cstime: the 14th to 17th field, of which two stand before what `stat` gives.
    let ticks: u64 = fields.get(11..15)?.iter().filter_map(|it| it.parse::<u64>().ok()).sum();
    Some(Duration::from_millis(ticks * 1_000 / TICKS))
}

/// Resident memory, bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Memory {
    /// The process's own.
    pub own: u64,
    /// Files and shared memory, which other processes may have too.
    pub shared: u64,
}

/// Resident memory of a process.
pub fn memory(pid: u32) -> Option<Memory> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let bytes = |name: &str| named(&status, name).map(|kilobytes| kilobytes * 1_024);
    let shared = bytes("RssFile:")? + bytes("RssShmem:")?;
    Some(Memory { own: bytes("RssAnon:")?, shared })
}

/// Bytes it caused to be written.
pub fn written(pid: u32) -> Option<u64> {
    named(&fs::read_to_string(format!("/proc/{pid}/io")).ok()?, "write_bytes:")
}

/// The number in the line that begins so.
fn named(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
}

/// The fields of `/proc/PID/stat` behind the name, which may contain anything: the state is the first.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

/// These processes and everything that descends from them.
pub fn with_children(roots: &[u32]) -> BTreeSet<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for pid in pids() {
        let parent = stat(pid).and_then(|fields| fields.get(1)?.parse().ok());
        if let Some(parent) = parent {
            children.entry(parent).or_default().push(pid);
        }
    }
    let (mut all, mut open) = (BTreeSet::new(), roots.to_vec());
    while let Some(pid) = open.pop() {
        if all.insert(pid) {
            open.extend(children.get(&pid).into_iter().flatten());
        }
    }
    all
}

fn pids() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The processes that listen at a port.
pub fn listening(port: u16) -> Vec<u32> {
    let tables =
        ["/proc/net/tcp", "/proc/net/tcp6"].map(|it| fs::read_to_string(it).unwrap_or_default());
    let sockets: BTreeSet<String> = tables.iter().flat_map(|table| inodes(table, port)).collect();
    if sockets.is_empty() {
        return Vec::new();
    }
    let holds = |pid: &u32| {
        let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        files
            .filter_map(|file| fs::read_link(file.path()).ok())
            .any(|target| sockets.contains(&*target.to_string_lossy()))
    };
    pids().filter(holds).collect()
}

/// `socket:[…]` of those that listen at a port, from a table of the kernel's.
fn inodes(table: &str, port: u16) -> Vec<String> {
    let wanted = format!("{port:04X}");
    let socket = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let listens = *fields.get(3)? == "0A" && fields.get(1)?.rsplit_once(':')?.1 == wanted;
        listens.then(|| format!("socket:[{}]", fields.get(9).copied().unwrap_or_default()))
    };
    table.lines().skip(1).filter_map(socket).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn our_own_process_is_found_by_its_port_and_measured() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(listening(port), [std::process::id()]);
        let me = std::process::id();
        assert!(lives(me) && with_children(&[me]).contains(&me));
        let memory = memory(me).unwrap();
        assert!(memory.own > 50_000 && memory.shared > 50_000, "{memory:?}");
        assert!(cpu(me).is_some());
        drop(listener);
        assert!(listening(port).is_empty());
    }

    #[test]
    fn a_table_of_the_kernels_is_read() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
            0: 0100007F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 4711 1\n\
            1: 0100007F:0FA0 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  0 0 4712 1\n";
        assert_eq!(inodes(table, 4_000), ["socket:[4711]"]);
        assert!(inodes(table, 4_001).is_empty());
    }
}
