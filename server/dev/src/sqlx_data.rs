//! `cargo dev sqlx`: the offline data of the checked SQL, made from a freshly migrated database.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection};

use crate::cargo;
use crate::endpoints::{self, Endpoints};
use crate::report::{self, Failure, Stopwatch};
use crate::services::postgres;
use crate::state::random_hex;
use crate::workspace::Workspace;

/// Where the committed data lies.
const HOME: &str = "server/store/.sqlx";

/// Makes the data anew, or with `check` compares it with what is committed.
pub async fn refresh(workspace: &Workspace, on: &Endpoints, check: bool) -> Result<()> {
    report::heading("offline data of the checked SQL");
    let watch = Stopwatch::start();
    let shared = on.require(endpoints::DATABASE_URL)?;
    let scratch = format!("eventsphere_sqlx_{}", random_hex(4)?);
    postgres::create_database(shared, &scratch).await?;
    let outcome = describe(workspace, &postgres::with_database(shared, &scratch)?).await;
    postgres::drop_database(shared, &scratch).await?;
    let fresh = outcome?;
    let committed = contents(&workspace.path(HOME))?;
    if fresh == committed {
        report::line(
            "sqlx",
            &format!("{} queries, up to date ({watch})", fresh.len()),
        );
        return Ok(());
    }
    if check {
        return Err(differs(&fresh, &committed).into());
    }
    write(&workspace.path(HOME), &fresh)?;
    report::line(
        "sqlx",
        &format!("{} queries written to {HOME} ({watch})", fresh.len()),
    );
    Ok(())
}

/// Query data by file name.
type Data = BTreeMap<String, String>;

/// Compiles the store against a live database, which writes down every query's shape.
async fn describe(workspace: &Workspace, url: &str) -> Result<Data> {
    let mut connection = PgConnection::connect(url).await?;
    let migrations = Migrator::new(workspace.path("migrations")).await?;
    migrations
        .run(&mut connection)
        .await
        .context("the migrations fail on an empty database")?;
    drop(connection);
    let draft = workspace.dev("sqlx");
    let _ = fs::remove_dir_all(&draft);
    fs::create_dir_all(&draft)?;
    // All targets, as the lints have them: their dependencies are checked already.
    let arguments = ["check", "--workspace", "--all-targets", "--quiet"];
    let mut command = cargo::command(workspace, &arguments);
    command
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", &draft)
        .env("DATABASE_URL", url);
    let touched = Touched::new(workspace.path("server/store/src/lib.rs"))?;
    let outcome = cargo::finish(command).await;
    drop(touched);
    outcome?;
    contents(&draft)
}

/// A source file that looks changed for a while, so that its macros run again.
struct Touched {
    file: PathBuf,
    before: std::time::SystemTime,
}

impl Touched {
    fn new(file: PathBuf) -> Result<Self> {
        let before = fs::metadata(&file)?.modified()?;
        File::options()
            .append(true)
            .open(&file)?
            .set_modified(std::time::SystemTime::now())?;
        Ok(Self { file, before })
    }
}

impl Drop for Touched {
    fn drop(&mut self) {
        // Other builds are not to notice.
        let file = File::options().append(true).open(&self.file);
        let _ = file.and_then(|file| file.set_modified(self.before));
    }
}

fn contents(dir: &Path) -> Result<Data> {
    let mut data = Data::new();
    let Ok(entries) = fs::read_dir(dir) else {
        return Ok(data);
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("query-") {
            data.insert(name, fs::read_to_string(entry.path())?);
        }
    }
    Ok(data)
}

fn write(dir: &Path, data: &Data) -> Result<()> {
    let _ = fs::remove_dir_all(dir);
    fs::create_dir_all(dir)?;
    for (name, text) in data {
        fs::write(dir.join(name), text)?;
    }
    Ok(())
}

fn differs(fresh: &Data, committed: &Data) -> Failure {
    let missing = fresh
        .keys()
        .filter(|name| !committed.contains_key(*name))
        .count();
    let left_over = committed
        .keys()
        .filter(|name| !fresh.contains_key(*name))
        .count();
    let same_name = fresh
        .iter()
        .filter(|(name, text)| committed.get(*name).is_some_and(|known| known != *text));
    let cause = format!(
        "{missing} queries missing, {left_over} left over, {} described differently",
        same_name.count()
    );
    Failure::new(
        format!("checking {HOME}"),
        cause,
        "run `cargo dev sqlx` and commit the result",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_counted_by_kind() {
        let data = |pairs: &[(&str, &str)]| -> Data {
            pairs
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect()
        };
        let fresh = data(&[("a", "1"), ("b", "1")]);
        let committed = data(&[("b", "2"), ("c", "1")]);
        let cause = differs(&fresh, &committed).cause;
        assert_eq!(
            cause,
            "1 queries missing, 1 left over, 1 described differently"
        );
    }
}
