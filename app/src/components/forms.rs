//! What a form that came back with errors shows, and how a plain form says that it works.

use std::time::Duration;

use leptos::{ev::SubmitEvent, html, prelude::*};
use leptos_router::hooks::use_query_map;

use super::Icon;
use crate::rpc::RpcError;

/// Where a field stands on the page: its element's id and its label.
pub type Place = Option<(String, String)>;

/// The error above a form: what happened, and a link to each field that needs another
/// look. Takes the focus when it appears.
#[component]
pub fn ErrorSummary(
    /// The error, if there is one.
    error: Signal<Option<RpcError>>,
    /// The place of a field by its name in the error.
    #[prop(optional)]
    place: Option<fn(&str) -> Place>,
) -> impl IntoView {
    let shown = move || error.get().map(|error| summary(&error, place));
    view! { <div class="error-summary-slot">{shown}</div> }.into_any()
}

fn summary(error: &RpcError, place: Option<fn(&str) -> Place>) -> AnyView {
    let links = error
        .fields
        .iter()
        .map(|field| field_link(error, &field.field, place))
        .collect::<Vec<_>>();
    let again = error.when_again();
    let title = if error.fields.is_empty() {
        error.text()
    } else {
        error.code.title().to_owned()
    };
    view! {
        <FocusAlert title=title>
            {again.map(|again| view! { <p class="alert-text">{again}</p> })}
            {(!links.is_empty()).then(|| view! { <ul class="alert-text">{links}</ul> })}
        </FocusAlert>
    }
    .into_any()
}

/// What was just done, as the page's address says. Not shown while one of the page's forms
/// stands refused: the address is that of the step before.
#[component]
pub fn DoneNote(
    /// The words for what was done; an address can bring none of its own.
    words: fn(&str) -> Option<AnyView>,
    /// The errors of the page's forms.
    #[prop(optional)]
    errors: Vec<Signal<Option<RpcError>>>,
    /// What was done without leaving the page, which goes before the address.
    #[prop(optional, into)]
    here: Signal<Option<&'static str>>,
) -> impl IntoView {
    let query = use_query_map();
    let note = move || {
        if errors.iter().any(|error| error.with(Option::is_some)) {
            return None;
        }
        match here.get() {
            Some(done) => words(done),
            None => query.with(|query| query.get_str("done").and_then(words)),
        }
    };
    view! { {note} }.into_any()
}

/// What went wrong, with the focus on it: seen and read out wherever the page was
/// scrolled to. Without scripts the browser focuses it as it loads the page.
#[component]
pub fn FocusAlert(
    /// What happened, in a few words.
    #[prop(into)]
    title: String,
    /// What to do next.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(element) = node.get() {
            let _ = element.focus();
        }
    });
    view! {
        <div class="alert is-danger error-summary" role="alert" tabindex="-1" autofocus=true node_ref=node>
            <Icon name="warning"/>
            <div class="alert-body">
                <p class="alert-title">{title}</p>
                {children()}
            </div>
        </div>
    }
    .into_any()
}

fn field_link(error: &RpcError, name: &str, place: Option<fn(&str) -> Place>) -> AnyView {
    let text = error.of_field(name).unwrap_or_default();
    match place.and_then(|place| place(name)) {
        Some((id, label)) => {
            view! { <li><a href=format!("#{id}") rel="external">{label}</a>": "{text}</li> }
                .into_any()
        }
        None => view! { <li>{text}</li> }.into_any(),
    }
}

/// What is wrong with one field.
pub fn field_error(
    error: Signal<Option<RpcError>>,
    name: impl Into<String>,
) -> Signal<Option<String>> {
    let name = name.into();
    Signal::derive(move || {
        error.with(|error| error.as_ref().and_then(|error| error.of_field(&name)))
    })
}

/// A form's element, which is emptied after each of its successes: the next one begins with
/// nothing that was meant for this one.
pub fn emptied_after(successes: Memo<usize>) -> NodeRef<html::Form> {
    let form = NodeRef::<html::Form>::new();
    Effect::new(move |before: Option<usize>| {
        let now = successes.get();
        if before.is_some_and(|before| before != now)
            && let Some(form) = form.get_untracked()
        {
            form.reset();
        }
        now
    });
    form
}

/// Reads a field when it is there: something may have been typed before the page's code ran, or
/// put back by the browser.
pub fn read_once(input: NodeRef<html::Input>, read: impl Fn() + 'static) {
    Effect::new(move |_| {
        if input.get().is_some() {
            read();
        }
    });
}

/// For plain forms: is it on its way, and what its `submit` event does. The browser
/// loads the next page; should it not, the button comes back after a while.
pub fn on_its_way() -> (Signal<bool>, impl Fn(SubmitEvent) + Clone + 'static) {
    let pending = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        if pending.get_untracked() {
            event.prevent_default();
            return;
        }
        pending.set(true);
        set_timeout(move || pending.set(false), Duration::from_secs(10));
    };
    (pending.into(), submit)
}
