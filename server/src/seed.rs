//! The demo world: made by `server seed`, its logins printed by `server serve`.

use std::sync::Arc;

use anyhow::{Context, bail};
use demo::{DemoClock, Outcome, world};
use service::{Ctx, accounts, rate::Limits};

use crate::{config::Config, wire};

/// A demo login, for the lines printed at start.
pub struct DemoLogin {
    /// What it may do, for people.
    pub role: &'static str,
    /// To log in with.
    pub email: String,
    /// To log in with.
    pub password: &'static str,
}

/// Makes the demo world; what is there already stays.
///
/// # Errors
/// On a site that is served over https, because the demo passwords are known to
/// everybody; and whatever a use case refuses.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let mut settings = config.settings();
    if settings.public_url.starts_with("https://") {
        bail!(
            "the demo logins have public passwords: not for {}",
            settings.public_url
        );
    }
    settings.limits = Limits::relaxed();
    // Nobody is behind the addresses of its people.
    settings.sends_receipts = false;
    let db = wire::database(config).await?;
    db.migrate().await.context("cannot migrate")?;
    let mut ports = wire::ports(config.engines()).await?;
    ports
        .blobs
        .prepare()
        .await
        .context("cannot prepare the object store")?;
    ports
        .documents
        .prepare()
        .await
        .context("cannot prepare the documents")?;
    let clock = Arc::new(DemoClock::new(ports.clock));
    ports.clock = clock.clone();
    match demo::seed(wire::assemble(db, ports, settings), &clock).await? {
        Outcome::Made => println!("the demo world is made"),
        Outcome::Found => println!("the demo world is there already"),
    }
    Ok(())
}

/// The demo logins, if the world has been made.
pub async fn logins(ctx: &Ctx) -> Vec<DemoLogin> {
    let mut logins = Vec::new();
    for someone in world::PEOPLE.iter().filter(|someone| someone.is_guide) {
        if accounts::person(ctx, someone.handle).await.is_ok() {
            logins.push(DemoLogin {
                role: someone.role.as_str(),
                email: someone.email(),
                password: world::PASSWORD,
            });
        }
    }
    logins
}
