use std::time::Duration;

use stripe_twin::Fault;
use types::Currency;

use super::*;

#[tokio::test]
async fn a_charge_is_made_and_then_confirmed_with_keys_of_its_own() {
    let server = StripeTwin::start().await;
    let id = paid(&client(&server), 7).await.id.to_string();

    let seen = server.seen();
    assert_eq!(
        steps(&server),
        [Step::Create, Step::Confirm],
        "and nothing else"
    );
    assert_eq!(seen[0].key, Some(format!("{id}-create")));
    assert_eq!(
        fields(&seen[0]),
        [
            ("amount", "2500"),
            ("currency", "eur"),
            ("metadata[payment_id]", id.as_str()),
            ("payment_method_types[]", "card"),
        ]
    );
    assert_eq!(seen[1].key, Some(format!("{id}-confirm")));
    assert_eq!(fields(&seen[1]), [("payment_method", "pm_card_visa")]);
    assert_eq!(balance(&server), 2500);
}

/// Whatever happens on the way: the outcome is unknown at first, what it turns out to be
/// is what happened to the money, and it stays so.
#[tokio::test]
async fn a_disturbed_charge_is_unknown_until_it_is_found() {
    let took_money = [
        Fault::DropAnswer,
        Fault::BreakAfterwards,
        Fault::Slow(Duration::from_secs(3)),
    ];
    let took_none = [
        Fault::DropRequest,
        Fault::Break,
        Fault::RateLimit,
        Fault::Conflict,
    ];
    for step in [Step::Create, Step::Confirm] {
        for fault in took_money.into_iter().chain(took_none) {
            let what = format!("{step:?} {fault:?}");
            let server = StripeTwin::start().await;
            let (payments, charge) = (hasty_client(&server), charge(1, "pm_card_visa"));
            server.fail(step, fault);
            let is_paid = step == Step::Confirm && took_money.contains(&fault);
            let (expected, money) = if is_paid {
                (ChargeOutcome::Succeeded, 2500)
            } else {
                (ChargeOutcome::Declined, 0)
            };

            let first = payments.charge(&charge).await;
            assert_eq!(first, ChargeOutcome::Unknown, "{what}");
            for _ in 0..2 {
                assert_eq!(payments.find(&charge).await, expected, "{what}");
            }
            payments.charge(&charge).await;
            assert_eq!(payments.find(&charge).await, expected, "{what}");
            assert_eq!(balance(&server), money, "{what}");
        }
    }
}

#[tokio::test]
async fn asking_what_became_of_a_charge_never_confirms_it() {
    let server = StripeTwin::start().await;
    let (payments, charge) = (client(&server), charge(1, "pm_card_visa"));
    assert_eq!(payments.find(&charge).await, ChargeOutcome::Declined);
    assert_eq!(
        steps(&server),
        [Step::Create, Step::Search, Step::Read, Step::Cancel]
    );
    assert_eq!(statuses(&server), ["canceled"]);
    assert_eq!(payments.charge(&charge).await, ChargeOutcome::Declined);
    assert_eq!(balance(&server), 0);
}

#[tokio::test]
async fn a_disturbed_question_is_unknown_and_can_be_asked_again() {
    for step in [Step::Create, Step::Search, Step::Read, Step::Cancel] {
        for fault in [Fault::DropRequest, Fault::DropAnswer, Fault::RateLimit] {
            let what = format!("{step:?} {fault:?}");
            let server = StripeTwin::start().await;
            let (payments, charge) = (client(&server), charge(1, "pm_card_visa"));
            server.fail(step, fault);
            let (first, then) = (payments.find(&charge).await, payments.find(&charge).await);
            assert_eq!(first, ChargeOutcome::Unknown, "{what}");
            assert_eq!(then, ChargeOutcome::Declined, "{what}");
            assert_eq!(statuses(&server), ["canceled"], "{what}");
        }
    }
}

#[tokio::test]
async fn a_charge_is_found_after_stripe_forgot_its_keys() {
    let server = StripeTwin::start().await;
    let payments = client(&server);
    let charge = paid(&payments, 1).await;
    for _ in 0..2 {
        server.forget_keys();
        assert_eq!(payments.find(&charge).await, ChargeOutcome::Succeeded);
    }
    assert_eq!(balance(&server), 2500);
    server.forget_keys();
    server.fail(Step::Search, Fault::Break);
    assert_eq!(payments.find(&charge).await, ChargeOutcome::Unknown);
}

