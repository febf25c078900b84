//! A payment provider that a test drives: what it says, when it answers, what it took.

use std::{
    collections::HashMap,
    future::pending,
    sync::{Arc, Mutex},
};

use service::ports::{Charge, ChargeOutcome, Payments, Refund, RefundOutcome};
use testkit::TestApp;
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

/// Says what it was told to say.
pub struct Provider {
    says: Mutex<ChargeOutcome>,
    finds: Mutex<ChargeOutcome>,
    charged: Mutex<HashMap<Uuid, u32>>,
    asked: Semaphore,
    answers: Semaphore,
    looked_up: Semaphore,
    findings: Semaphore,
    deaths: watch::Sender<u32>,
}

impl Provider {
    /// A server with such a provider, which answers at once.
    pub async fn app() -> (TestApp, Arc<Self>) {
        let provider = Arc::new(Self {
            says: Mutex::new(ChargeOutcome::Succeeded),
            finds: Mutex::new(ChargeOutcome::Succeeded),
            charged: Mutex::default(),
            asked: Semaphore::new(0),
            answers: Semaphore::new(Semaphore::MAX_PERMITS),
            looked_up: Semaphore::new(0),
            findings: Semaphore::new(Semaphore::MAX_PERMITS),
            deaths: watch::Sender::new(0),
        });
        (
            TestApp::builder().payments(provider.clone()).start().await,
            provider,
        )
    }

    /// What it says to a charge.
    pub fn says(&self, outcome: ChargeOutcome) {
        *self.says.lock().unwrap() = outcome;
    }

    /// What it says when asked again.
    pub fn finds(&self, outcome: ChargeOutcome) {
        *self.finds.lock().unwrap() = outcome;
    }

    /// From now on a charge waits for [`Self::answer`].
    pub fn be_silent(&self) {
        self.answers.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// From now on nobody is told what became of a charge, until [`Self::find`].
    pub fn find_nothing(&self) {
        self.findings.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Waits until somebody asked what became of a charge.
    pub async fn was_looked_up(&self) {
        self.looked_up.acquire().await.unwrap().forget();
    }

    /// Tells everybody what became of charges again.
    pub fn find(&self) {
        self.findings.add_permits(Semaphore::MAX_PERMITS);
    }

    /// Waits until somebody asked for a charge.
    pub async fn was_asked(&self) {
        self.asked.acquire().await.unwrap().forget();
    }

    /// Whoever is asking now never hears an answer: what a crash of their process looks like
    /// from here.
    pub fn askers_die(&self) {
        self.deaths.send_modify(|deaths| *deaths += 1);
    }

    /// Lets one charge through.
    pub fn answer(&self) {
        self.answers.add_permits(1);
    }

    /// How often each charge was asked for.
    pub fn charges(&self) -> Vec<u32> {
        self.charged.lock().unwrap().values().copied().collect()
    }
}

#[async_trait::async_trait]
impl Payments for Provider {
    async fn charge(&self, charge: &Charge) -> ChargeOutcome {
        *self.charged.lock().unwrap().entry(charge.id).or_default() += 1;
        let mut deaths = self.deaths.subscribe();
        self.asked.add_permits(1);
        tokio::select! {
            // The dead hear nothing, also when the answer comes in the same instant.
            biased;
            _ = deaths.changed() => pending().await,
            answer = self.answers.acquire() => answer.unwrap().forget(),
        }
        *self.says.lock().unwrap()
    }

    async fn find(&self, _: &Charge) -> ChargeOutcome {
        let mut deaths = self.deaths.subscribe();
        self.looked_up.add_permits(1);
        tokio::select! {
            biased;
            _ = deaths.changed() => pending().await,
            answer = self.findings.acquire() => drop(answer.unwrap()),
        }
        *self.finds.lock().unwrap()
    }

    async fn refund(&self, _: &Refund) -> RefundOutcome {
        RefundOutcome::Succeeded
    }

    async fn find_refund(&self, _: &Refund) -> RefundOutcome {
        RefundOutcome::Succeeded
    }
}
