//! Closed and open loops, percentiles, and what processes used.

use std::{
    collections::BTreeMap,
    fs,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;

use crate::client::{Answer, Ask, Connection, Target};

/// How many ask, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Connections at once.
    pub connections: usize,
    /// Bound of the measurement.
    pub time: Duration,
}

/// What was seen.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub struct Figures {
    /// Answers that were as they should be.
    pub requests: u64,
    /// Those per second.
    pub per_second: f64,
    /// Milliseconds.
    pub p50_ms: f64,
    /// Milliseconds.
    pub p99_ms: f64,
    /// Microseconds of the server's CPU per answer, when its processes are known.
    pub cpu_us: Option<f64>,
    /// Microseconds of this program's CPU per answer.
    pub client_cpu_us: f64,
}

impl Figures {
    /// Two measurements of the same as one: what lies between them.
    pub fn between(&self, other: &Self) -> Self {
        let cpu = self.cpu_us.zip(other.cpu_us);
        Self {
            requests: self.requests + other.requests,
            per_second: f64::midpoint(self.per_second, other.per_second),
            p50_ms: f64::midpoint(self.p50_ms, other.p50_ms),
            p99_ms: f64::midpoint(self.p99_ms, other.p99_ms),
            cpu_us: cpu.map(|(one, another)| f64::midpoint(one, another)),
            client_cpu_us: f64::midpoint(self.client_cpu_us, other.client_cpu_us),
        }
    }
}

/// How one call went.
pub enum Call {
    /// As it should, in this time.
    Right(Duration),
    /// Otherwise: status and code.
    Wrong(String),
    /// There is nothing more to ask for.
    Over,
}

/// Which answer is right.
#[derive(Clone, Copy, Debug)]
pub enum Wanted {
    /// One of this status.
    Status(u16),
    /// A refusal whose body says this: searched, not parsed, because the loop is to cost little.
    Refusal(&'static str),
}

impl Wanted {
    fn is(self, answer: &Answer) -> bool {
        match self {
            Self::Status(status) => answer.status == status,
            Self::Refusal(says) => {
                let body = String::from_utf8_lossy(&answer.body);
                answer.status.is_client_error() && body.contains(says)
            }
        }
    }
}

/// Asks. The clock stops when the answer is here, before anybody reads it.
pub async fn call(connection: &mut Connection, ask: &Ask, wanted: Wanted) -> Call {
    match timed_answer(connection, ask, wanted).await {
        Ok((took, _)) => Call::Right(took),
        Err(wrong) => Call::Wrong(wrong),
    }
}

/// The same with the answer.
///
/// # Errors
/// What was answered instead.
pub async fn timed_answer(
    connection: &mut Connection,
    ask: &Ask,
    wanted: Wanted,
) -> Result<(Duration, Answer), String> {
    let asked = Instant::now();
    let answer = connection.ask(ask).await;
    let took = asked.elapsed();
    match answer {
        Ok(answer) if wanted.is(&answer) => Ok((took, answer)),
        Ok(answer) => Err(format!("{} {}", answer.status.as_u16(), answer.code())),
        Err(error) => Err(format!("no answer: {error:#}")),
    }
}

/// What one connection was told.
#[derive(Default)]
struct Told {
    times: Vec<Duration>,
    wrong: BTreeMap<String, u64>,
    is_over: bool,
}

impl Told {
    fn note(&mut self, call: Call) {
        match call {
            Call::Right(took) => self.times.push(took),
            Call::Wrong(what) => *self.wrong.entry(what).or_default() += 1,
            Call::Over => self.is_over = true,
        }
    }
}

/// What a load was answered.
#[derive(Debug, Default)]
pub struct Load {
    /// The right answers.
    pub figures: Figures,
    /// Right answers, those of the warm-up too.
    pub acknowledged: u64,
    /// Which other answers there were, and how many.
    pub wrong: BTreeMap<String, u64>,
    /// Was there nothing more to ask for before the time was over?
    pub ended_early: bool,
}

impl Load {
    /// Counts the answers of a warm-up with its own.
    pub fn add_warm_up(&mut self, warm_up: Self) {
        self.acknowledged += warm_up.acknowledged;
        self.ended_early |= warm_up.ended_early;
        for (what, count) in warm_up.wrong {
            *self.wrong.entry(what).or_default() += count;
        }
    }
}

/// Who is asked, how fast, and for how long.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// One connection after the other goes to the next.
    pub doors: &'a [Target],
    /// The processes behind them whose CPU time is counted.
    pub pids: &'a [u32],
    /// How many ask, and for how long.
    pub plan: Plan,
    /// Open loop: so many calls per second, and the time of each counts from the instant it was
    /// due. Without it every connection asks again when it was answered.
    pub rate: Option<f64>,
}

