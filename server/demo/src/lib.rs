#![doc = include_str!("../README.md")]

pub mod art;
mod clock;
mod seed;
pub mod world;

pub use clock::DemoClock;
pub use seed::{Outcome, seed};
