//! The browser's twin of `ssr.rs`: the same functions, with nothing to do here or
//! with what the server left in the document.

#[path = "ssr_browser/upload.rs"]
mod upload;

use leptos::prelude::*;
use types::{Code, events::Event};

use crate::{components::Viewer, links::safe_path};

pub use upload::send_form;

/// The status left with the page's first byte.
pub fn set_status(_status: u16) {}

/// Leaves for another page of this site.
pub fn redirect(path: &str) {
    if let Some(path) = safe_path(path) {
        // Should the browser refuse, the page stays as it is.
        let _ = window().location().set_href(path);
    }
}

/// Who looks at the page, as the server wrote it on the `html` element.
pub fn viewer() -> Viewer {
    let role = document()
        .document_element()
        .and_then(|html| html.get_attribute("data-viewer"));
    match role.as_deref() {
        Some("attendee") => Viewer::Attendee,
        Some("organizer") => Viewer::Organizer,
        _ => Viewer::Anonymous,
    }
}

/// Why the form that led to this page was refused, as the server wrote it on the `html`
/// element. Pages that one goes on to have another address.
pub fn refusal() -> Option<Code> {
    let path = window().location().pathname().ok()?;
    let html = document().document_element()?;
    let code = html.get_attribute("data-refusal")?;
    path.starts_with("/rpc/").then(|| Code::from_text(&code))?
}

/// Milliseconds since the page was opened; goes on while the tab sleeps.
pub fn now_ms() -> f64 {
    window()
        .performance()
        .map_or(0.0, |performance| performance.now())
}

/// Does anybody look at this tab?
pub fn is_visible() -> bool {
    !document().hidden()
}

/// Absolute links are for machines that read the server's answer.
pub fn public_url() -> String {
    String::new()
}

/// What the server drew stays; new images fade in without it.
pub fn placeholder(_thumbhash: &str) -> String {
    String::new()
}

/// Search engines read the server's answer.
pub fn json_ld(_event: &Event) -> String {
    String::new()
}

/// Is the page dark now, by choice or by system?
pub fn is_dark() -> bool {
    let chosen = document()
        .document_element()
        .and_then(|html| html.get_attribute("data-theme"));
    match chosen.as_deref() {
        Some(theme) => theme == "dark",
        None => window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches()),
    }
}

/// The zone this device lives in; none when it does not tell.
pub fn time_zone() -> Option<String> {
    let format = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
    let zone = js_sys::Reflect::get(&format.resolved_options(), &"timeZone".into()).ok()?;
    zone.as_string().filter(|zone| zone != "Etc/Unknown")
}

/// Keeps a choice on this device; without storage it lasts as long as the page.
pub fn remember(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(name, value);
    }
}
