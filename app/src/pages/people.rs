//! Other people, as everybody may see them.

use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};
use leptos_router::hooks::use_params_map;
use types::{
    accounts::Person,
    events::{BrowseForm, Event},
};

use crate::{
    components::{
        Avatar, Badge, EmptyState, EventGrid, EventGridSkeleton, Section, Skeleton, Tone,
    },
    pages::errors::ErrorPage,
    rpc::{RpcResult, events::browse_events, people::get_person},
    ssr,
};

/// A public profile: who it is and what they run.
#[component]
pub fn Profile() -> impl IntoView {
    let params = use_params_map();
    let handle = Memo::new(move |_| params.with(|params| params.get("handle").unwrap_or_default()));
    let person = Resource::new_blocking(move || handle.get(), get_person);
    let coming = Resource::new_blocking(move || handle.get(), |handle| events_by(handle, ""));
    let past = Resource::new_blocking(move || handle.get(), |handle| events_by(handle, "past"));
    view! {
        <Suspense fallback=|| view! { <div class="page"><Skeleton lines=3/><EventGridSkeleton count=4/></div> }>
            {move || Suspend::new(async move {
                match person.await {
                    Ok(person) => view! { <PersonView person=person coming=coming.await past=past.await/> }.into_any(),
                    Err(error) => view! { <ErrorPage error=error/> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// An error shows as no events: the profile is whole without them.
async fn events_by(organizer: String, when: &str) -> RpcResult<Vec<Event>> {
    let form = BrowseForm {
        organizer,
        when: when.into(),
        limit: "12".into(),
        ..BrowseForm::default()
    };
    Ok(browse_events(form)
        .await
        .map(|page| page.items)
        .unwrap_or_default())
}

#[component]
fn PersonView(
    person: Person,
    coming: RpcResult<Vec<Event>>,
    past: RpcResult<Vec<Event>>,
) -> impl IntoView {
    let (coming, past) = (coming.unwrap_or_default(), past.unwrap_or_default());
    let about = person.bio.clone().unwrap_or_default();
    view! {
        <Title text=person.name.clone()/>
        <Meta name="description" content=format!("{} on EventSphere. {about}", person.name)/>
        <Link rel="canonical" href=format!("{}/people/{}", ssr::public_url(), person.handle)/>
        <div class="page">
            <header class="person">
                <Avatar name=person.name.clone() url=person.avatar_url class="avatar-large"/>
                <div>
                    <h1>{person.name.clone()}</h1>
                    <p class="cluster"><span class="muted">{format!("@{}", person.handle)}</span>{person.is_organizer.then(|| view! { <Badge tone=Tone::Accent text="Organizer"/> })}</p>
                    {person.bio.map(|bio| view! { <p class="person-bio">{bio}</p> })}
                </div>
            </header>
            {person.is_organizer.then(|| upcoming(&person.name, coming))}
            {(!past.is_empty()).then(|| view! { <Section title="Past events"><EventGrid events=past/></Section> })}
        </div>
    }
    .into_any()
}

fn upcoming(name: &str, events: Vec<Event>) -> AnyView {
    let content = if events.is_empty() {
        view! { <EmptyState icon="calendar" title="Nothing coming up" text=format!("{name} has no public event ahead. Have another look later.")/> }.into_any()
    } else {
        view! { <EventGrid events=events eager=4/> }.into_any()
    };
    view! { <Section title="Coming up">{content}</Section> }.into_any()
}
