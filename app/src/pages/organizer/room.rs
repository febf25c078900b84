//! The waiting room in the editor: set it up, change its rate, let everybody in.

use std::time::Duration;

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use types::waiting_room::{RoomState, WaitingRoom};

use crate::{
    components::{Alert, Confirm, Field, Place, Submit, Tone, field_error, on_its_way},
    links,
    rpc::{
        RpcError,
        waiting_room::{ArmWaitingRoom, DisarmWaitingRoom, RoomEditor, picker_room},
    },
    ssr,
};

/// How often the counts are asked for while the page is looked at.
const REFRESH: Duration = Duration::from_secs(5);

/// The place of a field on the page.
pub(super) fn place(field: &str) -> Place {
    let label = match field {
        "opens_at" => "Opens",
        "admits_per_minute" => "People a minute",
        _ => return None,
    };
    Some((format!("room-{field}"), label.to_owned()))
}

/// The part of the editor about the room. It counts in `gone` how often the page found that the
/// room it shows is there no more: then the editor is to be asked for again.
pub(super) fn room_part(
    editor: RoomEditor,
    error: Signal<Option<RpcError>>,
    gone: RwSignal<u32>,
) -> AnyView {
    let is_armed = editor.room.is_some();
    let end = is_armed.then(|| disarm(editor.event.clone()));
    let form = arm(&editor, is_armed, error);
    let was_ended = !is_armed && gone.get_untracked() > 0;
    let news = was_ended.then(|| {
        view! { <Alert tone=Tone::Info title="Everybody was let in meanwhile, and the room is gone."/> }
    });
    let state = editor
        .room
        .map(|room| view! { <RoomNow room=room gone=gone/> });
    view! {
        <section class="card editor-part room-editor" id="waiting-room" aria-labelledby="waiting-room-title">
            <h2 id="waiting-room-title">"Waiting room"</h2>
            <p class="muted">
                "For sales that very many people wait for. Whoever joins before it opens gets a place at random, later ones come behind them. So many people a minute as you say may choose tickets, each for 15 minutes."
            </p>
            {news}
            {state}
            {form}
            {end}
        </section>
    }
    .into_any()
}

/// How the room stands, looked at again every few seconds.
#[component]
fn RoomNow(room: WaitingRoom, gone: RwSignal<u32>) -> impl IntoView {
    let key = room.event.id.to_string();
    let shown = RwSignal::new(room);
    let ask = move || {
        if !ssr::is_visible() {
            return;
        }
        let key = key.clone();
        spawn_local(async move {
            match picker_room(key).await {
                Ok(Some(room)) => {
                    shown.try_set(room);
                }
                // Somebody let everybody in, perhaps in another tab.
                Ok(None) => {
                    gone.try_update(|times| *times += 1);
                }
                // No answer: the numbers stay as they were.
                Err(_) => {}
            }
        });
    };
    Effect::new(move |_| {
        if let Ok(handle) = set_interval_with_handle(ask.clone(), REFRESH) {
            on_cleanup(move || handle.clear());
        }
    });
    view! { <div>{move || shown.with(state)}</div> }.into_any()
}

fn state(room: &WaitingRoom) -> AnyView {
    let text = match room.state {
        RoomState::Early => format!("Set up. It opens on {}.", room.opens_at_text),
        _ => format!("Open since {}.", room.opens_at_text),
    };
    let page = links::waiting_room(&room.event.slug);
    view! {
        <p class="room-state"><strong>{text}</strong>" "<a href=page>"See the room"</a></p>
        <dl class="room-counts">
            <div><dt>"Waiting"</dt><dd>{room.waiting}</dd></div>
            <div><dt>"Had their turn"</dt><dd>{room.admitted}</dd></div>
        </dl>
    }
    .into_any()
}

fn arm(editor: &RoomEditor, is_armed: bool, error: Signal<Option<RpcError>>) -> AnyView {
    let (pending, on_submit) = on_its_way();
    let form = editor.form.clone();
    let zone = format!(
        "In the event's time zone, {}. Empty: when the first tickets come on sale, or at once.",
        editor.time_zone
    );
    let (label, effect) = if is_armed {
        (
            "Change the room",
            "Nobody's place gets worse. Once the room is open its opening stays as it is.",
        )
    } else {
        (
            "Set up the waiting room",
            "From then on tickets are sold through the room alone, until you let everybody in.",
        )
    };
    view! {
        <form method="post" action=ArmWaitingRoom::url() on:submit=on_submit class="room-form">
            <input type="hidden" name="event" value=editor.event.clone()/>
            {is_armed.then(|| view! { <input type="hidden" name="form[is_change]" value="true"/> })}
            <div class="room-fields">
                <Field
                    name="form[opens_at]"
                    id="room-opens_at"
                    label="Opens"
                    kind="datetime-local"
                    value=form.opens_at
                    hint=zone
                    error=field_error(error, "opens_at")
                />
                <Field
                    name="form[admits_per_minute]"
                    id="room-admits_per_minute"
                    label="People a minute"
                    kind="number"
                    inputmode="numeric"
                    value=form.admits_per_minute
                    hint="From 1 to 60,000."
                    required=true
                    error=field_error(error, "admits_per_minute")
                />
            </div>
            <p class="muted small">{effect}</p>
            <Submit label=label pending=pending class="btn-secondary"/>
        </form>
    }
    .into_any()
}

fn disarm(event: String) -> AnyView {
    let (pending, on_submit) = on_its_way();
    view! {
        <Confirm label="Let everybody in…">
            <p>"Everybody can buy at once. The line and all places in it are gone."</p>
            <form method="post" action=DisarmWaitingRoom::url() on:submit=on_submit>
                <input type="hidden" name="event" value=event/>
                <Submit label="Let everybody in" pending=pending class="btn-danger"/>
            </form>
        </Confirm>
    }
    .into_any()
}
