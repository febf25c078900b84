//! Receipts by mail: when there is one, what it says, how long it is tried, once more.

use std::time::Duration;

use serde_json::{Value, json};
use service::{
    mails,
    ports::{Mail, MailOutcome},
    rate::{Limit, Limits},
};
use testkit::{Answer, Browser, OnSale, Person, TestApp};

use super::{again, audit, held, pay, text};

/// Sends what is due once; how many mails were taken up.
async fn send(app: &TestApp) -> usize {
    mails::send_due(&app.ctx()).await.unwrap()
}

async fn send_all(app: &TestApp) {
    while send(app).await > 0 {}
}

async fn resend(app: &TestApp, who: &Person, order: &Value) -> Answer {
    app.post(&format!("/api/v1/orders/{}/receipt", text(order, "id")))
        .bearer(&who.token)
        .send()
        .await
}

fn later() -> MailOutcome {
    MailOutcome::TryAgain("the mail server says 451".into())
}

/// A sold order of a new event.
async fn sold(app: &TestApp, buyer: &Person, price_minor: i64) -> (OnSale, Value) {
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 5, price_minor).await;
    let order = app.buy(buyer, &event, 2).await.json();
    (event, order)
}

fn names(mail: &Mail) -> Vec<&str> {
    mail.attachments.iter().map(|file| file.name).collect()
}

#[tokio::test]
async fn a_paid_order_sends_one_receipt_with_its_tickets() {
    let app = TestApp::start().await;
    let ana = app.attendee().await;
    let (event, order) = sold(&app, &ana, 1250).await;
    assert_eq!(app.mailer.tries(), 0, "nobody waits for the mail");

    app.drain().await;
    app.drain().await;

    let sent = app.mailer.sent();
    assert_eq!(sent.len(), 1);
    let mail = &sent[0];
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        (ana.email.as_str(), "Your tickets for A night to remember")
    );
    let site = "http://127.0.0.1:3000";
    for part in [
        "Hello Test attendee,",
        "A night to remember",
        "8 June 2026",
        "14:00 – 17:00 CEST",
        "The Hall",
        "1 Main Street",
        "2 × Standard",
        "€25.00",
        "Total",
        &format!("{site}/orders/{}", text(&order, "id")),
        &format!("{site}/events/{}", event.slug),
    ] {
        assert!(mail.text.contains(part), "{part} in {}", mail.text);
        assert!(mail.html.contains(part), "{part} in {}", mail.html);
    }
    assert!(mail.text.contains("Total: €25.00"), "{}", mail.text);
    assert_eq!(names(mail), ["tickets.pdf", "event.ics"]);
    assert!(mail.attachments[0].bytes.starts_with(b"%PDF-"));
    let entry = String::from_utf8(mail.attachments[1].bytes.clone()).unwrap();
    assert!(entry.contains("DTSTART:20260608T120000Z"), "{entry}");
    audit(&app).await;
}

#[tokio::test]
async fn a_free_order_sends_one_as_well() {
    let app = TestApp::start().await;
    let ana = app.attendee().await;
    sold(&app, &ana, 0).await;
    app.drain().await;
    let sent = app.mailer.sent();
    assert_eq!(sent.len(), 1);
    assert!(
        sent[0].text.contains("2 × Standard: Free"),
        "{}",
        sent[0].text
    );
    assert!(sent[0].text.contains("Total: Free"), "{}", sent[0].text);
}

#[tokio::test]
async fn what_is_not_paid_sends_none_and_what_is_paid_later_does() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1250).await;
    let hold = held(&app, &ana, &event, 1).await;
    pay(&app, &ana, &hold, "decline").await.expect(402);
    let pending = pay(&app, &ana, &hold, "timeout").await.expect(201).json();
    app.drain().await;
    assert_eq!(app.mailer.tries(), 0);
    resend(&app, &ana, &pending)
        .await
        .expect_problem(409, "illegal_state");

    app.advance(Duration::from_secs(5));
    app.drain().await;

    assert_eq!(app.mailer.sent().len(), 1);
}

#[tokio::test]
async fn an_event_that_was_cancelled_while_paying_sends_none() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1250).await;
    let hold = held(&app, &ana, &event, 2).await;
    pay(&app, &ana, &hold, "timeout").await.expect(201);
    app.post(&format!("/api/v1/events/{}/cancel", event.event))
        .bearer(&organizer.token)
        .json(json!({"reason": "storm"}))
        .send()
        .await
        .expect(200);

    app.advance(Duration::from_secs(5));
    app.drain().await;

    assert_eq!(app.mailer.tries(), 0);
    audit(&app).await;
}

