//! Who brings the mails.

use adapters::{SmtpSettings, smtp};

use super::{Config, Problems, check::text};

/// What becomes of mails.
#[derive(Clone, Debug)]
pub enum Post {
    /// They are kept in Postgres, and a page shows them.
    Mailbox,
    /// They are sent.
    Smtp(SmtpSettings),
}

impl Config {
    /// Is it chosen, and the mail server there?
    pub(super) fn check_mail(&self, problems: &mut Problems) {
        match self.mail.as_str() {
            "smtp" => self.check_smtp(problems),
            "mailbox" => {}
            "" if !self.is_https() => {}
            "" => problems.add(
                "MAIL",
                "is required for an https site: smtp, or mailbox to send no mails",
            ),
            _ => problems.add("MAIL", "must be smtp or mailbox"),
        }
    }

    fn check_smtp(&self, problems: &mut Problems) {
        let url = text(self.smtp_url.as_ref());
        problems.required("SMTP_URL", !url.is_empty());
        if !url.is_empty() && !smtp::is_server(url) {
            problems.add(
                "SMTP_URL",
                "must be like smtps://user:password@host:465, or smtp://…?tls=required",
            );
        } else if self.is_https() && url.starts_with("smtp://") && !url.ends_with("?tls=required") {
            problems.add(
                "SMTP_URL",
                "must be encrypted on an https site: smtps://…, or smtp://…?tls=required",
            );
        }
        problems.required("MAIL_FROM", !self.mail_from.is_empty());
        if !self.mail_from.is_empty() && !smtp::is_sender(&self.mail_from) {
            problems.add(
                "MAIL_FROM",
                "must be like EventSphere <tickets@example.org>",
            );
        }
    }

    /// What becomes of mails, with what it needs.
    pub(super) fn post(&self) -> Post {
        if self.mail == "smtp" {
            let url = self.smtp_url.clone().unwrap_or_default();
            Post::Smtp(SmtpSettings::new(url, self.mail_from.clone()))
        } else {
            Post::Mailbox
        }
    }
}
