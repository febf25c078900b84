//! Putting places aside, keeping them for longer, giving them back.

use jiff::Timestamp;
use store::{
    holds::HoldRow,
    promos::{HeldPromo, PromoRow},
    sales::{SaleEvent, SaleType},
};
use types::{
    Code, EventId, HoldId, Money,
    orders::{HoldStatus, Item, Line, PaymentInput, PlaceHold, Purchase},
    validate,
};

use super::{
    batch::Decision,
    books::{Basket, Books},
    paying, prices, rules,
    transaction::retrying,
};
use crate::{Ctx, Error, Result, promos};

/// How many times the usual time somebody may keep places beyond the first time.
const LONGER: u32 = 2;

/// Places for a buyer who pays later.
pub(super) fn decide_hold(ctx: &Ctx, books: &mut Books, command: &PlaceHold) -> Result<Decision> {
    validate::check(command).map_err(Error::invalid)?;
    let basket = plan(ctx, books, &Wish::from(command))?;
    let id = basket.hold.id;
    books.put_aside(basket);
    Ok(Decision::Held(id))
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

impl<'a> From<&'a PlaceHold> for Wish<'a> {
    fn from(command: &'a PlaceHold) -> Self {
        Self {
            items: &command.items,
            promo_code: command.promo_code.as_deref(),
            pays_with: None,
        }
    }
}

impl<'a> From<&'a Purchase> for Wish<'a> {
    fn from(command: &'a Purchase) -> Self {
        Self {
            items: &command.items,
            promo_code: command.promo_code.as_deref(),
            pays_with: Some(command.payment.as_ref()),
        }
    }
}

/// Places that are wished for and on sale.
pub(super) struct Choice<'a> {
    /// The ticket types, and how many of each.
    pub wanted: Vec<(&'a SaleType, u32)>,
    /// With their prices.
    pub lines: Vec<Line>,
    /// What all of it costs.
    pub total: Money,
}

/// What a wish comes to, as far as it does not matter who wishes and what is left.
pub(super) fn choose<'a>(
    event: &SaleEvent,
    types: &'a [SaleType],
    code: Option<&PromoRow>,
    wish: &Wish<'_>,
    now: Timestamp,
) -> Result<Choice<'a>> {
    rules::check_items(wish.items)?;
    let wanted = rules::wanted(wish.items, types)?;
    let lines = prices::lines(wish.items, &wanted, code)?;
    let total = prices::total(&lines)?;
    if let Some(payment) = wish.pays_with {
        rules::check_payment(total, payment)?;
    }
    let is_open = |kind| code.is_some_and(|code| code.unlocks.contains(&kind));
    rules::check_on_sale(event, &wanted, is_open, now)?;
    Ok(Choice {
        wanted,
        lines,
        total,
    })
}

/// Decides whether the buyer gets the places; changes nothing.
pub(super) fn plan(ctx: &Ctx, books: &Books, wish: &Wish<'_>) -> Result<Basket> {
    let code = books.codes.find(wish.promo_code)?;
    let (buyer, now) = (ctx.account()?, books.now);
    let Choice {
        wanted,
        lines,
        total,
    } = choose(&books.event, &books.types, code, wish, now)?;
    if let Some(payment) = wish.pays_with {
        paying::check_offered(books, total, payment)?;
    }
    if let Some(code) = code {
        let uses = books.codes.uses(code.id, buyer);
        promos::rules::check_usable(code, uses, &books.row.time_zone, now)?;
    }
    rules::check_limits(&wanted, |kind| books.owned(buyer, kind))?;
    books.line.check_served()?;
    rules::check_places(&wanted, &books.pools)?;
    let hold = HoldRow {
        id: HoldId(ctx.new_id()),
        event_id: books.event.id,
        account_id: buyer,
        status: HoldStatus::Held,
        total,
        promo: code.map(|code| HeldPromo {
            id: code.id,
            code: code.code.clone(),
        }),
        expires_at: now + ctx.settings().hold_for,
        created_at: now,
        waiting_list_entry_id: None,
    };
    Ok(Basket { hold, lines })
}

/// The actor's hold on the books; those of others do not exist.
pub(super) fn own<'a>(ctx: &Ctx, books: &'a Books, id: HoldId) -> Result<&'a Basket> {
    let (account, basket) = (ctx.account()?, books.basket(id)?);
    if basket.hold.account_id == account {
        Ok(basket)
    } else {
        Err(Error::not_found())
    }
}

/// The usual time again from now, up to three times of it in all: people who need longer
/// to read or to type get it (WCAG 2.2, 2.2.1), and nobody keeps places for ever.
pub(super) fn decide_extend(ctx: &Ctx, books: &mut Books, id: HoldId) -> Result<Decision> {
    let hold = &own(ctx, books, id)?.hold;
    match hold.status {
        HoldStatus::Held => {}
        status @ (HoldStatus::Paying | HoldStatus::Awaiting) => {
            return Err(payment_pending(books, id, status));
        }
        HoldStatus::Paid => return Err(paid_already()),
        HoldStatus::Expired | HoldStatus::Released => return Err(Code::HoldExpired.into()),
    }
    rules::check_event_on_sale(&books.event, books.now)?;
    let usual = ctx.settings().hold_for;
    let first = match hold.waiting_list_entry_id {
        None => usual,
        Some(_) => ctx.settings().offer_for,
    };
    let until = (books.now + usual).min(hold.created_at + first + usual * LONGER);
    if until <= hold.expires_at {
        return Err(Error::new(Code::IllegalState)
            .detail("These places cannot be kept for longer. Please pay, or choose again."));
    }
    books.change_hold(id, |hold| hold.expires_at = until)?;
    Ok(Decision::Held(id))
}

/// Gives places back. Again is fine.
pub(super) fn decide_release(ctx: &Ctx, books: &mut Books, id: HoldId) -> Result<Decision> {
    match own(ctx, books, id)?.hold.status {
        HoldStatus::Held => books.free(id, HoldStatus::Released)?,
        status @ (HoldStatus::Paying | HoldStatus::Awaiting) => {
            return Err(payment_pending(books, id, status));
        }
        HoldStatus::Paid => return Err(paid_already()),
        HoldStatus::Expired | HoldStatus::Released => {}
    }
    Ok(Decision::Done)
}

/// Places that are being paid are given back by what becomes of their payment alone. Where the
/// organizer waits for the money that may be in weeks, and there is something to be done.
pub(super) fn payment_pending(books: &Books, hold: HoldId, status: HoldStatus) -> Error {
    let error = Error::new(Code::PaymentPending).detail(match status {
        HoldStatus::Awaiting => {
            "These places are ordered, and their payment is awaited. Cancel the order to give them back, or wait until it is paid."
        }
        _ => "A payment of these places is under way. Please wait for its outcome.",
    });
    match books.live_order(hold) {
        Some(order) => error.with("order_id", order.to_string()),
        None => error,
    }
}

fn paid_already() -> Error {
    Error::new(Code::IllegalState).detail("These places are paid for.")
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
    let mut tx = ctx.db().begin().await?;
    store::pools::lock_event(&mut tx, event).await?;
    let expired = store::pools::expire_due(&mut tx, event, ctx.now()).await?;
    tx.commit().await?;
    Ok(expired.len())
}
