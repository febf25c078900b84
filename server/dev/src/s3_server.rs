//! The local S3 server: s3s over a directory, with the CORS answers browsers ask for.

mod files;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use futures::future::BoxFuture;
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

use self::files::Files;
use crate::workspace::env_value;

/// The hidden subcommand.
pub const COMMAND: &str = "s3-server";
/// The variable that carries the access key.
pub const ACCESS_KEY: &str = "DEV_S3_ACCESS_KEY";
/// The variable that carries the secret key.
pub const SECRET_KEY: &str = "DEV_S3_SECRET_KEY";

/// Serves a directory of buckets until the process is told to end.
pub async fn serve(root: PathBuf, port: u16) -> Result<()> {
    let files = Files::new(root)?;
    let access = env_value(ACCESS_KEY).context("no access key")?;
    let secret = env_value(SECRET_KEY).context("no secret key")?;
    let mut builder = S3ServiceBuilder::new(files);
    builder.set_auth(SimpleAuth::from_single(access, secret));
    let service = WithCors::new(builder.build());

    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    answer(listener, service).await
}

async fn answer(listener: TcpListener, service: WithCors) -> Result<()> {
    let connections = TaskTracker::new();
    loop {
        let (stream, _) = listener.accept().await?;
        let service = service.clone();
        connections.spawn(async move {
            let http = Builder::new(TokioExecutor::new());
            // A client that goes away is no event for the log.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// Lets pages of any origin use presigned URLs, as a real bucket with a CORS rule would,
/// and makes conditional writes atomic: the file system looks first and writes later, and
/// the broker keeps its log in order by "only if nobody else wrote meanwhile".
#[derive(Clone)]
struct WithCors {
    service: S3Service,
    conditional: Arc<Mutex<()>>,
}

impl WithCors {
    fn new(service: S3Service) -> Self {
        Self {
            service,
            conditional: Arc::default(),
        }
    }
}

impl hyper::service::Service<Request<Incoming>> for WithCors {
    type Response = Response<Body>;
    type Error = HttpError;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let preflight = request.method() == Method::OPTIONS
            && request
                .headers()
                .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let asked = request
            .headers()
            .get(header::ACCESS_CONTROL_REQUEST_HEADERS)
            .cloned();
        let conditional = is_conditional(&request).then(|| self.conditional.clone());
        let service = self.service.clone();
        Box::pin(async move {
            if preflight {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::NO_CONTENT;
                allow(response.headers_mut(), asked);
                return Ok(response);
            }
            let _alone = match &conditional {
                Some(lock) => Some(lock.lock().await),
                None => None,
            };
            let mut response = hyper::service::Service::call(&service, request).await?;
            allow(response.headers_mut(), None);
            Ok(response)
        })
    }
}

fn is_conditional<B>(request: &Request<B>) -> bool {
    let headers = request.headers();
    request.method() == Method::PUT
        && (headers.contains_key(header::IF_MATCH) || headers.contains_key(header::IF_NONE_MATCH))
}

fn allow(headers: &mut HeaderMap, asked: Option<HeaderValue>) {
    let fixed = HeaderValue::from_static;
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, fixed("*"));
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        fixed("GET, HEAD, PUT, POST, DELETE"),
    );
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, fixed("ETag"));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, fixed("600"));
    if let Some(asked) = asked {
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    /// The answer to a request without body on a server of its own.
    async fn ask(request: &str) -> String {
        let files = Files::new(std::env::temp_dir()).expect("a directory");
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single("access", "secret"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address: SocketAddr = listener.local_addr().expect("an address");
        let tasks = TaskTracker::new();
        let server = tasks.spawn(answer(listener, WithCors::new(builder.build())));
        let mut stream = TcpStream::connect(address).await.expect("it listens");
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it reads");
        let mut text = String::new();
        stream.read_to_string(&mut text).await.expect("it answers");
        server.abort();
        text
    }

    #[tokio::test]
    async fn a_preflight_is_answered_without_a_signature() {
        let answer = ask(
            "OPTIONS /bucket/key HTTP/1.1\r\nHost: s3\r\nConnection: close\r\n\
             Origin: http://127.0.0.1:3000\r\nAccess-Control-Request-Method: PUT\r\n\
             Access-Control-Request-Headers: content-type\r\n\r\n",
        )
        .await;
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
        assert!(
            answer.contains("access-control-allow-origin: *"),
            "{answer}"
        );
        assert!(
            answer.contains("access-control-allow-headers: content-type"),
            "{answer}"
        );
    }

    #[tokio::test]
    async fn a_request_without_a_signature_is_refused_and_readable_by_the_page() {
        let answer = ask("GET /bucket/key HTTP/1.1\r\nHost: s3\r\nConnection: close\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        assert!(
            answer.contains("access-control-allow-origin: *"),
            "{answer}"
        );
    }
}
