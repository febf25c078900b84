//! A whole server in the test's process.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use adapters::{
    Kafka, Mongo, PaymentSimulator, S3, SystemIds,
    fake::{MemoryBlobs, MemoryBus, MemoryDocuments, MemoryMailer, MockClock},
};
use axum::Router;
use http::Method;
use jiff::{SignedDuration, tz::TimeZone};
use server::{
    auth::TrustedProxies,
    web::{self, Edge, Origins},
    wire, worker,
};
use service::{
    Ctx, Services,
    ports::{Blobs, Bus, Clock, Documents, Mailer, Payments, Ports},
    rate::Limits,
    settings::Settings,
};
use store::Db;
use tokio::task::JoinHandle;

use crate::{Ask, Browser, TestDatabase, endpoints};

/// The site's address unless a test says otherwise.
const PUBLIC_URL: &str = "http://127.0.0.1:3000";

/// What a test wants to be different.
#[must_use]
pub struct TestAppBuilder {
    is_real: bool,
    limits: Limits,
    public_url: String,
    payments: Arc<dyn Payments>,
    has_mailbox: bool,
    connections: u32,
    patience: Duration,
    cors: Origins,
    time_zone: TimeZone,
}

impl TestAppBuilder {
    /// The engines of `cargo dev up` instead of twins.
    pub fn real_engines(mut self) -> Self {
        self.is_real = true;
        self
    }

    /// Other limits than the wide ones.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Another address of the site.
    pub fn public_url(mut self, url: &str) -> Self {
        url.clone_into(&mut self.public_url);
        self
    }

    /// Sites whose pages may call the API, as the setting names them.
    ///
    /// # Panics
    /// When they are none.
    pub fn cors_origins(mut self, origins: &str) -> Self {
        self.cors = origins.parse().expect("origins");
        self
    }

    /// Whose days count when nobody names a zone; UTC unless told.
    ///
    /// # Panics
    /// When there is none of this name.
    pub fn time_zone(mut self, name: &str) -> Self {
        self.time_zone = service::text::zone(name).expect("a zone");
        self
    }

    /// Another provider than the simulator.
    pub fn payments(mut self, payments: Arc<dyn Payments>) -> Self {
        self.payments = payments;
        self
    }

    /// Mails are kept in Postgres, as in development, instead of by the twin.
    pub fn mailbox(mut self) -> Self {
        self.has_mailbox = true;
        self
    }

    /// How many connections each process opens at most.
    pub fn connections(mut self, connections: u32) -> Self {
        self.connections = connections;
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// When an engine is not there.
    pub async fn start(self) -> TestApp {
        TestApp::build_from(self).await
    }
}

/// A server with a database of its own.
pub struct TestApp {
    /// What the use cases work with.
    pub services: Arc<Services>,
    /// The clock of this server and its twins.
    pub clock: Arc<MockClock>,
    /// The documents, unless the engines are real.
    pub documents: Arc<MemoryDocuments>,
    /// The objects, unless the engines are real.
    pub blobs: Arc<MemoryBlobs>,
    /// The broker, unless the engines are real.
    pub bus: MemoryBus,
    /// Who got which mail, unless there is a mailbox.
    pub mailer: Arc<MemoryMailer>,
    router: Router,
    connections: u32,
    edge: Edge,
    serving: Vec<JoinHandle<()>>,
    // Last: dropped when nothing uses it any more.
    database: Arc<TestDatabase>,
}

impl TestApp {
    /// With twins of the engines, a clock that stands still and wide limits.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// With the engines of `cargo dev up`.
    pub async fn with_real_engines() -> Self {
        Self::builder().real_engines().start().await
    }

    /// For tests that want something else.
    pub fn builder() -> TestAppBuilder {
        TestAppBuilder {
            is_real: false,
            limits: Limits::relaxed(),
            public_url: PUBLIC_URL.to_owned(),
            payments: Arc::new(PaymentSimulator::default()),
            has_mailbox: false,
            connections: 8,
            patience: Duration::from_mins(1),
            cors: Origins::default(),
            time_zone: TimeZone::UTC,
        }
    }

