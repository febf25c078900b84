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
pub mod places;
pub mod problem;
pub mod promos;
pub mod tickets;
pub mod transfers;
pub mod validate;
pub mod waiting_list;
pub mod waiting_room;

pub use code::Code;
pub use ids::{
    AccountId, EventId, HoldId, LoginId, MailId, MediaId, OrderId, PoolId, PromoCodeId, RefundId,
    TicketId, TicketTypeId, TransferId, WaitingListEntryId,
};
pub use money::{Currency, Money};
pub use paging::{Limit, Page};
pub use patch::Patch;
pub use problem::{FieldError, Problem};
