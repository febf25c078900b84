//! A simulated payment provider. It keeps no money and no accounts: an outcome follows
//! from the question alone, so every process gives the same answer, also after a crash.

use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use service::ports::{Charge, ChargeOutcome, Payments, Refund, RefundOutcome};
use uuid::Uuid;

/// The longest answer time a token may ask for.
const SLOWEST: Duration = Duration::from_secs(30);

/// How the simulated provider behaves.
#[derive(Clone, Debug, Default)]
pub struct PaymentSettings {
    /// How long every answer takes.
    pub delay: Duration,
    /// How many charges of a hundred are declined although their token is fine.
    pub declined_percent: u8,
    /// How many refunds of a hundred are refused.
    pub refused_refunds_percent: u8,
    /// How many refunds of a hundred are unknown at first, and done when asked again.
    pub unknown_refunds_percent: u8,
}

/// Reads `token`: `ok`, `decline`, `timeout` (unknown at first, paid when asked
/// again), `slow:<ms>` (paid after so long, at most 30 s). Anything else is declined,
/// as a provider does with a card it does not know.
///
/// Refunds have no token, so what becomes of them is drawn from their id. Knowing no
/// charges, it cannot tell how much of one is left: every positive amount may go back.
#[derive(Debug, Default)]
pub struct PaymentSimulator {
    settings: PaymentSettings,
    /// The refunds this process was told nothing about at first.
    left_open: Mutex<HashSet<Uuid>>,
}

impl PaymentSimulator {
    /// A provider that behaves like this.
    pub fn new(settings: PaymentSettings) -> Self {
        Self {
            settings,
            left_open: Mutex::default(),
        }
    }

    fn final_outcome(&self, charge: &Charge) -> ChargeOutcome {
        let is_known = matches!(charge.token.as_str(), "" | "ok" | "timeout")
            || slowness(&charge.token).is_some();
        if is_known && draw(charge.id) >= self.settings.declined_percent {
            ChargeOutcome::Succeeded
        } else {
            ChargeOutcome::Declined
        }
    }

    fn final_refund(&self, refund: &Refund) -> RefundOutcome {
        let is_refused = draw(refund.id) < self.settings.refused_refunds_percent;
        if is_refused || refund.amount.amount_minor <= 0 {
            RefundOutcome::Refused
        } else {
            RefundOutcome::Succeeded
        }
    }

    /// Is this one of the refunds that are unknown at first, and asked for the first time?
    fn leaves_open(&self, refund: &Refund) -> bool {
        let draw = draw(refund.id);
        let from = self.settings.refused_refunds_percent;
        let to = from.saturating_add(self.settings.unknown_refunds_percent);
        let mut left_open = self
            .left_open
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        (from..to).contains(&draw) && left_open.insert(refund.id)
    }
}

#[async_trait]
impl Payments for PaymentSimulator {
    async fn charge(&self, charge: &Charge) -> ChargeOutcome {
        tokio::time::sleep(self.settings.delay + slowness(&charge.token).unwrap_or_default()).await;
        if charge.token == "timeout" {
            ChargeOutcome::Unknown
        } else {
            self.final_outcome(charge)
        }
    }

    async fn find(&self, charge: &Charge) -> ChargeOutcome {
        tokio::time::sleep(self.settings.delay).await;
        self.final_outcome(charge)
    }

    async fn refund(&self, refund: &Refund) -> RefundOutcome {
        tokio::time::sleep(self.settings.delay).await;
        if self.leaves_open(refund) {
            RefundOutcome::Unknown
        } else {
            self.final_refund(refund)
        }
    }

    async fn find_refund(&self, refund: &Refund) -> RefundOutcome {
        tokio::time::sleep(self.settings.delay).await;
        self.final_refund(refund)
    }
}

/// 0 to 99, the same for the same id: the last bytes of a UUIDv7 are random.
fn draw(id: Uuid) -> u8 {
    u8::try_from(id.as_u128() % 100).unwrap_or(0)
}

fn slowness(token: &str) -> Option<Duration> {
    let millis = token.strip_prefix("slow:")?.parse().ok()?;
    Some(Duration::from_millis(millis).min(SLOWEST))
}

#[cfg(test)]
mod tests {
    use types::Money;

    use super::*;

    fn charge(token: &str) -> Charge {
        Charge {
            id: Uuid::from_u128(0x42),
            amount: Money::new(1200, types::Currency::default()),
            token: token.into(),
        }
    }

    fn refund(id: u128) -> Refund {
        Refund {
            id: Uuid::from_u128(id),
            charge: Uuid::from_u128(0x42),
            amount: Money::new(1200, types::Currency::default()),
        }
    }

    #[test]
    fn a_slow_answer_is_bounded() {
        assert_eq!(slowness("slow:250"), Some(Duration::from_millis(250)));
        assert_eq!(slowness("slow:999999999"), Some(SLOWEST));
        assert_eq!(slowness("ok"), None);
    }

    #[tokio::test]
    async fn a_card_nobody_knows_is_declined() {
        let provider = PaymentSimulator::default();
        for token in ["nonsense", "slow:", "slow:-1", "OK"] {
            assert_eq!(
                provider.charge(&charge(token)).await,
                ChargeOutcome::Declined,
                "{token}"
            );
        }
    }

    #[tokio::test]
    async fn a_failure_rate_declines_its_share_and_stays_with_it() {
        let provider = PaymentSimulator::new(PaymentSettings {
            declined_percent: 30,
            ..PaymentSettings::default()
        });
        let mut declined = 0;
        for id in 0..1000 {
            let charge = Charge {
                id: Uuid::from_u128(id),
                ..charge("ok")
            };
            let outcome = provider.charge(&charge).await;
            assert_eq!(provider.find(&charge).await, outcome);
            declined += u32::from(outcome == ChargeOutcome::Declined);
        }
        assert_eq!(declined, 300);
    }

    #[tokio::test]
    async fn refunds_are_refused_and_unknown_in_their_shares() {
        let provider = PaymentSimulator::new(PaymentSettings {
            refused_refunds_percent: 10,
            unknown_refunds_percent: 20,
            ..PaymentSettings::default()
        });
        let (mut refused, mut unknown) = (0, 0);
        for id in 0..1000 {
            let refund = refund(id);
            let first = provider.refund(&refund).await;
            let later = provider.refund(&refund).await;
            assert_ne!(later, RefundOutcome::Unknown, "asked again it is known");
            assert_eq!(provider.find_refund(&refund).await, later);
            refused += u32::from(later == RefundOutcome::Refused);
            unknown += u32::from(first == RefundOutcome::Unknown);
        }
        assert_eq!((refused, unknown), (100, 200));
    }
}
