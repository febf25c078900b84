//! Promo codes, for those who run an event.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::{
    Page,
    events::TicketType,
    promos::{PromoCode, PromoForm},
};

use super::RpcResult;

/// What the organizer's page of an event's promo codes is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PromosOfEvent {
    /// The event's title.
    pub title: String,
    /// In links.
    pub slug: String,
    /// The zone that times are typed in.
    pub time_zone: String,
    /// Can it still be edited?
    pub is_open: bool,
    /// All of them, the hidden ones too.
    pub ticket_types: Vec<TicketType>,
    /// Latest first.
    pub codes: Page<PromoCode>,
    /// As it is to be shown.
    pub form: PromoForm,
}

/// The promo codes of an event; with `typed`, the form as it came back with an error.
#[server(prefix = "/rpc", endpoint = "event_promos")]
pub async fn event_promos(
    event: String,
    cursor: Option<String>,
    typed: bool,
) -> RpcResult<PromosOfEvent> {
    let ctx = crate::ssr::ctx().await?;
    let query = types::paging::PageQuery {
        limit: None,
        cursor,
    };
    let codes = service::promos::list(&ctx, &event, query).await?;
    let event = service::events::get(&ctx, &event).await?;
    let kept = if typed {
        crate::ssr::session::kept(&format!("promo {}", event.slug)).await
    } else {
        None
    };
    Ok(PromosOfEvent {
        title: event.title,
        slug: event.slug,
        time_zone: event.time_zone,
        is_open: event.status.may_edit(),
        ticket_types: event.ticket_types.unwrap_or_default(),
        codes,
        form: kept.unwrap_or_default(),
    })
}

/// A new promo code.
#[server(prefix = "/rpc", endpoint = "create_promo")]
pub async fn create_promo(event: String, #[server(default)] form: PromoForm) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let outcome = service::promos::create_from_form(&ctx, &event, &form).await;
    crate::ssr::session::keep(&format!("promo {event}"), &form, outcome).await?;
    let codes = crate::links::organizer(&event, "promo-codes");
    crate::ssr::redirect(&format!("{codes}?done=code_created"));
    Ok(())
}

/// Switches a promo code off or on.
#[server(prefix = "/rpc", endpoint = "switch_promo")]
pub async fn switch_promo(event: String, code: String, is_active: bool) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let command = types::promos::UpdatePromoCode {
        is_active: Some(is_active),
        ..Default::default()
    };
    service::promos::update(&ctx, &event, crate::ssr::id(&code)?, command).await?;
    let codes = crate::links::organizer(&event, "promo-codes");
    let done = if is_active { "code_on" } else { "code_off" };
    crate::ssr::redirect(&format!("{codes}?done={done}"));
    Ok(())
}

/// Removes a promo code that nobody ever used.
#[server(prefix = "/rpc", endpoint = "delete_promo")]
pub async fn delete_promo(event: String, code: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    service::promos::remove(&ctx, &event, crate::ssr::id(&code)?).await?;
    let codes = crate::links::organizer(&event, "promo-codes");
    crate::ssr::redirect(&format!("{codes}?done=code_deleted"));
    Ok(())
}
