#![doc = include_str!("../README.md")]

pub mod clock;
pub mod fake;
pub mod ids;
pub mod kafka;
pub mod mongo;
pub mod payment;
pub mod s3;
pub mod smtp;

pub use clock::SystemClock;
pub use ids::SystemIds;
pub use kafka::{Kafka, KafkaSettings};
pub use mongo::{Mongo, MongoSettings};
pub use payment::{PaymentSettings, PaymentSimulator, Stripe, StripeSettings};
pub use s3::{S3, S3Settings};
pub use smtp::{Smtp, SmtpSettings};
