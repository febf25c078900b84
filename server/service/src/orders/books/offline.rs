//! The pages of the books on payments, for what a provider does not take and what comes late.

use store::{Tx, payments::PaymentRow};
use types::{AccountId, HoldId, OrderId, orders::HoldStatus};

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

    /// Reads what somebody has and where they wait who was not expected to matter.
    pub(in crate::orders) async fn meet(&mut self, tx: &mut Tx, who: AccountId) -> Result<()> {
        let event = self.event.id;
        if self.met.insert(who) {
            for (who, kind, places) in store::sales::owned(tx, event, &[who]).await? {
                self.owned.insert((who, kind), places);
            }
        }
        self.line.meet(tx, event, who).await
    }

    /// Puts the places of a hold that ended aside again.
    pub(in crate::orders) fn retake(&mut self, id: HoldId) -> Result<()> {
        let basket = self.basket(id)?.clone();
        self.take(&basket);
        self.change_hold(id, |hold| hold.status = HoldStatus::Held)
    }
}
