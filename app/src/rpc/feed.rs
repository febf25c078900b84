//! What just happened.

use leptos::prelude::*;
use types::feed::Activity;

use super::RpcResult;

/// The latest public activities, newest first.
#[server(prefix = "/rpc", endpoint = "latest_activity", input = server_fn::codec::GetUrl)]
pub async fn latest_activity() -> RpcResult<Vec<Activity>> {
    let ctx = crate::ssr::ctx().await?;
    Ok(service::feed::latest(&ctx, 8).await?)
}
