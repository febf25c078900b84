//! The list of public events: filters, orders, keyset pages.
//!
//! The one place with SQL put together at run time. Every value is bound; only
//! fixed fragments of this file become part of the text.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use sqlx::{Postgres, QueryBuilder, Row};
use types::{
    AccountId, EventId,
    events::{EventSort, Phase},
};
use uuid::Uuid;

use crate::{Conn, Result};

/// Who runs the events asked for.
#[derive(Clone, Debug)]
pub enum OrganizerKey {
    /// By account.
    Id(AccountId),
    /// By handle, in any case.
    Handle(String),
}

/// A circle on earth.
#[derive(Clone, Copy, Debug)]
pub struct Circle {
    /// WGS 84 degrees.
    pub latitude: f64,
    /// WGS 84 degrees.
    pub longitude: f64,
    /// Metres.
    pub radius: f64,
}

/// What the events of a list have in common, beside being public and published.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A tsquery made by [`parse`].
    pub matches: Option<String>,
    /// One of the categories.
    pub category: Option<String>,
    /// A tag, lower case.
    pub tag: Option<String>,
    /// The phase at `now`.
    pub phase: Option<Phase>,
    /// The current time.
    pub now: Timestamp,
    /// Not over at this instant.
    pub ends_after: Option<Timestamp>,
    /// Begun before this instant.
    pub starts_before: Option<Timestamp>,
    /// Who runs them.
    pub organizer: Option<OrganizerKey>,
    /// Lowest price from, in minor units.
    pub price_min: Option<i64>,
    /// Lowest price up to, in minor units.
    pub price_max: Option<i64>,
    /// Where.
    pub near: Option<Circle>,
}

/// Where an item stands in the order of a list.
#[derive(Clone, Debug, PartialEq)]
pub enum Key {
    /// An instant in microseconds since 1970, or an amount.
    Number(i64),
    /// A folded title.
    Text(String),
    /// Metres, or how well it matches.
    Real(f64),
}

/// An event of the list.
#[derive(Clone, Debug)]
pub struct Hit {
    /// The event.
    pub id: EventId,
    /// Its place in the order.
    pub key: Key,
    /// Metres from the middle of the circle asked for.
    pub distance: Option<f64>,
}

/// A word of a search: any of its spellings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// As typed: also finds what begins with it.
    pub word: String,
    /// Words that are meant if it was mistyped.
    pub instead: Vec<String>,
}

type Sql = QueryBuilder<Postgres>;

/// The tsquery that wants every term in one of its spellings.
pub async fn parse(conn: &mut Conn, terms: &[Term]) -> Result<String> {
    let (mut words, mut positions, mut begins) = (Vec::new(), Vec::new(), Vec::new());
    for (position, term) in (0i32..).zip(terms) {
        for (spelling, is_beginning) in
            std::iter::once((&term.word, true)).chain(term.instead.iter().map(|word| (word, false)))
        {
            words.push(spelling.clone());
            positions.push(position);
            begins.push(is_beginning);
        }
    }
    let query = sqlx::query_scalar!(
        r#"
        SELECT to_tsquery('simple', string_agg('(' || spellings || ')', ' & '))::text AS "query!"
        FROM (
            SELECT string_agg(quote_literal(unaccent(word)) || CASE WHEN begins THEN ':*' ELSE '' END, ' | ') AS spellings
            FROM unnest($1::text[], $2::integer[], $3::boolean[]) AS term (word, position, begins)
            GROUP BY position
        ) terms
        "#,
        &words,
        &positions,
        &begins
    )
    .fetch_one(conn)
    .await?;
    Ok(query)
}

/// Known words one letter away from a mistyped one: one letter more, less or other
/// (Levenshtein distance 1), or two neighbours swapped (`swapped` lists those).
pub async fn spellings(conn: &mut Conn, word: &str, swapped: &[String]) -> Result<Vec<String>> {
    let words = sqlx::query_scalar!(
        r#"
        SELECT word FROM search_words
        WHERE char_length(word) BETWEEN char_length(unaccent($1)) - 1 AND char_length(unaccent($1)) + 1
          AND levenshtein_less_equal(word, unaccent($1), 1) <= 1
        UNION
        SELECT word FROM search_words WHERE word = ANY(SELECT unaccent(other) FROM unnest($2::text[]) AS other)
        LIMIT 20
        "#,
        word,
        swapped
    )
    .fetch_all(conn)
    .await?;
    Ok(words.into_iter().flatten().collect())
}

