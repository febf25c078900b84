//! The wire: connections, keys, forms, idempotency, faults.

use std::sync::{Arc, Mutex};

use axum::{
    body::{Body, to_bytes},
    extract::Query,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, Request, StatusCode, Uri, header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    SECRET_KEY,
    account::Account,
    answers::{Answer, bad_key, broken, busy, conflict, no_such, other_parameters},
    calls::{self, Form},
    faults::{Fault, Step},
    lock,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// A request that carried the right key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What it was.
    pub step: Step,
    /// Its `Idempotency-Key`.
    pub key: Option<String>,
    /// Its form or query.
    pub form: Vec<(String, String)>,
}

/// The connection ends without an answer.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// Accepts connections until it is aborted, and they end with it.
pub(crate) async fn serve(listener: TcpListener, account: Arc<Mutex<Account>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let account = account.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| answer(account.clone(), request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A dropped connection is what a test asked for.
            let _ = connection.await;
        });
    }
}

async fn answer(
    account: Arc<Mutex<Account>>,
    request: Request<Incoming>,
) -> Result<Response, Dropped> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(Body::new(body), 1 << 20)
        .await
        .map_err(|_| Dropped)?;
    if !has_key(&parts.headers) {
        return Ok(respond(&bad_key(), false));
    }
    let Some((step, id)) = calls::step(parts.method.as_str(), parts.uri.path()) else {
        return Ok(respond(&no_such("url", parts.uri.path()), false));
    };
    let form = if parts.method == http::Method::GET {
        query(&parts.uri)
    } else {
        form(&parts.headers, &body)
    };
    let key = parts.headers.get(&IDEMPOTENCY_KEY);
    let key = key.and_then(|key| key.to_str().ok()).map(str::to_owned);
    let fault = {
        let mut account = lock(&account);
        account.seen.push(Seen {
            step,
            key: key.clone(),
            form: form.clone().into_iter().collect(),
        });
        account.faults.take(step)
    };
    if fault == Some(Fault::DropRequest) {
        return Err(Dropped);
    }
    let (answer, is_replayed) = {
        let operation = format!("{} {}", parts.method, parts.uri.path());
        let asked = Asked {
            step,
            id: &id,
            form: &form,
        };
        once(&mut lock(&account), key, &operation, &asked, fault)
    };
    match fault {
        Some(Fault::DropAnswer) => return Err(Dropped),
        Some(Fault::Slow(by)) => tokio::time::sleep(by).await,
        _ => {}
    }
    Ok(respond(&answer, is_replayed))
}

struct Asked<'a> {
    step: Step,
    id: &'a str,
    form: &'a Form,
}

/// The answer of the first request with the key, or what is done now.
fn once(
    account: &mut Account,
    key: Option<String>,
    operation: &str,
    asked: &Asked<'_>,
    fault: Option<Fault>,
) -> (Answer, bool) {
    match fault {
        Some(Fault::RateLimit) => return (busy(), false),
        Some(Fault::Conflict) => return (conflict(), false),
        _ => {}
    }
    if let Some((first, form, answer)) = key.as_ref().and_then(|key| account.keys.get(key)) {
        return if first == operation && form == asked.form {
            (answer.clone(), true)
        } else {
            (other_parameters(), false)
        };
    }
    let answer = match fault {
        Some(Fault::Break) => broken(),
        Some(Fault::BreakAfterwards) => {
            calls::act(account, asked.step, asked.id, asked.form);
            broken()
        }
        _ => calls::act(account, asked.step, asked.id, asked.form),
    };
    if let Some(key) = key.filter(|_| answer.is_kept) {
        let kept = (operation.to_owned(), asked.form.clone(), answer.clone());
        account.keys.insert(key, kept);
    }
    (answer, false)
}

fn respond(answer: &Answer, is_replayed: bool) -> Response {
    let status = StatusCode::from_u16(answer.status).expect("a status");
    let mut response = (status, axum::Json(&answer.body)).into_response();
    let headers = response.headers_mut();
    headers.insert("request-id", "req_twin".parse().expect("a value"));
    if is_replayed {
        headers.insert("idempotent-replayed", "true".parse().expect("a value"));
    }
    response
}

fn has_key(headers: &HeaderMap) -> bool {
    let expected = format!("Bearer {SECRET_KEY}");
    headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| value == expected.as_str())
}

fn query(uri: &Uri) -> Form {
    Query::<Form>::try_from_uri(uri).map_or_else(|_| Form::new(), |Query(form)| form)
}

/// Forms alone: JSON is not Stripe's way in.
fn form(headers: &HeaderMap, body: &[u8]) -> Form {
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .is_none_or(|value| value == "application/x-www-form-urlencoded");
    let text = std::str::from_utf8(body).unwrap_or_default();
    let as_query = format!("/?{text}").parse::<Uri>();
    match as_query {
        Ok(uri) if is_form => query(&uri),
        _ => Form::new(),
    }
}
