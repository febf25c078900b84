//! Answers to an event at its till: who is going takes places as a buyer does, in one transaction
//! with everything else that takes or frees places of the event.

use std::cmp::Ordering;

use store::mails::About;
use types::{
    AccountId, Code, EventId, TicketTypeId,
    orders::{HoldStatus, Item, PayHold, Purchase},
    rsvps::{RsvpAnswer, RsvpStatus},
    tickets::TicketStatus,
};

use super::{
    batch::Decision,
    books::Books,
    paying, returning, rules,
    till::{self, Request},
};
use crate::{Ctx, Error, Result, mails, waiting_room};

/// Settles the actor's answer for a party of so many, or as many as before; no answer takes it back.
pub(crate) async fn settle_answer(
    ctx: &Ctx,
    event: EventId,
    answer: Option<RsvpAnswer>,
    party: Option<u32>,
) -> Result<()> {
    let request = Request::Answer(answer, party);
    till::settle(ctx, event, None, request).await.map(drop)
}

/// Takes the places of those who did not confirm in time.
pub(crate) async fn settle_lapses(ctx: &Ctx, event: EventId) -> Result<()> {
    let verdict = till::settle(ctx, event, None, Request::Lapse).await;
    verdict.map(drop)
}

/// Decides an answer. A refusal leaves the books as they were.
pub(super) fn decide_answer(
    ctx: &Ctx,
    books: &mut Books,
    answer: Option<RsvpAnswer>,
    party: Option<u32>,
) -> Result<Decision> {
    let who = ctx.account()?;
    let kind = books.rsvp_kind().ok_or_else(Error::not_found)?;
    let (kind, most) = (kind.id, kind.max_per_person);
    let is_going = answer == Some(RsvpAnswer::Going);
    let has = count(books.places_of(who).len());
    let party = party.unwrap_or(has.max(1));
    // Who has more than an organizer allows by now keeps them.
    let most = most.max(has);
    if is_going && party > most {
        let text = format!("must be at most {most}");
        return Err(Error::field("party", "range", text));
    }
    rules::check_event_on_sale(&books.event, books.now)?;
    let wanted = if is_going { party } else { 0 };
    match wanted.cmp(&has) {
        Ordering::Greater => {
            take(ctx, books, wanted - has)?;
            books.line.stop_waiting(who, kind);
        }
        // It is confirmed. Who waits for more goes on to wait.
        Ordering::Equal if is_going => {}
        Ordering::Equal | Ordering::Less => {
            give_back(books, who, has - wanted)?;
            wish_no_more(books, who, kind)?;
        }
    }
    books.say(who, answer.map(RsvpStatus::from));
    Ok(Decision::Done)
}

fn count(places: usize) -> u32 {
    u32::try_from(places).unwrap_or(u32::MAX)
}

/// Takes somebody out of the line, and frees what is kept for them.
fn wish_no_more(books: &mut Books, who: AccountId, kind: TicketTypeId) -> Result<()> {
    for (offer, _) in books.offers_to(who) {
        books.free(offer, HoldStatus::Released)?;
    }
    books.line.stop_waiting(who, kind);
    Ok(())
}

/// Gets places: those that are kept for the actor, or free ones, as a purchase that costs nothing.
fn take(ctx: &Ctx, books: &mut Books, places: u32) -> Result<()> {
    let kind = books.rsvp_kind().ok_or_else(Error::not_found)?.id;
    let offers = books.offers_to(ctx.account()?);
    let fitting = offers.iter().find(|(_, kept)| *kept == places);
    match fitting.or(offers.first()).copied() {
        Some((offer, kept)) if kept == places => {
            paying::decide_pay(ctx, books, offer, &PayHold { payment: None })?;
        }
        Some((offer, kept)) => {
            let detail = format!(
                "{kept} places are kept for you. Answer for just so many more, or give them back first."
            );
            let refused = Error::new(Code::IllegalState).detail(detail);
            return Err(refused.with("hold_id", offer.to_string()));
        }
        None => {
            waiting_room::must_be_admitted(ctx, books.event.id)?;
            let item = Item {
                ticket_type_id: kind,
                quantity: places,
                unit_price_minor: None,
            };
            let purchase = Purchase {
                items: vec![item],
                payment: None,
                promo_code: None,
            };
            paying::decide_purchase(ctx, books, &purchase)?;
        }
    }
    Ok(())
}

/// Frees places of somebody, the latest first.
fn give_back(books: &mut Books, who: AccountId, places: u32) -> Result<()> {
    let wanted = usize::try_from(places).unwrap_or(usize::MAX);
    let valid = books
        .places_of(who)
        .into_iter()
        .filter(|ticket| ticket.status == TicketStatus::Valid);
    let valid: Vec<_> = valid.take(wanted).collect();
    if valid.len() < wanted {
        return Err(Error::new(Code::IllegalState).detail("Your party is at the event already."));
    }
    // Taken a moment ago, in this very batch.
    if !valid.iter().all(|ticket| books.is_written(ticket)) {
        return Err(Code::PaymentPending.into());
    }
    let chosen: Vec<_> = valid.iter().map(|t| (t.id, t.order_id)).collect();
    for (ticket, order) in chosen {
        books.take_back(ticket)?;
        returning::close_if_whole(books, order)?;
    }
    Ok(())
}

/// Takes all places of those who did not confirm in time; what is free then is offered to the line,
/// in which they do not stand any more.
pub(super) fn decide_lapses(ctx: &Ctx, books: &mut Books) -> Result<Decision> {
    let Some(kind) = books.rsvp_kind().map(|kind| kind.id) else {
        return Ok(Decision::Done);
    };
    for who in books.lapsing() {
        let has = count(books.places_of(who).len());
        // The last one was passed on or given back a moment ago, in this very batch.
        if has == 0 {
            continue;
        }
        give_back(books, who, has)?;
        wish_no_more(books, who, kind)?;
        books.say(who, Some(RsvpStatus::Lapsed));
        if ctx.settings().sends_receipts {
            let about = About::RsvpLapsed(books.event.id);
            books.post(mails::row(ctx, about, who));
        }
    }
    Ok(Decision::Done)
}
