//! Images of events: sniffed, decoded under limits, re-encoded, stored in sizes.
//!
//! Objects come before their row, and no failure in between leaves one behind: an
//! upload first notes the keys as orphans, then stores the objects, then strikes the
//! keys off in the transaction that writes the row. Whoever removes a row notes its
//! keys in the same transaction. [`sweep`] removes what is due.

mod encode;

use std::time::Duration;

use futures::future;
use serde::{Deserialize, Serialize};
use store::{Tx, media::MediaRow};
use types::{
    Code, EventId, MediaId,
    media::{Media, MediaKind, Variant},
    validate,
};

use crate::{
    Ctx, Error, Result, events,
    ports::{Blob, PortError},
    rate,
};

use encode::Encoded;

/// An image to add.
#[derive(Debug)]
pub struct Upload {
    /// What it is for.
    pub kind: MediaKind,
    /// Also its alternative text.
    pub caption: Option<String>,
    /// The file as it came.
    pub bytes: Vec<u8>,
}

/// The largest file taken, in bytes.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// A caption has at most so many characters.
const MAX_CAPTION: usize = 300;
/// An event has at most so many images.
const MAX_IMAGES: i64 = 100;
/// After this an upload that was not finished is given up.
const UPLOAD_TIME: Duration = Duration::from_hours(1);
/// The sweep takes so many objects at a time.
const SWEEP_ROWS: i64 = 200;
/// The JPEG for link previews, of covers alone.
const SHARE_NAME: &str = "share.jpg";
/// Orphans that are documents and not objects.
const DOCUMENT_PREFIX: &str = "document:";

/// Adds an image to an event; one of a single kind replaces the one before.
pub async fn upload(ctx: &Ctx, event_key: &str, upload: Upload) -> Result<Media> {
    let event = may_change(ctx, event_key).await?;
    rate::spend(ctx, rate::Kind::Upload).await?;
    let caption = caption(upload.caption)?;
    let image = encode::encode(upload.bytes, upload.kind == MediaKind::Cover).await?;
    let row = MediaRow {
        id: MediaId(ctx.new_id()),
        kind: upload.kind.as_str().to_owned(),
        key: hex::encode(&ctx.ports().ids.secret()[..16]),
        width: image.width.cast_signed(),
        height: image.height.cast_signed(),
        variants: serde_json::to_value(image.stored_variants()).map_err(Error::internal)?,
        thumbhash: image.thumbhash.clone(),
        caption,
    };
    let keys = store_objects(ctx, &row.key, image).await?;
    match write_row(ctx, event, upload.kind, &row, &keys).await {
        Ok(replaced) => {
            remove_now(ctx, &replaced).await;
            view(ctx, &row)
        }
        Err(error) => {
            remove_now(ctx, &keys).await;
            Err(error)
        }
    }
}

/// Removes an image and its objects.
pub async fn delete(ctx: &Ctx, event_key: &str, id: MediaId) -> Result<()> {
    let event = find_for_change(ctx, event_key, id).await?;
    let mut tx = ctx.db().begin().await?;
    let row = store::media::delete(&mut tx, event, id)
        .await?
        .ok_or_else(Error::not_found)?;
    let keys = keys_of(&row)?;
    store::media::add_orphans(&mut tx, &keys, ctx.now()).await?;
    tx.commit().await?;
    remove_now(ctx, &keys).await;
    Ok(())
}

/// A stored variant for `/media/{key}/{name}`.
pub async fn fetch(ctx: &Ctx, key: &str, name: &str) -> Result<Blob> {
    let is_key = key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit());
    let is_name = name.len() <= 20 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    if !is_key || !is_name {
        return Err(Error::not_found());
    }
    let blob = ctx
        .ports()
        .blobs
        .get(&object_key(key, name))
        .await
        .map_err(unavailable)?;
    blob.ok_or_else(Error::not_found)
}

/// Removes objects whose row is gone; the worker calls it. Returns how many.
pub async fn sweep(ctx: &Ctx) -> Result<usize> {
    let mut removed = 0;
    loop {
        let mut conn = ctx.db().conn().await?;
        let due = store::media::due_orphans(&mut conn, ctx.now(), SWEEP_ROWS).await?;
        drop(conn);
        let done = remove_now(ctx, &due).await;
        removed += done;
        // What could not be removed now would come again at once.
        if done == 0 || done < due.len() {
            return Ok(removed);
        }
    }
}

/// May the actor add and remove images of this event?
async fn may_change(ctx: &Ctx, key: &str) -> Result<EventId> {
    let mut conn = ctx.db().conn().await?;
    Ok(events::crew(ctx, &mut conn, key).await?.id)
}

/// The event of an image that the actor may remove. That it is not there is said
/// before that it may not be touched.
async fn find_for_change(ctx: &Ctx, key: &str, id: MediaId) -> Result<EventId> {
    if !ctx.is_admin() {
        ctx.account()?;
    }
    let mut conn = ctx.db().conn().await?;
    let event = events::visible(ctx, &mut conn, key).await?;
    let images = store::media::of_event(&mut conn, event).await?;
    if images.iter().all(|image| image.id != id) {
        return Err(Error::not_found());
    }
    Ok(events::crew(ctx, &mut conn, key).await?.id)
}

fn caption(caption: Option<String>) -> Result<Option<String>> {
    let caption = caption
        .map(|caption| caption.trim().to_owned())
        .filter(|caption| !caption.is_empty());
    if let Some(caption) = &caption {
        if caption.chars().count() > MAX_CAPTION {
            return Err(Error::field(
                "caption",
                "too_long",
                "must have at most 300 characters",
            ));
        }
        validate::single_line(caption, &())
            .map_err(|error| Error::field("caption", "format", error.message()))?;
    }
    Ok(caption)
}

