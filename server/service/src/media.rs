//! Images of events: sniffed, decoded under limits, re-encoded, stored in sizes.

use types::{MediaId, media::{Media, MediaKind}};

use crate::{Ctx, Result, ports::Blob};

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

/// Adds an image to an event; one of a single kind replaces the one before.
pub async fn upload(ctx: &Ctx, event_key: &str, upload: Upload) -> Result<Media> { todo!() }
/// Removes an image and its objects.
pub async fn delete(ctx: &Ctx, event_key: &str, id: MediaId) -> Result<()> { todo!() }
/// A stored variant for `/media/{key}/{name}`.
pub async fn fetch(ctx: &Ctx, key: &str, name: &str) -> Result<Blob> { todo!() }
/// Removes objects whose row is gone; the worker calls it. Returns how many.
pub async fn sweep(ctx: &Ctx) -> Result<usize> { todo!() }
