//! Accounts: register, log in by cookie or tokens, log out, profile, devices.
//!
//! A login is one device of an account. The web proves it with a session cookie (the
//! edge keeps the login's id in the session), an app with an access token and a chain
//! of refresh tokens. Revoking the login's row ends both.

mod devices;
mod logins;
mod passwords;
mod profile;
mod refresh;
mod roles;
mod rules;
mod sign_in;
mod tokens;

pub use devices::{devices, revoke_device};
pub use passwords::Passwords;
pub use profile::{may_update_me, me, person, update_me};
pub use refresh::refresh;
pub use roles::set_role;
pub use sign_in::{log_in, log_in_web, register, register_web};
pub use tokens::Tokens;

use jiff::SignedDuration;
use types::{Code, LoginId, accounts::Actor};

use crate::{Ctx, Result};

/// Ended logins stay this long, for whoever asks what happened.
const ENDED_KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Ends the actor's login everywhere.
///
/// # Errors
/// `NotSignedIn`.
pub async fn log_out(ctx: &Ctx) -> Result<()> {
    let (account, login) = (ctx.account()?, ctx.login()?);
    devices::end(ctx, account, login).await?;
    // Also when another process ended it a moment ago.
    ctx.services.tokens.logins.revoke(login, ctx.now());
    Ok(())
}

/// Who an access token belongs to.
///
/// # Errors
/// `InvalidToken` when it is forged, expired or its login revoked.
pub fn actor_of_token(ctx: &Ctx, access_token: &str) -> Result<Actor> {
    ctx.services.tokens.check(access_token, ctx.now())
}

/// Who a web login belongs to; `None` once it is revoked.
///
/// # Errors
/// `Unavailable` when Postgres is asked and away.
pub async fn actor_of_login(ctx: &Ctx, login: LoginId) -> Result<Option<Actor>> {
    ctx.services.tokens.logins.actor(ctx, login).await
}

/// The actor of a token as Postgres knows it, asked at most once a minute for each
/// login: with today's role, and noted as in use.
///
/// # Errors
/// `InvalidToken` when the login has ended, `Unavailable` when Postgres is asked and away.
pub async fn confirm(ctx: &Ctx) -> Result<Actor> {
    let known = ctx.services.tokens.logins.actor(ctx, ctx.login()?).await?;
    known.ok_or_else(|| Code::InvalidToken.into())
}

/// Learns of logins revoked by other processes; every process calls it at boot and
/// then every 250 ms.
///
/// # Errors
/// `Unavailable` when Postgres is away.
pub async fn poll_revoked(ctx: &Ctx) -> Result<()> {
    ctx.services.tokens.logins.poll(ctx).await
}

/// Removes sessions, refresh tokens, logins and counters that have ended; the worker
/// calls it now and then.
///
/// # Errors
/// `Unavailable` when Postgres is away.
pub async fn sweep(ctx: &Ctx) -> Result<()> {
    let now = ctx.now();
    let settings = ctx.settings();
    let longest = settings.session_for.max(settings.refresh_token_for);
    let ended_before = now - SignedDuration::try_from(longest).unwrap_or_default() - ENDED_KEPT_FOR;
    let mut conn = ctx.db().conn().await?;
    store::sessions::delete_expired_sessions(&mut conn, now).await?;
    store::sessions::delete_expired_refresh(&mut conn, now).await?;
    store::sessions::delete_ended_logins(&mut conn, ended_before).await?;
    store::rate::delete_idle(&mut conn, now).await?;
    Ok(())
}
