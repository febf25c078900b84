//! The pages of the books on who comes. Whoever gets a ticket of the event's RSVP type is going, in
//! whatever way it came to them, and whoever has none left is not: so answers and places agree.

use std::collections::{BTreeMap, BTreeSet};

use store::{Tx, rsvps::NewRsvp, sales::SaleType, tickets::TicketRow};
use types::{
    AccountId, HoldId, RsvpId, feed::DomainEvent, orders::HoldStatus, rsvps::RsvpStatus,
    tickets::TicketStatus,
};

use super::{Books, Kept, Touched};
use crate::{Ctx, Result, orders::settling};

/// How many people are taken off the list at once; the rest comes with the next turn.
const LAPSES: i64 = 100;

/// What people answered.
#[derive(Default)]
pub(super) struct Answers {
    /// None: the answer was taken back.
    said: BTreeMap<AccountId, Option<RsvpStatus>>,
    /// Who has fewer tickets than before.
    lost: BTreeSet<AccountId>,
    /// Who did not confirm in time.
    lapsing: Vec<AccountId>,
}

impl Answers {
    /// Notes that somebody has a ticket less.
    pub(super) fn lose(&mut self, who: AccountId) {
        self.lost.insert(who);
    }
}

impl Books {
    pub(super) async fn read_answers(&mut self, tx: &mut Tx, touched: &Touched) -> Result<()> {
        let Some(kind) = self.rsvp_kind().map(|kind| kind.id) else {
            return Ok(());
        };
        if touched.lapses {
            let event = Some(self.event.id);
            let lapsing = store::rsvps::lapsing(tx, event, self.now, LAPSES).await?;
            self.answers.lapsing = lapsing.into_iter().map(|(_, who)| who).collect();
        }
        let people = [&touched.answers[..], &self.answers.lapsing].concat();
        if people.is_empty() {
            return Ok(());
        }
        // Those who answer were read with the line.
        if !self.answers.lapsing.is_empty() {
            let (line, event) = (&mut self.line, self.event.id);
            line.meet_all(tx, event, &self.answers.lapsing).await?;
        }
        let orders = store::rsvps::orders_of(tx, kind, &people).await?;
        for order in store::orders::list(tx, &orders).await? {
            self.orders.insert(order.id, Kept::read(order));
        }
        for ticket in store::tickets::list_of_orders(tx, &orders).await? {
            self.sold.insert(ticket.id, Kept::read(ticket));
        }
        let offers = store::rsvps::offers_of(tx, self.event.id, &people).await?;
        self.read_holds(tx, &offers).await
    }

    /// The ticket type whose tickets are the places of those who are going.
    pub(in crate::orders) fn rsvp_kind(&self) -> Option<&SaleType> {
        self.types.iter().find(|kind| kind.is_rsvp)
    }

    /// The tickets somebody is going with, the latest first. Those that were issued in this
    /// transaction are not written yet, so they cannot be taken back.
    pub(in crate::orders) fn places_of(&self, who: AccountId) -> Vec<&TicketRow> {
        let written = self.sold.values().map(|kept| &kept.row);
        let kind = self.rsvp_kind().map(|kind| kind.id);
        let is_place = |ticket: &&TicketRow| {
            ticket.account_id == who
                && Some(ticket.ticket_type_id) == kind
                && matches!(ticket.status, TicketStatus::Valid | TicketStatus::Used)
        };
        let mut places: Vec<_> = written.chain(&self.tickets).filter(is_place).collect();
        places.sort_by_key(|ticket| std::cmp::Reverse(ticket.id));
        places
    }

    /// Is this ticket in the table?
    pub(in crate::orders) fn is_written(&self, ticket: &TicketRow) -> bool {
        self.sold.contains_key(&ticket.id)
    }

    /// Has somebody a place of the RSVP type?
    pub(in crate::orders) fn has_place(&self, who: AccountId) -> bool {
        self.rsvp_kind().is_some() && !self.places_of(who).is_empty()
    }

    /// What is kept for somebody who waited in line, and for how many each time.
    pub(in crate::orders) fn offers_to(&self, who: AccountId) -> Vec<(HoldId, u32)> {
        let baskets = self.holds.values().map(|kept| &kept.row);
        let offered = baskets.filter(|basket| {
            basket.hold.account_id == who
                && basket.hold.status == HoldStatus::Held
                && basket.hold.waiting_list_entry_id.is_some()
        });
        let offers = offered.map(|basket| {
            let places = basket.lines.iter().map(|line| line.quantity);
            (basket.hold.id, places.sum::<u32>())
        });
        offers.collect()
    }

    /// Who did not confirm in time, and did not answer a moment ago in this very batch.
    pub(in crate::orders) fn lapsing(&self) -> Vec<AccountId> {
        let lapsing = self.answers.lapsing.iter().copied();
        lapsing
            .filter(|who| !self.answers.said.contains_key(who))
            .collect()
    }

    /// Notes an answer; none takes it back.
    pub(in crate::orders) fn say(&mut self, who: AccountId, status: Option<RsvpStatus>) {
        self.answers.said.insert(who, status);
    }

    /// Whoever has a place is going.
    pub(super) fn note_place(&mut self, ticket: &TicketRow) {
        let is_place = self
            .rsvp_kind()
            .is_some_and(|kind| kind.id == ticket.ticket_type_id);
        if is_place && ticket.status == TicketStatus::Valid {
            self.say(ticket.account_id, Some(RsvpStatus::Going));
        }
    }

    /// After the tickets: who has none left is no longer going.
    pub(super) async fn write_answers(&mut self, ctx: &Ctx, tx: &mut Tx) -> Result<()> {
        let Some(kind) = self.rsvp_kind().map(|kind| kind.id) else {
            return Ok(());
        };
        let event = self.event.id;
        let answers = std::mem::take(&mut self.answers);
        let mut changed = Vec::new();
        let said = answers.said.iter().filter_map(|(who, status)| {
            Some(NewRsvp {
                id: RsvpId(ctx.new_id()),
                account_id: *who,
                status: (*status)?,
            })
        });
        let said: Vec<_> = said.collect();
        if !said.is_empty() {
            changed.extend(store::rsvps::write(tx, event, &said, self.now).await?);
        }
        let removed = answers.said.iter().filter(|(_, status)| status.is_none());
        let removed: Vec<_> = removed.map(|(who, _)| *who).collect();
        if !removed.is_empty() {
            changed.extend(store::rsvps::remove(tx, event, &removed).await?);
        }
        let mut changed: Vec<_> = changed
            .into_iter()
            .map(|who| (who, answers.said.get(&who).copied().flatten()))
            .collect();
        let lost: Vec<_> = answers.lost.into_iter().collect();
        if !lost.is_empty() {
            let dropped =
                store::rsvps::drop_without_place(tx, event, kind, &lost, self.now).await?;
            changed.extend(
                dropped
                    .into_iter()
                    .map(|who| (who, Some(RsvpStatus::NotGoing))),
            );
        }
        for (account_id, status) in changed {
            self.tell(DomainEvent::RsvpChanged {
                event: settling::fact(&self.event),
                account_id,
                status,
            });
        }
        Ok(())
    }
}
