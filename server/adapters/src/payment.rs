//! A simulated payment provider. It keeps nothing: the outcome of a charge follows
//! from the charge alone, so every process gives the same answer, also after a crash.

use std::time::Duration;

use async_trait::async_trait;
use service::ports::{Charge, ChargeOutcome, Payments};

/// The longest answer time a token may ask for.
const SLOWEST: Duration = Duration::from_secs(30);

/// How the simulated provider behaves.
#[derive(Clone, Debug, Default)]
pub struct PaymentSettings {
    /// How long every answer takes.
    pub delay: Duration,
    /// How many charges of a hundred are declined although their token is fine.
    pub declined_percent: u8,
}

/// Reads `token`: `ok`, `decline`, `timeout` (unknown at first, paid when asked
/// again), `slow:<ms>` (paid after so long, at most 30 s). Anything else is declined,
/// as a provider does with a card it does not know.
#[derive(Debug, Default)]
pub struct PaymentSimulator {
    settings: PaymentSettings,
}

impl PaymentSimulator {
    /// A provider that behaves like this.
    pub fn new(settings: PaymentSettings) -> Self {
        Self { settings }
    }

    fn final_outcome(&self, charge: &Charge) -> ChargeOutcome {
        // The last bytes of a UUIDv7 are random, and the same for the same charge.
        let draw = charge.id.as_u128() % 100;
        let is_known = matches!(charge.token.as_str(), "" | "ok" | "timeout")
            || slowness(&charge.token).is_some();
        if is_known && draw >= u128::from(self.settings.declined_percent) {
            ChargeOutcome::Succeeded
        } else {
            ChargeOutcome::Declined
        }
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
}

fn slowness(token: &str) -> Option<Duration> {
    let millis = token.strip_prefix("slow:")?.parse().ok()?;
    Some(Duration::from_millis(millis).min(SLOWEST))
}

#[cfg(test)]
mod tests {
    use types::Money;
    use uuid::Uuid;

    use super::*;

    fn charge(token: &str) -> Charge {
        Charge {
            id: Uuid::from_u128(0x42),
            amount: Money::new(1200, types::Currency::default()),
            token: token.into(),
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
}
