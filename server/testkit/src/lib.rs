#![doc = include_str!("../README.md")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a failing arrangement fails the test")]

mod answer;
mod app;
mod builders;
mod client;
mod database;
mod engines;

pub use adapters::fake::{MemoryBlobs, MemoryBus, MemoryDocuments, MockClock, ScriptedPayments};
pub use answer::Answer;
pub use app::{TestApp, TestAppBuilder};
pub use builders::{OnSale, Person, png};
pub use client::{Ask, Browser};
pub use database::TestDatabase;
pub use engines::{Endpoints, endpoints};
