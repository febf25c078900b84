//! Writing the books down.

use store::{Tx, payments::Asked, pools::Shift};

use super::{Books, State, in_state};
use crate::{Ctx, Result, idempotency::LEASE, outbox};

impl Books {
    /// Writes what was decided: one statement per table.
    pub(in crate::orders) async fn write(&mut self, ctx: &Ctx, tx: &mut Tx) -> Result<()> {
        self.line.write(tx, self.event.id).await?;
        self.write_holds(tx).await?;
        self.write_orders(tx).await?;
        self.write_payments(tx).await?;
        if !self.tickets.is_empty() {
            store::tickets::insert(tx, &mut self.tickets).await?;
        }
        self.write_returns(tx).await?;
        self.write_transfers(tx).await?;
        if !self.mails.is_empty() {
            store::mails::insert(tx, &self.mails).await?;
        }
        let shifts = self.shifts();
        if !shifts.is_empty() {
            store::pools::shift(tx, &shifts).await?;
        }
        outbox::add_all(ctx, tx, &self.facts).await
    }

    async fn write_holds(&self, tx: &mut Tx) -> Result<()> {
        let new: Vec<_> = in_state(&self.holds, State::New)
            .map(|basket| (&basket.hold, basket.lines.as_slice()))
            .collect();
        if !new.is_empty() {
            store::holds::insert(tx, self.event.id, &new).await?;
        }
        let changed: Vec<_> = in_state(&self.holds, State::Changed)
            .map(|basket| &basket.hold)
            .collect();
        if !changed.is_empty() {
            store::holds::update(tx, &changed).await?;
        }
        Ok(())
    }

    async fn write_orders(&self, tx: &mut Tx) -> Result<()> {
        // Those that make room for another order of their hold come first.
        let changed: Vec<_> = in_state(&self.orders, State::Changed).collect();
        if !changed.is_empty() {
            store::orders::set_statuses(tx, &changed, self.now).await?;
        }
        let new: Vec<_> = in_state(&self.orders, State::New).collect();
        if !new.is_empty() {
            store::orders::insert(tx, self.event.id, &new).await?;
        }
        Ok(())
    }

    async fn write_payments(&self, tx: &mut Tx) -> Result<()> {
        let (at, leased_until) = (self.now, self.now + LEASE);
        if !self.payments.is_empty() {
            let payments = self.payments.iter();
            let payments: Vec<_> = payments.map(|(row, method)| (row, *method)).collect();
            store::payments::insert(tx, &payments, Asked { at, leased_until }).await?;
        }
        if !self.said.is_empty() {
            store::payments::set_states(tx, &self.said, at).await?;
        }
        Ok(())
    }

    async fn write_returns(&self, tx: &mut Tx) -> Result<()> {
        let changed: Vec<_> = in_state(&self.sold, State::Changed).collect();
        if !changed.is_empty() {
            store::tickets::set_statuses(tx, &changed).await?;
        }
        if !self.refunds.is_empty() {
            // The worker asks the provider: nobody has to wait for it.
            let (at, leased_until) = (self.now, self.now);
            store::refunds::insert(tx, &self.refunds, Asked { at, leased_until }).await?;
        }
        Ok(())
    }

    fn shifts(&self) -> Vec<Shift> {
        let pairs = self.pools.iter().zip(&self.pools_before);
        let shifts = pairs.map(|(after, before)| Shift {
            id: after.id,
            sold: after.sold - before.sold,
            held: after.held - before.held,
        });
        shifts
            .filter(|shift| (shift.sold, shift.held) != (0, 0))
            .collect()
    }
}
