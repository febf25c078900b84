//! The line as one person sees it.

use leptos::prelude::*;
use types::waiting_room::{RoomState, WaitingRoom};

use super::{JoinRoom, words};
use crate::{components::Icon, links};

/// Everything about where somebody stands.
pub(super) fn line_view(room: &WaitingRoom) -> AnyView {
    let class = match room.state {
        RoomState::Admitted | RoomState::Open => "room is-turn",
        _ => "room",
    };
    view! {
        <section class=class aria-labelledby="room-title">
            <p class="room-event">{room.event.title.clone()}</p>
            <h1 id="room-title">{words::headline(room)}</h1>
            {place(room)}
            <p class="lead">{words::explanation(room)}</p>
            {next_step(room)}
            {notes(room)}
        </section>
    }
    .into_any()
}

/// The place as a big number, and how far the line is.
fn place(room: &WaitingRoom) -> Option<AnyView> {
    let position = room.position?;
    let label = match room.ahead {
        Some(0) => "Nobody is before you".to_owned(),
        Some(1) => "1 person is before you".to_owned(),
        Some(ahead) => format!("{} are before you", words::people(ahead)),
        None => String::new(),
    };
    let (done, all) = (room.admitted, room.admitted + position);
    Some(
        view! {
            <p class="room-number" aria-hidden="true">{words::grouped(position)}</p>
            <progress class="room-progress" value=done.to_string() max=all.to_string() aria-label="How far the line is"></progress>
            <p class="room-ahead">{label}</p>
        }
        .into_any(),
    )
}

fn next_step(room: &WaitingRoom) -> Option<AnyView> {
    let slug = room.event.slug.clone();
    let tickets = format!("{}#tickets", links::event(&slug));
    let choose = |label: &'static str| {
        view! { <a class="btn btn-primary btn-large btn-block" href=tickets rel="external">{label}</a> }.into_any()
    };
    match (room.state, room.has_joined) {
        (RoomState::Admitted, _) => Some(choose("Choose tickets")),
        (RoomState::Open, _) => Some(choose("Go to the tickets")),
        (RoomState::Expired, _) => {
            Some(view! { <JoinRoom slug=slug label="Join again"/> }.into_any())
        }
        (_, false) => {
            Some(view! { <JoinRoom slug=slug label="Join the waiting room"/> }.into_any())
        }
        (_, true) => None,
    }
}

/// What helps to wait without worry.
fn notes(room: &WaitingRoom) -> Option<AnyView> {
    let rate = room.admits_per_minute?;
    if matches!(
        room.state,
        RoomState::Open | RoomState::Admitted | RoomState::Expired
    ) {
        return None;
    }
    let here = format!(
        "{} in the room. {} a minute may choose tickets.",
        words::people(room.waiting),
        words::people(rate.into())
    );
    let kept = if room.has_joined {
        "Your place is kept. You can reload this page, close it and come back, also on another device where you are logged in."
    } else {
        "One place for each account. You need to be logged in to join."
    };
    Some(
        view! {
            <ul class="room-notes" role="list">
                <li><Icon name="person"/><span>{here}</span></li>
                <li><Icon name="check"/><span>{kept}</span></li>
                <li><Icon name="clock"/><span>"When it is your turn you have 15 minutes to choose. This page looks by itself how far the line is."</span></li>
            </ul>
        }
        .into_any(),
    )
}
