//! What stands around every page: header, navigation, footer, theme switch.

use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;

use super::{Icon, use_viewer};

/// Puts the focus on the content when another page comes without a page load: screen
/// readers then read it, and the tab key goes on from there.
#[component]
pub fn PageFocus(
    /// What holds the pages.
    main: NodeRef<html::Main>,
) -> impl IntoView {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now)
            && let Some(main) = main.get_untracked()
        {
            // Without the focus the page is as it was.
            let _ = main.focus();
        }
        now
    });
}

/// A link of the navigation that knows whether it leads here.
fn nav_link(href: &'static str, icon: &'static str, text: &'static str) -> AnyView {
    let path = use_location().pathname;
    let is_here = move || {
        path.with(|path| path == href || (href != "/" && path.starts_with(href)))
            .then_some("page")
    };
    view! {
        <a class="nav-link" href=href aria-current=is_here>
            <Icon name=icon/>
            <span>{text}</span>
        </a>
    }
    .into_any()
}

fn brand() -> AnyView {
    view! {
        <a class="brand" href="/" aria-label="EventSphere, home">
            <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
                <use href="/icons.svg#mark"></use>
            </svg>
            <span class="brand-name">"EventSphere"</span>
        </a>
    }
    .into_any()
}

/// The banner: brand, navigation, account. On phones the navigation lies at the bottom.
#[component]
pub fn SiteHeader() -> impl IntoView {
    let viewer = use_viewer();
    let account = move || {
        if viewer.get().is_signed_in() {
            nav_link("/account", "person", "Account")
        } else {
            nav_link("/login", "person", "Log in")
        }
    };
    view! {
        <header class="site-header">
            <div class="site-header-inner">
                {brand()}
                <nav class="site-nav" aria-label="Main">
                    {nav_link("/events", "compass", "Discover")}
                    {nav_link("/tickets", "ticket", "My tickets")}
                    {nav_link("/organizer", "megaphone", "Organize")}
                    {account}
                </nav>
                <ThemeSwitch/>
            </div>
        </header>
    }
    .into_any()
}

/// Light, dark, or as the system says. Hidden where scripts do not run: then the
/// system decides. The script in the head applies the choice before the first paint.
#[component]
fn ThemeSwitch() -> impl IntoView {
    let toggle = move |_| {
        if let Some(html) = document().document_element() {
            let next = if crate::ssr::is_dark() {
                "light"
            } else {
                "dark"
            };
            let _ = html.set_attribute("data-theme", next);
            crate::ssr::remember("theme", next);
        }
    };
    view! {
        <button type="button" class="btn-icon theme-switch" aria-label="Switch between light and dark" on:click=toggle>
            <span class="theme-to-dark"><Icon name="moon"/></span>
            <span class="theme-to-light"><Icon name="sun"/></span>
        </button>
    }
    .into_any()
}

/// The end of every page.
#[component]
pub fn SiteFooter() -> impl IntoView {
    view! {
        <footer class="site-footer">
            <div class="site-footer-inner">
                <div class="site-footer-brand">
                    {brand()}
                    <p>"Good nights out, workshops worth the train ride, and the people to go with."</p>
                </div>
                <nav aria-label="Find">
                    <h2>"Find"</h2>
                    <ul role="list">
                        <li><a href="/events?when=weekend">"This weekend"</a></li>
                        <li><a href="/events?price=free">"Free events"</a></li>
                        <li><a href="/events?category=music">"Music"</a></li>
                        <li><a href="/events?when=past">"Past events"</a></li>
                    </ul>
                </nav>
                <nav aria-label="Organize">
                    <h2>"Organize"</h2>
                    <ul role="list">
                        <li><a href="/organizer/events/new">"Publish an event"</a></li>
                        <li><a href="/organizer">"Your events"</a></li>
                    </ul>
                </nav>
                <nav aria-label="Build">
                    <h2>"Build"</h2>
                    <ul role="list">
                        <li><a href="/api/docs" rel="external">"API documentation"</a></li>
                        <li><a href="/api/openapi.json" rel="external">"OpenAPI"</a></li>
                    </ul>
                </nav>
            </div>
        </footer>
    }
    .into_any()
}