    async fn build_from(builder: TestAppBuilder) -> Self {
        // Does nothing the second time.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let database = Arc::new(TestDatabase::create().await);
        let clock = Arc::new(MockClock::default());
        let (documents, blobs, bus) = (
            Arc::<MemoryDocuments>::default(),
            Arc::<MemoryBlobs>::default(),
            MemoryBus::default(),
        );
        let (documents_port, blobs_port, bus_port): (
            Arc<dyn Documents>,
            Arc<dyn Blobs>,
            Arc<dyn Bus>,
        ) = if builder.is_real {
            let mongo = Mongo::new(endpoints().mongo())
                .await
                .expect("MongoDB's address");
            let kafka = Kafka::new(endpoints().kafka()).expect("Kafka's address");
            (
                Arc::new(mongo),
                Arc::new(S3::new(endpoints().s3())),
                Arc::new(kafka),
            )
        } else {
            (documents.clone(), blobs.clone(), Arc::new(bus.clone()))
        };
        let mailer = Arc::<MemoryMailer>::default();
        let twin: Arc<dyn Mailer> = mailer.clone();
        let ports = Ports {
            clock: clock.clone(),
            ids: Arc::new(SystemIds::default()),
            documents: documents_port,
            blobs: blobs_port,
            bus: bus_port,
            payments: builder.payments,
            mailer: (!builder.has_mailbox).then_some(twin),
        };
        let settings = Settings {
            public_url: builder.public_url,
            limits: builder.limits,
            time_zone: builder.time_zone,
            waiting_room_pause: Duration::ZERO,
            ..Settings::default()
        };
        let services = assemble(&database, ports, settings, builder.connections).await;
        services.ports.documents.prepare().await.expect("documents");
        services.ports.blobs.prepare().await.expect("objects");
        let edge = edge(builder.patience, builder.cors);
        let router = web::router(&services, &edge);
        Self {
            services,
            clock,
            documents,
            blobs,
            bus,
            mailer,
            router,
            connections: builder.connections,
            edge,
            serving: Vec::new(),
            database,
        }
    }

    /// Another process on the same stores: its own pool, caches and router.
    pub async fn second_process(&self) -> Self {
        let (ports, settings) = (self.services.ports.clone(), self.services.settings.clone());
        let services = assemble(&self.database, ports, settings, self.connections).await;
        let router = web::router(&services, &self.edge);
        Self {
            services,
            router,
            clock: self.clock.clone(),
            documents: self.documents.clone(),
            blobs: self.blobs.clone(),
            bus: self.bus.clone(),
            mailer: self.mailer.clone(),
            connections: self.connections,
            edge: self.edge.clone(),
            serving: Vec::new(),
            database: self.database.clone(),
        }
    }

    /// The platform itself, for calling use cases.
    pub fn ctx(&self) -> Ctx {
        Ctx::system(self.services.clone())
    }

    /// The test's database.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// The whole front door.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Moves the clock of every process.
    pub fn advance(&self, by: Duration) {
        self.clock
            .advance(SignedDuration::try_from(by).expect("a short time"));
    }

    /// An instant seen from now, as the API writes it.
    pub fn in_hours(&self, hours: i64) -> String {
        (self.clock.now() + SignedDuration::from_hours(hours)).to_string()
    }

    /// Does everything the worker has to do now.
    ///
    /// # Panics
    /// When it fails.
    pub async fn drain(&self) {
        worker::drain(&self.ctx()).await.expect("the worker's work");
    }

    /// Does what this process does every second for the waiting rooms.
    ///
    /// # Panics
    /// When Postgres is not there.
    pub async fn beat(&self) {
        service::waiting_room::tend(&self.ctx())
            .await
            .expect("the waiting rooms");
    }

    /// Listens on a free port of 127.0.0.1; returns `http://127.0.0.1:port`.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn serve(&mut self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let service = self
            .router
            .clone()
            .into_make_service_with_connect_info::<SocketAddr>();
        #[expect(clippy::disallowed_methods, reason = "ended when the test is")]
        let serving = tokio::spawn(async move {
            axum::serve(listener, service).await.expect("a listener");
        });
        self.serving.push(serving);
        format!("http://{address}")
    }

    /// A browser with no cookies yet.
    pub fn browser(&self) -> Browser {
        Browser::new(self.router.clone(), &self.services.settings.public_url)
    }

    /// Any request.
    pub fn request(&self, method: Method, path: &str) -> Ask {
        Ask::new(
            self.router.clone(),
            &self.services.settings.public_url,
            method,
            path,
        )
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Ask {
        self.request(Method::GET, path)
    }

    /// `POST`.
    pub fn post(&self, path: &str) -> Ask {
        self.request(Method::POST, path)
    }

    /// `PUT`.
    pub fn put(&self, path: &str) -> Ask {
        self.request(Method::PUT, path)
    }

    /// `PATCH`.
    pub fn patch(&self, path: &str) -> Ask {
        self.request(Method::PATCH, path)
    }

    /// `DELETE`.
    pub fn delete(&self, path: &str) -> Ask {
        self.request(Method::DELETE, path)
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        for serving in &self.serving {
            serving.abort();
        }
    }
}

async fn assemble(
    database: &TestDatabase,
    ports: Ports,
    settings: Settings,
    connections: u32,
) -> Arc<Services> {
    let db = Db::connect(database.url(), connections)
        .await
        .expect("the test's database");
    wire::assemble(db, ports, settings)
}

fn edge(patience: Duration, cors: Origins) -> Edge {
    Edge {
        site_root: concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/site").into(),
        proxies: TrustedProxies::default(),
        patience,
        image_origin: None,
        upload_origin: None,
        cors,
    }
}
