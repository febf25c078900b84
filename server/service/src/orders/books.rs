//! What a transaction of sales knows of its event, and what it will write. Decisions
//! are made on these books alone, under the locks of the event's pools; [`Books::write`]
//! then writes all of it with one statement per table.

mod answers;
mod offline;
mod transfers;
mod writing;

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use store::{
    Tx,
    events::EventRow,
    holds::HoldRow,
    mails::MailRow,
    orders::OrderRow,
    payments::{PaymentRow, Said},
    pools::Pool,
    refunds::RefundRow,
    sales::{SaleEvent, SaleType},
    tickets::TicketRow,
    transfers::TransferRow,
};
use types::{
    AccountId, EventId, HoldId, OrderId, TicketId, TicketTypeId, TransferId, WaitingListEntryId,
    feed::DomainEvent,
    orders::{HoldStatus, Line, OrderStatus},
    payments::PaymentMethods,
    tickets::TicketStatus,
};

use self::answers::Answers;
use super::{codes::Codes, offering::WaitingLine, transaction::lock_pools};
use crate::{Ctx, Error, Result, events};

/// What the sales of a batch touch.
#[derive(Default)]
pub(super) struct Touched {
    /// Whose limits are looked at.
    pub buyers: Vec<AccountId>,
    /// The promo codes they typed.
    pub codes: Vec<String>,
    /// Holds to be paid, prolonged or given back.
    pub holds: Vec<HoldId>,
    /// Orders whose payment has an outcome, or of which tickets are given back.
    pub orders: Vec<OrderId>,
    /// Those of which tickets are given back.
    pub returns: Vec<OrderId>,
    /// Those whose payments are looked at.
    pub charges: Vec<OrderId>,
    /// Something is paid.
    pub is_paid: bool,
    /// Who joins the waiting list.
    pub joiners: Vec<AccountId>,
    /// Places in line that are left.
    pub entries: Vec<WaitingListEntryId>,
    /// Places may become free.
    pub may_free: bool,
    /// Tickets to be offered to somebody.
    pub tickets: Vec<TicketId>,
    /// Offers to be answered or taken back.
    pub transfers: Vec<TransferId>,
    /// Who answers whether they come.
    pub answers: Vec<AccountId>,
    /// Whoever did not confirm in time is looked for.
    pub lapses: bool,
}

/// The books of one event, open for one transaction.
pub(super) struct Books {
    /// The instant of all decisions.
    pub now: Timestamp,
    /// The event with all its facts.
    pub row: EventRow,
    /// The event as a sale sees it.
    pub event: SaleEvent,
    /// Its ticket types.
    pub types: Vec<SaleType>,
    /// Its pools as they will be.
    pub pools: Vec<Pool>,
    /// Who waits for places.
    pub line: WaitingLine,
    /// The promo codes of the batch.
    pub codes: Codes,
    /// How the event is paid; read only if something is.
    pub methods: PaymentMethods,
    /// Of whom it is known what they have.
    met: HashSet<AccountId>,
    pools_before: Vec<Pool>,
    owned: HashMap<(AccountId, TicketTypeId), u32>,
    holds: BTreeMap<HoldId, Kept<Basket>>,
    orders: BTreeMap<OrderId, Kept<OrderRow>>,
    live_orders: HashMap<HoldId, OrderId>,
    payments: Vec<PaymentRow>,
    said: Vec<Said>,
    tickets: Vec<TicketRow>,
    sold: BTreeMap<TicketId, Kept<TicketRow>>,
    transfers: BTreeMap<TransferId, Kept<TransferRow>>,
    charges: HashMap<OrderId, PaymentRow>,
    refunds: Vec<RefundRow>,
    mails: Vec<MailRow>,
    answers: Answers,
    facts: Vec<DomainEvent>,
}

/// A hold and what it is made of.
#[derive(Clone)]
pub(super) struct Basket {
    /// The hold.
    pub hold: HoldRow,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// A row on the books.
pub(super) struct Kept<T> {
    /// As it will be.
    pub row: T,
    /// What is to be written of it.
    pub state: State,
}

/// How a row came on the books.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// As it is in the table.
    Read,
    /// Differs from the table.
    Changed,
    /// Not in the table yet.
    New,
}

