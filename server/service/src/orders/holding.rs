//! Putting places aside and giving them back.

use store::{Conn, Tx, holds::HoldRow};
use types::{
    Code, EventId, HoldId,
    orders::{Hold, HoldStatus, Item, Line, PaymentInput, PlaceHold},
    validate,
};

use super::{
    rules,
    transaction::{begin, lock_pools, retrying},
    views,
};
use crate::{
    Ctx, Error, Result, events,
    idempotency::{self, Once, Reply, Start},
};

/// One try at holding.
pub(super) async fn hold(
    ctx: &Ctx,
    event_key: &str,
    command: &PlaceHold,
    once: &Once,
) -> Result<Reply<Hold>> {
    let mut tx = begin(ctx).await?;
    let call = match idempotency::start(ctx, &mut tx, once, command).await? {
        Start::Fresh(call) | Start::TakeOver(call, _) => call,
        Start::Answered(answer) => return Ok(answer.into()),
    };
    let outcome = place(ctx, &mut tx, event_key, command).await;
    call.conclude(tx, outcome).await
}

async fn place(ctx: &Ctx, tx: &mut Tx, event_key: &str, command: &PlaceHold) -> Result<Hold> {
    let event = events::visible(ctx, tx, event_key).await?;
    validate::check(command).map_err(Error::invalid)?;
    let wish = Wish {
        items: &command.items,
        promo_code: command.promo_code.as_deref(),
        pays_with: None,
    };
    let basket = plan(ctx, tx, event, &wish).await?;
    put_aside(tx, &basket).await?;
    views::hold(ctx, tx, basket.hold).await
}

/// What a buyer wishes.
pub(super) struct Wish<'a> {
    /// Which places.
    pub items: &'a [Item],
    /// As typed.
    pub promo_code: Option<&'a str>,
    /// When it is paid at once: how, if that was said.
    #[expect(
        clippy::option_option,
        reason = "not paid now, paid without a method, paid with one"
    )]
    pub pays_with: Option<Option<&'a PaymentInput>>,
}

/// Places that a buyer has or may have; their event's pools are locked.
pub(super) struct Basket {
    /// The hold.
    pub hold: HoldRow,
    /// What it is made of.
    pub lines: Vec<Line>,
}

/// Locks the event's pools and decides. Writes nothing but the expiry of due holds.
pub(super) async fn plan(
    ctx: &Ctx,
    tx: &mut Tx,
    event: EventId,
    wish: &Wish<'_>,
) -> Result<Basket> {
    rules::check_items(wish.items)?;
    rules::check_promo_code(wish.promo_code)?;
    let (buyer, now) = (ctx.account()?, ctx.now());
    let pools = lock_pools(ctx, tx, event).await?;
    let event = store::sales::find_event(tx, event)
        .await?
        .ok_or_else(Error::not_found)?;
    let ids: Vec<_> = wish.items.iter().map(|item| item.ticket_type_id).collect();
    let types = store::sales::types_for(tx, event.id, &ids, buyer).await?;
    let wanted = rules::wanted(wish.items, &types)?;
    let lines = rules::lines(&wanted);
    let total = rules::total(&lines)?;
    if let Some(payment) = wish.pays_with {
        rules::check_payment(total, payment)?;
    }
    rules::check_on_sale(&event, &wanted, now)?;
    rules::check_limits(&wanted, &store::holds::live_ids(tx, buyer, event.id).await?)?;
    rules::check_places(&wanted, &pools)?;
    let hold = HoldRow {
        id: HoldId(ctx.new_id()),
        event_id: event.id,
        account_id: buyer,
        status: HoldStatus::Held,
        total,
        expires_at: now + ctx.settings().hold_for,
        created_at: now,
    };
    Ok(Basket { hold, lines })
}

/// Writes a planned hold and takes its places.
pub(super) async fn put_aside(tx: &mut Tx, basket: &Basket) -> Result<()> {
    store::holds::insert(tx, &basket.hold, &basket.lines).await?;
    store::pools::add_held(tx, &places(&basket.lines)).await?;
    Ok(())
}

/// What lines take from the pools.
pub(super) fn places(lines: &[Line]) -> Vec<store::pools::Places> {
    lines
        .iter()
        .map(|line| (line.ticket_type_id, line.quantity))
        .collect()
}

/// The lines of one hold.
pub(super) async fn lines_of(conn: &mut Conn, hold: HoldId) -> Result<Vec<Line>> {
    let lines = store::holds::lines(conn, &[hold]).await?;
    Ok(lines.into_iter().map(|(_, line)| line).collect())
}

/// The actor's hold under the locks of its event, with due holds expired.
pub(super) async fn lock_own(ctx: &Ctx, tx: &mut Tx, id: HoldId) -> Result<HoldRow> {
    let account = ctx.account()?;
    let unlocked = store::holds::find(tx, id).await?;
    let own = unlocked
        .filter(|hold| hold.account_id == account)
        .ok_or_else(Error::not_found)?;
    lock_pools(ctx, tx, own.event_id).await?;
    store::holds::find(tx, id)
        .await?
        .ok_or_else(Error::not_found)
}

/// Gives places back. Again is fine.
///
/// # Errors
/// `payment_pending`, `illegal_state` when it is paid, 404 for a hold of somebody else.
pub async fn release(ctx: &Ctx, id: HoldId) -> Result<()> {
    ctx.account()?;
    retrying(ctx, || release_once(ctx, id)).await
}

async fn release_once(ctx: &Ctx, id: HoldId) -> Result<()> {
    let mut tx = begin(ctx).await?;
    let hold = lock_own(ctx, &mut tx, id).await?;
    match hold.status {
        HoldStatus::Held => {
            store::holds::set_status(&mut tx, id, HoldStatus::Released).await?;
            let lines = lines_of(&mut tx, id).await?;
            store::pools::release_held(&mut tx, &places(&lines)).await?;
        }
        HoldStatus::Paying => return Err(Code::PaymentPending.into()),
        HoldStatus::Paid => {
            return Err(Error::new(Code::IllegalState).detail("These places are paid for."));
        }
        HoldStatus::Expired | HoldStatus::Released => {}
    }
    Ok(tx.commit().await?)
}

/// Turns due holds to expired; the worker calls it. Correctness does not need it:
/// every settlement does so itself. Returns how many.
///
/// # Errors
/// When Postgres fails.
pub async fn sweep_due_holds(ctx: &Ctx) -> Result<usize> {
    const EVENTS: i64 = 100;
    let due = {
        let mut conn = ctx.db().conn().await?;
        store::holds::events_with_due(&mut conn, ctx.now(), EVENTS).await?
    };
    let mut expired = 0;
    for event in due {
        expired += retrying(ctx, || sweep_event(ctx, event)).await?;
    }
    Ok(expired)
}

async fn sweep_event(ctx: &Ctx, event: EventId) -> Result<usize> {
    let mut tx = begin(ctx).await?;
    store::pools::lock_event(&mut tx, event).await?;
    let expired = store::pools::expire_due(&mut tx, event, ctx.now()).await?;
    tx.commit().await?;
    Ok(expired.len())
}
