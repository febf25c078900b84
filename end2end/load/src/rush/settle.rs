//! After the rush: nobody waits in line any more, nothing is open, then what is left is sold.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures::{StreamExt, stream};
use store::{Db, pools::audit::ledger};
use uuid::Uuid;

use super::{
    actions::Visit,
    attack::Rush,
    journal::Journal,
    shop::Shop,
    stage::{self, Stage},
};

/// Holds live a minute or two, offers one, abandoned payments are asked about after one.
const PATIENCE: Duration = Duration::from_mins(5);
/// A process may answer `sold_out` from a memory that is a second old.
const MEMORY: Duration = Duration::from_millis(1100);

/// Whoever still waits leaves the line: what is free then is for the last buyers. What was offered
/// already runs out.
pub async fn leave_the_line(shop: &Shop, journal: &mut Journal) {
    let stage = journal.stage.clone();
    let rush = Rush::new(shop, &stage);
    let places = stream::iter(journal.places_in_line());
    let left = places.map(|(at, entry)| stop_waiting(&rush, &stage, at, entry));
    left.buffer_unordered(32).for_each(async |()| {}).await;
    journal.deeds.extend(rush.into_deeds());
}

/// Whoever gets no answer is counted by the shop.
async fn stop_waiting(rush: &Rush<'_>, stage: &Stage, at: usize, entry: Uuid) {
    let number = u64::try_from(at).unwrap_or_default();
    let mut visit = Visit::of(rush, at, stage.dice(number));
    let _ = visit.stop_waiting(entry).await;
}

/// Waits until holds ran out, payments have an outcome and money is back.
pub async fn quiet(db: &Db, journal: &mut Journal) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        let open = ledger::unsettled(&mut *db.conn().await?).await?.count();
        if open == 0 || Instant::now() > until {
            journal.counts.left_open = open;
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// New people buy place by place until every type of ticket is sold out.
pub async fn sell_the_rest(shop: &Shop, journal: &mut Journal) -> Result<()> {
    let (known, count) = (
        journal.stage.buyers.len(),
        journal.stage.size.places.div_ceil(150) + 4,
    );
    let last = stage::sign_up(shop, count).await?;
    journal.stage.buyers.extend(last);
    let stage = journal.stage.clone();
    let rush = Rush::new(shop, &stage);
    let buyers = known..stage.buyers.len();
    let bought = stream::iter(buyers).map(|at| buy_until_sold_out(&rush, &stage, at));
    let bought: Vec<u64> = bought.buffer_unordered(32).collect().await;
    journal.counts.sold_at_last = bought.iter().sum();
    journal.counts.add(&shop.tally);
    journal.deeds.extend(rush.into_deeds());
    Ok(())
}

async fn buy_until_sold_out(rush: &Rush<'_>, stage: &Stage, at: usize) -> u64 {
    let mut bought = 0;
    let number = u64::try_from(at).unwrap_or_default();
    let mut visit = Visit::of(rush, at, stage.dice(u64::MAX - number));
    // Not all begin with the same type.
    let mut kinds: Vec<Uuid> = stage.types.clone();
    kinds.rotate_left(at % stage.types.len());
    for kind in kinds {
        while buy_if_there_is_one(&mut visit, kind).await.is_some() {
            bought += 1;
        }
    }
    bought
}

/// A refusal is believed when it comes again after every memory has ended.
async fn buy_if_there_is_one(visit: &mut Visit<'_>, kind: Uuid) -> Option<()> {
    if visit.buy_one_of(kind).await.is_some() {
        return Some(());
    }
    tokio::time::sleep(MEMORY).await;
    visit.buy_one_of(kind).await
}
