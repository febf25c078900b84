//! Accounts: register, log in by cookie or tokens, log out, profile, devices.

mod passwords;
mod tokens;

pub use passwords::Passwords;
pub use tokens::Tokens;

use types::{
    LoginId, Page,
    accounts::{Account, Actor, Device, DeviceInfo, LogIn, LoginKind, Person, Refresh, Register, SignedIn, TokenPair, UpdateAccount},
};

use crate::{Ctx, Result, ctx::IfMatch, idempotency::IdempotencyKey};

/// Makes an account and logs it in for an app (tokens).
pub async fn register(ctx: &Ctx, command: Register, device: DeviceInfo) -> Result<SignedIn> { todo!() }
/// Makes an account and a web login; the edge puts the login's id into the session.
pub async fn register_web(ctx: &Ctx, command: Register, device: DeviceInfo) -> Result<(Account, LoginId)> { todo!() }
/// Logs in for an app.
pub async fn log_in(ctx: &Ctx, command: LogIn, device: DeviceInfo) -> Result<SignedIn> { todo!() }
/// Logs in on the web; the edge puts the login's id into the session.
pub async fn log_in_web(ctx: &Ctx, command: LogIn, device: DeviceInfo) -> Result<(Account, LoginId)> { todo!() }
/// A new pair for a refresh token; reuse revokes the family.
pub async fn refresh(ctx: &Ctx, command: Refresh, key: Option<IdempotencyKey>) -> Result<TokenPair> { todo!() }
/// Ends the actor's login everywhere.
pub async fn log_out(ctx: &Ctx) -> Result<()> { todo!() }
/// Who an access token belongs to.
pub fn actor_of_token(ctx: &Ctx, access_token: &str) -> Result<Actor> { todo!() }
/// Who a web login belongs to; `None` once it is revoked.
pub async fn actor_of_login(ctx: &Ctx, login: LoginId) -> Result<Option<Actor>> { todo!() }
/// One's own account.
pub async fn me(ctx: &Ctx) -> Result<Account> { todo!() }
/// Edits one's own account.
pub async fn update_me(ctx: &Ctx, version: IfMatch, command: UpdateAccount) -> Result<Account> { todo!() }
/// A public profile.
pub async fn person(ctx: &Ctx, handle: &str) -> Result<Person> { todo!() }
/// Where the account is logged in, latest first.
pub async fn devices(ctx: &Ctx) -> Result<Vec<Device>> { todo!() }
/// Logs one device out.
pub async fn revoke_device(ctx: &Ctx, login: LoginId) -> Result<()> { todo!() }
/// Learns of logins revoked by other processes; the worker calls it every 250 ms.
pub async fn poll_revoked(ctx: &Ctx) -> Result<()> { todo!() }
