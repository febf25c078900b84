//! Answers to free events without ticket sales: going, interested, not going; asking once more
//! before the event. Who gets a place is decided at the event's till (`orders/answering.rs`); see
//! `server/docs/RSVP.md`.

mod asking;
mod counting;
mod settings;
mod views;

use store::{Conn, events::EventRow, rsvps::Which};
use types::{
    AccountId, Code, EventId, Page, RsvpId,
    paging::PageQuery,
    rsvps::{AnswerRsvp, EventRsvp, MyRsvp, Rsvp, RsvpAnswer, RsvpCounts},
    validate,
};

use crate::{Ctx, Error, Result, events, orders, paging::Keyset, rate};

pub use asking::{ask, release_unconfirmed};
pub use counting::Counts;
pub use settings::{form, get as settings, remove, set, set_from_form};
pub(crate) use views::is_news;

/// The RSVPs of an event as the actor sees them, with their own answer.
///
/// # Errors
/// 404, also for an event that takes none.
pub async fn get(ctx: &Ctx, event_key: &str) -> Result<Rsvp> {
    let event = {
        let mut conn = ctx.db().conn().await?;
        let id = events::id_of(&mut conn, event_key).await?;
        // Most events take none: nothing else is read of them.
        let settings = settings::of_event(&mut conn, id).await?;
        settings.ok_or_else(Error::not_found)?;
        events::visible_row(ctx, &mut conn, &id.to_string()).await?
    };
    seen(ctx, &event).await
}

/// The same for a page. None: the event takes no RSVPs, or the actor may not see it.
///
/// # Errors
/// When Postgres fails.
pub async fn find(ctx: &Ctx, event_key: &str) -> Result<Option<Rsvp>> {
    match get(ctx, event_key).await {
        Err(error) if error.code == Code::NotFound => Ok(None),
        rsvp => rsvp.map(Some),
    }
}

/// The RSVPs of an event with the actor's answer; whether they may see it was asked before.
async fn seen(ctx: &Ctx, event: &EventRow) -> Result<Rsvp> {
    let mut conn = ctx.db().conn().await?;
    let settings = settings::of_event(&mut conn, event.id).await?;
    let settings = settings.ok_or_else(Error::not_found)?;
    let (mut rsvp, entry) = views::rsvp(ctx, &mut conn, event, &settings).await?;
    drop(conn);
    if let Some(entry) = entry {
        rsvp.line = Some(orders::waiting_list::get(ctx, entry).await?);
    }
    Ok(rsvp)
}

/// How many answered what, for what shows it while somebody looks: of an event that everybody may
/// see, as it was within the last second.
///
/// # Errors
/// 404, also for an event that takes no RSVPs.
pub async fn counts(ctx: &Ctx, event_key: &str) -> Result<RsvpCounts> {
    let known = &ctx.services.rsvp_counts;
    if let Some(counts) = known.find(event_key, ctx.now()) {
        return Ok(counts);
    }
    let mut conn = ctx.db().conn().await?;
    let event = events::visible_row(ctx, &mut conn, event_key).await?;
    let settings = settings::of_event(&mut conn, event.id).await?;
    settings.ok_or_else(Error::not_found)?;
    let counts = views::counts(ctx, &mut conn, &event).await?;
    if views::is_for_everybody(&event)? {
        known.remember(event_key, counts, ctx.now());
    }
    Ok(counts)
}

/// Answers, instead of whatever the actor answered before. Going takes a place for each of the
/// party, and going once more confirms it.
///
/// # Errors
/// `sold_out` with `available` and `ticket_type_id`, which can be waited for; `not_on_sale`,
/// `waiting_room_required`, `limit_reached` while places are held for the actor elsewhere,
/// `payment_pending` while others of theirs are just being sold, `illegal_state` while another number of
/// places is kept for the actor or when the party is in already, `rate_limited`, 422 with `party`, 404,
/// also for an event that takes no RSVPs.
pub async fn answer(ctx: &Ctx, event_key: &str, command: AnswerRsvp) -> Result<Rsvp> {
    ctx.account()?;
    validate::check(&command).map_err(Error::invalid)?;
    let event = settle(ctx, event_key, Some(command.answer), command.party).await?;
    let rows = {
        let mut conn = ctx.db().conn().await?;
        store::events::rows(&mut conn, &[event], ctx.now()).await?
    };
    // Who gave back what let them in is told so, too.
    let row = rows.into_iter().next().ok_or_else(Error::not_found)?;
    seen(ctx, &row).await
}

