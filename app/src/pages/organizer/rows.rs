//! The ticket types of the editor: one row each, and empty rows for new ones.

use leptos::prelude::*;
use types::events::TicketTypeForm;

use crate::{
    components::{Field, Icon, SelectField, TextField, field_error},
    rpc::RpcError,
};

/// The most rows an event may have.
const MOST: usize = 20;

const CURRENCIES: &[&str] = &[
    "EUR", "USD", "GBP", "CHF", "DKK", "SEK", "NOK", "PLN", "CZK", "JPY", "AUD", "CAD",
];

/// Ticket types. Without JavaScript there is always an empty row at the end, and after
/// saving the next one; with it, a button adds more.
#[component]
pub(super) fn TicketRows(
    /// What stands in them at first.
    rows: Vec<TicketTypeForm>,
    /// What is wrong with them.
    error: Signal<Option<RpcError>>,
) -> impl IntoView {
    let rows = with_empty_row(rows);
    let currency = rows
        .first()
        .map(|row| row.currency.clone())
        .unwrap_or_default();
    let count = RwSignal::new(rows.len());
    let rows = StoredValue::new(rows);
    let row = move |index: usize| {
        let typed = rows
            .with_value(|rows| rows.get(index).cloned())
            .unwrap_or_default();
        row_view(index, typed, error)
    };
    view! {
        <section class="card editor-part" aria-labelledby="part-tickets">
            <h2 id="part-tickets">"Tickets"</h2>
            <p class="muted">"A row without a name does not count. Leave the price empty for free tickets."</p>
            <div class="form">
                {currency_field(&currency, error)}
                <ol class="ticket-types">
                    <For each=move || 0..count.get() key=|index| *index let:index>
                        {row(index)}
                    </For>
                </ol>
                <button
                    type="button"
                    class="btn btn-secondary needs-js"
                    on:click=move |_| count.update(|count| *count += 1)
                    disabled=move || { count.get() >= MOST }
                >
                    <Icon name="plus"/>
                    "Another ticket type"
                </button>
            </div>
        </section>
    }
    .into_any()
}

fn with_empty_row(mut rows: Vec<TicketTypeForm>) -> Vec<TicketTypeForm> {
    let ends_empty = rows
        .last()
        .is_some_and(|row| row.name.is_empty() && row.id.is_empty());
    if rows.len() < MOST && !ends_empty {
        rows.push(TicketTypeForm::default());
    }
    rows
}

/// One currency for the whole event: the first row carries it.
fn currency_field(currency: &str, error: Signal<Option<RpcError>>) -> AnyView {
    let currency = if currency.is_empty() { "EUR" } else { currency };
    let mut options: Vec<_> = CURRENCIES
        .iter()
        .map(|code| ((*code).to_owned(), (*code).to_owned()))
        .collect();
    if !CURRENCIES.contains(&currency) {
        options.push((currency.to_owned(), currency.to_owned()));
    }
    view! {
        <SelectField
            name="form[ticket_types][0][currency]"
            id="tickets-0-currency"
            label="Currency"
            options=options
            value=currency
            error=field_error(error, "ticket_types[0].currency")
        />
    }
    .into_any()
}

fn row_view(index: usize, row: TicketTypeForm, error: Signal<Option<RpcError>>) -> AnyView {
    let name = |field: &str| format!("form[ticket_types][{index}][{field}]");
    let id = |field: &str| format!("tickets-{index}-{field}");
    let wrong = |field: &str| field_error(error, format!("ticket_types[{index}].{field}"));
    let is_stored = !row.id.is_empty();
    let legend = if is_stored {
        row.name.clone()
    } else {
        "New ticket type".to_owned()
    };
    let has_more =
        !row.description.is_empty() || !row.sales_from.is_empty() || !row.sales_until.is_empty();
    let pricings = [
        ("fixed", "You"),
        ("pay_what_you_want", "Buyers, from the price on"),
        ("donation", "Buyers, as a donation"),
    ];
    let pricings = pricings.map(|(pricing, text)| (pricing.to_owned(), text.to_owned()));
    let is_chosen = !matches!(row.pricing.as_str(), "" | "fixed");
    view! {
        <li>
            <fieldset class="ticket-type">
                <legend>{legend}</legend>
                <input type="hidden" name=name("id") value=row.id/>
                <div class="ticket-type-main">
                    <Field name=name("name") id=id("name") label="Name" value=row.name error=wrong("name") maxlength=60/>
                    <Field name=name("price") id=id("price") label="Price" value=row.price error=wrong("price") inputmode="decimal" placeholder="free"/>
                    <Field name=name("quantity") id=id("quantity") label="How many" value=row.quantity error=wrong("quantity") inputmode="numeric"/>
                    <Field
                        name=name("max_per_person")
                        id=id("max_per_person")
                        label="Per person"
                        value=row.max_per_person
                        error=wrong("max_per_person")
                        inputmode="numeric"
                        placeholder="10"
                    />
                </div>
                <details class="more-fields" open=has_more>
                    <summary>"Description and sales times"</summary>
                    <div class="form">
                        <TextField name=name("description") id=id("description") label="What it includes" value=row.description error=wrong("description") rows=2 maxlength=500/>
                        <div class="form-row">
                            <Field name=name("sales_from") id=id("sales_from") label="Sales begin" kind="datetime-local" value=row.sales_from error=wrong("sales_from")/>
                            <Field name=name("sales_until") id=id("sales_until") label="Sales end" kind="datetime-local" value=row.sales_until error=wrong("sales_until")/>
                        </div>
                    </div>
                </details>
                <label class="check">
                    <input type="checkbox" name=name("is_hidden") value="true" checked=row.is_hidden/>
                    <span>"Hidden: only with a promo code that opens it"</span>
                </label>
                <details class="more-fields" open=is_chosen>
                    <summary>"Who sets the price"</summary>
                    <div class="form-row">
                        <SelectField name=name("pricing") id=id("pricing") label="Who sets the price" options=pricings.to_vec() value=row.pricing error=wrong("pricing")/>
                        <Field name=name("suggested_price") id=id("suggested_price") label="Proposed to buyers" value=row.suggested_price error=wrong("suggested_price") inputmode="decimal" placeholder="nothing"/>
                    </div>
                </details>
                {is_stored.then(|| view! {
                    <label class="check">
                        <input type="checkbox" name=name("remove") value="true" checked=row.remove/>
                        <span>"Remove this ticket type when saving"</span>
                    </label>
                })}
            </fieldset>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_one_empty_row_until_the_limit() {
        let named = TicketTypeForm {
            name: "Early bird".into(),
            ..TicketTypeForm::default()
        };
        assert_eq!(with_empty_row(vec![]).len(), 1);
        assert_eq!(with_empty_row(vec![named.clone()]).len(), 2);
        assert_eq!(
            with_empty_row(vec![named.clone(), TicketTypeForm::default()]).len(),
            2
        );
        assert_eq!(with_empty_row(vec![named; MOST]).len(), MOST);
    }
}
