//! Puts the program together: the one place that knows every crate.

use std::sync::Arc;

use adapters::{Kafka, Mongo, PaymentSimulator, S3, Smtp, Stripe, SystemClock, SystemIds};
use anyhow::Context;
use secrecy::ExposeSecret;
use service::{
    Services,
    accounts::{Passwords, Tokens},
    orders::{Queue, Tills},
    ports::{Clock, Mailer, Payments, PortError, Ports},
    rate::Limiter,
    rsvps,
    settings::Settings,
    waiting_room::Rooms,
};
use store::Db;
use tokio_util::task::TaskTracker;

use crate::config::{Config, Engines, Post, Provider};

/// Everything the use cases work with. Only Postgres has to be there; the other
/// engines are asked for when they are needed.
///
/// # Errors
/// When Postgres cannot be reached or an address cannot be read.
pub async fn services(config: &Config) -> anyhow::Result<Arc<Services>> {
    config.check()?;
    let db = database(config).await?;
    let ports = ports(config.engines()).await?;
    Ok(assemble(db, ports, config.settings()))
}

/// A pool of connections to Postgres.
///
/// # Errors
/// When it cannot be reached.
pub async fn database(config: &Config) -> anyhow::Result<Db> {
    let url = config.database_url()?;
    Db::connect(url, config.database_connections)
        .await
        .context("cannot reach Postgres (EVENTSPHERE_DATABASE_URL)")
}

/// The real outside world.
///
/// # Errors
/// When an address cannot be read.
pub async fn ports(engines: Engines) -> anyhow::Result<Ports> {
    let mongo = Mongo::new(engines.mongo)
        .await
        .map_err(named("EVENTSPHERE_MONGODB_URL"))?;
    let kafka = Kafka::new(engines.kafka).map_err(named("EVENTSPHERE_KAFKA_BROKERS"))?;
    let clock = Arc::new(SystemClock::default());
    Ok(Ports {
        payments: payments(engines.payments, clock.clone())?,
        clock,
        ids: Arc::new(SystemIds::default()),
        documents: Arc::new(mongo),
        blobs: Arc::new(S3::new(engines.s3)),
        bus: Arc::new(kafka),
        mailer: mailer(&engines.post)?,
    })
}

fn payments(provider: Provider, clock: Arc<dyn Clock>) -> anyhow::Result<Arc<dyn Payments>> {
    if !provider.is_real() {
        tracing::warn!("payments are a test: no money moves");
    }
    Ok(match provider {
        Provider::Simulator(settings) => Arc::new(PaymentSimulator::new(settings)),
        Provider::Stripe(settings) => {
            let stripe = Stripe::new(&settings, clock);
            Arc::new(stripe.map_err(named("EVENTSPHERE_STRIPE_API_URL"))?)
        }
    })
}

fn mailer(post: &Post) -> anyhow::Result<Option<Arc<dyn Mailer>>> {
    match post {
        Post::Mailbox => {
            tracing::warn!("mails are kept for /dev/mailbox: none is sent");
            Ok(None)
        }
        Post::Smtp(settings) => {
            let smtp = Smtp::new(settings);
            let smtp = smtp.map_err(named("EVENTSPHERE_SMTP_URL, EVENTSPHERE_MAIL_FROM"))?;
            Ok(Some(Arc::new(smtp)))
        }
    }
}

fn named(setting: &'static str) -> impl Fn(PortError) -> anyhow::Error {
    move |error| anyhow::anyhow!("{setting}: {error}")
}

/// The only place where [`Services`] are made; tests come in here with twins of the ports.
pub fn assemble(db: Db, ports: Ports, settings: Settings) -> Arc<Services> {
    let secret = settings.secret.expose_secret().as_bytes();
    Arc::new(Services {
        sales: Queue::for_connections(db.connections()),
        tills: Tills::default(),
        rooms: Rooms::default(),
        rsvp_counts: rsvps::Counts::default(),
        tasks: TaskTracker::new(),
        db,
        ports,
        tokens: Tokens::new(secret, &settings.public_url),
        passwords: Passwords::new(),
        limiter: Limiter::default(),
        outbox_wake: Arc::default(),
        settings,
    })
}
