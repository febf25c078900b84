//! What is measured.

mod buyers;
mod bytes;
mod purchases;
mod sold_out;

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result};

pub use self::buyers::{Buyer, Crowd, OnSale};
use crate::{
    client::{Ask, Target},
    floor::Floor,
    measure::{Figures, Plan, repeat},
    report::Row,
    world,
};

/// One thing to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// An event page, rendered in full.
    Page,
    /// One event as JSON.
    Event,
    /// Twenty events as JSON.
    List,
    /// Free one-call purchases on one event.
    Purchase,
    /// The same in two calls: hold, then pay.
    Hold,
    /// One-call purchases spread over a hundred events.
    Events,
    /// One-call purchases on one event at two processes.
    Two,
    /// One buyer after the other.
    Alone,
    /// Purchases at a fixed rate, below the peak.
    Steady,
    /// Refusals of a sold-out event.
    SoldOut,
    /// The same to calls with a key.
    SoldOutKey,
    /// What a first visit downloads.
    Bytes,
}

/// Everything a scenario works with.
pub struct Bench {
    /// The server under test.
    pub target: Target,
    /// Its process, if it is known.
    pub pid: Option<u32>,
    /// Its Postgres, if it is known.
    pub database_url: Option<String>,
    /// Its program, for a second process.
    pub program: Option<PathBuf>,
    /// The floor in a process of its own.
    pub floor: Floor,
    /// How many ask, and for how long.
    pub plan: Plan,
    /// Those who buy, made when the first scenario needs them.
    pub crowd: Crowd,
}

/// What a scenario saw.
#[derive(Default)]
pub struct Seen {
    /// Its line of the table.
    pub figures: Figures,
    /// What else is worth a line.
    pub notes: Vec<String>,
    /// Promises that did not hold.
    pub broken: Vec<String>,
}

impl From<Figures> for Seen {
    fn from(figures: Figures) -> Self {
        Self {
            figures,
            ..Self::default()
        }
    }
}

impl Seen {
    /// With another line.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }
}

impl Scenario {
    const ALL: [Self; 12] = [
        Self::Page,
        Self::Event,
        Self::List,
        Self::Purchase,
        Self::Hold,
        Self::Events,
        Self::Two,
        Self::Alone,
        Self::Steady,
        Self::SoldOut,
        Self::SoldOutKey,
        Self::Bytes,
    ];

    /// As typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Event => "event",
            Self::List => "list",
            Self::Purchase => "purchase",
            Self::Hold => "hold",
            Self::Events => "events",
            Self::Two => "two",
            Self::Alone => "alone",
            Self::Steady => "steady",
            Self::SoldOut => "sold-out",
            Self::SoldOutKey => "sold-out-key",
            Self::Bytes => "bytes",
        }
    }

    /// The named ones, or all.
    pub fn chosen(names: &[String]) -> Result<Vec<Self>> {
        if names.is_empty() {
            return Ok(Self::ALL.to_vec());
        }
        let find = |name: &String| {
            Self::ALL
                .into_iter()
                .find(|scenario| scenario.name() == name)
        };
        names
            .iter()
            .map(|name| find(name).with_context(|| format!("no scenario is called {name}")))
            .collect()
    }

    /// Measures it between two measurements of the floor.
    pub async fn run(self, bench: &Bench) -> Result<Row> {
        if self == Self::Bytes {
            return bytes::count(&bench.target).await;
        }
        let before = bench.hello().await?;
        let mut seen = self.measure(bench).await?;
        let floor = f64::midpoint(before, bench.hello().await?);
        seen.note(format!("floor: {floor:.0} requests/s"));
        Ok(Row {
            name: self.name(),
            ratio: Some(seen.figures.per_second / floor),
            figures: Some(seen.figures),
            notes: seen.notes,
            broken: seen.broken,
        })
    }

    async fn measure(self, bench: &Bench) -> Result<Seen> {
        let path = match self {
            Self::Page => format!("/events/{}", bench.some_event().await?),
            Self::Event => format!("/api/v1/events/{}", bench.some_event().await?),
            Self::List => "/api/v1/events?limit=20".to_owned(),
            Self::Purchase => return purchases::on_one_event(bench).await,
            Self::Hold => return purchases::hold_then_pay(bench).await,
            Self::Events => return purchases::on_many_events(bench).await,
            Self::Two => return purchases::at_two_processes(bench).await,
            Self::Alone => return purchases::one_buyer(bench).await,
            Self::Steady => return purchases::at_a_fixed_rate(bench).await,
            Self::SoldOut => return sold_out::refusals(bench, false).await,
            Self::SoldOutKey => return sold_out::refusals(bench, true).await,
            Self::Bytes => return Ok(Seen::default()),
        };
        let figures = repeat(&bench.target, &Ask::get(path), bench.plan, bench.pid).await?;
        Ok(figures.into())
    }
}

impl Bench {
    /// Requests per second of an axum that answers "hello".
    async fn hello(&self) -> Result<f64> {
        let short = Plan {
            time: self.plan.time.min(Duration::from_secs(2)),
            ..self.plan
        };
        let figures = repeat(&self.floor.target, &Ask::get("/"), short, None).await?;
        Ok(figures.per_second)
    }

    async fn some_event(&self) -> Result<String> {
        Ok(world::free_event(&self.target, 100).await?.0)
    }
}
