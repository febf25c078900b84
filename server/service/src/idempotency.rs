//! Idempotency keys: the same key with the same request gives the same answer and
//! one effect. The answer is stored in the effect's own transaction.

mod call;

pub(crate) use call::{
    Answer, Call, LEASE, Stage, Start, answer_new, is_answer, note_orders, start, store,
};

use jiff::SignedDuration;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use types::Code;

use crate::{Ctx, Error, Result};

/// How long an answer is kept.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A key as a client sent it: 1 to 128 printable ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// # Errors
    /// [`Code::BadIdempotencyKey`].
    pub fn parse(text: &str) -> Result<Self> {
        let fits =
            (1..=128).contains(&text.len()) && text.bytes().all(|b| (0x20..0x7f).contains(&b));
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::new(Code::BadIdempotencyKey))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a call is scoped by: account (from the context), operation and key.
#[derive(Clone, Debug)]
pub struct Once {
    /// Absent: every call is a new one.
    pub key: Option<IdempotencyKey>,
    /// Method and path: `POST /api/v1/holds/…/pay`. Also the `instance` of a stored problem.
    pub operation: String,
}

impl Once {
    /// A call of a page's form. The page's key stands together with what was filled in:
    /// sent again the form has one effect, changed after going back it is another call.
    ///
    /// # Errors
    /// [`Code::BadIdempotencyKey`]: the site's own forms always send a key.
    pub fn of_form(key: &str, operation: String, content: &impl Serialize) -> Result<Self> {
        IdempotencyKey::parse(key)?;
        let content = serde_json::to_vec(content).map_err(Error::internal)?;
        let content = hex::encode(&Sha256::digest(content)[..16]);
        Ok(Self {
            key: Some(IdempotencyKey::parse(&format!("{key}.{content}"))?),
            operation,
        })
    }

    /// A call without a key.
    pub fn never(operation: impl Into<String>) -> Self {
        Self {
            key: None,
            operation: operation.into(),
        }
    }
}

/// The answer of a call that may be a repetition.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply<T> {
    /// It was done now.
    Fresh(T),
    /// It was done before; these are the bytes of that answer.
    Replayed {
        /// The HTTP status of that answer.
        status: u16,
        /// JSON of a `T` (2xx) or of a problem.
        body: Vec<u8>,
    },
}

impl<T: Serialize + DeserializeOwned> Reply<T> {
    /// The value, whichever way it came; a stored problem becomes its error again.
    ///
    /// # Errors
    /// The stored error.
    pub fn into_value(self) -> Result<T> {
        match self {
            Self::Fresh(value) => Ok(value),
            Self::Replayed {
                status: 200..=299,
                body,
            } => serde_json::from_slice(&body).map_err(Error::internal),
            Self::Replayed { body, .. } => {
                let problem = serde_json::from_slice(&body).map_err(Error::internal)?;
                Err(Error::from_problem(problem))
            }
        }
    }
}

/// Adds to a stored answer what must not be stored with it: the field that is `null` there gets a
/// value, all other bytes stay those of the first answer.
pub(crate) fn fill(body: Vec<u8>, field: &str, value: &impl Serialize) -> Result<Vec<u8>> {
    let value = serde_json::to_string(value).map_err(Error::internal)?;
    let body = String::from_utf8(body).map_err(Error::internal)?;
    let (empty, full) = (
        format!(r#""{field}":null"#),
        format!(r#""{field}":{value}"#),
    );
    Ok(body.replacen(&empty, &full, 1).into_bytes())
}

/// Forgets answers older than 24 hours; the worker calls it. Returns how many.
///
/// # Errors
/// When Postgres fails.
pub async fn clean(ctx: &Ctx) -> Result<u64> {
    const BATCH: i64 = 1000;
    let mut conn = ctx.db().conn().await?;
    Ok(store::idempotency::delete_older(&mut conn, ctx.now() - KEPT_FOR, BATCH).await?)
}
