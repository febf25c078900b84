use std::sync::Arc;

use adapters::{PaymentSimulator, fake::ScriptedPayments};
use jiff::Timestamp;
use service::ports::{Charge, ChargeOutcome, Payments, Refund, RefundOutcome, WebhookError};
use stripe_twin::StripeTwin;
use types::{Currency, Money};
use uuid::Uuid;

mod stripe;

/// Makes a test of each promise for every provider.
macro_rules! on_every {
    ($($promise:ident),+ $(,)?) => {
        mod on_the_twin {
            $(#[tokio::test] async fn $promise() { super::$promise(super::Subject::twin()).await; })+
        }
        mod on_the_simulator {
            $(#[tokio::test] async fn $promise() { super::$promise(super::Subject::simulator()).await; })+
        }
        mod on_stripe {
            $(#[tokio::test] async fn $promise() { super::$promise(super::Subject::stripe().await).await; })+
        }
    };
}

on_every! {
    a_charge_asked_again_has_the_same_outcome,
    a_declined_charge_stays_declined,
    a_charge_never_asked_for_gets_an_outcome_and_keeps_it,
    a_refund_asked_again_is_the_same_refund,
    a_charge_goes_back_in_parts,
    nobody_but_the_provider_is_believed,
}

/// A provider, and what cards are called there.
struct Subject {
    payments: Arc<dyn Payments>,
    good_card: &'static str,
    bad_card: &'static str,
    script: Option<Arc<ScriptedPayments>>,
    _server: Option<StripeTwin>,
}

impl Subject {
    fn twin() -> Self {
        let script = Arc::new(ScriptedPayments::default());
        Self {
            payments: script.clone(),
            script: Some(script),
            ..Self::simulator()
        }
    }

    fn simulator() -> Self {
        Self {
            payments: Arc::new(PaymentSimulator::default()),
            good_card: "ok",
            bad_card: "decline",
            script: None,
            _server: None,
        }
    }

    async fn stripe() -> Self {
        let server = StripeTwin::start().await;
        Self {
            payments: Arc::new(stripe::client(&server)),
            good_card: "pm_card_visa",
            bad_card: "pm_card_chargeDeclined",
            script: None,
            _server: Some(server),
        }
    }

    fn good(&self, id: u128) -> Charge {
        charge(id, self.good_card)
    }

    /// A charge that is declined when it is asked for next.
    fn bad(&self, id: u128) -> Charge {
        if let Some(script) = &self.script {
            script.will_answer([ChargeOutcome::Declined]);
        }
        charge(id, self.bad_card)
    }
}

async fn a_charge_asked_again_has_the_same_outcome(subject: Subject) {
    let (payments, charge) = (&subject.payments, subject.good(1));
    assert_eq!(payments.charge(&charge).await, ChargeOutcome::Succeeded);
    assert_eq!(payments.charge(&charge).await, ChargeOutcome::Succeeded);
    assert_eq!(payments.find(&charge).await, ChargeOutcome::Succeeded);
}

async fn a_declined_charge_stays_declined(subject: Subject) {
    let (payments, charge) = (&subject.payments, subject.bad(1));
    assert_eq!(payments.charge(&charge).await, ChargeOutcome::Declined);
    assert_eq!(payments.find(&charge).await, ChargeOutcome::Declined);
    assert_eq!(payments.charge(&charge).await, ChargeOutcome::Declined);
}

/// A process may end between noting the question and asking it.
async fn a_charge_never_asked_for_gets_an_outcome_and_keeps_it(subject: Subject) {
    let (payments, charge) = (&subject.payments, subject.good(2));
    let found = payments.find(&charge).await;
    assert_ne!(found, ChargeOutcome::Unknown);
    assert_eq!(payments.find(&charge).await, found);
    assert_eq!(payments.charge(&charge).await, found);
    assert_eq!(payments.find(&charge).await, found);
}

async fn a_refund_asked_again_is_the_same_refund(subject: Subject) {
    let (payments, charge) = (&subject.payments, subject.good(1));
    assert_eq!(payments.charge(&charge).await, ChargeOutcome::Succeeded);
    let whole = refund(10, &charge, 2500);
    assert_eq!(payments.refund(&whole).await, RefundOutcome::Succeeded);
    assert_eq!(payments.refund(&whole).await, RefundOutcome::Succeeded);
    assert_eq!(payments.find_refund(&whole).await, RefundOutcome::Succeeded);
}

async fn a_charge_goes_back_in_parts(subject: Subject) {
    let (payments, charge) = (&subject.payments, subject.good(1));
    assert_eq!(payments.charge(&charge).await, ChargeOutcome::Succeeded);
    for (id, part) in [(10, 1000), (11, 1400), (12, 100)] {
        let part = refund(id, &charge, part);
        assert_eq!(payments.refund(&part).await, RefundOutcome::Succeeded);
        assert_eq!(payments.find_refund(&part).await, RefundOutcome::Succeeded);
    }
}

async fn nobody_but_the_provider_is_believed(subject: Subject) {
    let body = br#"{"type":"payment_intent.succeeded","data":{"object":{}}}"#;
    let now = Timestamp::UNIX_EPOCH;
    for signature in ["", "t=0,v1=00", "nonsense"] {
        let error = subject
            .payments
            .read_webhook(signature, body, now)
            .unwrap_err();
        assert_ne!(
            error,
            WebhookError::Malformed,
            "its form is not even looked at"
        );
    }
}

#[tokio::test]
async fn the_simulator_reads_its_outcome_from_the_token() {
    let provider = PaymentSimulator::default();
    assert_eq!(
        provider.charge(&charge(1, "decline")).await,
        ChargeOutcome::Declined
    );
    assert_eq!(
        provider.find(&charge(1, "decline")).await,
        ChargeOutcome::Declined
    );
    assert_eq!(
        provider.charge(&charge(2, "timeout")).await,
        ChargeOutcome::Unknown
    );
    assert_eq!(
        provider.find(&charge(2, "timeout")).await,
        ChargeOutcome::Succeeded
    );
    assert_eq!(
        provider.charge(&charge(3, "slow:20")).await,
        ChargeOutcome::Succeeded
    );
}

#[tokio::test]
async fn the_twin_follows_its_script_and_takes_money_once() {
    let provider = ScriptedPayments::default();
    provider.will_answer([
        ChargeOutcome::Unknown,
        ChargeOutcome::Succeeded,
        ChargeOutcome::Declined,
    ]);
    assert_eq!(
        provider.charge(&charge(1, "ok")).await,
        ChargeOutcome::Unknown
    );
    assert_eq!(
        provider.find(&charge(1, "ok")).await,
        ChargeOutcome::Succeeded
    );
    assert_eq!(
        provider.charge(&charge(1, "ok")).await,
        ChargeOutcome::Succeeded
    );
    assert_eq!(
        provider.charge(&charge(2, "ok")).await,
        ChargeOutcome::Declined
    );
    assert_eq!(provider.taken(), [charge(1, "ok")]);
    assert_eq!(provider.calls(), 4);
}

#[tokio::test]
async fn the_twin_gives_back_what_it_took_and_no_more() {
    let provider = ScriptedPayments::default();
    let (paid, declined) = (charge(1, "ok"), charge(2, "ok"));
    provider.will_answer([ChargeOutcome::Succeeded, ChargeOutcome::Declined]);
    provider.charge(&paid).await;
    provider.charge(&declined).await;
    provider.will_answer_refunds([RefundOutcome::Unknown]);
    let first = refund(10, &paid, 2000);

    assert_eq!(provider.find_refund(&first).await, RefundOutcome::Refused);
    assert_eq!(provider.refund(&first).await, RefundOutcome::Unknown);
    assert_eq!(provider.find_refund(&first).await, RefundOutcome::Succeeded);
    for refused in [refund(11, &paid, 501), refund(12, &declined, 1)] {
        assert_eq!(provider.refund(&refused).await, RefundOutcome::Refused);
    }
    assert_eq!(provider.refunded(), [first]);
}

fn charge(id: u128, token: &str) -> Charge {
    Charge {
        id: Uuid::from_u128(id),
        amount: Money::new(2500, Currency::default()),
        token: token.into(),
    }
}

fn refund(id: u128, charge: &Charge, amount_minor: i64) -> Refund {
    Refund {
        id: Uuid::from_u128(id),
        charge: charge.id,
        amount: Money::new(amount_minor, charge.amount.currency),
    }
}
