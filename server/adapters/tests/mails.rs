//! Mailers: the one in memory, and SMTP beside a mail server on this machine.

mod contract;
mod mime;
mod server;

use std::{collections::HashSet, time::Duration};

use adapters::{Smtp, SmtpSettings, fake::MemoryMailer, smtp};
use async_trait::async_trait;
use service::ports::{Mail, MailOutcome, Mailer};

use contract::{
    Received, Subject, a_mail_arrives_as_it_was_written, a_mail_sent_again_is_the_same_mail,
    a_mail_without_attachments_arrives, as_received, mail,
};
use mime::{Part, words};
use server::{Fault, MailServer, PASSWORD};

/// Makes a test of each promise for every mailer.
macro_rules! on_every {
    ($($promise:ident),+ $(,)?) => {
        mod on_the_twin {
            $(#[tokio::test] async fn $promise() { super::$promise(super::Twin::default()).await; })+
        }
        mod on_smtp {
            $(#[tokio::test] async fn $promise() { super::$promise(super::Wire::start().await).await; })+
        }
    };
}

on_every! {
    a_mail_arrives_as_it_was_written,
    a_mail_sent_again_is_the_same_mail,
    a_mail_without_attachments_arrives,
}

#[derive(Default)]
struct Twin(MemoryMailer);

#[async_trait(?Send)]
impl Subject for Twin {
    async fn send(&self, mail: &Mail) -> MailOutcome {
        self.0.send(mail).await
    }

    async fn received(&self) -> Vec<Received> {
        let mut seen = HashSet::new();
        let mut mails = self.0.sent();
        mails.retain(|mail| seen.insert(mail.id));
        mails.iter().map(as_received).collect()
    }
}

/// SMTP with its server.
struct Wire {
    server: MailServer,
    mailer: Smtp,
}

impl Wire {
    async fn start() -> Self {
        Self::with(PASSWORD).await
    }

    async fn with(password: &str) -> Self {
        let server = MailServer::start().await;
        let settings = SmtpSettings {
            timeout: Duration::from_secs(2),
            ..SmtpSettings::new(
                server.url(password).into(),
                "EventSphere <tickets@example.com>",
            )
        };
        let mailer = Smtp::new(&settings).unwrap();
        Self { server, mailer }
    }

    fn parts(&self) -> Vec<Part> {
        let messages = self.server.messages().into_iter();
        messages.map(|(_, message)| Part::read(&message)).collect()
    }
}

#[async_trait(?Send)]
impl Subject for Wire {
    async fn send(&self, mail: &Mail) -> MailOutcome {
        self.mailer.send(mail).await
    }

    async fn received(&self) -> Vec<Received> {
        let mut seen = HashSet::new();
        let messages = self.server.messages().into_iter();
        let read = messages.map(|(to, message)| (to, Part::read(&message)));
        read.filter(|(_, part)| seen.insert(part.header("message-id").to_owned()))
            .map(|(to, part)| received(to, part))
            .collect()
    }
}

fn received(to: String, message: Part) -> Received {
    let subject = words(message.header("subject"));
    let leaves = message.leaves();
    let body = |kind: &str| {
        let of_kind = |part: &&Part| {
            part.header("content-type").starts_with(kind) && part.file_name().is_none()
        };
        leaves
            .iter()
            .find(of_kind)
            .map(Part::text)
            .unwrap_or_default()
    };
    Received {
        to,
        subject,
        text: body("text/plain"),
        html: body("text/html"),
        attachments: leaves.iter().filter_map(Part::file_name).collect(),
    }
}

#[tokio::test]
async fn attachments_arrive_byte_for_byte_and_the_headers_say_who_writes() {
    let wire = Wire::start().await;
    let mail = mail(7);
    assert_eq!(wire.send(&mail).await, MailOutcome::Sent);
    let message = wire.parts().remove(0);
    assert_eq!(
        message.header("message-id"),
        format!("<{}@example.com>", mail.id)
    );
    assert!(message.header("from").ends_with("<tickets@example.com>"));
    assert_eq!(message.header("auto-submitted"), "auto-generated");
    assert!(
        message
            .header("date")
            .starts_with("Thu, 01 Jan 1970 00:00:00")
    );
    let files: Vec<_> = message
        .leaves()
        .into_iter()
        .filter(|part| part.file_name().is_some())
        .collect();
    for (sent, arrived) in mail.attachments.iter().zip(&files) {
        assert_eq!(arrived.bytes(), sent.bytes, "{}", sent.name);
        assert!(
            arrived
                .header("content-type")
                .starts_with(sent.content_type.split(';').next().unwrap())
        );
    }
    assert_eq!(files.len(), 2);
}

#[tokio::test]
async fn what_cannot_be_delivered_is_refused_without_repeating_the_address() {
    let wire = Wire::start().await;
    wire.server.fail([Fault::NoMailbox]);
    let refused = MailOutcome::Refused("the mail server says 550".into());
    assert_eq!(wire.send(&mail(1)).await, refused);
    let nowhere = Mail {
        to: "no address".into(),
        ..mail(2)
    };
    assert!(matches!(wire.send(&nowhere).await, MailOutcome::Refused(_)));
    assert_eq!(wire.send(&mail(3)).await, MailOutcome::Sent);
    assert_eq!(wire.received().await, [as_received(&mail(3))]);
}

#[tokio::test]
async fn a_busy_server_gets_it_later() {
    let wire = Wire::start().await;
    wire.server.fail([Fault::Later]);
    let later = MailOutcome::TryAgain("the mail server says 451".into());
    assert_eq!(wire.send(&mail(1)).await, later);
    assert_eq!(wire.send(&mail(1)).await, MailOutcome::Sent);
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_answer() {
    let wire = Wire::start().await;
    for fault in [Fault::Drop, Fault::DropAnswer, Fault::Silence] {
        wire.server.fail([fault]);
        let outcome = wire.send(&mail(1)).await;
        assert!(
            matches!(outcome, MailOutcome::TryAgain(_)),
            "{fault:?}: {outcome:?}"
        );
    }
    assert_eq!(wire.send(&mail(1)).await, MailOutcome::Sent);
    assert_eq!(
        wire.server.messages().len(),
        2,
        "one came without an answer"
    );
    assert_eq!(wire.received().await, [as_received(&mail(1))]);
}

/// The operator mends it; no mail is given up for it.
#[tokio::test]
async fn a_wrong_password_is_not_the_mails_fault() {
    let wire = Wire::with("wrong").await;
    let outcome = wire.send(&mail(1)).await;
    assert!(matches!(outcome, MailOutcome::TryAgain(_)), "{outcome:?}");
    assert_eq!(wire.server.messages(), []);
}

#[tokio::test]
async fn a_server_that_is_away_is_tried_again() {
    let settings = SmtpSettings::new("smtp://127.0.0.1:1".into(), "tickets@example.com");
    let mailer = Smtp::new(&settings).unwrap();
    let outcome = mailer.send(&mail(1)).await;
    assert!(matches!(outcome, MailOutcome::TryAgain(_)), "{outcome:?}");
}

#[tokio::test]
async fn settings_that_cannot_be_read_are_refused_without_being_repeated() {
    for (url, from) in [
        ("https://hidden:hidden@host", "tickets@example.com"),
        ("smtps://hidden:hidden@host", "tickets"),
    ] {
        let error = Smtp::new(&SmtpSettings::new(url.into(), from)).unwrap_err();
        assert!(!error.to_string().contains("hidden"), "{error}");
    }
    assert!(smtp::is_sender("EventSphere <tickets@example.com>"));
    assert!(smtp::is_server("smtps://user:password@host:465"));
    for bad in ["", "host:465", "https://host"] {
        assert!(!smtp::is_server(bad), "{bad}");
    }
}
