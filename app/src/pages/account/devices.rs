//! Where the account is logged in.

use leptos::{form::ActionForm, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;
use types::accounts::{Device, LoginKind};

use crate::{
    components::{
        Alert, Badge, Breadcrumb, Confirm, DoneNote, ErrorSummary, Icon, PageHeader, Skeleton,
        Submit, Tone,
    },
    pages::errors::refused,
    rpc::{
        accounts::{LogOut, RevokeDevice, devices},
        error_of,
    },
};

/// The list of devices, each with a way to log it out.
#[component]
pub fn Devices() -> impl IntoView {
    let revoke = ServerAction::<RevokeDevice>::new();
    let error = error_of(revoke);
    let list = Resource::new_blocking(move || revoke.version().get(), |_| devices());
    let revoked = Signal::derive(move || {
        let is_done = revoke.value().with(|value| matches!(value, Some(Ok(()))));
        is_done.then_some("revoked")
    });
    view! {
        <Title text="Your devices"/>
        <div class="page page-narrow account">
            <Breadcrumb links=vec![("/account".to_owned(), "Your account".to_owned())] here="Devices"/>
            <PageHeader title="Your devices" lead="Everywhere your account is logged in. Do you not know one of them? Log it out and change your password."/>
            <DoneNote words=done_note errors=vec![error] here=revoked/>
            <ErrorSummary error=error/>
            <Transition fallback=|| view! { <Skeleton lines=6/> }>
                {move || Suspend::new(async move {
                    match list.await {
                        Ok(devices) => {
                            let rows = devices.into_iter().map(|device| row(device, revoke)).collect_view();
                            view! { <ul class="devices" role="list">{rows}</ul> }.into_any()
                        }
                        Err(error) => refused(error),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

fn done_note(done: &str) -> Option<AnyView> {
    (done == "revoked").then(|| {
        view! { <Alert tone=Tone::Success title="That device is logged out."/> }.into_any()
    })
}

fn row(device: Device, revoke: ServerAction<RevokeDevice>) -> AnyView {
    let (icon, kind) = match device.kind {
        LoginKind::Web => ("online", "Browser"),
        LoginKind::App => ("lock", "App"),
    };
    let name = if device.user_agent.is_empty() {
        kind.to_owned()
    } else {
        short_name(&device.user_agent)
    };
    let leave = if device.is_current {
        this_one()
    } else {
        other(&device, &name, revoke)
    };
    view! {
        <li class="device">
            <span class="device-icon"><Icon name=icon/></span>
            <div class="device-text">
                <p class="device-name">
                    {name}
                    {device.is_current.then(|| view! { " "<Badge tone=Tone::Success text="This device"/> })}
                </p>
                <p class="muted">{kind}" · last seen "{device.last_seen_text}</p>
            </div>
            {leave}
        </li>
    }
    .into_any()
}

fn this_one() -> AnyView {
    view! { <form method="post" action=LogOut::url()><Submit label="Log out" class="btn-secondary"/></form> }.into_any()
}

fn other(device: &Device, name: &str, revoke: ServerAction<RevokeDevice>) -> AnyView {
    let id = device.id.to_string();
    let question = format!("Log out “{name}”? It has to log in again.");
    view! {
        <Confirm label="Log out">
            <p>{question}</p>
            <ActionForm action=revoke>
                <input type="hidden" name="id" value=id/>
                <Submit label="Log it out" pending=revoke.pending() class="btn-danger"/>
            </ActionForm>
        </Confirm>
    }
    .into_any()
}

/// `Firefox on Linux` from a browser's long name for itself; the long name when it says neither.
fn short_name(agent: &str) -> String {
    // The order matters: every browser also claims to be the ones behind it.
    const BROWSERS: &[(&str, &str)] = &[
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: &[(&str, &str)] = &[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Mac OS X", "Mac"),
        ("Windows", "Windows"),
        ("Linux", "Linux"),
    ];
    let find = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (find(BROWSERS), find(SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ => agent.chars().take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_named_as_its_owner_knows_it() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0";
        assert_eq!(short_name(edge), "Edge on Windows");
        assert_eq!(
            short_name("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"),
            "Firefox on Linux"
        );
        assert_eq!(
            short_name("EventSphere phone app 1.0"),
            "EventSphere phone app 1.0"
        );
    }
}
