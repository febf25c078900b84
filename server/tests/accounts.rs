//! Accounts through the front door.

mod devices;
mod limits;
mod login;
mod profile;
mod refresh;
mod register;

use serde_json::{Value, json};

/// The body of a registration that succeeds.
fn registration(email: &str) -> Value {
    json!({"email": email, "password": "blue mountain 42", "name": "Mira Marlowe", "role": "attendee"})
}

/// The same with one field changed, or removed when it is null.
fn with(mut body: Value, field: &str, value: Value) -> Value {
    match body.as_object_mut() {
        Some(fields) if value.is_null() => fields.remove(field),
        Some(fields) => fields.insert(field.to_owned(), value),
        None => None,
    };
    body
}
