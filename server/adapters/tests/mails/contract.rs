//! What every mailer promises. The mailbox of development, which needs Postgres, is held to the
//! same in the server's tests.

use async_trait::async_trait;
use jiff::Timestamp;
use service::ports::{Attachment, Mail, MailOutcome};
use uuid::Uuid;

/// A mailer and the one who gets its mails.
#[async_trait(?Send)]
pub trait Subject {
    /// Sends a mail.
    async fn send(&self, mail: &Mail) -> MailOutcome;
    /// What lies in the receiver's mailbox, the oldest first: of mails with one id there is one.
    async fn received(&self) -> Vec<Received>;
}

/// A mail that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// To whom.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// The names of the files.
    pub attachments: Vec<String>,
}

/// A mail with everything that is easily broken on the way.
pub fn mail(id: u128) -> Mail {
    Mail {
        id: Uuid::from_u128(id),
        to: "ana@example.org".into(),
        subject: format!("Your tickets for Köln & <friends>, a night that needs a long line: {id}"),
        text: format!(
            "Hello Ana,\n.\n.. dots\n2 × Standard: €24.00\n{}\n",
            "long ".repeat(300)
        ),
        html: "<p title=\"=3D\">2 × Standard = €24.00</p>".into(),
        attachments: vec![
            Attachment {
                name: "tickets.pdf",
                content_type: "application/pdf",
                bytes: (0..=255).cycle().take(5000).collect(),
            },
            Attachment {
                name: "event.ics",
                content_type: "text/calendar; charset=utf-8",
                bytes: b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_vec(),
            },
        ],
        created_at: Timestamp::UNIX_EPOCH,
    }
}

/// The mail as it has to arrive.
pub fn as_received(mail: &Mail) -> Received {
    Received {
        to: mail.to.clone(),
        subject: mail.subject.clone(),
        text: mail.text.clone(),
        html: mail.html.clone(),
        attachments: mail
            .attachments
            .iter()
            .map(|file| file.name.to_owned())
            .collect(),
    }
}

pub async fn a_mail_arrives_as_it_was_written(subject: impl Subject) {
    let mail = mail(1);
    assert_eq!(subject.send(&mail).await, MailOutcome::Sent);
    assert_eq!(subject.received().await, [as_received(&mail)]);
}

pub async fn a_mail_sent_again_is_the_same_mail(subject: impl Subject) {
    let (first, second) = (mail(1), mail(2));
    for mail in [&first, &second, &first] {
        assert_eq!(subject.send(mail).await, MailOutcome::Sent);
    }
    assert_eq!(
        subject.received().await,
        [as_received(&first), as_received(&second)]
    );
}

pub async fn a_mail_without_attachments_arrives(subject: impl Subject) {
    let mail = Mail {
        attachments: Vec::new(),
        text: "Hello".into(),
        ..mail(1)
    };
    assert_eq!(subject.send(&mail).await, MailOutcome::Sent);
    assert_eq!(subject.received().await, [as_received(&mail)]);
}
