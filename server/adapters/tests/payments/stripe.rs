//! The client of Stripe beside a local server of its protocol.

mod charges;
mod refunds;
mod webhooks;

use std::{sync::Arc, time::Duration};

use adapters::{Stripe, StripeSettings, fake::MockClock};
use service::ports::{Charge, ChargeOutcome, Payments};
use stripe_twin::{SECRET_KEY, Seen, Step, StripeTwin, WEBHOOK_SECRET};
use types::Money;

use super::{charge, refund};

/// A client of the server.
pub fn client(server: &StripeTwin) -> Stripe {
    Stripe::new(&settings(server), Arc::<MockClock>::default()).unwrap()
}

fn settings(server: &StripeTwin) -> StripeSettings {
    StripeSettings {
        api_url: server.url().into(),
        webhook_secret: Some(WEBHOOK_SECRET.into()),
        ..StripeSettings::new(SECRET_KEY.into())
    }
}

/// A client that does not wait long.
fn hasty_client(server: &StripeTwin) -> Stripe {
    let hasty = StripeSettings {
        timeout: Duration::from_millis(800),
        ..settings(server)
    };
    Stripe::new(&hasty, Arc::<MockClock>::default()).unwrap()
}

/// How much money all payments took, without what went back.
fn balance(server: &StripeTwin) -> i64 {
    server.taken().iter().map(|money| money.amount).sum()
}

fn statuses(server: &StripeTwin) -> Vec<String> {
    let intents = server.intents().into_iter();
    intents.map(|intent| intent.status).collect()
}

fn steps(server: &StripeTwin) -> Vec<Step> {
    server.seen().into_iter().map(|seen| seen.step).collect()
}

fn fields(seen: &Seen) -> Vec<(&str, &str)> {
    let form = seen.form.iter();
    form.map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// A charge that took its money.
async fn paid(payments: &Stripe, id: u128) -> Charge {
    let charge = charge(id, "pm_card_visa");
    assert_eq!(payments.charge(&charge).await, ChargeOutcome::Succeeded);
    charge
}

fn of(charge: Charge, amount: Money) -> Charge {
    Charge { amount, ..charge }
}
