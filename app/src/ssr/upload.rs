//! Reading an uploaded image out of a multipart form.

use leptos::server_fn::codec::MultipartData;
use service::media::{MAX_BYTES, Upload};
use types::{Code, FieldError, media::MediaKind};

use crate::rpc::{RpcError, RpcResult};

/// Text fields are short.
const MAX_TEXT: usize = 4 * 1024;

/// An image and the event it is for.
pub struct UploadForm {
    /// The event's id or slug.
    pub event: String,
    /// The image.
    pub upload: Upload,
}

/// Reads the form's fields, each within its limit.
///
/// # Errors
/// [`Code::Malformed`], [`Code::PayloadTooLarge`], [`Code::Invalid`] with the field.
pub async fn read(data: MultipartData) -> RpcResult<UploadForm> {
    let mut parts = data
        .into_inner()
        .ok_or_else(|| RpcError::new(Code::Malformed))?;
    let (mut event, mut kind, mut caption, mut bytes) =
        (String::new(), String::new(), String::new(), Vec::new());
    let mut is_too_large = false;
    while let Some(mut part) = parts.next_field().await.map_err(malformed)? {
        let name = part.name().unwrap_or_default().to_owned();
        let limit = if name == "file" { MAX_BYTES } else { MAX_TEXT };
        let mut read = Vec::new();
        while let Some(chunk) = part.chunk().await.map_err(malformed)? {
            // The rest is read and dropped: a browser shows an answer only after it sent everything.
            is_too_large |= read.len() + chunk.len() > limit;
            if !is_too_large {
                read.extend_from_slice(&chunk);
            }
        }
        match name.as_str() {
            "file" => bytes = read,
            "event" => event = text(read)?,
            "kind" => kind = text(read)?,
            "caption" => caption = text(read)?,
            _ => {}
        }
    }
    if is_too_large {
        return Err(RpcError::new(Code::PayloadTooLarge));
    }
    if bytes.is_empty() {
        return Err(invalid("file", "required"));
    }
    let kind = MediaKind::from_text(&kind).ok_or_else(|| invalid("kind", "unknown"))?;
    let caption = Some(caption.trim().to_owned()).filter(|caption| !caption.is_empty());
    Ok(UploadForm {
        event,
        upload: Upload {
            kind,
            caption,
            bytes,
        },
    })
}

fn text(bytes: Vec<u8>) -> RpcResult<String> {
    String::from_utf8(bytes).map_err(malformed)
}

fn invalid(field: &str, code: &str) -> RpcError {
    RpcError {
        fields: vec![FieldError::new(field, code, "")],
        ..RpcError::new(Code::Invalid)
    }
}

/// A form that breaks off or is not one; also a body over the edge's own limit.
fn malformed<E>(_: E) -> RpcError {
    RpcError::new(Code::Malformed)
}