/// Notes the keys and stores the objects; returns the keys.
async fn store_objects(ctx: &Ctx, key: &str, image: Encoded) -> Result<Vec<String>> {
    let objects: Vec<_> = image
        .files
        .into_iter()
        .map(|file| (object_key(key, &file.name), file.blob))
        .collect();
    let keys: Vec<String> = objects.iter().map(|(key, _)| key.clone()).collect();
    let mut conn = ctx.db().conn().await?;
    store::media::add_orphans(&mut conn, &keys, ctx.now() + UPLOAD_TIME).await?;
    drop(conn);
    let puts = objects
        .into_iter()
        .map(|(key, blob)| async move { ctx.ports().blobs.put(&key, blob).await });
    if let Err(error) = future::try_join_all(puts).await {
        remove_now(ctx, &keys).await;
        return Err(unavailable(error));
    }
    Ok(keys)
}

/// Writes the row and strikes its keys off; returns the keys of an image it replaced.
async fn write_row(
    ctx: &Ctx,
    event: EventId,
    kind: MediaKind,
    row: &MediaRow,
    keys: &[String],
) -> Result<Vec<String>> {
    let mut tx = ctx.db().begin().await?;
    if !store::events::lock(&mut tx, event).await? {
        return Err(Error::not_found());
    }
    let replaced = replace(ctx, &mut tx, event, kind).await?;
    if store::media::count(&mut tx, event).await? >= MAX_IMAGES {
        return Err(Error::field(
            "file",
            "too_long",
            "An event has at most 100 images.",
        ));
    }
    store::media::insert(&mut tx, event, row, ctx.now()).await?;
    let noted = store::media::forget_orphans(&mut tx, keys).await?;
    if noted != keys.len() as u64 {
        return Err(
            Error::new(Code::Unavailable).detail("The upload took too long. Please try again.")
        );
    }
    tx.commit().await?;
    Ok(replaced)
}

async fn replace(ctx: &Ctx, tx: &mut Tx, event: EventId, kind: MediaKind) -> Result<Vec<String>> {
    let Some(before) = store::media::delete_kind(tx, event, kind).await? else {
        return Ok(Vec::new());
    };
    let keys = keys_of(&before)?;
    store::media::add_orphans(tx, &keys, ctx.now()).await?;
    Ok(keys)
}

/// Removes noted orphans; those that cannot be removed now stay noted. Returns how many.
pub(crate) async fn remove_now(ctx: &Ctx, keys: &[String]) -> usize {
    let mut gone = Vec::new();
    for key in keys {
        match remove_one(ctx, key).await {
            Ok(()) => gone.push(key.clone()),
            Err(error) => {
                tracing::warn!(object.key = %key, error = %error, "object left for the sweep");
            }
        }
    }
    if let Err(error) = forget(ctx, &gone).await {
        tracing::warn!(error = %error, "objects removed twice");
    }
    gone.len()
}

async fn remove_one(ctx: &Ctx, key: &str) -> Result<(), PortError> {
    match key
        .strip_prefix(DOCUMENT_PREFIX)
        .and_then(|id| id.parse().ok())
    {
        Some(event) => ctx.ports().documents.delete_metadata(event).await,
        None => ctx.ports().blobs.delete(key).await,
    }
}

async fn forget(ctx: &Ctx, keys: &[String]) -> Result<()> {
    if !keys.is_empty() {
        let mut conn = ctx.db().conn().await?;
        store::media::forget_orphans(&mut conn, keys).await?;
    }
    Ok(())
}

fn unavailable(error: PortError) -> Error {
    Error::new(Code::StorageUnavailable).because(error)
}

fn object_key(key: &str, name: &str) -> String {
    format!("media/{key}/{name}")
}

/// The orphan that stands for an event's metadata document.
pub(crate) fn document_key(event: EventId) -> String {
    format!("{DOCUMENT_PREFIX}{event}")
}

/// A variant as its row keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct StoredVariant {
    name: String,
    width: u32,
    height: u32,
}

fn variants_of(row: &MediaRow) -> Result<Vec<StoredVariant>> {
    serde_json::from_value(row.variants.clone()).map_err(Error::internal)
}

/// The keys of all objects of an image.
pub(crate) fn keys_of(row: &MediaRow) -> Result<Vec<String>> {
    let mut keys: Vec<_> = variants_of(row)?
        .iter()
        .map(|variant| object_key(&row.key, &variant.name))
        .collect();
    if row.kind == MediaKind::Cover.as_str() {
        keys.push(object_key(&row.key, SHARE_NAME));
    }
    Ok(keys)
}

/// An image as clients see it.
pub(crate) fn view(ctx: &Ctx, row: &MediaRow) -> Result<Media> {
    let kind = MediaKind::from_text(&row.kind)
        .ok_or_else(|| Error::internal(format!("unknown media kind {}", row.kind)))?;
    let url = |name: &str| format!("{}/{}/{name}", ctx.settings().media_url, row.key);
    let variants: Vec<_> = variants_of(row)?
        .into_iter()
        .map(|variant| Variant {
            width: variant.width,
            height: variant.height,
            url: url(&variant.name),
        })
        .collect();
    Ok(Media {
        id: row.id,
        kind,
        url: variants
            .last()
            .map(|largest| largest.url.clone())
            .unwrap_or_default(),
        share_url: (kind == MediaKind::Cover).then(|| url(SHARE_NAME)),
        variants,
        width: row.width.unsigned_abs(),
        height: row.height.unsigned_abs(),
        thumbhash: row.thumbhash.clone(),
        caption: row.caption.clone(),
    })
}
