//! What is measured.

use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use futures::future::try_join_all;
use http::StatusCode;
use serde_json::json;

use crate::{
    client::{Ask, Target},
    floor::{self, Floor},
    measure::{Figures, Plan, repeat, timed},
    report::Row,
    world::{self, number},
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
    /// What a first visit downloads.
    Bytes,
}

/// Buyers of the purchase scenario, and how many tickets each may have.
const BUYERS: usize = 256;
const PER_BUYER: usize = 100;

impl Scenario {
    const ALL: [Self; 5] = [
        Self::Page,
        Self::Event,
        Self::List,
        Self::Purchase,
        Self::Bytes,
    ];

    /// As typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Event => "event",
            Self::List => "list",
            Self::Purchase => "purchase",
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
    pub async fn run(
        self,
        target: &Target,
        floor: &Floor,
        plan: Plan,
        pid: Option<u32>,
    ) -> Result<Row> {
        if self == Self::Bytes {
            return bytes(target).await;
        }
        let short = Plan {
            time: plan.time.min(std::time::Duration::from_secs(2)),
            ..plan
        };
        let before = repeat(&floor.target, &Ask::get("/"), short, None).await?;
        let (figures, mut notes, broken) = self.measure(target, floor, plan, pid).await?;
        let after = repeat(&floor.target, &Ask::get("/"), short, None).await?;
        let floor_rate = f64::midpoint(before.per_second, after.per_second);
        notes.push(format!("floor: {floor_rate:.0} requests/s"));
        Ok(Row {
            name: self.name(),
            ratio: Some(figures.per_second / floor_rate),
            figures: Some(figures),
            notes,
            broken,
        })
    }

    async fn measure(
        self,
        target: &Target,
        floor: &Floor,
        plan: Plan,
        pid: Option<u32>,
    ) -> Result<(Figures, Vec<String>, Vec<String>)> {
        let path = match self {
            Self::Page => format!("/events/{}", world::free_event(target, 100).await?.0),
            Self::Event => format!("/api/v1/events/{}", world::free_event(target, 100).await?.0),
            Self::List => "/api/v1/events?limit=20".to_owned(),
            Self::Purchase => return purchase(target, floor, plan, pid).await,
            Self::Bytes => bail!("counted, not measured"),
        };
        let figures = repeat(target, &Ask::get(path), plan, pid).await?;
        Ok((figures, Vec::new(), Vec::new()))
    }
}

async fn purchase(
    target: &Target,
    floor: &Floor,
    plan: Plan,
    pid: Option<u32>,
) -> Result<(Figures, Vec<String>, Vec<String>)> {
    let buyers = world::buyers(target, BUYERS).await?;
    let (event, ticket_type) = world::free_event(target, 1_000_000).await?;
    let path = format!("/api/v1/events/{event}/purchase");
    let body = json!({"items": [{"ticket_type_id": ticket_type, "quantity": 1}]});
    let loops = buyers.iter().map(|token| async {
        let mut connection = target.connect().await?;
        let (begin, mut times) = (Instant::now(), Vec::new());
        while begin.elapsed() < plan.time && times.len() < PER_BUYER {
            let ask = Ask::post(&path, &body)
                .bearer(token)
                .with("idempotency-key", world::fresh());
            let asked = Instant::now();
            let answer = connection.ask(&ask).await?;
            ensure!(
                answer.status == StatusCode::CREATED,
                "purchase answered {}: {:?}",
                answer.status,
                answer.body
            );
            times.push(asked.elapsed());
        }
        anyhow::Ok(times)
    });
    let figures = timed(pid, try_join_all(loops)).await?;
    let event = target
        .connect()
        .await?
        .ask(&Ask::get(format!("/api/v1/events/{event}")))
        .await?
        .json()?;
    let sold = 1_000_000 - number(&event, "/ticket_types/0/available")?;
    let note = format!(
        "{BUYERS} buyers: acknowledged {}, sold {sold}",
        figures.requests
    );
    let broken = if sold == figures.requests {
        Vec::new()
    } else {
        vec![note.clone()]
    };
    let mut notes = vec![note];
    if let Some(url) = &floor.database_url {
        notes.push(match floor::hot_row(url, plan.time.as_secs()).await? {
            Some(rate) => format!(
                "pgbench on one hot row, 64 clients: {rate:.0} transactions/s, so ÷ that: {:.2}",
                figures.per_second / rate
            ),
            None => "no pgbench here, so no floor of one hot row".to_owned(),
        });
    }
    Ok((figures, notes, broken))
}

/// What a first visit to an event page downloads, each file in brotli.
async fn bytes(target: &Target) -> Result<Row> {
    let (event, _) = world::free_event(target, 100).await?;
    let mut connection = target.connect().await?;
    let page_path = format!("/events/{event}");
    let page = connection.ask(&Ask::get(&page_path)).await?;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let mut notes = Vec::new();
    let mut scripts = 0;
    for path in std::iter::once(page_path.as_str()).chain(site_files(&html)) {
        let answer = connection
            .ask(&Ask::get(path).with("accept-encoding", "br"))
            .await?;
        let encoding = answer
            .headers
            .get("content-encoding")
            .and_then(|value| value.to_str().ok())
            .unwrap_or("identity")
            .to_owned();
        notes.push(format!(
            "{:>8} bytes ({encoding}) {path}",
            answer.body.len()
        ));
        if std::path::Path::new(path)
            .extension()
            .is_some_and(|ext| ext == "js" || ext == "wasm")
        {
            scripts += answer.body.len();
        }
    }
    notes.push(format!("JS + WASM: {scripts} bytes"));
    Ok(Row {
        name: "bytes",
        figures: None,
        ratio: None,
        notes,
        broken: Vec::new(),
    })
}

/// Addresses under `/pkg/` in a page, each once.
fn site_files(html: &str) -> Vec<&str> {
    let mut files: Vec<&str> = html
        .split(['"', '\''])
        .filter(|part| {
            part.starts_with("/pkg/")
                && (part.contains(".js") || part.contains(".wasm") || part.contains(".css"))
        })
        .collect();
    files.sort_unstable();
    files.dedup();
    files
}
