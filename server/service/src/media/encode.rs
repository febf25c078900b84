//! From a file that somebody sent to images that we made. Nothing of the file but its
//! pixels survives: no metadata, no trailing bytes, no other format's tricks.

use std::{io::Cursor, sync::LazyLock};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fast_image_resize::{ResizeOptions, Resizer};
use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgba, RgbaImage,
    codecs::jpeg::JpegEncoder, imageops,
};
use tokio::sync::Semaphore;
use types::Code;

use super::{MAX_BYTES, SHARE_NAME, StoredVariant};
use crate::{Error, Result, ports::Blob};

/// Widths of the variants; an image is never made larger.
const WIDTHS: [u32; 4] = [320, 640, 1280, 1920];
/// The width of the JPEG for link previews.
const SHARE_WIDTH: u32 = 1200;
const MAX_SIDE: u32 = 12_000;
const MAX_PIXELS: u64 = 40_000_000;
/// What decoding may allocate: 40 megapixels of four 16-bit channels.
const MAX_ALLOC: u64 = MAX_PIXELS * 8;
const WEBP_QUALITY: f32 = 80.0;
const JPEG_QUALITY: u8 = 82;
/// A thumbhash is made of an image of at most this size (its specification).
const THUMB_SIDE: u32 = 100;

/// Images that are worked on at once: each may take 300 MB.
static BENCH: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// An image in all its sizes.
#[derive(Debug)]
pub(super) struct Encoded {
    /// Pixels of the largest variant.
    pub width: u32,
    /// Pixels of the largest variant.
    pub height: u32,
    /// Base64.
    pub thumbhash: String,
    /// What to store, the variants first, smallest first.
    pub files: Vec<File>,
}

/// One object to store.
#[derive(Debug)]
pub(super) struct File {
    pub name: String,
    pub width: u32,
    pub height: u32,
    pub blob: Blob,
}

impl Encoded {
    /// The variants as their row keeps them.
    pub fn stored_variants(&self) -> Vec<StoredVariant> {
        let variants = self.files.iter().filter(|file| file.name != SHARE_NAME);
        variants
            .map(|file| StoredVariant {
                name: file.name.clone(),
                width: file.width,
                height: file.height,
            })
            .collect()
    }
}

/// Makes the variants, away from the threads that answer requests.
///
/// # Errors
/// 413 too many bytes, 415 not an image we take, 422 `file` broken or too many pixels.
pub(super) async fn encode(bytes: Vec<u8>, is_cover: bool) -> Result<Encoded> {
    let format = sniff(&bytes)?;
    let _place = BENCH.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || work(&bytes, format, is_cover))
        .await
        .map_err(Error::internal)?
}

/// What the file is by its first bytes; its name and declared type do not count.
fn sniff(bytes: &[u8]) -> Result<ImageFormat> {
    if bytes.is_empty() {
        return Err(Error::field("file", "required", "is empty"));
    }
    if bytes.len() > MAX_BYTES {
        return Err(Error::new(Code::PayloadTooLarge).detail("An image has at most 10 MB."));
    }
    match image::guess_format(bytes) {
        Ok(
            format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif),
        ) => Ok(format),
        _ => Err(Error::new(Code::UnsupportedMedia).detail("Send a JPEG, PNG, WebP or GIF image.")),
    }
}

fn work(bytes: &[u8], format: ImageFormat, is_cover: bool) -> Result<Encoded> {
    let image = decode(bytes, format)?;
    let mut files = Vec::new();
    for width in widths(image.width()) {
        files.push(webp(&resized(&image, width)?)?);
    }
    let (width, height) = files
        .last()
        .map_or((0, 0), |largest| (largest.width, largest.height));
    if is_cover {
        files.push(share(&resized(&image, SHARE_WIDTH.min(image.width()))?)?);
    }
    Ok(Encoded {
        width,
        height,
        thumbhash: thumbhash(&image)?,
        files,
    })
}

/// The image upright, in 8 bits per channel.
fn decode(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(too_large());
    }
    let orientation = decoder.orientation().map_err(refused)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(refused)?;
    image.apply_orientation(orientation);
    let has_alpha = image.color().has_alpha();
    Ok(if has_alpha {
        image.into_rgba8().into()
    } else {
        image.into_rgb8().into()
    })
}

fn refused(error: image::ImageError) -> Error {
    match error {
        image::ImageError::Limits(_) => too_large(),
        error => Error::field("file", "format", "is not an image that can be read").because(error),
    }
}

fn too_large() -> Error {
    Error::field(
        "file",
        "range",
        "must have at most 40 megapixels and 12,000 pixels on a side",
    )
}

/// The widths of the variants of an image: those it has, and its own when it lies
/// between them.
fn widths(own: u32) -> Vec<u32> {
    let mut widths: Vec<_> = WIDTHS.into_iter().filter(|width| *width < own).collect();
    if widths.len() < WIDTHS.len() {
        widths.push(own);
    }
    widths
}

fn resized(image: &DynamicImage, width: u32) -> Result<DynamicImage> {
    if width == image.width() {
        return Ok(image.clone());
    }
    let height = u64::from(image.height()) * u64::from(width) / u64::from(image.width().max(1));
    scaled(
        image,
        width,
        u32::try_from(height).unwrap_or(MAX_SIDE).max(1),
    )
}

fn scaled(image: &DynamicImage, width: u32, height: u32) -> Result<DynamicImage> {
    let mut smaller = DynamicImage::new(width, height, image.color());
    Resizer::new()
        .resize(image, &mut smaller, &ResizeOptions::new())
        .map_err(Error::internal)?;
    Ok(smaller)
}

fn webp(image: &DynamicImage) -> Result<File> {
    let encoder = webp::Encoder::from_image(image).map_err(Error::internal)?;
    let memory = encoder
        .encode_simple(false, WEBP_QUALITY)
        .map_err(|error| Error::internal(format!("webp: {error:?}")))?;
    Ok(file(
        format!("w{}.webp", image.width()),
        image,
        "image/webp",
        memory.to_vec(),
    ))
}

fn share(image: &DynamicImage) -> Result<File> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .encode_image(&on_white(image))
        .map_err(Error::internal)?;
    Ok(file(SHARE_NAME.to_owned(), image, "image/jpeg", bytes))
}

fn file(name: String, image: &DynamicImage, content_type: &str, bytes: Vec<u8>) -> File {
    File {
        name,
        width: image.width(),
        height: image.height(),
        blob: Blob {
            content_type: content_type.to_owned(),
            bytes,
        },
    }
}

/// JPEG has no transparency.
fn on_white(image: &DynamicImage) -> DynamicImage {
    if !image.color().has_alpha() {
        return image.clone();
    }
    let mut ground = RgbaImage::from_pixel(image.width(), image.height(), Rgba([255; 4]));
    imageops::overlay(&mut ground, &image.to_rgba8(), 0, 0);
    DynamicImage::from(ground).into_rgb8().into()
}

fn thumbhash(image: &DynamicImage) -> Result<String> {
    let longest = image.width().max(image.height());
    let fit = |side: u32| {
        if longest <= THUMB_SIDE {
            side
        } else {
            (side * THUMB_SIDE / longest).max(1)
        }
    };
    let small = scaled(image, fit(image.width()), fit(image.height()))?.into_rgba8();
    let hash = thumbhash::rgba_to_thumb_hash(
        small.width() as usize,
        small.height() as usize,
        small.as_raw(),
    );
    Ok(STANDARD.encode(hash))
}

#[cfg(test)]
#[path = "encode_tests.rs"]
mod tests;
