//! What should be: a simple model of holds, orders and who has what.

use types::{Code, HoldId, OrderId};

pub const BUYERS: usize = 3;
pub const LIMIT: u32 = 6;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum State {
    Held,
    Paying,
    /// Waits for money that no provider takes.
    Awaiting,
    Paid,
    /// Waited in vain, or was called off; the money may come still.
    Lapsed,
    /// The money came when there was no place for it, and goes back.
    Refunded,
    Gone,
}

#[derive(Clone, Debug)]
pub struct ModelHold {
    pub id: HoldId,
    pub buyer: usize,
    pub quantity: u32,
    /// Tickets that belong to others now, by owner.
    pub given: [u32; BUYERS],
    pub due: u64,
    pub state: State,
    pub order: Option<OrderId>,
    pub is_offline: bool,
}

impl ModelHold {
    pub fn is_live(&self) -> bool {
        !matches!(self.state, State::Lapsed | State::Refunded | State::Gone)
    }
}

/// What should be.
#[derive(Debug)]
pub struct Model {
    pub places: u32,
    pub now: u64,
    pub holds: Vec<ModelHold>,
}

impl Model {
    pub fn expire(&mut self) {
        for hold in &mut self.holds {
            match hold.state {
                State::Held if hold.due <= self.now => hold.state = State::Gone,
                State::Awaiting if hold.due <= self.now => hold.state = State::Lapsed,
                _ => {}
            }
        }
    }

    /// How many places somebody has: of holds and orders, and what others gave.
    pub fn owned(&self, buyer: usize) -> u32 {
        let of = |hold: &ModelHold| {
            let own = if hold.buyer == buyer {
                hold.quantity
            } else {
                0
            };
            own + hold.given[buyer]
        };
        let live = self.holds.iter().filter(|hold| hold.is_live());
        live.map(of).sum()
    }

    pub fn taken(&self, by: impl Fn(&ModelHold) -> bool) -> u32 {
        self.holds
            .iter()
            .filter(|hold| hold.is_live() && by(hold))
            .map(|hold| hold.quantity + hold.given.iter().sum::<u32>())
            .sum()
    }

    pub fn free(&self) -> u32 {
        self.places - self.taken(|_| true)
    }

    pub fn may_hold(&self, buyer: usize, quantity: u32) -> Option<Code> {
        if self.owned(buyer) + quantity > LIMIT {
            Some(Code::LimitReached)
        } else if quantity > self.free() {
            Some(Code::SoldOut)
        } else {
            None
        }
    }

    pub fn may_pay(&self, hold: usize) -> Option<Code> {
        match self.holds[hold].state {
            State::Held => None,
            State::Paying | State::Awaiting => Some(Code::PaymentPending),
            State::Paid => Some(Code::IllegalState),
            State::Lapsed | State::Refunded | State::Gone => Some(Code::HoldExpired),
        }
    }
}