impl Run<'_> {
    /// Does it, with one call after the other on every connection.
    ///
    /// # Errors
    /// When there is no connection, or not one right answer.
    pub async fn load(self, call: &impl AsyncFn(&mut Connection) -> Call) -> Result<Load> {
        let (next, begin) = (&AtomicU32::new(0), Instant::now());
        let loops = (0..self.plan.connections).map(|at| async move {
            let door = &self.doors[at % self.doors.len()];
            let (mut connection, mut told) = (door.connect().await?, Told::default());
            // In an open loop a late call is made nevertheless: its waiting counts.
            while !told.is_over && (self.rate.is_some() || begin.elapsed() < self.plan.time) {
                let due = self.rate.map(|rate| begin + nth(next, rate));
                if let Some(due) = due {
                    if due > begin + self.plan.time {
                        break;
                    }
                    tokio::time::sleep_until(due.into()).await;
                }
                let answer = call(&mut connection).await;
                told.note(match (answer, due) {
                    (Call::Right(_), Some(due)) => Call::Right(due.elapsed()),
                    (answer, _) => answer,
                });
                if !connection.is_open() {
                    connection = door.connect().await?;
                }
            }
            anyhow::Ok(told)
        });
        let (cpu, client) = (cpu_times(self.pids)?, cpu_time(std::process::id())?);
        let told = try_join_all(loops).await?;
        let took = begin.elapsed();
        let cpu = cpu_times(self.pids)?.saturating_sub(cpu);
        let client = cpu_time(std::process::id())?.saturating_sub(client);
        let mut load = sum(told, took)?;
        let per_answer = |time: Duration| time.as_secs_f64() * 1e6 / float(load.acknowledged);
        load.figures.cpu_us = (!self.pids.is_empty()).then(|| per_answer(cpu));
        load.figures.client_cpu_us = per_answer(client);
        Ok(load)
    }
}

/// When the next call is due, from the beginning on.
fn nth(next: &AtomicU32, rate: f64) -> Duration {
    Duration::from_secs_f64(f64::from(next.fetch_add(1, Relaxed)) / rate)
}

fn sum(told: Vec<Told>, took: Duration) -> Result<Load> {
    let (mut load, mut times) = (Load::default(), Vec::new());
    for told in told {
        times.extend(told.times);
        load.ended_early |= told.is_over;
        for (what, count) in told.wrong {
            *load.wrong.entry(what).or_default() += count;
        }
    }
    ensure!(!times.is_empty(), "no right answer, but {:?}", load.wrong);
    times.sort_unstable();
    load.acknowledged = u64::try_from(times.len())?;
    load.figures = Figures {
        requests: load.acknowledged,
        per_second: float(load.acknowledged) / took.as_secs_f64(),
        p50_ms: percentile(&times, 50),
        p99_ms: percentile(&times, 99),
        ..Figures::default()
    };
    Ok(load)
}

/// A count, for dividing.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of a bounded run are far below 2^52"
)]
pub fn float(count: u64) -> f64 {
    count as f64
}

/// In milliseconds; the times are sorted and not none.
pub fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)].as_secs_f64() * 1e3
}

fn cpu_times(pids: &[u32]) -> Result<Duration> {
    pids.iter().map(|pid| cpu_time(*pid)).sum()
}

/// User and system time of a process (proc(5): fields 14 and 15, in ticks of 10 ms).
fn cpu_time(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))
        .with_context(|| format!("process {pid}"))?;
    let fields = stat
        .rsplit_once(')')
        .context("a stat line")?
        .1
        .split_whitespace();
    let ticks = fields
        .skip(11)
        .take(2)
        .map(str::parse::<u64>)
        .sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// From now on the peak is counted anew (proc(5): `clear_refs`).
pub fn forget_peak_memory(pid: u32) -> Result<()> {
    Ok(fs::write(format!("/proc/{pid}/clear_refs"), "5")?)
}

/// Resident memory of a process in MiB: now and at its peak.
pub fn memory_mib(pid: u32) -> Result<(f64, f64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let field = |name: &str| -> Result<f64> {
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .context("a status line")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    };
    Ok((field("VmRSS:")?, field("VmHWM:")?))
}
