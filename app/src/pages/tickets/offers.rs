//! Tickets that others offer: in the list of one's tickets, and on a page of their own.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use types::transfers::{Transfer, TransferStatus};

use super::passing::link_box;
use crate::{
    components::{
        Alert, Breadcrumb, DateLeaf, ErrorSummary, Icon, PageHeader, Skeleton, Submit, Tone,
    },
    links,
    pages::errors::refused,
    rpc::{
        error_of, key_of_try,
        transfers::{AcceptTransfer, DeclineTransfer, TransferView, get_transfer},
    },
};

/// An offer in the list of one's tickets: who, what, and the way to answer it.
pub(super) fn offer_row(offer: &Transfer) -> AnyView {
    let text = format!(
        "{} offers you a ticket: {}, {}.",
        offer.from.name, offer.event.title, offer.event.local.short_date
    );
    view! {
        <p class="waiting">
            <Icon name="ticket"/>
            <span>{text}</span>
            <a class="btn btn-primary btn-small" href=links::transfer(offer.id)>"Answer"</a>
        </p>
    }
    .into_any()
}

/// What can be done with an offer.
#[derive(Clone, Copy)]
struct Answering {
    accept: ServerAction<AcceptTransfer>,
    decline: ServerAction<DeclineTransfer>,
}

/// The page of an offer, for whoever got it or has its link.
#[component]
pub fn TransferPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let link_key = move || query.with(|query| query.get("key"));
    let doing = Answering {
        accept: ServerAction::new(),
        decline: ServerAction::new(),
    };
    let page = Resource::new_blocking(
        move || {
            (
                params.with(|params| params.get("id")).unwrap_or_default(),
                link_key(),
                doing.accept.version().get() + doing.decline.version().get(),
            )
        },
        |(id, key, _)| get_transfer(id, key),
    );
    view! {
        <Title text="A ticket for you"/>
        <div class="page page-narrow tickets">
            <ErrorSummary error=error_of(doing.accept)/>
            <ErrorSummary error=error_of(doing.decline)/>
            <Transition fallback=|| view! { <Skeleton lines=8/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(view) => content(view, link_key().unwrap_or_default(), doing),
                        Err(error) => refused(error),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn content(view: TransferView, link_key: String, doing: Answering) -> AnyView {
    let TransferView { transfer, form_key } = view;
    let title = if transfer.is_given {
        "Your offer".to_owned()
    } else {
        format!("{} offers you a ticket", transfer.from.name)
    };
    let body = match transfer.status {
        TransferStatus::Offered if transfer.is_given => own(&transfer),
        TransferStatus::Offered => answer(&transfer, link_key, form_key, doing),
        status => over(&transfer, status),
    };
    view! {
        <Breadcrumb links=vec![("/tickets".to_owned(), "My tickets".to_owned())] here="Offer"/>
        <PageHeader title=title/>
        <section class="card stack">
            {what(&transfer)}
            {body}
        </section>
    }
    .into_any()
}

/// Which ticket it is.
fn what(transfer: &Transfer) -> AnyView {
    let event = &transfer.event;
    let place = event
        .venue
        .as_ref()
        .map_or_else(|| "Online".to_owned(), |venue| venue.name.clone());
    view! {
        <div class="ticket-event-head">
            <DateLeaf local=event.local.clone()/>
            <div class="ticket-event-text">
                <h2><a href=links::event(&event.slug)>{event.title.clone()}</a></h2>
                <p class="muted">{event.local.date.clone()}", "{event.local.time.clone()}" · "{place}</p>
                <p>{transfer.ticket_type.name.clone()}</p>
            </div>
        </div>
    }
    .into_any()
}

fn answer(transfer: &Transfer, link_key: String, form_key: String, doing: Answering) -> AnyView {
    let (id, other_id) = (transfer.id.to_string(), transfer.id.to_string());
    let other_key = link_key.clone();
    view! {
        <p>"If you accept, you get a ticket with a code of your own. You can answer until "{transfer.expires_text.clone()}"."</p>
        <div class="button-row">
            <ActionForm action=doing.accept>
                <input type="hidden" name="transfer" value=id/>
                <input type="hidden" name="link_key" value=link_key/>
                <input type="hidden" name="key" value=key_of_try(form_key, doing.accept)/>
                <Submit label="Accept the ticket" pending=doing.accept.pending()/>
            </ActionForm>
            <ActionForm action=doing.decline>
                <input type="hidden" name="transfer" value=other_id/>
                <input type="hidden" name="link_key" value=other_key/>
                <Submit label="No, thanks" pending=doing.decline.pending() class="btn-ghost"/>
            </ActionForm>
        </div>
    }
    .into_any()
}

/// Whoever offers cannot accept: the link is for somebody else.
fn own(transfer: &Transfer) -> AnyView {
    view! {
        {transfer.accept_url.clone().map(link_box)}
        <p>"It waits for an answer until "{transfer.expires_text.clone()}"."</p>
        <p><a class="btn btn-secondary" href=links::ticket(transfer.ticket_id)>"To the ticket"</a></p>
    }
    .into_any()
}

fn over(transfer: &Transfer, status: TransferStatus) -> AnyView {
    let mine = transfer.new_ticket_id.map(
        |id| view! { <p><a class="btn btn-primary" href=links::ticket(id)>"Show your ticket"</a></p> },
    );
    let title = match status {
        TransferStatus::Accepted if mine.is_some() => "You accepted this ticket.",
        TransferStatus::Accepted => "Somebody has accepted this ticket already.",
        TransferStatus::Declined => "This offer was declined.",
        TransferStatus::Expired => "This offer was not answered in time.",
        TransferStatus::Withdrawn | TransferStatus::Offered => "This offer was taken back.",
    };
    view! { <Alert tone=Tone::Info title=title/>{mine} }.into_any()
}