/// The events of a page: `rows` of those that match, after `after`, in order.
///
/// In order of beginning, everything that is over comes first in the index. So what
/// begins after the instant asked for is found from there on, and what is on then by
/// the index of spans: `OFFSET 0` keeps the planner from walking the other one in the
/// hope of finding enough soon.
pub async fn list(
    conn: &mut Conn,
    filter: &Filter,
    sort: EventSort,
    after: Option<&(Key, EventId)>,
    rows: i64,
) -> Result<Vec<Hit>> {
    let mut sql = Sql::new("");
    match filter.ends_after {
        Some(instant) if sort == EventSort::StartsAt => {
            sql.push("SELECT id, key, distance FROM ((");
            select(&mut sql, filter, sort, after);
            sql.push(" AND starts_at > ").push_bind(instant.to_sqlx());
            order(&mut sql, sort, rows);
            sql.push(") UNION ALL (SELECT id, key, distance FROM (");
            select(&mut sql, filter, sort, after);
            sql.push(" AND tstzrange(starts_at, ends_at) @> ")
                .push_bind(instant.to_sqlx());
            sql.push(" OFFSET 0) AS on_then");
            order(&mut sql, sort, rows);
            sql.push(")) AS parts");
        }
        ends_after => {
            select(&mut sql, filter, sort, after);
            if let Some(instant) = ends_after {
                sql.push(" AND ends_at > ").push_bind(instant.to_sqlx());
            }
        }
    }
    order(&mut sql, sort, rows);
    sql.build()
        .fetch_all(conn)
        .await?
        .iter()
        .map(|row| hit(row, sort))
        .collect()
}

fn is_descending(sort: EventSort) -> bool {
    use EventSort as S;
    matches!(
        sort,
        S::StartsAtDesc | S::PriceDesc | S::CreatedAtDesc | S::Relevance
    )
}

fn order(sql: &mut Sql, sort: EventSort, rows: i64) {
    sql.push(if is_descending(sort) {
        " ORDER BY key DESC, id DESC LIMIT "
    } else {
        " ORDER BY key, id LIMIT "
    });
    sql.push_bind(rows);
}

fn select(sql: &mut Sql, filter: &Filter, sort: EventSort, after: Option<&(Key, EventId)>) {
    sql.push("SELECT id, ");
    key(sql, filter, sort);
    sql.push(" AS key, ");
    match filter.near {
        Some(circle) => distance(sql, circle),
        None => drop(sql.push("NULL::double precision")),
    }
    sql.push(" AS distance FROM events WHERE status = 'published' AND visibility = 'public'");
    narrow(sql, filter);
    narrow_by_place(sql, filter);
    if let Some((after, id)) = after {
        sql.push(" AND (");
        key(sql, filter, sort);
        sql.push(if is_descending(sort) {
            ", id) < ("
        } else {
            ", id) > ("
        });
        bind_key(sql, sort, after);
        sql.push(", ").push_bind(id.0).push(")");
    }
}

/// The expression that a list is ordered by; each has an index of the same text.
fn key(sql: &mut Sql, filter: &Filter, sort: EventSort) {
    use EventSort as S;
    match (sort, filter.near, &filter.matches) {
        (S::Title, ..) => drop(sql.push("lower(title)")),
        (S::Price, ..) => drop(sql.push("coalesce(price_from_minor, 9223372036854775807)")),
        (S::PriceDesc, ..) => drop(sql.push("coalesce(price_from_minor, -1)")),
        (S::CreatedAtDesc, ..) => drop(sql.push("created_at")),
        (S::Distance, Some(circle), _) => distance(sql, circle),
        (S::Relevance, _, Some(query)) => {
            sql.push("ts_rank(search, ")
                .push_bind(query.clone())
                .push("::tsquery)::double precision");
        }
        _ => drop(sql.push("starts_at")),
    }
}

