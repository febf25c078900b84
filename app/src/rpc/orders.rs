//! Buying: basket → hold → pay → order.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::{
    Page,
    events::Event,
    orders::{EventOrder, GiveBackForm, Hold, HoldForm, Order, RefundProgress},
    payments::{PaymentMethods, PaymentMethodsForm},
};

use super::{RpcError, RpcResult};

/// What the ticket picker of an event begins with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PickerStart {
    /// For the forms that buy or wait. Made on the server, so that a re-sent form has one
    /// effect.
    pub key: String,
    /// What was chosen before the page was loaded.
    pub chosen: HoldForm,
}

/// What the ticket picker of an event begins with: what the page's address says was chosen;
/// with `typed`, the form as it came back with an error.
#[server(prefix = "/rpc", endpoint = "start_picker")]
pub async fn start_picker(
    event: String,
    #[server(default)] items: String,
    typed: bool,
) -> RpcResult<PickerStart> {
    let ctx = crate::ssr::ctx().await?;
    let kept = if typed {
        // The address may name the event by its id; the form names it by its slug.
        let slug = service::events::get(&ctx, &event).await?.slug;
        crate::ssr::session::kept(&format!("picker {slug}")).await
    } else {
        None
    };
    Ok(PickerStart {
        key: ctx.new_id().to_string(),
        chosen: kept.unwrap_or_else(|| crate::links::items_form(&items)),
    })
}

/// Puts places aside and goes to the checkout; by way of the log-in page when nobody
/// is signed in, to the waiting room when it is not their turn. `event` is its slug.
#[server(prefix = "/rpc", endpoint = "hold_places")]
pub async fn hold_places(
    event: String,
    #[server(default)] form: HoldForm,
    #[server(default)] key: String,
) -> RpcResult<()> {
    let Some(ctx) =
        crate::ssr::signed_in_or_log_in(&crate::ssr::ways::basket(&event, &form)).await?
    else {
        return Ok(());
    };
    let once = crate::ssr::once(&key, format!("POST /rpc/hold_places/{event}"), &form)?;
    let held = service::orders::hold_from_form(&ctx, &event, form.clone(), once).await;
    let held = held.and_then(service::idempotency::Reply::into_value);
    match crate::ssr::session::keep(&format!("picker {event}"), &form, held).await {
        Ok(hold) => crate::ssr::redirect(&crate::links::checkout(hold.id)),
        Err(error) if error.code == types::Code::WaitingRoomRequired => {
            crate::ssr::redirect(&crate::links::waiting_room(&event));
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// What the basket page is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Basket {
    /// With its ticket types as they are now, for somebody with the promo code.
    pub event: Event,
    /// Why the code does not count.
    pub refused: Option<RpcError>,
    /// For the form that puts the places aside.
    pub key: String,
}

/// The event of a basket, for somebody signed in.
#[server(prefix = "/rpc", endpoint = "get_basket")]
pub async fn get_basket(event: String, #[server(default)] code: String) -> RpcResult<Basket> {
    let ctx = crate::ssr::ctx().await?;
    ctx.account()?;
    let (event, refused) = service::events::get_trying_code(&ctx, &event, Some(&code)).await?;
    let event = Event {
        description: String::new(),
        description_html: None,
        ..event
    };
    Ok(Basket {
        event,
        refused: refused.map(RpcError::from),
        key: ctx.new_id().to_string(),
    })
}

/// What the checkout page is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checkout {
    /// In whatever state.
    pub hold: Hold,
    /// How it may be paid.
    pub methods: PaymentMethods,
    /// The way that was chosen when the form came back with an error; empty otherwise.
    pub method: String,
    /// For the form that pays it.
    pub key: String,
}

/// One of the actor's holds; with `typed`, the way that was chosen as the form came back with an
/// error.
#[server(prefix = "/rpc", endpoint = "get_checkout")]
pub async fn get_checkout(hold: String, typed: bool) -> RpcResult<Checkout> {
    let ctx = crate::ssr::ctx().await?;
    let hold = service::orders::get_hold(&ctx, crate::ssr::id(&hold)?).await?;
    let methods = service::orders::methods_of_hold(&ctx, hold.id).await?;
    let kept = if typed {
        crate::ssr::session::kept(&format!("pay {}", hold.id)).await
    } else {
        None
    };
    Ok(Checkout {
        hold,
        methods,
        method: kept.unwrap_or_default(),
        key: ctx.new_id().to_string(),
    })
}

/// Pays a hold and goes to its order.
#[server(prefix = "/rpc", endpoint = "pay")]
pub async fn pay(
    hold: String,
    #[server(default)] method: String,
    #[server(default)] outcome: String,
    #[server(default)] key: String,
) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let content = (&method, &outcome);
    let once = crate::ssr::once(&key, format!("POST /rpc/pay/{hold}"), &content)?;
    let id = crate::ssr::id::<types::HoldId>(&hold)?;
    let payment = crate::ssr::payment(&method, &outcome);
    let paid = service::orders::pay(&ctx, id, payment, once).await;
    let paid = paid.and_then(service::idempotency::Reply::into_value);
    let order = crate::ssr::session::keep(&format!("pay {id}"), &method, paid).await?;
    crate::ssr::redirect(&crate::links::order_done(order.id));
    Ok(())
}

