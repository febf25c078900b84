//! The event editor. One plain form; with JavaScript it is saved without leaving the page.

use leptos::{form::ActionForm, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use types::events::{Event, EventForm, EventStatus, Phase};

use super::{
    done_note,
    fields::{event_fields, place},
    images::Images,
    life::life_panel,
    room, rsvp, state_badge,
};
use crate::{
    components::{Alert, Breadcrumb, DoneNote, ErrorSummary, PageHeader, Skeleton, Submit, Tone},
    links,
    pages::errors::refused,
    rpc::{
        RpcError, error_of,
        events::{
            ArchiveEvent, CreateEvent, DuplicateEvent, Editor, PublishEvent, SaveEvent, edit_event,
            get_event, new_event,
        },
        forgotten_after, linked_error,
        media::{DeleteMedia, UploadMedia},
        rsvps::{RemoveRsvp, SetRsvp, edit_rsvp},
        waiting_room::{ArmWaitingRoom, DisarmWaitingRoom, edit_room},
    },
};

/// A new event.
#[component]
pub fn NewEvent() -> impl IntoView {
    let create = ServerAction::<CreateEvent>::new();
    let error = error_of(create);
    let failed = error.with_untracked(Option::is_some);
    let page = Resource::new_blocking(|| (), move |()| new_event(failed));
    view! {
        <Title text="New event"/>
        <div class="page desk">
            <Breadcrumb links=crumbs() here="New event"/>
            <PageHeader title="New event" lead="It begins as a draft that only you see. Pictures come next, and nothing is final."/>
            <ErrorSummary error=error place=place/>
            <Suspense fallback=|| view! { <Skeleton lines=10/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(editor) => view! {
                            <ActionForm action=create>
                                {event_fields(&editor.form, false, error)}
                                <div class="save-bar"><Submit label="Save draft" pending=create.pending() class="btn-primary btn-large"/></div>
                            </ActionForm>
                        }
                        .into_any(),
                        Err(error) => refused(error),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

fn crumbs() -> Vec<(String, String)> {
    vec![("/organizer".to_owned(), "My events".to_owned())]
}

/// What the editor's parts work with.
#[derive(Clone, Copy)]
struct Doing {
    save: ServerAction<SaveEvent>,
    error: Signal<Option<RpcError>>,
    /// Was something typed since the last save? Known with JavaScript alone.
    is_changed: RwSignal<bool>,
}

/// The editor of an event, with its images and its life beside it.
#[component]
pub fn EditEvent() -> impl IntoView {
    let params = use_params_map();
    let key = Memo::new(move |_| params.with(|params| params.get("slug")).unwrap_or_default());
    let save = ServerAction::<SaveEvent>::new();
    let error = error_of(save);
    let failed = error.with_untracked(Option::is_some);
    // Made anew after each success, with the new version; a refused form keeps what was typed.
    let version = Memo::new(move |before: Option<&i64>| match save.value().get() {
        Some(Ok(version)) => version,
        _ => before.copied().unwrap_or_default(),
    });
    let page = Resource::new_blocking(
        move || (key.get(), version.get()),
        move |(key, version)| edit_event(key, failed && version == 0),
    );
    // The address keeps the error of a plain form; what was saved since is news.
    let until_saved = move |error: Signal<Option<RpcError>>| {
        Signal::derive(move || (version.get() == 0).then(|| error.get()).flatten())
    };
    let step_errors = step_errors().map(until_saved);
    let remove = ServerAction::<DeleteMedia>::new();
    forgotten_after(remove, move || version.get());
    let uploads = RwSignal::new(0_u32);
    let images = Resource::new_blocking(
        move || (key.get(), remove.version().get(), uploads.get()),
        |(key, ..)| get_event(key),
    );
    let room_error = until_saved(error_of(ServerAction::<ArmWaitingRoom>::new()));
    let room_failed = room_error.with_untracked(Option::is_some);
    let rooms_gone = RwSignal::new(0_u32);
    let room = Resource::new_blocking(
        move || (key.get(), rooms_gone.get()),
        move |(key, gone)| edit_room(key, room_failed && gone == 0),
    );
    let rsvp_error = until_saved(error_of(ServerAction::<SetRsvp>::new()));
    let rsvp_failed = rsvp_error.with_untracked(Option::is_some);
    let answers = Resource::new_blocking(move || key.get(), move |key| edit_rsvp(key, rsvp_failed));
    let doing = Doing {
        save,
        error,
        is_changed: RwSignal::new(false),
    };
    Effect::new(move |_| {
        version.track();
        doing.is_changed.set(false);
    });
    let upload_error = until_saved(Signal::stored(linked_error(UploadMedia::PATH)));
    let upload_error = Signal::derive(move || upload_error.get().filter(|_| uploads.get() == 0));
    let errors = [
        error,
        room_error,
        rsvp_error,
        error_of(remove),
        upload_error,
    ];
    let errors: Vec<_> = errors.into_iter().chain(step_errors).collect();
    let saved = Signal::derive(move || (version.get() != 0).then_some("saved"));
    view! {
        <div class="page desk">
            <DoneNote words=done_note errors=errors here=saved/>
            <ErrorSummary error=error place=place/>
            {step_errors.map(|error| view! { <ErrorSummary error=error place=place/> }).collect_view()}
            <ErrorSummary error=room_error place=room::place/>
            <ErrorSummary error=rsvp_error place=rsvp::place/>
            <Transition fallback=|| view! { <Skeleton lines=12/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(Editor { event: Some(event), form }) => content(&event, form, doing),
                        Ok(_) => ().into_any(),
                        Err(error) => refused(error),
                    }
                })}
            </Transition>
            <Transition>
                {move || Suspend::new(async move {
                    let event = images.await.ok()?;
                    event.is_crew.then(|| view! { <Images event=event remove=remove uploads=uploads linked=upload_error/> })
                })}
            </Transition>
            <Transition>
                {move || Suspend::new(async move {
                    let (editor, event) = (room.await.ok()?, images.await.ok()?);
                    let may_sell = event.status.may_edit() && event.phase != Phase::Past;
                    may_sell.then(|| room::room_part(editor, room_error, rooms_gone))
                })}
            </Transition>
            <Transition>
                {move || Suspend::new(async move {
                    let (editor, event) = (answers.await.ok()?, images.await.ok()?);
                    rsvp::may_take(&event).then(|| rsvp::rsvp_part(editor, rsvp_error))
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// Why a step that makes the page anew was refused: publish, duplicate, archive, let everybody in,
/// take no answers any more.
fn step_errors() -> [Signal<Option<RpcError>>; 5] {
    [
        error_of(ServerAction::<PublishEvent>::new()),
        error_of(ServerAction::<DuplicateEvent>::new()),
        error_of(ServerAction::<ArchiveEvent>::new()),
        error_of(ServerAction::<DisarmWaitingRoom>::new()),
        error_of(ServerAction::<RemoveRsvp>::new()),
    ]
}

fn content(event: &Event, form: EventForm, doing: Doing) -> AnyView {
    let page_title = format!("Edit {}", event.title);
    let (badge, page) = (state_badge(event), links::event(&event.slug));
    let has_orders = event.status != EventStatus::Draft;
    let orders = has_orders.then(|| links::organizer(&event.slug, "orders"));
    let places = links::organizer(&event.slug, "places");
    let answers = event
        .takes_rsvps
        .then(|| links::organizer(&event.slug, "rsvps"));
    let selling = (!event.takes_rsvps).then(|| {
        let codes = links::organizer(&event.slug, "promo-codes");
        let payment = links::organizer(&event.slug, "payment");
        view! {
            <a class="btn btn-ghost" href=payment>"Payment"</a>
            <a class="btn btn-ghost" href=codes>"Promo codes"</a>
        }
    });
    view! {
        <Title text=page_title/>
        <Breadcrumb links=crumbs() here=event.title.clone()/>
        <PageHeader title=event.title.clone()>
            {badge}
            {selling}
            {answers.map(|answers| view! { <a class="btn btn-ghost" href=answers>"Answers"</a> })}
            {orders.map(|orders| view! { <a class="btn btn-ghost" href=orders>"Orders"</a> })}
            <a class="btn btn-ghost" href=places>"Places"</a>
            <a class="btn btn-ghost" href=page>"See page"</a>
        </PageHeader>
        <div class="editor">
            {if event.status.may_edit() { main_form(event, form, doing) } else { closed(event) }}
            {life_panel(event, doing.is_changed.into())}
        </div>
    }
    .into_any()
}

fn main_form(event: &Event, form: EventForm, doing: Doing) -> AnyView {
    let Doing {
        save,
        error,
        is_changed,
    } = doing;
    let (id, version) = (event.id.to_string(), event.version.to_string());
    let takes_rsvps = event.takes_rsvps;
    view! {
        <div class="editor-main" on:input=move |_| is_changed.set(true)>
            <ActionForm action=save>
                <input type="hidden" name="id" value=id/>
                <input type="hidden" name="version" value=version/>
                {event_fields(&form, takes_rsvps, error)}
                <div class="save-bar">
                    <Submit label="Save" pending=save.pending() class="btn-primary btn-large"/>
                    {move || is_changed.get().then(|| view! { <span class="muted small">"Not saved yet"</span> })}
                </div>
            </ActionForm>
        </div>
    }
    .into_any()
}

/// A cancelled or completed event is not edited any more.
fn closed(event: &Event) -> AnyView {
    let reason = event
        .cancel_reason
        .clone()
        .map(|reason| view! { <p>"Your reason: “"{reason}"”"</p> });
    view! {
        <div class="editor-main">
            <Alert tone=Tone::Info title="This event is closed and cannot be edited any more.">
                {reason}
                <p>"Duplicate it to run it again."</p>
            </Alert>
        </div>
    }
    .into_any()
}
