//! Coming in, going out, one's own account.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use types::accounts::{Account, Device, LogInForm, ProfileForm, RegisterForm};

use super::RpcResult;

/// Logs the browser in and goes on to `next`.
#[server(prefix = "/rpc", endpoint = "log_in")]
pub async fn log_in(form: LogInForm, #[server(default)] next: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let typed = form.without_password();
    let outcome =
        service::accounts::log_in_web(&ctx, form.into_command(), crate::ssr::session::device())
            .await;
    let (_, login) = crate::ssr::session::keep("log_in", &typed, outcome).await?;
    crate::ssr::session::enter(login, &next).await
}

/// Makes an account, logs the browser in and goes on to `next`.
#[server(prefix = "/rpc", endpoint = "register")]
pub async fn register(form: RegisterForm, #[server(default)] next: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    let typed = form.without_password();
    let outcome =
        service::accounts::register_web(&ctx, form.into_command(), crate::ssr::session::device())
            .await;
    let (_, login) = crate::ssr::session::keep("register", &typed, outcome).await?;
    crate::ssr::session::enter(login, &next).await
}

/// Logs the browser out.
#[server(prefix = "/rpc", endpoint = "log_out")]
pub async fn log_out() -> RpcResult<()> {
    service::accounts::log_out(&crate::ssr::ctx().await?).await?;
    crate::ssr::session::end().await?;
    crate::ssr::redirect("/");
    Ok(())
}

/// What was typed into the log-in form that came back with an error.
#[server(prefix = "/rpc", endpoint = "typed_log_in")]
pub async fn typed_log_in() -> RpcResult<LogInForm> {
    Ok(crate::ssr::session::kept("log_in")
        .await
        .unwrap_or_default())
}

/// What was typed into the registration form that came back with an error.
#[server(prefix = "/rpc", endpoint = "typed_register")]
pub async fn typed_register() -> RpcResult<RegisterForm> {
    Ok(crate::ssr::session::kept("register")
        .await
        .unwrap_or_default())
}

/// What the profile page is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// As it is stored.
    pub account: Account,
    /// As it is to be shown in the form.
    pub form: ProfileForm,
}

impl From<Account> for Profile {
    fn from(account: Account) -> Self {
        let form = ProfileForm {
            name: account.name.clone(),
            handle: account.handle.clone(),
            bio: account.bio.clone().unwrap_or_default(),
            time_zone: account.time_zone.clone(),
            version: account.version.to_string(),
        };
        Self { account, form }
    }
}

/// One's own account; with `typed`, the form as it came back with an error.
#[server(prefix = "/rpc", endpoint = "my_profile")]
pub async fn my_profile(typed: bool) -> RpcResult<Profile> {
    let ctx = crate::ssr::ctx().await?;
    let profile = Profile::from(service::accounts::me(&ctx).await?);
    let kept = if typed {
        crate::ssr::session::kept("profile").await
    } else {
        None
    };
    Ok(Profile {
        form: profile.form.or_typed(kept),
        ..profile
    })
}

/// Edits one's own account. Returns its new version.
#[server(prefix = "/rpc", endpoint = "save_profile")]
pub async fn save_profile(#[server(default)] form: ProfileForm) -> RpcResult<i64> {
    let ctx = crate::ssr::ctx().await?;
    let outcome = service::accounts::update_me(
        &ctx,
        crate::ssr::version(&form.version),
        form.clone().into_command(),
    )
    .await;
    let account = crate::ssr::session::keep("profile", &form, outcome).await?;
    crate::ssr::redirect_plain_form("/account?done=saved");
    Ok(account.version)
}

/// Where the account is logged in.
#[server(prefix = "/rpc", endpoint = "devices")]
pub async fn devices() -> RpcResult<Vec<Device>> {
    Ok(service::accounts::devices(&crate::ssr::ctx().await?).await?)
}

/// Logs one device out.
#[server(prefix = "/rpc", endpoint = "revoke_device")]
pub async fn revoke_device(id: String) -> RpcResult<()> {
    let ctx = crate::ssr::ctx().await?;
    service::accounts::revoke_device(&ctx, crate::ssr::id::<types::LoginId>(&id)?).await?;
    crate::ssr::redirect_plain_form("/account/devices?done=revoked");
    Ok(())
}
