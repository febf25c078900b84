//! How buyers may pay for an event.

use leptos::{form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::done_note;
use crate::{
    components::{
        Alert, Breadcrumb, Choice, DoneNote, ErrorSummary, Field, PageHeader, Place, Skeleton,
        Submit, TextField, Tone, field_error,
    },
    links,
    pages::errors::refused,
    rpc::{
        error_of,
        orders::{MethodsOfEvent, SaveMethods, event_methods},
        successes,
    },
};

/// The ways to pay of an event.
#[component]
pub fn WaysToPay() -> impl IntoView {
    let params = use_params_map();
    let save = ServerAction::<SaveMethods>::new();
    let (error, saved) = (error_of(save), successes(save));
    let failed = error.with_untracked(Option::is_some);
    let page = Resource::new_blocking(
        move || {
            (
                params.with(|params| params.get("slug")).unwrap_or_default(),
                saved.get(),
            )
        },
        move |(slug, saved)| event_methods(slug, failed && saved == 0),
    );
    view! {
        <Title text="Payment"/>
        <div class="page desk">
            <DoneNote words=done_note errors=vec![error]/>
            <ErrorSummary error=error place=place/>
            <Transition fallback=|| view! { <Skeleton lines=8/> }>
                {move || Suspend::new(async move {
                    match page.await {
                        Ok(view) => content(view, save),
                        Err(error) => refused(error),
                    }
                })}
            </Transition>
        </div>
    }
    .into_any()
}

/// Where a field of the form stands.
fn place(field: &str) -> Place {
    let label = match field {
        "card" => "How buyers may pay",
        "account_holder" => "Account holder",
        "details" => "Bank details",
        "days" => "Days",
        _ => return None,
    };
    Some((format!("pay-{field}"), label.to_owned()))
}

fn content(view: MethodsOfEvent, save: ServerAction<SaveMethods>) -> AnyView {
    let crumbs = vec![
        ("/organizer".to_owned(), "My events".to_owned()),
        (links::editor(&view.slug), view.title.clone()),
    ];
    let lead = view.title.clone();
    let form = if view.is_open {
        methods_form(view, save)
    } else {
        view! { <Alert tone=Tone::Info title="This event is closed. How it is paid does not change any more."/> }
            .into_any()
    };
    view! {
        <Breadcrumb links=crumbs here="Payment"/>
        <PageHeader title="Payment" lead=lead/>
        {form}
    }
    .into_any()
}

fn methods_form(view: MethodsOfEvent, save: ServerAction<SaveMethods>) -> AnyView {
    let MethodsOfEvent { slug, form, .. } = view;
    let error = error_of(save);
    let wrong = move |field: &str| field_error(error, field.to_owned());
    view! {
        <section class="card editor-part" aria-labelledby="ways">
            <h2 id="ways">"How buyers may pay"</h2>
            <ActionForm action=save>
                <input type="hidden" name="event" value=slug/>
                <div class="form">
                    <fieldset class="fieldset" id="pay-card">
                        <legend class="field-label">"Ways to pay"</legend>
                        <p class="field-hint">"What is free needs none of them."</p>
                        <div class="choice-cards">
                            <Choice name="form[card]" value="true" label="By card" hint="The payment provider takes the money; the tickets are there at once." kind="checkbox" class="choice-card" checked=form.card/>
                            <Choice name="form[bank_transfer]" value="true" label="By bank transfer" hint="You get the money, and note it in the list of orders." kind="checkbox" class="choice-card" checked=form.bank_transfer/>
                            <Choice name="form[at_door]" value="true" label="At the door" hint="Places are kept until the event ends. You note the money in the list of orders." kind="checkbox" class="choice-card" checked=form.at_door/>
                        </div>
                    </fieldset>
                    <fieldset class="fieldset">
                        <legend class="field-label">"For bank transfers"</legend>
                        <p class="field-hint">"Buyers are told it with their order, and nobody else."</p>
                        <div class="form-row">
                            <Field name="form[account_holder]" id="pay-account_holder" label="Account holder" value=form.account_holder error=wrong("account_holder") maxlength=100/>
                            <Field name="form[days]" id="pay-days" label="Days" value=form.days error=wrong("days") hint="So long places are kept for the money, at most until the event begins. From 1 to 60." inputmode="numeric"/>
                        </div>
                        <TextField name="form[details]" id="pay-details" label="Bank details" value=form.details error=wrong("details") hint="IBAN, bank, and what else is needed." maxlength=1000/>
                    </fieldset>
                    <Submit label="Save" pending=save.pending() class="btn-primary"/>
                </div>
            </ActionForm>
        </section>
    }
    .into_any()
}
