//! What each port promises, on its in-memory twin and on the real engine.

#![expect(clippy::unwrap_used, reason = "a failing step fails the test")]

/// Makes a test of each promise on the twin and on the engine. A promise is an async
/// function that takes what `twin` and `engine` return.
macro_rules! on_both {
    ($($promise:ident),+ $(,)?) => {
        mod on_the_twin {
            $(#[tokio::test] async fn $promise() { super::$promise(super::twin()).await; })+
        }
        mod on_the_engine {
            $(#[tokio::test(flavor = "multi_thread")] async fn $promise() { super::$promise(super::engine().await).await; })+
        }
    };
}

mod blobs;
mod bus;
mod documents;
mod engines;
mod mails;
mod payments;
