//! Exchanging a refresh token for the next pair (RFC 9700, section 4.14.2: rotation
//! with reuse detection).

use jiff::SignedDuration;
use store::sessions::RefreshRow;
use types::{
    Code, LoginId,
    accounts::{Refresh, TokenPair},
};

use super::{
    devices,
    sign_in::{add_refresh, lifetime},
    tokens::{self, Ingredients},
};
use crate::{Ctx, Error, Result, idempotency::IdempotencyKey, rate};

/// How long an answer may get lost and be asked for again with the same key.
const REPEATABLE_FOR: SignedDuration = SignedDuration::from_secs(60);

/// A new pair for a refresh token; reuse revokes the family. With the idempotency key
/// of the first use, the same pair comes again for a minute.
///
/// # Errors
/// `InvalidToken`, `RefreshReused`, `RateLimited`.
pub async fn refresh(
    ctx: &Ctx,
    command: Refresh,
    key: Option<IdempotencyKey>,
) -> Result<TokenPair> {
    rate::spend_by_address(ctx, rate::Kind::Refresh).await?;
    let old = command.refresh_token;
    let digest = tokens::digest(&old);
    let mut tx = ctx.db().begin().await?;
    // First the row's lock, then the look: parallel uses of one token see each other.
    let is_first = store::sessions::use_refresh(
        &mut tx,
        &digest,
        ctx.now(),
        key.as_ref().map(IdempotencyKey::as_str),
    )
    .await?;
    let row = store::sessions::find_refresh(&mut tx, &digest)
        .await?
        .ok_or_else(not_valid)?;
    if !is_first {
        drop(tx);
        return repeated(ctx, &old, &row, key.as_ref()).await;
    }
    if row.is_revoked || row.expires_at <= ctx.now() {
        return Err(not_valid());
    }
    let next = ctx.services.tokens.successor(&old);
    add_refresh(ctx, &mut tx, &next, row.login).await?;
    store::sessions::touch_login(&mut tx, row.login, ctx.now(), ctx.now()).await?;
    tx.commit().await?;
    pair(ctx, &row, next, ctx.now()).await
}

/// The token was used before: by the same phone that lost the answer, or by two.
async fn repeated(
    ctx: &Ctx,
    old: &str,
    row: &RefreshRow,
    key: Option<&IdempotencyKey>,
) -> Result<TokenPair> {
    let same_key = key.is_some_and(|key| row.used_key.as_deref() == Some(key.as_str()));
    let used_at = row
        .used_at
        .filter(|at| ctx.now().duration_since(*at) <= REPEATABLE_FOR);
    match used_at {
        Some(used_at) if same_key && !row.is_revoked => {
            let next = ctx.services.tokens.successor(old);
            pair(ctx, row, next, used_at).await
        }
        _ => Err(reused(ctx, row, row.login).await?),
    }
}

/// Ends the family: whoever holds one of its tokens has to log in again.
async fn reused(ctx: &Ctx, row: &RefreshRow, login: LoginId) -> Result<Error> {
    devices::end(ctx, row.account, login).await?;
    tracing::warn!(login.id = %login, "refresh token reused, family revoked");
    Ok(Error::new(Code::RefreshReused))
}

/// The pair that follows from the token's use at `used_at`, whenever it is asked for.
async fn pair(
    ctx: &Ctx,
    row: &RefreshRow,
    next: String,
    used_at: jiff::Timestamp,
) -> Result<TokenPair> {
    let account = store::accounts::find(&mut *ctx.db().conn().await?, row.account)
        .await?
        .ok_or_else(not_valid)?;
    ctx.services.tokens.pair(Ingredients {
        account: account.id,
        login: row.login,
        role: account.role,
        at: used_at,
        lives_for: lifetime(ctx.settings().access_token_for),
        refresh_token: next,
    })
}

fn not_valid() -> Error {
    Error::new(Code::InvalidToken)
        .detail("This refresh token is not valid (any more). Please log in again.")
}
