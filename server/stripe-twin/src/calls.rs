//! What each request does.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{
    account::Account,
    answers::{Answer, card_error, invalid, no_such, ok, unexpected_state, unread},
    faults::Step,
};

/// The fields of a form or a query: `metadata[payment_id]` is one name.
pub(crate) type Form = BTreeMap<String, String>;

/// Which request is it, and about which object?
pub(crate) fn step(method: &str, path: &str) -> Option<(Step, String)> {
    let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
    let (step, id) = match (method, parts.as_slice()) {
        ("POST", ["v1", "payment_intents"]) => (Step::Create, ""),
        ("POST", ["v1", "payment_intents", id, "confirm"]) => (Step::Confirm, *id),
        ("POST", ["v1", "payment_intents", id, "cancel"]) => (Step::Cancel, *id),
        ("GET", ["v1", "payment_intents", "search"]) => (Step::Search, ""),
        ("GET", ["v1", "payment_intents", id]) => (Step::Read, *id),
        ("POST", ["v1", "refunds"]) => (Step::Refund, ""),
        ("GET", ["v1", "refunds"]) => (Step::Refunds, ""),
        _ => return None,
    };
    Some((step, id.to_owned()))
}

pub(crate) fn act(account: &mut Account, step: Step, id: &str, form: &Form) -> Answer {
    match step {
        Step::Create => create(account, form),
        Step::Confirm => confirm(account, id, form),
        Step::Cancel => cancel(account, id),
        Step::Read => account.intent(id).map_or_else(
            || no_such("payment_intent", id),
            |intent| ok(intent.clone()),
        ),
        Step::Search => search(account, form),
        Step::Refund => refund(account, form),
        Step::Refunds => refunds(account, form),
    }
}

fn create(account: &mut Account, form: &Form) -> Answer {
    let known = [
        "amount",
        "currency",
        "payment_method_types[]",
        "metadata[payment_id]",
    ];
    if let Some(unknown) = form.keys().find(|name| !known.contains(&name.as_str())) {
        return unread(
            "parameter_unknown",
            &format!("Received unknown parameter: {unknown}"),
        );
    }
    let Some(amount) = amount(form).filter(|amount| *amount > 0) else {
        return unread("parameter_invalid_integer", "Invalid positive integer");
    };
    let currency = form.get("currency").cloned().unwrap_or_default();
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return unread(
            "parameter_invalid",
            &format!("Invalid currency: {currency}"),
        );
    }
    if amount < 50 && currency != "jpy" {
        return invalid("amount_too_small", "Amount must be at least 50 cents");
    }
    ok(account.add_intent(json!({
        "object": "payment_intent",
        "amount": amount,
        "currency": currency,
        "capture_method": "automatic_async",
        "payment_method_types": [form.get("payment_method_types[]")],
        "metadata": metadata(form),
        "status": "requires_payment_method",
        "livemode": false,
    })))
}

fn confirm(account: &mut Account, id: &str, form: &Form) -> Answer {
    let is_slow = account.is_slow;
    let Some(intent) = account.intent(id) else {
        return no_such("payment_intent", id);
    };
    let status = intent["status"].as_str().unwrap_or_default();
    if !["requires_payment_method", "requires_confirmation"].contains(&status) {
        return unexpected_state("confirm", intent);
    }
    let card = form.get("payment_method").map_or("", String::as_str);
    let decline = match card {
        "pm_card_visa" | "pm_card_mastercard" => None,
        "pm_card_authenticationRequired" => {
            intent["status"] = json!("requires_action");
            intent["next_action"] = json!({"type": "use_stripe_sdk"});
            return ok(intent.clone());
        }
        "pm_card_chargeDeclined" => Some("generic_decline"),
        "pm_card_visa_chargeDeclinedInsufficientFunds" => Some("insufficient_funds"),
        "" => {
            let message =
                "You cannot confirm this PaymentIntent because it's missing a payment method.";
            return invalid("payment_intent_unexpected_state", message);
        }
        other => {
            return invalid(
                "resource_missing",
                &format!("No such PaymentMethod: '{other}'"),
            );
        }
    };
    if let Some(decline_code) = decline {
        intent["last_payment_error"] =
            json!({"code": "card_declined", "decline_code": decline_code});
        return card_error(decline_code, intent);
    }
    intent["status"] = json!(if is_slow { "processing" } else { "succeeded" });
    ok(intent.clone())
}

