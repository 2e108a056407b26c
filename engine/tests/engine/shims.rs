//! Small libraries that are loaded into the engine before its own: they make the disk slow or the clock wrong.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds one of `tests/shims` into this directory.
fn built(name: &str, dir: &Path) -> PathBuf {
    let library = dir.join(format!("{name}.so"));
    let source = format!("{}/tests/shims/{name}.c", env!("CARGO_MANIFEST_DIR"));
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .arg(&library)
        .args([source.as_str(), "-ldl"])
        .status()
        .expect("a C compiler (`cc`) is there, as it is wherever Rust links");
    assert!(built.success(), "{source} must compile");
    library
}

/// A number in a file that a library in the engine reads again and again.
pub struct Dial {
    library: PathBuf,
    variable: &'static str,
    file: PathBuf,
}

impl Dial {
    /// Every sync takes so many microseconds longer.
    pub fn of_slow_disk(dir: &Path) -> Self {
        Self::new("slow_sync", "SHIM_SYNC_DELAY_FILE", dir)
    }

    /// The time of day is off by so many seconds.
    pub fn of_clock(dir: &Path) -> Self {
        Self::new("shifted_clock", "SHIM_CLOCK_FILE", dir)
    }

    fn new(name: &str, variable: &'static str, dir: &Path) -> Self {
        let dial = Self { library: built(name, dir), variable, file: dir.join(name) };
        dial.set(0);
        dial
    }

    pub fn set(&self, number: i64) {
        // In place and always of the same length, because it may be mapped into memory.
        let mut options = std::fs::OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).open(&self.file);
        let mut file = file.expect("a file");
        file.write_all(format!("{number:<31}\n").as_bytes()).expect("written");
    }

    /// What an engine needs in its environment to read it.
    pub fn settings(&self) -> [(&'static str, &str); 2] {
        let (library, file) = (self.library.to_str(), self.file.to_str());
        [("LD_PRELOAD", library.expect("UTF-8")), (self.variable, file.expect("UTF-8"))]
    }
}
