//! What the API says now beside what the rows say.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value;
use store::Conn;
use types::{EventId, orders::OrderStatus};
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

/// Orders by id: status, and tickets with theirs.
type Orders = BTreeMap<Uuid, (String, BTreeMap<Uuid, String>)>;

/// Every buyer's own list of orders against the rows.
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

async fn listed(shop: &Shop, buyer: &Buyer) -> Result<Orders> {
    let (mut orders, mut cursor) = (Orders::new(), None::<String>);
    loop {
        let after = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
        let ask = Ask::get(format!("/api/v1/orders?limit=100{after}")).bearer(&buyer.token);
        let answer = shop.ask(&ask, &mut dice(0, 0)).await;
        let page = answer.context("a list of orders")?.json()?;
        for order in page["items"].as_array().context("orders")? {
            orders.insert(text(order, "/id")?.parse()?, told(order)?);
        }
        match page["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return Ok(orders),
        }
    }
}

fn told(order: &Value) -> Result<(String, BTreeMap<Uuid, String>)> {
    let tickets = order["tickets"].as_array().context("tickets")?;
    let ticket =
        |ticket: &Value| anyhow::Ok((text(ticket, "/id")?.parse()?, text(ticket, "/status")?));
    Ok((
        text(order, "/status")?,
        tickets.iter().map(ticket).collect::<Result<_>>()?,
    ))
}

fn of_rows(ledger: &Ledger, buyer: &Buyer) -> Orders {
    let own = ledger
        .orders()
        .filter(|order| order.account.0 == buyer.account);
    own.map(|order| {
        let tickets = ledger.tickets_of(order.id.0).iter();
        let tickets = tickets.map(|ticket| (ticket.id.0, ticket.status.as_str().to_owned()));
        let status: OrderStatus = order.status;
        (order.id.0, (status.as_str().to_owned(), tickets.collect()))
    })
    .collect()
}
