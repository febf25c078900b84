//! Mails: queued in the transaction of what they are about, written and sent by the worker
//! afterwards, at least once.

mod mailbox;
mod receipt;

use futures::future::join_all;
use jiff::SignedDuration;
use store::mails::MailRow;

use crate::{
    Ctx, Error, Result, orders,
    ports::{Mail, MailOutcome, Mailer},
    tickets,
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

/// A mail that was taken up, as far as it could be written.
struct Letter {
    row: MailRow,
    mail: Result<Mail>,
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

/// What the mail says, as things are now.
async fn write(ctx: &Ctx, row: &MailRow) -> Result<Mail> {
    // Somebody died over it again and again.
    if row.attempts > TRIES {
        return Err(Error::internal("the mail was taken up too often"));
    }
    let (account, order) = {
        let mut conn = ctx.db().conn().await?;
        let account = store::accounts::find(&mut conn, row.account_id).await?;
        let order = orders::as_bought(ctx, &mut conn, row.order_id).await?;
        (account, order)
    };
    let account = account.ok_or_else(|| Error::internal("a mail's account is missing"))?;
    let attachments = tickets::attachments(ctx, &order).await?;
    let receipt = receipt::Receipt {
        order: &order,
        name: &account.name,
        site: &ctx.settings().public_url,
        has_tickets: !attachments.is_empty(),
    };
    Ok(Mail {
        id: row.id.0,
        to: account.email,
        subject: receipt.subject(),
        text: receipt.text(),
        html: receipt.html(),
        attachments,
        created_at: row.created_at,
    })
}

async fn send(ctx: &Ctx, letter: &Letter) -> Result<()> {
    let outcome = match (&letter.mail, &ctx.ports().mailer) {
        (Ok(mail), Some(mailer)) => mailer.send(mail).await,
        (Ok(mail), None) => Mailbox(ctx).send(mail).await,
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
    tracing::error!(mail.id = %row.id, order.id = %row.order_id, error.cause = reason, "a mail cannot be sent");
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
