//! What can go wrong in Postgres, sorted for the use cases.

/// What store functions return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of Postgres.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A named constraint refused the row.
    #[error("constraint {0}")]
    Constraint(String),
    /// Postgres is away, starting, or has no connection left.
    #[error("database unavailable: {0}")]
    Unavailable(#[source] sqlx::Error),
    /// Two transactions waited for each other, or a serialization failed: try again.
    #[error("transaction conflict: {0}")]
    Conflict(#[source] sqlx::Error),
    /// A text that no column can keep: it holds a NUL.
    #[error("text that cannot be stored: {0}")]
    BadText(#[source] sqlx::Error),
    /// Ours.
    #[error(transparent)]
    Other(sqlx::Error),
}

impl Error {
    /// May the same call succeed later?
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Conflict(_))
    }

    /// Did this constraint refuse the row?
    pub fn violates(&self, constraint: &str) -> bool {
        matches!(self, Self::Constraint(name) if name == constraint)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        if let E::Database(database) = &error {
            if let Some(constraint) = database.constraint() {
                return Self::Constraint(constraint.to_owned());
            }
            // Classes 08 (connection), 53 (resources), 57P (shutdown, starting up).
            let code = database.code().unwrap_or_default();
            return match code.as_ref() {
                "40001" | "40P01" | "55P03" => Self::Conflict(error),
                "22021" => Self::BadText(error),
                code if code.starts_with("08")
                    || code.starts_with("53")
                    || code.starts_with("57P") =>
                {
                    Self::Unavailable(error)
                }
                _ => Self::Other(error),
            };
        }
        match error {
            E::Io(_) | E::PoolTimedOut | E::PoolClosed | E::Tls(_) | E::WorkerCrashed => {
                Self::Unavailable(error)
            }
            error => Self::Other(error),
        }
    }
}