impl<T> Kept<T> {
    pub(super) fn new(row: T) -> Self {
        let state = State::New;
        Self { row, state }
    }

    pub(super) fn read(row: T) -> Self {
        let state = State::Read;
        Self { row, state }
    }

    pub(super) fn change(&mut self) -> &mut T {
        if self.state == State::Read {
            self.state = State::Changed;
        }
        &mut self.row
    }
}

impl Books {
    /// Locks the event's pools, turns due holds to expired and reads what the sales need.
    /// None: there is no such event.
    pub(super) async fn open(
        ctx: &Ctx,
        tx: &mut Tx,
        event: EventId,
        touched: &Touched,
    ) -> Result<Option<Self>> {
        let (pools, now) = lock_pools(ctx, tx, event).await?;
        let rows = store::events::rows(tx, &[event], now).await?;
        let Some(row) = rows.into_iter().next() else {
            return Ok(None);
        };
        let types = store::sales::types(tx, event).await?;
        let sale = events::as_sold(&row)?;
        let line = WaitingLine::read(tx, &sale, touched, &types, &pools, now).await?;
        let mut people = touched.buyers.clone();
        people.extend(line.people());
        let owned = match people.as_slice() {
            [] => Vec::new(),
            people => store::sales::owned(tx, event, people).await?,
        };
        let methods = if touched.is_paid {
            store::payment_methods::of_event(tx, event).await?
        } else {
            PaymentMethods::default()
        };
        let owned = owned
            .into_iter()
            .map(|(who, kind, places)| ((who, kind), places));
        let mut books = Self {
            now,
            event: sale,
            line,
            types,
            codes: Codes::read(tx, event, &touched.codes, &touched.buyers, now).await?,
            methods,
            met: people.into_iter().collect(),
            row,
            pools_before: pools.clone(),
            pools,
            owned: owned.collect(),
            holds: BTreeMap::new(),
            orders: BTreeMap::new(),
            live_orders: HashMap::new(),
            payments: Vec::new(),
            said: Vec::new(),
            tickets: Vec::new(),
            sold: BTreeMap::new(),
            transfers: BTreeMap::new(),
            charges: HashMap::new(),
            refunds: Vec::new(),
            mails: Vec::new(),
            answers: Answers::default(),
            facts: Vec::new(),
        };
        books.read_touched(tx, touched).await?;
        books.read_late(tx).await?;
        books.read_transfers(tx, touched).await?;
        books.read_answers(tx, touched).await?;
        Ok(Some(books))
    }

    async fn read_touched(&mut self, tx: &mut Tx, touched: &Touched) -> Result<()> {
        let mut holds = touched.holds.clone();
        holds.extend(self.line.touched_holds());
        if holds.is_empty() && touched.orders.is_empty() {
            return Ok(());
        }
        let orders = store::orders::list(tx, &touched.orders).await?;
        holds.extend(orders.iter().map(|order| order.hold_id));
        let orders = orders
            .into_iter()
            .map(|order| (order.id, Kept::read(order)));
        self.orders = orders.collect();
        self.live_orders = store::holds::live_orders(tx, &touched.holds)
            .await?
            .into_iter()
            .collect();
        self.read_holds(tx, &holds).await?;
        self.read_returns(tx, &touched.returns).await?;
        self.read_charges(tx, touched).await
    }

    async fn read_holds(&mut self, tx: &mut Tx, ids: &[HoldId]) -> Result<()> {
        let mut lines: HashMap<_, Vec<_>> = HashMap::new();
        for (hold, line) in store::holds::lines(tx, ids).await? {
            lines.entry(hold).or_default().push(line);
        }
        for hold in store::holds::list(tx, ids).await? {
            let lines = lines.remove(&hold.id).unwrap_or_default();
            self.holds
                .insert(hold.id, Kept::read(Basket { hold, lines }));
        }
        Ok(())
    }

