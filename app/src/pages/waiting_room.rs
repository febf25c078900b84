//! The waiting room of a rush sale: where one stands, told plainly. It asks again by itself, and
//! without JavaScript the page loads itself anew.

mod line;
mod words;

use std::time::Duration;

use leptos::{prelude::*, server_fn::ServerFn, task::spawn_local};
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;
use types::waiting_room::{RoomState, WaitingRoom};

use crate::{
    components::{Breadcrumb, ErrorSummary, Skeleton, Submit, on_its_way},
    links,
    pages::errors::ErrorPage,
    rpc::{
        error_of,
        waiting_room::{JoinWaitingRoom, look_at_room},
    },
    ssr,
};

use line::line_view;

/// The longest pause between two questions while no answer comes.
const LONGEST_PAUSE: u64 = 60;

/// The shortest pause while nobody looks at the page. It still asks: its title says whose turn
/// it is.
const HIDDEN_PAUSE: u64 = 30;

/// The waiting room of the event in the address.
#[component]
pub fn WaitingRoomPage() -> impl IntoView {
    let params = use_params_map();
    let slug = Memo::new(move |_| params.with(|params| params.get("slug").unwrap_or_default()));
    let error = error_of(ServerAction::<JoinWaitingRoom>::new());
    let room = Resource::new_blocking(move || slug.get(), look_at_room);
    view! {
        <Meta name="robots" content="noindex"/>
        <div class="page page-narrow room-page">
            <ErrorSummary error=error/>
            <Suspense fallback=|| view! { <Skeleton lines=6/> }>
                {move || Suspend::new(async move {
                    match room.await {
                        Ok(room) => view! { <RoomView room=room/> }.into_any(),
                        Err(error) => view! { <ErrorPage error=error/> }.into_any(),
                    }
                })}
            </Suspense>
        </div>
    }
    .into_any()
}

#[component]
fn RoomView(room: WaitingRoom) -> impl IntoView {
    let event = room.event.clone();
    let crumbs = vec![
        ("/events".to_owned(), "Events".to_owned()),
        (links::event(&event.slug), event.title.clone()),
    ];
    let again = reload(&room);
    let shown = RwSignal::new(room);
    keep_fresh(event.slug, shown);
    // What is read out changes seldom: not with every person who goes in.
    let spoken = Memo::new(move |_| shown.with(words::spoken));
    let heard = RwSignal::new(String::new());
    Effect::new(move |before: Option<String>| {
        let now = spoken.get();
        if before.is_some_and(|before| before != now) {
            heard.set(now.clone());
        }
        now
    });
    // Counted, not in the arena: the server writes the title when the page's arena may be gone.
    let titled = ArcRwSignal::from(shown);
    let title = move || titled.with(words::headline);
    view! {
        <Title text=title/>
        <Breadcrumb links=crumbs here="Waiting room"/>
        {move || shown.with(line_view)}
        <p class="visually-hidden" role="status" aria-live="polite">{move || heard.get()}</p>
        {again}
    }
    .into_any()
}

/// Without JavaScript the page loads itself again, as long as something changes by itself.
fn reload(room: &WaitingRoom) -> Option<AnyView> {
    let is_still = matches!(
        room.state,
        RoomState::Open | RoomState::Admitted | RoomState::Expired
    );
    let seconds = room.poll_after_seconds.max(3);
    let meta = format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">");
    (!is_still).then(|| view! { <noscript inner_html=meta></noscript> }.into_any())
}

/// Asks again when the server said, as long as the page is there: more seldom while nobody looks
/// at it, and at once when somebody looks again.
fn keep_fresh(slug: String, shown: RwSignal<WaitingRoom>) {
    let questions = Questions {
        slug: StoredValue::new(slug),
        shown,
        next: StoredValue::new(None),
    };
    Effect::new(move |_| {
        questions.ask_later(0);
        let look = move |_| questions.ask_if_seen();
        let listener = window_event_listener_untyped("visibilitychange", look);
        on_cleanup(move || {
            listener.remove();
            questions.stop();
        });
    });
}

