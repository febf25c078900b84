//! Who takes the money.

use std::time::Duration;

use adapters::{PaymentSettings, StripeSettings};

use super::{
    Config, Problems,
    check::{given, is_web, text},
};

/// The payment provider that the settings choose.
#[derive(Clone, Debug)]
pub enum Provider {
    /// Moves no money.
    Simulator(PaymentSettings),
    /// Cards.
    Stripe(StripeSettings),
}

impl Config {
    /// Is the provider chosen, and its keys there?
    pub(super) fn check_payments(&self, problems: &mut Problems) {
        match self.payments.as_str() {
            "stripe" => self.check_stripe(problems),
            "simulator" => {}
            "" if !self.is_https() => {}
            "" => problems.add(
                "PAYMENTS",
                "is required for an https site: stripe, or simulator to move no money",
            ),
            _ => problems.add("PAYMENTS", "must be stripe or simulator"),
        }
    }

    fn check_stripe(&self, problems: &mut Problems) {
        let key = text(self.stripe_secret_key.as_ref());
        problems.required("STRIPE_SECRET_KEY", !key.is_empty());
        if !key.is_empty() && !key.starts_with("sk_") && !key.starts_with("rk_") {
            problems.add("STRIPE_SECRET_KEY", "must begin with sk_ or rk_");
        }
        let webhook = text(self.stripe_webhook_secret.as_ref());
        if !webhook.is_empty() && !webhook.starts_with("whsec_") {
            problems.add("STRIPE_WEBHOOK_SECRET", "must begin with whsec_");
        }
        let url = &self.stripe_api_url;
        if !is_web(url) || (self.is_https() && !url.starts_with("https://")) {
            problems.add(
                "STRIPE_API_URL",
                "must be an https address (http is for tests, on an http site)",
            );
        }
    }

    /// The chosen provider with what it needs.
    pub(super) fn provider(&self) -> Provider {
        if self.payments == "stripe" {
            Provider::Stripe(self.stripe())
        } else {
            Provider::Simulator(PaymentSettings {
                delay: Duration::from_millis(self.simulator_delay_ms.into()),
                declined_percent: self.simulator_failure_rate,
                refused_refunds_percent: self.simulator_refund_failure_rate,
                unknown_refunds_percent: self.simulator_refund_unknown_rate,
            })
        }
    }

    fn stripe(&self) -> StripeSettings {
        let webhook_secret = self.stripe_webhook_secret.as_ref();
        StripeSettings {
            api_url: self.stripe_api_url.clone(),
            webhook_secret: webhook_secret.filter(|secret| given(Some(secret))).cloned(),
            ..StripeSettings::new(self.stripe_secret_key.clone().unwrap_or_default())
        }
    }
}

impl Provider {
    /// Does money move? Not in the simulator, nor with Stripe's keys for tests.
    pub fn is_real(&self) -> bool {
        match self {
            Self::Simulator(_) => false,
            Self::Stripe(settings) => !settings.is_test(),
        }
    }
}
