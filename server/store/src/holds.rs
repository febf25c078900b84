//! Places put aside. Every change of a hold's status happens under the locks of its
//! event's pools, see [`crate::pools`].

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{
    AccountId, EventId, HoldId, Money, OrderId, WaitingListEntryId,
    orders::{HoldStatus, Line},
};
use uuid::Uuid;

use crate::{
    Conn, Result,
    decode::{known, money},
    promos::HeldPromo,
};

/// A hold without its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRow {
    /// The hold.
    pub id: HoldId,
    /// Of which event.
    pub event_id: EventId,
    /// Whose.
    pub account_id: AccountId,
    /// Where it stands.
    pub status: HoldStatus,
    /// What its lines cost.
    pub total: Money,
    /// The promo code it carries.
    pub promo: Option<HeldPromo>,
    /// Until when it keeps its places while it is `held` or `awaiting`.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// The place in line that it was offered to.
    pub waiting_list_entry_id: Option<WaitingListEntryId>,
}

struct Raw {
    id: Uuid,
    event_id: Uuid,
    account_id: Uuid,
    status: String,
    total_minor: i64,
    currency: String,
    promo_code_id: Option<Uuid>,
    promo_code: Option<String>,
    expires_at: jiff_sqlx::Timestamp,
    created_at: jiff_sqlx::Timestamp,
    waiting_list_entry_id: Option<Uuid>,
}

impl Raw {
    fn row(self) -> Result<HoldRow> {
        Ok(HoldRow {
            id: self.id.into(),
            event_id: self.event_id.into(),
            account_id: self.account_id.into(),
            status: known(HoldStatus::from_text(&self.status), &self.status)?,
            total: money(self.total_minor, &self.currency)?,
            promo: self
                .promo_code_id
                .zip(self.promo_code)
                .map(|(id, code)| HeldPromo {
                    id: id.into(),
                    code,
                }),
            expires_at: self.expires_at.to_jiff(),
            created_at: self.created_at.to_jiff(),
            waiting_list_entry_id: self.waiting_list_entry_id.map(WaitingListEntryId),
        })
    }
}

/// New holds of one event, each with its lines.
pub async fn insert(conn: &mut Conn, event: EventId, holds: &[(&HoldRow, &[Line])]) -> Result<()> {
    let ids: Vec<_> = holds.iter().map(|(hold, _)| hold.id.0).collect();
    let accounts: Vec<_> = holds.iter().map(|(hold, _)| hold.account_id.0).collect();
    let statuses: Vec<_> = holds.iter().map(|(hold, _)| hold.status.as_str()).collect();
    let totals: Vec<_> = holds
        .iter()
        .map(|(hold, _)| hold.total.amount_minor)
        .collect();
    let currencies: Vec<_> = holds
        .iter()
        .map(|(hold, _)| hold.total.currency.code())
        .collect();
    let expiries: Vec<_> = holds
        .iter()
        .map(|(hold, _)| hold.expires_at.to_sqlx())
        .collect();
    let created: Vec<_> = holds
        .iter()
        .map(|(hold, _)| hold.created_at.to_sqlx())
        .collect();
    let entries: Vec<_> = holds
        .iter()
        .map(|(hold, _)| hold.waiting_list_entry_id.map(|id| id.0))
        .collect();
    let promos: Vec<_> = holds
        .iter()
        .map(|(hold, _)| hold.promo.as_ref().map(|promo| promo.id.0))
        .collect();
    sqlx::query!(
        r#"
        INSERT INTO holds (id, event_id, account_id, status, total_minor, currency, expires_at, created_at,
            waiting_list_entry_id, promo_code_id)
        SELECT hold.id, $1, hold.account_id, hold.status, hold.total, hold.currency, hold.expires_at, hold.created_at,
            hold.waiting_list_entry_id, hold.promo
        FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[], $8::timestamptz[],
                $9::uuid[], $10::uuid[])
            AS hold (id, account_id, status, total, currency, expires_at, created_at, waiting_list_entry_id, promo)
        "#,
        event.0,
        &ids,
        &accounts,
        &statuses as _,
        &totals,
        &currencies as _,
        &expiries as _,
        &created as _,
        &entries as _,
        &promos as _
    )
    .execute(&mut *conn)
    .await?;
    insert_lines(conn, holds).await
}

