//! Finding and reading events.

mod browse;
mod choice;
mod code;
mod details;
mod event;
mod filters;
mod picker;
mod waiting_list;

pub use browse::Browse;
pub use event::EventPage;
