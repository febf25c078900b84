//! Requests through the front door, in this process or over a real port alike.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderName, HeaderValue, Method, Request, header};
use http_body_util::BodyExt;
use serde::Serialize;
use tower::ServiceExt;

use crate::Answer;

type Cookies = Arc<Mutex<BTreeMap<String, String>>>;

/// A request in the making.
#[must_use]
pub struct Ask {
    router: Router,
    origin: String,
    request: http::request::Builder,
    body: Vec<u8>,
    address: IpAddr,
    cookies: Option<Cookies>,
}

impl Ask {
    pub(crate) fn new(router: Router, origin: &str, method: Method, path: &str) -> Self {
        Self {
            router,
            origin: origin.to_owned(),
            request: Request::builder()
                .method(method)
                .uri(path)
                .header(header::HOST, host_of(origin)),
            body: Vec::new(),
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            cookies: None,
        }
    }

    /// `Authorization: Bearer`.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Any header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header's name");
        let value = HeaderValue::from_bytes(value.as_bytes()).expect("a header's value");
        self.request = self.request.header(name, value);
        self
    }

    /// `If-Match` with a version.
    pub fn if_match(self, version: i64) -> Self {
        self.header("if-match", &format!("\"{version}\""))
    }

    /// `Idempotency-Key`.
    pub fn once(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// A JSON body.
    pub fn json(self, body: impl Serialize) -> Self {
        let bytes = serde_json::to_vec(&body).expect("JSON");
        self.body("application/json", bytes)
    }

    /// A form body.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let text = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let text = text.collect::<Vec<_>>().join("&");
        self.body("application/x-www-form-urlencoded", text.into_bytes())
    }

    /// A multipart body: text fields, then one file.
    pub fn multipart(
        self,
        fields: &[(&str, &str)],
        file_name: &str,
        content_type: &str,
        file: &[u8],
    ) -> Self {
        const BOUNDARY: &str = "testkit-7f3a";
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        body.extend(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file_name}\"\r\nContent-Type: {content_type}\r\n\r\n"
            )
            .bytes(),
        );
        body.extend_from_slice(file);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
        self.body(&format!("multipart/form-data; boundary={BOUNDARY}"), body)
    }

    /// Any body.
    pub fn body(mut self, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = bytes.into();
        self.header("content-type", content_type)
    }

    /// What browsers say of a request of one of our own pages.
    pub fn same_origin(self) -> Self {
        let origin = self.origin.clone();
        self.header("origin", &origin)
            .header("sec-fetch-site", "same-origin")
    }

    /// What browsers say of a request that another site makes.
    pub fn cross_origin(self) -> Self {
        self.header("origin", "https://evil.example")
            .header("sec-fetch-site", "cross-site")
    }

    /// From where it comes; 127.0.0.1 unless told.
    pub fn from(mut self, address: IpAddr) -> Self {
        self.address = address;
        self
    }

    /// Sends it.
    ///
    /// # Panics
    /// When it is no request.
    pub async fn send(mut self) -> Answer {
        if let Some(cookies) = &self.cookies {
            let jar = cookies.lock().expect("cookies");
            let text = jar
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join("; ");
            if !text.is_empty() {
                self.request = self.request.header(header::COOKIE, text);
            }
        }
        let length = self.body.len();
        let mut request = self.request.body(Body::from(self.body)).expect("a request");
        if length > 0 {
            request
                .headers_mut()
                .insert(header::CONTENT_LENGTH, length.into());
        }
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::new(self.address, 40_000)));
        let answer = self.router.oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        if let Some(cookies) = &self.cookies {
            keep(cookies, &parts.headers);
        }
        let bytes = body
            .collect()
            .await
            .expect("a whole answer")
            .to_bytes()
            .to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }
}

/// Takes what `Set-Cookie` says, as far as tests need it.
fn keep(cookies: &Cookies, headers: &http::HeaderMap) {
    let mut jar = cookies.lock().expect("cookies");
    for value in headers.get_all(header::SET_COOKIE) {
        let text = value.to_str().expect("a cookie");
        let (pair, rest) = text.split_once(';').unwrap_or((text, ""));
        let (name, value) = pair.split_once('=').expect("a cookie");
        if value.is_empty() || rest.to_ascii_lowercase().contains("max-age=0") {
            jar.remove(name);
        } else {
            jar.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// A client with cookies.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    origin: String,
    cookies: Cookies,
}

impl Browser {
    pub(crate) fn new(router: Router, origin: &str) -> Self {
        Self {
            router,
            origin: origin.to_owned(),
            cookies: Cookies::default(),
        }
    }

    fn ask(&self, method: Method, path: &str) -> Ask {
        let mut ask = Ask::new(self.router.clone(), &self.origin, method, path);
        ask.cookies = Some(self.cookies.clone());
        ask
    }

    /// A page.
    pub fn get(&self, path: &str) -> Ask {
        self.ask(Method::GET, path)
            .header("accept", "text/html,*/*;q=0.8")
    }

    /// A call as the page's script makes it.
    pub fn post(&self, path: &str) -> Ask {
        self.ask(Method::POST, path)
            .header("accept", "application/json")
    }

    /// A form as a browser without JavaScript sends it, from the page `referrer`.
    pub fn submit(&self, path: &str, referrer: &str, fields: &[(&str, &str)]) -> Ask {
        let referrer = format!("{}{referrer}", self.origin);
        self.ask(Method::POST, path)
            .header("accept", "text/html")
            .header("referer", &referrer)
            .same_origin()
            .form(fields)
    }

    /// Any method.
    pub fn request(&self, method: Method, path: &str) -> Ask {
        self.ask(method, path)
    }

    /// The cookies it has, by name.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().expect("cookies").clone()
    }

    /// The same cookies at another process.
    #[must_use]
    pub fn at(&self, router: Router) -> Self {
        Self {
            router,
            ..self.clone()
        }
    }
}

fn host_of(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, host)| host)
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
