//! `server doctor`: every engine, in words that help.

use std::time::Duration;

use tokio::time::timeout;

use crate::{config::Config, wire};

/// How long an engine may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Checks the settings and each engine, prints a line for each, and says whether all
/// is well.
pub async fn run(config: &Config) -> bool {
    let settings = config.check().map_err(|problems| problems.to_string());
    let mut is_well = report(
        "settings",
        settings,
        "set the names above, or run `cargo dev run` for a local world",
    );
    is_well &= report(
        "postgres",
        postgres(config).await,
        "EVENTSPHERE_DATABASE_URL: is it running, are user, password and database right?",
    );
    match wire::ports(config.engines()).await {
        Err(error) => {
            is_well &= report(
                "engines",
                Err(error.to_string()),
                "the address cannot be read",
            );
        }
        Ok(ports) => {
            let mongo = within(ports.documents.ping()).await;
            is_well &= report(
                "mongodb",
                mongo,
                "EVENTSPHERE_MONGODB_URL: is it running as a replica set (`?replicaSet=…`)?",
            );
            let kafka = within(ports.bus.ping()).await;
            is_well &= report(
                "kafka",
                kafka,
                "EVENTSPHERE_KAFKA_BROKERS: is it running, and does it advertise an address reachable from here?",
            );
            let s3 = within(ports.blobs.prepare()).await;
            is_well &= report(
                "s3",
                s3,
                "EVENTSPHERE_S3_ENDPOINT, _BUCKET, _ACCESS_KEY, _SECRET_KEY: is it running, are the keys right?",
            );
        }
    }
    let site = config.site_root.join("pkg").is_dir();
    let site = if site {
        Ok(())
    } else {
        Err(format!("{} is not built", config.site_root.display()))
    };
    is_well
        & report(
            "site",
            site,
            "run `cargo dev site`, or set EVENTSPHERE_SITE_ROOT",
        )
}

async fn postgres(config: &Config) -> Result<(), String> {
    let connected = async {
        let db = wire::database(config)
            .await
            .map_err(|error| format!("{error:#}"))?;
        db.ping().await.map_err(|error| error.to_string())
    };
    timeout(PATIENCE, connected)
        .await
        .unwrap_or_else(|_| Err("no answer".to_owned()))
}

async fn within<E: std::fmt::Display>(
    ping: impl Future<Output = Result<(), E>>,
) -> Result<(), String> {
    let answer = timeout(PATIENCE, ping).await;
    answer.map_or_else(
        |_| Err("no answer".to_owned()),
        |result| result.map_err(|error| error.to_string()),
    )
}

fn report(what: &str, result: Result<(), String>, remedy: &str) -> bool {
    match &result {
        Ok(()) => println!("{what:<10} well"),
        Err(error) => println!("{what:<10} {}\n{:<10} {remedy}", error.trim_end(), ""),
    }
    result.is_ok()
}
