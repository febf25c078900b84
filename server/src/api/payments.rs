//! The call of payment providers.

use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, rejection::BytesRejection},
};
use http::{HeaderMap, StatusCode};
use service::Error;
use types::Code;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{extract::Cx, problem::ApiResult};

/// The largest message of a provider, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(stripe))
        .layer(DefaultBodyLimit::max(MAX_BYTES))
}

/// Stripe tells that a payment has a new state. The signature over the body as it came is
/// the credential; events that mean nothing here are taken too.
#[utoipa::path(post, path = "/webhooks/stripe", operation_id = "stripe_webhook", tag = "tickets",
    params(("Stripe-Signature" = String, Header, description = "`t=<seconds>,v1=<HMAC-SHA-256>`, at most five minutes old")),
    request_body(content = serde_json::Value, description = "An event of Stripe", content_type = "application/json"),
    responses(
        (status = 200, description = "Taken"),
        (status = 400, description = "`bad_signature`, `malformed`"),
        (status = 404, description = "This installation takes no messages of Stripe"),
        (status = 413, description = "More than 64 kB"),
    ), security(()))]
async fn stripe(
    Cx(ctx): Cx,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> ApiResult<StatusCode> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(Code::PayloadTooLarge),
        _ => Error::new(Code::Malformed),
    })?;
    let signature = headers.get("stripe-signature");
    let signature = signature.and_then(|value| value.to_str().ok());
    service::orders::payment_news(&ctx, signature.unwrap_or_default(), &body).await?;
    Ok(StatusCode::OK)
}
