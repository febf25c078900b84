//! Where an account is logged in.

use jiff::{Timestamp, tz::TimeZone};
use types::{AccountId, LoginId, accounts::Device};

use super::sign_in::lifetime;
use crate::{Ctx, Error, Result};

/// More than anybody looks through.
const LISTED: i64 = 100;

/// Where the account is logged in, latest login first; at most 100.
///
/// # Errors
/// `NotSignedIn`.
pub async fn devices(ctx: &Ctx) -> Result<Vec<Device>> {
    let (account, current) = (ctx.account()?, ctx.login()?);
    let mut conn = ctx.db().conn().await?;
    let zone = store::accounts::find(&mut conn, account)
        .await?
        .map(|account| account.time_zone)
        .unwrap_or_default();
    let logins = store::sessions::list_logins(&mut conn, account, live(ctx)).await?;
    Ok(logins
        .into_iter()
        .map(|login| Device {
            id: login.id,
            kind: login.kind,
            user_agent: login.user_agent,
            created_at: login.created_at,
            last_seen_at: login.last_seen_at,
            is_current: login.id == current,
            last_seen_text: in_zone(login.last_seen_at, &zone),
        })
        .collect())
}

/// Logs one device out.
///
/// # Errors
/// `NotSignedIn`; `NotFound` when it is not a live login of this account.
pub async fn revoke_device(ctx: &Ctx, login: LoginId) -> Result<()> {
    let account = ctx.account()?;
    if end(ctx, account, login).await? {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}

/// Revokes a login of the account: here before this returns, elsewhere within a poll.
/// False when it was not there or had ended already.
pub(super) async fn end(ctx: &Ctx, account: AccountId, login: LoginId) -> Result<bool> {
    let now = ctx.now();
    let was_live =
        store::sessions::revoke_login(&mut *ctx.db().conn().await?, account, login, now).await?;
    if was_live {
        ctx.services.tokens.logins.revoke(login, now);
    }
    Ok(was_live)
}

/// Revokes every live login of the account.
pub(super) async fn end_all(ctx: &Ctx, account: AccountId) -> Result<()> {
    let logins =
        store::sessions::list_logins(&mut *ctx.db().conn().await?, account, live(ctx)).await?;
    for login in logins {
        end(ctx, account, login.id).await?;
    }
    Ok(())
}

fn live(ctx: &Ctx) -> store::sessions::LoginFilter {
    let settings = ctx.settings();
    store::sessions::LoginFilter {
        web_since: ctx.now() - lifetime(settings.session_for),
        app_since: ctx.now() - lifetime(settings.refresh_token_for),
        rows: LISTED,
    }
}

/// `Fri 5 Dec 2026, 20:00` where the person lives.
fn in_zone(at: Timestamp, zone: &str) -> String {
    at.to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC))
        .strftime("%a %-d %b %Y, %H:%M")
        .to_string()
}
