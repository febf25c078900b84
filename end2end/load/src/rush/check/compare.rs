//! What clients were told beside what the rows say.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use store::{
    Conn,
    pools::audit::ledger::{self, HoldLine, OrderLine, TicketLine},
};
use types::{
    EventId,
    orders::{HoldStatus, OrderStatus},
    tickets::TicketStatus,
};
use uuid::Uuid;

use crate::rush::journal::{Effect, Journal};

/// The rows of the event.
pub struct Ledger {
    holds: Vec<HoldLine>,
    orders: HashMap<Uuid, OrderLine>,
    tickets: HashMap<Uuid, TicketLine>,
    /// Tickets by order.
    by_order: HashMap<Uuid, Vec<TicketLine>>,
}

impl Ledger {
    /// Reads it.
    pub async fn read(conn: &mut Conn, event: EventId) -> Result<Self> {
        let (holds, orders) = (
            ledger::holds(conn, event).await?,
            ledger::orders(conn, event).await?,
        );
        let tickets = ledger::tickets(conn, event).await?;
        let mut by_order: HashMap<Uuid, Vec<TicketLine>> = HashMap::new();
        for ticket in &tickets {
            by_order.entry(ticket.order.0).or_default().push(*ticket);
        }
        Ok(Self {
            holds,
            orders: orders.into_iter().map(|row| (row.id.0, row)).collect(),
            tickets: tickets.into_iter().map(|row| (row.id.0, row)).collect(),
            by_order,
        })
    }

    /// All orders.
    pub fn orders(&self) -> impl Iterator<Item = &OrderLine> {
        self.orders.values()
    }

    /// The tickets of an order.
    pub fn tickets_of(&self, order: Uuid) -> &[TicketLine] {
        self.by_order.get(&order).map_or(&[], Vec::as_slice)
    }

    /// Orders that were paid and have not a ticket for every place.
    pub fn ticketless(&self) -> Vec<String> {
        let is_wrong = |order: &&OrderLine| {
            let tickets = i64::try_from(self.tickets_of(order.id.0).len());
            is_paid(order) && tickets != Ok(order.places)
        };
        let wrong = self.orders().filter(is_wrong);
        wrong.map(|order| format!("{order:?}")).collect()
    }

    /// Tickets whose order was never paid.
    pub fn orderless(&self) -> Vec<String> {
        let has_order = |ticket: &TicketLine| self.orders.get(&ticket.order.0).is_some_and(is_paid);
        let wrong = self.tickets.values().filter(|ticket| !has_order(ticket));
        wrong.map(|ticket| format!("{ticket:?}")).collect()
    }
}

fn is_paid(order: &OrderLine) -> bool {
    matches!(order.status, OrderStatus::Paid | OrderStatus::Refunded)
}

/// An order as its buyer knows it.
struct ToldOrder {
    account: Uuid,
    total_minor: i64,
    tickets: Vec<Uuid>,
}

/// What clients were told, by what it is about.
#[derive(Default)]
pub struct Told {
    orders: HashMap<Uuid, ToldOrder>,
    returned: HashSet<Uuid>,
    holds: HashSet<Uuid>,
    released: HashSet<Uuid>,
    /// How many payments of a hold were declined.
    declined: HashMap<Uuid, i64>,
}

impl From<&Journal> for Told {
    fn from(journal: &Journal) -> Self {
        let mut told = Self::default();
        for deed in &journal.deeds {
            let account = journal.stage.buyers[deed.buyer].account;
            told.note(account, &deed.what);
        }
        told
    }
}

impl Told {
    fn note(&mut self, account: Uuid, effect: &Effect) {
        match effect {
            Effect::Held { hold } => drop(self.holds.insert(*hold)),
            Effect::Released { hold } => drop(self.released.insert(*hold)),
            Effect::Declined { hold } => *self.declined.entry(*hold).or_default() += 1,
            Effect::Returned { tickets, .. } => self.returned.extend(tickets),
            Effect::Bought {
                order,
                tickets,
                total_minor,
            } => {
                let told = ToldOrder {
                    account,
                    total_minor: *total_minor,
                    tickets: tickets.clone(),
                };
                self.orders.insert(*order, told);
            }
            Effect::Extended | Effect::Refused { .. } => {}
        }
    }

    /// What was acknowledged and is not there, or is there in another state.
    pub fn missing(&self, ledger: &Ledger) -> Vec<String> {
        let mut missing = Vec::new();
        for (id, told) in &self.orders {
            let row = ledger.orders.get(id);
            let is_there = row.is_some_and(|row| {
                is_paid(row) && (row.account.0, row.total_minor) == (told.account, told.total_minor)
            });
            if !is_there {
                missing.push(format!("order {id} is {row:?}"));
            }
            for ticket in &told.tickets {
                let row = ledger.tickets.get(ticket);
                let status = if self.returned.contains(ticket) {
                    TicketStatus::Refunded
                } else {
                    TicketStatus::Valid
                };
                if !row.is_some_and(|row| row.order.0 == *id && row.status == status) {
                    missing.push(format!("ticket {ticket} of order {id} is {row:?}"));
                }
            }
        }
        missing.extend(self.missing_holds(ledger));
        missing
    }

    fn missing_holds(&self, ledger: &Ledger) -> Vec<String> {
        let rows: HashMap<_, _> = ledger.holds.iter().map(|row| (row.id.0, row)).collect();
        let gone = self.holds.iter().filter(|hold| !rows.contains_key(*hold));
        let gone = gone.map(|hold| format!("hold {hold} is not there"));
        // Who gives back what has just run out is told that it is given back, too.
        let is_free = |hold: &&Uuid| {
            rows.get(*hold)
                .is_some_and(|row| matches!(row.status, HoldStatus::Released | HoldStatus::Expired))
        };
        let kept = self.released.iter().filter(|hold| !is_free(hold));
        let kept = kept.map(|hold| format!("hold {hold} was released and is {:?}", rows.get(hold)));
        gone.chain(kept).collect()
    }

    /// What is there and nobody was told of: the effect of a call that had its effect already.
    pub fn doubled(&self, ledger: &Ledger) -> Vec<String> {
        let mut doubled = Vec::new();
        let mut accounted = self.holds.clone();
        accounted.extend(self.declined.keys());
        for order in ledger.orders() {
            if order.status == OrderStatus::Cancelled {
                continue;
            }
            match self.orders.get(&order.id.0) {
                None => doubled.push(format!("nobody was told of {order:?}")),
                Some(told) => {
                    accounted.insert(order.hold.0);
                    let surplus = surplus_tickets(order, told, ledger.tickets_of(order.id.0));
                    doubled.extend(surplus);
                }
            }
        }
        for hold in &ledger.holds {
            let declined = self.declined.get(&hold.id.0).copied().unwrap_or_default();
            if !accounted.contains(&hold.id.0) {
                doubled.push(format!("nobody was told of {hold:?}"));
            } else if hold.cancelled_orders > declined {
                doubled.push(format!("declined {declined} times: {hold:?}"));
            }
        }
        doubled
    }
}

/// Tickets beyond those that the buyer was told of, or beyond the places when the order was
/// acknowledged before its tickets were made.
fn surplus_tickets(order: &OrderLine, told: &ToldOrder, tickets: &[TicketLine]) -> Option<String> {
    let most = if told.tickets.is_empty() {
        usize::try_from(order.places).unwrap_or_default()
    } else {
        told.tickets.len()
    };
    (tickets.len() > most).then(|| format!("{} tickets of {order:?}", tickets.len()))
}
