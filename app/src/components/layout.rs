//! The skeleton of a page's content.

use leptos::prelude::*;

use super::Icon;

/// The page's one `h1`, a sentence below it, buttons beside it.
#[component]
pub fn PageHeader(
    /// The heading.
    #[prop(into)]
    title: String,
    /// A sentence.
    #[prop(optional, into)]
    lead: Option<String>,
    /// Buttons or links.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="page-header">
            <div>
                <h1>{title}</h1>
                {lead.map(|lead| view! { <p class="lead">{lead}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </header>
    }
    .into_any()
}

/// A part of a page with its `h2` and perhaps a link to more of it.
#[component]
pub fn Section(
    /// The heading.
    #[prop(into)]
    title: String,
    /// Where and what the link to more is.
    #[prop(optional)]
    more: Option<(&'static str, &'static str)>,
    /// The content.
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section">
            <div class="section-head">
                <h2>{title}</h2>
                {more.map(|(href, text)| view! { <a class="more" href=href>{text}<Icon name="arrow"/></a> })}
            </div>
            {children()}
        </section>
    }
    .into_any()
}

/// Where this page is: links, then the page itself.
#[component]
pub fn Breadcrumb(
    /// Address and name of each page above.
    links: Vec<(String, String)>,
    /// This page's name.
    #[prop(into)]
    here: String,
) -> impl IntoView {
    let links = links
        .into_iter()
        .map(|(href, name)| view! { <li><a href=href>{name}</a></li> })
        .collect_view();
    view! {
        <nav class="breadcrumb" aria-label="Breadcrumb">
            <ol>
                {links}
                <li><span aria-current="page">{here}</span></li>
            </ol>
        </nav>
    }
    .into_any()
}

/// Links of a list that goes on by cursor: back to the first page, on to the next.
#[component]
pub fn Pagination(
    /// The first page, when this is not it.
    first: Option<String>,
    /// The next page, when there is one.
    next: Option<String>,
) -> impl IntoView {
    if first.is_none() && next.is_none() {
        return ().into_any();
    }
    view! {
        <nav class="pagination" aria-label="Pages">
            {first.map(|href| view! { <a class="btn btn-ghost" href=href>"First page"</a> })}
            {next.map(|href| view! { <a class="btn btn-secondary" rel="next" href=href>"Next page"<Icon name="arrow"/></a> })}
        </nav>
    }
    .into_any()
}
