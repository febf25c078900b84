//! What the clients were told, kept by them.

use std::{collections::HashSet, fs, path::Path};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{shop::Tally, stage::Stage};

/// Everything of one run that the rows are compared with.
#[derive(Debug, Serialize, Deserialize)]
pub struct Journal {
    /// The stage it was played on.
    pub stage: Stage,
    /// What was acknowledged, in the order of the acknowledgements.
    pub deeds: Vec<Deed>,
    /// What was counted.
    pub counts: Counts,
}

/// Something a client was told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deed {
    /// Whose, as a place in [`Stage::buyers`].
    pub buyer: usize,
    /// What.
    pub what: Effect,
}

/// What a client was told. A new kind of call adds its own here, and what the rows must
/// say about it in `check`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Places are put aside.
    Held {
        /// The hold.
        hold: Uuid,
    },
    /// They are kept for longer.
    Extended,
    /// They were given back before they were paid.
    Released {
        /// The hold.
        hold: Uuid,
    },
    /// An order was placed; without tickets while its payment is not known.
    Bought {
        /// The order.
        order: Uuid,
        /// Its tickets.
        tickets: Vec<Uuid>,
        /// What it costs.
        total_minor: i64,
    },
    /// The payment was declined; the places stay aside.
    Declined {
        /// The hold.
        hold: Uuid,
    },
    /// Tickets were given back.
    Returned {
        /// The order.
        order: Uuid,
        /// The tickets that are dead now.
        tickets: Vec<Uuid>,
    },
    /// A ticket is somebody else's now.
    PassedOn {
        /// Its order.
        order: Uuid,
        /// The ticket that is dead now.
        ticket: Uuid,
        /// The one that it became.
        new_ticket: Uuid,
        /// Who has that, as a place in [`Stage::buyers`].
        to: usize,
    },
    /// A ticket was offered, and nobody took it: it is its holder's as before.
    Kept,
    /// Somebody is in line.
    Joined {
        /// The place in line.
        entry: Uuid,
    },
    /// Places are put aside for somebody in line.
    Offered {
        /// The place in line.
        entry: Uuid,
        /// The hold.
        hold: Uuid,
    },
    /// They wait no longer, or gave back what was offered.
    Left {
        /// The place in line.
        entry: Uuid,
    },
    /// A clear no.
    Refused {
        /// The code of the problem.
        code: String,
    },
}

/// Plain numbers of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Attempts made.
    pub attempts: u64,
    /// How long that took.
    pub seconds: f64,
    /// See [`Tally`].
    pub requests: u64,
    /// See [`Tally`].
    pub retries: u64,
    /// See [`Tally`].
    pub dropped: u64,
    /// See [`Tally`].
    pub compared: u64,
    /// See [`Tally`].
    pub differing: u64,
    /// See [`Tally`].
    pub unanswered: u64,
    /// See [`Tally`].
    pub unexpected: u64,
    /// See [`Tally`].
    pub examples: Vec<String>,
    /// How often the rows were audited while the rush was on.
    pub audits: u64,
    /// What those audits found; must be nothing.
    pub found_by_audits: Vec<String>,
    /// What was not settled in time afterwards.
    pub left_open: i64,
    /// Places that were left when the rush was over, and were sold to the last buyers.
    pub sold_at_last: u64,
}

impl Counts {
    /// Adds what clients counted.
    pub fn add(&mut self, tally: &Tally) {
        let count = |counter: &std::sync::atomic::AtomicU64| {
            counter.load(std::sync::atomic::Ordering::Relaxed)
        };
        self.requests += count(&tally.requests);
        self.retries += count(&tally.retries);
        self.dropped += count(&tally.dropped);
        self.compared += count(&tally.compared);
        self.differing += count(&tally.differing);
        self.unanswered += count(&tally.unanswered);
        self.unexpected += count(&tally.unexpected);
        if let Ok(examples) = tally.examples.lock() {
            self.examples.extend(examples.iter().cloned());
        }
    }
}

impl Journal {
    /// Nobody was told anything yet.
    pub fn of(stage: Stage) -> Self {
        Self {
            stage,
            deeds: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// The places in line that nobody was told to have left: whose, and which.
    pub fn places_in_line(&self) -> Vec<(usize, Uuid)> {
        let left: HashSet<Uuid> = self
            .deeds
            .iter()
            .filter_map(|deed| match deed.what {
                Effect::Left { entry } => Some(entry),
                _ => None,
            })
            .collect();
        let joined = self.deeds.iter().filter_map(|deed| match deed.what {
            Effect::Joined { entry } => Some((deed.buyer, entry)),
            _ => None,
        });
        joined.filter(|(_, entry)| !left.contains(entry)).collect()
    }

    /// Writes it.
    pub fn save(&self, path: &Path) -> Result<()> {
        fs::write(path, serde_json::to_vec(self)?)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Reads it.
    pub fn load(path: &Path) -> Result<Self> {
        let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(serde_json::from_slice(&text)?)
    }
}
