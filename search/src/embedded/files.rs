//! Generations beside each other in a directory, and the file that says which one is in use.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const POINTER: &str = "current.json";
const PREFIX: &str = "generation-";

/// Which generation is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pointer {
    /// Its directory's name.
    pub(super) generation: String,
    /// Of the settings and the schema it was made with.
    pub(super) digest: String,
}

/// What the pointer says; `None` if there is none.
pub(super) fn read_pointer(dir: &Path) -> io::Result<Option<Pointer>> {
    let text = match fs::read_to_string(dir.join(POINTER)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let pointer: Pointer = serde_json::from_str(&text)?;
    if number(&pointer.generation).is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it names no generation"));
    }
    Ok(Some(pointer))
}

/// Replaces the pointer in one step that outlives a power loss.
pub(super) fn write_pointer(dir: &Path, pointer: &Pointer) -> io::Result<()> {
    let beside = dir.join("current.json.new");
    let mut file = File::create(&beside)?;
    file.write_all(&serde_json::to_vec(pointer)?)?;
    file.sync_all()?;
    fs::rename(&beside, dir.join(POINTER))?;
    sync_directory(dir)
}

/// Makes the directory of a new generation, with a name never used before.
pub(super) fn create_generation(dir: &Path, at_least: u64) -> io::Result<(String, PathBuf)> {
    let highest = generations(dir)?.iter().filter_map(|name| number(name)).max().unwrap_or(0);
    let name = format!("{PREFIX}{}", highest.max(at_least) + 1);
    let path = dir.join(&name);
    fs::create_dir(&path)?;
    sync_directory(dir)?;
    Ok((name, path))
}

/// Removes all generations but one; what can't be removed is left for the next time.
pub(super) fn remove_leftovers(dir: &Path, keep: Option<&str>) -> io::Result<()> {
    for name in generations(dir)? {
        if Some(name.as_str()) != keep {
            remove(&dir.join(&name));
        }
    }
    Ok(())
}

/// Removes a generation's directory.
pub(super) fn remove(path: &Path) {
    if let Err(error) = fs::remove_dir_all(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, path = %path.display(), "an old search index could not be removed");
    }
}

/// Bytes of the files in a directory.
pub(super) fn size(path: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(path)? {
        // Merging removes files at any time.
        bytes += entry?.metadata().map_or(0, |meta| meta.len());
    }
    Ok(bytes)
}

/// A generation's number, from its name.
pub(super) fn number(name: &str) -> Option<u64> {
    name.strip_prefix(PREFIX)?.parse().ok()
}

fn generations(dir: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if number(&name).is_some() {
            names.push(name);
        }
    }
    Ok(names)
}

#[cfg(unix)]
fn sync_directory(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_dir: &Path) -> io::Result<()> {
    Ok(())
}
