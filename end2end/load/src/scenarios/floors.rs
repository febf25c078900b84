//! Sales without the product around them, before and after it.

use anyhow::{Context, Result};

use super::{
    Bench, Seen,
    buyers::{BUYERS, CREATED, OnSale, Turns},
};
use crate::{
    client::Connection,
    floor::{hot_row, plain, settlement},
    measure::{Call, Figures, Run, call},
};

/// What was measured so far.
#[derive(Default)]
pub struct Floors {
    hot_row: Option<f64>,
    settled: Option<f64>,
    plain: Option<Figures>,
}

impl Floors {
    /// All of them, each for half the time. Whichever fails is told.
    pub async fn measure(&mut self, bench: &Bench, seen: &mut Seen) {
        if bench.database.is_none() {
            seen.note("no floors: the database's address is not known");
            return;
        }
        let row = one_row(bench).await;
        self.hot_row = between(self.hot_row, seen.tried("F1", row));
        let settled = settled(bench, seen).await;
        self.settled = between(self.settled, seen.tried("F2", settled));
        let crowd = plain_handler(bench, BUYERS, seen).await;
        let crowd = seen.tried("the plain handler", crowd);
        self.plain = figures_between(self.plain.take(), crowd);
    }

    /// What is `ours` beside them?
    pub fn compare(&self, ours: f64, seen: &mut Seen) {
        if let Some(row) = self.hot_row {
            let ratio = ours / row;
            seen.number("F1_per_second", row);
            seen.number("P1", ratio);
            seen.note(format!(
                "F1, pgbench on one hot row, 64 clients: {row:.0} transactions/s; P1: ÷ that {ratio:.2} (wanted 3)"
            ));
        }
        if let Some(settled) = self.settled {
            let ratio = ours / settled;
            seen.number("F2_per_second", settled);
            seen.number("P2", ratio);
            seen.note(format!(
                "F2, the same sales settled without HTTP: {settled:.0}/s; P2: ÷ that {ratio:.2} (wanted 0.4)"
            ));
        }
        if let Some(plain) = &self.plain {
            seen.number("plain_per_second", plain.per_second);
            seen.note(format!(
                "a plain handler, one transaction per request, {BUYERS} buyers: {:.0}/s, p50 {:.1} ms, p99 {:.1} ms",
                plain.per_second, plain.p50_ms, plain.p99_ms
            ));
        }
    }
}

async fn one_row(bench: &Bench) -> Result<f64> {
    let database = bench.database.as_ref();
    let database = database.context("no database address")?;
    database.quiet().await?;
    hot_row(database, bench.half(1).time.as_secs().max(2)).await
}

async fn settled(bench: &Bench, seen: &mut Seen) -> Result<f64> {
    let sale = OnSale::fresh(&bench.target).await?;
    let settled = settlement::rate(bench, &sale, bench.half(BUYERS).time).await?;
    seen.compare(bench, "F2", &[sale], settled.sold).await;
    Ok(settled.per_second)
}

/// Purchases at the plain handler, for half the time.
pub async fn plain_handler(bench: &Bench, connections: usize, seen: &mut Seen) -> Result<Figures> {
    let sale = &OnSale::fresh(&bench.target).await?;
    let turns = &Turns::of(bench).await?;
    let buy = async |connection: &mut Connection| {
        let Some((_, buyer)) = turns.next() else {
            return Call::Over;
        };
        call(connection, &plain::ask(sale, buyer), CREATED).await
    };
    let run = Run {
        doors: std::slice::from_ref(&bench.floor.target),
        pids: std::slice::from_ref(&bench.floor.pid),
        plan: bench.half(connections),
        rate: None,
    };
    let load = bench.load(run, &buy).await?;
    let what = "the plain handler";
    seen.note_load(what, &load);
    let sales = std::slice::from_ref(sale);
    seen.compare(bench, what, sales, load.acknowledged).await;
    Ok(load.figures)
}

/// Of two measurements what lies between them; of one, that one.
pub fn figures_between(earlier: Option<Figures>, now: Option<Figures>) -> Option<Figures> {
    match (earlier, now) {
        (Some(earlier), Some(now)) => Some(earlier.between(&now)),
        (earlier, now) => earlier.or(now),
    }
}

fn between(earlier: Option<f64>, now: Option<f64>) -> Option<f64> {
    match (earlier, now) {
        (Some(earlier), Some(now)) => Some(f64::midpoint(earlier, now)),
        (earlier, now) => earlier.or(now),
    }
}
