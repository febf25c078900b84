//! Images of events, and objects whose row is gone.

use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use types::{EventId, MediaId, media::MediaKind};
use uuid::Uuid;

use crate::{Conn, Result};

/// An image of an event.
#[derive(Clone, Debug)]
pub struct MediaRow {
    /// The image.
    pub id: MediaId,
    /// See `types::media::MediaKind`.
    pub kind: String,
    /// The first part of its objects' keys.
    pub key: String,
    /// Pixels of the largest variant.
    pub width: i32,
    /// Pixels of the largest variant.
    pub height: i32,
    /// `[{"name", "width", "height"}]`, smallest first.
    pub variants: serde_json::Value,
    /// Base64.
    pub thumbhash: String,
    /// Also the alternative text.
    pub caption: Option<String>,
}

impl MediaRow {
    /// The image out of the columns of an outer join, if there is one.
    pub(crate) fn joined(
        id_and_key: Option<(Uuid, String)>,
        kind: &str,
        size: Option<(i32, i32)>,
        files: Option<(serde_json::Value, String)>,
        caption: Option<String>,
    ) -> Option<Self> {
        let ((id, key), (width, height), (variants, thumbhash)) = (id_and_key?, size?, files?);
        Some(Self {
            id: id.into(),
            kind: kind.to_owned(),
            key,
            width,
            height,
            variants,
            thumbhash,
            caption,
        })
    }
}

/// All images of an event, oldest first.
pub async fn of_event(conn: &mut Conn, event: EventId) -> Result<Vec<MediaRow>> {
    let rows = sqlx::query!(
        r#"
        SELECT id, kind, key, width, height, variants, thumbhash, caption
        FROM media WHERE event_id = $1 ORDER BY created_at, id
        "#,
        event.0
    )
    .fetch_all(conn)
    .await?;
    let media = rows.into_iter().map(|row| MediaRow {
        id: row.id.into(),
        kind: row.kind,
        key: row.key,
        width: row.width,
        height: row.height,
        variants: row.variants,
        thumbhash: row.thumbhash,
        caption: row.caption,
    });
    Ok(media.collect())
}

/// Adds an image.
pub async fn insert(
    conn: &mut Conn,
    event: EventId,
    media: &MediaRow,
    now: Timestamp,
) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO media (id, event_id, kind, key, width, height, variants, thumbhash, caption, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        "#,
        media.id.0,
        event.0,
        media.kind,
        media.key,
        media.width,
        media.height,
        media.variants,
        media.thumbhash,
        media.caption,
        now.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes the image with this id from an event and returns it.
pub async fn delete(conn: &mut Conn, event: EventId, id: MediaId) -> Result<Option<MediaRow>> {
    let row = sqlx::query_as!(
        MediaRow,
        r#"
        DELETE FROM media WHERE event_id = $1 AND id = $2
        RETURNING id, kind, key, width, height, variants, thumbhash, caption
        "#,
        event.0,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// Removes the image of a single kind from an event and returns it.
pub async fn delete_kind(
    conn: &mut Conn,
    event: EventId,
    kind: MediaKind,
) -> Result<Option<MediaRow>> {
    let row = sqlx::query_as!(
        MediaRow,
        r#"
        DELETE FROM media WHERE event_id = $1 AND kind = $2 AND kind <> 'gallery'
        RETURNING id, kind, key, width, height, variants, thumbhash, caption
        "#,
        event.0,
        kind.as_str()
    )
    .fetch_optional(conn)
    .await?;
    Ok(row)
}

/// How many images an event has.
pub async fn count(conn: &mut Conn, event: EventId) -> Result<i64> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM media WHERE event_id = $1"#,
        event.0
    )
    .fetch_one(conn)
    .await?;
    Ok(count)
}

/// Remembers objects to remove, from an instant on.
pub async fn add_orphans(conn: &mut Conn, keys: &[String], due_at: Timestamp) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO orphan_objects (key, due_at) SELECT key, $2 FROM unnest($1::text[]) AS object (key)
        ON CONFLICT ON CONSTRAINT orphan_objects_pkey DO NOTHING
        "#,
        keys,
        due_at.to_sqlx() as _
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Objects that are due to be removed, at most `rows`.
pub async fn due_orphans(conn: &mut Conn, now: Timestamp, rows: i64) -> Result<Vec<String>> {
    let keys = sqlx::query_scalar!(
        "SELECT key FROM orphan_objects WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
        now.to_sqlx() as _,
        rows
    )
    .fetch_all(conn)
    .await?;
    Ok(keys)
}

/// Forgets objects: they were removed, or their row is there.
pub async fn forget_orphans(conn: &mut Conn, keys: &[String]) -> Result<u64> {
    let done = sqlx::query!("DELETE FROM orphan_objects WHERE key = ANY($1)", keys)
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}
