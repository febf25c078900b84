//! What this process knows of logins without asking Postgres each time: which ones
//! were revoked lately, and whose the ones in use are.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError, RwLock},
};

use jiff::{SignedDuration, Timestamp};
use moka::future::Cache;
use types::{
    AccountId, LoginId,
    accounts::{Actor, Role},
};

use crate::{Ctx, Result};

/// Longer than an access token lives and than an owner is remembered.
const REMEMBERED_FOR: SignedDuration = SignedDuration::from_mins(20);
/// A transaction that revokes may commit this much after the instant it wrote.
const OVERLAP: SignedDuration = SignedDuration::from_secs(30);
/// How long an owner is believed; roles change within it, revocation does not wait for it.
const FRESH_FOR: SignedDuration = SignedDuration::from_mins(1);
const OWNERS: u64 = 50_000;

pub(super) struct Logins {
    revoked: RwLock<HashMap<LoginId, Timestamp>>,
    polled_at: Mutex<Option<Timestamp>>,
    owners: Cache<LoginId, Owner>,
}

#[derive(Clone, Copy)]
struct Owner {
    account: AccountId,
    role: Role,
    checked_at: Timestamp,
}

impl Default for Logins {
    fn default() -> Self {
        Self {
            revoked: RwLock::default(),
            polled_at: Mutex::default(),
            owners: Cache::new(OWNERS),
        }
    }
}

impl Logins {
    pub(super) fn is_revoked(&self, login: LoginId) -> bool {
        self.revoked
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(&login)
    }

    /// From now on this process refuses the login.
    pub(super) fn revoke(&self, login: LoginId, at: Timestamp) {
        self.revoked
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(login, at);
    }

    /// Reads what other processes revoked; the first time everything that may matter.
    pub(super) async fn poll(&self, ctx: &Ctx) -> Result<()> {
        let now = ctx.now();
        let last = *self
            .polled_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let since = last.map_or(now - REMEMBERED_FOR, |at| at - OVERLAP);
        let found = store::sessions::list_revoked(&mut *ctx.db().conn().await?, since).await?;
        let mut revoked = self.revoked.write().unwrap_or_else(PoisonError::into_inner);
        revoked.extend(found);
        revoked.retain(|_, at| *at > now - REMEMBERED_FOR);
        drop(revoked);
        *self
            .polled_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(now);
        Ok(())
    }

    /// Who comes in by a login; `None` when it is revoked or unknown. Asks Postgres at
    /// most once a minute for each login, and notes there that it is in use.
    pub(super) async fn actor(&self, ctx: &Ctx, login: LoginId) -> Result<Option<Actor>> {
        if self.is_revoked(login) {
            return Ok(None);
        }
        let owner = match self.owners.get(&login).await {
            Some(owner) if ctx.now().duration_since(owner.checked_at) < FRESH_FOR => Some(owner),
            _ => self.load(ctx, login).await?,
        };
        Ok(owner.map(|owner| Actor::Account {
            id: owner.account,
            login,
            role: owner.role,
        }))
    }

    async fn load(&self, ctx: &Ctx, login: LoginId) -> Result<Option<Owner>> {
        let now = ctx.now();
        let mut conn = ctx.db().conn().await?;
        let Some(found) = store::sessions::find_login_owner(&mut conn, login).await? else {
            self.owners.invalidate(&login).await;
            return Ok(None);
        };
        if found.last_seen_at <= now - FRESH_FOR {
            store::sessions::touch_login(&mut conn, login, now, now - FRESH_FOR).await?;
        }
        let owner = Owner {
            account: found.account,
            role: found.role,
            checked_at: now,
        };
        self.owners.insert(login, owner).await;
        Ok(Some(owner))
    }
}
