//! The pages of the books on payments, for what a provider does not take and what comes late.

use store::{Tx, payments::PaymentRow};
use types::{
    AccountId, HoldId, OrderId,
    orders::{HoldStatus, OrderStatus, PaymentState},
};

use super::{Books, Touched};
use crate::{Error, Result};

impl Books {
    pub(super) async fn read_charges(&mut self, tx: &mut Tx, touched: &Touched) -> Result<()> {
        let orders: Vec<_> = [touched.returns.as_slice(), touched.charges.as_slice()].concat();
        if orders.is_empty() {
            return Ok(());
        }
        for payment in store::payments::list_of_orders(tx, &orders).await? {
            self.charges.insert(payment.order_id, payment);
        }
        Ok(())
    }

    /// The payment that took the money for an order, or awaits it.
    pub(in crate::orders) fn charge_of(&self, order: OrderId) -> Result<&PaymentRow> {
        let charge = self.charges.get(&order);
        charge.ok_or_else(|| Error::internal("a paid order has no payment"))
    }

    /// Is an order paid without a provider, as far as its payment was looked at?
    pub(in crate::orders) fn is_offline(&self, order: OrderId) -> bool {
        let mut seen = self.payments.iter().chain(self.charges.values());
        seen.any(|payment| payment.order_id == order && payment.method.is_offline())
    }

    /// Reads what the buyers have and where they wait whose money may come late. Before anything is
    /// decided: the tables know nothing of what the batch decides.
    pub(super) async fn read_late(&mut self, tx: &mut Tx) -> Result<()> {
        let orders = self.orders.values().map(|kept| &kept.row);
        let late = orders.filter(|order| {
            order.status == OrderStatus::Cancelled || order.payment_state == PaymentState::Awaited
        });
        let people: Vec<_> = late.map(|order| order.account_id).collect();
        if people.is_empty() {
            return Ok(());
        }
        let event = self.event.id;
        for (who, kind, places) in store::sales::owned(tx, event, &people).await? {
            self.owned.insert((who, kind), places);
        }
        self.line.meet_all(tx, event, &people).await?;
        self.met.extend(people);
        Ok(())
    }

    /// Money comes late only from somebody whom [`Self::read_late`] saw.
    ///
    /// # Errors
    /// When a sale of the same batch made it late. Nothing is wrong then: the sales of a batch that
    /// fails are settled one by one.
    pub(in crate::orders) fn must_know(&self, who: AccountId) -> Result<()> {
        if self.met.contains(&who) {
            Ok(())
        } else {
            Err(Error::internal("money came late within one batch"))
        }
    }

    /// Puts the places of a hold that ended aside again.
    pub(in crate::orders) fn retake(&mut self, id: HoldId) -> Result<()> {
        let basket = self.basket(id)?.clone();
        self.take(&basket);
        self.change_hold(id, |hold| hold.status = HoldStatus::Held)
    }
}