async fn insert_lines(conn: &mut Conn, holds: &[(&HoldRow, &[Line])]) -> Result<()> {
    let rows: Vec<_> = holds
        .iter()
        .flat_map(|(hold, lines)| {
            (0_i32..)
                .zip(*lines)
                .map(|(at, line)| (hold.id.0, at, line))
        })
        .collect();
    let ids: Vec<_> = rows.iter().map(|(id, ..)| *id).collect();
    let positions: Vec<_> = rows.iter().map(|(_, at, _)| *at).collect();
    let types: Vec<_> = rows
        .iter()
        .map(|(.., line)| line.ticket_type_id.0)
        .collect();
    let quantities: Vec<_> = rows
        .iter()
        .map(|(.., line)| line.quantity.cast_signed())
        .collect();
    let prices: Vec<_> = rows
        .iter()
        .map(|(.., line)| line.unit_price.amount_minor)
        .collect();
    let discounts: Vec<_> = rows
        .iter()
        .map(|(.., line)| line.unit_discount.amount_minor)
        .collect();
    let names: Vec<_> = rows.iter().map(|(.., line)| line.name.as_str()).collect();
    sqlx::query!(
        r#"
        INSERT INTO hold_items (hold_id, position, ticket_type_id, quantity, unit_price_minor, unit_discount_minor, name)
        SELECT * FROM unnest($1::uuid[], $2::integer[], $3::uuid[], $4::integer[], $5::bigint[], $6::bigint[], $7::text[])
        "#,
        &ids,
        &positions,
        &types,
        &quantities,
        &prices,
        &discounts,
        &names as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// One hold, whoever's it is.
pub async fn find(conn: &mut Conn, id: HoldId) -> Result<Option<HoldRow>> {
    Ok(list(conn, &[id]).await?.pop())
}

/// An account's holds that keep places at `now`, latest first. There are few: every
/// hold counts towards the limit per person.
pub async fn live_of_account(
    conn: &mut Conn,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<HoldRow>> {
    sqlx::query_as!(
        Raw,
        r#"
        SELECT hold.id, hold.event_id, hold.account_id, hold.status, hold.total_minor, hold.currency, hold.expires_at,
            hold.created_at, hold.waiting_list_entry_id, hold.promo_code_id,
            (SELECT promo.code FROM promo_codes promo WHERE promo.id = hold.promo_code_id) AS promo_code
        FROM holds hold
        WHERE hold.account_id = $1 AND hold.status IN ('held', 'paying', 'awaiting')
          AND (hold.status = 'paying' OR hold.expires_at > $2)
        ORDER BY hold.id DESC
        "#,
        account.0,
        now.to_sqlx() as _
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// The ids of an account's live holds of one event; call after `pools::expire_due`.
pub async fn live_ids(conn: &mut Conn, account: AccountId, event: EventId) -> Result<Vec<HoldId>> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM holds WHERE account_id = $1 AND event_id = $2 AND status IN ('held', 'paying', 'awaiting') ORDER BY id",
        account.0,
        event.0
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(HoldId).collect())
}

/// The lines of some holds, in the order they were asked for.
pub async fn lines(conn: &mut Conn, holds: &[HoldId]) -> Result<Vec<(HoldId, Line)>> {
    let ids: Vec<_> = holds.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"
        SELECT item.hold_id, item.ticket_type_id, item.quantity, item.unit_price_minor, item.unit_discount_minor,
            item.name, hold.currency
        FROM hold_items item JOIN holds hold ON hold.id = item.hold_id
        WHERE item.hold_id = ANY($1)
        ORDER BY item.hold_id, item.position
        "#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let line = Line {
                ticket_type_id: row.ticket_type_id.into(),
                name: row.name,
                quantity: row.quantity.unsigned_abs(),
                unit_price: money(row.unit_price_minor, &row.currency)?,
                unit_discount: money(row.unit_discount_minor, &row.currency)?,
            };
            Ok((row.hold_id.into(), line))
        })
        .collect()
}

