//! Publish, cancel, duplicate, archive, delete. Plain forms: after each step the whole
//! page is made anew, in its new state.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use types::events::{Event, EventStatus, Phase, Visibility};

use crate::{
    components::{
        Alert, Breadcrumb, Confirm, ErrorSummary, Icon, PageHeader, Place, Skeleton, Submit,
        TextField, Tone, field_error, on_its_way,
    },
    links,
    pages::errors::refused,
    rpc::{
        RpcError, error_of,
        events::{
            ArchiveEvent, CancelEvent as Cancel, DeleteEvent as Delete, DuplicateEvent, Editor,
            PublishEvent, edit_event,
        },
    },
};

/// The panel beside the editor: the state of the event and what can be done with it.
pub(super) fn life_panel(event: &Event, is_changed: Signal<bool>) -> AnyView {
    let publish = event
        .status
        .may_publish()
        .then(|| publish_form(event, is_changed));
    let is_archived = event.visibility == Visibility::Archived;
    view! {
        <aside class="editor-side" aria-label="State of the event">
            <div class="card stack">
                <p class="life-state">{state_text(event)}</p>
                {publish}
                {sales(event)}
                <div class="life-ways">
                    {step_form(DuplicateEvent::url(), event, "Duplicate")}
                    {may_cancel(event).then(|| view! {
                        <a class="btn btn-ghost btn-danger-text" href=links::organizer(&event.slug, "cancel")>"Cancel the event…"</a>
                    })}
                    {(!is_archived && event.status != EventStatus::Draft).then(|| archive(event))}
                    {(event.status == EventStatus::Draft).then(|| view! {
                        <a class="btn btn-ghost btn-danger-text" href=links::organizer(&event.slug, "delete")>"Delete the draft…"</a>
                    })}
                </div>
            </div>
        </aside>
    }
    .into_any()
}

fn state_text(event: &Event) -> &'static str {
    match (event.status, event.visibility) {
        (_, Visibility::Archived) => "Out of all lists.",
        (EventStatus::Draft, _) => "Only you see it.",
        (EventStatus::Published, Visibility::Public) => "Everybody finds it.",
        (EventStatus::Published, Visibility::Unlisted) => "Whoever has the link sees it.",
        (EventStatus::Published, Visibility::Members) => "People with a ticket see it.",
        (EventStatus::Cancelled, _) => "It will not take place.",
        (EventStatus::Completed, _) => "It has taken place.",
    }
}

fn publish_form(event: &Event, is_changed: Signal<bool>) -> AnyView {
    let (pending, on_submit) = on_its_way();
    view! {
        <form method="post" action=PublishEvent::url() on:submit=on_submit>
            <input type="hidden" name="id" value=event.slug.clone()/>
            <Submit label="Publish" pending=pending class="btn-primary btn-large btn-block"/>
        </form>
        <p class="muted small" role="status">
            {move || if is_changed.get() {
                "You have typed something that is not saved yet. Save first: what is saved is published."
            } else {
                "What is saved is published, and people can buy tickets."
            }}
        </p>
    }
    .into_any()
}

fn step_form(action: &'static str, event: &Event, label: &'static str) -> AnyView {
    let (pending, on_submit) = on_its_way();
    view! {
        <form method="post" action=action on:submit=on_submit>
            <input type="hidden" name="id" value=event.slug.clone()/>
            <Submit label=label pending=pending class="btn-ghost"/>
        </form>
    }
    .into_any()
}

fn archive(event: &Event) -> AnyView {
    let form = step_form(ArchiveEvent::url(), event, "Archive it");
    view! {
        <Confirm label="Archive…">
            <p>"It leaves all lists. You and people with a ticket still see it."</p>
            {form}
        </Confirm>
    }
    .into_any()
}

