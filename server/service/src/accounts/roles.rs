//! What an account may do on the platform.

use types::{AccountId, Code, accounts::Role};

use super::devices;
use crate::{Ctx, Error, Result};

/// Gives an account a role. Its logins end, because their credentials carry the old one.
///
/// # Errors
/// `NotSignedIn`, `Forbidden` for everybody but admins; `NotFound`.
pub async fn set_role(ctx: &Ctx, account: AccountId, role: Role) -> Result<()> {
    if !ctx.is_admin() {
        ctx.account()?;
        return Err(Error::new(Code::Forbidden));
    }
    let mut tx = ctx.db().begin().await?;
    let found = store::accounts::lock(&mut tx, account).await?;
    if found.is_none() {
        return Err(Error::not_found());
    }
    store::accounts::set_role(&mut tx, account, role, ctx.now()).await?;
    tx.commit().await?;
    devices::end_all(ctx, account).await
}
