//! Selling places: hold → pay → order with tickets. Never over, never under.
//!
//! Sales of one event wait at its [`till`] and are settled together in a short
//! transaction ([`batch`]): lock all pools of the event in id order, turn due holds to
//! expired, read ([`books`]), decide ([`rules`]), write, commit. No lock is held while a
//! payment provider is asked.

mod asking;
mod batch;
mod books;
mod bought;
mod codes;
mod holding;
mod news;
mod offering;
mod paying;
mod places;
mod prices;
mod queue;
mod receipts;
mod refunding;
mod returning;
mod rules;
mod sell_outs;
mod settling;
mod till;
mod transaction;
mod transferring;
mod views;
pub mod waiting_list;

use store::holds::HoldRow;
use types::{
    Code, Currency, EventId, HoldId, OrderId, Page,
    orders::{GiveBack, GiveBackForm, Hold, HoldForm, Order, PayHold, PlaceHold, Purchase},
    paging::PageQuery,
};
use uuid::Uuid;

use crate::{
    Ctx, Error, Result, events,
    idempotency::{Call, Once, Reply},
    paging::Keyset,
    promos, rate, waiting_room,
};

pub use asking::settle_open_payments;
pub use bought::orders_of_event;
pub use holding::sweep_due_holds;
pub use news::payment_news;
pub use places::places;
pub use queue::Queue;
pub use receipts::resend_receipt;
pub use refunding::{
    paid_otherwise, refund_cancelled_events, refund_progress, settle_open_refunds,
};
pub use rules::form_to_command;
pub use till::Tills;

pub(crate) use receipts::as_bought;
use till::Request;
pub(crate) use transferring::{Step, settle_offer, settle_ticket};
pub(crate) use views::tickets_of;

/// Puts places aside.
///
/// # Errors
/// `sold_out` with `available`, `limit_reached` with `own_holds`, `not_on_sale`,
/// `unknown_promo_code` and the other refusals of codes, `waiting_room_required`, 404 for an
/// event the actor may not see, 422 with the field.
pub async fn hold(
    ctx: &Ctx,
    event_key: &str,
    command: PlaceHold,
    once: Once,
) -> Result<Reply<Hold>> {
    let call = Call::new(ctx, once, &command)?;
    rate::spend(ctx, rate::Kind::Purchase).await?;
    promos::spend_try(ctx, command.promo_code.as_deref()).await?;
    let event = event_of(ctx, event_key).await?;
    waiting_room::refuse_early(ctx, event, &call)?;
    sell_outs::refuse(ctx, event, &call, &command)?;
    let request = Request::Hold(command);
    till::settle(ctx, event, Some(call), request)
        .await?
        .into_hold()
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
    let currency = currency_of(ctx, event_key, &form).await?;
    let command = form_to_command(&form, currency)?;
    let held = hold(ctx, event_key, command, once).await;
    held.map_err(|error| rules::under_row_names(error, &form))
}

/// What amounts of the form are in: the event's currency.
async fn currency_of(ctx: &Ctx, event_key: &str, form: &HoldForm) -> Result<Currency> {
    if form.items.iter().all(|row| row.amount.trim().is_empty()) {
        return Ok(Currency::default());
    }
    let mut conn = ctx.db().conn().await?;
    let event = events::visible_row(ctx, &mut conn, event_key).await?;
    let currency = event.currency.as_deref().and_then(Currency::from_code);
    Ok(currency.unwrap_or_default())
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
    let own = own_hold(ctx, id).await?;
    let mut conn = ctx.db().conn().await?;
    views::hold(ctx, &mut conn, own).await
}

/// Pays a hold.
///
/// # Errors
/// `payment_declined` with `hold_id`, `payment_pending`, `hold_expired`,
/// `payment_required`, `illegal_state` with `order_id` when it is paid already, 404.
pub async fn pay(ctx: &Ctx, id: HoldId, command: PayHold, once: Once) -> Result<Reply<Order>> {
    let call = Call::new(ctx, once, &command)?;
    rate::spend(ctx, rate::Kind::Purchase).await?;
    let event = match own_hold(ctx, id).await {
        Ok(hold) => hold.event_id,
        Err(error) if error.code == Code::NotFound => NOWHERE,
        Err(error) => return Err(error),
    };
    asking::order(ctx, event, call, Request::Pay(id, command)).await
}