    async fn read_returns(&mut self, tx: &mut Tx, returns: &[OrderId]) -> Result<()> {
        if returns.is_empty() {
            return Ok(());
        }
        for ticket in store::tickets::list_of_orders(tx, returns).await? {
            self.sold.insert(ticket.id, Kept::read(ticket));
        }
        Ok(())
    }

    /// A ticket type of the event.
    pub(super) fn kind(&self, id: TicketTypeId) -> Option<&SaleType> {
        self.types.iter().find(|kind| kind.id == id)
    }

    /// How many of a ticket type somebody has, holds included.
    pub(super) fn owned(&self, who: AccountId, kind: TicketTypeId) -> u32 {
        self.owned.get(&(who, kind)).copied().unwrap_or_default()
    }

    /// A hold with its lines.
    pub(super) fn basket(&self, id: HoldId) -> Result<&Basket> {
        let kept = self.holds.get(&id).ok_or_else(Error::not_found)?;
        Ok(&kept.row)
    }

    /// The holds somebody made in this transaction.
    pub(super) fn new_holds_of(&self, who: AccountId) -> Vec<HoldId> {
        let new = self.holds.values().filter(|kept| kept.state == State::New);
        let own =
            new.filter(|kept| kept.row.hold.account_id == who && kept.row.hold.status.is_live());
        own.map(|kept| kept.row.hold.id).collect()
    }

    /// The order that a hold became or is becoming.
    pub(super) fn live_order(&self, hold: HoldId) -> Option<OrderId> {
        self.live_orders.get(&hold).copied()
    }

    /// An order.
    pub(super) fn order(&self, id: OrderId) -> Result<&OrderRow> {
        let kept = self.orders.get(&id);
        kept.map(|kept| &kept.row)
            .ok_or_else(|| Error::internal("an order is missing"))
    }

    /// The tickets of an order that is given back, all or in part.
    pub(super) fn sold(&self, order: OrderId) -> Vec<&TicketRow> {
        let tickets = self.sold.values().map(|kept| &kept.row);
        tickets.filter(|ticket| ticket.order_id == order).collect()
    }

    /// Takes a ticket back; one that opened the door frees its place.
    pub(super) fn take_back(&mut self, id: TicketId) -> Result<()> {
        let kept = self.sold.get_mut(&id);
        let ticket = kept
            .ok_or_else(|| Error::internal("a ticket is missing"))?
            .change();
        let had_place = ticket.status == TicketStatus::Valid;
        ticket.status = TicketStatus::Refunded;
        let (owner, kind) = (ticket.account_id, ticket.ticket_type_id);
        if had_place {
            self.shift(kind, -1, 0);
            self.line.make_room();
            let owned = self.owned.entry((owner, kind)).or_default();
            *owned = owned.saturating_sub(1);
            self.answers.lose(owner);
        }
        Ok(())
    }

    /// Adds money that goes back.
    pub(super) fn refund(&mut self, refund: RefundRow) {
        self.refunds.push(refund);
    }

    /// Puts places aside.
    pub(super) fn put_aside(&mut self, basket: Basket) {
        self.take(&basket);
        self.holds.insert(basket.hold.id, Kept::new(basket));
    }

    fn take(&mut self, basket: &Basket) {
        self.shift_lines(&basket.lines, 0, 1);
        self.codes.take(&basket.hold);
        for line in &basket.lines {
            let owner = (basket.hold.account_id, line.ticket_type_id);
            *self.owned.entry(owner).or_default() += line.quantity;
        }
    }

    /// Ends a hold without tickets: its places are free again.
    pub(super) fn free(&mut self, id: HoldId, status: HoldStatus) -> Result<()> {
        let basket = self.basket(id)?.clone();
        self.shift_lines(&basket.lines, 0, -1);
        self.codes.give_back(&basket.hold);
        for line in &basket.lines {
            let owner = (basket.hold.account_id, line.ticket_type_id);
            let owned = self.owned.entry(owner).or_default();
            *owned = owned.saturating_sub(line.quantity);
        }
        self.line.make_room();
        self.change_hold(id, |hold| hold.status = status)
    }

