//! The settings: one struct, every one with a name, a default, a unit and a sentence.
//! Defaults < file (`--config`) < environment < flags. Whatever is wrong stops the
//! start with the names of all that are.

mod check;
mod file;
mod mail;
mod payments;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, ValueEnum};
use secrecy::SecretString;

pub use check::{Engines, Problems};
pub use file::{example, with_file};
pub use mail::Post;
pub use payments::Provider;

/// Every variable starts with it.
pub const PREFIX: &str = "EVENTSPHERE_";

/// All settings, as they came.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct Config {
    /// A file of settings, one `EVENTSPHERE_NAME=value` a line; the environment and flags win over it.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The address and port to listen on.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_ADDR",
        hide_env_values = true,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:3000"
    )]
    pub addr: SocketAddr,

    /// Where people reach the site, without a trailing slash; `http://` and the address when absent. With https cookies are Secure.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_PUBLIC_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub public_url: Option<String>,

    /// Postgres, 15 or later: `postgres://user:password@host:5432/database`. Required.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub database_url: Option<SecretString>,

    /// How many connections to Postgres this process opens at most.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_DATABASE_CONNECTIONS",
        hide_env_values = true,
        value_name = "NUMBER",
        default_value_t = 16
    )]
    pub database_connections: u32,

    /// MongoDB, a replica set: `mongodb://host:27017/?replicaSet=rs0`. Required.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_MONGODB_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub mongodb_url: Option<SecretString>,

    /// The name of the database in MongoDB.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_MONGODB_DATABASE",
        hide_env_values = true,
        value_name = "NAME",
        default_value = "eventsphere"
    )]
    pub mongodb_database: String,

    /// Kafka: `host:9092,host:9093`. Required.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_KAFKA_BROKERS",
        hide_env_values = true,
        value_name = "ADDRESSES"
    )]
    pub kafka_brokers: Option<String>,

    /// Put before every topic and consumer group, so that installations can share a broker.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_KAFKA_TOPIC_PREFIX",
        hide_env_values = true,
        value_name = "TEXT",
        default_value = ""
    )]
    pub kafka_topic_prefix: String,

    /// The object store: `https://s3.eu-central-1.amazonaws.com`. Required.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_S3_ENDPOINT",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub s3_endpoint: Option<String>,

    /// The region that requests to the object store are signed for.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_S3_REGION",
        hide_env_values = true,
        value_name = "NAME",
        default_value = "us-east-1"
    )]
    pub s3_region: String,

    /// The bucket; made when it is missing.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_S3_BUCKET",
        hide_env_values = true,
        value_name = "NAME",
        default_value = "eventsphere"
    )]
    pub s3_bucket: String,

    /// The access key's id. Required.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_S3_ACCESS_KEY",
        hide_env_values = true,
        value_name = "TEXT"
    )]
    pub s3_access_key: Option<SecretString>,

    /// The access key's secret. Required.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_S3_SECRET_KEY",
        hide_env_values = true,
        value_name = "TEXT"
    )]
    pub s3_secret_key: Option<SecretString>,

    /// What tokens and tickets are signed with: at least 32 characters, the same in all processes. Required; `openssl rand -base64 48` makes one. One that starts with `dev-` is refused with https.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_TOKEN_SECRET",
        hide_env_values = true,
        value_name = "TEXT"
    )]
    pub token_secret: Option<SecretString>,

    /// Proxies whose `X-Forwarded-For` counts: addresses or networks (`10.0.0.0/8`), separated by commas. None by default.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_TRUSTED_PROXIES",
        hide_env_values = true,
        value_name = "NETWORKS",
        default_value = ""
    )]
    pub trusted_proxies: String,

    /// Other sites whose pages may call the JSON API: origins like `https://app.example.org`, separated by commas. None by default; never with cookies.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_CORS_ORIGINS",
        hide_env_values = true,
        value_name = "ORIGINS",
        default_value = ""
    )]
    pub cors_origins: String,

    /// The time zone whose days `today` and dates mean when a request names none: `Europe/Berlin`.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_TIME_ZONE",
        hide_env_values = true,
        value_name = "ZONE",
        default_value = "UTC"
    )]
    pub time_zone: String,

    /// The folder with the built site.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_SITE_ROOT",
        hide_env_values = true,
        value_name = "FOLDER",
        default_value = "target/site"
    )]
    pub site_root: PathBuf,

    /// Where media are served from, without a trailing slash: a path of ours or a CDN in front of it.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_MEDIA_URL",
        hide_env_values = true,
        value_name = "URL",
        default_value = "/media"
    )]
    pub media_url: String,

    /// Rate limits: `production`, or `relaxed` ones that a test on one machine does not meet.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_LIMITS",
        hide_env_values = true,
        value_name = "WHICH",
        default_value = "production"
    )]
    pub limits: LimitSet,

    /// How long a hold keeps its places, in minutes.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_HOLD_MINUTES",
        hide_env_values = true,
        value_name = "MINUTES",
        default_value_t = 15
    )]
    pub hold_minutes: u32,

    /// How long places are kept that were offered to somebody on the waiting list, in minutes.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_OFFER_MINUTES",
        hide_env_values = true,
        value_name = "MINUTES",
        default_value_t = 60
    )]
    pub offer_minutes: u32,

    /// How long an access token of the API lives, in minutes.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_ACCESS_TOKEN_MINUTES",
        hide_env_values = true,
        value_name = "MINUTES",
        default_value_t = 15
    )]
    pub access_token_minutes: u32,

    /// How long a refresh token of the API lives, in days.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_REFRESH_TOKEN_DAYS",
        hide_env_values = true,
        value_name = "DAYS",
        default_value_t = 60
    )]
    pub refresh_token_days: u32,

    /// How long a web login lasts without being used, in days.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_SESSION_DAYS",
        hide_env_values = true,
        value_name = "DAYS",
        default_value_t = 30
    )]
    pub session_days: u32,

    /// Who takes payments: `stripe`, or `simulator`, which moves no money. Without it the simulator, which an https site has to name.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_PAYMENTS",
        hide_env_values = true,
        value_name = "WHO",
        default_value = ""
    )]
    pub payments: String,

    /// Stripe's secret key: `sk_…`, or a restricted one, `rk_…`. Required with `stripe`.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_STRIPE_SECRET_KEY",
        hide_env_values = true,
        value_name = "TEXT"
    )]
    pub stripe_secret_key: Option<SecretString>,

    /// What Stripe signs its messages to `/api/v1/webhooks/stripe` with: `whsec_…`. Without it they are not taken.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_STRIPE_WEBHOOK_SECRET",
        hide_env_values = true,
        value_name = "TEXT"
    )]
    pub stripe_webhook_secret: Option<SecretString>,

    /// Where Stripe is.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_STRIPE_API_URL",
        hide_env_values = true,
        value_name = "URL",
        default_value = adapters::payment::stripe::API_URL
    )]
    pub stripe_api_url: String,

    /// How long the simulated payment provider takes to answer, in milliseconds.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_SIMULATOR_DELAY_MS",
        hide_env_values = true,
        value_name = "MILLISECONDS",
        default_value_t = 0
    )]
    pub simulator_delay_ms: u32,

    /// How many of a hundred good payments the simulated provider declines.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_SIMULATOR_FAILURE_RATE",
        hide_env_values = true,
        value_name = "PERCENT",
        default_value_t = 0
    )]
    pub simulator_failure_rate: u8,

    /// How many of a hundred refunds the simulated provider refuses.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_SIMULATOR_REFUND_FAILURE_RATE",
        hide_env_values = true,
        value_name = "PERCENT",
        default_value_t = 0
    )]
    pub simulator_refund_failure_rate: u8,

    /// Of how many of a hundred refunds the simulated provider says at first that it does not know.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_SIMULATOR_REFUND_UNKNOWN_RATE",
        hide_env_values = true,
        value_name = "PERCENT",
        default_value_t = 0
    )]
    pub simulator_refund_unknown_rate: u8,

    /// What becomes of mails: `smtp` sends them, `mailbox` keeps them for `/dev/mailbox`. Without it the mailbox, which an https site has to name.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_MAIL",
        hide_env_values = true,
        value_name = "HOW",
        default_value = ""
    )]
    pub mail: String,

    /// The mail server: `smtps://user:password@host:465`, or `smtp://user:password@host:587?tls=required` for STARTTLS. Required with `smtp`.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_SMTP_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub smtp_url: Option<SecretString>,

    /// Who mails are from: `EventSphere <tickets@example.org>`. Required with `smtp`.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_MAIL_FROM",
        hide_env_values = true,
        value_name = "SENDER",
        default_value = ""
    )]
    pub mail_from: String,

    /// How long a request may take until its answer begins, in seconds.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_REQUEST_SECONDS",
        hide_env_values = true,
        value_name = "SECONDS",
        default_value_t = 40
    )]
    pub request_seconds: u32,

    /// How long running work may take after the signal to stop, in seconds.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_SHUTDOWN_SECONDS",
        hide_env_values = true,
        value_name = "SECONDS",
        default_value_t = 20
    )]
    pub shutdown_seconds: u32,

    /// What is logged: `info`, `debug`, or per module (`info,service=debug`).
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_LOG",
        hide_env_values = true,
        value_name = "FILTER",
        // A stale cookie is nobody's fault, and each is a warning there.
        default_value = "info,tower_sessions=error,tower_sessions_core=error"
    )]
    pub log: String,

    /// How it is logged: `text` for people, `json` for machines.
    #[arg(
        long,
        global = true,
        env = "EVENTSPHERE_LOG_FORMAT",
        hide_env_values = true,
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,
}

/// A command that knows every setting and nothing else.
pub fn command() -> clap::Command {
    Config::augment_args(clap::Command::new("server"))
}

/// Which rate limits hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LimitSet {
    /// For the world.
    Production,
    /// For tests on one machine.
    Relaxed,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}
