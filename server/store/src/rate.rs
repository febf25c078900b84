//! Counters of rate limits that hold over all processes.

use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;

use crate::{Conn, Result};

/// What became of one attempt.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    /// The theoretical arrival time after the attempt; unchanged when it was refused.
    pub tat: Timestamp,
    /// Did it fit?
    pub is_allowed: bool,
}

/// Spends one call of `key`: GCRA in one statement, so parallel calls of all processes
/// queue on the row. `cost` is the time one call takes out of `window`.
/// `None` when others filled the window at this very moment: refused as well.
pub async fn spend(
    conn: &mut Conn,
    key: &str,
    now: Timestamp,
    cost: SignedDuration,
    window: SignedDuration,
) -> Result<Option<Spent>> {
    let first = now + cost;
    let latest = now + window - cost;
    let row = sqlx::query!(
        r#"
        WITH spent AS (
            INSERT INTO rate_limits AS r (key, tat) VALUES ($1, $3)
            ON CONFLICT ON CONSTRAINT rate_limits_pkey DO UPDATE
                -- Beyond the window it was written before the clock was put back.
                SET tat = CASE WHEN r.tat > $5 THEN $3 ELSE GREATEST(r.tat, $2) + ($3 - $2) END
                WHERE r.tat > $5 OR GREATEST(r.tat, $2) <= $4
            RETURNING tat
        )
        SELECT tat AS "tat!", true AS "is_allowed!" FROM spent
        UNION ALL
        SELECT tat, false FROM rate_limits WHERE key = $1 AND NOT EXISTS (SELECT FROM spent)
        "#,
        key,
        now.to_sqlx(),
        first.to_sqlx(),
        latest.to_sqlx(),
        (now + window).to_sqlx(),
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Spent {
        tat: row.tat.to_jiff(),
        is_allowed: row.is_allowed,
    }))
}

/// Removes counters that say nothing any more.
pub async fn delete_idle(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    let done = sqlx::query!("DELETE FROM rate_limits WHERE tat < $1", now.to_sqlx())
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