/// The order that each hold became or is becoming.
pub async fn live_orders(conn: &mut Conn, holds: &[HoldId]) -> Result<Vec<(HoldId, OrderId)>> {
    let ids: Vec<_> = holds.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        "SELECT hold_id, id FROM orders WHERE hold_id = ANY($1) AND status IN ('pending', 'paid', 'refunded')",
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.hold_id.into(), row.id.into()))
        .collect())
}

/// Some holds, whoever's they are.
pub async fn list(conn: &mut Conn, ids: &[HoldId]) -> Result<Vec<HoldRow>> {
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    sqlx::query_as!(
        Raw,
        r#"
        SELECT hold.id, hold.event_id, hold.account_id, hold.status, hold.total_minor, hold.currency, hold.expires_at,
            hold.created_at, hold.waiting_list_entry_id, hold.promo_code_id,
            (SELECT promo.code FROM promo_codes promo WHERE promo.id = hold.promo_code_id) AS promo_code
        FROM holds hold
        WHERE hold.id = ANY($1)
        "#,
        &ids
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// Writes down where holds stand now, and until when they keep their places.
pub async fn update(conn: &mut Conn, holds: &[&HoldRow]) -> Result<()> {
    let ids: Vec<_> = holds.iter().map(|hold| hold.id.0).collect();
    let statuses: Vec<_> = holds.iter().map(|hold| hold.status.as_str()).collect();
    let expiries: Vec<_> = holds.iter().map(|hold| hold.expires_at.to_sqlx()).collect();
    sqlx::query!(
        r#"
        UPDATE holds SET status = step.status, expires_at = step.expires_at
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS step (id, status, expires_at)
        WHERE holds.id = step.id
        "#,
        &ids,
        &statuses as _,
        &expiries as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// When the next hold of an event runs out.
pub async fn next_due(conn: &mut Conn, event: EventId) -> Result<Option<Timestamp>> {
    let due = sqlx::query_scalar!(
        r#"SELECT min(expires_at) AS "due: jiff_sqlx::Timestamp" FROM holds WHERE event_id = $1 AND status IN ('held', 'awaiting')"#,
        event.0
    )
    .fetch_one(conn)
    .await?;
    Ok(due.map(jiff_sqlx::Timestamp::to_jiff))
}

/// Events that have a due hold, the longest due first.
pub async fn events_with_due(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<EventId>> {
    let rows = sqlx::query_scalar!(
        r#"
        SELECT event_id FROM holds WHERE status IN ('held', 'awaiting') AND expires_at <= $1
        GROUP BY event_id ORDER BY min(expires_at) LIMIT $2
        "#,
        now.to_sqlx() as _,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(EventId).collect())
}

/// Lets orders that wait for a transfer keep their places until `until` at most: the event begins
/// then.
pub async fn end_transfers(conn: &mut Conn, event: EventId, until: Timestamp) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE holds hold SET expires_at = least(hold.expires_at, $2)
        FROM orders ordered JOIN payments payment ON payment.order_id = ordered.id
        WHERE hold.event_id = $1 AND hold.status = 'awaiting' AND ordered.hold_id = hold.id
          AND ordered.status = 'pending' AND payment.method = 'bank_transfer'
        "#,
        event.0,
        until.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets orders that are paid at the door of an event keep their places until `until`, its end.
pub async fn keep_for_door(conn: &mut Conn, event: EventId, until: Timestamp) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE holds hold SET expires_at = $2
        FROM orders ordered JOIN payments payment ON payment.order_id = ordered.id
        WHERE hold.event_id = $1 AND hold.status = 'awaiting' AND ordered.hold_id = hold.id
          AND ordered.status = 'pending' AND payment.method = 'at_door'
        "#,
        event.0,
        until.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}