/// Keeps the places of a hold for longer.
#[server(prefix = "/rpc", endpoint = "extend_hold")]
pub async fn extend_hold(hold: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let hold = service::orders::extend(&ctx, crate::ssr::id::<types::HoldId>(&hold)?).await?;
    let longer = format!("{}?time=more", crate::links::checkout(hold.id));
    crate::ssr::redirect(&longer);
    Ok(())
}

/// Gives the places of a hold back.
#[server(prefix = "/rpc", endpoint = "release_hold")]
pub async fn release_hold(hold: String, #[server(default)] event: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    service::orders::release(&ctx, crate::ssr::id::<types::HoldId>(&hold)?).await?;
    crate::ssr::redirect(&crate::links::event(&event));
    Ok(())
}

/// The actor's live holds.
#[server(prefix = "/rpc", endpoint = "live_holds")]
pub async fn live_holds() -> RpcResult<Page<Hold>> {
    Ok(service::orders::holds(&crate::ssr::ctx().await?).await?)
}

/// The actor's orders, latest first.
#[server(prefix = "/rpc", endpoint = "my_orders")]
pub async fn my_orders(cursor: Option<String>) -> RpcResult<Page<Order>> {
    let query = types::paging::PageQuery {
        limit: None,
        cursor,
    };
    Ok(service::orders::list(&crate::ssr::ctx().await?, query).await?)
}

/// What the page of an order is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderView {
    /// In whatever state.
    pub order: Order,
    /// For the forms that give tickets back or call the order off.
    pub key: String,
    /// Where the receipt goes: the actor's own address.
    pub email: String,
}

/// One of the actor's orders.
#[server(prefix = "/rpc", endpoint = "my_order")]
pub async fn my_order(id: String) -> RpcResult<OrderView> {
    let ctx = crate::ssr::ctx().await?;
    let order = service::orders::get(&ctx, crate::ssr::id::<types::OrderId>(&id)?).await?;
    Ok(OrderView {
        order,
        key: ctx.new_id().to_string(),
        email: service::accounts::me(&ctx).await?.email,
    })
}

/// Sends the receipt of one of the actor's orders again.
#[server(prefix = "/rpc", endpoint = "send_receipt")]
pub async fn send_receipt(order: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let order = crate::ssr::id::<types::OrderId>(&order)?;
    service::orders::resend_receipt(&ctx, order).await?;
    crate::ssr::redirect_plain_form(&format!("{}?done=receipt", crate::links::order(order)));
    Ok(())
}

/// Gives tickets of one of the actor's orders back.
#[server(prefix = "/rpc", endpoint = "return_tickets")]
pub async fn return_tickets(
    order: String,
    #[server(default)] form: GiveBackForm,
    #[server(default)] key: String,
) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let once = crate::ssr::once(&key, format!("POST /rpc/return_tickets/{order}"), &form)?;
    let id = crate::ssr::id::<types::OrderId>(&order)?;
    let order = service::orders::give_back_from_form(&ctx, id, form, once).await?;
    let order = crate::links::order(order.into_value()?.id);
    crate::ssr::redirect(&format!("{order}?done=returned"));
    Ok(())
}

/// Calls an order off that waits for its money; with `event`, from the organizer's list.
#[server(prefix = "/rpc", endpoint = "call_off_order")]
pub async fn call_off_order(
    order: String,
    #[server(default)] event: String,
    #[server(default)] key: String,
) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let once = crate::ssr::once(&key, format!("POST /rpc/call_off_order/{order}"), &())?;
    let id = crate::ssr::id::<types::OrderId>(&order)?;
    let reply = service::orders::call_off(&ctx, id, once).await?;
    reply.into_value()?;
    crate::ssr::redirect(&if event.is_empty() {
        crate::links::order(id)
    } else {
        let orders = crate::links::organizer(&event, "orders");
        format!("{orders}?done=called_off")
    });
    Ok(())
}

