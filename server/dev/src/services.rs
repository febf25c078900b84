//! The four engines as local processes: which are needed, starting, finding, stopping.

pub mod kafka;
pub mod mongo;
pub mod postgres;
pub mod s3;
mod stop;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};

pub use self::stop::down;
use self::stop::{release, stop_orphans};
use crate::endpoints::{self, Endpoints};
use crate::interrupt;
use crate::report::{self, Failure, Stopwatch};
use crate::state::{Exclusive, InUse, Running, Secrets, State};
use crate::workspace::Workspace;

/// What the user may ask of local services.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Wishes {
    /// Port of the local Postgres instead of a free one
    #[arg(long, value_name = "PORT")]
    postgres_port: Option<u16>,
    /// Port of the local MongoDB instead of a free one
    #[arg(long, value_name = "PORT")]
    mongodb_port: Option<u16>,
    /// Port of the local Kafka broker instead of a free one
    #[arg(long, value_name = "PORT")]
    kafka_port: Option<u16>,
    /// Port of the local S3 server instead of a free one
    #[arg(long, value_name = "PORT")]
    s3_port: Option<u16>,
    /// Let Postgres lose data in a power cut: faster, for tests only
    #[arg(long)]
    pub no_fsync: bool,
}

impl Wishes {
    fn port(&self, name: &str) -> Option<u16> {
        match name {
            postgres::NAME => self.postgres_port,
            mongo::NAME => self.mongodb_port,
            kafka::NAME => self.kafka_port,
            _ => self.s3_port,
        }
    }
}

/// What starting a service needs to know.
pub struct Site<'a> {
    /// The checkout.
    pub workspace: &'a Workspace,
    /// Its secrets.
    pub secrets: &'a Secrets,
    /// What the user asked for.
    pub wishes: &'a Wishes,
    state: Mutex<State>,
}

impl Site<'_> {
    fn with_state<T>(&self, change: impl FnOnce(&mut State) -> T) -> Result<T> {
        let mut state = self
            .state
            .lock()
            .map_err(|_| anyhow!("a service task panicked"))?;
        let answer = change(&mut state);
        state.save(self.workspace)?;
        Ok(answer)
    }

    /// The service's process if it runs; says so.
    fn found(&self, name: &str) -> Result<Option<Running>> {
        let found = self.with_state(|state| state.alive(name).cloned())?;
        if let Some(running) = &found {
            report::line(
                name,
                &format!(
                    "up already  127.0.0.1:{}  ({})",
                    running.port, running.origin
                ),
            );
        }
        Ok(found)
    }

    /// The wished port, the one of last time, or any free one.
    fn port(&self, name: &str) -> Result<u16> {
        if let Some(port) = self.wishes.port(name) {
            if is_free(port) {
                return Ok(port);
            }
            let cause = format!("port {port} is taken");
            return Err(
                Failure::new(format!("starting {name}"), cause, "choose another port").into(),
            );
        }
        let last = self.with_state(|state| state.ports.get(name).copied())?;
        match last.filter(|port| is_free(*port)) {
            Some(port) => Ok(port),
            None => Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
                .local_addr()?
                .port()),
        }
    }

    fn remember(&self, name: &str, running: Running) -> Result<()> {
        self.with_state(|state| {
            state.ports.insert(name.to_owned(), running.port);
            state.running.insert(name.to_owned(), running);
        })
    }

    /// Data directory of a service inside `.dev/`.
    pub fn data(&self, name: &str) -> PathBuf {
        self.workspace.dev(&format!("data/{name}"))
    }
}

/// A loopback port that nobody listens on just now.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// A service that was started and is not yet known to answer.
pub struct Starting {
    name: &'static str,
    watch: Stopwatch,
    running: Running,
    log: PathBuf,
    remedy: &'static str,
}

