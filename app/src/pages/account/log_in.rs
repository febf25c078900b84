//! The log-in page.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use types::accounts::LogInForm;

use super::{entrance, is_buying, next_page, place};
use crate::{
    components::{ErrorSummary, Field, Submit, field_error, on_its_way, use_viewer},
    links,
    rpc::{RpcError, accounts, error_of},
};

/// Log in. A plain form: the whole page is made anew for whoever came in.
#[component]
pub fn LogIn() -> impl IntoView {
    let error = error_of(ServerAction::<accounts::LogIn>::new());
    let failed = error.with_untracked(Option::is_some);
    let typed = Resource::new_blocking(
        || (),
        move |()| async move {
            if failed {
                accounts::typed_log_in().await
            } else {
                Ok(LogInForm::default())
            }
        },
    );
    let next = next_page();
    let form = {
        let next = next.clone();
        view! {
            <Suspense>
                {move || {
                    let next = next.clone();
                    Suspend::new(async move { form(typed.await.unwrap_or_default(), next, error) })
                }}
            </Suspense>
        }
    };
    let lead = "Good to see you again.";
    view! {
        <Title text="Log in"/>
        {entrance("Log in", lead, is_buying(&next), form.into_any())}
    }
    .into_any()
}

fn form(typed: LogInForm, next: String, error: Signal<Option<RpcError>>) -> AnyView {
    let (pending, on_submit) = on_its_way();
    let register = links::register(&next);
    let viewer = use_viewer();
    view! {
        {move || viewer.get().is_signed_in().then(|| view! { <p class="note">"You are logged in already. Logging in again changes the account."</p> })}
        <ErrorSummary error=error place=place/>
        <form class="form" method="post" action=accounts::LogIn::url() on:submit=on_submit>
            <input type="hidden" name="next" value=next/>
            <Field
                name="form[email]"
                id="email"
                label="E-mail"
                kind="email"
                value=typed.email
                error=field_error(error, "email")
                autocomplete="username"
                maxlength=254
                required=true
            />
            <Field
                name="form[password]"
                id="password"
                label="Password"
                kind="password"
                error=field_error(error, "password")
                autocomplete="current-password"
                maxlength=200
                required=true
            />
            <Submit label="Log in" pending=pending class="btn-primary btn-large btn-block"/>
        </form>
        <p class="entrance-other">"New here? "<a href=register>"Create an account"</a></p>
    }
    .into_any()
}
