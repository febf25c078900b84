//! Refunds: one order to a provider each to give money back. The lease says who may ask:
//! nobody else asks before it ends.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{
    EventId, Money, OrderId, RefundId,
    orders::{RefundReason, RefundState},
};
use uuid::Uuid;

use crate::{
    Conn, Result,
    decode::{known, money},
    payments::Asked,
};

/// Money that goes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRow {
    /// What the provider knows it by.
    pub id: RefundId,
    /// Of which order.
    pub order_id: OrderId,
    /// The payment that took the money.
    pub payment_id: Uuid,
    /// How much.
    pub amount: Money,
    /// Why.
    pub reason: RefundReason,
    /// What is known.
    pub state: RefundState,
    /// How often the provider was asked again.
    pub attempts: u32,
    /// When it was decided.
    pub created_at: Timestamp,
}

struct Raw {
    id: Uuid,
    order_id: Uuid,
    payment_id: Uuid,
    amount_minor: i64,
    currency: String,
    reason: String,
    state: String,
    attempts: i32,
    created_at: jiff_sqlx::Timestamp,
}

impl Raw {
    fn row(self) -> Result<RefundRow> {
        Ok(RefundRow {
            id: self.id.into(),
            order_id: self.order_id.into(),
            payment_id: self.payment_id,
            amount: money(self.amount_minor, &self.currency)?,
            reason: known(RefundReason::from_text(&self.reason), &self.reason)?,
            state: known(RefundState::from_text(&self.state), &self.state)?,
            attempts: self.attempts.unsigned_abs(),
            created_at: self.created_at.to_jiff(),
        })
    }
}

