//! Refusals of an event that is sold out.

use anyhow::Result;

use super::{
    Bench, Seen,
    buyers::{Buyer, OnSale, Turns},
};
use crate::{
    client::{Ask, Connection},
    database::Database,
    measure::{Call, Wanted, call, float},
    world,
};

/// What a refusal says.
const SOLD_OUT: Wanted = Wanted::Refusal("\"sold_out\"");

/// Everybody wants a place and nobody gets one; every call may have a key of its own.
pub async fn refusals(bench: &Bench, has_key: bool) -> Result<Seen> {
    let sale = &OnSale::of_places(&bench.target, 1).await?;
    let turns = &Turns::endless(bench).await?;
    if let Some((_, first)) = turns.next() {
        let mut connection = bench.target.connect().await?;
        connection.made(&sale.purchase(first), 201).await?;
    }
    let refused = async |connection: &mut Connection| {
        let Some((_, buyer)) = turns.next() else {
            return Call::Over;
        };
        call(connection, &wish(sale, buyer, has_key), SOLD_OUT).await
    };
    let run = bench.crowd_run();
    let warm_up = bench.warm_up(run, &refused).await?;
    let before = commits(bench.database.as_ref()).await?;
    let mut load = run.load(&refused).await?;
    let after = commits(bench.database.as_ref()).await?;
    let answers = load.figures.requests;
    load.add_warm_up(warm_up);
    let mut seen = Seen::of("refusals", load);
    if let Some((before, after)) = before.zip(after) {
        let commits = after.saturating_sub(before);
        let each = float(commits) / float(answers);
        seen.note(format!(
            "{commits} transactions committed meanwhile, the jobs of the product among them: {each:.4} per answer"
        ));
        seen.number(name_of_commits(has_key), each);
    }
    let sales = std::slice::from_ref(sale);
    seen.compare(bench, "the only place", sales, 1).await;
    Ok(seen)
}

fn name_of_commits(has_key: bool) -> &'static str {
    if has_key {
        "sold_out_key_commits_per_answer"
    } else {
        "sold_out_commits_per_answer"
    }
}

async fn commits(database: Option<&Database>) -> Result<Option<u64>> {
    match database {
        Some(database) => Ok(Some(database.commits().await?.cast_unsigned())),
        None => Ok(None),
    }
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
