//! The JSON API, version 1: one file per context with its OpenAPI beside each handler.

mod accept;
mod accounts;
pub mod body;
mod codes;
mod events;
pub mod extract;
mod holds;
mod media;
pub mod openapi;
mod orders;
mod payments;
pub mod problem;
mod promos;
pub mod query;
pub mod refusals;
mod ticket_types;
mod tickets;
mod transfers;
mod waiting_list;
mod waiting_room;

pub use waiting_room::PLACE_TOKEN;

use axum::{Router, extract::DefaultBodyLimit, middleware};
use utoipa_axum::router::OpenApiRouter;

/// The largest JSON body, in bytes: a metadata document and room for an event around it.
pub const MAX_JSON_BYTES: usize = 512 * 1024;

/// The prefix of every call.
pub const BASE: &str = "/api/v1";

/// All calls with their documentation.
pub fn calls() -> OpenApiRouter {
    let calls = OpenApiRouter::new()
        .merge(accounts::routes())
        .merge(events::routes())
        .merge(ticket_types::routes())
        .merge(promos::routes())
        .merge(media::routes())
        .merge(holds::routes())
        .merge(orders::routes())
        .merge(payments::routes())
        .merge(tickets::routes())
        .merge(transfers::routes())
        .merge(waiting_list::routes())
        .merge(waiting_room::routes());
    OpenApiRouter::with_openapi(openapi::base()).nest(BASE, calls)
}

/// Everything under `/api`. Unknown addresses and wrong methods become problems in the
/// layer [`problem::problems`], which the caller puts around the auth layer.
pub fn router() -> Router {
    let (calls, document) = calls().split_for_parts();
    calls
        .merge(openapi::router(document))
        .layer(DefaultBodyLimit::max(MAX_JSON_BYTES))
        .layer(middleware::from_fn(accept::json_only))
}
