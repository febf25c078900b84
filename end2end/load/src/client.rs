//! One HTTP/1.1 connection that asks again and again.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context, Result, ensure};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Bytes, client::conn::http1::SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A server on loopback.
#[derive(Clone, Debug)]
pub struct Target {
    address: SocketAddr,
}

impl Target {
    /// Reads `http://127.0.0.1:3000`.
    pub fn parse(url: &str) -> Result<Self> {
        let address = url
            .trim_end_matches('/')
            .strip_prefix("http://")
            .context("an http:// address")?;
        let address = address
            .parse()
            .with_context(|| format!("{address} must be an address and a port"))?;
        Ok(Self { address })
    }

    /// Is it on this machine?
    pub fn is_loopback(&self) -> bool {
        self.address.ip().is_loopback()
    }

    /// Connects.
    pub async fn connect(&self) -> Result<Connection> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (sender, driver) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the connection's driver ends with the connection"
        )]
        tokio::spawn(driver);
        Ok(Connection {
            sender,
            host: self.address.to_string(),
        })
    }
}

/// What to ask.
#[derive(Clone, Debug)]
pub struct Ask {
    /// GET, POST …
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Names and values beside `Host`.
    pub headers: Vec<(&'static str, String)>,
    /// Sent as JSON when not empty.
    pub body: Bytes,
}

impl Ask {
    /// A plain GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// A POST of JSON.
    pub fn post(path: impl Into<String>, body: &serde_json::Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self {
            method: Method::POST,
            path: path.into(),
            headers,
            body: Bytes::from(body.to_string()),
        }
    }

    /// A DELETE.
    pub fn delete(path: impl Into<String>) -> Self {
        Self {
            method: Method::DELETE,
            ..Self::get(path)
        }
    }

    /// With another header.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// As somebody.
    pub fn bearer(self, token: &str) -> Self {
        self.with("authorization", format!("Bearer {token}"))
    }
}

/// What came back.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// All of it.
    pub body: Bytes,
    /// Its headers.
    pub headers: http::HeaderMap,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Result<serde_json::Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// The body as JSON, null when it is none.
    pub fn value(&self) -> serde_json::Value {
        self.json().unwrap_or_default()
    }

    /// The code of a problem, empty when it is none.
    pub fn code(&self) -> String {
        let value = self.value();
        value["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// A kept connection.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    /// Asks and reads the whole answer.
    pub async fn ask(&mut self, ask: &Ask) -> Result<Answer> {
        let request = self.request(ask)?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let (parts, body) = response.into_parts();
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await?.to_bytes(),
        })
    }

    /// Asks, and goes away after a while without having read the answer.
    pub async fn send_and_hang_up(mut self, ask: &Ask, after: Duration) {
        if let Ok(request) = self.request(ask)
            && self.sender.ready().await.is_ok()
        {
            let _ = tokio::time::timeout(after, self.sender.send_request(request)).await;
        }
    }

    /// Asks for what must be answered with this status, as JSON.
    pub async fn made(&mut self, ask: &Ask, status: u16) -> Result<serde_json::Value> {
        let answer = self.ask(ask).await?;
        ensure!(
            answer.status == status,
            "{} {} answered {}: {:?}",
            ask.method,
            ask.path,
            answer.status,
            answer.body
        );
        answer.json()
    }

    /// May it be asked again?
    pub fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    fn request(&self, ask: &Ask) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::builder()
            .method(&ask.method)
            .uri(&ask.path)
            .header("host", &self.host);
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        Ok(request.body(Full::new(ask.body.clone()))?)
    }
}
