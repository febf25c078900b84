//! The account page: profile, ways on, log out.

use leptos::{form::ActionForm, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use super::{place, register::at_its_field};
use crate::{
    components::{
        Alert, Avatar, DoneNote, ErrorSummary, Field, Icon, PageHeader, Skeleton, Submit,
        TextField, Tone, field_error, on_its_way,
    },
    pages::errors::refused,
    rpc::{
        RpcError,
        accounts::{LogOut, Profile, SaveProfile, my_profile},
        error_of,
    },
};

/// One's own account.
#[component]
pub fn Account() -> impl IntoView {
    let save = ServerAction::<SaveProfile>::new();
    let refusal = error_of(save);
    let failed = refusal.with_untracked(Option::is_some);
    let error = Signal::derive(move || refusal.get().map(at_its_field));
    // Made anew after each success, with the new version; a refused form keeps what was typed.
    let version = Memo::new(move |before: Option<&i64>| match save.value().get() {
        Some(Ok(version)) => version,
        _ => before.copied().unwrap_or_default(),
    });
    let page = Resource::new_blocking(
        move || version.get(),
        move |version| my_profile(failed && version == 0),
    );
    let saved = Signal::derive(move || (version.get() != 0).then_some("saved"));
    view! {
        <Title text="Your account"/>
        <div class="page page-narrow account">
            <DoneNote words=done_note errors=vec![error] here=saved/>
            <Transition fallback=|| view! { <Skeleton lines=8/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(profile) => content(profile, save, error),
                        Err(error) => refused(error),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn done_note(done: &str) -> Option<AnyView> {
    (done == "saved")
        .then(|| view! { <Alert tone=Tone::Success title="Your profile is saved."/> }.into_any())
}

fn content(
    profile: Profile,
    save: ServerAction<SaveProfile>,
    error: Signal<Option<RpcError>>,
) -> AnyView {
    let Profile { account, form } = profile;
    let public = format!("/people/{}", account.handle);
    let role = if account.role.may_organize() {
        "Organizer"
    } else {
        "Attendee"
    };
    view! {
        <PageHeader title="Your account"/>
        <div class="account-who">
            <Avatar name=account.name.clone() url=account.avatar_url.clone() class="avatar-large"/>
            <div>
                <p class="account-name">{account.name.clone()}</p>
                <p class="muted">{account.email.clone()}" · "{role}</p>
                <p><a href=public>"See your public profile"</a></p>
            </div>
        </div>
        {ways_on(account.role.may_organize())}
        <section class="card" aria-labelledby="profile-heading">
            <h2 id="profile-heading">"Profile"</h2>
            <ErrorSummary error=error place=place/>
            <ActionForm action=save>
                <input type="hidden" name="form[version]" value=form.version/>
                <div class="form">
                    <Field name="form[name]" id="name" label="Name" value=form.name error=field_error(error, "name") autocomplete="name" maxlength=80 required=true/>
                    <Field
                        name="form[handle]"
                        id="handle"
                        label="Handle"
                        hint="The address of your profile: letters, digits, - and _."
                        value=form.handle
                        error=field_error(error, "handle")
                        maxlength=30
                        required=true
                    />
                    <TextField
                        name="form[bio]"
                        id="bio"
                        label="About you"
                        hint="Plain text, shown on your profile."
                        value=form.bio
                        error=field_error(error, "bio")
                        rows=5
                        maxlength=2000
                    />
                    <Field
                        name="form[time_zone]"
                        id="time_zone"
                        label="Time zone"
                        hint="For new events and your list of devices, as in Europe/Berlin."
                        value=form.time_zone
                        error=field_error(error, "time_zone")
                        maxlength=64
                    />
                    <div class="form-actions"><Submit label="Save profile" pending=save.pending()/></div>
                </div>
            </ActionForm>
        </section>
        {log_out()}
    }
    .into_any()
}

fn ways_on(may_organize: bool) -> AnyView {
    view! {
        <nav class="ways" aria-label="Your things">
            <a class="way" href="/tickets"><Icon name="ticket"/><span>"My tickets"</span></a>
            <a class="way" href="/orders"><Icon name="euro"/><span>"Orders"</span></a>
            <a class="way" href="/account/devices"><Icon name="lock"/><span>"Devices"</span></a>
            {may_organize.then(|| view! { <a class="way" href="/organizer"><Icon name="megaphone"/><span>"My events"</span></a> })}
        </nav>
    }
    .into_any()
}

fn log_out() -> AnyView {
    let (pending, on_submit) = on_its_way();
    view! {
        <form class="account-leave" method="post" action=LogOut::url() on:submit=on_submit>
            <Submit label="Log out" pending=pending class="btn-secondary"/>
        </form>
    }
    .into_any()
}
