//! A provider that says what the test told it.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Mutex,
};

use async_trait::async_trait;
use service::ports::{Charge, ChargeOutcome, Payments, Refund, RefundOutcome};
use uuid::Uuid;

use super::lock;

/// Answers from a script, and counts the money it took and gave back: once per id.
#[derive(Debug, Default)]
pub struct ScriptedPayments {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    script: VecDeque<ChargeOutcome>,
    refund_script: VecDeque<RefundOutcome>,
    settled: HashMap<Uuid, (Charge, ChargeOutcome)>,
    refunds: HashMap<Uuid, (Refund, RefundOutcome)>,
    heard_of: HashSet<Uuid>,
    calls: u32,
}

impl ScriptedPayments {
    /// The next answers to charges, in order; behind them every charge succeeds.
    pub fn will_answer(&self, outcomes: impl IntoIterator<Item = ChargeOutcome>) {
        lock(&self.state).script.extend(outcomes);
    }

    /// The next answers to refunds, in order; behind them every refund succeeds whose
    /// charge has as much left.
    pub fn will_answer_refunds(&self, outcomes: impl IntoIterator<Item = RefundOutcome>) {
        lock(&self.state).refund_script.extend(outcomes);
    }

    /// The charges that took money.
    pub fn taken(&self) -> Vec<Charge> {
        let state = lock(&self.state);
        let paid = state
            .settled
            .values()
            .filter(|(_, outcome)| *outcome == ChargeOutcome::Succeeded);
        paid.map(|(charge, _)| charge.clone()).collect()
    }

    /// The refunds that gave money back.
    pub fn refunded(&self) -> Vec<Refund> {
        let state = lock(&self.state);
        let given = state
            .refunds
            .values()
            .filter(|(_, outcome)| *outcome == RefundOutcome::Succeeded);
        given.map(|(refund, _)| refund.clone()).collect()
    }

    /// How often it was asked anything.
    pub fn calls(&self) -> u32 {
        lock(&self.state).calls
    }

    fn answer(&self, charge: &Charge) -> ChargeOutcome {
        let mut state = lock(&self.state);
        state.calls += 1;
        if let Some((_, outcome)) = state.settled.get(&charge.id) {
            return *outcome;
        }
        let outcome = state.script.pop_front().unwrap_or(ChargeOutcome::Succeeded);
        if outcome != ChargeOutcome::Unknown {
            state.settled.insert(charge.id, (charge.clone(), outcome));
        }
        outcome
    }

    fn answer_refund(&self, refund: &Refund) -> RefundOutcome {
        let mut state = lock(&self.state);
        state.calls += 1;
        state.heard_of.insert(refund.id);
        if let Some((_, outcome)) = state.refunds.get(&refund.id) {
            return *outcome;
        }
        let outcome = if state.has_left(refund) {
            let scripted = state.refund_script.pop_front();
            scripted.unwrap_or(RefundOutcome::Succeeded)
        } else {
            RefundOutcome::Refused
        };
        if outcome != RefundOutcome::Unknown {
            state.refunds.insert(refund.id, (refund.clone(), outcome));
        }
        outcome
    }
}

impl State {
    /// Has the charge taken this much more than went back?
    fn has_left(&self, refund: &Refund) -> bool {
        let Some((charge, ChargeOutcome::Succeeded)) = self.settled.get(&refund.charge) else {
            return false;
        };
        let given = self.refunds.values().filter(|(other, outcome)| {
            other.charge == refund.charge && *outcome == RefundOutcome::Succeeded
        });
        let given: i64 = given.map(|(other, _)| other.amount.amount_minor).sum();
        charge.amount.currency == refund.amount.currency
            && given + refund.amount.amount_minor <= charge.amount.amount_minor
    }
}

#[async_trait]
impl Payments for ScriptedPayments {
    async fn charge(&self, charge: &Charge) -> ChargeOutcome {
        self.answer(charge)
    }

    async fn find(&self, charge: &Charge) -> ChargeOutcome {
        self.answer(charge)
    }

    async fn refund(&self, refund: &Refund) -> RefundOutcome {
        self.answer_refund(refund)
    }

    async fn find_refund(&self, refund: &Refund) -> RefundOutcome {
        if lock(&self.state).heard_of.contains(&refund.id) {
            self.answer_refund(refund)
        } else {
            RefundOutcome::Refused
        }
    }
}
