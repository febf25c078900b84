//! The line for places that are sold out: joining, leaving, and who is next.
//!
//! Free places belong to whoever waits before they are on sale again: every settlement offers
//! them first ([`offer`]), under the same locks. An offer is a hold. In the order in which
//! people joined everybody is offered what they wait for if it fits; a party that is too big for
//! what is free keeps its position, and lets smaller ones pass, so that no place stays empty.

use std::collections::BTreeMap;

use jiff::Timestamp;
use store::{
    Tx,
    holds::HoldRow,
    pools::Pool,
    sales::{SaleEvent, SaleType},
    waiting_list::{EntryRow, PARTIES, ShownRow},
};
use types::{
    AccountId, Code, EventId, HoldId, TicketTypeId, WaitingListEntryId,
    orders::{HoldStatus, Item},
    validate,
    waiting_list::{JoinWaitingList, WaitingStatus},
};

use super::{
    batch::Decision,
    books::{Basket, Books, Kept, State, Touched},
    prices, rules,
};
use crate::{Ctx, Error, Result};

/// Who waits, on the books.
#[derive(Default)]
pub(super) struct WaitingLine {
    entries: BTreeMap<WaitingListEntryId, Kept<EntryRow>>,
    /// In the order in which they joined.
    next: Vec<WaitingListEntryId>,
    holds: BTreeMap<WaitingListEntryId, HoldId>,
    /// Ticket types and sizes of party of which more wait than were read.
    cut: Vec<(TicketTypeId, u32)>,
    /// Somebody fits into what is free, or places became free, since the last offers.
    has_room: bool,
}

impl WaitingLine {
    /// Reads who may be next, if anybody can be, and whom the sales touch. While nobody waits, or
    /// nobody who waits fits into what is free and nothing becomes free, the line is not read.
    pub(super) async fn read(
        tx: &mut Tx,
        event: &SaleEvent,
        touched: &Touched,
        types: &[SaleType],
        pools: &[Pool],
        now: Timestamp,
    ) -> Result<Self> {
        let parties: Vec<_> = types
            .iter()
            .filter_map(|kind| smallest_party(event, kind, now))
            .collect();
        let fits = |party| rules::check_places(&[party], pools).is_ok();
        let has_room = parties.iter().any(|party| fits(*party));
        let mut line = Self {
            has_room,
            ..Self::default()
        };
        let event = event.id;
        if has_room || (touched.may_free && !parties.is_empty()) {
            let next = store::waiting_list::next(tx, event).await?;
            line.next = next.iter().map(|entry| entry.id).collect();
            line.cut = full_pages(&next);
            line.add(next);
        }
        if !touched.joiners.is_empty() {
            line.add(store::waiting_list::waiting_of(tx, event, &touched.joiners).await?);
        }
        if !touched.entries.is_empty() {
            for ShownRow { entry, offer, .. } in
                store::waiting_list::list(tx, &touched.entries).await?
            {
                line.holds
                    .extend(offer.map(|offer| (entry.id, offer.hold_id)));
                line.add(vec![entry]);
            }
        }
        Ok(line)
    }

    fn add(&mut self, rows: Vec<EntryRow>) {
        for row in rows {
            self.entries.insert(row.id, Kept::read(row));
        }
    }

    /// The holds of the offers that the sales touch.
    pub(super) fn touched_holds(&self) -> impl Iterator<Item = HoldId> {
        self.holds.values().copied()
    }

    /// Who is in line.
    pub(super) fn people(&self) -> impl Iterator<Item = AccountId> {
        self.entries.values().map(|kept| kept.row.account_id)
    }

    /// Everybody who was read of some line has an offer, and others wait behind them.
    fn has_unread(&self) -> bool {
        self.cut.iter().any(|page| {
            let mut waiting = self.entries.values().map(|kept| &kept.row);
            !waiting.any(|entry| {
                entry.status == WaitingStatus::Waiting
                    && (entry.ticket_type_id, entry.quantity) == *page
            })
        })
    }

