//! Stripe's HTTP interface: forms go out, JSON comes back, and every answer is sorted by
//! what it says about the outcome.

use std::time::Duration;

use reqwest::{RequestBuilder, Response, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, de::DeserializeOwned};
use service::ports::PortError;

use super::StripeSettings;

/// Answers have the shape of this version, whatever the account's default is.
const VERSION: &str = "2025-09-30.clover";
/// Set when an answer is the stored one of an earlier request with the same key.
const REPLAYED: &str = "idempotent-replayed";

/// What is sent in a form.
pub(super) type Field<'a> = (&'a str, &'a str);

/// What Stripe said.
#[derive(Debug)]
pub(super) enum Answer<T> {
    /// It was done, now or (`is_replayed`) by an earlier request with the same key.
    Done {
        /// The object.
        object: T,
        /// Is it as it was then?
        is_replayed: bool,
    },
    /// The bank said no.
    CardDeclined,
    /// Stripe said no: something about the request is impossible.
    Refused,
    /// An earlier request with the same key broke inside Stripe, and is not done again.
    BrokeBefore,
    /// No answer, or one that leaves the outcome open.
    NotKnown,
}

/// A client with our key.
#[derive(Debug)]
pub(super) struct Api {
    client: reqwest::Client,
    url: String,
    key: SecretString,
}

impl Api {
    /// A client that connects when it is needed.
    pub(super) fn new(settings: &StripeSettings) -> Result<Self, PortError> {
        let client = reqwest::Client::builder()
            .connect_timeout(settings.timeout.min(Duration::from_secs(5)))
            .timeout(settings.timeout)
            .redirect(redirect::Policy::none())
            .build()
            .map_err(PortError::broken)?;
        Ok(Self {
            client,
            url: settings.api_url.trim_end_matches('/').to_owned(),
            key: settings.secret_key.clone(),
        })
    }

    /// Reads an object or a list.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[Field<'_>],
    ) -> Answer<T> {
        match Url::parse_with_params(&format!("{}{path}", self.url), query) {
            Ok(url) => self.send(self.client.get(url)).await,
            Err(error) => {
                tracing::error!(%error, "the address of Stripe cannot be read");
                Answer::NotKnown
            }
        }
    }

    /// Does something, once per key if there is one.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        key: Option<&str>,
        fields: &[Field<'_>],
    ) -> Answer<T> {
        let mut request = self.client.post(format!("{}{path}", self.url));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.send(request.form(fields)).await
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Answer<T> {
        let request = request
            .bearer_auth(self.key.expose_secret())
            .header("stripe-version", VERSION);
        match request.send().await {
            Ok(response) => sort(response).await,
            Err(error) => {
                tracing::warn!(error = %error.without_url(), "Stripe did not answer");
                Answer::NotKnown
            }
        }
    }
}

async fn sort<T: DeserializeOwned>(response: Response) -> Answer<T> {
    let status = response.status().as_u16();
    let header = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let is_replayed = header(REPLAYED) == Some("true");
    let request_id = header("request-id").unwrap_or_default().to_owned();
    let Ok(body) = response.bytes().await else {
        tracing::warn!(
            http.status = status,
            stripe.request = request_id,
            "Stripe's answer broke off"
        );
        return Answer::NotKnown;
    };
    if status == 200 {
        return match serde_json::from_slice(&body) {
            Ok(object) => Answer::Done {
                object,
                is_replayed,
            },
            Err(error) => {
                tracing::error!(%error, stripe.request = request_id, "Stripe's answer has an unknown shape");
                Answer::NotKnown
            }
        };
    }
    let reason = serde_json::from_slice::<Problem>(&body)
        .unwrap_or_default()
        .error;
    tracing::info!(
        http.status = status,
        error.kind = reason.kind,
        error.code = reason.code,
        error.decline_code = reason.decline_code,
        stripe.request = request_id,
        "Stripe refused a request"
    );
    sort_refusal(status, &reason, is_replayed)
}

fn sort_refusal<T>(status: u16, reason: &Reason, is_replayed: bool) -> Answer<T> {
    match (status, reason.kind.as_str()) {
        // There is nothing left on our own account at the moment.
        _ if reason.code == "balance_insufficient" => Answer::NotKnown,
        (402, "card_error") => Answer::CardDeclined,
        (400, "idempotency_error") => {
            tracing::error!("a payment was asked for again with other details");
            Answer::NotKnown
        }
        (400 | 402 | 404, _) => Answer::Refused,
        (401 | 403, _) => {
            tracing::error!(
                http.status = status,
                "Stripe does not accept our secret key"
            );
            Answer::NotKnown
        }
        (500.., _) if is_replayed => Answer::BrokeBefore,
        _ => Answer::NotKnown,
    }
}

#[derive(Default, Deserialize)]
struct Problem {
    #[serde(default)]
    error: Reason,
}

#[derive(Default, Deserialize)]
struct Reason {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    decline_code: String,
}
