//! The form of a new promo code.

use leptos::{form::ActionForm, html, prelude::*};
use types::{events::TicketType, promos::PromoTypeRow};

use super::promos::is_hidden;
use crate::{
    components::{Choice, Field, Place, SelectField, Submit, field_error},
    rpc::{
        error_of,
        promos::{CreatePromo, PromosOfEvent},
    },
};

/// Where a field of the form stands.
pub(super) fn place(field: &str) -> Place {
    let label = match field {
        "code" => "Code",
        "value" => "How much",
        "max_uses" => "Uses in all",
        "max_uses_per_person" => "Uses per person",
        "valid_from" => "Counts from",
        "valid_until" => "Counts until",
        "types" => "For which tickets",
        "unlocks" => "Hidden tickets it opens",
        _ => return None,
    };
    Some((format!("promo-{field}"), label.to_owned()))
}

pub(super) fn promo_form(
    view: &PromosOfEvent,
    create: ServerAction<CreatePromo>,
    node: NodeRef<html::Form>,
) -> AnyView {
    let error = error_of(create);
    let wrong = move |field: &str| field_error(error, field.to_owned());
    let (form, slug) = (view.form.clone(), view.slug.clone());
    let times = format!("In the event's time zone, {}.", view.time_zone);
    let hidden: Vec<_> = view
        .ticket_types
        .iter()
        .filter(|kind| is_hidden(kind))
        .collect();
    let hint = if hidden.is_empty() {
        "It can open tickets too, once a ticket type is hidden in the event's editor."
    } else {
        "Any kind can open hidden tickets as well."
    };
    let all: Vec<_> = view.ticket_types.iter().collect();
    let types = (!all.is_empty()).then(|| {
        choices(
            "types",
            "For which tickets",
            "None ticked: for all of them.",
            &all,
            &form.types,
        )
    });
    let kinds = kinds(!hidden.is_empty());
    let unlocks = (!hidden.is_empty()).then(|| {
        let hint = "Those with the code see and buy them.";
        choices(
            "unlocks",
            "Hidden tickets it opens",
            hint,
            &hidden,
            &form.unlocks,
        )
    });
    view! {
        <section class="card editor-part" aria-labelledby="new-code">
            <h2 id="new-code">"A new code"</h2>
            <ActionForm action=create node_ref=node>
                <input type="hidden" name="event" value=slug/>
                <div class="form">
                    <div class="form-row">
                        <Field name="form[code]" id="promo-code" label="Code" value=form.code error=wrong("code") hint="Letters, digits, - or _. Upper and lower case are the same." maxlength=40 autocomplete="off" required=true/>
                        <SelectField name="form[kind]" id="promo-kind" label="What it gives" options=kinds value=form.kind error=wrong("kind") hint=hint/>
                    </div>
                    <Field name="form[value]" id="promo-value" label="How much" value=form.value error=wrong("value") hint="20 for percent, 5.00 for an amount. Rounded down to the cent for each ticket." inputmode="decimal"/>
                    <div class="form-row">
                        <Field name="form[max_uses]" id="promo-max_uses" label="Uses in all" value=form.max_uses error=wrong("max_uses") inputmode="numeric" placeholder="any number"/>
                        <Field name="form[max_uses_per_person]" id="promo-max_uses_per_person" label="Uses per person" value=form.max_uses_per_person error=wrong("max_uses_per_person") inputmode="numeric" placeholder="any number"/>
                    </div>
                    <div class="form-row">
                        <Field name="form[valid_from]" id="promo-valid_from" label="Counts from" kind="datetime-local" value=form.valid_from error=wrong("valid_from") hint=times/>
                        <Field name="form[valid_until]" id="promo-valid_until" label="Counts until" kind="datetime-local" value=form.valid_until error=wrong("valid_until") hint="Empty: as long as tickets are sold."/>
                    </div>
                    {types}
                    {unlocks}
                    <Submit label="Add the code" pending=create.pending() class="btn-primary"/>
                </div>
            </ActionForm>
        </section>
    }
    .into_any()
}

/// What a code can give; without hidden tickets there is nothing that it only opens.
fn kinds(has_hidden: bool) -> Vec<(String, String)> {
    let all = [
        ("percent", "Percent off each ticket"),
        ("amount", "An amount off each ticket"),
        ("access", "No discount: opens hidden tickets"),
    ];
    all.into_iter()
        .filter(|(kind, _)| has_hidden || *kind != "access")
        .map(|(kind, text)| (kind.to_owned(), text.to_owned()))
        .collect()
}

/// A tick box for each ticket type.
fn choices(
    field: &'static str,
    legend: &'static str,
    hint: &'static str,
    kinds: &[&TicketType],
    ticked: &[PromoTypeRow],
) -> AnyView {
    let boxes = kinds
        .iter()
        .enumerate()
        .map(|(index, kind)| {
            let id = kind.id.to_string();
            let is_ticked = ticked.iter().any(|row| row.is_meant && row.id == id);
            let name = |part: &str| format!("form[{field}][{index}][{part}]");
            view! {
                <input type="hidden" name=name("id") value=id/>
                <Choice name=name("is_meant") value="true" label=kind.name.clone() kind="checkbox" checked=is_ticked/>
            }
        })
        .collect_view();
    view! {
        <fieldset class="fieldset" id=format!("promo-{field}")>
            <legend class="field-label">{legend}</legend>
            <p class="field-hint">{hint}</p>
            <div class="cluster">{boxes}</div>
        </fieldset>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_that_only_opens_needs_something_hidden() {
        let keys = |has_hidden| {
            let kinds = kinds(has_hidden).into_iter().map(|(kind, _)| kind);
            kinds.collect::<Vec<_>>()
        };
        assert_eq!(keys(false), ["percent", "amount"]);
        assert_eq!(keys(true), ["percent", "amount", "access"]);
    }
}
