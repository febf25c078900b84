//! The body of every error answer: RFC 9457 problem details with our `code`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Code;

/// One field that needs another look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// The path of the field: `ticket_types[0].price`.
    pub field: String,
    /// What clients branch on: `required`, `too_short`, `too_long`, `format`, `range`, `unknown`, `taken` …
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

impl FieldError {
    /// An error of `field`.
    pub fn new(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code: code.to_owned(),
            message: message.into(),
        }
    }
}

/// `application/problem+json`, RFC 9457.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A link to the documentation of the code.
    pub r#type: String,
    /// The code's title.
    pub title: String,
    /// The HTTP status, again.
    pub status: u16,
    /// What clients branch on.
    pub code: Code,
    /// What happened this time.
    pub detail: String,
    /// The request's path.
    pub instance: String,
    /// Fields that need another look; empty unless the status is 422.
    pub errors: Vec<FieldError>,
    /// Facts that go with the code: `available`, `own_holds`, `hold_id` …
    #[serde(flatten)]
    pub extra: serde_json::Map<String, serde_json::Value>,
}
