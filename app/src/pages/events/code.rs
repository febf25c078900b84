//! A promo code on an event's page: typed into the ticket picker it goes along with the choice;
//! applied first, the page shows what it does.

use leptos::{
    ev::{self, MouseEvent},
    html,
    prelude::*,
};
use leptos_router::params::ParamsMap;
use types::{
    TicketTypeId,
    events::Event,
    orders::{HoldForm, ItemForm},
    promos::{Promo, PromoKind},
};

use super::choice::{Chosen, as_form};
use crate::{
    components::{Alert, Tone},
    links,
    rpc::RpcError,
    ssr,
};

/// The field's name in the picker's form.
const FIELD: &str = "form[promo_code]";

/// At most so many rows of the picker's form are read from an address.
const ROWS: usize = 20;

/// The promo code in the page's address.
#[derive(Clone)]
pub(super) struct Tried {
    /// As it was typed; empty without one.
    pub code: String,
    /// Why it does not count.
    pub refused: Option<RpcError>,
    /// The ticket types that nobody sees without it.
    pub opened: Vec<TicketTypeId>,
}

impl Tried {
    /// Did another code come back with the form than the one that was tried?
    pub fn is_other(&self, typed: &str) -> bool {
        !typed.is_empty() && !is_same(&self.code, typed)
    }

    /// A code that came back with the form stands in the field again. What is known of the one
    /// in the address does not speak of it.
    pub fn or_typed(self, typed: &str) -> Self {
        if !self.is_other(typed) {
            return self;
        }
        Self {
            code: typed.to_owned(),
            refused: None,
            ..self
        }
    }
}

/// Upper and lower case are the same.
fn is_same(code: &str, other: &str) -> bool {
    code.trim().eq_ignore_ascii_case(other.trim())
}

/// The picker's form, when it was sent to the page by the plain button that applies the code.
pub(super) fn sent_along(query: &ParamsMap) -> Option<HoldForm> {
    let promo_code = query.get(FIELD)?;
    let row = |index: usize| {
        let value = |field: &str| query.get(&format!("form[items][{index}][{field}]"));
        Some(ItemForm {
            ticket_type_id: value("ticket_type_id")?,
            quantity: value("quantity").unwrap_or_default(),
            amount: value("amount").unwrap_or_default(),
        })
    };
    Some(HoldForm {
        items: (0..ROWS).filter_map(row).collect(),
        promo_code,
    })
}

/// Says what the code does that counts.
pub(super) fn applied(event: &Event) -> Option<AnyView> {
    let promo = event.promo.as_ref()?;
    let (title, text) = (format!("Code {} counts.", promo.code), does(promo));
    Some(view! { <Alert tone=Tone::Success title=title>{text}</Alert> }.into_any())
}

fn does(promo: &Promo) -> String {
    match (promo.kind, promo.percent, promo.amount) {
        (PromoKind::Percent, Some(percent), _) => format!("{percent}% off each ticket it is for."),
        (PromoKind::Amount, _, Some(amount)) => format!("{amount} off each ticket it is for."),
        _ => "It opens tickets that not everybody sees.".to_owned(),
    }
}

/// The field in the picker's form. Its button comes behind the one that buys, which so stays the
/// one that Enter presses. What is chosen goes along.
pub(super) fn code_field(
    slug: &str,
    tried: &Tried,
    chosen: RwSignal<Vec<Chosen>>,
    error: Signal<Option<RpcError>>,
) -> AnyView {
    let (input, page) = (NodeRef::<html::Input>::new(), slug.to_owned());
    let apply = move |event: MouseEvent| {
        event.prevent_default();
        if let Some(input) = input.get_untracked() {
            let choice = chosen.with_untracked(|chosen| as_form(chosen, input.value()));
            ssr::redirect(&links::event_with_choice(&page, &choice));
        }
    };
    let (refused, code) = (tried.refused.clone(), tried.code.clone());
    // Another code was typed since: it was not refused yet.
    let is_other = RwSignal::new(false);
    let typed = move |event: ev::Event| is_other.set(!is_same(&code, &event_target_value(&event)));
    let wrong = Signal::derive(move || {
        let error = error.get().and_then(|error| error.of_field("promo_code"));
        let refused = refused.as_ref().filter(|_| !is_other.get());
        error.or_else(|| refused.map(RpcError::text))
    });
    let is_open = !tried.code.is_empty();
    view! {
        <details class="picker-code" open=move || is_open || wrong.with(Option::is_some)>
            <summary>"Have a code?"</summary>
            <div class="field" class:has-error=move || wrong.with(Option::is_some)>
                <label class="field-label" for="promo-code">"Promo code"</label>
                <div class="picker-code-row">
                    <input
                        class="input"
                        id="promo-code"
                        name=FIELD
                        value=tried.code.clone()
                        maxlength="60"
                        autocomplete="off"
                        autocapitalize="characters"
                        node_ref=input
                        on:input=typed
                        aria-describedby="promo-code-error"
                        aria-invalid=move || wrong.with(Option::is_some).then_some("true")
                    />
                    <button
                        type="submit"
                        class="btn btn-secondary"
                        formmethod="get"
                        formaction=links::event(slug)
                        formnovalidate=true
                        on:click=apply
                    >
                        "Apply"
                    </button>
                </div>
                <p class="field-error" id="promo-code-error" role="status">{move || wrong.get()}</p>
            </div>
        </details>
    }
    .into_any()
}

/// The field alone, where nothing is on offer without a code.
pub(super) fn code_form(event: &Event, tried: &Tried) -> AnyView {
    let wrong = tried.refused.as_ref().map(RpcError::text);
    let is_wrong = wrong.is_some();
    view! {
        <form method="get" action=links::event(&event.slug) class="field" class:has-error=is_wrong>
            <label class="field-label" for="promo-code">"Promo code"</label>
            <div class="picker-code-row">
                <input
                    class="input"
                    id="promo-code"
                    name="code"
                    value=tried.code.clone()
                    maxlength="60"
                    autocomplete="off"
                    aria-describedby="promo-code-error"
                    aria-invalid=is_wrong.then_some("true")
                />
                <button type="submit" class="btn btn-secondary">"Apply"</button>
            </div>
            <p class="field-error" id="promo-code-error">{wrong}</p>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_speaks_of_the_code_that_was_tried() {
        let tried = Tried {
            code: "SPRING".into(),
            refused: Some(RpcError::new(types::Code::UnknownPromoCode)),
            opened: vec![],
        };
        let same = tried.clone().or_typed(" spring");
        assert_eq!(
            (same.code.as_str(), same.refused.is_some()),
            ("SPRING", true)
        );
        let other = tried.or_typed("SUMMER");
        assert_eq!((other.code.as_str(), other.refused), ("SUMMER", None));
    }

    #[test]
    fn a_plain_form_sends_the_choice_along_with_the_code() {
        let mut query = ParamsMap::new();
        assert_eq!(sent_along(&query), None);
        // The row before was not on sale.
        let fields = [
            ("form[promo_code]", "spring"),
            ("form[items][1][ticket_type_id]", "b"),
            ("form[items][1][quantity]", "2"),
            ("form[items][2][quantity]", "3"),
        ];
        for (name, value) in fields {
            query.insert(name, value.to_owned());
        }
        let chosen = ItemForm {
            ticket_type_id: "b".into(),
            quantity: "2".into(),
            amount: String::new(),
        };
        let form = HoldForm {
            items: vec![chosen],
            promo_code: "spring".into(),
        };
        assert_eq!(sent_along(&query), Some(form));
    }
}
