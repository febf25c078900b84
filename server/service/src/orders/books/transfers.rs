//! The pages of the books on tickets that are passed on.

use store::{Tx, tickets::TicketRow, transfers::TransferRow};
use types::{TicketId, TransferId, tickets::TicketStatus, transfers::TransferStatus};

use super::{Books, Kept, State, Touched, in_state};
use crate::{Error, Result};

impl Books {
    pub(super) async fn read_transfers(&mut self, tx: &mut Tx, touched: &Touched) -> Result<()> {
        if touched.tickets.is_empty() && touched.transfers.is_empty() {
            return Ok(());
        }
        let offers = store::transfers::list(tx, &touched.transfers, &touched.tickets).await?;
        let offers = offers.into_iter().map(|row| row.transfer);
        let offers = offers.map(|offer| (offer.id, Kept::read(offer)));
        self.transfers = offers.collect();
        let offered = self.transfers.values().map(|kept| kept.row.ticket_id);
        let tickets: Vec<_> = offered.chain(touched.tickets.iter().copied()).collect();
        for ticket in store::tickets::list(tx, &tickets).await? {
            self.sold.insert(ticket.id, Kept::read(ticket));
        }
        Ok(())
    }

    /// A ticket of the event.
    pub(in crate::orders) fn ticket(&self, id: TicketId) -> Option<&TicketRow> {
        let kept = self.sold.get(&id).map(|kept| &kept.row);
        kept.filter(|ticket| ticket.event_id == self.event.id)
    }

    /// An offer of a ticket.
    pub(in crate::orders) fn transfer(&self, id: TransferId) -> Result<&TransferRow> {
        let kept = self.transfers.get(&id).ok_or_else(Error::not_found)?;
        Ok(&kept.row)
    }

    /// The offer of a ticket that nobody answered, also when its time is over.
    pub(in crate::orders) fn open_offer(&self, ticket: TicketId) -> Option<&TransferRow> {
        let mut offers = self.transfers.values().map(|kept| &kept.row);
        offers.find(|offer| offer.ticket_id == ticket && offer.status == TransferStatus::Offered)
    }

    /// Adds an offer.
    pub(in crate::orders) fn offer(&mut self, offer: TransferRow) {
        self.transfers.insert(offer.id, Kept::new(offer));
    }

    /// Changes an offer in place.
    pub(in crate::orders) fn change_offer(
        &mut self,
        id: TransferId,
        change: impl FnOnce(&mut TransferRow),
    ) -> Result<()> {
        let kept = self.transfers.get_mut(&id).ok_or_else(Error::not_found)?;
        change(kept.change());
        Ok(())
    }

    /// Replaces a ticket by one of somebody else; the place stays taken.
    pub(in crate::orders) fn pass_on(&mut self, id: TicketId, next: TicketRow) -> Result<()> {
        let kept = self.sold.get_mut(&id);
        let ticket = kept
            .ok_or_else(|| Error::internal("a ticket is missing"))?
            .change();
        ticket.status = TicketStatus::Transferred;
        let giver = (ticket.account_id, ticket.ticket_type_id);
        let left = self.owned.entry(giver).or_default();
        *left = left.saturating_sub(1);
        let recipient = (next.account_id, next.ticket_type_id);
        *self.owned.entry(recipient).or_default() += 1;
        self.sold.insert(next.id, Kept::new(next));
        Ok(())
    }

    /// After the statuses: one live offer per ticket, and a ticket before what leads to it.
    pub(super) async fn write_transfers(&mut self, tx: &mut Tx) -> Result<()> {
        let mut passed_on: Vec<_> = in_state(&self.sold, State::New).cloned().collect();
        if !passed_on.is_empty() {
            store::tickets::insert(tx, &mut passed_on).await?;
            let written = passed_on.into_iter();
            self.sold
                .extend(written.map(|ticket| (ticket.id, Kept::new(ticket))));
        }
        let changed: Vec<_> = in_state(&self.transfers, State::Changed).collect();
        if !changed.is_empty() {
            store::transfers::set_statuses(tx, &changed, self.now).await?;
        }
        let new: Vec<_> = in_state(&self.transfers, State::New).collect();
        if !new.is_empty() {
            store::transfers::insert(tx, &new).await?;
        }
        Ok(())
    }
}
