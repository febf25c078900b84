//! Other people, as everybody may see them.

use leptos::prelude::*;
use types::accounts::Person;

use super::RpcResult;

/// A public profile.
#[server(prefix = "/rpc", endpoint = "get_person", input = server_fn::codec::GetUrl)]
pub async fn get_person(handle: String) -> RpcResult<Person> {
    let ctx = crate::ssr::ctx().await?;
    Ok(service::accounts::person(&ctx, &handle).await?)
}