/// What one page asks the server again and again.
#[derive(Clone, Copy)]
struct Questions {
    slug: StoredValue<String>,
    shown: RwSignal<WaitingRoom>,
    /// When the next one is asked; none while an answer is awaited.
    next: StoredValue<Option<TimeoutHandle>>,
}

impl Questions {
    fn ask_later(self, failures: u32) {
        let room = self.shown;
        let after = room.try_with_untracked(|room| u64::from(room.poll_after_seconds));
        let Some(after) = after.filter(|after| *after > 0) else {
            return;
        };
        let pause = Duration::from_secs(pause(after, failures, ssr::is_visible()));
        let next = set_timeout_with_handle(move || self.ask(failures), pause);
        self.next.try_set_value(next.ok());
    }

    fn ask(self, failures: u32) {
        self.next.try_set_value(None);
        let Some(slug) = self.slug.try_get_value() else {
            return;
        };
        spawn_local(async move {
            let answer = look_at_room(slug).await;
            let failures = if answer.is_err() { failures + 1 } else { 0 };
            if let Ok(room) = answer {
                self.shown.try_set(room);
            }
            self.ask_later(failures);
        });
    }

    fn ask_if_seen(self) {
        if ssr::is_visible() && self.stop() {
            self.ask(0);
        }
    }

    /// Was there a next one?
    fn stop(self) -> bool {
        let next = self.next.try_update_value(Option::take).flatten();
        if let Some(next) = next {
            next.clear();
        }
        next.is_some()
    }
}

/// Twice as long after each question that got no answer: a bad connection gets time.
fn pause(after: u64, failures: u32, is_seen: bool) -> u64 {
    let longer = after.saturating_mul(1 << failures.min(6));
    let pause = longer.min(LONGEST_PAUSE.max(after));
    if is_seen {
        pause
    } else {
        pause.max(HIDDEN_PAUSE)
    }
}

/// The button that joins the line; a plain form, so that it works before the page's code runs.
#[component]
pub fn JoinRoom(
    /// The event.
    slug: String,
    /// What the button says.
    label: &'static str,
) -> impl IntoView {
    let (pending, on_submit) = on_its_way();
    view! {
        <form method="post" action=JoinWaitingRoom::url() on:submit=on_submit>
            <input type="hidden" name="event" value=slug/>
            <Submit label=label pending=pending class="btn-primary btn-large btn-block"/>
        </form>
    }
    .into_any()
}

/// What stands where an event's ticket picker would, for those whose turn it is not.
pub fn before_the_picker(room: &WaitingRoom) -> AnyView {
    let way = links::waiting_room(&room.event.slug);
    let can_join = !room.has_joined || room.state == RoomState::Expired;
    let slug = room.event.slug.clone();
    view! {
        <p class="room-lead"><strong>{words::headline(room)}</strong></p>
        <p class="muted">{words::explanation(room)}</p>
        {if can_join {
            view! {
                <JoinRoom slug=slug label="Join the waiting room"/>
                <p class="picker-note"><a href=way>"See how far the line is"</a></p>
            }
            .into_any()
        } else {
            view! { <a class="btn btn-primary btn-large btn-block" href=way>"Go to the waiting room"</a> }.into_any()
        }}
    }
    .into_any()
}

/// Until when somebody may choose tickets, above the picker.
pub fn pass_note(room: &WaitingRoom) -> Option<AnyView> {
    let until = (room.state == RoomState::Admitted).then(|| room.admitted_until_text.clone())?;
    Some(
        view! { <p class="room-pass" role="status">"It is your turn until "<strong>{until}</strong>"."</p> }
            .into_any(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_without_an_answer_come_less_and_less_often() {
        assert_eq!(
            [0, 1, 2, 9].map(|failures| pause(4, failures, true)),
            [4, 8, 16, 60]
        );
        assert_eq!(pause(90, 3, true), 90);
    }

    #[test]
    fn a_page_that_nobody_looks_at_asks_seldom() {
        assert_eq!(
            [0, 2, 4].map(|failures| pause(4, failures, false)),
            [30, 30, 60]
        );
        assert_eq!(pause(45, 0, false), 45);
    }
}
