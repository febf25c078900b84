//! What clients were told beside what the rows say.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use store::{
    Conn,
    pools::audit::ledger::{self, EntryLine, HoldLine, OrderLine, TicketLine},
};
use types::{
    EventId,
    orders::{HoldStatus, OrderStatus},
    tickets::TicketStatus,
    waiting_list::WaitingStatus,
};
use uuid::Uuid;

use crate::rush::{
    journal::{Deed, Effect, Journal},
    stage::Buyer,
};

/// The rows of the event.
pub struct Ledger {
    holds: Vec<HoldLine>,
    orders: HashMap<Uuid, OrderLine>,
    tickets: HashMap<Uuid, TicketLine>,
    /// Tickets by order.
    by_order: HashMap<Uuid, Vec<TicketLine>>,
    /// Places in line.
    entries: HashMap<Uuid, EntryLine>,
}

impl Ledger {
    /// Reads it.
    pub async fn read(conn: &mut Conn, event: EventId) -> Result<Self> {
        let (holds, orders) = (
            ledger::holds(conn, event).await?,
            ledger::orders(conn, event).await?,
        );
        let (tickets, entries) = (
            ledger::tickets(conn, event).await?,
            ledger::entries(conn, event).await?,
        );
        let mut by_order: HashMap<Uuid, Vec<TicketLine>> = HashMap::new();
        for ticket in &tickets {
            by_order.entry(ticket.order.0).or_default().push(*ticket);
        }
        Ok(Self {
            holds,
            orders: orders.into_iter().map(|row| (row.id.0, row)).collect(),
            tickets: tickets.into_iter().map(|row| (row.id.0, row)).collect(),
            by_order,
            entries: entries.into_iter().map(|row| (row.id.0, row)).collect(),
        })
    }

    /// All orders.
    pub fn orders(&self) -> impl Iterator<Item = &OrderLine> {
        self.orders.values()
    }

    /// All tickets.
    pub fn tickets(&self) -> impl Iterator<Item = &TicketLine> {
        self.tickets.values()
    }

    /// The tickets of an order, those that were passed on and what they became included.
    pub fn tickets_of(&self, order: Uuid) -> &[TicketLine] {
        self.by_order.get(&order).map_or(&[], Vec::as_slice)
    }

    /// How many places an order has: of a ticket that was passed on the last one counts.
    fn places_of(&self, order: Uuid) -> usize {
        let tickets = self.tickets_of(order).iter();
        tickets.filter(|ticket| !is_passed_on(ticket)).count()
    }

    /// How many of those who were in line paid what they were offered.
    pub fn offers_taken(&self) -> usize {
        let is_taken = |hold: &&HoldLine| hold.entry.is_some() && hold.status == HoldStatus::Paid;
        self.holds.iter().filter(is_taken).count()
    }

