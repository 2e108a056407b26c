//! Compiles a crate's phrases in its build script.

use std::path::Path;
use std::{env, fs};

use super::compile;

/// Compiles all files of a folder, in the order of their names, to `static BOOK` in `$OUT_DIR/book.rs`;
/// include that. For build scripts.
///
/// # Panics
/// If there is something wrong with a phrase, which is named by file and line, or a file can't be read.
#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells build scripts where to write by the environment"
)]
pub fn build(folder: &str) {
    println!("cargo::rerun-if-changed={folder}");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("the folder `{folder}`: {error}"))
        .map(|file| file.expect("a readable folder").path())
        .collect();
    files.sort();
    let mut text = String::new();
    for file in &files {
        let phrases = fs::read_to_string(file).expect("a file of UTF-8 text");
        if let Err(problems) = compile(&phrases) {
            let lines = problems
                .iter()
                .map(|it| format!("\n{}:{}: {}", file.display(), it.line, it.problem));
            panic!("{}", lines.collect::<String>());
        }
        text.push_str(&phrases);
        text.push('\n');
    }
    let book = compile(&text).expect("files that are valid one by one are so together");
    let code = format!(
        "#[allow(clippy::all, clippy::pedantic)]\nstatic BOOK: ::rialto_filter_sdk::text::phrases::Book = {};\n",
        book.to_rust()
    );
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("book.rs"), code).expect("cargo's folder is writable");
}
