//! Who bought what, for those who run the event.

use store::orders::BoughtRow;
use types::{
    OrderId, Page,
    orders::{Buyer, EventOrder, Order, Refund, RefundState},
    paging::{PageQuery, SearchQuery},
};

use super::views::{self, Reader};
use crate::{Ctx, Error, Result, events, paging::Keyset};

/// The longest text that is looked for.
const TEXT: usize = 100;

/// The orders of an event, latest first, for its crew: all, or those of a reference or of buyers
/// with a name.
///
/// # Errors
/// 404 or `forbidden` for everybody else; 422 with `q`, `limit` or `cursor`.
pub async fn orders_of_event(
    ctx: &Ctx,
    event_key: &str,
    query: SearchQuery,
) -> Result<Page<EventOrder>> {
    let SearchQuery { q, limit, cursor } = query;
    let text = q.unwrap_or_default();
    if text.chars().count() > TEXT {
        return Err(Error::field("q", "too_long", "is too long"));
    }
    let keyset = Keyset::read(&PageQuery { limit, cursor })?;
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?.id;
    let after = keyset.after.map(OrderId);
    let rows =
        store::orders::list_of_event(&mut conn, event, text.trim(), after, keyset.rows()).await?;
    let Page { items, next } = keyset.page(rows, |row| row.order.id.0);
    let rows = items.iter().map(|row| row.order.clone()).collect();
    let orders = views::orders(ctx, &mut conn, rows, Reader::Crew).await?;
    let items = items
        .into_iter()
        .zip(orders)
        .map(|(row, order)| EventOrder {
            buyer: buyer(row, &order),
            order,
        });
    Ok(Page {
        items: items.collect(),
        next,
    })
}

/// The address is told only when the organizer has to pay back what the provider could not, or
/// never had.
fn buyer(row: BoughtRow, order: &Order) -> Buyer {
    let is_open = |refund: &Refund| matches!(refund.state, RefundState::Refused | RefundState::Due);
    let has_to_be_reached = order.refunds.iter().any(is_open);
    Buyer {
        name: row.name,
        handle: row.handle,
        email: has_to_be_reached.then_some(row.email),
    }
}
