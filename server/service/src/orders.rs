//! Selling places: hold → pay → order with tickets. Never over, never under.
//!
//! Every settlement is a short transaction: lock all pools of the event in id order,
//! turn due holds to expired, read, decide ([`rules`]), write, commit. No lock is
//! held while a payment provider is asked.

mod asking;
mod holding;
mod news;
mod paying;
mod queue;
mod rules;
mod settling;
mod transaction;
mod views;

use types::{
    HoldId, OrderId, Page,
    orders::{Hold, HoldForm, Order, PayHold, PlaceHold, Purchase},
    paging::PageQuery,
};

use crate::{
    Ctx, Error, Result, events,
    idempotency::{Once, Reply},
    paging::Keyset,
    rate,
};

pub use asking::settle_open_payments;
pub use holding::{release, sweep_due_holds};
pub use news::payment_news;
pub use queue::Queue;
pub use rules::form_to_command;

use transaction::retrying;
pub(crate) use views::tickets_of;

/// Puts places aside.
///
/// # Errors
/// `sold_out` with `available`, `limit_reached` with `own_holds`, `not_on_sale`,
/// `unknown_promo_code`, 404 for an event the actor may not see, 422 with the field.
pub async fn hold(
    ctx: &Ctx,
    event_key: &str,
    command: PlaceHold,
    once: Once,
) -> Result<Reply<Hold>> {
    ctx.account()?;
    rate::spend(ctx, rate::Kind::Purchase).await?;
    retrying(ctx, || holding::hold(ctx, event_key, &command, &once)).await
}

/// Puts places aside from the ticket picker's form.
///
/// # Errors
/// As [`hold`].
pub async fn hold_from_form(
    ctx: &Ctx,
    event_key: &str,
    form: HoldForm,
    once: Once,
) -> Result<Reply<Hold>> {
    ctx.account()?;
    hold(ctx, event_key, form_to_command(&form)?, once).await
}

/// The actor's live holds.
///
/// # Errors
/// When nobody is signed in.
pub async fn holds(ctx: &Ctx) -> Result<Page<Hold>> {
    let account = ctx.account()?;
    let mut conn = ctx.db().conn().await?;
    let rows = store::holds::live_of_account(&mut conn, account, ctx.now()).await?;
    Ok(Page {
        items: views::holds(ctx, &mut conn, rows).await?,
        next: None,
    })
}

/// One of the actor's holds, in whatever state.
///
/// # Errors
/// 404 for a hold of somebody else.
pub async fn get_hold(ctx: &Ctx, id: HoldId) -> Result<Hold> {
    let account = ctx.account()?;
    let mut conn = ctx.db().conn().await?;
    let row = store::holds::find(&mut conn, id).await?;
    let own = row
        .filter(|hold| hold.account_id == account)
        .ok_or_else(Error::not_found)?;
    views::hold(ctx, &mut conn, own).await
}

/// Pays a hold.
///
/// # Errors
/// `payment_declined` with `hold_id`, `payment_pending`, `hold_expired`,
/// `payment_required`, `illegal_state` with `order_id` when it is paid already, 404.
pub async fn pay(ctx: &Ctx, id: HoldId, command: PayHold, once: Once) -> Result<Reply<Order>> {
    ctx.account()?;
    rate::spend(ctx, rate::Kind::Purchase).await?;
    let begun = retrying(ctx, || paying::begin_pay(ctx, id, &command, &once)).await?;
    asking::finish(ctx, begun).await
}

/// Hold, payment and tickets in one call.
///
/// # Errors
/// As [`hold`] and [`pay`].
pub async fn purchase(
    ctx: &Ctx,
    event_key: &str,
    command: Purchase,
    once: Once,
) -> Result<Reply<Order>> {
    ctx.account()?;
    rate::spend(ctx, rate::Kind::Purchase).await?;
    let begun = retrying(ctx, || {
        paying::begin_purchase(ctx, event_key, &command, &once)
    })
    .await?;
    asking::finish(ctx, begun).await
}

/// Does the event exist for the actor? What a bad body is checked after.
///
/// # Errors
/// 404, or when nobody is signed in.
pub async fn may_see_event(ctx: &Ctx, event_key: &str) -> Result<()> {
    ctx.account()?;
    let mut conn = ctx.db().conn().await?;
    events::visible(ctx, &mut conn, event_key).await?;
    Ok(())
}

/// The actor's orders, latest first.
///
/// # Errors
/// 422 with `limit` or `cursor`.
pub async fn list(ctx: &Ctx, query: PageQuery) -> Result<Page<Order>> {
    let account = ctx.account()?;
    let keyset = Keyset::read(&query)?;
    let mut conn = ctx.db().conn().await?;
    let rows = store::orders::list_of_account(
        &mut conn,
        account,
        keyset.after.map(OrderId),
        keyset.rows(),
    )
    .await?;
    let Page { items, next } = keyset.page(rows, |order| order.id.0);
    Ok(Page {
        items: views::orders(ctx, &mut conn, items).await?,
        next,
    })
}

/// One of the actor's orders.
///
/// # Errors
/// 404 for an order of somebody else.
pub async fn get(ctx: &Ctx, id: OrderId) -> Result<Order> {
    let account = ctx.account()?;
    let mut conn = ctx.db().conn().await?;
    let row = store::orders::find(&mut conn, id).await?;
    let own = row
        .filter(|order| order.account_id == account)
        .ok_or_else(Error::not_found)?;
    views::order(ctx, &mut conn, own).await
}