#[tokio::test]
async fn a_declined_card_takes_nothing() {
    for card in [
        "pm_card_chargeDeclined",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "pm_nobody_knows",
        "",
    ] {
        let server = StripeTwin::start().await;
        let (payments, charge) = (client(&server), charge(1, card));
        assert_eq!(
            payments.charge(&charge).await,
            ChargeOutcome::Declined,
            "{card}"
        );
        assert_eq!(
            payments.find(&charge).await,
            ChargeOutcome::Declined,
            "{card}"
        );
        assert_eq!(balance(&server), 0);
        assert_eq!(statuses(&server), ["canceled"]);
    }
}

#[tokio::test]
async fn a_card_that_wants_its_owner_to_act_is_declined_and_its_intent_cancelled() {
    let server = StripeTwin::start().await;
    let charge = charge(1, "pm_card_authenticationRequired");
    let outcome = client(&server).charge(&charge).await;
    assert_eq!(outcome, ChargeOutcome::Declined);
    assert_eq!(statuses(&server), ["canceled"]);
}

#[tokio::test]
async fn a_charge_in_process_is_unknown_until_it_is_done() {
    let server = StripeTwin::start().await;
    let (payments, charge) = (client(&server), charge(1, "pm_card_visa"));
    server.process_slowly();
    assert_eq!(payments.charge(&charge).await, ChargeOutcome::Unknown);
    assert_eq!(payments.find(&charge).await, ChargeOutcome::Unknown);
    server.finish_processing();
    assert_eq!(payments.find(&charge).await, ChargeOutcome::Succeeded);
}

fn money(amount_minor: i64, code: &str) -> Money {
    Money::new(amount_minor, Currency::from_code(code).unwrap())
}

#[tokio::test]
async fn amounts_are_sent_in_the_units_that_stripe_counts_in() {
    let server = StripeTwin::start().await;
    let payments = client(&server);
    for (id, amount) in [
        (1, money(500, "JPY")),
        (2, money(5, "ISK")),
        (3, money(5120, "KWD")),
    ] {
        let charge = of(charge(id, "pm_card_visa"), amount);
        assert_eq!(payments.charge(&charge).await, ChargeOutcome::Succeeded);
    }
    let taken = server.taken().into_iter();
    let taken: Vec<_> = taken.map(|money| (money.amount, money.currency)).collect();
    let expected = [(500, "jpy"), (500, "isk"), (5120, "kwd")];
    assert_eq!(
        taken,
        expected.map(|(amount, code)| (amount, code.to_owned()))
    );
}

#[tokio::test]
async fn what_stripe_cannot_charge_is_declined() {
    for amount in [
        money(5124, "KWD"),
        money(49, "EUR"),
        money(0, "EUR"),
        money(-5, "EUR"),
    ] {
        let server = StripeTwin::start().await;
        let payments = client(&server);
        let charge = of(charge(1, "pm_card_visa"), amount);
        assert_eq!(payments.charge(&charge).await, ChargeOutcome::Declined);
        assert_eq!(payments.find(&charge).await, ChargeOutcome::Declined);
        assert_eq!(balance(&server), 0);
    }
}

/// That would be a mistake of ours; it must not become a second charge.
#[tokio::test]
async fn the_same_charge_with_another_amount_is_not_made() {
    let server = StripeTwin::start().await;
    let payments = client(&server);
    let first = paid(&payments, 1).await;
    let other = of(first.clone(), money(9900, "EUR"));
    assert_eq!(payments.charge(&other).await, ChargeOutcome::Unknown);
    assert_eq!(payments.find(&other).await, ChargeOutcome::Unknown);
    assert_eq!(balance(&server), 2500);
}

#[tokio::test]
async fn a_wrong_key_is_our_fault_and_declines_nobody() {
    let server = StripeTwin::start().await;
    let wrong = StripeSettings {
        secret_key: "sk_test_other".into(),
        ..settings(&server)
    };
    is_unknown(&wrong).await;
    assert_eq!(server.seen(), []);
}

#[tokio::test]
async fn nobody_there_is_unknown() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    is_unknown(&StripeSettings {
        api_url: format!("http://{address}"),
        ..StripeSettings::new(SECRET_KEY.into())
    })
    .await;
}

async fn is_unknown(settings: &StripeSettings) {
    let payments = Stripe::new(settings, Arc::<MockClock>::default()).unwrap();
    let charge = charge(1, "pm_card_visa");
    assert_eq!(payments.charge(&charge).await, ChargeOutcome::Unknown);
    assert_eq!(payments.find(&charge).await, ChargeOutcome::Unknown);
}