    /// Turns held places to sold ones.
    pub(super) fn sell(&mut self, id: HoldId) -> Result<()> {
        let lines = self.basket(id)?.lines.clone();
        self.shift_lines(&lines, 1, -1);
        self.change_hold(id, |hold| hold.status = HoldStatus::Paid)
    }

    /// Changes a hold in place.
    pub(super) fn change_hold(
        &mut self,
        id: HoldId,
        change: impl FnOnce(&mut HoldRow),
    ) -> Result<()> {
        let kept = self.holds.get_mut(&id).ok_or_else(Error::not_found)?;
        change(&mut kept.change().hold);
        Ok(())
    }

    /// Adds an order.
    pub(super) fn place(&mut self, order: OrderRow) {
        self.live_orders.insert(order.hold_id, order.id);
        self.orders.insert(order.id, Kept::new(order));
    }

    /// Changes an order in place; one that is cancelled no longer counts for its hold, one that
    /// is refunded no longer for its promo code.
    pub(super) fn change_order(
        &mut self,
        id: OrderId,
        change: impl FnOnce(&mut OrderRow),
    ) -> Result<()> {
        let kept = self.orders.get_mut(&id);
        let kept = kept.ok_or_else(|| Error::internal("an order is missing"))?;
        let order = kept.change();
        change(order);
        let (hold, status) = (order.hold_id, order.status);
        match status {
            OrderStatus::Cancelled if self.live_order(hold) == Some(id) => {
                self.live_orders.remove(&hold);
            }
            // Another one of its hold may live.
            OrderStatus::Cancelled => {}
            _ => {
                self.live_orders.insert(hold, id);
            }
        }
        if let Some(kept) = self
            .holds
            .get(&hold)
            .filter(|_| status == OrderStatus::Refunded)
        {
            self.codes.give_back(&kept.row.hold);
        }
        Ok(())
    }

    /// Adds a payment about to be asked for, or awaited.
    pub(super) fn ask(&mut self, payment: PaymentRow) {
        self.payments.push(payment);
    }

    /// Notes what the provider said.
    pub(super) fn note(&mut self, said: Said) {
        self.said.push(said);
    }

    /// Adds tickets.
    pub(super) fn issue(&mut self, tickets: Vec<TicketRow>) {
        for ticket in &tickets {
            self.note_place(ticket);
        }
        self.tickets.extend(tickets);
    }

    /// Adds a mail that the worker sends after the transaction.
    pub(super) fn post(&mut self, mail: MailRow) {
        self.mails.push(mail);
    }

    /// Adds a message that leaves with the transaction.
    pub(super) fn tell(&mut self, fact: DomainEvent) {
        self.facts.push(fact);
    }

    /// Adds the places of the lines times a sign to both counters of their pools.
    fn shift_lines(&mut self, lines: &[Line], sold: i32, held: i32) {
        for line in lines {
            let places = line.quantity.cast_signed();
            self.shift(line.ticket_type_id, sold * places, held * places);
        }
    }

    /// Adds places of a ticket type to both counters of its pools.
    fn shift(&mut self, kind: TicketTypeId, sold: i32, held: i32) {
        let kind = self.types.iter().find(|known| known.id == kind);
        let drawn = kind.map_or(&[][..], |kind| &kind.pools);
        for pool in self
            .pools
            .iter_mut()
            .filter(|pool| drawn.contains(&pool.id))
        {
            pool.sold += sold;
            pool.held += held;
        }
    }

    /// Is there anything for the relay?
    pub(super) fn has_facts(&self) -> bool {
        !self.facts.is_empty()
    }

    /// The tickets that were written, by order.
    pub(super) fn take_tickets(&mut self) -> HashMap<OrderId, Vec<TicketRow>> {
        let mut by_order: HashMap<_, Vec<_>> = HashMap::new();
        for ticket in std::mem::take(&mut self.tickets) {
            by_order.entry(ticket.order_id).or_default().push(ticket);
        }
        by_order
    }
}

fn in_state<K: Ord, T>(rows: &BTreeMap<K, Kept<T>>, state: State) -> impl Iterator<Item = &T> {
    rows.values()
        .filter(move |kept| kept.state == state)
        .map(|kept| &kept.row)
}
