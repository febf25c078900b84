//! Closed loops, percentiles, and what the server's process used.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;

use crate::client::{Ask, Target};

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
    /// Answers.
    pub requests: u64,
    /// Answers per second.
    pub per_second: f64,
    /// Milliseconds.
    pub p50_ms: f64,
    /// Milliseconds.
    pub p99_ms: f64,
    /// Microseconds of the server's CPU per answer, when its process is known.
    pub cpu_us: Option<f64>,
}

/// Asks the same in closed loops; every answer must be a 200.
pub async fn repeat(target: &Target, ask: &Ask, plan: Plan, pid: Option<u32>) -> Result<Figures> {
    let loops = (0..plan.connections).map(|_| async {
        let mut connection = target.connect().await?;
        let (begin, mut times) = (Instant::now(), Vec::new());
        while begin.elapsed() < plan.time {
            let asked = Instant::now();
            let answer = connection.ask(ask).await?;
            ensure!(
                answer.status == 200,
                "{} answered {}",
                ask.path,
                answer.status
            );
            times.push(asked.elapsed());
        }
        anyhow::Ok(times)
    });
    timed(pid, try_join_all(loops)).await
}

/// Runs loops that return the time of each answer, and sums them up.
pub async fn timed(
    pid: Option<u32>,
    loops: impl Future<Output = Result<Vec<Vec<Duration>>>>,
) -> Result<Figures> {
    let (begin, cpu) = (Instant::now(), pid.map(cpu_time).transpose()?);
    let times = loops.await?;
    let (took, cpu_after) = (begin.elapsed(), pid.map(cpu_time).transpose()?);
    let mut times: Vec<Duration> = times.into_iter().flatten().collect();
    ensure!(!times.is_empty(), "no answer at all");
    times.sort_unstable();
    let requests = u64::try_from(times.len())?;
    #[expect(clippy::cast_precision_loss, reason = "a count of answers fits")]
    let count = requests as f64;
    let cpu_us = cpu
        .zip(cpu_after)
        .map(|(before, after)| after.saturating_sub(before).as_secs_f64() * 1e6 / count);
    Ok(Figures {
        requests,
        per_second: count / took.as_secs_f64(),
        p50_ms: percentile(&times, 50),
        p99_ms: percentile(&times, 99),
        cpu_us,
    })
}

/// In milliseconds; the times are sorted and not none.
pub fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)].as_secs_f64() * 1e3
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
