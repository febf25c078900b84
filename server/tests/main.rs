//! Tests through the front door, in one program so that it is linked once.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a failing arrangement fails the test; ids that nobody has are made at random"
)]

mod accounts;
mod auth;
mod docs;
mod edge;
mod events;
mod forms;
mod house;
mod mailbox;
mod media;
mod orders;
mod promos;
mod settings;
mod streams;
mod waiting_room;
mod walk;
