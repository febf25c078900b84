//! The stage: one event whose ticket types share their places, and the people who want them.

use anyhow::{Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use rand::{SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::shop::Shop;
use crate::world;

/// How many tickets of a type one account may have.
const PER_PERSON: u32 = 100;
/// How many places one account gets on average, far below what it may have.
const PLACES_PER_BUYER: u32 = 40;

/// How big the rush is.
#[derive(Clone, Copy, Debug, clap::Args, Serialize, Deserialize)]
pub struct Size {
    /// How many times somebody tries to get something.
    #[arg(long, default_value_t = 100_000)]
    pub attempts: u64,
    /// How many places there are.
    #[arg(long, default_value_t = 20_000)]
    pub places: u32,
    /// No new attempt begins after so many seconds.
    #[arg(long, default_value_t = 900)]
    pub seconds: u64,
    /// How many seconds somebody who found everything sold out waits in line.
    #[arg(long, default_value_t = 20)]
    pub in_line: u64,
    /// How many ask at once.
    #[arg(long, default_value_t = 192)]
    pub clients: usize,
    /// What the dice begin with: who wants what, who hangs up when.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// What the rush is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stage {
    /// Its measures.
    pub size: Size,
    /// The event.
    pub event: Uuid,
    /// Its ticket types; the first one is free.
    pub types: Vec<Uuid>,
    /// Who buys.
    pub buyers: Vec<Buyer>,
}

/// An account that buys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Buyer {
    /// Its id.
    pub account: Uuid,
    /// Its access token.
    pub token: String,
}

impl Stage {
    /// Makes event and accounts through the API.
    pub async fn build(shop: &Shop, size: Size) -> Result<Self> {
        ensure!(
            (10..=1_000_000).contains(&size.places),
            "--places is 10 to 1,000,000"
        );
        ensure!((1..=3600).contains(&size.seconds), "--seconds is 1 to 3600");
        ensure!((1..=600).contains(&size.in_line), "--in-line is 1 to 600");
        ensure!(
            size.attempts <= 10_000_000,
            "--attempts is at most 10,000,000"
        );
        let (event, types) = on_sale(shop, size.places).await?;
        let buyers = size.places.div_ceil(PLACES_PER_BUYER).clamp(8, 2000);
        Ok(Self {
            size,
            event,
            types,
            buyers: sign_up(shop, buyers).await?,
        })
    }

    /// Dice for one attempt: the same for the same seed, whoever comes first.
    pub fn dice(&self, attempt: u64) -> StdRng {
        dice(self.size.seed, attempt)
    }
}

/// Dice that begin the same for the same numbers.
pub fn dice(seed: u64, attempt: u64) -> StdRng {
    StdRng::seed_from_u64(seed.rotate_left(32) ^ attempt)
}

/// So many new buyers.
pub async fn sign_up(shop: &Shop, count: u32) -> Result<Vec<Buyer>> {
    let each = (0..count).map(|_| async {
        let person = world::sign_up(shop.first(), "attendee").await?;
        anyhow::Ok(Buyer {
            account: world::text(&person, "/account/id")?.parse()?,
            token: world::text(&person, "/access_token")?,
        })
    });
    stream::iter(each).buffer_unordered(8).try_collect().await
}

/// An event of so many places, and its types, which together have a fifth more.
async fn on_sale(shop: &Shop, places: u32) -> Result<(Uuid, Vec<Uuid>)> {
    let organizer = world::sign_up(shop.first(), "organizer").await?;
    let token = world::text(&organizer, "/access_token")?;
    let kind = |name: &str, price: u32, percent: u32| {
        json!({
            "name": name, "price": {"amount_minor": price, "currency": "EUR"},
            "quantity": places * percent / 100, "max_per_person": PER_PERSON,
        })
    };
    let body = json!({
        "title": "The last night", "time_zone": "Europe/Berlin", "category": "music",
        "starts_at": "2099-06-01T18:00:00Z", "ends_at": "2099-06-01T22:00:00Z",
        "capacity": places, "refund_hours": 24,
        "ticket_types": [kind("Standing", 0, 40), kind("Seated", 1250, 50), kind("Front", 4900, 30)],
    });
    let draft = world::publish(shop.first(), &token, &body).await?;
    let event = world::text(&draft, "/id")?.parse()?;
    let id = |at| anyhow::Ok(world::text(&draft, &format!("/ticket_types/{at}/id"))?.parse()?);
    Ok((event, (0..3).map(id).collect::<Result<_>>()?))
}
