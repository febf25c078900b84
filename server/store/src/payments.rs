//! Payments: one question to a provider each. The lease says who may ask: nobody
//! else asks before it ends.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{
    EventId, Money, OrderId,
    orders::{PaymentMethod, PaymentState},
};
use uuid::Uuid;

use crate::{
    Conn, Result,
    decode::{known, money},
};

/// The constraint that keeps references apart.
pub const REFERENCE_UNIQUE: &str = "payments_reference_key";

/// A question to a provider, or money that is awaited without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRow {
    /// What the provider knows it by.
    pub id: Uuid,
    /// What it pays.
    pub order_id: OrderId,
    /// The event whose places it pays.
    pub event_id: EventId,
    /// Who takes the money.
    pub method: PaymentMethod,
    /// What the buyer gave.
    pub token: String,
    /// What the organizer knows it by, without a provider.
    pub reference: Option<String>,
    /// How much.
    pub amount: Money,
    /// What is known.
    pub state: PaymentState,
    /// How often the provider was asked again.
    pub attempts: u32,
}

struct Raw {
    id: Uuid,
    order_id: Uuid,
    event_id: Uuid,
    method: String,
    token: String,
    reference: Option<String>,
    amount_minor: i64,
    currency: String,
    state: String,
    attempts: i32,
}

impl Raw {
    fn row(self) -> Result<PaymentRow> {
        Ok(PaymentRow {
            id: self.id,
            order_id: self.order_id.into(),
            event_id: self.event_id.into(),
            method: known(PaymentMethod::from_text(&self.method), &self.method)?,
            token: self.token,
            reference: self.reference,
            amount: money(self.amount_minor, &self.currency)?,
            state: known(PaymentState::from_text(&self.state), &self.state)?,
            attempts: self.attempts.unsigned_abs(),
        })
    }
}

/// Who is asked, and until when by whoever writes these rows.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// When.
    pub at: Timestamp,
    /// The end of the lease.
    pub leased_until: Timestamp,
}

