//! Telling people how things stand: alerts, badges, empty states, loading.

use leptos::prelude::*;

use super::Icon;
use crate::rpc::RpcError;

/// The mood of an alert or a badge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// By the way.
    #[default]
    Info,
    /// It worked.
    Success,
    /// Look out.
    Warning,
    /// It did not work.
    Danger,
    /// No mood at all.
    Quiet,
    /// Worth a second look.
    Accent,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Info => "is-info",
            Self::Success => "is-success",
            Self::Warning => "is-warning",
            Self::Danger => "is-danger",
            Self::Quiet => "is-quiet",
            Self::Accent => "is-accent",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Success => "check",
            Self::Warning | Self::Danger => "warning",
            Self::Info | Self::Quiet | Self::Accent => "info",
        }
    }
}

/// A message in the flow of the page. Dangers are announced at once, the rest politely.
#[component]
pub fn Alert(
    /// The mood.
    #[prop(optional)]
    tone: Tone,
    /// What happened, in a few words.
    #[prop(into)]
    title: String,
    /// What to do next.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let role = if tone == Tone::Danger {
        "alert"
    } else {
        "status"
    };
    view! {
        <div class=format!("alert {}", tone.class()) role=role>
            <Icon name=tone.icon()/>
            <div class="alert-body">
                <p class="alert-title">{title}</p>
                {children.map(|children| view! { <div class="alert-text">{children()}</div> })}
            </div>
        </div>
    }
    .into_any()
}

/// What a server function answered, worded.
#[component]
pub fn ErrorAlert(
    /// The error.
    error: RpcError,
) -> impl IntoView {
    let mut texts = error.of_fields();
    let title = match texts.len() {
        0 => error.text(),
        1 => texts.remove(0),
        _ => error.code.title().to_owned(),
    };
    let rows = (!texts.is_empty()).then(|| {
        let rows = texts.into_iter().map(|text| view! { <li>{text}</li> });
        view! { <ul>{rows.collect_view()}</ul> }
    });
    view! {
        <Alert tone=Tone::Danger title=title>
            {error.when_again()}
            {rows}
        </Alert>
    }
    .into_any()
}

/// A word or two on a pill.
#[component]
pub fn Badge(
    /// The mood.
    #[prop(optional)]
    tone: Tone,
    /// The words.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <span class=format!("badge {}", tone.class())>{text}</span> }.into_any()
}

/// Nothing here yet, and what to do about it (buttons or links as children).
#[component]
pub fn EmptyState(
    /// See [`Icon`].
    icon: &'static str,
    /// What is missing.
    #[prop(into)]
    title: String,
    /// Why, and what to do.
    #[prop(into)]
    text: String,
    /// Buttons or links.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-icon"><Icon name=icon/></span>
            <p class="empty-title">{title}</p>
            <p class="empty-text">{text}</p>
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> })}
        </div>
    }
    .into_any()
}

/// Grey lines where text is on its way.
#[component]
pub fn Skeleton(
    /// How many lines.
    lines: usize,
) -> impl IntoView {
    let lines = (0..lines)
        .map(|_| view! { <span class="skeleton"></span> })
        .collect_view();
    view! { <div class="skeletons" role="status"><span class="visually-hidden">"Loading"</span>{lines}</div> }.into_any()
}
