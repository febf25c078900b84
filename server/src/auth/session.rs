//! The browser's login in its session, through axum-login, and the handle that server
//! functions use.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use axum_login::{AuthUser, AuthnBackend};
use service::{
    Ctx, Services, accounts, rate,
    session::{SessionHandle, Typed, WebSession},
};
use tower_sessions::Expiry;
use types::{
    AccountId, Code, LoginId,
    accounts::{Actor, Role},
};

use super::{LOGIN, sessions::Sessions};

/// The longest JSON that is kept of a form.
const LONGEST_FORM: usize = 16 * 1024;

/// A session with whoever is logged in by it.
pub(super) type AuthSession = axum_login::AuthSession<Backend>;

/// Who is logged in, by which login.
#[derive(Clone, Debug)]
pub(super) struct WebUser {
    account: AccountId,
    login: LoginId,
    role: Role,
}

impl WebUser {
    pub(super) fn actor(&self) -> Actor {
        Actor::Account {
            id: self.account,
            login: self.login,
            role: self.role,
        }
    }
}

impl AuthUser for WebUser {
    type Id = LoginId;

    fn id(&self) -> LoginId {
        self.login
    }

    /// The login itself: it is revoked by its row, not by a changed hash.
    fn session_auth_hash(&self) -> &[u8] {
        self.login.0.as_bytes()
    }
}

/// Finds the user of a session's login.
#[derive(Clone)]
pub(super) struct Backend {
    ctx: Ctx,
}

/// A use case's error as axum-login wants it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct BackendError(#[from] service::Error);

impl Backend {
    pub(super) fn new(services: Arc<Services>) -> Self {
        Self {
            ctx: Ctx::system(services),
        }
    }
}

impl AuthnBackend for Backend {
    type User = WebUser;
    /// Proven by the use case that made the login.
    type Credentials = LoginId;
    type Error = BackendError;

    async fn authenticate(&self, login: LoginId) -> Result<Option<WebUser>, BackendError> {
        self.get_user(&login).await
    }

    async fn get_user(&self, login: &LoginId) -> Result<Option<WebUser>, BackendError> {
        Ok(match accounts::actor_of_login(&self.ctx, *login).await? {
            Some(Actor::Account { id, login, role }) => Some(WebUser {
                account: id,
                login,
                role,
            }),
            Some(Actor::Anonymous | Actor::System) | None => None,
        })
    }
}

/// The session of one request.
pub(super) struct Handle {
    ctx: Ctx,
    auth: Mutex<AuthSession>,
    sessions: Sessions,
}

impl Handle {
    pub(super) fn new(ctx: Ctx, auth: AuthSession, sessions: Sessions) -> Self {
        Self {
            ctx,
            auth: Mutex::new(auth),
            sessions,
        }
    }

    pub(super) fn into_web_session(self) -> WebSession {
        Arc::new(self)
    }

    /// A session in use goes on, written at most once a day; one whose login ended is
    /// forgotten, cookie included.
    pub(super) async fn keep_alive(&self) {
        let auth = self.auth();
        let Some(id) = auth.session.id() else { return };
        if auth.user.is_some() {
            if self.sessions.is_due(&id).await {
                let lasts = time::Duration::try_from(self.ctx.settings().session_for);
                auth.session
                    .set_expiry(lasts.ok().map(Expiry::OnInactivity));
            }
            return;
        }
        if matches!(auth.session.get_value(LOGIN).await, Ok(Some(_))) {
            // Tried again with the next request.
            let _ = auth.session.flush().await;
        }
    }

    fn auth(&self) -> AuthSession {
        self.auth
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set_auth(&self, auth: AuthSession) {
        *self.auth.lock().unwrap_or_else(PoisonError::into_inner) = auth;
    }

    /// Another process may have written since this one remembered the session.
    async fn reload(&self, auth: &AuthSession) -> service::Result<()> {
        if let Some(id) = auth.session.id() {
            self.sessions.forget(&id).await;
            auth.session.load().await.map_err(unavailable)?;
        }
        Ok(())
    }
}

#[async_trait]
impl SessionHandle for Handle {
    async fn start(&self, login: LoginId) -> service::Result<()> {
        let mut auth = self.auth();
        if let Some(before) = &auth.user {
            accounts::log_out(&self.ctx.acting_as(before.actor())).await?;
        }
        let user = auth
            .backend
            .get_user(&login)
            .await
            .map_err(|BackendError(error)| error)?;
        let user = user.ok_or_else(|| service::Error::new(Code::NotSignedIn))?;
        // Whoever planted the old id must not share the login (session fixation).
        auth.session.cycle_id().await.map_err(unavailable)?;
        auth.login(&user).await.map_err(unavailable)?;
        auth.session.save().await.map_err(unavailable)?;
        self.set_auth(auth);
        Ok(())
    }

    async fn end(&self) -> service::Result<()> {
        let mut auth = self.auth();
        // Somebody who logs out with a token keeps the browser's session.
        let is_own = auth
            .user
            .as_ref()
            .is_none_or(|user| self.ctx.login().is_ok_and(|login| login == user.login));
        if is_own && auth.session.id().is_some() {
            auth.logout().await.map_err(unavailable)?;
            self.set_auth(auth);
        }
        Ok(())
    }

    async fn keep_form(&self, form: &str, typed: Typed) -> service::Result<()> {
        let value = serde_json::to_value(&typed).map_err(service::Error::internal)?;
        if value.to_string().len() > LONGEST_FORM {
            return Err(Code::PayloadTooLarge.into());
        }
        let auth = self.auth();
        if auth.session.id().is_none() {
            // Otherwise anybody could fill the table of sessions.
            rate::spend_by_address(&self.ctx, rate::Kind::Form).await?;
        }
        self.reload(&auth).await?;
        auth.session
            .insert_value(&key(form), value)
            .await
            .map_err(unavailable)?;
        auth.session.save().await.map_err(unavailable)
    }

    async fn take_form(&self, form: &str) -> service::Result<Typed> {
        let auth = self.auth();
        if auth.session.id().is_none() {
            return Ok(Typed::new());
        }
        self.reload(&auth).await?;
        if auth
            .session
            .get_value(&key(form))
            .await
            .map_err(unavailable)?
            .is_none()
        {
            return Ok(Typed::new());
        }
        let kept = auth
            .session
            .remove::<Typed>(&key(form))
            .await
            .map_err(unavailable)?;
        auth.session.save().await.map_err(unavailable)?;
        Ok(kept.unwrap_or_default())
    }
}

fn key(form: &str) -> String {
    format!("form {form}")
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> service::Error {
    service::Error::new(Code::Unavailable).because(error)
}
