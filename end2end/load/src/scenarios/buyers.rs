//! Many buyers at once, and what must hold after they bought.

use std::time::Instant;

use anyhow::{Result, ensure};
use futures::{StreamExt, TryStreamExt, future::try_join_all, stream};
use http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{Bench, Seen};
use crate::{
    client::{Ask, Connection, Target},
    measure::{Figures, timed},
    world::{self, number, text},
};

/// How many there are.
pub const BUYERS: usize = 256;
/// How many tickets of one event each may have.
const PER_BUYER: usize = 100;
/// How many places an event has: more than all may have together.
const PLACES: u32 = 1_000_000;

/// Accounts that buy.
#[derive(Default)]
pub struct Crowd(OnceCell<Vec<Buyer>>);

/// One of them.
#[derive(Clone, Debug)]
pub struct Buyer {
    /// The account.
    pub account: Uuid,
    /// Its access token.
    pub token: String,
}

impl Crowd {
    /// All of them.
    pub async fn buyers(&self, target: &Target) -> Result<&[Buyer]> {
        let made = self.0.get_or_try_init(|| sign_up(target)).await?;
        Ok(made)
    }
}

async fn sign_up(target: &Target) -> Result<Vec<Buyer>> {
    let each = (0..BUYERS).map(|_| async {
        let person = world::sign_up(target, "attendee").await?;
        anyhow::Ok(Buyer {
            account: text(&person, "/account/id")?.parse()?,
            token: text(&person, "/access_token")?,
        })
    });
    stream::iter(each).buffer_unordered(8).try_collect().await
}

/// An event on sale, with one type of free tickets.
#[derive(Clone, Debug)]
pub struct OnSale {
    /// The event.
    pub event: String,
    /// Its type.
    pub ticket_type: String,
}

impl OnSale {
    /// A fresh one that does not sell out.
    pub async fn fresh(target: &Target) -> Result<Self> {
        Self::of_places(target, PLACES).await
    }

    /// A fresh one of so many places.
    pub async fn of_places(target: &Target, places: u32) -> Result<Self> {
        let (event, ticket_type) = world::free_event(target, places).await?;
        Ok(Self { event, ticket_type })
    }

    /// One place of it.
    pub fn one(&self) -> Value {
        json!({"items": [{"ticket_type_id": self.ticket_type, "quantity": 1}]})
    }

    /// One place in one call, under a key of its own.
    pub fn purchase(&self, buyer: &Buyer) -> Ask {
        let path = format!("/api/v1/events/{}/purchase", self.event);
        Ask::post(path, &self.one())
            .bearer(&buyer.token)
            .with("idempotency-key", world::fresh())
    }

    /// How many places the event itself says are gone.
    async fn sold(&self, target: &Target) -> Result<u64> {
        let ask = Ask::get(format!("/api/v1/events/{}", self.event));
        let event = target.connect().await?.made(&ask, 200).await?;
        Ok(u64::from(PLACES) - number(&event, "/ticket_types/0/available")?)
    }
}

/// Asks, and must be answered with 201.
pub async fn made(connection: &mut Connection, ask: &Ask) -> Result<Value> {
    connection.made(ask, StatusCode::CREATED.as_u16()).await
}

/// All buyers at once in closed loops, the buyer's number choosing the target.
pub async fn all_at_once(
    bench: &Bench,
    targets: &[Target],
    purchase: impl Fn(usize) -> OnSale + Sync,
) -> Result<Figures> {
    let buyers = bench.crowd.buyers(&bench.target).await?;
    let purchase = &purchase;
    let loops = buyers.iter().enumerate().map(|(at, buyer)| async move {
        let mut connection = targets[at % targets.len()].connect().await?;
        let (begin, mut times) = (Instant::now(), Vec::new());
        while begin.elapsed() < bench.plan.time && times.len() < PER_BUYER {
            let ask = purchase(at + times.len()).purchase(buyer);
            let asked = Instant::now();
            made(&mut connection, &ask).await?;
            times.push(asked.elapsed());
        }
        anyhow::Ok(times)
    });
    timed(bench.pid, try_join_all(loops)).await
}

/// Hold, then pay: both answers together are one time.
pub async fn all_hold_then_pay(bench: &Bench, sale: &OnSale) -> Result<Figures> {
    let buyers = bench.crowd.buyers(&bench.target).await?;
    let path = format!("/api/v1/events/{}/holds", sale.event);
    let path = path.as_str();
    let loops = buyers.iter().map(|buyer| async move {
        let mut connection = bench.target.connect().await?;
        let (begin, mut times) = (Instant::now(), Vec::new());
        while begin.elapsed() < bench.plan.time && times.len() < PER_BUYER {
            let asked = Instant::now();
            hold_and_pay(&mut connection, path, sale, buyer).await?;
            times.push(asked.elapsed());
        }
        anyhow::Ok(times)
    });
    timed(bench.pid, try_join_all(loops)).await
}

async fn hold_and_pay(
    connection: &mut Connection,
    path: &str,
    sale: &OnSale,
    buyer: &Buyer,
) -> Result<()> {
    let keyed = |ask: Ask| {
        ask.bearer(&buyer.token)
            .with("idempotency-key", world::fresh())
    };
    let hold = made(connection, &keyed(Ask::post(path, &sale.one()))).await?;
    let pay = format!("/api/v1/holds/{}/pay", text(&hold, "/id")?);
    made(connection, &keyed(Ask::post(pay, &json!({})))).await?;
    Ok(())
}

/// What must hold after purchases: sold is what was acknowledged, and the rows fit.
pub async fn check(bench: &Bench, sales: &[OnSale], seen: &mut Seen) -> Result<()> {
    let mut sold = 0;
    for sale in sales {
        sold += sale.sold(&bench.target).await?;
    }
    let note = format!("acknowledged {}, sold {sold}", seen.figures.requests);
    if sold != seen.figures.requests {
        seen.broken.push(note.clone());
    }
    seen.note(note);
    if let Some(url) = &bench.database_url {
        let db = store::Db::connect(url, 1).await?;
        let mut conn = db.conn().await?;
        let drifts = store::pools::audit::drifts(&mut conn).await?;
        let misfits = store::pools::audit::misfits(&mut conn).await?;
        ensure!(drifts.is_empty(), "counters drifted: {drifts:?}");
        ensure!(misfits.is_empty(), "orders misfit: {misfits:?}");
        seen.note("rows recounted: no counter drifted, every order has its tickets");
    }
    Ok(())
}
