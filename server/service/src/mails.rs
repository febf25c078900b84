//! Mails: queued in the transaction of what they are about, written and sent by the worker
//! afterwards, at least once.

mod letter;
mod mailbox;
mod receipt;
mod rsvp;

use futures::future::join_all;
use jiff::SignedDuration;
use store::mails::{About, MailRow};
use types::{
    AccountId, EventId, MailId, OrderId,
    rsvps::{MyRsvp, RsvpStatus},
};

use crate::{
    Ctx, Error, Result, orders,
    ports::{Attachment, Mail, MailOutcome, Mailer},
    rsvps, tickets,
};

pub use mailbox::{KeptMail, Mailbox, kept, kept_mails, sweep};

/// How long nobody else takes up a mail that is being written and sent.
const LEASE: SignedDuration = SignedDuration::from_mins(5);
/// After so long a mail that did not leave is tried again; doubled every time.
const FIRST_WAIT: SignedDuration = SignedDuration::from_mins(1);
/// The longest time between two tries.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(2);
/// How often a mail is tried in all: for about six hours.
const TRIES: u32 = 10;

/// A mail that was taken up, as far as it could be written; none when there is nothing to say any more.
struct Letter {
    row: MailRow,
    mail: Result<Option<Mail>>,
}

/// What a mail says.
struct Words {
    subject: String,
    text: String,
    html: String,
    attachments: Vec<Attachment>,
}

/// A mail that is due now.
pub(crate) fn row(ctx: &Ctx, about: About, account_id: AccountId) -> MailRow {
    MailRow {
        id: MailId(ctx.new_id()),
        about,
        account_id,
        attempts: 0,
        created_at: ctx.now(),
    }
}

/// Sends mails that are due; the worker calls it. Leases keep several processes apart. Returns how
/// many were taken up.
///
/// # Errors
/// When Postgres fails.
pub async fn send_due(ctx: &Ctx) -> Result<usize> {
    // All are sent at once: a slow mail server must not outlast the lease.
    const BATCH: i64 = 8;
    let now = ctx.now();
    let due = {
        let mut conn = ctx.db().conn().await?;
        store::mails::lease_due(&mut conn, now, now + LEASE, BATCH).await?
    };
    // Written one after another: receipts must not take every core from those who still buy.
    let mut letters = Vec::with_capacity(due.len());
    for row in due {
        let mail = write(ctx, &row).await;
        letters.push(Letter { row, mail });
    }
    let sent = join_all(letters.iter().map(|letter| send(ctx, letter))).await;
    sent.into_iter().collect::<Result<()>>()?;
    Ok(letters.len())
}

/// What the mail says, as things are now; none when it is no longer so.
async fn write(ctx: &Ctx, row: &MailRow) -> Result<Option<Mail>> {
    // Somebody died over it again and again.
    if row.attempts > TRIES {
        return Err(Error::internal("the mail was taken up too often"));
    }
    let account = {
        let mut conn = ctx.db().conn().await?;
        store::accounts::find(&mut conn, row.account_id).await?
    };
    let account = account.ok_or_else(|| Error::internal("a mail's account is missing"))?;
    let words = match row.about {
        About::Receipt(order) => Some(receipt_words(ctx, order, &account.name).await?),
        About::RsvpConfirm(event) => {
            let asked = |told: &MyRsvp| told.confirm_until.is_some();
            rsvp_words(ctx, row, event, &account.name, asked).await?
        }
        About::RsvpLapsed(event) => {
            let lapsed = |told: &MyRsvp| told.status == RsvpStatus::Lapsed;
            rsvp_words(ctx, row, event, &account.name, lapsed).await?
        }
    };
    Ok(words.map(|words| Mail {
        id: row.id.0,
        to: account.email,
        subject: words.subject,
        text: words.text,
        html: words.html,
        attachments: words.attachments,
        created_at: row.created_at,
    }))
}

async fn receipt_words(ctx: &Ctx, order: OrderId, name: &str) -> Result<Words> {
    let order = {
        let mut conn = ctx.db().conn().await?;
        orders::as_bought(ctx, &mut conn, order).await?
    };
    let attachments = tickets::attachments(ctx, &order).await?;
    let receipt = receipt::Receipt {
        order: &order,
        name,
        site: &ctx.settings().public_url,
        has_tickets: !attachments.is_empty(),
    };
    Ok(Words {
        subject: receipt.subject(),
        text: receipt.text(),
        html: receipt.html(),
        attachments,
    })
}

/// About an answer to an event, as long as it is so.
async fn rsvp_words(
    ctx: &Ctx,
    row: &MailRow,
    event: EventId,
    name: &str,
    is_so: impl Fn(&MyRsvp) -> bool,
) -> Result<Option<Words>> {
    let told = {
        let mut conn = ctx.db().conn().await?;
        rsvps::as_told(ctx, &mut conn, event, row.account_id).await?
    };
    let told = told.filter(|told| rsvps::is_news(told) && is_so(told));
    Ok(told.map(|told| {
        let letter = rsvp::Letter {
            told: &told,
            name,
            site: &ctx.settings().public_url,
        };
        letter.words()
    }))
}

async fn send(ctx: &Ctx, letter: &Letter) -> Result<()> {
    let outcome = match (&letter.mail, &ctx.ports().mailer) {
        (Ok(Some(mail)), Some(mailer)) => mailer.send(mail).await,
        (Ok(Some(mail)), None) => Mailbox(ctx).send(mail).await,
        (Ok(None), _) => {
            let mut conn = ctx.db().conn().await?;
            return Ok(store::mails::remove(&mut conn, letter.row.id).await?);
        }
        (Err(error), _) => {
            let cause = std::error::Error::source(error)
                .map(ToString::to_string)
                .unwrap_or_default();
            MailOutcome::TryAgain(format!("it could not be written: {error} {cause}"))
        }
    };
    note(ctx, &letter.row, outcome).await
}

/// Writes down what became of a mail.
async fn note(ctx: &Ctx, row: &MailRow, outcome: MailOutcome) -> Result<()> {
    let mut conn = ctx.db().conn().await?;
    let now = ctx.now();
    let reason = match outcome {
        MailOutcome::Sent => return Ok(store::mails::set_sent(&mut conn, row.id, now).await?),
        MailOutcome::Refused(reason) => reason,
        MailOutcome::TryAgain(reason) => match wait_after(row.attempts) {
            Some(wait) => {
                tracing::warn!(mail.id = %row.id, mail.attempts = row.attempts, error.cause = reason, "a mail was not sent; trying again");
                store::mails::try_again(&mut conn, row, &reason, now + wait).await?;
                return Ok(());
            }
            None => reason,
        },
    };
    tracing::error!(mail.id = %row.id, mail.kind = row.about.kind(), mail.about = %row.about.id(), error.cause = reason, "a mail cannot be sent");
    Ok(store::mails::set_failed(&mut conn, row, &reason).await?)
}

/// How long after its so many-th try a mail is tried again; none when that was the last.
fn wait_after(attempts: u32) -> Option<SignedDuration> {
    if attempts >= TRIES {
        return None;
    }
    let wait = FIRST_WAIT * 2_i32.pow(attempts.saturating_sub(1));
    Some(wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_end_after_six_hours() {
        let waits: Vec<_> = (1..=TRIES)
            .map_while(wait_after)
            .map(|wait| wait.as_mins())
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 120, 120]);
        assert_eq!(waits.iter().sum::<i64>(), 367);
        assert_eq!(wait_after(u32::MAX), None);
    }
}