/// Payments about to be asked for, or awaited.
pub async fn insert(conn: &mut Conn, payments: &[PaymentRow], asked: Asked) -> Result<()> {
    let ids: Vec<_> = payments.iter().map(|payment| payment.id).collect();
    let orders: Vec<_> = payments.iter().map(|payment| payment.order_id.0).collect();
    let methods: Vec<_> = payments
        .iter()
        .map(|payment| payment.method.as_str())
        .collect();
    let tokens: Vec<_> = payments
        .iter()
        .map(|payment| payment.token.as_str())
        .collect();
    let amounts: Vec<_> = payments
        .iter()
        .map(|payment| payment.amount.amount_minor)
        .collect();
    let currencies: Vec<_> = payments
        .iter()
        .map(|payment| payment.amount.currency.code())
        .collect();
    let states: Vec<_> = payments
        .iter()
        .map(|payment| payment.state.as_str())
        .collect();
    let references: Vec<_> = payments
        .iter()
        .map(|payment| payment.reference.as_deref())
        .collect();
    sqlx::query!(
        r#"
        INSERT INTO payments (id, order_id, method, token, amount_minor, currency, state, reference, leased_until,
            attempts, created_at, updated_at)
        SELECT payment.id, payment.order_id, payment.method, payment.token, payment.amount,
            payment.currency, payment.state, payment.reference, $9, 0, $10, $10
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[])
            AS payment (id, order_id, method, token, amount, currency, state, reference)
        "#,
        &ids,
        &orders,
        &methods as _,
        &tokens as _,
        &amounts,
        &currencies as _,
        &states as _,
        &references as _,
        asked.leased_until.to_sqlx() as _,
        asked.at.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The payment of an order.
pub async fn find_of_order(conn: &mut Conn, order: OrderId) -> Result<Option<PaymentRow>> {
    Ok(list_of_orders(conn, &[order]).await?.pop())
}

/// The payments of some orders.
pub async fn list_of_orders(conn: &mut Conn, orders: &[OrderId]) -> Result<Vec<PaymentRow>> {
    let ids: Vec<_> = orders.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Raw,
        r#"
        SELECT payment.id, payment.order_id, ordered.event_id, payment.method, payment.token, payment.reference,
            payment.amount_minor, payment.currency, payment.state, payment.attempts
        FROM payments payment JOIN orders ordered ON ordered.id = payment.order_id
        WHERE payment.order_id = ANY($1)
        "#,
        &ids
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// Takes open payments whose lease ended, the oldest first; several processes get
/// different ones.
pub async fn lease_open(
    conn: &mut Conn,
    now: Timestamp,
    leased_until: Timestamp,
    limit: i64,
) -> Result<Vec<PaymentRow>> {
    sqlx::query_as!(
        Raw,
        r#"
        WITH open AS (
            SELECT id FROM payments
            WHERE state IN ('asked', 'unknown') AND leased_until <= $1
            ORDER BY leased_until LIMIT $3
            FOR UPDATE SKIP LOCKED
        )
        UPDATE payments payment SET leased_until = $2, attempts = payment.attempts + 1, updated_at = $1
        FROM open, orders ordered
        WHERE payment.id = open.id AND ordered.id = payment.order_id
        RETURNING payment.id, payment.order_id, ordered.event_id, payment.method, payment.token, payment.reference,
            payment.amount_minor, payment.currency, payment.state, payment.attempts
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

/// What the provider said about a payment.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// The payment.
    pub id: Uuid,
    /// What is known now.
    pub state: PaymentState,
    /// When it may be asked again, if that is not the end.
    pub ask_again_at: Timestamp,
}

/// Writes down what the provider said, and when it may be asked again.
pub async fn set_states(conn: &mut Conn, said: &[Said], now: Timestamp) -> Result<()> {
    let ids: Vec<_> = said.iter().map(|said| said.id).collect();
    let states: Vec<_> = said.iter().map(|said| said.state.as_str()).collect();
    let again: Vec<_> = said
        .iter()
        .map(|said| said.ask_again_at.to_sqlx())
        .collect();
    sqlx::query!(
        r#"
        UPDATE payments SET state = said.state, leased_until = said.ask_again_at, updated_at = $4
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS said (id, state, ask_again_at)
        WHERE payments.id = said.id
        "#,
        &ids,
        &states as _,
        &again as _,
        now.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes a payment of unknown outcome due for asking. One that somebody is asking about
/// right now stays theirs. Was there such a payment?
pub async fn make_due(conn: &mut Conn, id: Uuid, now: Timestamp) -> Result<bool> {
    let done = sqlx::query!(
        "UPDATE payments SET leased_until = $2, updated_at = $2 WHERE id = $1 AND state = 'unknown' AND leased_until > $2",
        id,
        now.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// What is told of a payment without a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineRow {
    /// What it pays.
    pub order_id: OrderId,
    /// How.
    pub method: PaymentMethod,
    /// What the organizer knows it by.
    pub reference: String,
    /// Until when the places are kept for it.
    pub due_at: Timestamp,
}

/// The payments without a provider among those of some orders.
pub async fn offline_of_orders(conn: &mut Conn, orders: &[OrderId]) -> Result<Vec<OfflineRow>> {
    let ids: Vec<_> = orders.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"
        SELECT payment.order_id, payment.method, payment.reference AS "reference!", hold.expires_at
        FROM payments payment
        JOIN orders ordered ON ordered.id = payment.order_id
        JOIN holds hold ON hold.id = ordered.hold_id
        WHERE payment.order_id = ANY($1) AND payment.reference IS NOT NULL
        "#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(OfflineRow {
                order_id: row.order_id.into(),
                method: known(PaymentMethod::from_text(&row.method), &row.method)?,
                reference: row.reference,
                due_at: row.expires_at.to_jiff(),
            })
        })
        .collect()
}

/// Where an awaited transfer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// What it pays.
    pub order_id: OrderId,
    /// Whose account it is now.
    pub account_holder: String,
    /// What else is needed.
    pub details: String,
}

/// Where the transfers go that are awaited for some orders.
pub async fn accounts_of_orders(conn: &mut Conn, orders: &[OrderId]) -> Result<Vec<AccountRow>> {
    let ids: Vec<_> = orders.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"
        SELECT payment.order_id, way.account_holder AS "account_holder!", way.details AS "details!"
        FROM payments payment
        JOIN orders ordered ON ordered.id = payment.order_id
        JOIN payment_methods way ON way.event_id = ordered.event_id
        WHERE payment.order_id = ANY($1) AND payment.method = 'bank_transfer' AND payment.state = 'awaited'
            AND way.account_holder IS NOT NULL
        "#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| AccountRow {
        order_id: row.order_id.into(),
        account_holder: row.account_holder,
        details: row.details,
    });
    Ok(rows.collect())
}
