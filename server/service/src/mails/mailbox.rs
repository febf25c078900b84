//! The mailbox of development: an installation without a mail server keeps its mails in Postgres,
//! and a page shows them.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use store::mailbox::KeptRow;
use types::MailId;

use crate::{
    Ctx, Error, Result,
    ports::{Mail, MailOutcome, Mailer},
    text,
};

/// How long mails are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many mails the list shows.
const SHOWN: i64 = 100;

/// Keeps mails instead of sending them. It stands here and not among the adapters, because what it
/// talks to is Postgres.
pub struct Mailbox<'a>(pub &'a Ctx);

#[async_trait]
impl Mailer for Mailbox<'_> {
    async fn send(&self, mail: &Mail) -> MailOutcome {
        match keep(self.0, mail).await {
            Ok(()) => MailOutcome::Sent,
            Err(error) => {
                tracing::warn!(mail.id = %mail.id, error.code = %error.code, "the mailbox cannot be written to");
                MailOutcome::TryAgain("the mailbox cannot be written to".to_owned())
            }
        }
    }
}

async fn keep(ctx: &Ctx, mail: &Mail) -> Result<()> {
    let row = KeptRow {
        id: MailId(mail.id),
        recipient: mail.to.clone(),
        subject: mail.subject.clone(),
        text: mail.text.clone(),
        html: mail.html.clone(),
        attachments: mail
            .attachments
            .iter()
            .map(|file| file.name.to_owned())
            .collect(),
        received_at: ctx.now(),
    };
    let mut conn = ctx.db().conn().await?;
    Ok(store::mailbox::insert(&mut conn, &row).await?)
}

/// A mail in the mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptMail {
    /// The mail.
    pub id: MailId,
    /// To whom.
    pub to: String,
    /// One line.
    pub subject: String,
    /// What mail programs show that show no HTML.
    pub text: String,
    /// What the others show.
    pub html: String,
    /// The names of what came with it.
    pub attachments: Vec<String>,
    /// When it came, for people.
    pub received_text: String,
}

/// The latest mails, newest first.
///
/// # Errors
/// 404 for whoever may not look, and when mails are really sent.
pub async fn kept_mails(ctx: &Ctx) -> Result<Vec<KeptMail>> {
    may_look(ctx)?;
    let mut conn = ctx.db().conn().await?;
    let rows = store::mailbox::latest(&mut conn, SHOWN).await?;
    Ok(rows.into_iter().map(|row| view(ctx, row)).collect())
}

/// One mail.
///
/// # Errors
/// 404 when it is not there, for whoever may not look, and when mails are really sent.
pub async fn kept(ctx: &Ctx, id: MailId) -> Result<KeptMail> {
    may_look(ctx)?;
    let mut conn = ctx.db().conn().await?;
    let row = store::mailbox::find(&mut conn, id).await?;
    row.map(|row| view(ctx, row)).ok_or_else(Error::not_found)
}

/// In development everybody may. An https site is open to the world, and its mails are not.
fn may_look(ctx: &Ctx) -> Result<()> {
    let is_development = ctx.settings().public_url.starts_with("http://");
    let is_mailer = ctx.ports().mailer.is_none();
    if is_mailer && (is_development || ctx.is_admin()) {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}

fn view(ctx: &Ctx, row: KeptRow) -> KeptMail {
    KeptMail {
        id: row.id,
        to: row.recipient,
        subject: row.subject,
        text: row.text,
        html: row.html,
        attachments: row.attachments,
        received_text: moment(ctx, row.received_at),
    }
}

fn moment(ctx: &Ctx, at: Timestamp) -> String {
    let zone = ctx.settings().time_zone.iana_name().unwrap_or("UTC");
    text::moment(at, zone)
}

/// Empties the mailbox of old mails; the worker calls it. Returns how many.
///
/// # Errors
/// When Postgres fails.
pub async fn sweep(ctx: &Ctx) -> Result<u64> {
    let mut conn = ctx.db().conn().await?;
    Ok(store::mailbox::delete_before(&mut conn, ctx.now() - KEPT).await?)
}
