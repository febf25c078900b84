//! Rate limits: how many calls of a kind, per address or account, in a time.
//!
//! Both counters are GCRA (generic cell rate algorithm, ITU-T I.371): one instant per
//! key, no window that everybody hits at once. Limits of logins, registrations,
//! receipts and uploads hold over all processes together, in one SQL statement. Purchases, answers and
//! the general limit are counted in each process alone: with N processes behind a balancer
//! somebody may get N times as far, and it costs no SQL. What one person may buy is
//! decided by the event's limit per person, not by a rate.

mod limiter;

pub use limiter::Limiter;

use std::{net::IpAddr, sync::Mutex, time::Duration};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use types::{Code, accounts::Actor};

use crate::{Ctx, Error, Result};

/// So many calls in so long; a burst of the whole number is fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub calls: u32,
    /// In how long.
    pub per: Duration,
}

impl Limit {
    /// `calls` per minute.
    pub const fn per_minute(calls: u32) -> Self {
        Self {
            calls,
            per: Duration::from_mins(1),
        }
    }

    fn window(self) -> SignedDuration {
        SignedDuration::try_from(self.per).unwrap_or(SignedDuration::MAX)
    }

    /// The time one call takes out of the window; at least what Postgres can tell apart.
    fn cost(self) -> SignedDuration {
        let calls = i32::try_from(self.calls).unwrap_or(i32::MAX).max(1);
        (self.window() / calls).max(SignedDuration::from_micros(1))
    }

    fn verdict(self, kind: Kind, now: Timestamp, tat: Timestamp, is_allowed: bool) -> Verdict {
        let used = tat.duration_since(now).max(SignedDuration::ZERO);
        let free = (self.window() - used).max(SignedDuration::ZERO).as_nanos()
            / self.cost().as_nanos().max(1);
        let wait = used + self.cost() - self.window();
        Verdict {
            policy: kind.name(),
            limit: self,
            remaining: u32::try_from(free).unwrap_or(self.calls).min(self.calls),
            reset: unsigned(used),
            retry_after: (!is_allowed).then(|| unsigned(wait).max(Duration::from_millis(1))),
        }
    }
}

fn unsigned(duration: SignedDuration) -> Duration {
    Duration::try_from(duration).unwrap_or_default()
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// See [`Limits::login_by_address`].
    LoginByAddress,
    /// See [`Limits::login_by_account`].
    LoginByAccount,
    /// See [`Limits::register`].
    Register,
    /// See [`Limits::refresh`].
    Refresh,
    /// See [`Limits::form`].
    Form,
    /// See [`Limits::purchase`].
    Purchase,
    /// See [`Limits::rsvp`].
    Rsvp,
    /// See [`Limits::promo_code`].
    PromoCode,
    /// See [`Limits::receipt`].
    Receipt,
    /// See [`Limits::upload`].
    Upload,
    /// See [`Limits::general`].
    General,
}

impl Kind {
    /// The policy's name in the `RateLimit` headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::LoginByAddress => "login",
            Self::LoginByAccount => "login-account",
            Self::Register => "register",
            Self::Refresh => "refresh",
            Self::Form => "form",
            Self::Purchase => "purchase",
            Self::Rsvp => "rsvp",
            Self::PromoCode => "promo-code",
            Self::Receipt => "receipt",
            Self::Upload => "upload",
            Self::General => "general",
        }
    }
}

/// All limits. [`Limits::default`] is for production.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Logins per address.
    pub login_by_address: Limit,
    /// Logins per account that is tried and address, so that nobody locks out somebody else.
    pub login_by_account: Limit,
    /// Registrations per address.
    pub register: Limit,
    /// Refreshes per address.
    pub refresh: Limit,
    /// Sessions made to keep a stranger's refused form, per address.
    pub form: Limit,
    /// Holds, purchases, payments per account; in each process.
    pub purchase: Limit,
    /// Answers to events per account, each of which others are told of; in each process.
    pub rsvp: Limit,
    /// Promo codes tried, right or wrong, per account or address; in each process.
    pub promo_code: Limit,
    /// Receipts sent again, per account.
    pub receipt: Limit,
    /// Uploads per account.
    pub upload: Limit,
    /// Everything, per account or address; in each process.
    pub general: Limit,
    /// Do the limits hold over all processes together? Otherwise they cost no SQL.
    pub is_shared: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            login_by_address: Limit::per_minute(30),
            login_by_account: Limit::per_minute(10),
            register: Limit {
                calls: 10,
                per: Duration::from_mins(10),
            },
            refresh: Limit::per_minute(30),
            form: Limit::per_minute(30),
            purchase: Limit::per_minute(60),
            rsvp: Limit {
                calls: 20,
                per: Duration::from_mins(10),
            },
            promo_code: Limit::per_minute(60),
            receipt: Limit {
                calls: 5,
                per: Duration::from_mins(10),
            },
            upload: Limit::per_minute(30),
            general: Limit::per_minute(1200),
            is_shared: true,
        }
    }
}

impl Limits {
    /// Limits that a test or a bench on one machine does not meet.
    pub fn relaxed() -> Self {
        let wide = Limit {
            calls: 10_000_000,
            per: Duration::from_mins(1),
        };
        Self {
            login_by_address: wide,
            login_by_account: wide,
            register: wide,
            refresh: wide,
            form: wide,
            purchase: wide,
            rsvp: wide,
            promo_code: wide,
            receipt: wide,
            upload: wide,
            general: wide,
            is_shared: false,
        }
    }

