#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod db;
pub mod error;
pub mod events;
pub mod idempotency;
pub mod media;
pub mod orders;
pub mod outbox;
pub mod pools;
pub mod rate;
pub mod sessions;
pub mod tickets;

pub use db::{Conn, Db, Tx};
pub use error::{Error, Result};
