//! The registration page.

use leptos::{prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use types::{Code, FieldError, accounts::RegisterForm};

use super::{entrance, is_buying, next_page, place};
use crate::{
    components::{Choice, ErrorSummary, Field, Submit, field_error, on_its_way},
    links,
    rpc::{RpcError, accounts, error_of},
};

/// Make an account. A plain form, as logging in.
#[component]
pub fn Register() -> impl IntoView {
    let error = error_of(ServerAction::<accounts::Register>::new());
    let failed = error.with_untracked(Option::is_some);
    let typed = Resource::new_blocking(
        || (),
        move |()| async move {
            if failed {
                accounts::typed_register().await
            } else {
                Ok(RegisterForm::default())
            }
        },
    );
    let error = Signal::derive(move || error.get().map(at_its_field));
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
    let lead = "One account for finding events, buying tickets and running your own.";
    view! {
        <Title text="Create an account"/>
        {entrance("Create an account", lead, is_buying(&next), form.into_any())}
    }
    .into_any()
}

/// What is taken belongs to a field.
pub(super) fn at_its_field(mut error: RpcError) -> RpcError {
    let field = match error.code {
        Code::EmailTaken => "email",
        Code::HandleTaken => "handle",
        _ => return error,
    };
    error.fields = vec![FieldError::new(field, "taken", error.code.title())];
    error
}

fn form(typed: RegisterForm, next: String, error: Signal<Option<RpcError>>) -> AnyView {
    let (pending, on_submit) = on_its_way();
    let log_in = links::log_in(&next);
    view! {
        <ErrorSummary error=error place=place/>
        <form class="form" method="post" action=accounts::Register::url() on:submit=on_submit>
            <input type="hidden" name="next" value=next/>
            <Field
                name="form[name]"
                id="name"
                label="Name"
                hint="As others will see you."
                value=typed.name
                error=field_error(error, "name")
                autocomplete="name"
                maxlength=80
                required=true
            />
            <Field
                name="form[email]"
                id="email"
                label="E-mail"
                hint="Never shown to others."
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
                hint="At least 10 characters. A few words together are easy to remember and hard to guess."
                kind="password"
                error=field_error(error, "password")
                autocomplete="new-password"
                maxlength=200
                required=true
            />
            <Field
                name="form[handle]"
                id="handle"
                label="Handle (optional)"
                hint="For the address of your profile; made from your name when left empty."
                value=typed.handle
                error=field_error(error, "handle")
                autocomplete="nickname"
                maxlength=30
            />
            {roles(typed.role == "organizer")}
            <Submit label="Create account" pending=pending class="btn-primary btn-large btn-block"/>
        </form>
        <p class="entrance-other">"Have an account? "<a href=log_in>"Log in"</a></p>
    }
    .into_any()
}

fn roles(is_organizer: bool) -> AnyView {
    view! {
        <fieldset class="fieldset">
            <legend class="field-label">"What brings you here?"</legend>
            <div class="choice-cards">
                <Choice
                    name="form[role]"
                    value="attendee"
                    label="Going out"
                    hint="Find events and buy tickets."
                    class="choice-card"
                    checked=!is_organizer
                />
                <Choice
                    name="form[role]"
                    value="organizer"
                    label="Running events"
                    hint="Publish your own and sell tickets, too."
                    class="choice-card"
                    checked=is_organizer
                />
            </div>
        </fieldset>
    }
    .into_any()
}