/// Keeps a hold for longer: the usual time again from now, up to three times of it in all.
///
/// # Errors
/// `illegal_state` when it cannot be kept for longer or is paid, `hold_expired`,
/// `payment_pending`, `not_on_sale`, 404 for a hold of somebody else.
pub async fn extend(ctx: &Ctx, id: HoldId) -> Result<Hold> {
    let event = own_hold(ctx, id).await?.event_id;
    let verdict = till::settle(ctx, event, None, Request::Extend(id)).await?;
    verdict.into_hold()?.into_value()
}

/// Gives places back. Again is fine.
///
/// # Errors
/// `payment_pending`, `illegal_state` when it is paid, 404 for a hold of somebody else.
pub async fn release(ctx: &Ctx, id: HoldId) -> Result<()> {
    let event = own_hold(ctx, id).await?.event_id;
    till::settle(ctx, event, None, Request::Release(id)).await?;
    Ok(())
}

/// The actor's hold; those of others do not exist.
async fn own_hold(ctx: &Ctx, id: HoldId) -> Result<HoldRow> {
    let account = ctx.account()?;
    let mut conn = ctx.db().conn().await?;
    let row = store::holds::find(&mut conn, id).await?;
    row.filter(|hold| hold.account_id == account)
        .ok_or_else(Error::not_found)
}

/// An event that never is: what leads to no event is refused at its till, under the call's key.
pub(crate) const NOWHERE: EventId = EventId(Uuid::nil());

/// The event that is bought from. An id costs no look-up; whether it exists shows later.
async fn event_of(ctx: &Ctx, key: &str) -> Result<EventId> {
    if let Ok(id) = key.parse() {
        return Ok(id);
    }
    let mut conn = ctx.db().conn().await?;
    match events::id_of(&mut conn, key).await {
        Err(error) if error.code == Code::NotFound => Ok(NOWHERE),
        found => found,
    }
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
    let call = Call::new(ctx, once, &command)?;
    rate::spend(ctx, rate::Kind::Purchase).await?;
    promos::spend_try(ctx, command.promo_code.as_deref()).await?;
    let event = event_of(ctx, event_key).await?;
    waiting_room::refuse_early(ctx, event, &call)?;
    sell_outs::refuse(ctx, event, &call, &command)?;
    asking::order(ctx, event, call, Request::Purchase(command)).await
}

/// Gives tickets of an order back, all or some: their places are free at once, and what was
/// paid for them goes back. By the buyer within the organizer's policy, by the organizer any
/// time, by both when the event was cancelled.
///
/// # Errors
/// `illegal_state` when the policy, the order or a ticket does not allow it,
/// `payment_pending`, 422 with `ticket_ids`, 404 for an order of somebody else.
pub async fn give_back(
    ctx: &Ctx,
    id: OrderId,
    command: GiveBack,
    once: Once,
) -> Result<Reply<Order>> {
    let call = Call::new(ctx, once, &(id, &command))?;
    rate::spend(ctx, rate::Kind::Purchase).await?;
    let event = {
        let mut conn = ctx.db().conn().await?;
        let order = store::orders::find(&mut conn, id).await?;
        order.map_or(NOWHERE, |order| order.event_id)
    };
    let request = Request::Return(id, command);
    let verdict = till::settle(ctx, event, Some(call), request).await?;
    verdict.into_settled()
}

/// Gives the tickets back that are ticked in the order page's form.
///
/// # Errors
/// As [`give_back`]; 422 with `tickets` when none is ticked.
pub async fn give_back_from_form(
    ctx: &Ctx,
    id: OrderId,
    form: GiveBackForm,
    once: Once,
) -> Result<Reply<Order>> {
    give_back(ctx, id, returning::form_to_command(&form)?, once).await
}

/// Is it an order that the actor may give back in principle? What a bad body is checked after.
///
/// # Errors
/// 404 for an order of somebody else.
pub async fn may_give_back(ctx: &Ctx, id: OrderId) -> Result<()> {
    let account = ctx.account()?;
    let mut conn = ctx.db().conn().await?;
    let order = store::orders::find(&mut conn, id).await?;
    let order = order.ok_or_else(Error::not_found)?;
    if order.account_id == account {
        return Ok(());
    }
    let event = order.event_id.to_string();
    let crew = events::crew(ctx, &mut conn, &event).await;
    crew.map(drop).map_err(|error| match error.code {
        Code::Forbidden => Error::not_found(),
        _ => error,
    })
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
        items: views::orders(ctx, &mut conn, items, views::Reader::Buyer).await?,
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
