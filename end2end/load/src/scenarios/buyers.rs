//! Many buyers at once, and what must hold after they bought.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{Bench, Seen};
use crate::{
    client::{Ask, Connection, Target},
    database::Database,
    measure::{Call, Load, Run, Wanted, call, timed_answer},
    world::{self, number, text},
};

/// How many buy at once.
pub const BUYERS: usize = 256;
/// How many accounts take turns: a purchase must not find a hundred earlier ones of its buyer.
pub const ACCOUNTS: usize = 1024;
/// How many tickets of one event an account may have.
const PER_ACCOUNT: usize = 100;
/// How many places an event has: more than all may have together.
const PLACES: u32 = 1_000_000;
/// What a purchase is answered with.
pub const CREATED: Wanted = Wanted::Status(201);

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
    async fn buyers(&self, target: &Target) -> Result<&[Buyer]> {
        let made = self.0.get_or_try_init(|| sign_up(target)).await?;
        Ok(made)
    }
}

async fn sign_up(target: &Target) -> Result<Vec<Buyer>> {
    let each = (0..ACCOUNTS).map(|_| async {
        let person = world::sign_up(target, "attendee").await?;
        anyhow::Ok(Buyer {
            account: text(&person, "/account/id")?.parse()?,
            token: text(&person, "/access_token")?,
        })
    });
    stream::iter(each).buffer_unordered(8).try_collect().await
}

/// Whose turn it is: one account after the other.
pub struct Turns {
    buyers: Vec<Buyer>,
    next: AtomicUsize,
    most: usize,
}

impl Turns {
    /// Until each has as many tickets as it may have.
    pub async fn of(bench: &Bench) -> Result<Self> {
        let buyers = bench.crowd.buyers(&bench.target).await?.to_vec();
        let most = buyers.len() * PER_ACCOUNT;
        let next = AtomicUsize::default();
        Ok(Self { buyers, next, most })
    }

    /// For those who get nothing.
    pub async fn endless(bench: &Bench) -> Result<Self> {
        let turns = Self::of(bench).await?;
        let most = usize::MAX;
        Ok(Self { most, ..turns })
    }

    /// The next one, and how many came before.
    pub fn next(&self) -> Option<(usize, &Buyer)> {
        let turn = self.next.fetch_add(1, Relaxed);
        (turn < self.most).then(|| (turn, &self.buyers[turn % self.buyers.len()]))
    }
}

/// An event on sale, with one type of free tickets.
#[derive(Clone, Debug)]
pub struct OnSale {
    /// The event.
    pub event: String,
    /// Its type.
    pub ticket_type: String,
    /// How many places it had at first.
    places: u32,
}

impl OnSale {
    /// A fresh one that does not sell out.
    pub async fn fresh(target: &Target) -> Result<Self> {
        Self::of_places(target, PLACES).await
    }

    /// A fresh one of so many places.
    pub async fn of_places(target: &Target, places: u32) -> Result<Self> {
        let (event, ticket_type) = world::free_event(target, places).await?;
        Ok(Self {
            event,
            ticket_type,
            places,
        })
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
        let free = number(&event, "/ticket_types/0/available")?;
        let sold = u64::from(self.places).checked_sub(free);
        sold.with_context(|| format!("{free} of {} places are free", self.places))
    }
}

/// Free one-call purchases, the turn's number choosing the event.
pub async fn purchases(
    bench: &Bench,
    run: Run<'_>,
    choose: impl Fn(usize) -> OnSale,
) -> Result<Load> {
    let turns = Turns::of(bench).await?;
    let buy = async |connection: &mut Connection| {
        let Some((turn, buyer)) = turns.next() else {
            return Call::Over;
        };
        call(connection, &choose(turn).purchase(buyer), CREATED).await
    };
    bench.load(run, &buy).await
}

/// Hold, then pay: both answers together are one time.
pub async fn holds_then_paid(bench: &Bench, run: Run<'_>, sale: &OnSale) -> Result<Load> {
    let turns = Turns::of(bench).await?;
    let buy = async |connection: &mut Connection| {
        let Some((_, buyer)) = turns.next() else {
            return Call::Over;
        };
        let bought = hold_and_pay(connection, sale, buyer).await;
        bought.unwrap_or_else(Call::Wrong)
    };
    bench.load(run, &buy).await
}

async fn hold_and_pay(
    connection: &mut Connection,
    sale: &OnSale,
    buyer: &Buyer,
) -> Result<Call, String> {
    let keyed = |ask: Ask| {
        ask.bearer(&buyer.token)
            .with("idempotency-key", world::fresh())
    };
    let path = format!("/api/v1/events/{}/holds", sale.event);
    let hold = keyed(Ask::post(path, &sale.one()));
    let (held, answer) = timed_answer(connection, &hold, CREATED).await?;
    let id = text(&answer.value(), "/id").map_err(|error| error.to_string())?;
    let pay = keyed(Ask::post(format!("/api/v1/holds/{id}/pay"), &json!({})));
    let (paid, _) = timed_answer(connection, &pay, CREATED).await?;
    Ok(Call::Right(held + paid))
}

impl Seen {
    /// What must hold after a load: sold is what was acknowledged. `what` tells which load.
    pub async fn compare(
        &mut self,
        bench: &Bench,
        what: &str,
        sales: &[OnSale],
        acknowledged: u64,
    ) {
        let mut sold = 0;
        for sale in sales {
            let told = sale.sold(&bench.target).await;
            sold += self.tried(what, told).unwrap_or_default();
        }
        let note = format!("{what}: acknowledged {acknowledged}, sold {sold}");
        if sold != acknowledged {
            self.broken.push(note.clone());
        }
        self.note(note);
    }

    /// Rows against each other, after everything that a scenario sold.
    pub async fn recount(&mut self, database: &Database) -> Result<()> {
        let mut conn = database.db.conn().await?;
        let drifts = store::pools::audit::drifts(&mut conn).await?;
        let misfits = store::pools::audit::misfits(&mut conn).await?;
        if drifts.is_empty() && misfits.is_empty() {
            self.note("rows recounted: no counter drifted, every order has its tickets");
        }
        for drift in drifts {
            self.broken.push(format!("a counter drifted: {drift:?}"));
        }
        if !misfits.is_empty() {
            self.broken.push(format!("orders misfit: {misfits:?}"));
        }
        Ok(())
    }
}