    /// The limit of a kind.
    pub fn of(&self, kind: Kind) -> Limit {
        match kind {
            Kind::LoginByAddress => self.login_by_address,
            Kind::LoginByAccount => self.login_by_account,
            Kind::Register => self.register,
            Kind::Refresh => self.refresh,
            Kind::Form => self.form,
            Kind::Purchase => self.purchase,
            Kind::Rsvp => self.rsvp,
            Kind::PromoCode => self.promo_code,
            Kind::Receipt => self.receipt,
            Kind::Upload => self.upload,
            Kind::General => self.general,
        }
    }
}

/// What one request left of one limit, for the answer's headers.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    /// The policy's name.
    pub policy: &'static str,
    /// What was allowed.
    pub limit: Limit,
    /// Calls left.
    pub remaining: u32,
    /// When all calls are there again.
    pub reset: Duration,
    /// Refused; when the next call fits.
    pub retry_after: Option<Duration>,
}

/// The verdicts of one request, in the order they were made.
#[derive(Debug, Default)]
pub struct Meter(Mutex<Vec<Verdict>>);

impl Meter {
    /// All verdicts until now.
    pub fn verdicts(&self) -> Vec<Verdict> {
        self.0
            .lock()
            .map(|verdicts| verdicts.clone())
            .unwrap_or_default()
    }

    fn add(&self, verdict: Verdict) {
        if let Ok(mut verdicts) = self.0.lock() {
            verdicts.push(verdict);
        }
    }
}

/// Spends a call of the actor: by account when signed in, else by address. The
/// platform itself is not limited.
///
/// # Errors
/// [`Code::RateLimited`].
pub async fn spend(ctx: &Ctx, kind: Kind) -> Result<()> {
    match ctx.actor {
        Actor::System => Ok(()),
        Actor::Account { id, .. } => spend_key(ctx, kind, id.0.as_u128()).await,
        Actor::Anonymous => spend_key(ctx, kind, address_key(ctx.address)).await,
    }
}

/// Spends a call of the address, whoever is signed in.
///
/// # Errors
/// [`Code::RateLimited`].
pub async fn spend_by_address(ctx: &Ctx, kind: Kind) -> Result<()> {
    if ctx.actor == Actor::System {
        return Ok(());
    }
    spend_key(ctx, kind, address_key(ctx.address)).await
}

/// Spends a call of the address against one name: an attacker elsewhere cannot use up
/// the tries of the name's owner.
///
/// # Errors
/// [`Code::RateLimited`].
pub async fn spend_by_name(ctx: &Ctx, kind: Kind, name: &str) -> Result<()> {
    if ctx.actor == Actor::System {
        return Ok(());
    }
    let digest = Sha256::new()
        .chain_update(address_key(ctx.address).to_be_bytes())
        .chain_update(name.as_bytes())
        .finalize();
    spend_key(ctx, kind, first_u128(&digest)).await
}

/// Spends a call of the general limit, without I/O.
///
/// # Errors
/// [`Code::RateLimited`].
pub fn spend_general(ctx: &Ctx) -> Result<()> {
    let key = match ctx.actor {
        Actor::System => return Ok(()),
        Actor::Account { id, .. } => id.0.as_u128(),
        Actor::Anonymous => address_key(ctx.address),
    };
    settle(ctx, spend_here(ctx, Kind::General, key))
}

async fn spend_key(ctx: &Ctx, kind: Kind, key: u128) -> Result<()> {
    let limits = &ctx.settings().limits;
    let is_here = matches!(kind, Kind::Purchase | Kind::Rsvp | Kind::PromoCode);
    let verdict = if limits.is_shared && !is_here {
        spend_everywhere(ctx, kind, key).await?
    } else {
        spend_here(ctx, kind, key)
    };
    settle(ctx, verdict)
}

fn spend_here(ctx: &Ctx, kind: Kind, key: u128) -> Verdict {
    let limit = ctx.settings().limits.of(kind);
    let now = ctx.now();
    let (tat, is_allowed) =
        ctx.services
            .limiter
            .spend((kind, key), now, limit.cost(), limit.window());
    limit.verdict(kind, now, tat, is_allowed)
}

async fn spend_everywhere(ctx: &Ctx, kind: Kind, key: u128) -> Result<Verdict> {
    let limit = ctx.settings().limits.of(kind);
    let now = ctx.now();
    let row_key = format!(
        "{}:{}",
        kind.name(),
        hex::encode(&Sha256::digest(key.to_be_bytes())[..16])
    );
    let mut conn = ctx.db().conn().await?;
    let spent = store::rate::spend(&mut conn, &row_key, now, limit.cost(), limit.window()).await?;
    Ok(match spent {
        Some(spent) => limit.verdict(kind, now, spent.tat, spent.is_allowed),
        None => limit.verdict(kind, now, now + limit.window(), false),
    })
}

fn settle(ctx: &Ctx, verdict: Verdict) -> Result<()> {
    ctx.meter.add(verdict);
    match verdict.retry_after {
        None => Ok(()),
        Some(wait) => Err(Error::new(Code::RateLimited).retry_after(wait)),
    }
}

/// IPv6 customers hold whole networks: the first 64 bits count.
fn address_key(address: Option<IpAddr>) -> u128 {
    match address.map(|address| address.to_canonical()) {
        None => 0,
        Some(IpAddr::V4(v4)) => v4.to_ipv6_mapped().to_bits(),
        Some(IpAddr::V6(v6)) => v6.to_bits() >> 64 << 64,
    }
}

fn first_u128(digest: &[u8]) -> u128 {
    digest
        .iter()
        .take(16)
        .fold(0, |number, byte| number << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let key = |text: &str| address_key(text.parse().ok());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    #[test]
    fn a_limit_without_calls_lets_one_through_instead_of_dividing_by_zero() {
        assert_eq!(Limit::per_minute(0).cost(), SignedDuration::from_secs(60));
    }
}
