//! Offers as the people at their ends see them. Works on the connection it is given.

use store::{Conn, transfers::OfferRow};
use types::{
    orders::EventBrief,
    tickets::TicketTypeBrief,
    transfers::{Party, Transfer},
};

use super::{link, rules};
use crate::{
    Ctx, Error, Result, events,
    idempotency::{Reply, fill},
    text,
};

/// Offers in the order of the rows, for the actor, with the links of those they gave.
pub(super) async fn views(
    ctx: &Ctx,
    conn: &mut Conn,
    rows: Vec<OfferRow>,
) -> Result<Vec<Transfer>> {
    let ids: Vec<_> = rows.iter().map(|row| row.transfer.event_id).collect();
    let briefs = events::brief(ctx, conn, &ids).await?;
    let views = rows.into_iter().map(|row| {
        let brief = briefs.get(&row.transfer.event_id);
        let brief = brief.ok_or_else(|| Error::internal("an event is missing"))?;
        Ok(with_link(ctx, view(ctx, brief, row)))
    });
    views.collect()
}

/// An offer as the actor sees it, without its link: so it may be stored.
pub(crate) fn view(ctx: &Ctx, event: &EventBrief, row: OfferRow) -> Transfer {
    let status = rules::shown_status(&row.transfer, row.ticket_status, ctx.now());
    let actor = ctx.account_if_any();
    let is_given = actor == Some(row.transfer.giver_id);
    let is_got = actor.is_some() && actor == row.transfer.recipient_id;
    let recipient = row.recipient_name.zip(row.recipient_handle);
    let recipient = recipient.filter(|_| is_given || is_got);
    Transfer {
        id: row.transfer.id,
        ticket_id: row.transfer.ticket_id,
        status,
        is_given,
        from: Party {
            name: row.giver_name,
            handle: row.giver_handle,
        },
        to: is_given.then_some(row.transfer.recipient_text),
        recipient: recipient.map(|(name, handle)| Party { name, handle }),
        ticket_type: TicketTypeBrief {
            id: row.ticket_type_id,
            name: row.ticket_type_name,
        },
        created_at: row.transfer.created_at,
        expires_at: row.transfer.expires_at,
        expires_text: text::moment(row.transfer.expires_at, &event.time_zone),
        accept_url: None,
        new_ticket_id: row.transfer.new_ticket_id.filter(|_| is_got),
        event: event.clone(),
    }
}

fn with_link(ctx: &Ctx, offer: Transfer) -> Transfer {
    let by_link = offer.to.as_ref().is_some_and(|to| to.contains('@'));
    let has_link = offer.is_open() && by_link && offer.recipient.is_none();
    Transfer {
        accept_url: has_link.then(|| link::url(ctx, offer.id)),
        ..offer
    }
}

/// Adds the link to the answer of an offer. The stored answer is without it, as everything that
/// is stored; a repetition gets the bytes of the first answer all the same.
pub(super) fn reply_with_link(ctx: &Ctx, reply: Reply<Transfer>) -> Result<Reply<Transfer>> {
    match reply {
        Reply::Fresh(offer) => Ok(Reply::Fresh(with_link(ctx, offer))),
        Reply::Replayed {
            status: status @ 200..=299,
            body,
        } => {
            let stored = serde_json::from_slice(&body).map_err(Error::internal)?;
            let url = with_link(ctx, stored).accept_url;
            let body = fill(body, "accept_url", &url)?;
            Ok(Reply::Replayed { status, body })
        }
        refused @ Reply::Replayed { .. } => Ok(refused),
    }
}
