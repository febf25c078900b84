//! Promo codes. How often one is used is counted from the holds that carry it: those that are
//! live, being paid or paid, except when the whole order was given back.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{AccountId, EventId, HoldId, Money, PromoCodeId, TicketTypeId, promos::PromoKind};
use uuid::Uuid;

use crate::{
    Conn, Result,
    decode::{known, money},
};

/// The constraint that refuses a code twice in an event.
pub const CODE_UNIQUE: &str = "promo_codes_code_key";

/// A promo code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromoRow {
    /// The code's id.
    pub id: PromoCodeId,
    /// Of which event.
    pub event_id: EventId,
    /// In upper case.
    pub code: String,
    /// What it gives.
    pub kind: PromoKind,
    /// Of `percent` alone.
    pub percent: Option<u32>,
    /// Of `amount` alone.
    pub amount: Option<Money>,
    /// By how many holds it can be carried.
    pub max_uses: Option<u32>,
    /// The same of one person.
    pub max_uses_per_person: Option<u32>,
    /// From when it counts.
    pub valid_from: Option<Timestamp>,
    /// Until when.
    pub valid_until: Option<Timestamp>,
    /// What it makes cheaper; empty: everything.
    pub ticket_type_ids: Vec<TicketTypeId>,
    /// What it opens.
    pub unlocks: Vec<TicketTypeId>,
    /// Is it switched on?
    pub is_active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

struct Raw {
    id: Uuid,
    event_id: Uuid,
    code: String,
    kind: String,
    percent: Option<i32>,
    amount_minor: Option<i64>,
    currency: Option<String>,
    max_uses: Option<i32>,
    max_uses_per_person: Option<i32>,
    valid_from: Option<jiff_sqlx::Timestamp>,
    valid_until: Option<jiff_sqlx::Timestamp>,
    ticket_type_ids: Vec<Uuid>,
    unlocks: Vec<Uuid>,
    is_active: bool,
    created_at: jiff_sqlx::Timestamp,
}

impl Raw {
    fn row(self) -> Result<PromoRow> {
        let amount = self.amount_minor.zip(self.currency);
        let amount = amount.map(|(minor, currency)| money(minor, &currency));
        Ok(PromoRow {
            id: self.id.into(),
            event_id: self.event_id.into(),
            code: self.code,
            kind: known(PromoKind::from_text(&self.kind), &self.kind)?,
            percent: self.percent.map(i32::unsigned_abs),
            amount: amount.transpose()?,
            max_uses: self.max_uses.map(i32::unsigned_abs),
            max_uses_per_person: self.max_uses_per_person.map(i32::unsigned_abs),
            valid_from: self.valid_from.map(jiff_sqlx::Timestamp::to_jiff),
            valid_until: self.valid_until.map(jiff_sqlx::Timestamp::to_jiff),
            ticket_type_ids: self.ticket_type_ids.into_iter().map(TicketTypeId).collect(),
            unlocks: self.unlocks.into_iter().map(TicketTypeId).collect(),
            is_active: self.is_active,
            created_at: self.created_at.to_jiff(),
        })
    }
}

fn ids(types: &[TicketTypeId]) -> Vec<Uuid> {
    types.iter().map(|id| id.0).collect()
}

