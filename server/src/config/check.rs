//! What the settings must be together, and what the rest of the program takes of them.

use std::{fmt, time::Duration};

use adapters::{KafkaSettings, MongoSettings, S3Settings};
use secrecy::{ExposeSecret, SecretString};
use service::{rate::Limits, settings::Settings};

use crate::{auth::TrustedProxies, web::Origins};

use super::{Config, LimitSet, PREFIX, Post, Provider};

/// How long the signing secret is at least, in characters.
const SECRET_MIN: usize = 32;
/// Secrets for development start with it.
const DEV_SECRET: &str = "dev-";

/// Everything that is wrong with the settings.
#[derive(Debug, Default)]
pub struct Problems(Vec<String>);

impl Problems {
    pub(super) fn add(&mut self, name: &str, what: impl fmt::Display) {
        self.0.push(format!("{PREFIX}{name}: {what}"));
    }

    pub(super) fn required(&mut self, name: &str, is_there: bool) {
        if !is_there {
            self.add(name, "is required and missing");
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the settings are not complete:")?;
        self.0.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

impl std::error::Error for Problems {}

/// What is needed to reach the four engines, the payment provider and the mail server.
#[derive(Clone, Debug)]
pub struct Engines {
    /// `MongoDB`.
    pub mongo: MongoSettings,
    /// Kafka.
    pub kafka: KafkaSettings,
    /// The object store.
    pub s3: S3Settings,
    /// Who takes payments.
    pub payments: Provider,
    /// What becomes of mails.
    pub post: Post,
}

impl Config {
    /// Are the settings of a serving process or a worker whole and possible?
    ///
    /// # Errors
    /// All that are not, by name.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Problems::default();
        self.check_required(&mut problems);
        self.check_secret(&mut problems);
        self.check_addresses(&mut problems);
        self.check_numbers(&mut problems);
        self.check_payments(&mut problems);
        self.check_mail(&mut problems);
        if service::text::zone(&self.time_zone).is_none() {
            problems.add("TIME_ZONE", "must be a name like Europe/Berlin or UTC");
        }
        if problems.0.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    fn check_required(&self, problems: &mut Problems) {
        problems.required("DATABASE_URL", given(self.database_url.as_ref()));
        problems.required("MONGODB_URL", given(self.mongodb_url.as_ref()));
        problems.required(
            "KAFKA_BROKERS",
            self.kafka_brokers
                .as_ref()
                .is_some_and(|text| !text.is_empty()),
        );
        problems.required(
            "S3_ENDPOINT",
            self.s3_endpoint
                .as_ref()
                .is_some_and(|text| !text.is_empty()),
        );
        problems.required("S3_ACCESS_KEY", given(self.s3_access_key.as_ref()));
        problems.required("S3_SECRET_KEY", given(self.s3_secret_key.as_ref()));
        problems.required("TOKEN_SECRET", given(self.token_secret.as_ref()));
    }

    fn check_secret(&self, problems: &mut Problems) {
        let secret = text(self.token_secret.as_ref());
        if !secret.is_empty() && secret.chars().count() < SECRET_MIN {
            problems.add(
                "TOKEN_SECRET",
                format_args!("must have at least {SECRET_MIN} characters"),
            );
        }
        if secret.starts_with(DEV_SECRET) && self.is_https() {
            problems.add(
                "TOKEN_SECRET",
                "is the one for development; make your own for an https site",
            );
        }
    }

    fn check_addresses(&self, problems: &mut Problems) {
        if !is_origin(&self.public_url()) {
            problems.add(
                "PUBLIC_URL",
                "must be like https://tickets.example.org, without a path",
            );
        }
        let media = &self.media_url;
        if !(media.starts_with('/') || is_web(media)) || media.ends_with('/') {
            problems.add(
                "MEDIA_URL",
                "must be a path or an http(s) address, without a trailing slash",
            );
        }
        if self
            .s3_endpoint
            .as_ref()
            .is_some_and(|url| !url.is_empty() && !is_web(url))
        {
            problems.add("S3_ENDPOINT", "must be an http(s) address");
        }
        if let Err(error) = self.trusted_proxies.parse::<TrustedProxies>() {
            problems.add("TRUSTED_PROXIES", error);
        }
        if let Err(error) = self.cors_origins.parse::<Origins>() {
            problems.add("CORS_ORIGINS", error);
        }
        let database = text(self.database_url.as_ref());
        if !database.is_empty()
            && !database.starts_with("postgres://")
            && !database.starts_with("postgresql://")
        {
            problems.add("DATABASE_URL", "must begin with postgres://");
        }
        let mongo = text(self.mongodb_url.as_ref());
        if !mongo.is_empty()
            && !mongo.starts_with("mongodb://")
            && !mongo.starts_with("mongodb+srv://")
        {
            problems.add("MONGODB_URL", "must begin with mongodb://");
        }
    }

    fn check_numbers(&self, problems: &mut Problems) {
        let numbers = [
            ("DATABASE_CONNECTIONS", self.database_connections, 2, 1000),
            ("HOLD_MINUTES", self.hold_minutes, 1, 24 * 60),
            ("OFFER_MINUTES", self.offer_minutes, 1, 7 * 24 * 60),
            (
                "ACCESS_TOKEN_MINUTES",
                self.access_token_minutes,
                1,
                24 * 60,
            ),
            ("REFRESH_TOKEN_DAYS", self.refresh_token_days, 1, 3650),
            ("SESSION_DAYS", self.session_days, 1, 3650),
            ("SIMULATOR_DELAY_MS", self.simulator_delay_ms, 0, 30_000),
            (
                "SIMULATOR_FAILURE_RATE",
                self.simulator_failure_rate.into(),
                0,
                100,
            ),
            (
                "SIMULATOR_REFUND_FAILURE_RATE",
                self.simulator_refund_failure_rate.into(),
                0,
                100,
            ),
            (
                "SIMULATOR_REFUND_UNKNOWN_RATE",
                self.simulator_refund_unknown_rate.into(),
                0,
                100,
            ),
            ("REQUEST_SECONDS", self.request_seconds, 1, 3600),
            ("SHUTDOWN_SECONDS", self.shutdown_seconds, 1, 3600),
        ];
        for (name, value, least, most) in numbers {
            if !(least..=most).contains(&value) {
                problems.add(
                    name,
                    format_args!("{value} is not between {least} and {most}"),
                );
            }
        }
    }

    /// Where people reach the site, without a trailing slash.
    pub fn public_url(&self) -> String {
        let given = self.public_url.as_deref().filter(|url| !url.is_empty());
        given.map_or_else(
            || format!("http://{}", self.addr),
            |url| url.trim_end_matches('/').to_owned(),
        )
    }

    /// Is the site reached by https?
    pub fn is_https(&self) -> bool {
        self.public_url().starts_with("https://")
    }

    /// The address of Postgres.
    ///
    /// # Errors
    /// When it is missing.
    pub fn database_url(&self) -> Result<&str, Problems> {
        let mut problems = Problems::default();
        problems.required("DATABASE_URL", given(self.database_url.as_ref()));
        if problems.0.is_empty() {
            Ok(text(self.database_url.as_ref()))
        } else {
            Err(problems)
        }
    }

    /// What rules depend on.
    pub fn settings(&self) -> Settings {
        Settings {
            public_url: self.public_url(),
            media_url: self.media_url.clone(),
            secret: self.token_secret.clone().unwrap_or_default(),
            hold_for: minutes(self.hold_minutes),
            offer_for: minutes(self.offer_minutes),
            access_token_for: minutes(self.access_token_minutes),
            refresh_token_for: days(self.refresh_token_days),
            session_for: days(self.session_days),
            waiting_room_pause: Duration::from_secs(1),
            time_zone: service::text::zone_or_utc(&self.time_zone),
            sends_receipts: true,
            topic_prefix: self.kafka_topic_prefix.clone(),
            limits: match self.limits {
                LimitSet::Production => Limits::default(),
                LimitSet::Relaxed => Limits::relaxed(),
            },
        }
    }

    /// What is needed to reach the engines.
    pub fn engines(&self) -> Engines {
        Engines {
            mongo: MongoSettings::new(text(self.mongodb_url.as_ref()), &self.mongodb_database),
            kafka: KafkaSettings::new(
                self.kafka_brokers.as_deref().unwrap_or_default(),
                &self.kafka_topic_prefix,
            ),
            s3: S3Settings {
                endpoint: self.s3_endpoint.clone().unwrap_or_default(),
                region: self.s3_region.clone(),
                access_key: text(self.s3_access_key.as_ref()).to_owned(),
                secret_key: text(self.s3_secret_key.as_ref()).to_owned(),
                bucket: self.s3_bucket.clone(),
                prefix: String::new(),
                timeout: Duration::from_secs(10),
            },
            payments: self.provider(),
            post: self.post(),
        }
    }
}

pub(super) fn text(secret: Option<&SecretString>) -> &str {
    secret.map_or("", |secret| secret.expose_secret())
}

pub(super) fn given(secret: Option<&SecretString>) -> bool {
    !text(secret).is_empty()
}

fn minutes(minutes: u32) -> Duration {
    Duration::from_secs(u64::from(minutes) * 60)
}

fn days(days: u32) -> Duration {
    minutes(24 * 60) * days
}

pub(super) fn is_web(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()))
}

/// Scheme, host and port alone: browsers compare it with `Origin`.
fn is_origin(url: &str) -> bool {
    is_web(url) && url.matches('/').count() == 2 && !url.contains(['?', '#', '@'])
}
