//! All attempts, many at once, while an auditor looks at the rows now and then.

use std::{
    convert::Infallible,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Result;
use futures::{StreamExt, stream};
use rand::{Rng, rngs::StdRng};
use store::Db;
use uuid::Uuid;

use super::{
    actions::Visit,
    check,
    journal::{Counts, Deed, Effect, Journal},
    shop::Shop,
    stage::{Size, Stage},
};

/// How many attempts are under way for each client that asks: most of those wait for a lease.
const UNDER_WAY: usize = 4;
/// How long the auditor rests.
const AUDIT_EVERY: Duration = Duration::from_secs(5);

/// An order whose tickets may be given back or passed on: whose, which, those of its tickets that
/// are valid and its buyer's.
type Offer = (usize, Uuid, Vec<Uuid>);

/// What all attempts share.
pub struct Rush<'a> {
    /// Where they ask.
    pub shop: &'a Shop,
    /// What for.
    pub stage: &'a Stage,
    deeds: Mutex<Vec<Deed>>,
    offers: Mutex<Vec<Offer>>,
}

impl<'a> Rush<'a> {
    /// Nothing has happened yet.
    pub fn new(shop: &'a Shop, stage: &'a Stage) -> Self {
        Self {
            shop,
            stage,
            deeds: Mutex::default(),
            offers: Mutex::default(),
        }
    }

    /// Writes into the journal what a client was told.
    pub fn note(&self, deed: Deed) {
        unpoisoned(&self.deeds).push(deed);
    }

    /// Remembers an order that was paid, for those who give tickets back or pass them on.
    pub fn offer(&self, buyer: usize, bought: &Effect) {
        if let Effect::Bought { order, tickets, .. } = bought {
            self.put_back((buyer, *order, tickets.clone()));
        }
    }

    /// What is left of an order is for other attempts again.
    pub fn put_back(&self, offer: Offer) {
        let (_, _, tickets) = &offer;
        if !tickets.is_empty() {
            unpoisoned(&self.offers).push(offer);
        }
    }

    /// One of those orders, for one attempt alone.
    pub fn any_order(&self, dice: &mut StdRng) -> Option<Offer> {
        let mut offers = unpoisoned(&self.offers);
        if offers.is_empty() {
            return None;
        }
        let at = dice.random_range(0..offers.len());
        Some(offers.swap_remove(at))
    }

    /// What clients were told until now.
    pub fn into_deeds(self) -> Vec<Deed> {
        self.deeds
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes all attempts and returns the journal.
pub async fn run(shop: &Shop, db: &Db, stage: Stage) -> Result<Journal> {
    let began = Instant::now();
    let (rush, mut auditor) = (Rush::new(shop, &stage), Auditor::default());
    let attempts = tokio::select! {
        attempts = attempts(&rush, began) => attempts,
        never = auditor.watch(db) => match never {},
    };
    let deeds = rush.into_deeds();
    let mut counts = Counts {
        attempts,
        seconds: began.elapsed().as_secs_f64(),
        audits: auditor.audits,
        found_by_audits: auditor.found,
        ..Counts::default()
    };
    counts.add(&shop.tally);
    Ok(Journal {
        stage,
        deeds,
        counts,
    })
}

/// Looks at the rows again and again.
#[derive(Default)]
struct Auditor {
    audits: u64,
    found: Vec<String>,
}

impl Auditor {
    async fn watch(&mut self, db: &Db) -> Infallible {
        loop {
            tokio::time::sleep(AUDIT_EVERY).await;
            // The database may just be down; that is no finding.
            if let Ok(found) = check::at_any_moment(db).await {
                self.audits += 1;
                self.found.extend(found);
            }
        }
    }
}

/// In a short rush not everybody comes at once: there must be an earlier order to give back.
fn under_way(size: Size) -> usize {
    let twentieth = usize::try_from(size.attempts / 20).unwrap_or(usize::MAX);
    (size.clients * UNDER_WAY).min(twentieth).max(size.clients)
}

/// How many were made before the time was over.
async fn attempts(rush: &Rush<'_>, began: Instant) -> u64 {
    let size = rush.stage.size;
    let until = began + Duration::from_secs(size.seconds);
    stream::iter(0..size.attempts)
        .take_while(|_| std::future::ready(Instant::now() < until))
        .map(|attempt| async move {
            let mut visit = Visit::new(rush, rush.stage.dice(attempt));
            visit.draw().perform(&mut visit).await;
        })
        .buffer_unordered(under_way(size))
        .fold(0, async |made, ()| made + 1)
        .await
}