/// A new code.
pub async fn insert(conn: &mut Conn, row: &PromoRow) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO promo_codes (id, event_id, code, kind, percent, amount_minor, currency, max_uses, max_uses_per_person,
            valid_from, valid_until, ticket_type_ids, unlocks, is_active, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        "#,
        row.id.0,
        row.event_id.0,
        row.code,
        row.kind.as_str(),
        row.percent.map(u32::cast_signed),
        row.amount.map(|amount| amount.amount_minor),
        row.amount.map(|amount| amount.currency.code()),
        row.max_uses.map(u32::cast_signed),
        row.max_uses_per_person.map(u32::cast_signed),
        row.valid_from.map(ToSqlx::to_sqlx) as _,
        row.valid_until.map(ToSqlx::to_sqlx) as _,
        &ids(&row.ticket_type_ids),
        &ids(&row.unlocks),
        row.is_active,
        row.created_at.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Replaces what can be edited: limits, times, types, whether it is on.
pub async fn edit(conn: &mut Conn, row: &PromoRow) -> Result<()> {
    sqlx::query!(
        r#"
        UPDATE promo_codes
        SET max_uses = $2, max_uses_per_person = $3, valid_from = $4, valid_until = $5, ticket_type_ids = $6,
            unlocks = $7, is_active = $8
        WHERE id = $1
        "#,
        row.id.0,
        row.max_uses.map(u32::cast_signed),
        row.max_uses_per_person.map(u32::cast_signed),
        row.valid_from.map(ToSqlx::to_sqlx) as _,
        row.valid_until.map(ToSqlx::to_sqlx) as _,
        &ids(&row.ticket_type_ids),
        &ids(&row.unlocks),
        row.is_active
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes a code that no hold carries.
pub async fn delete(conn: &mut Conn, id: PromoCodeId) -> Result<()> {
    sqlx::query!("DELETE FROM promo_codes WHERE id = $1", id.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Does any hold carry it, live or not?
pub async fn is_used(conn: &mut Conn, id: PromoCodeId) -> Result<bool> {
    let used = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM holds WHERE promo_code_id = $1) AS "used!""#,
        id.0
    )
    .fetch_one(conn)
    .await?;
    Ok(used)
}

/// An event's codes, latest first, those before `before`.
pub async fn list_of_event(
    conn: &mut Conn,
    event: EventId,
    before: Option<PromoCodeId>,
    limit: i64,
) -> Result<Vec<PromoRow>> {
    sqlx::query_as!(
        Raw,
        r#"
        SELECT id, event_id, code, kind, percent, amount_minor, currency, max_uses, max_uses_per_person, valid_from,
            valid_until, ticket_type_ids, unlocks, is_active, created_at
        FROM promo_codes
        WHERE event_id = $1 AND ($2::uuid IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3
        "#,
        event.0,
        before.map(|id| id.0),
        limit
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// One code of an event.
pub async fn find(conn: &mut Conn, event: EventId, id: PromoCodeId) -> Result<Option<PromoRow>> {
    sqlx::query_as!(
        Raw,
        r#"
        SELECT id, event_id, code, kind, percent, amount_minor, currency, max_uses, max_uses_per_person, valid_from,
            valid_until, ticket_type_ids, unlocks, is_active, created_at
        FROM promo_codes WHERE id = $2 AND event_id = $1
        "#,
        event.0,
        id.0
    )
    .fetch_optional(conn)
    .await?
    .map(Raw::row)
    .transpose()
}

/// The codes of an event with these texts in upper case.
pub async fn find_by_codes(
    conn: &mut Conn,
    event: EventId,
    codes: &[String],
) -> Result<Vec<PromoRow>> {
    sqlx::query_as!(
        Raw,
        r#"
        SELECT id, event_id, code, kind, percent, amount_minor, currency, max_uses, max_uses_per_person, valid_from,
            valid_until, ticket_type_ids, unlocks, is_active, created_at
        FROM promo_codes WHERE event_id = $1 AND code = ANY($2)
        "#,
        event.0,
        codes
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Raw::row)
    .collect()
}

/// The code that a hold carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldPromo {
    /// The code's id.
    pub id: PromoCodeId,
    /// In upper case.
    pub code: String,
}

/// So many uses of a code, by one of the people asked about or by all the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UseRow {
    /// The code.
    pub code: PromoCodeId,
    /// Who; `None`: all the others.
    pub person: Option<AccountId>,
    /// How many holds and orders carry it.
    pub uses: u32,
}

/// Whose uses of which codes are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Those of everybody.
    pub of_all: Vec<PromoCodeId>,
    /// Those of `people` alone: what the others use is not even read.
    pub of_people: Vec<PromoCodeId>,
    /// Counted apart from the others.
    pub people: Vec<AccountId>,
}

impl Counted {
    /// What must be counted to know whether `people` may use codes once more: nothing of a code
    /// without limits.
    pub fn for_limits<'a>(
        codes: impl IntoIterator<Item = &'a PromoRow>,
        people: &[AccountId],
    ) -> Self {
        let mut counted = Self {
            people: people.to_vec(),
            ..Self::default()
        };
        for code in codes {
            match (code.max_uses, code.max_uses_per_person) {
                (Some(_), _) => counted.of_all.push(code.id),
                (None, Some(_)) => counted.of_people.push(code.id),
                (None, None) => {}
            }
        }
        counted
    }

    fn is_nothing(&self) -> bool {
        self.of_all.is_empty() && (self.of_people.is_empty() || self.people.is_empty())
    }
}

/// How often codes are used at `now`.
pub async fn uses(conn: &mut Conn, counted: &Counted, now: Timestamp) -> Result<Vec<UseRow>> {
    if counted.is_nothing() {
        return Ok(Vec::new());
    }
    let of_all: Vec<_> = counted.of_all.iter().map(|id| id.0).collect();
    let of_people: Vec<_> = counted.of_people.iter().map(|id| id.0).collect();
    let people: Vec<_> = counted.people.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"
        SELECT used.promo_code_id AS "code!", used.person, count(*) AS "uses!"
        FROM (
            SELECT hold.promo_code_id, CASE WHEN hold.account_id = ANY($2) THEN hold.account_id END AS person
            FROM (
                SELECT id, promo_code_id, account_id, status, expires_at
                FROM holds WHERE promo_code_id = ANY($1)
                UNION ALL
                SELECT id, promo_code_id, account_id, status, expires_at
                FROM holds WHERE promo_code_id = ANY($4) AND account_id = ANY($2)
            ) hold
            WHERE hold.status = 'paying' OR (hold.status = 'held' AND hold.expires_at > $3)
                OR (hold.status = 'paid' AND NOT EXISTS (
                    SELECT 1 FROM orders ordered WHERE ordered.hold_id = hold.id AND ordered.status = 'refunded'))
        ) used
        GROUP BY used.promo_code_id, used.person
        "#,
        &of_all,
        &people,
        now.to_sqlx() as _,
        &of_people
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| UseRow {
        code: row.code.into(),
        person: row.person.map(AccountId),
        uses: u32::try_from(row.uses).unwrap_or(u32::MAX),
    });
    Ok(rows.collect())
}

/// The codes that holds carry.
pub async fn of_holds(conn: &mut Conn, holds: &[HoldId]) -> Result<Vec<(HoldId, HeldPromo)>> {
    let holds: Vec<_> = holds.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"
        SELECT hold.id AS hold_id, promo.id, promo.code
        FROM holds hold JOIN promo_codes promo ON promo.id = hold.promo_code_id
        WHERE hold.id = ANY($1)
        "#,
        &holds
    )
    .fetch_all(conn)
    .await?;
    let rows = rows.into_iter().map(|row| {
        let promo = HeldPromo {
            id: row.id.into(),
            code: row.code,
        };
        (row.hold_id.into(), promo)
    });
    Ok(rows.collect())
}