#[tokio::test]
async fn a_mail_server_that_is_busy_is_tried_after_longer_and_longer_waits() {
    let app = TestApp::start().await;
    let ana = app.attendee().await;
    app.mailer.will_answer([later(), later(), later()]);
    sold(&app, &ana, 0).await;
    assert_eq!(send(&app).await, 1);
    for wait in [60, 120, 240] {
        app.advance(Duration::from_secs(wait - 1));
        assert_eq!(send(&app).await, 0, "{wait}");
        app.advance(Duration::from_secs(1));
        assert_eq!(send(&app).await, 1, "{wait}");
    }
    assert_eq!((app.mailer.tries(), app.mailer.sent().len()), (4, 1));
    app.advance(Duration::from_hours(24));
    assert_eq!(send(&app).await, 0);
}

#[tokio::test]
async fn after_six_hours_it_is_given_up_and_can_be_asked_for_again() {
    let app = TestApp::start().await;
    let ana = app.attendee().await;
    app.mailer.will_answer((0..10).map(|_| later()));
    let (_, order) = sold(&app, &ana, 0).await;
    for _ in 0..20 {
        send(&app).await;
        app.advance(Duration::from_hours(2));
    }
    assert_eq!(app.mailer.tries(), 10);
    let ana = again(&app, &ana).await;
    resend(&app, &ana, &order).await.expect(202);
    app.drain().await;
    assert_eq!(app.mailer.sent().len(), 1);
}

#[tokio::test]
async fn what_the_mail_server_refuses_is_given_up_at_once() {
    let app = TestApp::start().await;
    let ana = app.attendee().await;
    let refused = MailOutcome::Refused("the mail server says 550".into());
    app.mailer.will_answer([refused]);
    sold(&app, &ana, 0).await;
    assert_eq!(send(&app).await, 1);
    app.advance(Duration::from_hours(24));
    assert_eq!(send(&app).await, 0);
    assert_eq!((app.mailer.tries(), app.mailer.sent().len()), (1, 0));
}

#[tokio::test]
async fn a_mail_whose_sender_died_is_sent_after_the_lease() {
    let app = TestApp::start().await;
    let ana = app.attendee().await;
    sold(&app, &ana, 0).await;
    let now = app.ctx().now();
    let leased_until = now + jiff::SignedDuration::from_mins(5);
    {
        let mut conn = app.services.db.conn().await.unwrap();
        let taken = store::mails::lease_due(&mut conn, now, leased_until, 8).await;
        assert_eq!(taken.unwrap().len(), 1);
    }
    app.advance(Duration::from_secs(299));
    assert_eq!(send(&app).await, 0, "somebody may still be sending");
    app.advance(Duration::from_secs(1));
    assert_eq!(send(&app).await, 1);
    assert_eq!(app.mailer.sent().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_workers_send_each_mail_once() {
    let app = TestApp::start().await;
    let other = app.second_process().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 20, 0).await;
    for _ in 0..18 {
        app.buy(&ana, &event, 1).await;
    }

    tokio::join!(send_all(&app), send_all(&other), send_all(&app));

    let mut ids: Vec<_> = app.mailer.sent().iter().map(|mail| mail.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), app.mailer.tries()), (18, 18));
}

#[tokio::test]
async fn a_receipt_is_sent_again_to_its_buyer_alone() {
    let app = TestApp::start().await;
    let (ana, ben) = (app.attendee().await, app.attendee().await);
    let (_, order) = sold(&app, &ana, 1250).await;
    // The first one is on its way still: it is not doubled.
    resend(&app, &ana, &order).await.expect(202);
    app.drain().await;
    assert_eq!(app.mailer.sent().len(), 1);

    let answer = resend(&app, &ana, &order).await.expect(202);
    assert!(answer.bytes.is_empty());
    resend(&app, &ana, &order).await.expect(202);
    app.drain().await;

    let sent = app.mailer.sent();
    assert_eq!(sent.len(), 2);
    assert_ne!(sent[0].id, sent[1].id, "no receiver drops it");
    assert_eq!((&sent[0].to, &sent[0].text), (&sent[1].to, &sent[1].text));
    for other in [&ben, &app.organizer().await] {
        resend(&app, other, &order)
            .await
            .expect_problem(404, "not_found");
    }
    app.post(&format!("/api/v1/orders/{}/receipt", text(&order, "id")))
        .send()
        .await
        .expect_problem(401, "not_signed_in");
    app.drain().await;
    assert_eq!(app.mailer.tries(), 2);
}

#[tokio::test]
async fn asking_again_hurries_a_mail_that_waits() {
    let app = TestApp::start().await;
    let ana = app.attendee().await;
    app.mailer.will_answer([later()]);
    let (_, order) = sold(&app, &ana, 0).await;
    assert_eq!((send(&app).await, send(&app).await), (1, 0));
    resend(&app, &ana, &order).await.expect(202);
    assert_eq!(send(&app).await, 1);
    assert_eq!(app.mailer.sent().len(), 1);
}

