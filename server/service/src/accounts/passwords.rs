//! Password hashing: argon2id with 19 MiB, two passes, one lane (OWASP's first choice),
//! on as many blocking threads as there are cores, so that a rush of logins takes
//! neither the memory nor the threads of everything else.

use std::{num::NonZero, sync::Arc, thread::available_parallelism, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use types::Code;

use crate::{Error, Result};

/// Waiting per thread; at about 20 ms each the last one waits a second and a half.
const QUEUE_PER_THREAD: usize = 64;

/// What is checked when there is no account: a hash of nothing in particular with the
/// same parameters, so that the answer takes the same time.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmUhIQ$Bj1VWa4V+cW4Qn1nnN3mXb+XhWJ1LqbH6C5vDHVY3y8";

/// Hashes passwords on a bounded pool.
pub struct Passwords {
    threads: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

impl Passwords {
    /// As many threads as there are cores.
    pub fn new() -> Self {
        Self::with_threads(
            available_parallelism().map_or(2, NonZero::get),
            QUEUE_PER_THREAD,
        )
    }

    fn with_threads(threads: usize, queue_per_thread: usize) -> Self {
        Self {
            threads: Arc::new(Semaphore::new(threads)),
            places: Arc::new(Semaphore::new(threads * (1 + queue_per_thread))),
        }
    }

    /// The PHC string of a password.
    ///
    /// # Errors
    /// [`Code::Unavailable`] when too many wait already.
    pub async fn hash(&self, password: String, salt: [u8; 16]) -> Result<String> {
        self.run(move || {
            let hash: PasswordHash =
                argon2().hash_password_with_salt(password.as_bytes(), &salt)?;
            Ok(hash.to_string())
        })
        .await?
        .map_err(|error: argon2::password_hash::Error| Error::internal(error.to_string()))
    }

    /// Does the password belong to the hash? Without a hash: no, after the same work.
    ///
    /// # Errors
    /// [`Code::Unavailable`] when too many wait already.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        self.run(move || {
            let is_somebody = hash.is_some();
            let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
            let fits = PasswordHash::new(&hash)
                .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
            fits && is_somebody
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy = || {
            Error::new(Code::Unavailable)
                .detail("Too many people log in right now.")
                .retry_after(Duration::from_secs(2))
        };
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| busy())?;
        let thread = Arc::clone(&self.threads)
            .acquire_owned()
            .await
            .map_err(|_| busy())?;
        // The permits travel with the work: a client that goes away does not make room early.
        let done = tokio::task::spawn_blocking(move || {
            let answer = work();
            drop((thread, place));
            answer
        });
        done.await.map_err(Error::internal)
    }
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone() {
        let passwords = Passwords::new();
        let hash = passwords
            .hash("correct horse battery".into(), [7; 16])
            .await
            .unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(
            passwords
                .verify("correct horse battery".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct horse batterz".into(), Some(hash))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct horse battery".into(), Some("broken".into()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify("correct horse battery".into(), None)
                .await
                .unwrap()
        );
    }

    #[test]
    fn the_hash_of_nobody_costs_what_a_real_one_costs() {
        let hash = PasswordHash::new(NOBODY).unwrap();
        let params = Params::try_from(&hash).unwrap();
        assert_eq!(
            (params.m_cost(), params.t_cost(), params.p_cost()),
            (19 * 1024, 2, 1)
        );
        assert_eq!(hash.hash.unwrap().len(), 32);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_instead_of_growing() {
        let passwords = Passwords::with_threads(1, 0);
        let _busy = Arc::clone(&passwords.places).try_acquire_owned().unwrap();
        let refused = passwords.verify("x".into(), None).await.unwrap_err();
        assert_eq!(refused.code, Code::Unavailable);
        assert!(refused.retry_after.is_some());
    }
}
