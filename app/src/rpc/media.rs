//! Images of an event.

use leptos::prelude::*;
use server_fn::codec::{MultipartData, MultipartFormData};
use types::media::Media;

use super::RpcResult;

/// Adds an image to an event: fields `event`, `kind`, `caption`, `file`.
#[server(prefix = "/rpc", endpoint = "upload_media", input = MultipartFormData)]
pub async fn upload_media(data: MultipartData) -> RpcResult<Media> {
    let ctx = crate::ssr::ctx().await?;
    let form = crate::ssr::upload::read(data).await?;
    let media = service::media::upload(&ctx, &form.event, form.upload).await?;
    crate::ssr::redirect_plain_form(&crate::ssr::ways::editor_done(&form.event, "uploaded"));
    Ok(media)
}

/// Removes an image.
#[server(prefix = "/rpc", endpoint = "delete_media")]
pub async fn delete_media(event: String, id: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    service::media::delete(&ctx, &event, crate::ssr::id::<types::MediaId>(&id)?).await?;
    crate::ssr::redirect_plain_form(&crate::ssr::ways::editor_done(&event, "image_removed"));
    Ok(())
}
