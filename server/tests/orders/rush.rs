//! Many buyers at once, on two processes with one database.

use futures::future::join_all;
use testkit::{Answer, OnSale, Person, TestApp};

use super::{audit, available, hold, pay, text};

const PLACES: u32 = 10;
const ROUNDS: u32 = 10;

async fn buyers(app: &TestApp, count: u32) -> Vec<Person> {
    join_all((0..count).map(|_| app.attendee())).await
}

/// How many answers have each status; nothing else may come.
fn count(answers: &[Answer]) -> (usize, usize) {
    for answer in answers {
        match answer.status.as_u16() {
            201 => {}
            _ => answer.expect_problem(409, "sold_out"),
        }
    }
    let sold = answers.iter().filter(|answer| answer.status == 201).count();
    (sold, answers.len() - sold)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_times_as_many_buyers_as_places_get_exactly_the_places() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let organizer = app.organizer().await;
    let buyers = buyers(&app, PLACES * 3).await;
    for round in 0..ROUNDS {
        let price = if round % 2 == 0 { 1200 } else { 0 };
        let event = app.published_event(&organizer, PLACES, price).await;
        let calls = buyers.iter().enumerate().map(|(index, buyer)| {
            let process = if index % 2 == 0 { &app } else { &other };
            process
                .purchase(buyer, &event, 1)
                .once(&format!("round {round}"))
                .send()
        });
        let answers = join_all(calls).await;

        assert_eq!(
            count(&answers),
            (PLACES as usize, PLACES as usize * 2),
            "round {round}"
        );
        assert_eq!(available(&app, &event).await, 0);
        audit(&app).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn holds_in_a_rush_never_exceed_the_places_and_leave_none_behind() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let organizer = app.organizer().await;
    let buyers = buyers(&app, PLACES * 3).await;
    let event = app.published_event(&organizer, PLACES, 1200).await;
    let calls = buyers.iter().enumerate().map(|(index, buyer)| {
        let process = if index % 2 == 0 { &app } else { &other };
        async { hold_and_pay(process, buyer, &event).await }
    });

    let paid: usize = join_all(calls).await.into_iter().map(usize::from).sum();

    assert_eq!(paid, PLACES as usize);
    assert_eq!(available(&app, &event).await, 0);
    audit(&app).await;
}

/// Holds a place, pays it; a declined card first, then a good one.
async fn hold_and_pay(app: &TestApp, buyer: &Person, event: &OnSale) -> bool {
    let answer = hold(app, buyer, event, 1).await;
    if answer.status != 201 {
        answer.expect_problem(409, "sold_out");
        return false;
    }
    let id = text(&answer.json(), "id");
    pay(app, buyer, &id, "decline")
        .await
        .expect_problem(402, "payment_declined");
    pay(app, buyer, &id, "ok").await.expect(201);
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_person_stays_within_the_limit_however_many_calls_run() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let mut body = app.event_body("Four each");
    body["ticket_types"] = serde_json::json!([{
        "name": "Standard", "price": {"amount_minor": 0, "currency": "EUR"}, "quantity": 100, "max_per_person": 4,
    }]);
    let id = text(&app.draft(&organizer, body).await, "id");
    let event = app
        .post(&format!("/api/v1/events/{id}/publish"))
        .bearer(&organizer.token)
        .send()
        .await
        .expect(200)
        .json();
    let items = serde_json::json!({"items": [{"ticket_type_id": event["ticket_types"][0]["id"], "quantity": 1}]});
    let calls = (0..20).map(|index| {
        let process = if index % 2 == 0 { &app } else { &other };
        let what = if index % 3 == 0 { "holds" } else { "purchase" };
        process
            .post(&format!("/api/v1/events/{id}/{what}"))
            .bearer(&ana.token)
            .json(&items)
            .send()
    });

    let answers = join_all(calls).await;

    let got = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(got, 4);
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        refused.expect_problem(409, "limit_reached");
    }
    audit(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_types_in_either_order_never_block_each_other_for_ever() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let organizer = app.organizer().await;
    let buyers = buyers(&app, 24).await;
    let mut body = app.event_body("Crossing");
    let kind = |name: &str| serde_json::json!({"name": name, "price": {"amount_minor": 0, "currency": "EUR"}, "quantity": 20});
    body["ticket_types"] = serde_json::json!([kind("A"), kind("B")]);
    body["capacity"] = serde_json::json!(30);
    let id = text(&app.draft(&organizer, body).await, "id");
    let event = app
        .post(&format!("/api/v1/events/{id}/publish"))
        .bearer(&organizer.token)
        .send()
        .await
        .expect(200)
        .json();
    let item = |index: usize| serde_json::json!({"ticket_type_id": event["ticket_types"][index]["id"], "quantity": 1});
    let calls = buyers.iter().enumerate().map(|(index, buyer)| {
        let process = if index % 2 == 0 { &app } else { &other };
        let items = if index % 3 == 0 {
            [item(0), item(1)]
        } else {
            [item(1), item(0)]
        };
        process
            .post(&format!("/api/v1/events/{id}/purchase"))
            .bearer(&buyer.token)
            .json(serde_json::json!({"items": items}))
            .send()
    });

    assert_eq!(count(&join_all(calls).await), (15, 9));
    audit(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sale_that_cannot_be_written_takes_no_others_along() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let buyers = buyers(&app, PLACES + 1).await;
    let event = app.published_event(&organizer, PLACES, 1200).await;
    let path = format!("/api/v1/events/{}/purchase", event.event);
    let calls = buyers.iter().enumerate().map(|(index, buyer)| {
        // Postgres keeps no text with a NUL in it.
        let token = if index == 3 { "\0" } else { "ok" };
        let body = serde_json::json!({
            "items": [{"ticket_type_id": event.ticket_type, "quantity": 1}],
            "payment": {"method": "simulated", "token": token},
        });
        app.post(&path).bearer(&buyer.token).json(&body).send()
    });

    let answers = join_all(calls).await;

    for (index, answer) in answers.iter().enumerate() {
        match index {
            3 => answer.expect_problem(422, "invalid"),
            _ => assert_eq!(answer.status, 201, "{}", answer.text()),
        }
    }
    assert_eq!(available(&app, &event).await, 0);
    audit(&app).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sale_that_fails_on_our_side_takes_no_others_along() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let buyers = buyers(&app, PLACES).await;
    let event = app.published_event(&organizer, PLACES, 0).await;
    let unlucky = buyers[3].account["id"].as_str().unwrap();
    let function = format!(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF NEW.account_id = '{unlucky}' THEN RAISE 'no order for you'; END IF;
            RETURN NEW;
        END $$"
    );
    app.database().execute(&function).await;
    app.database()
        .execute("CREATE TRIGGER fail BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION fail()")
        .await;
    let calls = buyers.iter().map(|buyer| {
        let path = format!("/api/v1/events/{}/purchase", event.event);
        app.post(&path)
            .bearer(&buyer.token)
            .json(event.items(1))
            .send()
    });

    let answers = join_all(calls).await;

    for (index, answer) in answers.iter().enumerate() {
        let expected = if index == 3 { 500 } else { 201 };
        assert_eq!(answer.status, expected, "{}", answer.text());
    }
    audit(&app).await;
}