/// Answers from the event page's form.
///
/// # Errors
/// As [`answer`]; 422 with `answer` or `party` for what cannot be read.
pub async fn answer_from_form(
    ctx: &Ctx,
    event_key: &str,
    answered: &str,
    party: &str,
) -> Result<Rsvp> {
    ctx.account()?;
    let text = "must be going, interested or not_going";
    let answered = RsvpAnswer::from_text(answered.trim())
        .ok_or_else(|| Error::field("answer", "unknown", text))?;
    let party = match party.trim() {
        "" => None,
        text => {
            let number = text.parse();
            Some(number.map_err(|_| Error::field("party", "format", "must be a number"))?)
        }
    };
    let command = AnswerRsvp {
        answer: answered,
        party,
    };
    answer(ctx, event_key, command).await
}

/// Takes the actor's answer back, and with it their places. Again is fine.
///
/// # Errors
/// `not_on_sale` when the event is over or cancelled, `illegal_state` when somebody of the party is
/// in already, 404.
pub async fn withdraw(ctx: &Ctx, event_key: &str) -> Result<()> {
    ctx.account()?;
    settle(ctx, event_key, None, None).await.map(drop)
}

async fn settle(
    ctx: &Ctx,
    event_key: &str,
    answer: Option<RsvpAnswer>,
    party: Option<u32>,
) -> Result<EventId> {
    rate::spend(ctx, rate::Kind::Rsvp).await?;
    let event = {
        let mut conn = ctx.db().conn().await?;
        events::id_of(&mut conn, event_key).await?
    };
    orders::settle_answer(ctx, event, answer, party).await?;
    Ok(event)
}

/// The actor's answers to events that they may see, latest first.
///
/// # Errors
/// 422 with `limit` or `cursor`.
pub async fn list(ctx: &Ctx, query: PageQuery) -> Result<Page<MyRsvp>> {
    let account = ctx.account()?;
    let keyset = Keyset::read(&query)?;
    let mut conn = ctx.db().conn().await?;
    let after = keyset.after.map(RsvpId);
    let which = Which::Before(after);
    let rows = store::rsvps::list_of_account(&mut conn, account, which, keyset.rows()).await?;
    let Page { items, next } = keyset.page(rows, |row| row.id.0);
    let items = views::mine(ctx, &mut conn, items).await?;
    Ok(Page { items, next })
}

/// What the actor is to be told of their latest answers, the next event first: those they have to
/// confirm, those they lost, and what they are interested in, while the event can still be gone to.
///
/// # Errors
/// `not_signed_in`.
pub async fn news(ctx: &Ctx) -> Result<Vec<MyRsvp>> {
    const SHOWN: i64 = 100;
    let account = ctx.account()?;
    let mut conn = ctx.db().conn().await?;
    let which = Which::Current(ctx.now());
    let rows = store::rsvps::list_of_account(&mut conn, account, which, SHOWN).await?;
    let mut items = views::mine(ctx, &mut conn, rows).await?;
    items.retain(views::is_news);
    items.sort_by_key(|item| (item.event.starts_at, item.id));
    Ok(items)
}

/// Somebody's answer as they see it, for a mail about it.
pub(crate) async fn as_told(
    ctx: &Ctx,
    conn: &mut Conn,
    event: EventId,
    account: AccountId,
) -> Result<Option<MyRsvp>> {
    let row = store::rsvps::find(conn, event, account).await?;
    let views = views::mine(ctx, conn, row.into_iter().collect()).await?;
    Ok(views.into_iter().next())
}

/// The answers to an event, latest first, for its crew.
///
/// # Errors
/// 404 or `forbidden` for everybody else; 422 with `limit` or `cursor`.
pub async fn list_of_event(
    ctx: &Ctx,
    event_key: &str,
    query: PageQuery,
) -> Result<Page<EventRsvp>> {
    let keyset = Keyset::read(&query)?;
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?;
    let settings = settings::of_event(&mut conn, event.id).await?;
    let after = keyset.after.map(RsvpId);
    let rows = store::rsvps::list_of_event(&mut conn, event.id, after, keyset.rows()).await?;
    let page = keyset.page(rows, |row| row.rsvp.id.0);
    Ok(page.map(|row| views::of_person(ctx, &event, settings.as_ref(), row)))
}