/// Notes that the money of an order is here that no provider takes.
#[server(prefix = "/rpc", endpoint = "confirm_payment")]
pub async fn confirm_payment(
    order: String,
    event: String,
    #[server(default)] key: String,
) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let once = crate::ssr::once(&key, format!("POST /rpc/confirm_payment/{order}"), &())?;
    let id = crate::ssr::id::<types::OrderId>(&order)?;
    let reply = service::orders::confirm_payment(&ctx, id, once).await?;
    reply.into_value()?;
    let orders = crate::links::organizer(&event, "orders");
    crate::ssr::redirect(&format!("{orders}?done=money_here"));
    Ok(())
}

/// What the organizer's page of an event's payment methods is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MethodsOfEvent {
    /// The event's title.
    pub title: String,
    /// In links.
    pub slug: String,
    /// Can it still be edited?
    pub is_open: bool,
    /// As it is to be shown.
    pub form: PaymentMethodsForm,
}

/// How an event may be paid, for its organizer; with `typed`, the form as it came back with an
/// error.
#[server(prefix = "/rpc", endpoint = "event_methods")]
pub async fn event_methods(event: String, typed: bool) -> RpcResult<MethodsOfEvent> {
    let ctx = crate::ssr::ctx().await?;
    let form = service::orders::methods_form(&ctx, &event).await?;
    let event = service::events::get(&ctx, &event).await?;
    let kept = if typed {
        crate::ssr::session::kept(&format!("methods {}", event.slug)).await
    } else {
        None
    };
    Ok(MethodsOfEvent {
        title: event.title,
        slug: event.slug,
        is_open: event.status.may_edit(),
        form: kept.unwrap_or(form),
    })
}

/// Decides how an event may be paid.
#[server(prefix = "/rpc", endpoint = "save_methods")]
pub async fn save_methods(
    event: String,
    #[server(default)] form: PaymentMethodsForm,
) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let outcome = service::orders::set_payment_methods_from_form(&ctx, &event, &form).await;
    crate::ssr::session::keep(&format!("methods {event}"), &form, outcome).await?;
    let page = crate::links::organizer(&event, "payment");
    crate::ssr::redirect(&format!("{page}?done=methods_saved"));
    Ok(())
}

/// What the organizer's page of an event's orders is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrdersOfEvent {
    /// The event's title.
    pub title: String,
    /// In links.
    pub slug: String,
    /// Latest first.
    pub orders: Page<EventOrder>,
    /// What was looked for; empty: everything.
    pub text: String,
    /// How far refunds are.
    pub refunds: RefundProgress,
    /// For the forms that refund, confirm or call off.
    pub key: String,
}

/// The orders of an event, for its organizer; with `text`, those of a reference or a name.
#[server(prefix = "/rpc", endpoint = "event_orders")]
pub async fn event_orders(
    event: String,
    text: String,
    cursor: Option<String>,
) -> RpcResult<OrdersOfEvent> {
    let ctx = crate::ssr::ctx().await?;
    let query = types::paging::SearchQuery {
        q: Some(text.clone()),
        limit: None,
        cursor,
    };
    let orders = service::orders::orders_of_event(&ctx, &event, query).await?;
    let refunds = service::orders::refund_progress(&ctx, &event).await?;
    let event = service::events::get(&ctx, &event).await?;
    Ok(OrdersOfEvent {
        title: event.title,
        slug: event.slug,
        orders,
        text,
        refunds,
        key: ctx.new_id().to_string(),
    })
}

/// Refunds what is still valid of an order, by the organizer.
#[server(prefix = "/rpc", endpoint = "refund_order")]
pub async fn refund_order(
    order: String,
    event: String,
    #[server(default)] key: String,
) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let once = crate::ssr::once(&key, format!("POST /rpc/refund_order/{order}"), &())?;
    let id = crate::ssr::id::<types::OrderId>(&order)?;
    let all = types::orders::GiveBack::default();
    let reply = service::orders::give_back(&ctx, id, all, once).await?;
    reply.into_value()?;
    let orders = crate::links::organizer(&event, "orders");
    crate::ssr::redirect(&format!("{orders}?done=refunded"));
    Ok(())
}

/// Notes that the organizer paid back what the provider could not, or never had.
#[server(prefix = "/rpc", endpoint = "paid_otherwise")]
pub async fn paid_otherwise(event: String, refund: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let refund = crate::ssr::id::<types::RefundId>(&refund)?;
    service::orders::paid_otherwise(&ctx, &event, refund).await?;
    let orders = crate::links::organizer(&event, "orders");
    crate::ssr::redirect(&format!("{orders}?done=paid_otherwise"));
    Ok(())
}
