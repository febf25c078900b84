//! The web session of a request as the pages see it: a port, so that `app` can log a
//! browser in without knowing how sessions are kept. The edge puts a
//! [`WebSession`] into every request's extensions.

use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use types::LoginId;

use crate::Result;

/// What somebody typed into a form, by field name. Never a password.
pub type Typed = BTreeMap<String, String>;

/// The session handle in a request's extensions.
pub type WebSession = Arc<dyn SessionHandle>;

/// The server-side session behind the cookie of one request.
#[async_trait]
pub trait SessionHandle: Send + Sync {
    /// Logs the browser in under a fresh session id. A login that was there before
    /// is ended, as if its owner had logged out.
    ///
    /// # Errors
    /// `Unavailable` when the session cannot be stored.
    async fn start(&self, login: LoginId) -> Result<()>;

    /// Forgets the session and takes the cookie back. The login itself is ended by
    /// [`crate::accounts::log_out`].
    ///
    /// # Errors
    /// `Unavailable` when the session cannot be removed.
    async fn end(&self) -> Result<()>;

    /// Keeps the typed values of a refused form for the page that follows the
    /// redirect; they replace what was kept for that form. At most 16 kB.
    ///
    /// # Errors
    /// `Unavailable` when the session cannot be stored, `PayloadTooLarge`.
    async fn keep_form(&self, form: &str, typed: Typed) -> Result<()>;

    /// The kept values, once: they are gone afterwards. Empty when there are none.
    ///
    /// # Errors
    /// `Unavailable` when the session cannot be read.
    async fn take_form(&self, form: &str) -> Result<Typed>;
}
