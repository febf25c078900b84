//! The same sales without HTTP: our own use case called in this process, on the same database.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::Parser;
use server::{config::Config, wire};
use service::{
    Ctx, Services,
    idempotency::{IdempotencyKey, Once},
};
use tokio::task::JoinSet;
use types::{
    LoginId,
    accounts::{Actor, Role},
    orders::{Item, Purchase},
};

use crate::{
    measure::float,
    scenarios::{BUYERS, Bench, Buyer, OnSale, Turns, WARM_UP},
    world,
};

/// The settings of the server under test, which are in our environment.
#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// What was seen.
pub struct Settled {
    /// Sales per second of all buyers at once.
    pub per_second: f64,
    /// All sales, those of the warm-up too.
    pub sold: u64,
}

/// Sells to as many buyers at once as the product does, for so long after a warm-up.
pub async fn rate(bench: &Bench, sale: &OnSale, time: Duration) -> Result<Settled> {
    let Settings { config } = Settings::try_parse_from(["load"])?;
    let services = wire::services(&config).await?;
    let measured = measure(bench, &services, sale, time).await;
    services.db.close().await;
    measured
}

async fn measure(
    bench: &Bench,
    services: &Arc<Services>,
    sale: &OnSale,
    time: Duration,
) -> Result<Settled> {
    let turns = Arc::new(Turns::of(bench).await?);
    bench.quiet().await?;
    let warm_up = all_at_once(services, sale, &turns, WARM_UP).await?;
    bench.settle().await?;
    let began = Instant::now();
    let sold = all_at_once(services, sale, &turns, time).await?;
    Ok(Settled {
        per_second: float(sold) / began.elapsed().as_secs_f64(),
        sold: warm_up + sold,
    })
}

/// On all threads, as behind HTTP.
async fn all_at_once(
    services: &Arc<Services>,
    sale: &OnSale,
    turns: &Arc<Turns>,
    time: Duration,
) -> Result<u64> {
    let mut tasks = JoinSet::new();
    for _ in 0..BUYERS {
        let (services, sale, turns) = (Arc::clone(services), sale.clone(), Arc::clone(turns));
        tasks.spawn(async move { buy(&services, &sale, &turns, time).await });
    }
    tasks.join_all().await.into_iter().sum()
}

async fn buy(
    services: &Arc<Services>,
    sale: &OnSale,
    turns: &Turns,
    time: Duration,
) -> Result<u64> {
    let (began, mut sold) = (Instant::now(), 0);
    while began.elapsed() < time
        && let Some((_, buyer)) = turns.next()
    {
        buy_one(services, sale, buyer).await?;
        sold += 1;
    }
    Ok(sold)
}

async fn buy_one(services: &Arc<Services>, sale: &OnSale, buyer: &Buyer) -> Result<()> {
    let actor = Actor::Account {
        id: buyer.account.into(),
        login: LoginId(buyer.account),
        role: Role::Attendee,
    };
    let ctx = Ctx::system(Arc::clone(services)).acting_as(actor);
    let item = Item {
        ticket_type_id: sale.ticket_type.parse().context("an id")?,
        quantity: 1,
        unit_price_minor: None,
    };
    let command = Purchase {
        items: vec![item],
        payment: None,
        promo_code: None,
    };
    let once = Once {
        key: Some(IdempotencyKey::parse(&world::fresh())?),
        operation: format!("POST /api/v1/events/{}/purchase", sale.event),
    };
    let reply = service::orders::purchase(&ctx, &sale.event, command, once).await?;
    reply.into_value()?;
    Ok(())
}
