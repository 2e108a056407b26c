//! Embeds the bundled filters (every component in `plugins/dist`, not its subdirectories), the admin UI if it was built,
//! and what `rialto filter new` writes: the templates, and for Rust the SDK.

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
    fs::write(required("OUT_DIR")?.join("bundled.rs"), code)?;
    let root = required("CARGO_MANIFEST_DIR")?.join("..");
    fs::write(required("OUT_DIR")?.join("admin.rs"), admin(&root)?)?;
    fs::write(required("OUT_DIR")?.join("templates.rs"), templates(&root)?)
}

/// The admin UI's files, sorted by path; none if it was not built.
fn admin(root: &Path) -> io::Result<String> {
    let dist = root.join("admin-ui/dist");
    // As above, for the directory that doesn't exist yet.
    let watched = [dist.clone(), root.join("admin-ui"), root.to_owned()];
    if let Some(watched) = watched.iter().find(|path| path.is_dir()).filter(|it| *it != root) {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        let dist = dist.canonicalize()?;
        let mut found = Vec::new();
        everything(&dist, &mut found)?;
        files = found
            .into_iter()
            .map(|path| {
                let inside = path.strip_prefix(&dist).map_err(io::Error::other)?;
                Ok((inside.display().to_string().replace('\\', "/"), path.clone()))
            })
            .collect::<io::Result<Vec<_>>>()?;
    } else {
        println!(
            "cargo::warning=admin-ui/dist is not there, so this build has no admin UI; `make run` builds it where Node is"
        );
    }
    files.sort();
    let mut code = String::from("/// Path and bytes of every file.\n");
    code.push_str("static FILES: &[(&str, &[u8])] = &[\n");
    for (name, path) in files {
        println!("cargo::rerun-if-changed={}", path.display());
        let _ = writeln!(code, "    ({name:?}, include_bytes!({:?})),", path.display().to_string());
    }
    code.push_str("];\n");
    Ok(code)
}

fn everything(directory: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() { everything(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// Where the files of a new filter come from, and where they go.
const TEMPLATES: [(&str, &str, &str); 6] = [
    ("rust", "plugins/templates/rust", ""),
    ("rust", "plugins/sdk", "vendor/sdk/"),
    ("rust", "plugins/cases", "vendor/cases/"),
    ("rust", "schema/filter.wit", "wit/filter.wit"),
    ("js", "plugins/templates/js", ""),
    ("python", "plugins/templates/python", ""),
];

/// What people's builds leave in a template.
const LEFT_OVER: [&str; 5] = ["node_modules", "target", ".venv", "__pycache__", "filter.wasm"];

fn templates(root: &Path) -> io::Result<String> {
    let mut code = String::from("/// Language, path in the project, and text of every file.\n");
    code.push_str("static FILES: &[(&str, &str, &str)] = &[\n");
    for (language, source, place) in TEMPLATES {
        let source = root.join(source).canonicalize()?;
        let mut files = Vec::new();
        walk(&source, &mut files)?;
        files.sort();
        for file in files {
            println!("cargo::rerun-if-changed={}", file.display());
            let inside = file.strip_prefix(&source).map_err(io::Error::other)?;
            let path = format!("{place}{}", inside.display()).replace('\\', "/");
            let text = file.display().to_string();
            let _ = writeln!(code, "    ({language:?}, {path:?}, include_str!({text:?})),");
        }
    }
    code.push_str("];\n");
    Ok(code)
}

fn walk(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if LEFT_OVER.contains(&&*name) {
        return Ok(());
    }
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    // Only directories that people's builds leave alone: cargo would read all of the others every time.
    if ["src", "tests", "wit"].contains(&&*name) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    for entry in fs::read_dir(path)? {
        walk(&entry?.path(), files)?;
    }
    Ok(())
}

/// The order bundled filters run in, so that later ones see the signals of earlier ones; others follow by their names.
const ORDER: [&str; 7] =
    ["contact_guard", "link_guard", "wordlist", "spam", "scam", "tone", "flood"];

/// In the order they run in.
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
    found.sort_by_cached_key(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        (ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len()), name)
    });
    Ok(found)
}