    /// What is free belongs to the line as long as not all of it was served.
    ///
    /// # Errors
    /// `sold_out` for whoever is not in it.
    pub(super) fn check_served(&self) -> Result<()> {
        if self.has_unread() {
            let text = "People on the waiting list are served first. Please try again in a moment.";
            return Err(Error::new(Code::SoldOut).detail(text).with("available", 0));
        }
        Ok(())
    }

    /// Notes that places became free.
    pub(super) fn make_room(&mut self) {
        self.has_room = true;
    }

    fn find_waiting(&self, who: AccountId, command: &JoinWaitingList) -> Option<&EntryRow> {
        let rows = self.entries.values().map(|kept| &kept.row);
        let mut waiting = rows.filter(|entry| entry.status == WaitingStatus::Waiting);
        waiting
            .find(|entry| (entry.account_id, entry.ticket_type_id) == (who, command.ticket_type_id))
    }

    fn join(&mut self, entry: EntryRow) {
        self.next.push(entry.id);
        self.entries.insert(entry.id, Kept::new(entry));
    }

    fn end(&mut self, id: WaitingListEntryId, status: WaitingStatus) {
        if let Some(kept) = self.entries.get_mut(&id) {
            kept.change().status = status;
        }
    }

    /// Who waits still, the first one first.
    fn waiting(&self) -> Vec<EntryRow> {
        let entries = self.next.iter().filter_map(|id| self.entries.get(id));
        entries
            .map(|kept| &kept.row)
            .filter(|entry| entry.status == WaitingStatus::Waiting)
            .cloned()
            .collect()
    }

    /// Writes who came; before the holds, which name their entries.
    pub(super) async fn write(&self, tx: &mut Tx, event: EventId) -> Result<()> {
        let in_state = |state| {
            let kept = self
                .entries
                .values()
                .filter(move |kept| kept.state == state);
            kept.map(|kept| &kept.row).collect::<Vec<_>>()
        };
        let changed = in_state(State::Changed);
        if !changed.is_empty() {
            store::waiting_list::set_statuses(tx, &changed).await?;
        }
        let mut new = in_state(State::New);
        if !new.is_empty() {
            new.sort_by_key(|entry| self.next.iter().position(|id| *id == entry.id));
            store::waiting_list::insert(tx, event, &new).await?;
        }
        Ok(())
    }
}

/// The smallest party that waits for a ticket type and could be offered it. If it does not fit into
/// what is free, nobody does.
fn smallest_party<'a>(
    event: &SaleEvent,
    kind: &'a SaleType,
    now: Timestamp,
) -> Option<(&'a SaleType, u32)> {
    let party = (kind, kind.smallest_party?);
    rules::check_on_sale(event, &[party], |_| false, now).ok()?;
    Some(party)
}

/// Of which lines all were read that are read at once.
fn full_pages(next: &[EntryRow]) -> Vec<(TicketTypeId, u32)> {
    let mut sizes: BTreeMap<_, usize> = BTreeMap::new();
    for entry in next {
        *sizes
            .entry((entry.ticket_type_id, entry.quantity))
            .or_default() += 1;
    }
    let full = sizes.into_iter().filter(|(_, parties)| *parties >= PARTIES);
    full.map(|(page, _)| page).collect()
}

/// Puts somebody in line.
pub(super) fn decide_join(
    ctx: &Ctx,
    books: &mut Books,
    command: &JoinWaitingList,
) -> Result<Decision> {
    validate::check(command).map_err(Error::invalid)?;
    let buyer = ctx.account()?;
    let kind = books.kind(command.ticket_type_id).ok_or_else(|| {
        Error::field(
            "ticket_type_id",
            "unknown",
            "is not a ticket type of this event",
        )
    })?;
    let wanted = [(kind, command.quantity)];
    let is_open = |_| false;
    rules::check_on_sale(&books.event, &wanted, is_open, books.now)?;
    rules::check_limits(&wanted, |kind| books.owned(buyer, kind))?;
    rules::check_party(kind, command.quantity, &books.pools)?;
    if let Some(entry) = books.line.find_waiting(buyer, command) {
        return Err(Error::new(Code::IllegalState)
            .detail("You are in line for these tickets already.")
            .with("waiting_list_entry_id", entry.id.to_string()));
    }
    let is_served = books.line.check_served().is_ok();
    if is_served && rules::check_places(&wanted, &books.pools).is_ok() {
        return Err(Code::PlacesAvailable.into());
    }
    let entry = EntryRow {
        id: WaitingListEntryId(ctx.new_id()),
        ticket_type_id: kind.id,
        account_id: buyer,
        quantity: command.quantity,
        status: WaitingStatus::Waiting,
        created_at: books.now,
    };
    let id = entry.id;
    books.line.join(entry);
    Ok(Decision::Waiting(id))
}

