//! Refusals of an event that is sold out.

use std::time::Instant;

use anyhow::{Result, ensure};
use futures::future::try_join_all;

use super::{
    Bench, Seen,
    buyers::{Buyer, OnSale, made},
};
use crate::{client::Ask, measure::timed, world};

/// Everybody wants a place and nobody gets one; every call may have a key of its own.
pub async fn refusals(bench: &Bench, has_key: bool) -> Result<Seen> {
    let sale = &OnSale::of_places(&bench.target, 1).await?;
    let buyers = bench.crowd.buyers(&bench.target).await?;
    made(
        &mut bench.target.connect().await?,
        &sale.purchase(&buyers[0]),
    )
    .await?;
    let loops = buyers.iter().map(|buyer| async move {
        let mut connection = bench.target.connect().await?;
        let (begin, mut times) = (Instant::now(), Vec::new());
        while begin.elapsed() < bench.plan.time {
            let ask = wish(sale, buyer, has_key);
            let asked = Instant::now();
            let answer = connection.ask(&ask).await?;
            times.push(asked.elapsed());
            ensure!(
                answer.code() == "sold_out",
                "answered {} {:?}",
                answer.status,
                answer.body
            );
        }
        anyhow::Ok(times)
    });
    let mut seen: Seen = timed(bench.pid, try_join_all(loops)).await?.into();
    if !has_key {
        seen.note("P4: ÷ floor (wanted 0.6)");
    }
    Ok(seen)
}

fn wish(sale: &OnSale, buyer: &Buyer, has_key: bool) -> Ask {
    let path = format!("/api/v1/events/{}/purchase", sale.event);
    let ask = Ask::post(path, &sale.one()).bearer(&buyer.token);
    if has_key {
        ask.with("idempotency-key", world::fresh())
    } else {
        ask
    }
}
