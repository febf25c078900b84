#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod db;
mod decode;
pub mod error;
pub mod events;
pub mod holds;
pub mod idempotency;
pub mod mailbox;
pub mod mails;
pub mod media;
pub mod orders;
pub mod outbox;
pub mod payments;
pub mod pools;
pub mod promos;
pub mod rate;
pub mod refunds;
pub mod sales;
pub mod search;
pub mod sessions;
pub mod tickets;
pub mod transfers;
pub mod waiting_list;
pub mod waiting_rooms;

pub use db::{Conn, Db, Tx};
pub use error::{Error, Result};
