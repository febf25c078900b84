//! The first page: what this is, what is on, what just happened.

mod activity;

use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use types::events::{BrowseForm, CATEGORIES, Event};

use crate::{
    components::{
        EmptyState, EventGrid, EventGridSkeleton, Icon, Picture, Section, Skeleton, use_viewer,
    },
    rpc::{RpcResult, events::browse_events, feed::latest_activity},
};
use activity::ActivityList;

/// The first page.
#[component]
pub fn Home() -> impl IntoView {
    let soon = Resource::new_blocking(|| (), |()| events("", "8"));
    let fresh = Resource::new_blocking(|| (), |()| events("-created_at", "4"));
    let activity = Resource::new_blocking(|| (), |()| latest_activity());
    view! {
        <Title text=""/>
        <Meta name="description" content="Find concerts, workshops, suppers and walks near you, keep your place in a minute, and show the code at the door."/>
        <section class="hero">
            <div class="hero-inner">
                <HeroText/>
                <Suspense>
                    {move || Suspend::new(async move { collage(soon.await.map(|page| page.items).unwrap_or_default()) })}
                </Suspense>
            </div>
        </section>
        <div class="page">
            <Categories/>
            <Section title="Coming up" more=("/events", "All events")>
                <Suspense fallback=|| view! { <EventGridSkeleton count=8/> }>
                    {move || Suspend::new(async move { grid(soon.await.map(|page| page.items)) })}
                </Suspense>
            </Section>
            <div class="home-split">
                <Section title="Just published" more=("/events?sort=-created_at", "Newest first")>
                    <Suspense fallback=|| view! { <EventGridSkeleton count=4/> }>
                        {move || Suspend::new(async move { grid(fresh.await.map(|page| page.items)) })}
                    </Suspense>
                </Section>
                <Section title="What just happened">
                    <Suspense fallback=|| view! { <Skeleton lines=6/> }>
                        {move || Suspend::new(async move { view! { <ActivityList activities=activity.await/> } })}
                    </Suspense>
                </Section>
            </div>
            <HostBanner/>
        </div>
    }
    .into_any()
}

async fn events(sort: &str, limit: &str) -> RpcResult<types::Page<Event>> {
    browse_events(BrowseForm {
        sort: sort.into(),
        limit: limit.into(),
        ..BrowseForm::default()
    })
    .await
}

#[component]
fn HeroText() -> impl IntoView {
    view! {
        <div class="hero-text">
            <h1>"Your next good story starts at "<em>"eight."</em></h1>
            <p class="lead">
                "Gigs, suppers, workshops and long walks, run by people who care about them. Keep your place in a minute, show the code at the door."
            </p>
            <form class="hero-search" role="search" action="/events" method="get">
                <label for="hero-q">"What do you feel like?"</label>
                <div class="hero-search-row">
                    <Icon name="search"/>
                    <input id="hero-q" type="search" name="q" autocomplete="off" enterkeyhint="search" placeholder="Jazz, ceramics …"/>
                    <button class="btn btn-primary" type="submit">"Search"</button>
                </div>
            </form>
            <ul class="hero-links" role="list">
                <li><a href="/events?when=today">"Today"</a></li>
                <li><a href="/events?when=weekend">"This weekend"</a></li>
                <li><a href="/events?price=free">"Free to join"</a></li>
            </ul>
        </div>
    }
    .into_any()
}

/// Three covers of what comes next. They repeat the list below, so screen readers
/// and the tab key pass them by.
fn collage(events: Vec<Event>) -> AnyView {
    let with_cover = events
        .into_iter()
        .filter(|event| event.cover().is_some())
        .take(3);
    let pictures = with_cover
        .map(|event| {
            let href = format!("/events/{}", event.slug);
            view! {
                <a class="collage-item" href=href tabindex="-1">
                    <Picture media=event.cover().cloned() class="frame-upright" sizes="(min-width: 62rem) 20rem, 45vw" eager=true alt=""/>
                    <span class="collage-text">
                        <strong>{event.title}</strong>
                        <span>{event.local.short_date}" · "{event.local.start_time}</span>
                    </span>
                </a>
            }
        })
        .collect_view();
    view! { <div class="hero-collage" aria-hidden="true">{pictures}</div> }.into_any()
}

fn grid(events: RpcResult<Vec<Event>>) -> AnyView {
    match events {
        Ok(events) if events.is_empty() => view! {
            <EmptyState icon="calendar" title="Nothing planned yet" text="Be the first: publishing an event takes five minutes.">
                <a class="btn btn-primary" href="/organizer/events/new">"Publish an event"</a>
            </EmptyState>
        }
        .into_any(),
        Ok(events) => view! { <EventGrid events=events/> }.into_any(),
        Err(error) => {
            crate::ssr::set_status(error.code.status());
            view! { <EmptyState icon="warning" title="Events cannot be shown right now" text=error.text()/> }.into_any()
        }
    }
}

#[component]
fn Categories() -> impl IntoView {
    let tiles = CATEGORIES
        .iter()
        .filter(|(key, _)| *key != "other")
        .map(|(key, name)| {
            view! {
                <li>
                    <a class="category" href=format!("/events?category={key}")>
                        <span class="category-icon"><Icon name=key/></span>
                        {*name}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <nav aria-label="Categories"><ul class="categories" role="list">{tiles}</ul></nav> }
        .into_any()
}

#[component]
fn HostBanner() -> impl IntoView {
    let viewer = use_viewer();
    let href = move || {
        if viewer.get().is_signed_in() {
            "/organizer"
        } else {
            "/register"
        }
    };
    view! {
        <section class="host">
            <div>
                <h2>"Running something yourself?"</h2>
                <p>"Set the date, the places and the price. You see every ticket as it sells, and nobody is ever sold a seat that is not there."</p>
            </div>
            <a class="btn btn-primary btn-large" href=href>"Publish your event"</a>
        </section>
    }
    .into_any()
}
