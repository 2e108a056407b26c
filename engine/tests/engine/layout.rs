//! Holds the layout: which room may import which, a head on every file, and no file that grows without end.

use std::fs;
use std::path::{Path, PathBuf};

/// A room and what of ours it may import, besides itself, `domain`, `config` and `telemetry`, which import none.
/// `main` is the binary's file; it names the library `rialto_engine`.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &[]),
    ("telemetry", &[]),
    ("shutdown", &[]),
    ("filter", &[]),
    ("store", &[]),
    ("fanout", &[]),
    ("identity", &[]),
    ("plugin", &["filter"]),
    ("outbox", &["store"]),
    ("inbox", &["outbox", "store", "fanout"]),
    ("release", &["filter", "plugin", "store"]),
    ("backtest", &["filter", "release", "store"]),
    ("conversation", &["filter", "store", "fanout"]),
    ("search", &["store", "outbox", "conversation"]),
    ("desk", &["store", "outbox", "conversation"]),
    ("trust", &["store", "outbox", "conversation", "fanout"]),
    ("insight", &["store", "outbox", "conversation", "fanout", "inbox", "trust"]),
    ("staff", &["store"]),
    ("graphql", &GRAPHQL),
    ("http", &["graphql", "identity", "outbox", "search", "staff", "insight", "shutdown"]),
    ("demo", &EVERYTHING),
    ("app", &EVERYTHING),
    ("cli", &WITH_APP),
    ("main", &WITH_APP),
];

const GRAPHQL: [&str; 15] = [
    "filter",
    "plugin",
    "release",
    "backtest",
    "store",
    "fanout",
    "outbox",
    "inbox",
    "conversation",
    "search",
    "desk",
    "trust",
    "insight",
    "identity",
    "staff",
];

const EVERYTHING: [&str; 19] = [
    "shutdown",
    "filter",
    "store",
    "fanout",
    "identity",
    "staff",
    "plugin",
    "release",
    "backtest",
    "outbox",
    "inbox",
    "conversation",
    "search",
    "desk",
    "trust",
    "insight",
    "graphql",
    "http",
    "demo",
];

const WITH_APP: [&str; 21] = {
    let mut rooms = ["app"; 21];
    rooms[1] = "cli";
    let mut at = 0;
    while at < EVERYTHING.len() {
        rooms[at + 2] = EVERYTHING[at];
        at += 1;
    }
    rooms
};

const MAX_LINES: usize = 400;

