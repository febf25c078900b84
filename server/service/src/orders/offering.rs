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
    orders::OrderRow,
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
    holding, prices, rules,
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

    /// Everybody who was read of some line has an offer, and others wait behind them. Who came in
    /// this batch, or is looked at for another reason, says nothing about the line.
    fn has_unread(&self) -> bool {
        let read = |id: &WaitingListEntryId| {
            let kept = self.entries.get(id);
            kept.filter(|kept| kept.state != State::New)
        };
        self.cut.iter().any(|page| {
            let mut waiting = self.next.iter().filter_map(read).map(|kept| &kept.row);
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

    /// Reads where people wait who do not join and may not be next.
    pub(super) async fn meet_all(
        &mut self,
        tx: &mut Tx,
        event: EventId,
        people: &[AccountId],
    ) -> Result<()> {
        for row in store::waiting_list::waiting_of(tx, event, people).await? {
            self.entries
                .entry(row.id)
                .or_insert_with(|| Kept::read(row));
        }
        Ok(())
    }

    /// Where somebody waits for a ticket type.
    fn entry_of(&self, who: AccountId, kind: TicketTypeId) -> Option<&EntryRow> {
        let mut rows = self.entries.values().map(|kept| &kept.row);
        rows.find(|entry| {
            entry.status == WaitingStatus::Waiting
                && (entry.account_id, entry.ticket_type_id) == (who, kind)
        })
    }

    /// Before everybody who joined, behind those who came first in the same way.
    fn join_first(&mut self, entry: EntryRow) {
        let is_first = |id: &WaitingListEntryId| {
            let kept = self.entries.get(id);
            kept.is_some_and(|kept| kept.row.is_first)
        };
        let firsts = self.next.iter().take_while(|id| is_first(id)).count();
        self.next.insert(firsts, entry.id);
        self.entries.insert(entry.id, Kept::new(entry));
    }

    fn join(&mut self, entry: EntryRow) {
        self.next.push(entry.id);
        self.entries.insert(entry.id, Kept::new(entry));
    }

    fn grow(&mut self, id: WaitingListEntryId, quantity: u32) {
        if let Some(kept) = self.entries.get_mut(&id) {
            kept.change().quantity = quantity;
        }
    }

    fn end(&mut self, id: WaitingListEntryId, status: WaitingStatus) {
        if let Some(kept) = self.entries.get_mut(&id) {
            kept.change().status = status;
        }
    }

    /// Takes somebody out of the line for a ticket type.
    pub(super) fn stop_waiting(&mut self, who: AccountId, kind: TicketTypeId) {
        let entries = self.entries.values_mut().filter(|kept| {
            (kept.row.account_id, kept.row.ticket_type_id) == (who, kind)
                && kept.row.status == WaitingStatus::Waiting
        });
        for kept in entries {
            kept.change().status = WaitingStatus::Left;
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
            store::waiting_list::update(tx, &changed).await?;
        }
        let mut new = in_state(State::New);
        new.sort_by_key(|entry| self.next.iter().position(|id| *id == entry.id));
        if !new.is_empty() {
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
    if let Some(entry) = books.line.entry_of(buyer, command.ticket_type_id) {
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
        is_first: false,
    };
    let id = entry.id;
    books.line.join(entry);
    Ok(Decision::Waiting(id))
}

/// Puts the buyer of an order whose money came too late before everybody who joined, as far as
/// its ticket types have a line and the buyer may have more of them. Who is there already waits for
/// the places of both orders together.
pub(super) fn put_first(ctx: &Ctx, books: &mut Books, order: &OrderRow) -> Result<()> {
    let who = order.account_id;
    for line in books.basket(order.hold_id)?.lines.clone() {
        let kind = line.ticket_type_id;
        let waits = books.line.entry_of(who, kind).cloned();
        if let Some(first) = waits.as_ref().filter(|entry| entry.is_first) {
            let quantity = first.quantity.saturating_add(line.quantity);
            if may_wait(books, who, kind, quantity) {
                books.line.grow(first.id, quantity);
            }
            continue;
        }
        if !may_wait(books, who, kind, line.quantity) {
            continue;
        }
        if let Some(behind) = waits {
            books.line.end(behind.id, WaitingStatus::Left);
        }
        books.line.join_first(EntryRow {
            id: WaitingListEntryId(ctx.new_id()),
            ticket_type_id: kind,
            account_id: who,
            quantity: line.quantity,
            status: WaitingStatus::Waiting,
            created_at: books.now,
            is_first: true,
        });
    }
    Ok(())
}

fn may_wait(books: &Books, who: AccountId, kind: TicketTypeId, quantity: u32) -> bool {
    let Some(kind) = books.kind(kind) else {
        return false;
    };
    let wanted = [(kind, quantity)];
    let is_open = |_| false;
    rules::check_on_sale(&books.event, &wanted, is_open, books.now).is_ok()
        && rules::check_limits(&wanted, |kind| books.owned(who, kind)).is_ok()
        && rules::check_party(kind, quantity, &books.pools).is_ok()
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
        status @ (HoldStatus::Paying | HoldStatus::Awaiting) => {
            Err(holding::payment_pending(books, hold, status))
        }
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
