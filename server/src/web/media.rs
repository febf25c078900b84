//! `/media/{key}/{name}`: public images out of the object store. Keys are random and
//! what is behind one never changes.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::get,
};
use http::header;
use service::{Ctx, Error, Services};

use crate::api::problem::ApiError;

/// The route.
pub fn router(services: Arc<Services>) -> Router {
    Router::new()
        .route("/media/{key}/{name}", get(image))
        .with_state(services)
}

async fn image(
    State(services): State<Arc<Services>>,
    path: Option<Path<(String, String)>>,
) -> Result<Response, ApiError> {
    let Some(Path((key, name))) = path.filter(|Path((key, name))| is_name(key) && is_name(name))
    else {
        return Err(Error::not_found().into());
    };
    let blob = service::media::fetch(&Ctx::system(services), &key, &name).await?;
    let headers = [
        (header::CONTENT_TYPE, blob.content_type),
        (
            header::CACHE_CONTROL,
            "public, max-age=31536000, immutable".to_owned(),
        ),
        (header::CONTENT_DISPOSITION, "inline".to_owned()),
    ];
    Ok((headers, blob.bytes).into_response())
}

/// Letters, digits, `-`, `_`, `.`: nothing that a store could read as a path.
fn is_name(text: &str) -> bool {
    !text.starts_with('.')
        && text.len() <= 100
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
