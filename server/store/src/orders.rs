//! Orders: what a hold becomes. A hold has at most one order that is pending or paid.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{
    AccountId, EventId, HoldId, Money, OrderId,
    orders::{OrderStatus, PaymentState},
};
use uuid::Uuid;

use crate::{
    Conn, Result,
    decode::{known, money},
};

/// The index that refuses a second order of a hold.
pub const ONE_PER_HOLD: &str = "orders_hold_live_key";

/// An order without its lines and tickets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// The order.
    pub id: OrderId,
    /// The places it pays for.
    pub hold_id: HoldId,
    /// Of which event.
    pub event_id: EventId,
    /// Who buys.
    pub account_id: AccountId,
    /// Where it stands.
    pub status: OrderStatus,
    /// What is known of its payment.
    pub payment_state: PaymentState,
    /// What it costs.
    pub total: Money,
    /// Until how many hours before the start its tickets may be given back, as it was sold.
    pub refund_hours: Option<i32>,
    /// When it was made.
    pub created_at: Timestamp,
}

struct Raw {
    id: Uuid,
    hold_id: Uuid,
    event_id: Uuid,
    account_id: Uuid,
    status: String,
    payment_state: String,
    total_minor: i64,
    currency: String,
    refund_hours: Option<i32>,
    created_at: jiff_sqlx::Timestamp,
}

impl Raw {
    fn row(self) -> Result<OrderRow> {
        Ok(OrderRow {
            id: self.id.into(),
            hold_id: self.hold_id.into(),
            event_id: self.event_id.into(),
            account_id: self.account_id.into(),
            status: known(OrderStatus::from_text(&self.status), &self.status)?,
            payment_state: known(
                PaymentState::from_text(&self.payment_state),
                &self.payment_state,
            )?,
            total: money(self.total_minor, &self.currency)?,
            refund_hours: self.refund_hours,
            created_at: self.created_at.to_jiff(),
        })
    }
}

/// New orders of one event.
pub async fn insert(conn: &mut Conn, event: EventId, orders: &[&OrderRow]) -> Result<()> {
    let column = |f: fn(&OrderRow) -> Uuid| orders.iter().map(|order| f(order)).collect::<Vec<_>>();
    let text =
        |f: fn(&OrderRow) -> &'static str| orders.iter().map(|order| f(order)).collect::<Vec<_>>();
    let totals: Vec<_> = orders
        .iter()
        .map(|order| order.total.amount_minor)
        .collect();
    let hours: Vec<_> = orders.iter().map(|order| order.refund_hours).collect();
    let created: Vec<_> = orders
        .iter()
        .map(|order| order.created_at.to_sqlx())
        .collect();
    sqlx::query!(
        r#"
        INSERT INTO orders (id, hold_id, event_id, account_id, status, payment_state, total_minor, currency, refund_hours,
            created_at, updated_at)
        SELECT placed.id, placed.hold_id, $1, placed.account_id, placed.status, placed.payment_state,
            placed.total, placed.currency, placed.refund_hours, placed.created_at, placed.created_at
        FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::integer[],
                $10::timestamptz[])
            AS placed (id, hold_id, account_id, status, payment_state, total, currency, refund_hours, created_at)
        "#,
        event.0,
        &column(|order| order.id.0),
        &column(|order| order.hold_id.0),
        &column(|order| order.account_id.0),
        &text(|order| order.status.as_str()) as _,
        &text(|order| order.payment_state.as_str()) as _,
        &totals,
        &text(|order| order.total.currency.code()) as _,
        &hours as _,
        &created as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes down where orders stand now.
pub async fn set_statuses(conn: &mut Conn, orders: &[&OrderRow], now: Timestamp) -> Result<()> {
    let ids: Vec<_> = orders.iter().map(|order| order.id.0).collect();
    let statuses: Vec<_> = orders.iter().map(|order| order.status.as_str()).collect();
    let payments: Vec<_> = orders
        .iter()
        .map(|order| order.payment_state.as_str())
        .collect();
    sqlx::query!(
        r#"
        UPDATE orders SET status = step.status, payment_state = step.payment_state, updated_at = $4
        FROM unnest($1::uuid[], $2::text[], $3::text[]) AS step (id, status, payment_state)
        WHERE orders.id = step.id
        "#,
        &ids,
        &statuses as _,
        &payments as _,
        now.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Some orders, whoever's they are.
pub async fn list(conn: &mut Conn, ids: &[OrderId]) -> Result<Vec<OrderRow>> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Raw,
        r#"
        SELECT id, hold_id, event_id, account_id, status, payment_state, total_minor, currency, refund_hours,
            created_at
        FROM orders WHERE id = ANY($1)
        "#,
        &ids
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// One order, whoever's it is.
pub async fn find(conn: &mut Conn, id: OrderId) -> Result<Option<OrderRow>> {
    Ok(list(conn, &[id]).await?.pop())
}

/// An account's orders, latest first, those before `before`.
pub async fn list_of_account(
    conn: &mut Conn,
    account: AccountId,
    before: Option<OrderId>,
    limit: i64,
) -> Result<Vec<OrderRow>> {
    sqlx::query_as!(
        Raw,
        r#"
        SELECT id, hold_id, event_id, account_id, status, payment_state, total_minor, currency, refund_hours,
            created_at
        FROM orders
        WHERE account_id = $1 AND ($2::uuid IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3
        "#,
        account.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// Somebody's order, and how they are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoughtRow {
    /// The order.
    pub order: OrderRow,
    /// The buyer's name.
    pub name: String,
    /// The buyer's handle.
    pub handle: String,
    /// Where the buyer is reached.
    pub email: String,
}

/// The orders of an event that came to something or may, latest first, those before `before`.
/// Of those that were cancelled: whose money came all the same, or could come still. With `text`
/// those whose payment has this reference, or whose buyer's name has it somewhere.
pub async fn list_of_event(
    conn: &mut Conn,
    event: EventId,
    text: &str,
    before: Option<OrderId>,
    limit: i64,
) -> Result<Vec<BoughtRow>> {
    let rows = sqlx::query!(
        r#"
        SELECT ordered.id, ordered.hold_id, ordered.event_id, ordered.account_id, ordered.status,
            ordered.payment_state, ordered.total_minor, ordered.currency, ordered.refund_hours,
            ordered.created_at, account.name, account.handle, account.email
        FROM orders ordered JOIN accounts account ON account.id = ordered.account_id
        WHERE ordered.event_id = $1 AND (ordered.status <> 'cancelled' OR ordered.payment_state IN ('succeeded', 'lapsed'))
          AND ($2::uuid IS NULL OR ordered.id < $2)
          AND ($4::text = '' OR strpos(lower(account.name), lower($4)) > 0 OR EXISTS (
              SELECT FROM payments payment
              WHERE payment.order_id = ordered.id AND payment.reference = upper(replace($4, ' ', ''))))
        ORDER BY ordered.id DESC LIMIT $3
        "#,
        event.0,
        before.map(|id| id.0),
        limit,
        text
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let raw = Raw {
                id: row.id,
                hold_id: row.hold_id,
                event_id: row.event_id,
                account_id: row.account_id,
                status: row.status,
                payment_state: row.payment_state,
                total_minor: row.total_minor,
                currency: row.currency,
                refund_hours: row.refund_hours,
                created_at: row.created_at,
            };
            Ok(BoughtRow {
                order: raw.row()?,
                name: row.name,
                handle: row.handle,
                email: row.email,
            })
        })
        .collect()
}
