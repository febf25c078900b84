//! The addresses of the four engines, under the names the server reads.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Result;

use crate::report::Failure;
use crate::state::write_private;
use crate::workspace::{Workspace, env_value};

/// Postgres' URL.
pub const DATABASE_URL: &str = "EVENTSPHERE_DATABASE_URL";
/// MongoDB's URL.
pub const MONGODB_URL: &str = "EVENTSPHERE_MONGODB_URL";
/// Kafka's bootstrap servers.
pub const KAFKA_BROKERS: &str = "EVENTSPHERE_KAFKA_BROKERS";
/// The S3 server's URL.
pub const S3_ENDPOINT: &str = "EVENTSPHERE_S3_ENDPOINT";
/// The S3 access key.
pub const S3_ACCESS_KEY: &str = "EVENTSPHERE_S3_ACCESS_KEY";
/// The S3 secret key.
pub const S3_SECRET_KEY: &str = "EVENTSPHERE_S3_SECRET_KEY";
/// The bucket for media.
pub const S3_BUCKET: &str = "EVENTSPHERE_S3_BUCKET";
/// The S3 region.
pub const S3_REGION: &str = "EVENTSPHERE_S3_REGION";

/// The bucket used when none is named.
pub const DEFAULT_BUCKET: &str = "eventsphere";
/// The region used when none is named; most servers of one's own take any.
pub const DEFAULT_REGION: &str = "us-east-1";

const ALL: [&str; 8] = [
    DATABASE_URL,
    MONGODB_URL,
    KAFKA_BROKERS,
    S3_ENDPOINT,
    S3_ACCESS_KEY,
    S3_SECRET_KEY,
    S3_BUCKET,
    S3_REGION,
];

/// Settings that tell a server where its engines are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints(BTreeMap<String, String>);

impl Endpoints {
    /// What the user's own environment already says.
    pub fn from_environment() -> Self {
        let given = ALL
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), env_value(name)?)));
        Self(given.collect())
    }

    /// One setting.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets one setting.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Sets one setting unless the user did.
    pub fn set_default(&mut self, name: &str, value: impl Into<String>) {
        self.0
            .entry(name.to_owned())
            .or_insert_with(|| value.into());
    }

    /// All settings, for a child's environment.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Writes `.dev/services.env` for tests and servers started by hand.
    pub fn write(&self, workspace: &Workspace) -> Result<()> {
        let mut text = String::from("# Written by `cargo dev up`; gone after `cargo dev down`.\n");
        for (name, value) in self.iter() {
            text.extend([name, "=", value, "\n"]);
        }
        write_private(&workspace.dev("services.env"), text.as_bytes())
    }

    /// Removes `.dev/services.env`, so that nobody follows stale addresses.
    pub fn forget(workspace: &Workspace) {
        let _ = fs::remove_file(workspace.dev("services.env"));
    }

    /// The setting, or a failure that names it.
    pub fn require(&self, name: &str) -> Result<&str> {
        self.get(name).ok_or_else(|| {
            Failure::new(
                "reading settings",
                format!("{name} is not set"),
                format!("set {name}"),
            )
            .into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_setting_is_not_replaced_by_a_default() {
        let mut endpoints = Endpoints::default();
        endpoints.set(S3_BUCKET, "mine");
        endpoints.set_default(S3_BUCKET, DEFAULT_BUCKET);
        endpoints.set_default(S3_REGION, DEFAULT_REGION);
        assert_eq!(endpoints.get(S3_BUCKET), Some("mine"));
        assert_eq!(endpoints.get(S3_REGION), Some(DEFAULT_REGION));
    }
}
