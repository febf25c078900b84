//! Answers and errors in Stripe's form.

use serde_json::{Value, json};

/// A status and a JSON body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// Does its idempotency key remember it? Not when the endpoint never began.
    pub(crate) is_kept: bool,
}

pub(crate) fn ok(body: Value) -> Answer {
    kept(200, body)
}

/// An error of a request that can never work.
pub(crate) fn invalid(code: &str, message: &str) -> Answer {
    kept(400, problem("invalid_request_error", code, message))
}

/// As [`invalid`], found before the endpoint began.
pub(crate) fn unread(code: &str, message: &str) -> Answer {
    not_kept(400, problem("invalid_request_error", code, message))
}

pub(crate) fn no_such(what: &str, id: &str) -> Answer {
    let message = format!("No such {what}: '{id}'");
    kept(
        404,
        problem("invalid_request_error", "resource_missing", &message),
    )
}

pub(crate) fn card_error(decline_code: &str, intent: &Value) -> Answer {
    let mut body = problem("card_error", "card_declined", "Your card was declined.");
    body["error"]["decline_code"] = json!(decline_code);
    body["error"]["payment_intent"] = intent.clone();
    kept(402, body)
}

pub(crate) fn unexpected_state(verb: &str, intent: &Value) -> Answer {
    let status = intent["status"].as_str().unwrap_or_default();
    let message =
        format!("You cannot {verb} this PaymentIntent because it has a status of {status}.");
    let mut body = problem(
        "invalid_request_error",
        "payment_intent_unexpected_state",
        &message,
    );
    body["error"]["payment_intent"] = intent.clone();
    kept(400, body)
}

pub(crate) fn bad_key() -> Answer {
    not_kept(
        401,
        problem("invalid_request_error", "", "Invalid API Key provided."),
    )
}

pub(crate) fn other_parameters() -> Answer {
    let message = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
    not_kept(400, problem("idempotency_error", "", message))
}

pub(crate) fn broken() -> Answer {
    kept(500, problem("api_error", "", "Something went wrong."))
}

pub(crate) fn busy() -> Answer {
    not_kept(
        429,
        problem("invalid_request_error", "rate_limit", "Too many requests."),
    )
}

pub(crate) fn conflict() -> Answer {
    let message = "There is currently another in-progress request using this idempotency key.";
    not_kept(
        409,
        problem("idempotency_error", "idempotency_key_in_use", message),
    )
}

fn kept(status: u16, body: Value) -> Answer {
    Answer {
        status,
        body,
        is_kept: true,
    }
}

fn not_kept(status: u16, body: Value) -> Answer {
    Answer {
        is_kept: false,
        ..kept(status, body)
    }
}

fn problem(kind: &str, code: &str, message: &str) -> Value {
    let mut error = json!({"type": kind, "message": message});
    if !code.is_empty() {
        error["code"] = json!(code);
    }
    json!({"error": error})
}