/// Where the places of each ticket type are.
fn sales(event: &Event) -> Option<AnyView> {
    let types = event
        .ticket_types
        .as_ref()
        .filter(|types| !types.is_empty())?;
    let rows = types
        .iter()
        .map(|kind| {
            let counts = kind.counts.unwrap_or_default();
            view! {
                <tr>
                    <th scope="row">{kind.name.clone()}</th>
                    <td>{counts.sold}</td>
                    <td>{counts.held}</td>
                    <td>{kind.available}</td>
                </tr>
            }
        })
        .collect_view();
    Some(
        view! {
            <div class="table-scroll" tabindex="0" role="region" aria-label="Where the places are">
                <table class="table life-sales">
                    <thead><tr><th scope="col">"Tickets"</th><th scope="col">"Sold"</th><th scope="col">"Held"</th><th scope="col">"Free"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any(),
    )
}

fn place(field: &str) -> Place {
    (field == "reason").then(|| ("reason".to_owned(), "Reason".to_owned()))
}

/// A page that asks once, for the event in its address.
fn asking(
    title: &'static str,
    error: Signal<Option<RpcError>>,
    question: fn(&Event, Signal<Option<RpcError>>) -> AnyView,
) -> AnyView {
    let params = use_params_map();
    let page = Resource::new_blocking(
        move || params.with(|params| params.get("slug")).unwrap_or_default(),
        |key| edit_event(key, false),
    );
    view! {
        <Title text=title/>
        <div class="page page-narrow desk">
            <Suspense fallback=|| view! { <Skeleton lines=6/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(Editor { event: Some(event), .. }) => view! {
                            <Breadcrumb
                                links=vec![("/organizer".to_owned(), "My events".to_owned()), (links::editor(&event.slug), event.title.clone())]
                                here=title
                            />
                            <PageHeader title=title lead=event.title.clone()/>
                            <ErrorSummary error=error place=place/>
                            {question(&event, error)}
                        }
                        .into_any(),
                        Ok(_) => ().into_any(),
                        Err(error) => refused(error),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

/// Asks for the reason before an event is cancelled.
#[component]
pub fn CancelEvent() -> impl IntoView {
    let error = error_of(ServerAction::<Cancel>::new());
    asking("Cancel the event", error, cancel_question)
}

fn cancel_question(event: &Event, error: Signal<Option<RpcError>>) -> AnyView {
    let back = links::editor(&event.slug);
    if !may_cancel(event) {
        return nothing_to_do(
            "Only a published event that is not over can be cancelled.",
            back,
        );
    }
    let (pending, on_submit) = on_its_way();
    let going = match event.going_count {
        0 => "Nobody has a ticket yet.".to_owned(),
        1 => "One person has a ticket; it stops being valid.".to_owned(),
        many => format!("{many} tickets were sold; they stop being valid."),
    };
    view! {
        <Alert tone=Tone::Warning title="This cannot be undone.">
            <p>{going}</p>
            <p>"The page stays, says that the event is cancelled, and shows your reason."</p>
        </Alert>
        <form class="card form" method="post" action=Cancel::url() on:submit=on_submit>
            <input type="hidden" name="id" value=event.slug.clone()/>
            <TextField
                name="reason"
                label="Reason"
                hint="What you would like people to read."
                error=field_error(error, "reason")
                rows=4
                maxlength=500
                required=true
            />
            <div class="form-actions">
                <Submit label="Cancel the event" pending=pending class="btn-danger"/>
                <a class="btn btn-ghost" href=back>"Keep it"</a>
            </div>
        </form>
    }
    .into_any()
}

/// Asks before a draft is deleted.
#[component]
pub fn DeleteEvent() -> impl IntoView {
    let error = error_of(ServerAction::<Delete>::new());
    asking("Delete the draft", error, delete_question)
}

fn delete_question(event: &Event, _error: Signal<Option<RpcError>>) -> AnyView {
    let back = links::editor(&event.slug);
    if event.status != EventStatus::Draft {
        return nothing_to_do(
            "Only a draft can be deleted. Archive the event instead.",
            back,
        );
    }
    let (pending, on_submit) = on_its_way();
    view! {
        <Alert tone=Tone::Warning title="This cannot be undone.">"The draft, its ticket types and its images are gone for good."</Alert>
        <form class="card form" method="post" action=Delete::url() on:submit=on_submit>
            <input type="hidden" name="id" value=event.slug.clone()/>
            <input type="hidden" name="version" value=event.version.to_string()/>
            <div class="form-actions">
                <Submit label="Delete the draft" pending=pending class="btn-danger"/>
                <a class="btn btn-ghost" href=back>"Keep it"</a>
            </div>
        </form>
    }
    .into_any()
}

/// What is over took place.
fn may_cancel(event: &Event) -> bool {
    event.status.may_cancel() && event.phase != Phase::Past
}

fn nothing_to_do(why: &'static str, back: String) -> AnyView {
    view! {
        <Alert tone=Tone::Info title=why/>
        <p><a class="btn btn-secondary" href=back><Icon name="chevron-left"/>"Back to the event"</a></p>
    }
    .into_any()
}
