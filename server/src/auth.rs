//! Who asks: one layer for pages, server functions and the API. It chooses the
//! credential (bearer token, else session cookie), counts the general rate limit,
//! demands a same-origin proof where a browser sends the credential by itself, and
//! puts [`Ctx`] and the [`WebSession`](service::session::WebSession) into the request.

mod address;
mod credential;
mod limits;
mod origin;
mod place;
mod session;
mod sessions;

pub use address::{BadNetwork, TrustedProxies};

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use axum_login::AuthManagerLayerBuilder;
use http::{HeaderName, HeaderValue, StatusCode, header};
use service::{Ctx, Services, accounts, rate};
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};
use types::{Code, accounts::Actor};
use uuid::Uuid;

use crate::api::problem::ApiError;

use self::{
    credential::Credential,
    origin::Origin,
    session::{AuthSession, Backend, Handle},
    sessions::Sessions,
};

/// The cookie's name when the site is served over https; browsers bind it to the host.
const SECURE_COOKIE: &str = "__Host-session";
/// … and over http, where browsers refuse that prefix.
const PLAIN_COOKIE: &str = "session";
/// The entry of a session that holds the login.
const LOGIN: &str = "login";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the layer works with.
struct Guard {
    services: Arc<Services>,
    sessions: Sessions,
    proxies: TrustedProxies,
    origin: Origin,
}

/// Marks answers that came through the whole layer.
#[derive(Clone)]
struct Admitted;

/// Puts the layer around `router`.
pub fn protect(router: Router, services: Arc<Services>, proxies: TrustedProxies) -> Router {
    let sessions = Sessions::new(services.clone());
    let origin = Origin::of(&services.settings.public_url);
    let cookies = session_layer(&services, sessions.clone());
    let backend = Backend::new(services.clone());
    let places = middleware::from_fn_with_state(services.clone(), place::alone);
    let logins = AuthManagerLayerBuilder::new(backend, cookies)
        .with_data_key(LOGIN)
        .build();
    let guard = Arc::new(Guard {
        services,
        sessions,
        proxies,
        origin,
    });
    router
        .layer(middleware::from_fn_with_state(guard, admit))
        .layer(logins)
        .layer(middleware::from_fn(finish))
        .layer(places)
}

fn session_layer(services: &Services, sessions: Sessions) -> SessionManagerLayer<Sessions> {
    let is_secure = services.settings.public_url.starts_with("https://");
    let lasts =
        time::Duration::try_from(services.settings.session_for).unwrap_or(time::Duration::DAY);
    SessionManagerLayer::new(sessions)
        .with_name(if is_secure {
            SECURE_COOKIE
        } else {
            PLAIN_COOKIE
        })
        .with_secure(is_secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(lasts))
}

/// Inside the session layer: the request gets its context or is refused.
async fn admit(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    let ctx = anonymous(&guard, &request);
    let mut response = match enter(&guard, &ctx, &mut request).await {
        Ok(()) => next.run(request).await,
        Err(error) => ApiError(error).into_response(),
    };
    limits::add_headers(&ctx.meter, response.headers_mut());
    response.extensions_mut().insert(Admitted);
    response
}

fn anonymous(guard: &Guard, request: &Request) -> Ctx {
    let given = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|id| Uuid::try_parse_ascii(id.as_bytes()).ok());
    let made = || {
        guard
            .services
            .ports
            .ids
            .new_id(guard.services.ports.clock.now())
    };
    let address = guard.proxies.client_of(request);
    Ctx::new(
        guard.services.clone(),
        Actor::Anonymous,
        given.unwrap_or_else(made),
        address,
    )
}

async fn enter(guard: &Guard, ctx: &Ctx, request: &mut Request) -> service::Result<()> {
    let auth = request.extensions_mut().remove::<AuthSession>();
    let auth =
        auth.ok_or_else(|| service::Error::internal("no session layer around the auth layer"))?;
    let (mut ctx, credential) = identify(ctx, &auth, request)?;
    rate::spend_general(&ctx)?;
    if origin::needs_proof(request.method(), request.uri().path(), credential)
        && !guard.origin.is_proven(request.headers())
    {
        return Err(Code::CrossOrigin.into());
    }
    if credential == Credential::Bearer {
        ctx.actor = accounts::confirm(&ctx).await?;
    }
    let handle = Handle::new(ctx.clone(), auth, guard.sessions.clone());
    handle.keep_alive().await;
    request.extensions_mut().insert(ctx);
    request.extensions_mut().insert(handle.into_web_session());
    Ok(())
}

/// The context of whoever asks. Guessing tokens counts against the address.
fn identify(
    ctx: &Ctx,
    auth: &AuthSession,
    request: &Request,
) -> service::Result<(Ctx, Credential)> {
    match credential::choose(ctx, auth.user.as_ref(), request) {
        Ok((actor, credential)) => Ok((ctx.acting_as(actor), credential)),
        Err(error) => {
            rate::spend_general(ctx)?;
            Err(error)
        }
    }
}

/// Outside the session layer: what the session layer gets wrong. Without its store it
/// answers an empty 500, and it takes a `__Host-` cookie back without `Secure`, which
/// browsers ignore.
async fn finish(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR
        && response.extensions().get::<Admitted>().is_none()
    {
        return ApiError(Code::Unavailable.into()).into_response();
    }
    let cookies = response
        .headers_mut()
        .iter_mut()
        .filter(|(name, _)| **name == header::SET_COOKIE);
    cookies.for_each(|(_, cookie)| secure_removal(cookie));
    response
}

fn secure_removal(cookie: &mut HeaderValue) {
    let Ok(text) = cookie.to_str() else { return };
    let is_removal = text.starts_with(SECURE_COOKIE) && !text.contains("; Secure");
    if is_removal
        && let Ok(whole) = HeaderValue::try_from(format!("{text}; Secure; HttpOnly; SameSite=Lax"))
    {
        *cookie = whole;
    }
}
