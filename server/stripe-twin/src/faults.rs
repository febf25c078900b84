//! How the server fails when it is told to.

use std::{collections::VecDeque, time::Duration};

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// `POST /v1/payment_intents`
    Create,
    /// `POST /v1/payment_intents/:id/confirm`
    Confirm,
    /// `POST /v1/payment_intents/:id/cancel`
    Cancel,
    /// `GET /v1/payment_intents/:id`
    Read,
    /// `GET /v1/payment_intents/search`
    Search,
    /// `POST /v1/refunds`
    Refund,
    /// `GET /v1/refunds`
    Refunds,
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection ends before anything is done.
    DropRequest,
    /// It is done, and the connection ends before the answer.
    DropAnswer,
    /// 500, nothing is done, and the key remembers it.
    Break,
    /// It is done, the answer is 500, and the key remembers that.
    BreakAfterwards,
    /// 429, nothing is done or remembered.
    RateLimit,
    /// 409 as for two requests at once with one key; nothing is done or remembered.
    Conflict,
    /// It is done, and answered after so long.
    Slow(Duration),
}

/// What will go wrong.
#[derive(Default)]
pub(crate) struct Faults(VecDeque<(Step, Fault)>);

impl Faults {
    pub(crate) fn add(&mut self, step: Step, fault: Fault) {
        self.0.push_back((step, fault));
    }

    pub(crate) fn take(&mut self, step: Step) -> Option<Fault> {
        let at = self.0.iter().position(|(planned, _)| *planned == step)?;
        self.0.remove(at).map(|(_, fault)| fault)
    }
}
