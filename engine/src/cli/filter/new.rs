//! `rialto filter new`: a small whole project from the templates, buildable with what the registries hold.

use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::FilterError;

include!(concat!(env!("OUT_DIR"), "/templates.rs"));

/// What the template is called; the new filter's name takes its place.
const TEMPLATE: &str = "first-words";
/// Names a crate or a Python module can't have, or that would hide what the project needs.
const TAKEN: [&str; 9] =
    ["alloc", "core", "filter", "proc-macro", "serde", "std", "test", "utf8", "rialto-filter-sdk"];

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The filter's name: a-z, 0-9 and hyphens, such as `no-couriers`
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// What it is written in
    #[arg(long, value_enum)]
    lang: Language,
    /// Where to write it, a new or an empty directory [default: the name]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Rust only: use the SDK in this directory instead of a copy inside the project
    #[arg(long, value_name = "PATH")]
    sdk: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// Rust, by cargo
    Rust,
    /// JavaScript, by componentize-js
    #[value(alias = "javascript")]
    Js,
    /// Python, by componentize-py
    #[value(alias = "py")]
    Python,
}

impl Language {
    fn key(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Js => "js",
            Self::Python => "python",
        }
    }

    fn build(self) -> &'static [&'static str] {
        match self {
            Self::Rust => &["cargo test", "cargo build --target wasm32-wasip2 --profile filter"],
            Self::Js => &["npm install", "npm run build"],
            Self::Python => &["make"],
        }
    }

    fn component(self, name: &str) -> String {
        match self {
            Self::Rust => {
                format!("target/wasm32-wasip2/filter/{}.wasm", name.replace('-', "_"))
            }
            Self::Js | Self::Python => "filter.wasm".to_owned(),
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), FilterError> {
    let Arguments { name, lang, dir, sdk } = arguments;
    let dir = dir.clone().unwrap_or_else(|| PathBuf::from(name));
    check_empty(&dir)?;
    let sdk = match sdk {
        Some(path) if *lang == Language::Rust => Some(existing_sdk(path)?),
        Some(_) => {
            return Err(FilterError::Usage(
                "--sdk is for --lang rust: the others need none".into(),
            ));
        }
        None => None,
    };
    let files = project(*lang, name, sdk.as_deref());
    for (path, text) in &files {
        let path = dir.join(path);
        let written = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        written
            .and_then(|()| std::fs::write(&path, text))
            .map_err(|source| FilterError::file(&path, source))?;
    }
    println!("{name}: {} files in {}\n", files.len(), dir.display());
    println!("  cd {}", dir.display());
    let component = lang.component(name);
    for command in lang.build() {
        println!("  {command}");
    }
    println!("  rialto filter check {component}\n  rialto filter test {component}");
    Ok(())
}

/// Every file of a project: path and text.
fn project(lang: Language, name: &str, sdk: Option<&str>) -> Vec<(&'static str, String)> {
    let files = FILES.iter().filter(|(language, path, _)| {
        *language == lang.key() && !(sdk.is_some() && path.starts_with("vendor/"))
    });
    let text = |path: &str, text: &str| match path {
        "Cargo.toml" => manifest(&renamed(text, name), sdk.unwrap_or("vendor/sdk")),
        "wit/filter.wit" => text.to_owned(),
        path if path.starts_with("vendor/") => vendored(text),
        _ => renamed(text, name),
    };
    files.map(|(_, path, from)| (*path, text(path, from))).collect()
}

fn renamed(text: &str, name: &str) -> String {
    text.replace(TEMPLATE, name).replace(&TEMPLATE.replace('-', "_"), &name.replace('-', "_"))
}

/// The template is part of a workspace that has the profile; a project has its own.
fn manifest(text: &str, sdk: &str) -> String {
    let text = text.replace("\"../../sdk\"", &format!("{sdk:?}"));
    format!(
        "{text}
# A panic is a trap, so there is no unwinding.
[profile.filter]
inherits = \"release\"
opt-level = 3
lto = true
codegen-units = 1
panic = \"abort\"
strip = true

# A workspace of its own, wherever the project lies.
[workspace]
exclude = [\"vendor\"]
"
    )
}

/// A file of the SDK as it must be outside this repository.
fn vendored(text: &str) -> String {
    let inherited = [
        (
            "rust-version.workspace = true",
            concat!("rust-version = \"", env!("CARGO_PKG_RUST_VERSION"), "\""),
        ),
        ("version.workspace = true", concat!("version = \"", env!("CARGO_PKG_VERSION"), "\"")),
        ("edition.workspace = true", "edition = \"2024\""),
        ("license.workspace = true", concat!("license = \"", env!("CARGO_PKG_LICENSE"), "\"")),
        ("publish.workspace = true", "publish = false"),
        ("\n[lints]\nworkspace = true\n", ""),
        ("../../schema/filter.wit", "../../wit/filter.wit"),
        (
            "/// The example in `plugins/README.md`, so that it is compiled and run.\n#[cfg(doctest)]\n#[doc = include_str!(\"../../README.md\")]\nstruct Readme;\n\n",
            "",
        ),
    ];
    inherited.iter().fold(text.to_owned(), |text, (ours, theirs)| text.replace(ours, theirs))
}

fn name(text: &str) -> Result<String, String> {
    let fits = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.ends_with('-')
        && text.len() <= 64;
    if !fits {
        return Err("use a-z, 0-9 and hyphens, a letter first, at most 64 of them".into());
    }
    if TAKEN.contains(&text) {
        return Err("this name is taken by something a filter needs".into());
    }
    Ok(text.to_owned())
}

fn check_empty(dir: &Path) -> Result<(), FilterError> {
    match std::fs::read_dir(dir) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(FilterError::Usage(format!(
                "{} is not empty; name another directory with --dir",
                dir.display()
            ))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(FilterError::file(dir, error)),
    }
}

fn existing_sdk(path: &Path) -> Result<String, FilterError> {
    let manifest = path.join("Cargo.toml");
    let text = std::fs::read_to_string(&manifest)
        .map_err(|source| FilterError::file(&manifest, source))?;
    if !text.contains("name = \"rialto-filter-sdk\"") {
        let text = format!("--sdk: {} is not rialto-filter-sdk", path.display());
        return Err(FilterError::Usage(text));
    }
    let path = path.canonicalize().map_err(|source| FilterError::file(path, source))?;
    path.to_str()
        .map(str::to_owned)
        .ok_or_else(|| FilterError::Usage("--sdk: the path is not UTF-8".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_project_is_whole_and_bears_its_name() {
        for lang in [Language::Rust, Language::Js, Language::Python] {
            let files = project(lang, "no-couriers", None);
            let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
            for path in ["README.md", ".gitignore", "cases.jsonl", "wit/filter.wit"] {
                assert!(paths.contains(&path), "{lang:?} has no {path}: {paths:?}");
            }
            for (path, text) in &files {
                let old = text.contains("first-words") || text.contains("first_words");
                assert!(!old, "{lang:?}: {path} still has the template's name");
            }
        }
    }

    /// What the copied SDK inherits from this repository, or points to in it, must be replaced.
    #[test]
    fn a_copied_sdk_needs_nothing_from_this_repository() {
        for (path, text) in project(Language::Rust, "no-couriers", None) {
            let extension = Path::new(&path).extension().and_then(|extension| extension.to_str());
            if matches!(extension, Some("toml" | "rs")) {
                for link in ["workspace = true", "../../schema", "../../README", "../../sdk"] {
                    assert!(!text.contains(link), "{path} still has {link:?}:\n{text}");
                }
            }
        }
        let linked = project(Language::Rust, "no-couriers", Some("/somewhere/sdk"));
        assert!(linked.iter().all(|(path, _)| !path.starts_with("vendor/")));
        let manifest = linked.iter().find(|(path, _)| *path == "Cargo.toml").expect("a manifest");
        assert!(manifest.1.contains("{ path = \"/somewhere/sdk\" }"), "{}", manifest.1);
    }

    #[test]
    fn names_are_good_for_a_crate_and_a_filter() {
        for good in ["a", "no-couriers", "words2"] {
            assert_eq!(name(good).as_deref(), Ok(good));
        }
        for bad in ["", "No", "2words", "-a", "a-", "a_b", "a.b", "ä", "serde", &"a".repeat(65)] {
            assert!(name(bad).is_err(), "{bad:?} is no name");
        }
    }
}
