//! Selling places: hold → pay → order with tickets. Never over, never under.

use types::{
    HoldId, OrderId, Page,
    orders::{Hold, HoldForm, Order, PayHold, PlaceHold, Purchase},
    paging::PageQuery,
};

use crate::{Ctx, Result, idempotency::{Once, Reply}};

/// Puts places aside.
pub async fn hold(ctx: &Ctx, event_key: &str, command: PlaceHold, once: Once) -> Result<Reply<Hold>> { todo!() }
/// Puts places aside from the ticket picker's form.
pub async fn hold_from_form(ctx: &Ctx, event_key: &str, form: HoldForm, once: Once) -> Result<Reply<Hold>> { todo!() }
/// The actor's live holds.
pub async fn holds(ctx: &Ctx) -> Result<Page<Hold>> { todo!() }
/// One of the actor's holds, in whatever state.
pub async fn get_hold(ctx: &Ctx, id: HoldId) -> Result<Hold> { todo!() }
/// Gives places back.
pub async fn release(ctx: &Ctx, id: HoldId) -> Result<()> { todo!() }
/// Pays a hold.
pub async fn pay(ctx: &Ctx, id: HoldId, command: PayHold, once: Once) -> Result<Reply<Order>> { todo!() }
/// Hold, payment and tickets in one call.
pub async fn purchase(ctx: &Ctx, event_key: &str, command: Purchase, once: Once) -> Result<Reply<Order>> { todo!() }
/// The actor's orders, latest first.
pub async fn list(ctx: &Ctx, query: PageQuery) -> Result<Page<Order>> { todo!() }
/// One of the actor's orders.
pub async fn get(ctx: &Ctx, id: OrderId) -> Result<Order> { todo!() }
/// Asks the provider about payments whose outcome is not known; the worker calls it.
pub async fn settle_open_payments(ctx: &Ctx) -> Result<usize> { todo!() }
/// Turns due holds to expired; the worker calls it. Correctness does not need it.
pub async fn sweep_due_holds(ctx: &Ctx) -> Result<usize> { todo!() }
