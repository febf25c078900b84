//! A provider that says what the test told it.

use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
};

use async_trait::async_trait;
use service::ports::{Charge, ChargeOutcome, Payments};
use uuid::Uuid;

use super::lock;

/// Answers from a script, and counts the money it took: once per charge id.
#[derive(Debug, Default)]
pub struct ScriptedPayments {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    script: VecDeque<ChargeOutcome>,
    settled: HashMap<Uuid, (Charge, ChargeOutcome)>,
    calls: u32,
}

impl ScriptedPayments {
    /// The next answers, in order; behind them every charge succeeds.
    pub fn will_answer(&self, outcomes: impl IntoIterator<Item = ChargeOutcome>) {
        lock(&self.state).script.extend(outcomes);
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
}

#[async_trait]
impl Payments for ScriptedPayments {
    async fn charge(&self, charge: &Charge) -> ChargeOutcome {
        self.answer(charge)
    }

    async fn find(&self, charge: &Charge) -> ChargeOutcome {
        self.answer(charge)
    }
}
