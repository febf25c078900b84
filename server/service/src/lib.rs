#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod clock;
pub mod ctx;
pub mod error;
pub mod events;
pub mod feed;
pub mod idempotency;
mod keyed;
pub mod mails;
pub mod media;
pub mod orders;
pub mod outbox;
pub mod paging;
pub mod ports;
pub mod promos;
pub mod rate;
pub mod session;
pub mod settings;
pub mod text;
pub mod tickets;
pub mod transfers;
pub mod waiting_room;

pub use ctx::{Ctx, Services};
pub use error::{Error, Result};
