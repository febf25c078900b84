//! The table.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Result, bail};
use serde::Serialize;

use crate::{
    about::About,
    measure::{Figures, memory_mib},
};

/// What the numbers are measured against; for `P3_alone` it is the most, else the least. What is
/// wanted of `P3_p99_ms` follows from F3 and stands beside it.
const WANTED: [(&str, f64); 4] = [("P1", 3.0), ("P2", 0.4), ("P3_alone", 1.2), ("P4", 0.6)];

/// One scenario's line.
#[derive(Debug, Default, Serialize)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    /// What was seen; `None` for scenarios that only count, or failed.
    pub figures: Option<Figures>,
    /// The axum that answers "hello" to as many, right before and after.
    pub floor: Option<Figures>,
    /// Requests per second ÷ the floor's.
    pub ratio: Option<f64>,
    /// The server's peak memory during it.
    pub peak_mib: Option<f64>,
    /// What else is worth a line.
    pub notes: Vec<String>,
    /// The same for programs.
    pub numbers: BTreeMap<&'static str, f64>,
    /// Promises that did not hold.
    pub broken: Vec<String>,
}

/// All lines.
#[derive(Debug, Serialize)]
pub struct Report {
    #[serde(skip)]
    pid: Option<u32>,
    about: About,
    idle_mib: Option<f64>,
    wanted: BTreeMap<&'static str, f64>,
    /// Floors and targets that no two lines have.
    numbers: BTreeMap<&'static str, f64>,
    rows: Vec<Row>,
}

impl Report {
    /// Notes the idle memory first.
    pub fn new(pid: Option<u32>, about: About) -> Self {
        let idle_mib = pid.and_then(|pid| memory_mib(pid).ok()).map(|(now, _)| now);
        Self {
            pid,
            about,
            idle_mib,
            wanted: WANTED.into(),
            numbers: BTreeMap::new(),
            rows: Vec::new(),
        }
    }

    /// Adds a line.
    pub fn add(&mut self, row: Row) {
        let own = |name: &str| name.starts_with("F4") || name == "cpu_ratio";
        let numbers = row.numbers.iter().filter(|(name, _)| !own(name));
        self.numbers.extend(numbers);
        self.rows.push(row);
    }

    /// Writes what there is so far.
    pub fn save(&self, path: &Path) -> Result<()> {
        Ok(fs::write(path, serde_json::to_vec_pretty(self)?)?)
    }

    /// Prints the table.
    pub fn print(&self) {
        self.about.print();
        println!(
            "{:<12} {:>9} {:>11} {:>9} {:>9} {:>10} {:>9} {:>8}",
            "", "requests", "requests/s", "p50 ms", "p99 ms", "CPU µs", "peak MiB", "÷ F4"
        );
        for row in &self.rows {
            row.print();
        }
        if let Some((idle, (now, _))) = self
            .idle_mib
            .zip(self.pid.and_then(|pid| memory_mib(pid).ok()))
        {
            println!("memory of the server: {idle:.1} MiB before, {now:.1} MiB after");
        }
    }

    /// # Errors
    /// When a promise did not hold.
    pub fn verdict(&self) -> Result<()> {
        let rows = self.rows.iter();
        let broken: Vec<_> = rows
            .flat_map(|row| {
                row.broken
                    .iter()
                    .map(|what| format!("{}: {what}", row.name))
            })
            .collect();
        if broken.is_empty() {
            Ok(())
        } else {
            bail!("promises that did not hold:\n{}", broken.join("\n"))
        }
    }
}

impl Row {
    fn print(&self) {
        let or_dash = |value: Option<f64>, digits: usize| {
            value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
        };
        if let Some(f) = &self.figures {
            println!(
                "{:<12} {:>9} {:>11.0} {:>9.2} {:>9.2} {:>10} {:>9} {:>8}",
                self.name,
                f.requests,
                f.per_second,
                f.p50_ms,
                f.p99_ms,
                or_dash(f.cpu_us, 0),
                or_dash(self.peak_mib, 1),
                or_dash(self.ratio, 3)
            );
        } else {
            println!("{}", self.name);
        }
        for note in &self.notes {
            println!("             {note}");
        }
        for what in &self.broken {
            println!("             BROKEN: {what}");
        }
    }
}