    /// Orders that were paid and have not a ticket for every place.
    pub fn ticketless(&self) -> Vec<String> {
        let is_wrong = |order: &&OrderLine| {
            let places = i64::try_from(self.places_of(order.id.0));
            is_paid(order) && places != Ok(order.places)
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

fn is_passed_on(ticket: &TicketLine) -> bool {
    ticket.status == TicketStatus::Transferred
}

/// An order as its buyer knows it.
struct ToldOrder {
    account: Uuid,
    total_minor: i64,
    tickets: Vec<Uuid>,
}

/// What a ticket that was passed on became.
struct Successor {
    order: Uuid,
    ticket: Uuid,
    account: Uuid,
}

/// What clients were told, by what it is about.
#[derive(Default)]
pub struct Told {
    orders: HashMap<Uuid, ToldOrder>,
    returned: HashSet<Uuid>,
    /// By the ticket that is dead now.
    passed_on: HashMap<Uuid, Successor>,
    holds: HashSet<Uuid>,
    released: HashSet<Uuid>,
    /// How many payments of a hold were declined.
    declined: HashMap<Uuid, i64>,
    /// Who is in line, by the place.
    entries: HashMap<Uuid, Uuid>,
    /// To which places holds were offered.
    offers: HashMap<Uuid, Uuid>,
    /// Places in line that were left.
    left: HashSet<Uuid>,
}

impl From<&Journal> for Told {
    fn from(journal: &Journal) -> Self {
        let mut told = Self::default();
        for deed in &journal.deeds {
            told.note(&journal.stage.buyers, deed);
        }
        told
    }
}

impl Told {
    fn note(&mut self, buyers: &[Buyer], Deed { buyer, what }: &Deed) {
        let account = buyers[*buyer].account;
        match what {
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
            Effect::PassedOn {
                order,
                ticket,
                new_ticket,
                to,
            } => {
                let successor = Successor {
                    order: *order,
                    ticket: *new_ticket,
                    account: buyers[*to].account,
                };
                self.passed_on.insert(*ticket, successor);
            }
            Effect::Joined { entry } => {
                self.entries.insert(*entry, account);
            }
            Effect::Offered { entry, hold } => {
                self.offers.insert(*hold, *entry);
            }
            Effect::Left { entry } => drop(self.left.insert(*entry)),
            Effect::Kept | Effect::Extended | Effect::Refused { .. } => {}
        }
    }

    /// How many tickets were passed on.
    pub fn passed_on(&self) -> usize {
        self.passed_on.len()
    }

    /// How many places in line there were.
    pub fn places_in_line(&self) -> usize {
        self.entries.len()
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
            let tickets = told.tickets.iter();
            missing.extend(tickets.filter_map(|ticket| {
                let had = (*id, told.account);
                self.missing_ticket(ledger, *ticket, had)
            }));
        }
        missing.extend(self.passed_on.values().filter_map(|next| {
            let had = (next.order, next.account);
            self.missing_ticket(ledger, next.ticket, had)
        }));
        missing.extend(self.missing_holds(ledger));
        missing.extend(self.missing_entries(ledger));
        missing
    }

    /// A ticket that is not what its holder was told: of this order, theirs, and opening the door
    /// unless it was given back or passed on.
    fn missing_ticket(
        &self,
        ledger: &Ledger,
        ticket: Uuid,
        (order, account): (Uuid, Uuid),
    ) -> Option<String> {
        let status = if self.passed_on.contains_key(&ticket) {
            TicketStatus::Transferred
        } else if self.returned.contains(&ticket) {
            TicketStatus::Refunded
        } else {
            TicketStatus::Valid
        };
        let row = ledger.tickets.get(&ticket);
        let is_there = row.is_some_and(|row| {
            (row.order.0, row.account.0, row.status) == (order, account, status)
        });
        (!is_there).then(|| format!("ticket {ticket} of order {order} and {account} is {row:?}"))
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
        let is_offer = |(hold, entry): &(&Uuid, &Uuid)| {
            let row = rows.get(*hold).and_then(|row| row.entry);
            row.is_some_and(|row| row.0 == **entry)
        };
        let lost = self.offers.iter().filter(|offer| !is_offer(offer));
        let lost = lost.map(|(hold, entry)| {
            format!(
                "hold {hold} was offered to {entry} and is {:?}",
                rows.get(hold)
            )
        });
        gone.chain(kept).chain(lost).collect()
    }

    fn missing_entries(&self, ledger: &Ledger) -> Vec<String> {
        let offers = ledger.holds.iter();
        let offers: HashMap<_, _> = offers
            .filter_map(|hold| Some((hold.entry?.0, hold.status)))
            .collect();
        let is_there = |(entry, account): &(&Uuid, &Uuid)| {
            let row = ledger.entries.get(*entry);
            row.is_some_and(|row| row.account.0 == **account)
        };
        let gone = self.entries.iter().filter(|entry| !is_there(entry));
        let gone = gone.map(|(entry, account)| {
            let row = ledger.entries.get(entry);
            format!("place {entry} of {account} in line is {row:?}")
        });
        // Who leaves gives back what was offered a moment ago, too.
        let is_left = |entry: &&Uuid| {
            let row = ledger.entries.get(*entry);
            row.is_some_and(|row| row.status != WaitingStatus::Waiting)
                && matches!(
                    offers.get(*entry),
                    None | Some(HoldStatus::Released | HoldStatus::Expired)
                )
        };
        let kept = self.left.iter().filter(|entry| !is_left(entry));
        let kept = kept.map(|entry| {
            let (row, offer) = (ledger.entries.get(entry), offers.get(entry));
            format!("place {entry} in line was left and is {row:?}, its offer {offer:?}")
        });
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
                    let surplus = surplus_tickets(order, told, ledger.places_of(order.id.0));
                    doubled.extend(surplus);
                }
            }
        }
        for ticket in ledger.tickets() {
            if is_passed_on(ticket) && !self.passed_on.contains_key(&ticket.id.0) {
                doubled.push(format!("nobody was told that it was passed on: {ticket:?}"));
            }
        }
        let entries = ledger.entries.values();
        let untold = entries.filter(|entry| !self.entries.contains_key(&entry.id.0));
        doubled.extend(untold.map(|entry| format!("nobody was told of {entry:?}")));
        // Whoever is in line may go away before they see what they are offered.
        let is_offer = |hold: &HoldLine| {
            let entry = hold.entry;
            entry.is_some_and(|entry| self.entries.contains_key(&entry.0))
        };
        for hold in &ledger.holds {
            let declined = self.declined.get(&hold.id.0).copied().unwrap_or_default();
            if !accounted.contains(&hold.id.0) && !is_offer(hold) {
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
fn surplus_tickets(order: &OrderLine, told: &ToldOrder, tickets: usize) -> Option<String> {
    let most = if told.tickets.is_empty() {
        usize::try_from(order.places).unwrap_or_default()
    } else {
        told.tickets.len()
    };
    (tickets > most).then(|| format!("{tickets} tickets of {order:?}"))
}
