//! Who bought what, for those who run the event.

use store::orders::BoughtRow;
use types::{
    OrderId, Page,
    orders::{Buyer, EventOrder, Order, Refund, RefundState},
    paging::PageQuery,
};

use super::views::{self, Reader};
use crate::{Ctx, Result, events, paging::Keyset};

/// The orders of an event, latest first, for its crew.
///
/// # Errors
/// 404 or `forbidden` for everybody else; 422 with `limit` or `cursor`.
pub async fn orders_of_event(
    ctx: &Ctx,
    event_key: &str,
    query: PageQuery,
) -> Result<Page<EventOrder>> {
    let keyset = Keyset::read(&query)?;
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?.id;
    let after = keyset.after.map(OrderId);
    let rows = store::orders::list_of_event(&mut conn, event, after, keyset.rows()).await?;
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

/// The address is told only when the organizer has to pay back what the provider could not.
fn buyer(row: BoughtRow, order: &Order) -> Buyer {
    let is_refused = |refund: &Refund| refund.state == RefundState::Refused;
    let has_to_be_reached = order.refunds.iter().any(is_refused);
    Buyer {
        name: row.name,
        handle: row.handle,
        email: has_to_be_reached.then_some(row.email),
    }
}
