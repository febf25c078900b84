//! Purchases, each with an idempotency key: order, ticket, key and outbox row are durable
//! before the answer.

use std::{
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use futures::future::try_join_all;

use super::{
    Bench, Seen,
    buyers::{self, BUYERS, OnSale, all_at_once, made},
};
use crate::{
    client::Target,
    floor::{disk, hot_row, plain, second::Second, settlement},
    measure::{Figures, timed},
};

/// How many events a crowd is spread over.
const EVENTS: usize = 100;
/// Part of the peak rate that a fixed rate is.
const BELOW_PEAK: f64 = 0.7;

/// Everybody on one event; beside it one hot row, settlement without HTTP, a plain handler.
pub async fn on_one_event(bench: &Bench) -> Result<Seen> {
    let sale = OnSale::fresh(&bench.target).await?;
    let mut seen: Seen = all_at_once(bench, std::slice::from_ref(&bench.target), |_| sale.clone())
        .await?
        .into();
    buyers::check(bench, &[sale], &mut seen).await?;
    let Some(url) = &bench.database_url else {
        return Ok(seen);
    };
    let ours = seen.figures.per_second;
    let row = hot_row(url, bench.plan.time.as_secs()).await?;
    seen.note(match row {
        Some(row) => format!(
            "F1, pgbench on one hot row, 64 clients: {row:.0} transactions/s; P1: ÷ that {:.2} (wanted 3)",
            ours / row
        ),
        None => "F1: no pgbench here".to_owned(),
    });
    let settled = settlement::rate(bench).await?;
    seen.note(format!(
        "F2, the same sales settled without HTTP: {settled:.0}/s; P2: ÷ that {:.2} (wanted 0.4)",
        ours / settled
    ));
    let plain = plain_crowd(bench).await?;
    seen.note(format!(
        "a plain handler, one transaction per request, {BUYERS} buyers: {:.0}/s, p50 {:.1} ms, p99 {:.1} ms",
        plain.per_second, plain.p50_ms, plain.p99_ms
    ));
    Ok(seen)
}

/// The same places in two calls.
pub async fn hold_then_pay(bench: &Bench) -> Result<Seen> {
    let sale = OnSale::fresh(&bench.target).await?;
    let mut seen: Seen = buyers::all_hold_then_pay(bench, &sale).await?.into();
    seen.note("one request here is both calls");
    buyers::check(bench, &[sale], &mut seen).await?;
    Ok(seen)
}

/// The crowd on a hundred events.
pub async fn on_many_events(bench: &Bench) -> Result<Seen> {
    let mut sales = Vec::new();
    for _ in 0..EVENTS {
        sales.push(OnSale::fresh(&bench.target).await?);
    }
    let targets = std::slice::from_ref(&bench.target);
    let figures = all_at_once(bench, targets, |at| sales[at % EVENTS].clone()).await?;
    let mut seen = figures.into();
    buyers::check(bench, &sales, &mut seen).await?;
    Ok(seen)
}

/// One event, and every other buyer at a second process. CPU is the first one's.
pub async fn at_two_processes(bench: &Bench) -> Result<Seen> {
    let program = bench.program.as_deref();
    let program = program.context("`two` needs --server-program")?;
    let second = Second::start(program).await?;
    let sale = OnSale::fresh(&bench.target).await?;
    let targets = [bench.target.clone(), second.target.clone()];
    let mut seen: Seen = all_at_once(bench, &targets, |_| sale.clone()).await?.into();
    buyers::check(bench, &[sale], &mut seen).await?;
    Ok(seen)
}

/// One request at a time, beside the same at a plain handler.
pub async fn one_buyer(bench: &Bench) -> Result<Seen> {
    let sale = OnSale::fresh(&bench.target).await?;
    let mut seen: Seen = in_turn(bench, &bench.target, &sale, bench.pid)
        .await?
        .into();
    buyers::check(bench, &[sale], &mut seen).await?;
    let other = OnSale::fresh(&bench.target).await?;
    let plain = plain_in_turn(bench, &other).await?;
    seen.note(format!(
        "a plain handler of the same rows: p50 {:.2} ms, p99 {:.2} ms; P3: p50 ÷ that {:.2} (wanted at most 1.2)",
        plain.p50_ms,
        plain.p99_ms,
        seen.figures.p50_ms / plain.p50_ms
    ));
    Ok(seen)
}

async fn in_turn(
    bench: &Bench,
    target: &Target,
    sale: &OnSale,
    pid: Option<u32>,
) -> Result<Figures> {
    let buyers = bench.crowd.buyers(&bench.target).await?;
    let asking = async {
        let mut connection = target.connect().await?;
        let (begin, mut times) = (Instant::now(), Vec::new());
        for buyer in buyers.iter().cycle() {
            if begin.elapsed() > bench.plan.time {
                break;
            }
            let asked = Instant::now();
            made(&mut connection, &sale.purchase(buyer)).await?;
            times.push(asked.elapsed());
        }
        anyhow::Ok(vec![times])
    };
    timed(pid, asking).await
}

async fn plain_in_turn(bench: &Bench, sale: &OnSale) -> Result<Figures> {
    let buyers = bench.crowd.buyers(&bench.target).await?;
    let asking = async {
        let mut connection = bench.floor.target.connect().await?;
        let (begin, mut times) = (Instant::now(), Vec::new());
        for buyer in buyers.iter().cycle() {
            if begin.elapsed() > bench.plan.time {
                break;
            }
            let asked = Instant::now();
            made(&mut connection, &plain::ask(sale, buyer)).await?;
            times.push(asked.elapsed());
        }
        anyhow::Ok(vec![times])
    };
    timed(None, asking).await
}

async fn plain_crowd(bench: &Bench) -> Result<Figures> {
    let sale = &OnSale::fresh(&bench.target).await?;
    let buyers = bench.crowd.buyers(&bench.target).await?;
    let loops = buyers.iter().map(|buyer| async move {
        let mut connection = bench.floor.target.connect().await?;
        let (begin, mut times) = (Instant::now(), Vec::new());
        while begin.elapsed() < bench.plan.time {
            let asked = Instant::now();
            made(&mut connection, &plain::ask(sale, buyer)).await?;
            times.push(asked.elapsed());
        }
        anyhow::Ok(times)
    });
    timed(None, try_join_all(loops)).await
}

/// Open loop: every request has its instant, and its time counts from that instant.
pub async fn at_a_fixed_rate(bench: &Bench) -> Result<Seen> {
    let sale = OnSale::fresh(&bench.target).await?;
    let targets = std::slice::from_ref(&bench.target);
    let peak = all_at_once(bench, targets, |_| sale.clone()).await?;
    let (rate, sale) = (
        peak.per_second * BELOW_PEAK,
        OnSale::fresh(&bench.target).await?,
    );
    let mut seen: Seen = scheduled(bench, &sale, rate).await?.into();
    seen.note(format!(
        "one request every {:.2} ms, {:.0} % of the peak of {:.0}/s",
        1e3 / rate,
        BELOW_PEAK * 100.0,
        peak.per_second
    ));
    buyers::check(bench, &[sale], &mut seen).await?;
    let disk = disk::sync_times().await?;
    let most = disk.p99_ms.mul_add(4.0, 5.0);
    seen.note(format!(
        "F3, {}: p50 {:.2} ms, p99 {:.2} ms; P3: p99 {:.1} ms (wanted at most {most:.1})",
        disk.how, disk.p50_ms, disk.p99_ms, seen.figures.p99_ms
    ));
    Ok(seen)
}

async fn scheduled(bench: &Bench, sale: &OnSale, rate: f64) -> Result<Figures> {
    let buyers = bench.crowd.buyers(&bench.target).await?;
    let (next, begin) = (&AtomicU32::new(0), Instant::now());
    let loops = buyers.iter().map(|buyer| async move {
        let (mut connection, mut times) = (bench.target.connect().await?, Vec::new());
        loop {
            let due = Duration::from_secs_f64(f64::from(next.fetch_add(1, Relaxed)) / rate);
            if due > bench.plan.time {
                return anyhow::Ok(times);
            }
            tokio::time::sleep_until((begin + due).into()).await;
            made(&mut connection, &sale.purchase(buyer)).await?;
            times.push((begin + due).elapsed());
        }
    });
    timed(bench.pid, try_join_all(loops)).await
}
