//! One error type for all use cases: a code and a public text for the client, a
//! private source for the log.

use std::{fmt, time::Duration};

use serde_json::{Map, Value};
use types::{Code, FieldError, Problem};

use crate::ports::PortError;

/// What a use case returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case did not do what was asked. Knows nothing of HTTP but the code's status.
#[derive(Debug)]
pub struct Error {
    /// What clients branch on.
    pub code: Code,
    /// What happened this time, for the client: no ids of others, no SQL, no personal data.
    pub detail: String,
    /// Fields that need another look.
    pub fields: Vec<FieldError>,
    /// Facts that go with the code, for the client.
    pub extra: Map<String, Value>,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
    /// For the log alone.
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error with the code's own title as its text.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: code.title().to_owned(),
            fields: Vec::new(),
            extra: Map::new(),
            retry_after: code.is_retryable().then_some(Duration::from_secs(1)),
            source: None,
        }
    }

    /// [`Code::NotFound`]: absent, or hidden from whoever asks.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound)
    }

    /// [`Code::Invalid`] with the fields.
    pub fn invalid(fields: Vec<FieldError>) -> Self {
        let names: Vec<_> = fields.iter().map(|field| field.field.as_str()).collect();
        let detail = format!("Please check: {}.", names.join(", "));
        Self {
            fields,
            ..Self::new(Code::Invalid).detail(detail)
        }
    }

    /// [`Code::Invalid`] for one field.
    pub fn field(field: impl Into<String>, code: &str, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(field, code, message)])
    }

    /// Another public text.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// A fact that goes with the code.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    /// When trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, after: Duration) -> Self {
        self.retry_after = Some(after);
        self
    }

    /// What is behind it, for the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// [`Code::Internal`] with what is behind it.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Code::Internal).because(source)
    }

    /// The error as RFC 9457 problem details. `instance` is the request's path.
    pub fn to_problem(&self, instance: &str) -> Problem {
        Problem {
            r#type: format!("/api/docs/errors#{}", self.code),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            code: self.code,
            detail: self.detail.clone(),
            instance: instance.to_owned(),
            errors: self.fields.clone(),
            extra: self.extra.clone(),
        }
    }

    /// The error that became this problem; for stored answers.
    pub fn from_problem(problem: Problem) -> Self {
        Self {
            detail: problem.detail,
            fields: problem.errors,
            extra: problem.extra,
            ..Self::new(problem.code)
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        let code = match error {
            store::Error::BadText(_) => Code::Invalid,
            _ if error.is_unavailable() => Code::Unavailable,
            _ => Code::Internal,
        };
        Self::new(code).because(error)
    }
}

impl From<PortError> for Error {
    fn from(error: PortError) -> Self {
        let code = if error.is_retryable {
            Code::Unavailable
        } else {
            Code::Internal
        };
        Self::new(code).because(error)
    }
}
