//! What is measured.

mod buyers;
mod bytes;
mod floors;
mod loads;
mod purchases;
mod sold_out;

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, Result};

pub use self::{
    buyers::{ACCOUNTS, BUYERS, Buyer, Crowd, OnSale, Turns},
    loads::WARM_UP,
};
use crate::{
    client::{Ask, Target},
    database::Database,
    floor::Floor,
    measure::{Figures, Load, Plan, forget_peak_memory, memory_mib},
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
    pub database: Option<Database>,
    /// Its program, for a second process.
    pub program: Option<PathBuf>,
    /// The folder for what that says.
    pub logs: PathBuf,
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
    /// The same for programs: floors and targets by their names.
    pub numbers: BTreeMap<&'static str, f64>,
    /// Promises that did not hold.
    pub broken: Vec<String>,
}

impl Seen {
    /// What a load was answered; `what` was asked.
    pub fn of(what: &str, load: Load) -> Self {
        let mut seen = Self::default();
        seen.note_load(what, &load);
        seen.figures = load.figures;
        seen
    }

    /// Tells of answers that should have been others.
    pub fn note_load(&mut self, what: &str, load: &Load) {
        for (answer, count) in &load.wrong {
            let broken = format!("{what}: {count} times answered {answer}");
            self.broken.push(broken);
        }
        if load.ended_early {
            self.note(format!("{what}: nobody may buy more, so it ended early"));
        }
    }

    /// With another line.
    pub fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// With another number.
    pub fn number(&mut self, name: &'static str, value: f64) {
        self.numbers.insert(name, value);
    }

    /// What was tried, or none and why: one failure does not end the others.
    pub fn tried<T>(&mut self, what: &str, result: Result<T>) -> Option<T> {
        if let Err(error) = &result {
            self.broken.push(format!("{what}: {error:#}"));
        }
        result.ok()
    }

    /// With what else was seen, but for the figures.
    pub fn add(&mut self, other: Self) {
        self.notes.extend(other.notes);
        self.numbers.extend(other.numbers);
        self.broken.extend(other.broken);
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

    /// Measures it. Whatever fails is told in its line.
    pub async fn run(self, bench: &Bench) -> Row {
        let row = match self {
            Self::Bytes => bytes::count(&bench.target).await,
            _ => self.between_floors(bench).await,
        };
        row.unwrap_or_else(|error| Row {
            name: self.name(),
            broken: vec![format!("{error:#}")],
            ..Row::default()
        })
    }

    /// Measures it between two measurements of "hello".
    async fn between_floors(self, bench: &Bench) -> Result<Row> {
        let before = self.hello(bench).await?;
        // Without leave to forget, the peak would be that of an earlier line.
        let pid = bench.pid.filter(|pid| forget_peak_memory(*pid).is_ok());
        let mut seen = self.measure(bench).await?;
        let peak_mib = pid.and_then(|pid| memory_mib(pid).ok());
        if let Some(database) = &bench.database {
            if self.sells() {
                let recounted = seen.recount(database).await;
                seen.tried("recounting the rows", recounted);
            }
            if let Some(left) = database.left() {
                seen.note(format!(
                    "{left} messages and mails were under way still when a load began"
                ));
            }
        }
        let after = self.hello(bench).await;
        let after = seen.tried("F4", after).flatten();
        let floor = floors::figures_between(before, after);
        if let Some(floor) = &floor {
            self.compare(floor, &mut seen);
        }
        Ok(Row {
            name: self.name(),
            ratio: floor
                .as_ref()
                .map(|floor| seen.figures.per_second / floor.per_second),
            figures: Some(seen.figures),
            floor,
            peak_mib: peak_mib.map(|(_, peak)| peak),
            notes: seen.notes,
            numbers: seen.numbers,
            broken: seen.broken,
        })
    }

    /// Requests per second of an axum that answers "hello" to as many connections. None where one
    /// buyer, or a fixed rate, cannot be compared with it.
    async fn hello(self, bench: &Bench) -> Result<Option<Figures>> {
        match self {
            Self::Alone | Self::Steady | Self::Bytes => Ok(None),
            Self::Page | Self::Event | Self::List => {
                bench.hello(bench.plan.connections).await.map(Some)
            }
            _ => bench.hello(BUYERS).await.map(Some),
        }
    }

    fn compare(self, floor: &Figures, seen: &mut Seen) {
        let ratio = seen.figures.per_second / floor.per_second;
        seen.number("F4_per_second", floor.per_second);
        match self {
            Self::SoldOut => seen.number("P4", ratio),
            Self::SoldOutKey => seen.number("P4_with_key", ratio),
            _ => {}
        }
        let target = if self == Self::SoldOut {
            format!("; P4: ÷ that {ratio:.2} (wanted 0.6)")
        } else {
            String::new()
        };
        seen.note(format!("F4: {:.0} requests/s{target}", floor.per_second));
        if let Some((ours, theirs)) = seen.figures.cpu_us.zip(floor.cpu_us) {
            let (client, beside) = (seen.figures.client_cpu_us, floor.client_cpu_us);
            seen.number("cpu_ratio", ours / theirs);
            seen.note(format!(
                "CPU per answer: {ours:.1} µs, F4 {theirs:.1} µs, ÷ that {:.2}; this client {client:.1} µs, beside F4 {beside:.1} µs",
                ours / theirs
            ));
        }
    }

    fn sells(self) -> bool {
        !matches!(self, Self::Page | Self::Event | Self::List | Self::Bytes)
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
        let load = bench.repeat(bench.run(), &Ask::get(path)).await?;
        Ok(Seen::of("reading", load))
    }
}

impl Bench {
    async fn some_event(&self) -> Result<String> {
        Ok(world::free_event(&self.target, 100).await?.0)
    }
}
