#![doc = include_str!("../README.md")]
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "an arrangement that fails is a test that fails"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "its tasks end with the test that started it"
)]

mod account;
mod answers;
mod calls;
mod faults;
mod front;
mod webhook;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::{net::TcpListener, task::JoinHandle};

pub use account::{IntentState, TakenMoney};
pub use faults::{Fault, Step};
pub use front::Seen;
pub use webhook::signature;

use account::Account;

/// The key that requests have to carry.
pub const SECRET_KEY: &str = "sk_test_twin";
/// What webhooks are signed with.
pub const WEBHOOK_SECRET: &str = "whsec_twin";

/// A running server with an account of its own.
pub struct StripeTwin {
    url: String,
    account: Arc<Mutex<Account>>,
    serving: JoinHandle<()>,
}

impl StripeTwin {
    /// Listens on a free port of 127.0.0.1.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let account = Arc::<Mutex<Account>>::default();
        let serving = tokio::spawn(front::serve(listener, account.clone()));
        Self {
            url: format!("http://{address}"),
            account,
            serving,
        }
    }

    /// Where it is: `http://127.0.0.1:port`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The next request of this kind fails like this; several are used up in order.
    pub fn fail(&self, step: Step, fault: Fault) {
        self.account().faults.add(step, fault);
    }

    /// Forgets all idempotency keys, as after a day.
    pub fn forget_keys(&self) {
        self.account().keys.clear();
    }

    /// From now on the search index learns nothing, until [`Self::index`].
    pub fn stop_indexing(&self) {
        self.account().stop_indexing();
    }

    /// Brings the search index up to date and keeps it so.
    pub fn index(&self) {
        self.account().index();
    }

    /// Confirmed intents stay `processing`, until [`Self::finish_processing`].
    pub fn process_slowly(&self) {
        self.account().is_slow = true;
    }

    /// What is processing succeeds.
    pub fn finish_processing(&self) {
        self.account().finish_processing();
    }

    /// New refunds stay `pending`.
    pub fn leave_refunds_pending(&self) {
        self.account().leaves_refunds_pending = true;
    }

    /// All money taken and not given back, per `metadata[payment_id]`, oldest first.
    pub fn taken(&self) -> Vec<TakenMoney> {
        self.account().taken()
    }

    /// All intents, oldest first.
    pub fn intents(&self) -> Vec<IntentState> {
        self.account().intents()
    }

    /// Every request that carried the right key, in order.
    pub fn seen(&self) -> Vec<Seen> {
        self.account().seen.clone()
    }

    /// The body of an event of this type about the last intent of a payment.
    ///
    /// # Panics
    /// When there is none.
    pub fn event(&self, kind: &str, payment_id: &str) -> String {
        let object = self.account().intent_of(payment_id);
        webhook::event(kind, &object.expect("an intent of the payment"))
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        lock(&self.account)
    }
}

impl Drop for StripeTwin {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock(account: &Mutex<Account>) -> MutexGuard<'_, Account> {
    account.lock().unwrap_or_else(PoisonError::into_inner)
}
