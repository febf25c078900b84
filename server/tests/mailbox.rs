//! The mailbox of development: a mailer that keeps, and the page that shows it.

#[path = "../adapters/tests/mails/contract.rs"]
mod contract;

use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use service::{
    mails::{self, Mailbox},
    ports::{Mail, MailOutcome, Mailer},
};
use testkit::{Person, TestApp};

use contract::{Received, Subject};

struct InPostgres(TestApp);

impl InPostgres {
    async fn start() -> Self {
        Self(TestApp::builder().mailbox().start().await)
    }
}

#[async_trait(?Send)]
impl Subject for InPostgres {
    async fn send(&self, mail: &Mail) -> MailOutcome {
        Mailbox(&self.0.ctx()).send(mail).await
    }

    async fn received(&self) -> Vec<Received> {
        let kept = mails::kept_mails(&self.0.ctx()).await.unwrap();
        let received = kept.into_iter().rev().map(|mail| Received {
            to: mail.to,
            subject: mail.subject,
            text: mail.text,
            html: mail.html,
            attachments: mail.attachments,
        });
        received.collect()
    }
}

#[tokio::test]
async fn it_keeps_a_mail_as_it_was_written() {
    contract::a_mail_arrives_as_it_was_written(InPostgres::start().await).await;
}

#[tokio::test]
async fn it_keeps_a_mail_that_comes_twice_once() {
    contract::a_mail_sent_again_is_the_same_mail(InPostgres::start().await).await;
}

#[tokio::test]
async fn it_keeps_a_mail_without_attachments() {
    contract::a_mail_without_attachments_arrives(InPostgres::start().await).await;
}

/// Buys a ticket for something with a hostile name.
async fn buy(app: &TestApp) -> Person {
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let mut body = app.event_body("</iframe><script>alert(1)</script>\" & so on");
    body["ticket_types"] = json!([{
        "name": "Standard", "price": {"amount_minor": 0, "currency": "EUR"},
        "quantity": 5, "max_per_person": 5,
    }]);
    let draft = app.draft(&organizer, body).await;
    let path = format!("/api/v1/events/{}", draft["id"].as_str().unwrap());
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
    ana
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_page_shows_a_receipt_and_nothing_in_it_runs() {
    let app = TestApp::builder().mailbox().start().await;
    let empty = app.browser().get("/dev/mailbox").send().await.expect(200);
    assert!(empty.text().contains("No mails yet."));
    let ana = buy(&app).await;

    let list = app.browser().get("/dev/mailbox").send().await.expect(200);
    assert_eq!(list.header("content-type"), "text/html; charset=utf-8");
    let list = list.text();
    assert!(list.contains(&ana.email) && list.contains("Your tickets for"));
    let (_, rest) = list.split_once("<a href=\"").unwrap();
    let (path, _) = rest.split_once('"').unwrap();
    let one = app.browser().get(path).send().await.expect(200);

    let policy = one.header("content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"));
    assert_eq!(one.header("cache-control"), "no-store");
    let one = one.text();
    for part in [
        ana.email.as_str(),
        "<iframe sandbox=\"\"",
        "srcdoc=\"&lt;!doctype html&gt;",
        "<li>tickets.pdf</li>",
        "<li>event.ics</li>",
        "Hello Test attendee,",
    ] {
        assert!(one.contains(part), "{part} in {one}");
    }
    for page in [list, one] {
        assert!(!page.contains("<script"), "{page}");
        assert!(page.matches("</iframe>").count() <= 1, "{page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn there_is_no_page_where_mails_are_sent() {
    let app = TestApp::start().await;
    buy(&app).await;
    let sent = app.mailer.sent().remove(0).id;
    for path in ["/dev/mailbox".to_owned(), format!("/dev/mailbox/{sent}")] {
        app.browser().get(&path).send().await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn mails_that_are_not_there_are_not_found() {
    let app = TestApp::builder().mailbox().start().await;
    for id in ["nope", "01936f0e-7b1a-7c3e-9f7d-2f1f6f0c9a11", "%00"] {
        let path = format!("/dev/mailbox/{id}");
        app.browser().get(&path).send().await.expect(404);
    }
}

/// The world can reach it, and the mails are other people's.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_an_https_site_only_admins_look() {
    let app = TestApp::builder()
        .public_url("https://tickets.example.org")
        .mailbox()
        .start()
        .await;
    let ana = buy(&app).await;
    app.browser().get("/dev/mailbox").send().await.expect(404);
    app.get("/dev/mailbox")
        .bearer(&ana.token)
        .send()
        .await
        .expect(404);
    let kept = mails::kept_mails(&app.ctx()).await.unwrap();
    assert_eq!(kept.len(), 1, "the platform itself may");
}

#[tokio::test]
async fn it_is_emptied_after_a_week() {
    let app = TestApp::builder().mailbox().start().await;
    buy(&app).await;
    app.advance(Duration::from_hours(7 * 24));
    assert_eq!(mails::sweep(&app.ctx()).await.unwrap(), 0);
    app.advance(Duration::from_secs(1));
    assert_eq!(mails::sweep(&app.ctx()).await.unwrap(), 1);
    assert_eq!(mails::kept_mails(&app.ctx()).await.unwrap(), []);
}
