//! Events in lists.

use leptos::prelude::*;
use types::events::{Event, EventStatus, Phase, category_name};

use super::{Badge, DateLeaf, Picture, Price, Tone};

/// An event as a card: one link, the picture, the date, what, where, how much.
#[component]
pub fn EventCard(
    /// The event, as lists have it.
    event: Event,
    /// Above the fold?
    #[prop(optional)]
    eager: bool,
) -> impl IntoView {
    let href = format!("/events/{}", event.slug);
    let place = place(&event);
    let state = state(&event);
    let is_over = event.phase == Phase::Past || event.status == EventStatus::Cancelled;
    let price = event.price_from.filter(|_| !is_over);
    let category = category_name(&event.category).to_owned();
    view! {
        <article class="event-card">
            <div class="event-card-media">
                <Picture
                    media=event.cover().cloned()
                    class="frame-card"
                    sizes="(min-width: 75rem) 18rem, (min-width: 48rem) 33vw, (min-width: 34rem) 50vw, 100vw"
                    eager=eager
                    alt=""
                />
                <DateLeaf local=event.local.clone()/>
                {state.map(|(tone, text)| view! { <Badge tone=tone text=text/> })}
            </div>
            <div class="event-card-body">
                <p class="event-card-kicker">{category}</p>
                <h3 class="event-card-title"><a href=href>{event.title}</a></h3>
                <p class="event-card-when">{event.local.short_date}" · "{event.local.start_time}</p>
                <p class="event-card-where">{place}</p>
                <p class="event-card-price">{price.map(|money| view! { <Price money=money from=true/> })}</p>
            </div>
        </article>
    }
    .into_any()
}

/// Where an event takes place, in a few words.
fn place(event: &Event) -> String {
    match &event.venue {
        Some(venue) => venue.name.clone(),
        None => "Online".to_owned(),
    }
}

/// What a card must say besides the facts.
fn state(event: &Event) -> Option<(Tone, &'static str)> {
    match (event.status, event.phase) {
        (EventStatus::Draft, _) => Some((Tone::Info, "Draft")),
        (EventStatus::Cancelled, _) => Some((Tone::Danger, "Cancelled")),
        (EventStatus::Completed, _) | (_, Phase::Past) => Some((Tone::Quiet, "Past")),
        (_, Phase::Ongoing) => Some((Tone::Success, "On now")),
        _ if event.sold_out => Some((Tone::Warning, "Sold out")),
        _ => None,
    }
}

/// Cards in as many columns as fit.
#[component]
pub fn EventGrid(
    /// The events.
    events: Vec<Event>,
    /// How many of them are above the fold.
    #[prop(optional)]
    eager: usize,
) -> impl IntoView {
    let cards = events
        .into_iter()
        .enumerate()
        .map(|(index, event)| view! { <li><EventCard event=event eager=index < eager/></li> })
        .collect_view();
    view! { <ul class="event-grid" role="list">{cards}</ul> }.into_any()
}

/// Grey cards where events are on their way.
#[component]
pub fn EventGridSkeleton(
    /// How many.
    count: usize,
) -> impl IntoView {
    let cards = (0..count)
        .map(|_| {
            view! {
                <li class="event-card is-loading">
                    <div class="event-card-media"><div class="frame frame-card skeleton-frame"></div></div>
                    <div class="event-card-body"><span class="skeleton"></span><span class="skeleton"></span></div>
                </li>
            }
        })
        .collect_view();
    view! {
        <div role="status">
            <span class="visually-hidden">"Loading events"</span>
            <ul class="event-grid" aria-hidden="true">{cards}</ul>
        </div>
    }
    .into_any()
}
