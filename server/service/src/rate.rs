//! Rate limits: how many calls of a kind, per address or account, in a time.

use std::time::Duration;

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
        Self { calls, per: Duration::from_secs(60) }
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
    /// Holds, purchases, payments per account.
    pub purchase: Limit,
    /// Uploads per account.
    pub upload: Limit,
    /// Everything else, per account or address.
    pub general: Limit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            login_by_address: Limit::per_minute(30),
            login_by_account: Limit::per_minute(10),
            register: Limit { calls: 10, per: Duration::from_secs(600) },
            refresh: Limit::per_minute(30),
            purchase: Limit::per_minute(60),
            upload: Limit::per_minute(30),
            general: Limit::per_minute(1200),
        }
    }
}

impl Limits {
    /// Limits that a test or a bench on one machine does not meet.
    pub fn relaxed() -> Self {
        let wide = Limit { calls: 100_000_000, per: Duration::from_secs(60) };
        Self {
            login_by_address: wide,
            login_by_account: wide,
            register: wide,
            refresh: wide,
            purchase: wide,
            upload: wide,
            general: wide,
        }
    }
}
