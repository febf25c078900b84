//! A promo code on an event's page: typed into the ticket picker it goes along with the choice;
//! applied first, the page shows what it does.

use leptos::{ev::MouseEvent, html, prelude::*};
use leptos_router::params::ParamsMap;
use types::{
    FieldError, TicketTypeId,
    events::Event,
    orders::{HoldForm, ItemForm},
    promos::{Promo, PromoKind},
};

use super::choice::{Chosen, as_form};
use crate::{
    components::{Alert, Tone, read_once},
    links,
    rpc::{RpcError, error_of, orders::HoldPlaces},
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
    /// What it does, when it counts.
    pub promo: Option<Promo>,
    /// The ticket types that nobody sees without it.
    pub opened: Vec<TicketTypeId>,
}

impl Tried {
    /// A code that came back with the form stands in the field again. Why the one in the address
    /// was refused does not speak of it; the prices of the page stay those with the address's.
    pub fn or_typed(self, typed: &str) -> Self {
        if typed.is_empty() || is_same(&self.code, typed) {
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

/// The field for the code, and what the form that it is sent with was refused for.
#[derive(Clone, Copy)]
pub(super) struct CodeField {
    /// What stands in it.
    typed: RwSignal<String>,
    /// Why the form was refused. What is wrong with a code is so as long as that code is typed.
    pub error: Signal<Option<RpcError>>,
}

impl CodeField {
    /// Begins with what stands in it at first, and with the code `sent` with the form that came
    /// back.
    pub fn new(first: &str, sent: String, hold: ServerAction<HoldPlaces>) -> Self {
        let (typed, sent) = (RwSignal::new(first.to_owned()), RwSignal::new(sent));
        let (refused, is_tried) = (error_of(hold), hold.pending());
        // The answer speaks of the code that was typed when the form left.
        Effect::new(move |left: Option<String>| {
            if is_tried.get() {
                return typed.get_untracked();
            }
            if let Some(code) = left.clone() {
                sent.set(code);
            }
            left.unwrap_or_default()
        });
        // Not told anew with each letter.
        let error = Memo::new(move |_| {
            let is_sent = typed.with(|typed| sent.with(|sent| is_same(typed, sent)));
            let speaks = |error: &RpcError| is_sent || !is_about_code(error);
            refused.get().filter(speaks)
        });
        Self {
            typed,
            error: error.into(),
        }
    }

    fn has(self, code: &str) -> bool {
        self.typed.with(|typed| is_same(typed, code))
    }

    /// What is wrong with the code that is typed.
    fn wrong(self) -> Option<String> {
        let error = self.error.get()?;
        error.of_field("promo_code")
    }
}

/// Is the code all that was wrong with the form?
fn is_about_code(error: &RpcError) -> bool {
    let is_code = |field: &FieldError| field.field == "promo_code";
    !error.fields.is_empty() && error.fields.iter().all(is_code)
}

/// What becomes of the code that the page shows its tickets with, once the form is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Standing {
    /// It counts.
    Counts,
    /// No code is sent.
    Left,
    /// Another one is sent.
    Replaced,
    /// The code that is typed was refused, also when it is this one.
    Refused { typed: String, why: String },
}

impl Standing {
    fn of(code: &str, typed: &str, wrong: Option<String>) -> Self {
        let normal = || typed.trim().to_uppercase();
        match wrong {
            Some(why) => Self::Refused {
                typed: normal(),
                why,
            },
            None if is_same(code, typed) => Self::Counts,
            None if normal().is_empty() => Self::Left,
            None => Self::Replaced,
        }
    }
}

/// Says which code the tickets are shown with, if with one, and whether it is the one that will
/// count.
pub(super) fn note(
    promo: Option<Promo>,
    field: CodeField,
) -> impl Fn() -> Option<AnyView> + Send + 'static {
    let code = promo.as_ref().map(|promo| promo.code.clone());
    let standing = Memo::new(move |_| {
        let (code, wrong) = (code.as_ref()?, field.wrong());
        Some(field.typed.with(|typed| Standing::of(code, typed, wrong)))
    });
    move || Some(told(promo.as_ref()?, &standing.get()?))
}

fn told(promo: &Promo, standing: &Standing) -> AnyView {
    let code = &promo.code;
    let text = match standing {
        Standing::Counts => {
            let title = format!("Code {code} counts.");
            let text = does(promo);
            return view! { <Alert tone=Tone::Success title=title>{text}</Alert> }.into_any();
        }
        Standing::Left => {
            "No code is typed now, so none counts. Apply that to see the tickets without one."
                .to_owned()
        }
        Standing::Replaced => {
            "Another code is typed now, and only one counts. Apply it to see what it does."
                .to_owned()
        }
        Standing::Refused { typed, why } if is_same(typed, code) => {
            format!("But now it was refused. {why}")
        }
        Standing::Refused { typed, why } => {
            format!("Code {typed} was refused. {why} Type {code} again to buy with it.")
        }
    };
    let title = format!("You see the tickets with code {code}.");
    view! { <Alert tone=Tone::Warning title=title>{text}</Alert> }.into_any()
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
    field: CodeField,
) -> AnyView {
    let (input, page) = (NodeRef::<html::Input>::new(), slug.to_owned());
    let apply = move |event: MouseEvent| {
        event.prevent_default();
        if let Some(input) = input.get_untracked() {
            let choice = chosen.with_untracked(|chosen| as_form(chosen, input.value()));
            ssr::redirect(&links::event_with_choice(&page, &choice));
        }
    };
    let read = move || {
        if let Some(input) = input.get_untracked() {
            field.typed.set(input.value());
        }
    };
    read_once(input, read);
    let (refused, code) = (tried.refused.clone(), tried.code.clone());
    let wrong = Signal::derive(move || {
        // Another code was typed since: it was not refused yet.
        let refused = refused.as_ref().filter(|_| field.has(&code));
        field.wrong().or_else(|| refused.map(RpcError::text))
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
                        on:input=move |_| read()
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
            promo: None,
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
    fn a_code_counts_as_long_as_it_is_typed_and_was_not_refused() {
        let why = || Some("It is over.".to_owned());
        let refused = |typed: &str| Standing::Refused {
            typed: typed.to_owned(),
            why: "It is over.".to_owned(),
        };
        let of = |typed: &str, wrong| Standing::of("SPRING", typed, wrong);
        assert_eq!(of(" spring ", None), Standing::Counts);
        assert_eq!(of(" ", None), Standing::Left);
        assert_eq!(of("summer", None), Standing::Replaced);
        assert_eq!(of("summer", why()), refused("SUMMER"));
        assert_eq!(of("spring", why()), refused("SPRING"));
    }

    #[test]
    fn other_faults_stay_when_another_code_is_typed() {
        let fault = |fields: &[&str]| RpcError {
            fields: fields
                .iter()
                .map(|field| FieldError::new(*field, "unknown", ""))
                .collect(),
            ..RpcError::new(types::Code::Invalid)
        };
        assert!(is_about_code(&fault(&["promo_code"])));
        assert!(!is_about_code(&fault(&["promo_code", "items"])));
        assert!(!is_about_code(&fault(&[])));
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
