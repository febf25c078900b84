//! The page of an event.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::{Link, Meta, Title};
use leptos_router::hooks::{use_params_map, use_query_map};
use types::{
    events::{Event, EventStatus, Phase, category_name},
    media::{Media, MediaKind},
    rsvps::Rsvp,
    waiting_room::WaitingRoom,
};

use super::{
    code::{self, Tried},
    details::{Details, DetailsView},
    picker::TicketPicker,
    rsvp::RsvpPanel,
};
use crate::{
    components::{
        Alert, Avatar, Badge, Breadcrumb, DateLeaf, ErrorSummary, EventGridSkeleton, Icon, Picture,
        Tone,
    },
    links,
    pages::errors::ErrorPage,
    rpc::{
        RpcError, error_of,
        events::get_event_with_code,
        linked_error,
        orders::{HoldPlaces, PickerStart, start_picker},
        rsvps::look_at_rsvp,
        waiting_room::{JoinWaitingRoom, picker_room},
    },
    ssr,
};

/// The page of the event in the address.
#[component]
pub fn EventPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let slug = Memo::new(move |_| params.with(|params| params.get("slug").unwrap_or_default()));
    let code = Memo::new(move |_| query.with(|query| query.get("code").unwrap_or_default()));
    let items = Memo::new(move |_| query.with(|query| query.get("items").unwrap_or_default()));
    if let Some(choice) = query.with_untracked(code::sent_along) {
        // Applied by a plain form, which sends all of its fields: the choice is enough.
        ssr::redirect(&links::event_with_choice(&slug.get_untracked(), &choice));
    }
    let failed = linked_error(HoldPlaces::PATH).is_some();
    let page = Resource::new_blocking(
        move || (slug.get(), code.get()),
        |(slug, code)| get_event_with_code(slug, code),
    );
    let start = Resource::new_blocking(
        move || (slug.get(), items.get()),
        move |(slug, items)| start_picker(slug, items, failed),
    );
    let room = Resource::new_blocking(move || slug.get(), picker_room);
    let rsvp = Resource::new_blocking(move || slug.get(), look_at_rsvp);
    let join_error = error_of(ServerAction::<JoinWaitingRoom>::new());
    view! {
        <Suspense fallback=|| view! { <div class="page"><EventGridSkeleton count=1/></div> }>
            {move || Suspend::new(async move {
                let start = start.await.unwrap_or_default();
                let room = room.await.ok().flatten();
                let rsvp = rsvp.await.ok().flatten();
                match page.await {
                    Ok(page) => {
                        let promo = page.event.promo.clone();
                        let tried = Tried { code: code.get_untracked(), refused: page.refused, promo, opened: page.opened };
                        view! { <EventView event=page.event tried=tried start=start room=room rsvp=rsvp join_error=join_error/> }.into_any()
                    }
                    Err(error) => view! { <ErrorPage error=error/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn EventView(
    event: Event,
    tried: Tried,
    start: PickerStart,
    room: Option<WaitingRoom>,
    rsvp: Option<Rsvp>,
    join_error: Signal<Option<RpcError>>,
) -> impl IntoView {
    let details = event
        .metadata
        .as_ref()
        .map(Details::from_document)
        .unwrap_or_default();
    let gallery: Vec<_> = event
        .media
        .iter()
        .filter(|media| media.kind == MediaKind::Gallery)
        .cloned()
        .collect();
    let category = (
        category_name(&event.category).to_owned(),
        format!("/events?category={}", event.category),
    );
    let above = vec![
        ("/events".to_owned(), "Events".to_owned()),
        (category.1, category.0),
    ];
    let description = event.description_html.clone().unwrap_or_default();
    let hero_alt = event
        .cover()
        .and_then(|cover| cover.caption.clone())
        .unwrap_or_default();
    let offer = match rsvp {
        Some(rsvp) => {
            view! { <RsvpPanel event=event.clone() rsvp=rsvp form_key=start.key/> }.into_any()
        }
        None if event.takes_rsvps => view! {
            <Alert tone=Tone::Warning title="Answers cannot be shown right now.">"Please try again in a moment."</Alert>
        }
        .into_any(),
        None => view! { <TicketPicker event=event.clone() tried=tried start=start room=room/> }
            .into_any(),
    };
    view! {
        {head(&event)}
        <article class="page event">
            <Breadcrumb links=above here=event.title.clone()/>
            {banner(&event)}
            <ErrorSummary error=join_error/>
            <Picture media=event.cover().cloned() class="frame-hero" sizes="(min-width: 80rem) 78rem, 100vw" eager=true alt=hero_alt/>
            <div class="event-layout">
                {title(&event)}
                {offer}
                <div class="event-body">
                    {(!description.is_empty()).then(|| view! {
                        <section class="event-part">
                            <h2>"About"</h2>
                            <div class="prose" inner_html=description></div>
                        </section>
                    })}
                    <DetailsView details=details/>
                    {gallery_part(gallery)}
                    {organizer(&event)}
                    {tags(&event.tags)}
                </div>
            </div>
        </article>
    }
    .into_any()
}

/// What search engines and messengers read.
fn head(event: &Event) -> AnyView {
    let site = ssr::public_url();
    let url = format!("{site}{}", links::event(&event.slug));
    let image = event.cover().map(|cover| {
        if cover.url.starts_with('/') {
            format!("{site}{}", cover.url)
        } else {
            cover.url.clone()
        }
    });
    view! {
        <Title text=event.title.clone()/>
        <Link rel="canonical" href=url.clone()/>
        <Meta name="description" content=event.description.clone()/>
        <Meta property="og:type" content="event"/>
        <Meta property="og:site_name" content="EventSphere"/>
        <Meta property="og:title" content=event.title.clone()/>
        <Meta property="og:description" content=event.description.clone()/>
        <Meta property="og:url" content=url/>
        <Meta property="og:image" content=image.unwrap_or_else(|| format!("{site}/apple-touch-icon.png"))/>
        <Meta name="twitter:card" content="summary_large_image"/>
        <script type="application/ld+json" inner_html=ssr::json_ld(event)></script>
    }
    .into_any()
}

/// What must be known before anything else.
fn banner(event: &Event) -> Option<AnyView> {
    let edit = links::editor(&event.slug);
    match event.status {
        EventStatus::Draft => Some(view! {
            <Alert tone=Tone::Info title="This is a draft. Only you see it.">
                <a href=edit>"Edit and publish it"</a>
            </Alert>
        }
        .into_any()),
        EventStatus::Cancelled => {
            let reason = event.cancel_reason.clone();
            Some(view! { <Alert tone=Tone::Danger title="This event was called off.">{reason}</Alert> }.into_any())
        }
        _ if event.is_crew => Some(view! { <p class="event-crew"><a class="btn btn-ghost" href=edit><Icon name="edit"/>"Edit this event"</a></p> }.into_any()),
        _ => None,
    }
}

fn title(event: &Event) -> AnyView {
    let state = match (event.status, event.phase) {
        (EventStatus::Cancelled, _) => Some((Tone::Danger, "Cancelled")),
        (_, Phase::Past) => Some((Tone::Quiet, "Over")),
        (_, Phase::Ongoing) => Some((Tone::Success, "On now")),
        _ if event.sold_out => Some((Tone::Warning, "Sold out")),
        _ => None,
    };
    view! {
        <header class="event-head">
            <div class="event-title">
                <DateLeaf local=event.local.clone()/>
                <div>
                    <p class="cluster">
                        <a class="kicker" href=format!("/events?category={}", event.category)>{category_name(&event.category).to_owned()}</a>
                        {state.map(|(tone, text)| view! { <Badge tone=tone text=text/> })}
                    </p>
                    <h1>{event.title.clone()}</h1>
                </div>
            </div>
            <ul class="event-key" role="list">
                <li><Icon name="calendar"/><div><strong>{event.local.date.clone()}</strong><span>{event.local.time.clone()}</span></div></li>
                {place(event)}
                <li>
                    <Icon name="person"/>
                    <div><strong>"By "<a href=format!("/people/{}", event.organizer.handle)>{event.organizer.name.clone()}</a></strong>{going(event.going_count, event.phase)}</div>
                </li>
            </ul>
        </header>
    }
    .into_any()
}

fn place(event: &Event) -> AnyView {
    match (&event.venue, &event.online_url) {
        (Some(venue), _) => view! { <li><Icon name="pin"/><div><strong>{venue.name.clone()}</strong><span>{venue.address.clone()}</span></div></li> }.into_any(),
        (None, Some(url)) => view! { <li><Icon name="online"/><div><strong>"Online"</strong><span><a href=url.clone() rel="nofollow ugc noopener external">"Join here"</a></span></div></li> }.into_any(),
        (None, None) => view! { <li><Icon name="pin"/><div><strong>"Place to be announced"</strong></div></li> }.into_any(),
    }
}

fn going(count: u32, phase: Phase) -> Option<AnyView> {
    let text = match (count, phase) {
        (0, _) => return None,
        (1, Phase::Past) => "1 person went".to_owned(),
        (many, Phase::Past) => format!("{many} people went"),
        (1, _) => "1 person is going".to_owned(),
        (many, _) => format!("{many} people are going"),
    };
    Some(view! { <span>{text}</span> }.into_any())
}

fn gallery_part(images: Vec<Media>) -> Option<AnyView> {
    if images.is_empty() {
        return None;
    }
    let figures = images
        .into_iter()
        .map(|media| {
            let (url, caption) = (media.url.clone(), media.caption.clone());
            let alt = caption.clone().unwrap_or_else(|| "Photo of the event".to_owned());
            view! {
                <li>
                    <figure>
                        <a href=url rel="external"><Picture media=Some(media) class="frame-card" sizes="(min-width: 48rem) 22rem, 50vw" alt=alt/></a>
                        {caption.map(|caption| view! { <figcaption>{caption}</figcaption> })}
                    </figure>
                </li>
            }
            .into_any()
        })
        .collect_view();
    Some(view! { <section class="event-part"><h2>"Pictures"</h2><ul class="gallery" role="list">{figures}</ul></section> }.into_any())
}

fn organizer(event: &Event) -> AnyView {
    let organizer = event.organizer.clone();
    view! {
        <section class="event-part">
            <h2>"Organized by"</h2>
            <a class="organizer card card-link" href=format!("/people/{}", organizer.handle)>
                <Avatar name=organizer.name.clone()/>
                <span><strong>{organizer.name}</strong><span class="muted">{format!("@{}", organizer.handle)}</span></span>
                <Icon name="arrow"/>
            </a>
        </section>
    }
    .into_any()
}

fn tags(tags: &[String]) -> Option<AnyView> {
    if tags.is_empty() {
        return None;
    }
    let links = tags.iter().map(|tag| view! { <li><a class="chip" href=format!("/events?tag={}", leptos_router::location::Url::escape(tag))>{tag.clone()}</a></li> }.into_any()).collect_view();
    Some(
        view! { <nav aria-label="Tags"><ul class="cluster" role="list">{links}</ul></nav> }
            .into_any(),
    )
}
