//! The query string. Unknown parameters are ignored; a value of the wrong type or a
//! parameter given twice is 422 with its name.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;
use service::Error;
use types::FieldError;

use super::{body::field_error, problem::ApiError};

/// The query string, read but not yet judged, as a [`Body`](super::body::Body) is:
/// `query.read()?` on open calls, `query.after(ctx.account())?` on the others.
pub struct Params<T>(Result<T, Error>);

impl<T> Params<T> {
    /// The query, or what is wrong with it.
    ///
    /// # Errors
    /// 422 with the parameter.
    pub fn read(self) -> Result<T, ApiError> {
        Ok(self.0?)
    }

    /// The query, or why the actor may not, or what is wrong with it.
    ///
    /// # Errors
    /// The check's, else as [`Params::read`].
    pub fn after<C>(self, check: service::Result<C>) -> Result<T, ApiError> {
        check?;
        self.read()
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(from_query(parts.uri.query().unwrap_or_default())))
    }
}

/// Reads a `T` from a query string.
///
/// # Errors
/// [`types::Code::Invalid`] with the parameter.
pub fn from_query<T: DeserializeOwned>(query: &str) -> Result<T, Error> {
    if let Some((name, _)) =
        form_urlencoded::parse(query.as_bytes()).find(|(_, value)| value.contains('\0'))
    {
        return Err(Error::field(name, "format", "must be plain text"));
    }
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let path = error.path().to_string();
        Error::invalid(vec![fault(&path, &error.inner().to_string())])
    })
}

fn fault(path: &str, message: &str) -> FieldError {
    match field_error(path, message) {
        // Numbers come as text here; what the parser says of them helps nobody.
        error if message.contains("digit") || message.contains("number too") => {
            FieldError::new(error.field, "range", "must be a number in range")
        }
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use types::{events::EventQuery, paging::PageQuery};

    use super::*;

    fn refused(query: &str) -> Vec<String> {
        let error = from_query::<PageQuery>(query).unwrap_err();
        error.fields.into_iter().map(|field| field.field).collect()
    }

    #[test]
    fn unknown_parameters_are_ignored_and_bad_ones_named() {
        let page: PageQuery = from_query("limit=5&utm_source=x&cursor=abc").unwrap();
        assert_eq!((page.limit, page.cursor.as_deref()), (Some(5), Some("abc")));
        assert_eq!(refused("limit=many"), ["limit"]);
        assert_eq!(refused("limit=-1"), ["limit"]);
        assert_eq!(refused("limit=1&limit=2"), ["limit"]);
        assert_eq!(refused("cursor=%00"), ["cursor"]);
    }

    #[test]
    fn filters_come_as_text() {
        let query: EventQuery = from_query("q=jazz+night&price_max=abc").unwrap();
        assert_eq!(query.q.as_deref(), Some("jazz night"));
        assert_eq!(query.price_max.as_deref(), Some("abc"));
    }
}
