use std::sync::Arc;

use adapters::{PaymentSimulator, fake::ScriptedPayments};
use service::ports::{Charge, ChargeOutcome, Payments};
use types::{Currency, Money};
use uuid::Uuid;

type Subject = Arc<dyn Payments>;

fn twin() -> Subject {
    Arc::new(ScriptedPayments::default())
}

fn engine() -> std::future::Ready<Subject> {
    std::future::ready(Arc::new(PaymentSimulator::default()))
}

on_both! {
    a_charge_asked_again_has_the_same_outcome,
    a_charge_never_asked_can_be_asked_about,
}

async fn a_charge_asked_again_has_the_same_outcome(payments: Subject) {
    let charge = charge(1, "ok");
    assert_eq!(payments.charge(&charge).await, ChargeOutcome::Succeeded);
    assert_eq!(payments.charge(&charge).await, ChargeOutcome::Succeeded);
    assert_eq!(payments.find(&charge).await, ChargeOutcome::Succeeded);
}

/// A process may end between noting the question and asking it.
async fn a_charge_never_asked_can_be_asked_about(payments: Subject) {
    assert_eq!(
        payments.find(&charge(2, "ok")).await,
        ChargeOutcome::Succeeded
    );
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

fn charge(id: u128, token: &str) -> Charge {
    Charge {
        id: Uuid::from_u128(id),
        amount: Money::new(2500, Currency::default()),
        token: token.into(),
    }
}