/// Refunds about to be asked for.
pub async fn insert(conn: &mut Conn, refunds: &[RefundRow], asked: Asked) -> Result<()> {
    let ids: Vec<_> = refunds.iter().map(|refund| refund.id.0).collect();
    let orders: Vec<_> = refunds.iter().map(|refund| refund.order_id.0).collect();
    let payments: Vec<_> = refunds.iter().map(|refund| refund.payment_id).collect();
    let amounts: Vec<_> = refunds
        .iter()
        .map(|refund| refund.amount.amount_minor)
        .collect();
    let currencies: Vec<_> = refunds
        .iter()
        .map(|refund| refund.amount.currency.code())
        .collect();
    let reasons: Vec<_> = refunds
        .iter()
        .map(|refund| refund.reason.as_str())
        .collect();
    let states: Vec<_> = refunds.iter().map(|refund| refund.state.as_str()).collect();
    sqlx::query!(
        r#"
        INSERT INTO refunds (id, order_id, payment_id, amount_minor, currency, reason, state, leased_until, attempts, created_at, updated_at)
        SELECT refund.id, refund.order_id, refund.payment_id, refund.amount, refund.currency, refund.reason,
            refund.state, $8, 0, $9, $9
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[])
            AS refund (id, order_id, payment_id, amount, currency, reason, state)
        "#,
        &ids,
        &orders,
        &payments,
        &amounts,
        &currencies as _,
        &reasons as _,
        &states as _,
        asked.leased_until.to_sqlx() as _,
        asked.at.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The refunds of some orders, in the order they were decided.
pub async fn list_of_orders(conn: &mut Conn, orders: &[OrderId]) -> Result<Vec<RefundRow>> {
    let ids: Vec<_> = orders.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Raw,
        r#"
        SELECT id, order_id, payment_id, amount_minor, currency, reason, state, attempts, created_at
        FROM refunds WHERE order_id = ANY($1) ORDER BY id
        "#,
        &ids
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// Takes open refunds whose lease ended, the oldest first; several processes get
/// different ones.
pub async fn lease_open(
    conn: &mut Conn,
    now: Timestamp,
    leased_until: Timestamp,
    limit: i64,
) -> Result<Vec<RefundRow>> {
    sqlx::query_as!(
        Raw,
        r#"
        WITH open AS (
            SELECT id FROM refunds
            WHERE state IN ('asked', 'unknown') AND leased_until <= $1
            ORDER BY leased_until LIMIT $3
            FOR UPDATE SKIP LOCKED
        )
        UPDATE refunds refund SET leased_until = $2, attempts = refund.attempts + 1, updated_at = $1
        FROM open WHERE refund.id = open.id
        RETURNING refund.id, refund.order_id, refund.payment_id, refund.amount_minor, refund.currency,
            refund.reason, refund.state, refund.attempts, refund.created_at
        "#,
        now.to_sqlx() as _,
        leased_until.to_sqlx() as _,
        limit
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// Writes down what the provider said, and when it may be asked again. What is settled
/// stays as it is.
pub async fn set_state(
    conn: &mut Conn,
    id: RefundId,
    state: RefundState,
    ask_again_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE refunds SET state = $2, leased_until = $3, updated_at = $4
        WHERE id = $1 AND state IN ('asked', 'unknown')
        "#,
        id.0,
        state.as_str(),
        ask_again_at.to_sqlx() as _,
        now.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that a provider took back its word: money that was said to be on its way is not.
/// Was there such a refund?
pub async fn set_refused(conn: &mut Conn, id: RefundId, now: Timestamp) -> Result<bool> {
    let done = sqlx::query!(
        "UPDATE refunds SET state = 'refused', updated_at = $2
         WHERE id = $1 AND state IN ('asked', 'unknown', 'succeeded')",
        id.0,
        now.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Notes that the organizer paid back what the provider could not, or never had. Is there
/// such a refund of the event?
pub async fn set_paid_otherwise(
    conn: &mut Conn,
    event: EventId,
    id: RefundId,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query!(
        r#"
        UPDATE refunds refund SET state = 'paid_otherwise', updated_at = $3
        FROM orders ordered
        WHERE refund.id = $1 AND ordered.id = refund.order_id AND ordered.event_id = $2
          AND refund.state IN ('refused', 'due', 'paid_otherwise')
        "#,
        id.0,
        event.0,
        now.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Orders of cancelled events whose tickets were not given back yet, with their events; in no
/// order, so that one that fails holds up no other.
pub async fn orders_of_cancelled_events(
    conn: &mut Conn,
    limit: i64,
) -> Result<Vec<(EventId, OrderId)>> {
    let rows = sqlx::query!(
        r#"
        SELECT event_id, order_id FROM (
            SELECT DISTINCT ticket.event_id, ticket.order_id
            FROM tickets ticket
            JOIN events event ON event.id = ticket.event_id AND event.status = 'cancelled'
            WHERE ticket.status = 'cancelled'
        ) due
        ORDER BY random() LIMIT $1
        "#,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.event_id.into(), row.order_id.into()))
        .collect())
}

/// How far the refunds of an event are, in orders and refunds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Orders with cancelled tickets that nobody has taken up yet.
    pub waiting: i64,
    /// Refunds that the provider has not answered yet.
    pub open: i64,
    /// Refunds that were made, by the provider or in another way.
    pub done: i64,
    /// Refunds that the provider could not make.
    pub refused: i64,
    /// Refunds of what came without a provider.
    pub due: i64,
}

/// How far the refunds of an event are.
pub async fn progress(conn: &mut Conn, event: EventId) -> Result<Progress> {
    let row = sqlx::query!(
        r#"
        SELECT count(*) FILTER (WHERE refund.state IN ('asked', 'unknown')) AS "open!",
            count(*) FILTER (WHERE refund.state IN ('succeeded', 'paid_otherwise')) AS "done!",
            count(*) FILTER (WHERE refund.state = 'refused') AS "refused!",
            count(*) FILTER (WHERE refund.state = 'due') AS "due!",
            (SELECT count(DISTINCT ticket.order_id) FROM tickets ticket
             WHERE ticket.event_id = $1 AND ticket.status = 'cancelled') AS "waiting!"
        FROM refunds refund JOIN orders ordered ON ordered.id = refund.order_id
        WHERE ordered.event_id = $1
        "#,
        event.0
    )
    .fetch_one(conn)
    .await?;
    Ok(Progress {
        waiting: row.waiting,
        open: row.open,
        done: row.done,
        refused: row.refused,
        due: row.due,
    })
}