#[tokio::test]
async fn asking_again_and_again_is_limited() {
    let limits = Limits {
        receipt: Limit::per_minute(2),
        ..Limits::relaxed()
    };
    let app = TestApp::builder().limits(limits).start().await;
    let ana = app.attendee().await;
    let (_, order) = sold(&app, &ana, 0).await;
    let nobodys = json!({"id": "01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a11"});
    for _ in 0..3 {
        resend(&app, &ana, &nobodys)
            .await
            .expect_problem(404, "not_found");
    }
    for _ in 0..2 {
        resend(&app, &ana, &order).await.expect(202);
    }
    let refused = resend(&app, &ana, &order).await;
    refused.expect_problem(429, "rate_limited");
    assert!(refused.header("ratelimit-policy").contains("\"receipt\""));
}

#[tokio::test]
async fn what_was_given_back_meanwhile_is_told() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 1250).await;
    let order = app.buy(&ana, &event, 1).await.json();
    app.post(&format!("/api/v1/orders/{}/refund", text(&order, "id")))
        .bearer(&organizer.token)
        .json(json!({}))
        .send()
        .await
        .expect(201);

    app.drain().await;

    let mail = app.mailer.sent().remove(0);
    assert_eq!(mail.subject, "Your receipt for A night to remember");
    assert!(mail.text.contains("All its tickets were given back."));
    assert!(
        mail.text.contains("Given back to you: €12.50"),
        "{}",
        mail.text
    );
    assert_eq!(names(&mail), [""; 0]);
    resend(&app, &ana, &order).await.expect(202);
}

#[tokio::test]
async fn what_people_wrote_is_no_markup() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let title = "Tom & Jerry <script>alert(\"1\")</script> 'live'";
    let mut body = app.event_body(title);
    body["ticket_types"] = json!([{
        "name": "<b>Front</b> & centre", "price": {"amount_minor": 0, "currency": "EUR"},
        "quantity": 5, "max_per_person": 5,
    }]);
    let draft = app.draft(&organizer, body).await;
    let path = format!("/api/v1/events/{}", text(&draft, "id"));
    app.post(&format!("{path}/publish"))
        .bearer(&organizer.token)
        .send()
        .await
        .expect(200);
    let item = json!({"ticket_type_id": draft["ticket_types"][0]["id"], "quantity": 1});
    app.post(&format!("{path}/purchase"))
        .bearer(&ana.token)
        .json(json!({"items": [item]}))
        .send()
        .await
        .expect(201);

    app.drain().await;

    let mail = app.mailer.sent().remove(0);
    assert_eq!(mail.subject, format!("Your tickets for {title}"));
    assert!(mail.text.contains(title), "{}", mail.text);
    assert!(mail.text.contains("1 × <b>Front</b> & centre: Free"));
    assert!(!mail.html.contains("<script") && !mail.html.contains("<b>"));
    let escaped =
        "Tom &amp; Jerry &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &#39;live&#39;";
    assert!(mail.html.contains(escaped), "{}", mail.html);
}

async fn signed_in(app: &TestApp, person: &Person) -> Browser {
    let browser = app.browser();
    let form = [
        ("form[email]", person.email.as_str()),
        ("form[password]", &person.password),
    ];
    browser
        .submit("/rpc/log_in", "/login", &form)
        .send()
        .await
        .expect(302);
    browser
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_orders_page_says_where_it_goes_and_sends_it_again() {
    let limits = Limits {
        receipt: Limit::per_minute(1),
        ..Limits::relaxed()
    };
    let app = TestApp::builder().limits(limits).start().await;
    let ana = app.attendee().await;
    let (_, order) = sold(&app, &ana, 1250).await;
    app.drain().await;
    let browser = signed_in(&app, &ana).await;
    let page = format!("/orders/{}", text(&order, "id"));
    let done = browser.get(&format!("{page}?done=paid")).send().await;
    let done = words(&done.expect(200).text());
    assert!(done.contains("A receipt is on its way to"), "{done}");
    assert!(done.contains(&ana.email), "{done}");

    let form = [("order", &page["/orders/".len()..])];
    let submit = || browser.submit("/rpc/send_receipt", &page, &form).send();
    let sent = submit().await.expect(302);
    let location = sent.header("location");
    assert!(
        location.ends_with(&format!("{page}?done=receipt")),
        "{location}"
    );
    let told = browser.get(&format!("{page}?done=receipt")).send().await;
    let told = words(&told.expect(200).text());
    let expected = format!("The receipt is on its way to {}.", ana.email);
    assert!(told.contains(&expected), "{told}");
    app.drain().await;
    assert_eq!(app.mailer.sent().len(), 2);

    let refused = submit().await.expect(302);
    let location = refused.header("location");
    let at = location.find("/orders/").expect("the order's page");
    let told = browser.get(&location[at..]).send().await.expect(200);
    let told = words(&told.text());
    assert!(told.contains("Too many requests."), "{told}");
    assert!(!told.contains(&expected), "{told}");
}

/// The page's text without its markup.
fn words(page: &str) -> String {
    let pieces = page
        .split('<')
        .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    pieces.collect()
}
