//! The checker: journals, rows and API must tell the same story.

mod api;
mod compare;

use anyhow::Result;
use serde::Serialize;
use store::{
    Conn, Db,
    pools::audit::{self, Recount, money},
};
use types::EventId;

use self::compare::{Ledger, Told};
use super::{
    journal::{Counts, Journal},
    shop::Shop,
};

/// What was broken meanwhile, for the table.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct Faults {
    /// How often a server process was killed.
    #[arg(long, default_value_t = 0)]
    pub kills: u64,
    /// How often the database was stopped at once.
    #[arg(long, default_value_t = 0)]
    pub database_stops: u64,
}

/// One line of the table.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What was counted.
    pub name: &'static str,
    /// How many.
    pub count: i64,
    /// Must there be none?
    pub is_promise: bool,
    /// Some of them, in words.
    pub examples: Vec<String>,
}

impl Finding {
    /// A number to know.
    fn fact(name: &'static str, count: impl TryInto<i64>) -> Self {
        Self {
            name,
            count: count.try_into().unwrap_or(i64::MAX),
            is_promise: false,
            examples: Vec::new(),
        }
    }

    /// A number that must be zero.
    fn promise(name: &'static str, count: impl TryInto<i64>, mut examples: Vec<String>) -> Self {
        examples.truncate(5);
        Self {
            is_promise: true,
            examples,
            ..Self::fact(name, count)
        }
    }

    /// As many as there are examples.
    fn promise_of(name: &'static str, found: Vec<String>) -> Self {
        Self::promise(name, found.len(), found)
    }
}

/// What must hold at every moment, also in the middle of a rush.
pub async fn at_any_moment(db: &Db) -> Result<Vec<String>> {
    let mut conn = db.conn().await?;
    let pools = audit::recount(&mut conn).await?;
    let mut found: Vec<String> = pools
        .iter()
        .filter(|pool| pool.has_drifted() || pool.free() < 0)
        .map(|pool| format!("{pool:?}"))
        .collect();
    let orders = money::misfits(&mut conn).await?;
    found.extend(orders.iter().map(|order| format!("money of order {order}")));
    Ok(found)
}

/// The whole table.
pub async fn everything(
    shop: &Shop,
    db: &Db,
    journal: &Journal,
    faults: &Faults,
) -> Result<Vec<Finding>> {
    let mut conn = db.conn().await?;
    let mut findings = run(journal, faults);
    findings.extend(clients(&journal.counts));
    findings.extend(rows(&mut conn, journal).await?);
    findings.push(Finding::promise_of(
        "API differs from rows",
        api::differences(shop, &mut conn, journal).await?,
    ));
    Ok(findings)
}

fn run(journal: &Journal, faults: &Faults) -> Vec<Finding> {
    let counts = &journal.counts;
    vec![
        Finding::fact("seed", journal.stage.size.seed),
        Finding::fact("places", journal.stage.size.places),
        Finding::fact("attempts", counts.attempts),
        Finding::fact("seconds", whole(counts.seconds)),
        Finding::fact("requests", counts.requests),
        Finding::fact("acknowledged", journal.deeds.len()),
        Finding::fact("server processes killed", faults.kills),
        Finding::fact("database stopped", faults.database_stops),
        Finding::fact("requests sent again", counts.retries),
        Finding::fact("answers dropped by clients", counts.dropped),
        Finding::fact("repetitions compared", counts.compared),
        Finding::fact("audits during the rush", counts.audits),
        Finding::fact("places left for the last buyers", counts.sold_at_last),
    ]
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "seconds of a run that is bounded"
)]
fn whole(seconds: f64) -> i64 {
    seconds.round() as i64
}

/// What the clients noticed themselves.
fn clients(counts: &Counts) -> Vec<Finding> {
    let examples = || counts.examples.clone();
    vec![
        Finding::promise("clients without an answer", counts.unanswered, Vec::new()),
        Finding::promise("unexpected answers", counts.unexpected, examples()),
        Finding::promise("repetitions with other bytes", counts.differing, examples()),
        Finding::promise_of("found by audits", counts.found_by_audits.clone()),
        Finding::promise("not settled in time", counts.left_open, Vec::new()),
    ]
}

/// Journal against rows, and rows against each other.
pub async fn rows(conn: &mut Conn, journal: &Journal) -> Result<Vec<Finding>> {
    let event = EventId(journal.stage.event);
    let pools = audit::recount(conn).await?;
    let (ledger, told) = (Ledger::read(conn, event).await?, Told::from(journal));
    let sums = money::sums(conn).await?;
    let (orders, holds) = (money::misfits(conn).await?, audit::misfits(conn).await?);
    Ok(vec![
        Finding::promise("oversold", places(&pools, |free| -free), words(&pools)),
        unsold(&pools, event),
        Finding::promise_of("acknowledged but missing", told.missing(&ledger)),
        Finding::promise_of("double effects", told.doubled(&ledger)),
        Finding::promise_of("counters that drifted", drifted(&pools)),
        Finding::fact("tickets passed on", told.passed_on()),
        Finding::fact("places in line", told.places_in_line()),
        Finding::fact("offers taken", ledger.offers_taken()),
        Finding::fact("order totals, in cents", sums.ordered),
        Finding::fact("taken by the provider", sums.taken),
        Finding::fact("given back", sums.returned),
        Finding::promise(
            "taken but not ordered",
            (sums.taken - sums.ordered).abs(),
            Vec::new(),
        ),
        Finding::promise_of("orders whose money is wrong", debug(&orders)),
        Finding::promise_of("orders without their tickets", ledger.ticketless()),
        Finding::promise_of("tickets without an order", ledger.orderless()),
        Finding::promise_of("holds and orders that misfit", debug(&holds)),
    ])
}

/// Places that nobody has although everybody who wanted one was asked at the end.
fn unsold(pools: &[Recount], event: EventId) -> Finding {
    let own = pools
        .iter()
        .filter(|pool| pool.event == event && pool.is_of_whole_event);
    let own: Vec<_> = own.cloned().collect();
    let left = places(&own, |free| free);
    Finding::promise("unsold while demand remained", left, Vec::new())
}

fn places(pools: &[Recount], count: impl Fn(i64) -> i64) -> i64 {
    pools.iter().map(|pool| count(pool.free()).max(0)).sum()
}

fn words(pools: &[Recount]) -> Vec<String> {
    let oversold = pools.iter().filter(|pool| pool.free() < 0);
    oversold.map(|pool| format!("{pool:?}")).collect()
}

fn drifted(pools: &[Recount]) -> Vec<String> {
    let drifted = pools.iter().filter(|pool| pool.has_drifted());
    drifted.map(|pool| format!("{pool:?}")).collect()
}

fn debug<T: std::fmt::Debug>(found: &[T]) -> Vec<String> {
    found.iter().map(|one| format!("{one:?}")).collect()
}
