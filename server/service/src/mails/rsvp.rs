//! What a mail about an answer to an event says: that it is to be confirmed, or that it was not.

use types::rsvps::{MyRsvp, RsvpStatus};

use super::{
    Words,
    letter::{facts, link, one_line, page},
};
use crate::text::escaped;

/// A mail to be written.
pub(super) struct Letter<'a> {
    /// The answer, as whoever gave it sees it.
    pub told: &'a MyRsvp,
    /// Who gave it.
    pub name: &'a str,
    /// Where people reach the site, without a trailing slash.
    pub site: &'a str,
}

impl Letter<'_> {
    /// All of it.
    pub(super) fn words(&self) -> Words {
        let subject = self.subject();
        Words {
            text: self.text(),
            html: self.html(&subject),
            subject,
            attachments: Vec::new(),
        }
    }

    fn is_lapsed(&self) -> bool {
        self.told.status == RsvpStatus::Lapsed
    }

    fn subject(&self) -> String {
        let title = one_line(&self.told.event.title);
        if self.is_lapsed() {
            format!("Your place at {title} is free for others")
        } else {
            format!("Are you still coming to {title}?")
        }
    }

    fn news(&self) -> String {
        if self.is_lapsed() {
            return "you did not confirm in time that you are coming, so your place is free for others. Answer again to get one of those that are left.".to_owned();
        }
        let until = &self.told.confirm_until_text;
        match self.told.party {
            1 => format!(
                "you said that you are going. Please say so again until {until}, or your place goes to somebody else."
            ),
            many => format!(
                "you said that you are going, {many} of you. Please say so again until {until}, or your places go to others."
            ),
        }
    }

    fn text(&self) -> String {
        let parts = [
            format!("Hello {},", one_line(self.name)),
            self.news(),
            facts(&self.told.event).join("\n"),
            format!("Your answer:\n{}", self.url()),
        ];
        parts.join("\n\n") + "\n"
    }

    fn html(&self, subject: &str) -> String {
        let facts: Vec<_> = facts(&self.told.event)
            .iter()
            .map(|fact| escaped(fact))
            .collect();
        let body = format!(
            "<p>Hello {name},</p><p>{news}</p><p>{facts}</p><p>Your answer:<br>{url}</p>",
            name = escaped(self.name),
            news = escaped(&self.news()),
            facts = facts.join("<br>"),
            url = link(&self.url()),
        );
        page(subject, &body)
    }

    fn url(&self) -> String {
        format!("{}/events/{}#rsvp", self.site, self.told.event.slug)
    }
}