#[test]
fn rooms_import_only_what_they_may() {
    let mut wrong = Vec::new();
    for file in rust_files(&source()) {
        let Some(room) = room_of(&file) else { continue };
        let depth = file.strip_prefix(source()).map_or(1, |inside| inside.components().count());
        for (line, imported) in imports(&read(&file), depth) {
            if let Err(why) = allowed(&room, &imported) {
                wrong.push(format!("{}:{line}: {why}", shown(&file)));
            }
        }
    }
    assert!(wrong.is_empty(), "against DESIGN section 4:\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_first_what_it_is() {
    let without: Vec<String> = rust_files(&source())
        .iter()
        .filter(|file| !read(file).starts_with("//! "))
        .map(|file| shown(file))
        .collect();
    assert!(without.is_empty(), "no `//! ` in the first line of {without:?}");
}

#[test]
fn no_file_is_a_room_too_many() {
    let workspace = source().join("../..");
    let rooms = ["engine/src", "engine/tests", "plugins", "benches"];
    let long: Vec<String> = rooms
        .iter()
        .flat_map(|room| rust_files(&workspace.join(room)))
        .filter_map(|file| {
            let lines = read(&file).lines().count();
            (lines > MAX_LINES).then(|| format!("{} has {lines} lines", shown(&file)))
        })
        .collect();
    assert!(long.is_empty(), "over {MAX_LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn modules_are_files_with_their_name() {
    let unwanted: Vec<String> = rust_files(&source())
        .iter()
        .filter(|file| file.file_name().is_some_and(|name| name == "mod.rs"))
        .map(|file| shown(file))
        .collect();
    assert!(unwanted.is_empty(), "`foo.rs` and `foo/`, never `mod.rs`: {unwanted:?}");
}

/// The checks above are worth something only if they can fail.
#[test]
fn the_reader_of_imports_sees_every_form() {
    let sample = r#"//! See [`crate::graphql`].
use std::sync::Arc;
use crate::domain::UserId;
use crate::{
    config::{self, Config},
    store::{Store, log::{Log, Row}}, // crate::desk
    fanout,
};
use super::http;
use super::{search::Index, insight};
fn f() -> crate::plugin::Host { rialto_engine::app::run("crate::trust"); }
mod tests {
    use super::*;
    use super::super::outbox;
}
"#;
    let seen: Vec<(usize, String)> = imports(sample, 1);
    let seen: Vec<(usize, &str)> = seen.iter().map(|(line, room)| (*line, room.as_str())).collect();
    let expected = [
        (3, "domain"),
        (4, "config"),
        (4, "store"),
        (4, "fanout"),
        (9, "http"),
        (10, "search"),
        (10, "insight"),
        (11, "plugin"),
        (11, "app"),
    ];
    assert_eq!(seen, expected);
    let nested = "use super::super::store::Store;\nuse super::sibling;\n";
    assert_eq!(imports(nested, 2), [(1, "store".to_owned())], "one level deeper");
}

#[test]
fn the_table_refuses_what_it_should() {
    for (room, imported) in [
        ("domain", "config"),
        ("config", "domain"),
        ("filter", "plugin"),
        ("store", "filter"),
        ("conversation", "graphql"),
        ("graphql", "app"),
        ("demo", "app"),
        ("app", "cli"),
        ("http", "store"),
        ("somewhere", "domain"),
        ("store", "somewhere"),
    ] {
        assert!(allowed(room, imported).is_err(), "{room} must not import {imported}");
    }
    for (room, imported) in
        [("plugin", "filter"), ("app", "http"), ("main", "cli"), ("cli", "app"), ("store", "store")]
    {
        assert_eq!(allowed(room, imported), Ok(()), "{room} may import {imported}");
    }
}

fn allowed(room: &str, imported: &str) -> Result<(), String> {
    let find = |name: &str| MAY_IMPORT.iter().find(|(room, _)| *room == name);
    let Some((_, may)) = find(room) else {
        return Err(format!("room `{room}` is not in the import table"));
    };
    if find(imported).is_none() {
        return Err(format!("`{room}` imports `{imported}`, which is not in the import table"));
    }
    let pure = matches!(room, "domain" | "config" | "telemetry");
    let common = matches!(imported, "domain" | "config" | "telemetry") && !pure;
    if room == imported || common || may.contains(&imported) {
        return Ok(());
    }
    Err(format!("`{room}` must not import `{imported}`"))
}

/// The rooms a file of this crate names, with the lines; `depth` is 1 for `src/room.rs`, 2 for `src/room/part.rs`.
fn imports(text: &str, depth: usize) -> Vec<(usize, String)> {
    let code = without_comments(text);
    let up = "super::".repeat(depth);
    let mut found = Vec::new();
    for (at, _) in code.char_indices() {
        let rest = &code[at..];
        let before = code[..at].chars().next_back();
        let starts = !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '"'));
        // `super` reaches the crate's root only from the file's own level, so not from an inline module.
        let top = code[..at].rsplit('\n').next().is_some_and(|line| {
            line.starts_with("use ")
                || line.starts_with("pub use ")
                || line.starts_with("pub(crate) use ")
        });
        let path = ["crate::", "rialto_engine::"].iter().find_map(|root| rest.strip_prefix(root));
        let path = path.or_else(|| {
            let path = rest.strip_prefix(&up).filter(|path| !path.starts_with("super::"));
            path.filter(|_| top)
        });
        let Some(path) = path.filter(|_| starts) else { continue };
        let line = code[..at].matches('\n').count() + 1;
        found.extend(heads(path).into_iter().map(|room| (line, room)));
    }
    found
}

/// The first names of a path: `a::B` has `a`, `{a::{B, C}, d}` has `a` and `d`.
fn heads(path: &str) -> Vec<String> {
    let name = |text: &str| -> Option<String> {
        let name: String =
            text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        (!name.is_empty() && name != "self").then_some(name)
    };
    let Some(group) = path.strip_prefix('{') else {
        return name(path)
            .filter(|name| name.starts_with(char::is_lowercase))
            .into_iter()
            .collect();
    };
    let (mut depth, mut names, mut item) = (0_usize, Vec::new(), String::new());
    for c in group.chars() {
        match c {
            ',' if depth == 0 => names.extend(name(&std::mem::take(&mut item))),
            '}' if depth == 0 => break,
            _ => {
                depth = depth + usize::from(c == '{') - usize::from(c == '}');
                item.push(c);
            }
        }
    }
    names.extend(name(&item));
    names
}

/// The text with comments blanked and its lines kept. A `//` inside a string only hides the rest of that line.
fn without_comments(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default().to_owned() + "\n").collect()
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn room_of(file: &Path) -> Option<String> {
    let inside = file.strip_prefix(source()).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    let room = first.strip_suffix(".rs").unwrap_or(first);
    (room != "lib").then(|| room.to_owned())
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        let entries =
            fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
        for path in entries.map(|entry| entry.expect("a directory entry").path()) {
            let built = path.ends_with("target") || path.ends_with("node_modules");
            if path.is_dir() && !built {
                open.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    assert!(!files.is_empty(), "no Rust files in {}", dir.display());
    files
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn shown(file: &Path) -> String {
    let workspace = source().join("../..");
    let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let root = workspace.canonicalize().unwrap_or(workspace);
    file.strip_prefix(root).unwrap_or(&file).display().to_string()
}
