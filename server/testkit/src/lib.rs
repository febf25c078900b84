#![doc = include_str!("../README.md")]
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "an arrangement that fails is a test that fails"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "names of a test's own, settings of the machine"
)]

mod answer;
mod app;
mod builders;
mod client;
mod database;
mod engines;

pub use adapters::fake::{
    MemoryBlobs, MemoryBus, MemoryDocuments, MemoryMailer, MockClock, ScriptedPayments,
};
pub use answer::Answer;
pub use app::{TestApp, TestAppBuilder};
pub use builders::{OnSale, Person, png};
pub use client::{Ask, Browser};
pub use database::TestDatabase;
pub use engines::{Endpoints, endpoints};
