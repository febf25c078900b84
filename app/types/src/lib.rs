#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod code;
pub mod events;
pub mod feed;
pub mod ids;
pub mod media;
pub mod money;
pub mod orders;
pub mod paging;
pub mod patch;
pub mod problem;
pub mod tickets;
pub mod transfers;
pub mod validate;

pub use code::Code;
pub use ids::{
    AccountId, EventId, HoldId, LoginId, MediaId, OrderId, PoolId, RefundId, TicketId,
    TicketTypeId, TransferId,
};
pub use money::{Currency, Money};
pub use paging::{Limit, Page};
pub use patch::Patch;
pub use problem::{FieldError, Problem};
