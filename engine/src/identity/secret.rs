//! The signing secret in the data directory: made once, whole or not at all, readable by its owner only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use rand::TryRngCore;
use rand::rngs::OsRng;

use super::IdentityError;

const FILE: &str = "token.secret";
const MIN_BYTES: usize = 32;

/// The secret, which is made if there is none.
pub(super) fn open_or_make(data_dir: &Path) -> Result<Vec<u8>, IdentityError> {
    let path = data_dir.join(FILE);
    if !path.exists() {
        make(data_dir, &path)
            .map_err(|source| IdentityError::File { path: path.clone(), source })?;
    }
    let text = read(&path)?;
    let secret = text.trim_ascii().to_vec();
    if secret.len() < MIN_BYTES {
        return Err(IdentityError::ShortSecret { path, bytes: secret.len() });
    }
    warn_if_readable_by_others(&path);
    Ok(secret)
}

/// A whole file; the error names it.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, IdentityError> {
    fs::read(path).map_err(|source| IdentityError::File { path: path.to_owned(), source })
}

fn make(data_dir: &Path, path: &Path) -> io::Result<()> {
    fs::create_dir_all(data_dir)?;
    let mut random = [0_u8; 40];
    OsRng.try_fill_bytes(&mut random).map_err(io::Error::other)?;
    let (secret, suffix) = random.split_at(32);
    let draft = data_dir.join(format!("{FILE}.{}", hex(suffix)));
    let written = write(&draft, &hex(secret));
    // A link fails if the file is there by now, so two that start at once agree on one secret.
    let linked = written.and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    let removed = fs::remove_file(&draft);
    linked?;
    removed?;
    File::open(data_dir)?.sync_all()
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn warn_if_readable_by_others(path: &Path) {
    #[cfg(unix)]
    if let Ok(metadata) = fs::metadata(path) {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions());
        if mode & 0o077 != 0 {
            tracing::warn!(path = %path.display(), "others can read the signing secret; set its mode to 0600");
        }
    }
}
