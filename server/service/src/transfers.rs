//! Passing tickets on: offered by one, accepted by another. What is decided is decided at the
//! event's till (`orders/transferring.rs`).

mod link;
mod list;
pub(crate) mod rules;
mod views;

use store::transfers::{OfferRow, TransferRow};
use types::{
    Code, EventId, TicketId, TransferId,
    tickets::Ticket,
    transfers::{AnswerOffer, OfferTicket, Transfer},
};

use crate::{
    Ctx, Error, Result,
    idempotency::{Call, Once, Reply},
    orders::{NOWHERE, Step, settle_offer, settle_ticket},
    rate, tickets,
};

pub use list::list;
pub(crate) use views::view;

/// Offers one of the actor's tickets to somebody: to a handle, or, with an e-mail address, to
/// whoever gets the link of the answer. It stays valid until somebody accepts.
///
/// # Errors
/// `illegal_state` when the ticket, the event or another offer does not allow it, 422 with `to`,
/// 404 for a ticket of somebody else.
pub async fn offer(
    ctx: &Ctx,
    ticket: TicketId,
    command: OfferTicket,
    once: Once,
) -> Result<Reply<Transfer>> {
    let call = Call::new(ctx, once, &(ticket, &command))?;
    rate::spend(ctx, rate::Kind::Purchase).await?;
    let event = {
        let mut conn = ctx.db().conn().await?;
        let ticket = store::tickets::find(&mut conn, ticket).await?;
        ticket.map_or(NOWHERE, |ticket| ticket.event_id)
    };
    let step = Step::Offer(ticket, command);
    let reply = settle_offer(ctx, event, Some(call), step).await?;
    views::reply_with_link(ctx, reply)
}

/// May the actor offer this ticket in principle? What a bad body is checked after.
///
/// # Errors
/// 404 for a ticket of somebody else.
pub async fn may_offer(ctx: &Ctx, ticket: TicketId) -> Result<()> {
    tickets::get(ctx, ticket).await.map(drop)
}

/// Takes an offered ticket: the giver's is void at once, the answer is a new one.
///
/// # Errors
/// `offer_expired`, `limit_reached` with `own_holds`, `illegal_state` when the offer, the ticket
/// or the event does not allow it, 404 for an offer to somebody else.
pub async fn accept(
    ctx: &Ctx,
    id: TransferId,
    answer: AnswerOffer,
    once: Once,
) -> Result<Reply<Ticket>> {
    let call = Call::new(ctx, once, &(id, &answer))?;
    rate::spend(ctx, rate::Kind::Purchase).await?;
    let event = event_of(ctx, id).await?;
    settle_ticket(ctx, event, call, Step::Accept(id, answer)).await
}

/// Says no to an offer. Again is fine.
///
/// # Errors
/// `offer_expired`, `illegal_state` when it was answered, 404 for an offer to somebody else.
pub async fn decline(ctx: &Ctx, id: TransferId, answer: AnswerOffer) -> Result<Transfer> {
    ctx.account()?;
    let event = event_of(ctx, id).await?;
    let reply = settle_offer(ctx, event, None, Step::Decline(id, answer)).await?;
    reply.into_value()
}

/// Takes an offer back. Again is fine.
///
/// # Errors
/// `illegal_state` when it was accepted, 404 for an offer of somebody else.
pub async fn withdraw(ctx: &Ctx, id: TransferId) -> Result<Transfer> {
    ctx.account()?;
    let event = event_of(ctx, id).await?;
    let reply = settle_offer(ctx, event, None, Step::Withdraw(id)).await?;
    reply.into_value()
}

/// What leads to no event is refused at its till, under the call's key.
async fn event_of(ctx: &Ctx, id: TransferId) -> Result<EventId> {
    let mut conn = ctx.db().conn().await?;
    let found = store::transfers::list(&mut conn, &[id], &[]).await?;
    Ok(found
        .first()
        .map_or(NOWHERE, |offer| offer.transfer.event_id))
}

/// An offer that the actor gave or got, or has the link of.
///
/// # Errors
/// 404 for everybody else.
pub async fn get(ctx: &Ctx, id: TransferId, key: Option<&str>) -> Result<Transfer> {
    ctx.account()?;
    let mut conn = ctx.db().conn().await?;
    let found = store::transfers::list(&mut conn, &[id], &[]).await?;
    let offer = found.into_iter().next().ok_or_else(Error::not_found)?;
    part(ctx, &offer.transfer, key)?;
    let views = views::views(ctx, &mut conn, vec![offer]).await?;
    views.into_iter().next().ok_or_else(Error::not_found)
}

/// The open offer of one of the actor's tickets, if there is one.
///
/// # Errors
/// When Postgres fails.
pub async fn open_of_ticket(ctx: &Ctx, ticket: TicketId) -> Result<Option<Transfer>> {
    let giver = ctx.account()?;
    let mut conn = ctx.db().conn().await?;
    let mut offers = store::transfers::list(&mut conn, &[], &[ticket]).await?;
    offers.retain(|offer: &OfferRow| offer.transfer.giver_id == giver);
    let views = views::views(ctx, &mut conn, offers).await?;
    Ok(views.into_iter().find(Transfer::is_open))
}

/// Which end of an offer somebody stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Offered it.
    Giver,
    /// It was offered to them, or they have its link.
    Recipient,
}

/// The actor's part in an offer; for everybody else there is no such offer.
pub(crate) fn part(ctx: &Ctx, offer: &TransferRow, key: Option<&str>) -> Result<Part> {
    let account = ctx.account()?;
    let has_link =
        || rules::is_by_link(offer) && key.is_some_and(|key| link::fits(ctx, offer.id, key));
    if offer.giver_id == account {
        Ok(Part::Giver)
    } else if offer.recipient_id == Some(account) || has_link() {
        Ok(Part::Recipient)
    } else {
        Err(Code::NotFound.into())
    }
}
