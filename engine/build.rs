//! Embeds the bundled filters: every component in `plugins/dist`, not its subdirectories.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

#[expect(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]
fn main() -> io::Result<()> {
    let required = |name: &str| {
        env::var_os(name)
            .map(PathBuf::from)
            .ok_or_else(|| io::Error::other(format!("{name} is not set")))
    };
    let dist = required("CARGO_MANIFEST_DIR")?.join("../plugins/dist");
    let components = components(&dist)?;
    // A directory that doesn't exist yet would make cargo run this at every build; its parent always does.
    let watched = if dist.is_dir() { dist.as_path() } else { Path::new("../plugins") };
    println!("cargo::rerun-if-changed={}", watched.display());
    println!("cargo::rerun-if-changed=build.rs");
    if components.is_empty() {
        println!(
            "cargo::warning=plugins/dist has no components, so this build has no bundled filters; `make filters` builds them"
        );
    }

    let mut code = String::from("/// Name and bytes of every bundled filter.\n");
    code.push_str("static BUNDLED: &[(&str, &[u8])] = &[\n");
    for path in components {
        let path = path.canonicalize()?;
        println!("cargo::rerun-if-changed={}", path.display());
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let _ = writeln!(code, "    ({name:?}, include_bytes!({:?})),", path.display().to_string());
    }
    code.push_str("];\n");
    fs::write(required("OUT_DIR")?.join("bundled.rs"), code)
}

/// In order of their names, which is the order they run in.
fn components(dist: &Path) -> io::Result<Vec<PathBuf>> {
    if !dist.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(dist)? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_some_and(|extension| extension == "wasm") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