fn cancel(account: &mut Account, id: &str) -> Answer {
    let Some(intent) = account.intent(id) else {
        return no_such("payment_intent", id);
    };
    let status = intent["status"].as_str().unwrap_or_default();
    if !status.starts_with("requires_") {
        return unexpected_state("cancel", intent);
    }
    intent["status"] = json!("canceled");
    ok(intent.clone())
}

/// `metadata['field']:'value'` alone.
fn search(account: &Account, form: &Form) -> Answer {
    let query = form.get("query").map_or("", String::as_str);
    let parsed = query
        .strip_prefix("metadata['")
        .and_then(|rest| rest.split_once("']:'"))
        .and_then(|(field, rest)| Some((field, rest.strip_suffix('\'')?)));
    let Some((field, value)) = parsed else {
        return unread(
            "search_invalid",
            "We were unable to parse your search query.",
        );
    };
    ok(json!({
        "object": "search_result",
        "url": "/v1/payment_intents/search",
        "has_more": false,
        "data": account.search(field, value),
    }))
}

fn refund(account: &mut Account, form: &Form) -> Answer {
    let id = form.get("payment_intent").cloned().unwrap_or_default();
    let Some(intent) = account.intent(&id).cloned() else {
        return no_such("payment_intent", &id);
    };
    if intent["status"] != "succeeded" {
        return invalid(
            "charge_not_refundable",
            "This PaymentIntent does not have a successful charge to refund.",
        );
    }
    let Some(amount) = amount(form).filter(|amount| *amount > 0) else {
        return unread("parameter_invalid_integer", "Invalid positive integer");
    };
    let left = intent["amount"].as_i64().unwrap_or_default() - account.refunded(&id);
    if left == 0 {
        return invalid(
            "charge_already_refunded",
            "Charge has already been refunded.",
        );
    }
    if amount > left {
        return invalid(
            "",
            "Refund amount is greater than unrefunded amount on charge",
        );
    }
    let status = if account.leaves_refunds_pending {
        "pending"
    } else {
        "succeeded"
    };
    ok(account.add_refund(json!({
        "object": "refund",
        "amount": amount,
        "currency": intent["currency"],
        "payment_intent": id,
        "metadata": metadata(form),
        "status": status,
    })))
}

fn refunds(account: &Account, form: &Form) -> Answer {
    let all = account.refunds_of(form.get("payment_intent").map_or("", String::as_str));
    let limit = form.get("limit").and_then(|text| text.parse().ok());
    let limit: usize = limit.unwrap_or(10);
    let from = form.get("starting_after").map_or(0, |last| {
        let at = all.iter().position(|refund| refund["id"] == last.as_str());
        at.map_or(all.len(), |at| at + 1)
    });
    let page: Vec<_> = all.iter().skip(from).take(limit).collect();
    let has_more = from + page.len() < all.len();
    ok(json!({"object": "list", "url": "/v1/refunds", "has_more": has_more, "data": page}))
}

fn amount(form: &Form) -> Option<i64> {
    form.get("amount")?.parse().ok()
}

fn metadata(form: &Form) -> Value {
    let fields = form.iter().filter_map(|(name, value)| {
        let name = name.strip_prefix("metadata[")?.strip_suffix(']')?;
        Some((name.to_owned(), json!(value)))
    });
    Value::Object(fields.collect::<Map<_, _>>())
}