impl Starting {
    /// Waits until `probe` says yes, the process dies or `patience` ends.
    async fn until<F: AsyncFnMut() -> bool>(&self, patience: Duration, mut probe: F) -> Result<()> {
        let until = Instant::now() + patience;
        while !probe().await {
            if !self.running.process.is_alive() {
                return Err(self.failure("the process ended"));
            }
            interrupt::check()?;
            if Instant::now() > until {
                return Err(self.failure("no answer in time"));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    fn failure(&self, cause: &str) -> anyhow::Error {
        let step = format!("starting {}", self.name);
        Failure::new(step, cause, self.remedy)
            .with_log(&self.log)
            .into()
    }

    fn announce(&self) {
        let Running { port, origin, .. } = &self.running;
        report::line(
            self.name,
            &format!("up in {}  127.0.0.1:{port}  ({origin})", self.watch),
        );
    }
}

/// Starts whatever is missing and writes `.dev/services.env`; `keep` lets them outlive us.
pub async fn up(workspace: &Workspace, wishes: &Wishes, keep: bool) -> Result<Endpoints> {
    let _exclusive = Exclusive::acquire(workspace)?;
    report::heading("services");
    let secrets = Secrets::load_or_create(workspace)?;
    let mut state = State::load(workspace);
    if state.running.keys().all(|name| state.alive(name).is_none()) {
        state.keep = false;
    }
    state.keep |= keep;
    let site = Site {
        workspace,
        secrets: &secrets,
        wishes,
        state: Mutex::new(state),
    };
    let mut endpoints = Endpoints::from_environment();
    start_missing(&site, &mut endpoints).await?;
    endpoints.write(workspace)?;
    Ok(endpoints)
}

async fn start_missing(site: &Site<'_>, endpoints: &mut Endpoints) -> Result<()> {
    let given = |name| endpoints.get(name).is_some();
    let (own_postgres, own_mongo) = (
        !given(endpoints::DATABASE_URL),
        !given(endpoints::MONGODB_URL),
    );
    let (own_kafka, own_s3) = (
        !given(endpoints::KAFKA_BROKERS),
        !given(endpoints::S3_ENDPOINT),
    );
    say_given(endpoints);
    let streams = async {
        // The local broker keeps its log on the local S3 server.
        let s3 = if own_s3 || own_kafka {
            Some(s3::start(site).await?)
        } else {
            None
        };
        let kafka = match s3 {
            Some(port) if own_kafka => Some(kafka::start(site, port).await?),
            _ => None,
        };
        anyhow::Ok((s3, kafka))
    };
    let postgres = async {
        if own_postgres {
            postgres::start(site).await.map(Some)
        } else {
            Ok(None)
        }
    };
    let mongo = async {
        if own_mongo {
            mongo::start(site).await.map(Some)
        } else {
            Ok(None)
        }
    };
    // All run to their end, so that none is left half started when another fails.
    let (postgres, mongo, streams) = tokio::join!(postgres, mongo, streams);
    let (postgres, mongo, (s3, kafka)) = (postgres?, mongo?, streams?);
    if let Some(port) = postgres {
        endpoints.set(
            endpoints::DATABASE_URL,
            postgres::url(site.secrets, port, "eventsphere"),
        );
    }
    if let Some(port) = mongo {
        endpoints.set(endpoints::MONGODB_URL, mongo::url(port));
    }
    if let Some(port) = kafka {
        endpoints.set(endpoints::KAFKA_BROKERS, format!("127.0.0.1:{port}"));
    }
    endpoints.set_default(endpoints::S3_BUCKET, endpoints::DEFAULT_BUCKET);
    endpoints.set_default(endpoints::S3_REGION, endpoints::DEFAULT_REGION);
    if let (Some(port), true) = (s3, own_s3) {
        s3::create_bucket(site, endpoints.require(endpoints::S3_BUCKET)?)?;
        endpoints.set(endpoints::S3_ENDPOINT, format!("http://127.0.0.1:{port}"));
        endpoints.set(endpoints::S3_ACCESS_KEY, &site.secrets.s3_access_key);
        endpoints.set(endpoints::S3_SECRET_KEY, &site.secrets.s3_secret_key);
    }
    Ok(())
}

fn say_given(endpoints: &Endpoints) {
    let names = [
        (postgres::NAME, endpoints::DATABASE_URL),
        (mongo::NAME, endpoints::MONGODB_URL),
        (kafka::NAME, endpoints::KAFKA_BROKERS),
        (s3::NAME, endpoints::S3_ENDPOINT),
    ];
    for (service, variable) in names {
        if endpoints.get(variable).is_some() {
            report::line(service, &format!("yours, from {variable}"));
        }
    }
}

/// Does some work with the services up; what was not up before is stopped again after it.
pub async fn with_services<T>(
    workspace: &Workspace,
    wishes: &Wishes,
    work: impl AsyncFnOnce(&Endpoints) -> Result<T>,
) -> Result<T> {
    let in_use = InUse::join(workspace)?;
    let outcome = match up(workspace, wishes, false).await {
        Ok(endpoints) => work(&endpoints).await,
        Err(error) => Err(error),
    };
    release(workspace, in_use).await?;
    outcome
}

/// The port of a local service, if the endpoint named by `variable` is one of ours.
pub fn local_port(workspace: &Workspace, name: &str, endpoint: &str) -> Option<u16> {
    let port = State::load(workspace).alive(name)?.port;
    endpoint
        .contains(&format!("127.0.0.1:{port}"))
        .then_some(port)
}

/// Whether something accepts connections on a loopback port.
pub fn accepts(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpStream::connect_timeout(&address, Duration::from_millis(500)).is_ok()
}
