use std::time::Duration;

use adapters::fake::SeededIds;
use jiff::SignedDuration;
use service::ports::{Clock, Ids, Refund, RefundOutcome};
use stripe_twin::Fault;

use super::*;

#[tokio::test]
async fn a_refund_names_its_intent_and_carries_our_id() {
    let server = StripeTwin::start().await;
    let payments = client(&server);
    let refund = refund(10, &paid(&payments, 1).await, 1000);
    assert_eq!(payments.refund(&refund).await, RefundOutcome::Succeeded);

    let id = refund.id.to_string();
    let seen = server.seen();
    let asked = seen.iter().find(|seen| seen.step == Step::Refund).unwrap();
    assert_eq!(asked.key, Some(format!("{id}-refund")));
    assert_eq!(
        fields(asked),
        [
            ("amount", "1000"),
            ("metadata[refund_id]", id.as_str()),
            ("payment_intent", "pi_0001"),
        ]
    );
    assert_eq!(balance(&server), 1500);
}

#[tokio::test]
async fn a_disturbed_refund_is_unknown_and_is_made_once_when_asked_again() {
    for fault in [
        Fault::DropRequest,
        Fault::DropAnswer,
        Fault::BreakAfterwards,
        Fault::RateLimit,
        Fault::Conflict,
        Fault::Slow(Duration::from_secs(3)),
    ] {
        let server = StripeTwin::start().await;
        let payments = hasty_client(&server);
        let refund = refund(10, &paid(&payments, 1).await, 1000);
        server.fail(Step::Refund, fault);
        let first = payments.refund(&refund).await;
        assert_eq!(first, RefundOutcome::Unknown, "{fault:?}");
        for _ in 0..2 {
            let again = payments.refund(&refund).await;
            assert_eq!(again, RefundOutcome::Succeeded, "{fault:?}");
            let found = payments.find_refund(&refund).await;
            assert_eq!(found, RefundOutcome::Succeeded, "{fault:?}");
        }
        assert_eq!(balance(&server), 1500, "{fault:?}");
    }
}

#[tokio::test]
async fn a_disturbed_look_at_refunds_is_unknown() {
    for step in [Step::Search, Step::Refunds] {
        let server = StripeTwin::start().await;
        let payments = client(&server);
        let refund = refund(10, &paid(&payments, 1).await, 1000);
        server.fail(step, Fault::DropRequest);
        assert_eq!(payments.refund(&refund).await, RefundOutcome::Unknown);
        server.fail(step, Fault::DropRequest);
        assert_eq!(payments.find_refund(&refund).await, RefundOutcome::Unknown);
        assert_eq!(balance(&server), 2500);
    }
}

/// Stripe keeps the failure as long as the key; after that the refund can be made.
#[tokio::test]
async fn a_refund_that_broke_inside_stripe_stays_unknown_until_its_key_is_forgotten() {
    let server = StripeTwin::start().await;
    let payments = client(&server);
    let refund = refund(10, &paid(&payments, 1).await, 1000);
    server.fail(Step::Refund, Fault::Break);
    for _ in 0..3 {
        assert_eq!(payments.refund(&refund).await, RefundOutcome::Unknown);
    }
    server.forget_keys();
    assert_eq!(payments.refund(&refund).await, RefundOutcome::Succeeded);
    assert_eq!(balance(&server), 1500);
}

#[tokio::test]
async fn a_refund_is_made_once_although_stripe_forgot_its_key() {
    let server = StripeTwin::start().await;
    let payments = client(&server);
    let refund = refund(10, &paid(&payments, 1).await, 1000);
    for _ in 0..3 {
        assert_eq!(payments.refund(&refund).await, RefundOutcome::Succeeded);
        server.forget_keys();
    }
    assert_eq!(balance(&server), 1500);
}

#[tokio::test]
async fn a_refund_is_found_among_more_than_one_page_of_them() {
    let server = StripeTwin::start().await;
    let payments = client(&server);
    let charge = paid(&payments, 1).await;
    for id in 1000..1110 {
        let refund = refund(id, &charge, 1);
        assert_eq!(payments.refund(&refund).await, RefundOutcome::Succeeded);
    }
    server.forget_keys();
    let first = refund(1000, &charge, 1);
    assert_eq!(payments.refund(&first).await, RefundOutcome::Succeeded);
    assert_eq!(balance(&server), 2500 - 110);
}

#[tokio::test]
async fn no_more_goes_back_than_was_taken() {
    let server = StripeTwin::start().await;
    let payments = client(&server);
    let charge = paid(&payments, 1).await;
    for (id, amount, expected) in [
        (10, 2000, RefundOutcome::Succeeded),
        (11, 501, RefundOutcome::Refused),
        (12, 500, RefundOutcome::Succeeded),
        (13, 1, RefundOutcome::Refused),
    ] {
        let part = refund(id, &charge, amount);
        assert_eq!(payments.refund(&part).await, expected, "{amount}");
    }
    let never_paid = super::charge(2, "pm_card_chargeDeclined");
    payments.charge(&never_paid).await;
    let refused = refund(14, &never_paid, 1);
    assert_eq!(payments.refund(&refused).await, RefundOutcome::Refused);
    assert_eq!(payments.find_refund(&refused).await, RefundOutcome::Refused);
    assert_eq!(balance(&server), 0);
}

/// Money that was taken a moment ago may not be in the index yet: nobody may conclude
/// that there is nothing to give back.
#[tokio::test]
async fn a_refund_right_after_the_charge_waits_for_the_index() {
    let server = StripeTwin::start().await;
    let (clock, ids) = (Arc::<MockClock>::default(), SeededIds::new(1));
    let payments = Stripe::new(&settings(&server), clock.clone()).unwrap();
    let made_now = |charge| Charge {
        id: ids.new_id(clock.now()),
        ..charge
    };
    let charge = made_now(charge(1, "pm_card_visa"));
    server.stop_indexing();
    assert_eq!(payments.charge(&charge).await, ChargeOutcome::Succeeded);
    let whole = refund(10, &charge, 2500);

    assert_eq!(payments.refund(&whole).await, RefundOutcome::Unknown);
    assert_eq!(payments.find_refund(&whole).await, RefundOutcome::Unknown);
    server.index();
    assert_eq!(payments.refund(&whole).await, RefundOutcome::Succeeded);
    assert_eq!(balance(&server), 0);

    let never_made = made_now(charge.clone());
    let refund = refund(11, &never_made, 1);
    assert_eq!(payments.refund(&refund).await, RefundOutcome::Unknown);
    clock.advance(SignedDuration::from_mins(61));
    assert_eq!(payments.refund(&refund).await, RefundOutcome::Refused);
}

#[tokio::test]
async fn a_pending_refund_is_unknown_and_not_made_again() {
    let server = StripeTwin::start().await;
    let payments = client(&server);
    let refund: Refund = refund(10, &paid(&payments, 1).await, 1000);
    server.leave_refunds_pending();
    for _ in 0..2 {
        assert_eq!(payments.refund(&refund).await, RefundOutcome::Unknown);
        assert_eq!(payments.find_refund(&refund).await, RefundOutcome::Unknown);
        server.forget_keys();
    }
    let asked = steps(&server);
    assert_eq!(
        asked.iter().filter(|step| **step == Step::Refund).count(),
        1
    );
}
