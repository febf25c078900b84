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
pub mod validate;
pub mod waiting_room;

pub use code::Code;
pub use ids::{
    AccountId, EventId, HoldId, LoginId, MediaId, OrderId, PoolId, RefundId, TicketId, TicketTypeId,
};
pub use money::{Currency, Money};
pub use paging::{Limit, Page};
pub use patch::Patch;
pub use problem::{FieldError, Problem};
