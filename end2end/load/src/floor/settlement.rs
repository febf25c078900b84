//! The same sales without HTTP: our own use case called in this process, on the same database.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use clap::Parser;
use futures::future::try_join_all;
use server::{config::Config, wire};
use service::{
    Ctx, Services,
    idempotency::{IdempotencyKey, Once},
};
use types::{
    LoginId,
    accounts::{Actor, Role},
    orders::{Item, Purchase},
};

use crate::{
    scenarios::{Bench, Buyer, OnSale},
    world,
};

/// The settings of the server under test, which are in our environment.
#[derive(Parser)]
struct Settings {
    #[command(flatten)]
    config: Config,
}

/// Sales per second of all buyers at once.
pub async fn rate(bench: &Bench) -> Result<f64> {
    let Settings { config } = Settings::try_parse_from(["load"])?;
    let services = wire::services(&config).await?;
    let sale = OnSale::fresh(&bench.target).await?;
    let buyers = bench.crowd.buyers(&bench.target).await?;
    let began = Instant::now();
    let loops = buyers
        .iter()
        .map(|buyer| buy(&services, &sale, buyer, bench.plan.time));
    let sold: u32 = try_join_all(loops).await?.into_iter().sum();
    let rate = f64::from(sold) / began.elapsed().as_secs_f64();
    services.db.close().await;
    Ok(rate)
}

async fn buy(
    services: &Arc<Services>,
    sale: &OnSale,
    buyer: &Buyer,
    time: Duration,
) -> Result<u32> {
    /// As many tickets as one account may have.
    const MOST: u32 = 100;
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
    let (began, mut sold) = (Instant::now(), 0);
    while began.elapsed() < time && sold < MOST {
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
        sold += 1;
    }
    Ok(sold)
}
