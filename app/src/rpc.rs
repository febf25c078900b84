//! Server functions, one file per context. A body gets the context, calls one use
//! case and maps the error.

pub mod accounts;
pub mod error;
pub mod events;
pub mod feed;
pub mod media;
pub mod orders;
pub mod people;
pub mod promos;
pub mod tickets;
pub mod transfers;
pub mod waiting_list;
pub mod waiting_room;
mod words;

pub use error::{
    RpcError, RpcResult, error_of, failures, forgotten_after, key_of_try, linked_error, successes,
};