fn bind_key(sql: &mut Sql, sort: EventSort, key: &Key) {
    use EventSort as S;
    match key {
        Key::Text(text) => sql.push_bind(text.clone()),
        Key::Real(real) => sql.push_bind(*real),
        Key::Number(number) if matches!(sort, S::Price | S::PriceDesc) => sql.push_bind(*number),
        Key::Number(micros) => sql.push_bind(
            Timestamp::from_microsecond(*micros)
                .unwrap_or_default()
                .to_sqlx(),
        ),
    };
}

fn distance(sql: &mut Sql, circle: Circle) {
    sql.push("earth_distance(ll_to_earth(latitude, longitude), ll_to_earth(");
    sql.push_bind(circle.latitude)
        .push(", ")
        .push_bind(circle.longitude)
        .push("))");
}

fn narrow(sql: &mut Sql, filter: &Filter) {
    if let Some(query) = &filter.matches {
        sql.push(" AND search @@ ")
            .push_bind(query.clone())
            .push("::tsquery");
    }
    if let Some(category) = &filter.category {
        sql.push(" AND category = ").push_bind(category.clone());
    }
    if let Some(tag) = &filter.tag {
        sql.push(" AND tags @> ").push_bind(vec![tag.clone()]);
    }
    match filter.phase {
        Some(Phase::Upcoming) => drop(
            sql.push(" AND starts_at > ")
                .push_bind(filter.now.to_sqlx()),
        ),
        Some(Phase::Ongoing) => drop(
            sql.push(" AND tstzrange(starts_at, ends_at) @> ")
                .push_bind(filter.now.to_sqlx()),
        ),
        Some(Phase::Past) => {
            // The second follows from the first and is what the index knows.
            sql.push(" AND ends_at <= ").push_bind(filter.now.to_sqlx());
            sql.push(" AND starts_at < ")
                .push_bind(filter.now.to_sqlx());
        }
        None => {}
    }
    if let Some(instant) = filter.starts_before {
        sql.push(" AND starts_at < ").push_bind(instant.to_sqlx());
    }
    if let Some(amount) = filter.price_min {
        sql.push(" AND price_from_minor >= ").push_bind(amount);
    }
    if let Some(amount) = filter.price_max {
        sql.push(" AND price_from_minor <= ").push_bind(amount);
    }
}

fn narrow_by_place(sql: &mut Sql, filter: &Filter) {
    match &filter.organizer {
        Some(OrganizerKey::Id(id)) => drop(sql.push(" AND organizer_id = ").push_bind(id.0)),
        Some(OrganizerKey::Handle(handle)) => {
            sql.push(" AND organizer_id = (SELECT id FROM accounts WHERE lower(handle) = lower(");
            sql.push_bind(handle.clone()).push("))");
        }
        None => {}
    }
    if let Some(circle) = filter.near {
        sql.push(" AND latitude IS NOT NULL AND earth_box(ll_to_earth(");
        sql.push_bind(circle.latitude)
            .push(", ")
            .push_bind(circle.longitude)
            .push("), ");
        sql.push_bind(circle.radius)
            .push(") @> ll_to_earth(latitude, longitude) AND ");
        distance(sql, circle);
        sql.push(" <= ").push_bind(circle.radius);
    }
}

fn hit(row: &sqlx::postgres::PgRow, sort: EventSort) -> Result<Hit> {
    use EventSort as S;
    let key = match sort {
        S::Title => Key::Text(row.try_get("key")?),
        S::Price | S::PriceDesc => Key::Number(row.try_get("key")?),
        S::Distance | S::Relevance => Key::Real(row.try_get("key")?),
        S::StartsAt | S::StartsAtDesc | S::CreatedAtDesc => {
            let at: jiff_sqlx::Timestamp = row.try_get("key")?;
            Key::Number(at.to_jiff().as_microsecond())
        }
    };
    Ok(Hit {
        id: row.try_get::<Uuid, _>("id")?.into(),
        key,
        distance: row.try_get("distance")?,
    })
}
