//! Passwords: argon2id, on threads of their own, a few at a time, because each takes many milliseconds and mebibytes.

use std::sync::Arc;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use tokio::sync::Semaphore;

use super::StaffError;

/// Hashed at once; others wait.
const AT_ONCE: usize = 2;
/// Waiting at most; more are told to come back.
const WAITING: usize = 64;
/// Characters of a password.
const LENGTH: std::ops::RangeInclusive<usize> = 12..=256;

/// Hashes and verifies, within bounds.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let (turns, room) = (Semaphore::new(AT_ONCE), Semaphore::new(WAITING));
        Self { turns: Arc::new(turns), room: Arc::new(room) }
    }
}

impl Passwords {
    /// Whether it may be a password at all.
    pub fn check(field: &'static str, password: &str) -> Result<(), StaffError> {
        if LENGTH.contains(&password.chars().count()) {
            return Ok(());
        }
        let (least, most) = (LENGTH.start(), LENGTH.end());
        let message = format!("A password has {least} to {most} characters.");
        Err(StaffError::invalid(field, message))
    }

    /// The hash in PHC form.
    pub async fn hash(&self, password: String) -> Result<String, StaffError> {
        self.blocking(move || {
            let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>()).map_err(failed)?;
            let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(failed)
        })
        .await
    }

    /// Whether the password is the hash's. Without a hash it takes as long and is wrong, so that nobody learns from the
    /// time which addresses have accounts.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, StaffError> {
        if password.chars().count() > *LENGTH.end() {
            return Ok(false);
        }
        let Some(hash) = hash else { return self.hash(password).await.map(|_| false) };
        self.blocking(move || {
            let hash = PasswordHash::new(&hash).map_err(failed)?;
            Ok(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StaffError> + Send + 'static,
    ) -> Result<T, StaffError> {
        let _room = self.room.try_acquire().map_err(|_| StaffError::Busy)?;
        // Held by the work itself: whoever stops waiting does not stop it.
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(failed)?;
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(failed)?
    }
}

fn failed(error: impl std::fmt::Display) -> StaffError {
    StaffError::Failed(format!("a password can't be hashed: {error}"))
}
