//! The table.

use anyhow::{Result, bail};
use serde::Serialize;

use crate::measure::{Figures, memory_mib};

/// One scenario's line.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What was seen; `None` for scenarios that only count.
    pub figures: Option<Figures>,
    /// Requests per second ÷ the floor's.
    pub ratio: Option<f64>,
    /// What else is worth a line.
    pub notes: Vec<String>,
    /// Promises that did not hold.
    pub broken: Vec<String>,
}

/// All lines.
#[derive(Debug, Serialize)]
pub struct Report {
    #[serde(skip)]
    pid: Option<u32>,
    idle_mib: Option<f64>,
    rows: Vec<Row>,
}

impl Report {
    /// Notes the idle memory first.
    pub fn new(pid: Option<u32>) -> Self {
        let idle_mib = pid.and_then(|pid| memory_mib(pid).ok()).map(|(now, _)| now);
        Self {
            pid,
            idle_mib,
            rows: Vec::new(),
        }
    }

    /// Adds a line.
    pub fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Prints the table.
    pub fn print(&self) {
        println!(
            "{:<10} {:>9} {:>11} {:>9} {:>9} {:>10} {:>8}",
            "", "requests", "requests/s", "p50 ms", "p99 ms", "CPU µs", "÷ floor"
        );
        for row in &self.rows {
            if let Some(f) = &row.figures {
                let cpu = f
                    .cpu_us
                    .map_or_else(|| "-".to_owned(), |cpu| format!("{cpu:.0}"));
                let ratio = row
                    .ratio
                    .map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.3}"));
                println!(
                    "{:<10} {:>9} {:>11.0} {:>9.2} {:>9.2} {cpu:>10} {ratio:>8}",
                    row.name, f.requests, f.per_second, f.p50_ms, f.p99_ms
                );
            } else {
                println!("{}", row.name);
            }
            for note in &row.notes {
                println!("           {note}");
            }
        }
        if let Some((idle, (now, peak))) = self
            .idle_mib
            .zip(self.pid.and_then(|pid| memory_mib(pid).ok()))
        {
            println!(
                "memory of the server: {idle:.1} MiB before, {now:.1} MiB after, {peak:.1} MiB at its peak"
            );
        }
    }

    /// # Errors
    /// When a promise did not hold.
    pub fn verdict(&self) -> Result<()> {
        let broken: Vec<_> = self.rows.iter().flat_map(|row| &row.broken).collect();
        if broken.is_empty() {
            Ok(())
        } else {
            bail!("promises that did not hold: {broken:?}")
        }
    }
}
