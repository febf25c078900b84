//! The one error that server functions return.

use leptos::{
    prelude::*,
    server::ServerActionError,
    server_fn::{
        ServerFn,
        codec::JsonEncoding,
        error::{FromServerFnError, ServerFnErrorErr, ServerFnUrlError},
    },
};
use leptos_router::hooks::use_location;
use serde::{Deserialize, Serialize};
use types::{Code, FieldError};

use super::words;

/// What a server function returns.
pub type RpcResult<T> = Result<T, RpcError>;

/// Why a server function did not do what was asked: a row of the code table,
/// with what happened this time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RpcError {
    /// What pages branch on.
    pub code: Code,
    /// What happened this time; empty when the code's title says it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Fields that need another look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    /// Seconds after which trying again makes sense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl RpcError {
    /// An error that the code's title describes.
    pub fn new(code: Code) -> Self {
        Self {
            code,
            detail: String::new(),
            fields: Vec::new(),
            retry_after: None,
        }
    }

    /// A sentence for people.
    pub fn text(&self) -> String {
        if self.detail.is_empty() {
            self.code.title().to_owned()
        } else {
            self.detail.clone()
        }
    }

    /// What is wrong with the field of this name, if anything.
    pub fn of_field(&self, name: &str) -> Option<String> {
        let error = self.fields.iter().find(|error| error.field == name)?;
        let empty = (error.code == "required").then(|| words::of_code(&error.code));
        let words = words::of_field(name, &error.code)
            .or(empty)
            .map(str::to_owned);
        let said = || Some(error.message.clone()).filter(|message| !message.is_empty());
        words
            .or_else(said)
            .or_else(|| Some(words::of_code(&error.code).to_owned()))
    }

    /// What is wrong with the fields, each sentence once.
    pub fn of_fields(&self) -> Vec<String> {
        let fields = self.fields.iter();
        let mut texts = Vec::new();
        for text in fields.filter_map(|error| self.of_field(&error.field)) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    }

    /// When trying again makes sense, for who tried too often.
    pub fn when_again(&self) -> Option<String> {
        let is_too_often = self.code == Code::RateLimited;
        match self.retry_after.filter(|_| is_too_often)? {
            1 => Some("Try again in 1 second.".to_owned()),
            seconds => Some(format!("Try again in {seconds} seconds.")),
        }
    }

    /// Codes and field names alone. What travels in a link is reduced to this,
    /// and what comes out of a link is not believed to be more: anyone can craft one.
    #[must_use]
    pub fn without_words(mut self) -> Self {
        self.detail.clear();
        for field in &mut self.fields {
            field.message.clear();
        }
        self
    }
}

impl FromServerFnError for RpcError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self::new(match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Code::Invalid,
            ServerFnErrorErr::Request(_) => Code::Unavailable,
            _ => Code::Internal,
        })
    }
}

/// Does the page's address carry the error of a plain form? The router keeps the error in the
/// context when somebody goes on to another page, and there it speaks of nothing.
fn is_error_linked() -> impl Fn() -> bool + Copy + Send + Sync + 'static {
    let query = use_location().query;
    move || query.with(|query| query.get_str("__err").is_some())
}

/// The error of a plain form posted to `path`, when it came back in the page's address.
pub fn linked_error(path: &str) -> Option<RpcError> {
    if !untrack(is_error_linked()) {
        return None;
    }
    let error = use_context::<ServerActionError>().filter(|error| error.path() == path)?;
    Some(ServerFnUrlError::<RpcError>::decode_err(error.err()).without_words())
}

/// The error an action ended with, for the page that shows it. An action that was
/// never dispatched here got its error from the page's address: only its codes count, and
/// only as long as that is the address.
pub fn error_of<S>(action: ServerAction<S>) -> Signal<Option<RpcError>>
where
    S: ServerFn<Error = RpcError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let (value, version) = (action.value(), action.version());
    let is_linked = is_error_linked();
    Signal::derive(move || {
        let error = value.with(|value| {
            value
                .as_ref()
                .and_then(|result| result.as_ref().err().cloned())
        })?;
        if version.get() == 0 {
            is_linked().then(|| error.without_words())
        } else {
            Some(error)
        }
    })
}

/// Forgets what an action ended with as soon as something else `worked`, a number that changes
/// with it: the old refusal would stand beside the new success.
pub fn forgotten_after<S, T>(action: ServerAction<S>, worked: impl Fn() -> T + 'static)
where
    S: ServerFn<Error = RpcError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
    T: PartialEq + 'static,
{
    Effect::new(move |before: Option<T>| {
        let now = worked();
        if before.is_some_and(|before| before != now) {
            action.clear();
        }
        now
    });
}

/// Changes with each failure of an action and not with its success: for what has to be
/// made anew before the next try.
pub fn failures<S>(action: ServerAction<S>) -> Memo<usize>
where
    S: ServerFn<Error = RpcError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    changes_when(action, Result::is_err)
}

/// Changes with each success of an action and not with its failures: for what shows its
/// effect beside a form that keeps what was typed.
pub fn successes<S>(action: ServerAction<S>) -> Memo<usize>
where
    S: ServerFn<Error = RpcError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    changes_when(action, Result::is_ok)
}

fn changes_when<S>(
    action: ServerAction<S>,
    counts: fn(&Result<S::Output, RpcError>) -> bool,
) -> Memo<usize>
where
    S: ServerFn<Error = RpcError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let (value, version) = (action.value(), action.version());
    Memo::new(move |before: Option<&usize>| {
        if value.with(|value| value.as_ref().is_some_and(counts)) {
            version.get()
        } else {
            before.copied().unwrap_or_default()
        }
    })
}

/// The idempotency key of a form's next try: another one after each failure, so that it is
/// asked anew and does not hear the stored refusal.
pub fn key_of_try<S>(key: String, action: ServerAction<S>) -> Signal<String>
where
    S: ServerFn<Error = RpcError> + Clone + Send + Sync + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let failures = failures(action);
    Signal::derive(move || format!("{key}.{}", failures.get()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_tried_too_often_is_told_when_to_try_again() {
        let after = |code, seconds| {
            let error = RpcError {
                retry_after: Some(seconds),
                ..RpcError::new(code)
            };
            error.when_again()
        };
        let one = after(Code::RateLimited, 1);
        assert_eq!(one.as_deref(), Some("Try again in 1 second."));
        let many = after(Code::RateLimited, 30);
        assert_eq!(many.as_deref(), Some("Try again in 30 seconds."));
        assert_eq!(after(Code::Unavailable, 30), None);
    }

    #[test]
    fn fields_are_told_in_sentences_and_each_sentence_once() {
        let unknown = |row| FieldError::new(format!("items[{row}].ticket_type_id"), "unknown", "");
        let error = RpcError {
            detail: "Please check: items, items[0].ticket_type_id.".to_owned(),
            fields: vec![
                FieldError::new("items", "required", ""),
                unknown(0),
                unknown(1),
            ],
            ..RpcError::new(Code::Invalid)
        };
        assert_eq!(
            error.of_fields(),
            [
                "Choose at least one ticket.",
                "This event has no such tickets. Load the page again."
            ]
        );
    }
}
