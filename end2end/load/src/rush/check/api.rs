//! What the API says now beside what the rows say.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use store::{Conn, pools::audit::ledger::TicketLine};
use types::EventId;
use uuid::Uuid;

use super::compare::Ledger;
use crate::{
    client::Ask,
    rush::{
        journal::Journal,
        shop::Shop,
        stage::{Buyer, dice},
    },
    world::text,
};

/// Tickets by id: their status.
type Tickets = BTreeMap<Uuid, String>;

/// What somebody has.
#[derive(Debug, Default, PartialEq, Eq)]
struct Belongings {
    /// Orders by id: status, and those of their tickets that are or were the buyer's.
    orders: BTreeMap<Uuid, (String, Tickets)>,
    /// All tickets that are or were theirs, from whom ever.
    tickets: Tickets,
}

/// Every buyer's own lists of orders and tickets against the rows.
pub async fn differences(shop: &Shop, conn: &mut Conn, journal: &Journal) -> Result<Vec<String>> {
    let ledger = Ledger::read(conn, EventId(journal.stage.event)).await?;
    let buyers = stream::iter(&journal.stage.buyers);
    let each = buyers.map(|buyer| async {
        let (told, rows) = (listed(shop, buyer).await?, of_rows(&ledger, buyer));
        let is_same = told == rows;
        anyhow::Ok((!is_same).then(|| format!("{}: {told:?} and not {rows:?}", buyer.account)))
    });
    let found: Vec<_> = each.buffer_unordered(16).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}

async fn listed(shop: &Shop, buyer: &Buyer) -> Result<Belongings> {
    let mut has = Belongings::default();
    for order in pages(shop, buyer, "orders").await? {
        let tickets = order["tickets"].as_array().context("tickets")?;
        let tickets = tickets.iter().map(told).collect::<Result<_>>()?;
        let (id, status) = told(&order)?;
        has.orders.insert(id, (status, tickets));
    }
    for ticket in pages(shop, buyer, "tickets").await? {
        let (id, status) = told(&ticket)?;
        has.tickets.insert(id, status);
    }
    Ok(has)
}

/// All items of one of a buyer's own lists.
async fn pages(shop: &Shop, buyer: &Buyer, list: &str) -> Result<Vec<Value>> {
    let (mut items, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let after = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let ask = Ask::get(format!("/api/v1/{list}?limit=100{after}")).bearer(&buyer.token);
        let answer = shop.ask(&ask, &mut dice(0, 0)).await;
        let page = answer
            .with_context(|| format!("a list of {list}"))?
            .json()?;
        let page_items = page["items"].as_array();
        items.extend(page_items.with_context(|| list.to_owned())?.iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return Ok(items),
        }
    }
}

/// Id and status of an order or a ticket.
fn told(item: &Value) -> Result<(Uuid, String)> {
    Ok((text(item, "/id")?.parse()?, text(item, "/status")?))
}

fn of_rows(ledger: &Ledger, buyer: &Buyer) -> Belongings {
    let is_own = |ticket: &&TicketLine| ticket.account.0 == buyer.account;
    let shown = |ticket: &TicketLine| (ticket.id.0, ticket.status.as_str().to_owned());
    let own = ledger
        .orders()
        .filter(|order| order.account.0 == buyer.account);
    let orders = own.map(|order| {
        // What others have now is not shown to whoever bought it.
        let tickets = ledger.tickets_of(order.id.0).iter().filter(is_own);
        let status = order.status.as_str().to_owned();
        (order.id.0, (status, tickets.map(shown).collect()))
    });
    Belongings {
        orders: orders.collect(),
        tickets: ledger.tickets().filter(is_own).map(shown).collect(),
    }
}