/// Takes somebody out of the line, or gives their offer back. Again is fine.
pub(super) fn decide_leave(
    ctx: &Ctx,
    books: &mut Books,
    id: WaitingListEntryId,
) -> Result<Decision> {
    let account = ctx.account()?;
    let entry = books.line.entries.get(&id).map(|kept| &kept.row);
    let own = entry.filter(|entry| entry.account_id == account);
    let status = own.ok_or_else(Error::not_found)?.status;
    match (status, books.line.holds.get(&id).copied()) {
        (WaitingStatus::Waiting, _) => books.line.end(id, WaitingStatus::Left),
        (_, Some(hold)) => give_back(books, hold)?,
        _ => {}
    }
    Ok(Decision::Done)
}

fn give_back(books: &mut Books, hold: HoldId) -> Result<()> {
    match books.basket(hold)?.hold.status {
        HoldStatus::Held => books.free(hold, HoldStatus::Released),
        HoldStatus::Paying => Err(Code::PaymentPending.into()),
        HoldStatus::Paid => Err(Error::new(Code::IllegalState)
            .detail("You took these places. Give the tickets back instead.")),
        HoldStatus::Expired | HoldStatus::Released => Ok(()),
    }
}

/// Offers what is free to those who wait for it.
pub(super) fn offer(ctx: &Ctx, books: &mut Books) -> Result<()> {
    let has_room = std::mem::take(&mut books.line.has_room);
    if !has_room || rules::check_event_on_sale(&books.event, books.now).is_err() {
        return Ok(());
    }
    for entry in books.line.waiting() {
        // Somebody who was not read may be before this one.
        if books.line.has_unread() {
            break;
        }
        offer_to(ctx, books, &entry)?;
    }
    Ok(())
}

fn offer_to(ctx: &Ctx, books: &mut Books, entry: &EntryRow) -> Result<()> {
    let Some(kind) = books.kind(entry.ticket_type_id) else {
        return Ok(());
    };
    let wanted = [(kind, entry.quantity)];
    let is_open = |_| false;
    let is_on_sale = rules::check_on_sale(&books.event, &wanted, is_open, books.now).is_ok();
    if !is_on_sale || rules::check_places(&wanted, &books.pools).is_err() {
        return Ok(());
    }
    // They bought some in the meantime, or the organizer lowered the limit.
    if rules::check_limits(&wanted, |kind| books.owned(entry.account_id, kind)).is_err() {
        books.line.end(entry.id, WaitingStatus::Closed);
        return Ok(());
    }
    let lines = prices::lines(&[at_its_price(kind, entry.quantity)], &wanted, None)?;
    let hold = HoldRow {
        id: HoldId(ctx.new_id()),
        event_id: books.event.id,
        account_id: entry.account_id,
        status: HoldStatus::Held,
        total: prices::total(&lines)?,
        promo: None,
        expires_at: (books.now + ctx.settings().offer_for).min(books.event.ends_at),
        created_at: books.now,
        waiting_list_entry_id: Some(entry.id),
    };
    books.line.holds.insert(entry.id, hold.id);
    books.put_aside(Basket { hold, lines });
    books.line.end(entry.id, WaitingStatus::Offered);
    Ok(())
}

/// Where the buyer chooses the price, an offer is for the least.
fn at_its_price(kind: &SaleType, quantity: u32) -> Item {
    Item {
        ticket_type_id: kind.id,
        quantity,
        unit_price_minor: Some(kind.price.amount_minor),
    }
}
