//! The free document of an event. Postgres counts its versions, the document store
//! keeps it.
//!
//! A write takes the next version in a transaction and then stores the document under
//! it; the store keeps the higher one. So of two editors one is told that it was too
//! late, before anything is written. A crash between the two leaves a version without
//! a change: the document before is still there and was never promised to be gone.

use std::time::Duration;

use serde_json::{Value, json};
use store::events::EventRow;
use types::{Code, EventId};

use super::{access, rules};
use crate::{Ctx, Error, Result, ctx::IfMatch, ports::PortError};

/// How long a page waits for the document; without it, it shows the rest.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The metadata document and its version; `{}` and 0 without one.
pub async fn metadata(ctx: &Ctx, key: &str) -> Result<(Value, i64)> {
    let mut conn = ctx.db().conn().await?;
    let row = access::visible(ctx, &mut conn, key).await?;
    drop(conn);
    let document = read(ctx, &row).await?;
    Ok((document.unwrap_or_else(|| json!({})), row.metadata_version))
}

/// Replaces the metadata document; returns it and its new version.
pub async fn put_metadata(
    ctx: &Ctx,
    key: &str,
    version: IfMatch,
    document: Value,
) -> Result<(Value, i64)> {
    let mut conn = ctx.db().conn().await?;
    let row = access::crew(ctx, &mut conn, key).await?;
    drop(conn);
    check_version(version, row.metadata_version)?;
    rules::check_metadata(&document)?;
    must_be_there(ctx).await?;
    let mut tx = ctx.db().begin().await?;
    let row = access::locked(ctx, &mut tx, row.id, IfMatch::Any).await?;
    check_version(version, row.metadata_version)?;
    let next = row.metadata_version + 1;
    store::events::set_metadata_version(&mut tx, row.id, next).await?;
    tx.commit().await?;
    write(ctx, row.id, next, &document).await?;
    Ok((document, next))
}

/// The first document needs no version.
pub(crate) fn check_version(seen: IfMatch, version: i64) -> Result<()> {
    match (seen, version) {
        (IfMatch::Absent, 0) => Ok(()),
        _ => seen.check(version),
    }
}

/// The document, or `None` without one.
///
/// # Errors
/// [`Code::DocumentsUnavailable`].
pub(crate) async fn read(ctx: &Ctx, row: &EventRow) -> Result<Option<Value>> {
    if row.metadata_version == 0 {
        return Ok(None);
    }
    let found = in_time(ctx.ports().documents.get_metadata(row.id))
        .await
        .map_err(unavailable)?;
    Ok(found.map(|(_, document)| document))
}

/// The document, or `None` without one or while the store is away.
pub(crate) async fn read_if_there(ctx: &Ctx, row: &EventRow) -> Option<Value> {
    read(ctx, row).await.unwrap_or_else(|error| {
        tracing::warn!(event.id = %row.id, error = %error, "metadata left out");
        None
    })
}

/// Asks for the store before anything is promised.
pub(crate) async fn must_be_there(ctx: &Ctx) -> Result<()> {
    in_time(ctx.ports().documents.ping())
        .await
        .map_err(unavailable)
}

/// Stores the document under a version that was taken for it.
pub(crate) async fn write(ctx: &Ctx, event: EventId, version: i64, document: &Value) -> Result<()> {
    ctx.ports()
        .documents
        .put_metadata(event, version, document)
        .await
        .map_err(unavailable)
}

async fn in_time<T>(call: impl Future<Output = Result<T, PortError>>) -> Result<T, PortError> {
    match tokio::time::timeout(PATIENCE, call).await {
        Ok(done) => done,
        Err(_) => Err(PortError::unavailable("no answer in time")),
    }
}

fn unavailable(error: PortError) -> Error {
    Error::new(Code::DocumentsUnavailable).because(error)
}
