//! Form fields with a visible label, a hint and an error. They are plain inputs:
//! forms work before and without JavaScript. The starting value is an attribute,
//! never a property, so that late hydration erases nothing that was typed.

use leptos::prelude::*;

use super::Icon;

/// Label, hint and error around a control with the id `id`.
fn wrapped(
    id: &str,
    label: String,
    hint: Option<String>,
    error: Signal<Option<String>>,
    control: AnyView,
) -> AnyView {
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    view! {
        <div class="field" class:has-error=move || error.with(Option::is_some)>
            <label class="field-label" for=id.to_owned()>{label}</label>
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            {control}
            <p class="field-error" id=error_id>{move || error.get()}</p>
        </div>
    }
    .into_any()
}

fn described_by(id: &str, has_hint: bool) -> String {
    if has_hint {
        format!("{id}-hint {id}-error")
    } else {
        format!("{id}-error")
    }
}

/// A text box of one line.
#[component]
pub fn Field(
    /// As sent to the server; also the element's id unless `id` says otherwise.
    #[prop(into)]
    name: String,
    /// For people, always visible.
    #[prop(into)]
    label: String,
    /// `email`, `password`, `number`, `date`, `datetime-local` …
    #[prop(default = "text")]
    kind: &'static str,
    /// What stands in it at first.
    #[prop(optional, into)]
    value: String,
    /// What is expected.
    #[prop(optional, into)]
    hint: Option<String>,
    /// What is wrong with it now.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The `autocomplete` token.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// Must something be typed?
    #[prop(optional)]
    required: bool,
    /// The `inputmode`: `numeric`, `decimal` …
    #[prop(optional)]
    inputmode: Option<&'static str>,
    /// An example.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// The most characters.
    #[prop(optional)]
    maxlength: Option<u32>,
    /// When the name is not unique on the page.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let control = view! {
        <input
            class="input"
            id=id.clone()
            name=name
            type=kind
            value=value
            autocomplete=autocomplete
            inputmode=inputmode
            placeholder=placeholder
            required=required
            maxlength=maxlength.map(|most| most.to_string())
            aria-describedby=described_by(&id, hint.is_some())
            aria-invalid=move || error.with(Option::is_some).then_some("true")
        />
    };
    wrapped(&id, label, hint, error, control.into_any())
}

/// A text box of several lines.
#[component]
pub fn TextField(
    /// See [`Field`].
    #[prop(into)]
    name: String,
    /// See [`Field`].
    #[prop(into)]
    label: String,
    /// See [`Field`].
    #[prop(optional, into)]
    value: String,
    /// See [`Field`].
    #[prop(optional, into)]
    hint: Option<String>,
    /// See [`Field`].
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// How tall it is at first.
    #[prop(default = 4)]
    rows: u32,
    /// See [`Field`].
    #[prop(optional)]
    required: bool,
    /// See [`Field`].
    #[prop(optional)]
    maxlength: Option<u32>,
    /// See [`Field`].
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let control = view! {
        <textarea
            class="input"
            id=id.clone()
            name=name
            rows=rows.to_string()
            required=required
            maxlength=maxlength.map(|most| most.to_string())
            aria-describedby=described_by(&id, hint.is_some())
            aria-invalid=move || error.with(Option::is_some).then_some("true")
        >
            {value}
        </textarea>
    };
    wrapped(&id, label, hint, error, control.into_any())
}

/// One of several.
#[component]
pub fn SelectField(
    /// See [`Field`].
    #[prop(into)]
    name: String,
    /// See [`Field`].
    #[prop(into)]
    label: String,
    /// Value and text of each.
    options: Vec<(String, String)>,
    /// Which is chosen at first.
    #[prop(optional, into)]
    value: String,
    /// See [`Field`].
    #[prop(optional, into)]
    hint: Option<String>,
    /// See [`Field`].
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// See [`Field`].
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let id = id.unwrap_or_else(|| name.clone());
    let options = options
        .into_iter()
        .map(|(key, text)| {
            let is_chosen = key == value;
            view! { <option value=key selected=is_chosen>{text}</option> }
        })
        .collect_view();
    let control = view! {
        <div class="select">
            <select
                class="input"
                id=id.clone()
                name=name
                aria-describedby=described_by(&id, hint.is_some())
                aria-invalid=move || error.with(Option::is_some).then_some("true")
            >
                {options}
            </select>
            <Icon name="chevron-down"/>
        </div>
    };
    wrapped(&id, label, hint, error, control.into_any())
}

/// A radio button or a tick box with its label, as a chip or a line.
#[component]
pub fn Choice(
    /// As sent to the server.
    #[prop(into)]
    name: String,
    /// What is sent when it is chosen.
    #[prop(into)]
    value: String,
    /// For people.
    #[prop(into)]
    label: String,
    /// `radio` or `checkbox`.
    #[prop(default = "radio")]
    kind: &'static str,
    /// Chosen at first?
    #[prop(optional)]
    checked: bool,
    /// Must one of its name be chosen?
    #[prop(optional)]
    required: bool,
    /// `chip` or `choice-card`.
    #[prop(default = "chip")]
    class: &'static str,
    /// A second line, in cards.
    #[prop(optional, into)]
    hint: Option<String>,
) -> impl IntoView {
    view! {
        <label class=class>
            <input type=kind name=name value=value checked=checked required=required/>
            <span class="choice-text">
                <span>{label}</span>
                {hint.map(|hint| view! { <small>{hint}</small> })}
            </span>
        </label>
    }
    .into_any()
}

/// A form's main button. Says that it works while it works, and cannot be pressed twice.
#[component]
pub fn Submit(
    /// What happens.
    #[prop(into)]
    label: String,
    /// Is the answer awaited? `action.pending().into()`.
    #[prop(optional, into)]
    pending: Signal<bool>,
    /// `btn-primary`, `btn-secondary`, `btn-ghost`, `btn-danger`; also `btn-large`, `btn-block`.
    #[prop(default = "btn-primary")]
    class: &'static str,
) -> impl IntoView {
    view! {
        <button
            type="submit"
            class=format!("btn {class}")
            class:is-pending=pending
            aria-disabled=move || pending.get().then_some("true")
            on:click=move |event| {
                if pending.get_untracked() {
                    event.prevent_default();
                }
            }
        >
            {label}
        </button>
    }
    .into_any()
}
