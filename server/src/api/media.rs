//! The calls of media. The images themselves are served outside the API.

use axum::{
    Json,
    extract::{
        DefaultBodyLimit, Multipart,
        multipart::{Field, MultipartError, MultipartRejection},
    },
    response::IntoResponse,
};
use http::StatusCode;
use service::{
    Error, events,
    media::{self, MAX_BYTES, Upload},
};
use types::{
    Code, MediaId,
    media::{Media, MediaKind},
};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Cx, Key, Seg},
    problem::ApiResult,
    refusals,
};

/// What multipart puts around a file, and the other fields.
const ROOM: usize = 64 * 1024;

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .layer(DefaultBodyLimit::max(MAX_BYTES + ROOM))
        .routes(routes!(delete))
}

/// The form of an upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form to clients")]
struct UploadForm {
    /// JPEG, PNG, WebP or GIF (its first frame): at most 10 MB, 40 megapixels, 12,000 pixels on a side.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What it is for. One of a single kind replaces the one before.
    kind: MediaKind,
    /// Also its alternative text, at most 300 characters.
    caption: Option<String>,
}

/// Adds an image (crew). It is re-encoded in several sizes; metadata are removed.
#[utoipa::path(post, path = "/events/{event}/media", operation_id = "upload_media", tag = "events",
    params(("event" = String, Path, description = "Id or slug.")),
    request_body(content = UploadForm, content_type = "multipart/form-data"), responses(
    (status = 201, description = "The image.", body = Media), refusals::Upload))]
async fn upload(
    Cx(ctx): Cx,
    Key(key): Key,
    form: Result<Multipart, MultipartRejection>,
) -> ApiResult<impl IntoResponse> {
    events::may_act(&ctx, &key).await?;
    let form = form.map_err(|_| {
        Error::new(Code::UnsupportedMedia).detail("Send the image as multipart/form-data.")
    })?;
    let image = media::upload(&ctx, &key, read(form).await?).await?;
    Ok((StatusCode::CREATED, Json(image)))
}

/// Removes an image and its objects (crew).
#[utoipa::path(delete, path = "/events/{event}/media/{media}", operation_id = "delete_media", tag = "events",
    params(("event" = String, Path, description = "Id or slug."), ("media" = MediaId, Path)),
    responses((status = 204, description = "It is gone."), refusals::RemovePart))]
async fn delete(Cx(ctx): Cx, Seg((key, id)): Seg<(String, MediaId)>) -> ApiResult<StatusCode> {
    media::delete(&ctx, &key, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn read(mut form: Multipart) -> Result<Upload, Error> {
    let (mut file, mut kind, mut caption) = (None, None, None);
    while let Some(field) = form.next_field().await.map_err(|error| unread(&error))? {
        match field.name() {
            Some("file") => {
                file = Some(
                    field
                        .bytes()
                        .await
                        .map_err(|error| unread(&error))?
                        .to_vec(),
                );
            }
            Some("kind") => kind = Some(text("kind", field).await?),
            Some("caption") => caption = Some(text("caption", field).await?),
            other => {
                return Err(Error::field(
                    other.unwrap_or_default(),
                    "unknown",
                    "is not a field of this form",
                ));
            }
        }
    }
    let kind = kind.ok_or_else(|| Error::field("kind", "required", "is required"))?;
    let kind = MediaKind::from_text(&kind).ok_or_else(|| {
        Error::field(
            "kind",
            "unknown",
            "must be cover, banner, poster, thumbnail or gallery",
        )
    })?;
    let bytes = file.ok_or_else(|| Error::field("file", "required", "is required"))?;
    Ok(Upload {
        kind,
        caption,
        bytes,
    })
}

async fn text(name: &str, field: Field<'_>) -> Result<String, Error> {
    let bytes = field.bytes().await.map_err(|error| unread(&error))?;
    let is_plain = bytes.len() <= ROOM;
    let text = is_plain
        .then(|| String::from_utf8(bytes.to_vec()).ok())
        .flatten();
    text.ok_or_else(|| Error::field(name, "format", "must be plain text"))
}

fn unread(error: &MultipartError) -> Error {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Error::new(Code::PayloadTooLarge).detail("An image has at most 10 MB.")
        }
        _ => Error::new(Code::Malformed).detail("The form could not be read."),
    }
}
