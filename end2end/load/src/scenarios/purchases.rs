//! Purchases, each with an idempotency key: order, ticket, key and outbox row are durable
//! before the answer.

use anyhow::{Context, Result};

use super::{
    Bench, Seen,
    buyers::{self, OnSale, purchases},
    floors::{Floors, figures_between, plain_handler},
};
use crate::{
    floor::{
        disk::{self, Disk},
        second::Second,
    },
    measure::{Plan, Run},
};

/// How many events a crowd is spread over.
const EVENTS: usize = 100;
/// Part of the peak rate that a fixed rate is.
const BELOW_PEAK: f64 = 0.7;

/// Everybody on one event; before and after it one hot row, settlement without HTTP, a plain handler.
pub async fn on_one_event(bench: &Bench) -> Result<Seen> {
    let (mut floors, mut earlier) = (Floors::default(), Seen::default());
    floors.measure(bench, &mut earlier).await;
    let mut seen = everybody(bench, bench.crowd_run()).await?;
    seen.add(earlier);
    floors.measure(bench, &mut seen).await;
    floors.compare(seen.figures.per_second, &mut seen);
    Ok(seen)
}

/// Everybody on one event, and nothing else.
async fn everybody(bench: &Bench, run: Run<'_>) -> Result<Seen> {
    let sale = OnSale::fresh(&bench.target).await?;
    let load = purchases(bench, run, |_| sale.clone()).await?;
    let acknowledged = load.acknowledged;
    let mut seen = Seen::of("purchases", load);
    seen.compare(bench, "purchases", &[sale], acknowledged)
        .await;
    Ok(seen)
}

/// The same places in two calls.
pub async fn hold_then_pay(bench: &Bench) -> Result<Seen> {
    let sale = OnSale::fresh(&bench.target).await?;
    let load = buyers::holds_then_paid(bench, bench.crowd_run(), &sale).await?;
    let acknowledged = load.acknowledged;
    let mut seen = Seen::of("hold and pay", load);
    seen.note("one request here is both calls");
    seen.compare(bench, "hold and pay", &[sale], acknowledged)
        .await;
    Ok(seen)
}

/// The crowd on a hundred events.
pub async fn on_many_events(bench: &Bench) -> Result<Seen> {
    let mut sales = Vec::new();
    for _ in 0..EVENTS {
        sales.push(OnSale::fresh(&bench.target).await?);
    }
    let choose = |turn: usize| sales[turn % EVENTS].clone();
    let load = purchases(bench, bench.crowd_run(), choose).await?;
    let acknowledged = load.acknowledged;
    let mut seen = Seen::of("purchases", load);
    seen.compare(bench, "purchases", &sales, acknowledged).await;
    Ok(seen)
}

/// One event, and every other buyer at a second process. CPU is that of both.
pub async fn at_two_processes(bench: &Bench) -> Result<Seen> {
    let program = bench.program.as_deref();
    let program = program.context("`two` needs --server-program")?;
    let second = Second::start(program, &bench.logs.join("second.log")).await?;
    let doors = [bench.target.clone(), second.target.clone()];
    let pids: Vec<u32> = bench.pid.into_iter().chain([second.pid]).collect();
    let run = Run {
        doors: &doors,
        pids: &pids,
        ..bench.crowd_run()
    };
    let seen = everybody(bench, run).await;
    let stopped = second.stop().await;
    let mut seen = seen?;
    seen.tried("the second process", stopped);
    Ok(seen)
}

/// One request at a time, between two times the same at a plain handler.
pub async fn one_buyer(bench: &Bench) -> Result<Seen> {
    let mut earlier = Seen::default();
    let before = plain_handler(bench, 1, &mut earlier).await;
    let before = earlier.tried("the plain handler", before);
    let plan = Plan {
        connections: 1,
        ..bench.plan
    };
    let run = bench.crowd_run();
    let mut seen = everybody(bench, Run { plan, ..run }).await?;
    seen.add(earlier);
    let after = plain_handler(bench, 1, &mut seen).await;
    let after = seen.tried("the plain handler", after);
    if let Some(plain) = figures_between(before, after) {
        let ratio = seen.figures.p50_ms / plain.p50_ms;
        seen.number("plain_alone_p50_ms", plain.p50_ms);
        seen.number("P3_alone", ratio);
        seen.note(format!(
            "a plain handler of the same rows: p50 {:.2} ms, p99 {:.2} ms; P3: p50 ÷ that {ratio:.2} (wanted at most 1.2)",
            plain.p50_ms, plain.p99_ms
        ));
    }
    Ok(seen)
}

/// Open loop below the peak: every request has its instant, and its time counts from that instant.
pub async fn at_a_fixed_rate(bench: &Bench) -> Result<Seen> {
    let mut peak = everybody(bench, bench.crowd_run()).await?;
    let before = disk_now(bench, &mut peak).await;
    let peak_rate = peak.figures.per_second;
    let rate = peak_rate * BELOW_PEAK;
    let run = Run {
        rate: Some(rate),
        ..bench.crowd_run()
    };
    let mut seen = everybody(bench, run).await?;
    seen.add(peak);
    seen.note(format!(
        "one request every {:.2} ms, {:.0} % of the peak of {peak_rate:.0}/s",
        1e3 / rate,
        BELOW_PEAK * 100.0,
    ));
    let after = disk_now(bench, &mut seen).await;
    if let Some((before, after)) = before.zip(after) {
        beside(&before.between(after), &mut seen);
    }
    Ok(seen)
}

/// F3, told when it fails.
async fn disk_now(bench: &Bench, seen: &mut Seen) -> Option<Disk> {
    let disk = disk::sync_times(bench.database.as_ref()).await;
    seen.tried("F3", disk)
}

fn beside(disk: &Disk, seen: &mut Seen) {
    let (p99, most) = (seen.figures.p99_ms, disk.p99_ms.mul_add(4.0, 5.0));
    seen.number("F3_p50_ms", disk.p50_ms);
    seen.number("F3_p99_ms", disk.p99_ms);
    seen.number("P3_p99_ms", p99);
    seen.number("P3_p99_ms_wanted", most);
    seen.note(format!(
        "F3, {}: p50 {:.2} ms, p99 {:.2} ms; P3: p99 {p99:.1} ms (wanted at most {most:.1})",
        disk.how, disk.p50_ms, disk.p99_ms
    ));
}
