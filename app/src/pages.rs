//! One folder per area of the site.

pub mod account;
pub mod checkout;
pub mod errors;
pub mod events;
pub mod home;
pub mod organizer;
pub mod people;
pub mod tickets;
pub mod waiting_room;
