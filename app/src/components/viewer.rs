//! Who looks at the page: as much as the header needs.

use leptos::prelude::*;
use types::accounts::Role;

/// Who looks at the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Viewer {
    /// Nobody signed in.
    #[default]
    Anonymous,
    /// Somebody who finds events and buys tickets.
    Attendee,
    /// Somebody who also runs events.
    Organizer,
}

impl Viewer {
    /// Is somebody signed in?
    pub fn is_signed_in(self) -> bool {
        self != Self::Anonymous
    }

    /// The text in the `data-viewer` attribute.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Attendee => "attendee",
            Self::Organizer => "organizer",
        }
    }
}

impl From<Role> for Viewer {
    fn from(role: Role) -> Self {
        if role.may_organize() {
            Self::Organizer
        } else {
            Self::Attendee
        }
    }
}

/// Makes the viewer known to every component below.
pub fn provide_viewer() {
    provide_context(RwSignal::new(crate::ssr::viewer()));
}

/// Who looks at the page; set it after logging in or out without leaving the page.
pub fn use_viewer() -> RwSignal<Viewer> {
    use_context().unwrap_or_default()
}
