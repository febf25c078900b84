//! Stores that several processes share, processes that die, and facts to count.

use std::{collections::BTreeSet, ops::Range, process::Stdio, sync::Arc, time::Instant};

use adapters::{
    MongoSettings, PaymentSimulator, SystemIds,
    fake::{MemoryBlobs, MemoryBus, MemoryDocuments, MockClock},
};
use server::{wire, worker};
use service::{
    Ctx, Services, outbox,
    ports::{Bus, Documents, Ports},
    settings::Settings,
};
use store::Db;
use testkit::{TestDatabase, endpoints};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use types::{
    AccountId, EventId, OrderId,
    feed::{DomainEvent, EventFact},
};
use uuid::Uuid;

use super::{PATIENCE, broker::Broker, mongo};

/// What all processes of a test share.
pub struct World {
    pub clock: Arc<MockClock>,
    database: TestDatabase,
    ports: Ports,
    mongo: Option<MongoSettings>,
}

impl World {
    pub async fn with(bus: Arc<dyn Bus>, documents: Arc<dyn Documents>) -> Self {
        let clock = Arc::new(MockClock::default());
        let ports = Ports {
            clock: clock.clone(),
            ids: Arc::new(SystemIds::default()),
            documents,
            blobs: Arc::new(MemoryBlobs::default()),
            bus,
            payments: Arc::new(PaymentSimulator::default()),
            mailer: None,
        };
        Self {
            clock,
            database: TestDatabase::create().await,
            ports,
            mongo: None,
        }
    }

    pub async fn with_twins() -> Self {
        Self::with(
            Arc::new(MemoryBus::default()),
            Arc::new(MemoryDocuments::default()),
        )
        .await
    }

    /// With the real document store.
    pub async fn with_mongo(bus: Arc<dyn Bus>) -> Self {
        let (documents, settings) = mongo().await;
        Self {
            mongo: Some(settings),
            ..Self::with(bus, documents).await
        }
    }

    /// Services of this runtime.
    pub async fn ctx(&self) -> Ctx {
        Ctx::system(services(self.database.url(), self.ports.clone()).await)
    }

    /// The titles in the feed, each as often as it is there.
    pub async fn told(&self) -> Vec<String> {
        let latest = self
            .ports
            .documents
            .latest_activities(100_000)
            .await
            .unwrap_or_default();
        latest
            .into_iter()
            .map(|activity| activity.event_title)
            .collect()
    }

    /// The real program as a worker on these stores.
    pub fn spawn_program(&self, broker: &Broker) -> tokio::process::Child {
        let mongo = self.mongo.as_ref().unwrap();
        let engines = [
            "MONGODB_URL",
            "S3_ENDPOINT",
            "S3_REGION",
            "S3_BUCKET",
            "S3_ACCESS_KEY",
            "S3_SECRET_KEY",
        ];
        tokio::process::Command::new(env!("CARGO_BIN_EXE_server"))
            .arg("worker")
            .envs(engines.map(|name| (format!("EVENTSPHERE_{name}"), endpoints().get(name))))
            .env("EVENTSPHERE_DATABASE_URL", self.database.url())
            .env("EVENTSPHERE_DATABASE_CONNECTIONS", "4")
            .env("EVENTSPHERE_MONGODB_DATABASE", &mongo.database)
            .env("EVENTSPHERE_KAFKA_BROKERS", broker.settings().brokers)
            .env(
                "EVENTSPHERE_TOKEN_SECRET",
                "dev-a-secret-of-this-test-and-no-other",
            )
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// Removes what the test left in the document store.
    pub async fn forget(self) {
        let Some(settings) = self.mongo else { return };
        adapters::Mongo::new(settings)
            .await
            .unwrap()
            .drop_database()
            .await
            .unwrap();
    }
}

async fn services(url: &str, ports: Ports) -> Arc<Services> {
    let db = Db::connect(url, 5).await.unwrap();
    wire::assemble(db, ports, Settings::default())
}

/// A worker on a runtime of its own, which can be ended without any farewell.
pub struct Process {
    runtime: Option<Runtime>,
    stop: CancellationToken,
    done: CancellationToken,
}

impl Process {
    pub fn start(world: &World) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (stop, done) = (CancellationToken::new(), CancellationToken::new());
        let (url, ports) = (world.database.url().to_owned(), world.ports.clone());
        let (stopped, finished) = (stop.clone(), done.clone());
        runtime.spawn(async move {
            worker::run(services(&url, ports).await, stopped).await;
            finished.cancel();
        });
        Self {
            runtime: Some(runtime),
            stop,
            done,
        }
    }

    /// Asks it to stop and waits for it.
    pub async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.done.cancelled())
            .await
            .expect("the worker stops when asked");
    }

    /// Ends it wherever it is.
    pub fn kill(mut self) {
        self.runtime.take().unwrap().shutdown_background();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Facts that were written, and so must be told.
#[derive(Default)]
pub struct Facts {
    titles: BTreeSet<String>,
}

impl Facts {
    /// Writes facts into the outbox: eight writers, five facts a transaction.
    pub async fn write(world: &World, numbers: Range<u32>) -> Self {
        let ctx = world.ctx().await;
        let all: Vec<_> = numbers.collect();
        let writers = (0..8).map(|writer| {
            let (ctx, all) = (&ctx, &all);
            async move {
                for numbers in all.chunks(5).skip(writer).step_by(8) {
                    let mut tx = ctx.db().begin().await.unwrap();
                    for number in numbers {
                        outbox::add(ctx, &mut tx, &fact(*number)).await.unwrap();
                    }
                    tx.commit().await.unwrap();
                }
            }
        });
        futures::future::join_all(writers).await;
        Self::of(all)
    }

    /// Facts written elsewhere.
    pub fn of(numbers: impl IntoIterator<Item = u32>) -> Self {
        let public = numbers
            .into_iter()
            .map(fact)
            .filter(|fact| fact.event().is_public);
        Self {
            titles: public.map(|fact| fact.event().title.clone()).collect(),
        }
    }

    pub fn add(&mut self, more: Self) {
        self.titles.extend(more.titles);
    }

    /// Waits until all are told, and says so of each once and of nothing else.
    pub async fn arrive_once(&self, world: &World) {
        eventually("every fact is told", async || {
            world.told().await.len() >= self.titles.len()
        })
        .await;
        let told = world.told().await;
        let once: BTreeSet<_> = told.iter().cloned().collect();
        assert_eq!(told.len(), once.len(), "something is told twice");
        assert!(
            once == self.titles,
            "lost: {:?}",
            self.titles.difference(&once).collect::<Vec<_>>()
        );
    }
}

/// A sale of an event; every tenth event is private.
pub fn fact(number: u32) -> DomainEvent {
    DomainEvent::TicketPaid {
        event: EventFact {
            event_id: EventId(Uuid::from_u128(u128::from(number % 50) + 1)),
            slug: "night".into(),
            title: format!("fact {number}"),
            is_public: !number.is_multiple_of(10),
        },
        order_id: OrderId(Uuid::from_u128(u128::from(number))),
        buyer_id: AccountId(Uuid::from_u128(1)),
        quantity: 2,
    }
}

/// Waits for what must come.
pub async fn eventually(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < until, "it did not come: {what}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}
