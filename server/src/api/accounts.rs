//! The calls of accounts: coming in, going out, one's own account, other people.

use axum::{Extension, Json, response::IntoResponse};
use http::{HeaderMap, StatusCode, header};
use service::{accounts, session::WebSession};
use types::{
    LoginId, Page, Problem,
    accounts::{
        Account, Device, DeviceInfo, LogIn, Person, Refresh, Register, SignedIn, TokenPair,
        UpdateAccount,
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    extract::{Body, Cx, IfMatchHeader, Key, Seg, etag, idempotency_key},
    problem::ApiResult,
};

/// All of them.
pub fn routes() -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(register))
        .routes(routes!(log_in))
        .routes(routes!(refresh))
        .routes(routes!(log_out))
        .routes(routes!(me, update_me))
        .routes(routes!(devices))
        .routes(routes!(revoke_device))
        .routes(routes!(person))
}

/// Makes an account and logs it in.
#[utoipa::path(post, path = "/auth/register", operation_id = "register", tag = "accounts", security(()),
    request_body = Register, responses(
        (status = 201, description = "The account and its tokens.", body = SignedIn),
        (status = 409, description = "`email_taken` or `handle_taken`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field needs another look; so does a password among the common ones, and `role: admin`.",
            body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many registrations from this address.", body = Problem, content_type = "application/problem+json"),
    ))]
async fn register(
    Cx(ctx): Cx,
    headers: HeaderMap,
    body: Body<Register>,
) -> ApiResult<impl IntoResponse> {
    let signed_in = accounts::register(&ctx, body.read()?, device(&headers)).await?;
    Ok((StatusCode::CREATED, Json(signed_in)))
}

/// Logs in.
#[utoipa::path(post, path = "/auth/login", operation_id = "log_in", tag = "accounts", security(()),
    request_body = LogIn, responses(
        (status = 200, description = "The account and its tokens.", body = SignedIn),
        (status = 401, description = "`invalid_credentials`, whether the account exists or not.",
            body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many tries from this address.", body = Problem, content_type = "application/problem+json"),
    ))]
async fn log_in(Cx(ctx): Cx, headers: HeaderMap, body: Body<LogIn>) -> ApiResult<Json<SignedIn>> {
    Ok(Json(
        accounts::log_in(&ctx, body.read()?, device(&headers)).await?,
    ))
}

/// Exchanges a refresh token for the next pair. Each is good for one use.
///
/// With the `Idempotency-Key` of the first use the same pair comes again for 60 seconds.
#[utoipa::path(post, path = "/auth/refresh", operation_id = "refresh", tag = "accounts", security(()),
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 128 printable characters.")),
    request_body = Refresh, responses(
        (status = 200, description = "The next pair.", body = TokenPair),
        (status = 401, description = "`refresh_reused` (every token of this login is revoked) or `invalid_token`.",
            body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many tries from this address.", body = Problem, content_type = "application/problem+json"),
    ))]
async fn refresh(
    Cx(ctx): Cx,
    headers: HeaderMap,
    body: Body<Refresh>,
) -> ApiResult<Json<TokenPair>> {
    let key = idempotency_key(&headers)?;
    Ok(Json(accounts::refresh(&ctx, body.read()?, key).await?))
}

/// Ends this login: its access and refresh tokens, or its session, stop working here
/// at once and everywhere within a second.
#[utoipa::path(post, path = "/auth/logout", operation_id = "log_out", tag = "accounts", responses(
        (status = 204, description = "Done."),
        (status = 401, description = "Not logged in.", body = Problem, content_type = "application/problem+json"),
    ))]
async fn log_out(Cx(ctx): Cx, Extension(session): Extension<WebSession>) -> ApiResult<StatusCode> {
    accounts::log_out(&ctx).await?;
    session.end().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who am I?
#[utoipa::path(get, path = "/me", operation_id = "me", tag = "accounts", responses(
        (status = 200, description = "One's own account.", body = Account, headers(("ETag" = String, description = "Its version."))),
        (status = 401, description = "Not logged in.", body = Problem, content_type = "application/problem+json"),
    ))]
async fn me(Cx(ctx): Cx) -> ApiResult<impl IntoResponse> {
    let account = accounts::me(&ctx).await?;
    Ok((etag(account.version), Json(account)))
}

/// Edits one's own account (JSON merge patch, RFC 7396).
#[utoipa::path(patch, path = "/me", operation_id = "update_me", tag = "accounts",
    params(("If-Match" = String, Header, description = "The `ETag` of the account that was edited, or `*`.")),
    request_body = UpdateAccount, responses(
        (status = 200, description = "As it is now.", body = Account, headers(("ETag" = String, description = "Its version."))),
        (status = 401, description = "Not logged in.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`handle_taken`.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It changed in the meantime.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A field needs another look.", body = Problem, content_type = "application/problem+json"),
        (status = 428, description = "`If-Match` is missing.", body = Problem, content_type = "application/problem+json"),
    ))]
async fn update_me(
    Cx(ctx): Cx,
    IfMatchHeader(version): IfMatchHeader,
    body: Body<UpdateAccount>,
) -> ApiResult<impl IntoResponse> {
    let command = body
        .after_check(accounts::may_update_me(&ctx, version))
        .await?;
    let account = accounts::update_me(&ctx, version, command).await?;
    Ok((etag(account.version), Json(account)))
}

/// Where the account is logged in, latest first; at most 100.
#[utoipa::path(get, path = "/me/devices", operation_id = "devices", tag = "accounts", responses(
        (status = 200, description = "Sessions of browsers and logins of apps.", body = Page<Device>),
        (status = 401, description = "Not logged in.", body = Problem, content_type = "application/problem+json"),
    ))]
async fn devices(Cx(ctx): Cx) -> ApiResult<Json<Page<Device>>> {
    let items = accounts::devices(&ctx).await?;
    Ok(Json(Page { items, next: None }))
}

/// Logs one device out.
#[utoipa::path(delete, path = "/me/devices/{device}", operation_id = "revoke_device", tag = "accounts",
    params(("device" = LoginId, Path, description = "From the list of devices.")), responses(
        (status = 204, description = "Done."),
        (status = 401, description = "Not logged in.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Not a device that is logged in to this account.", body = Problem, content_type = "application/problem+json"),
    ))]
async fn revoke_device(Cx(ctx): Cx, Seg(device): Seg<LoginId>) -> ApiResult<StatusCode> {
    accounts::revoke_device(&ctx, device).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What everybody may see of a person.
#[utoipa::path(get, path = "/people/{handle}", operation_id = "person", tag = "accounts",
    params(("handle" = String, Path, description = "In any case.")), responses(
        (status = 200, description = "The public profile.", body = Person),
        (status = 404, description = "Nobody has this handle.", body = Problem, content_type = "application/problem+json"),
    ))]
async fn person(Cx(ctx): Cx, Key(handle): Key) -> ApiResult<Json<Person>> {
    Ok(Json(accounts::person(&ctx, &handle).await?))
}

fn device(headers: &HeaderMap) -> DeviceInfo {
    let user_agent = headers
        .get(header::USER_AGENT)
        .map(|value| String::from_utf8_lossy(value.as_bytes()));
    DeviceInfo {
        user_agent: user_agent.unwrap_or_default().into_owned(),
    }
}
