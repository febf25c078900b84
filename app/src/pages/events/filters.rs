//! The browse page's form. A plain GET form: the address is the state.

use leptos::prelude::*;
use leptos_router::{location::Url, params::ParamsMap};
use types::events::{BrowseForm, CATEGORIES, When, category_name};

use crate::{
    components::{Choice, Field, Icon, SelectField},
    ssr,
};

/// The form as the page's address says it.
pub fn from_query(query: &ParamsMap) -> BrowseForm {
    let value = |name: &str| query.get(name).unwrap_or_default();
    BrowseForm {
        q: value("q"),
        category: value("category"),
        tag: value("tag"),
        organizer: value("organizer"),
        when: value("when"),
        from: value("from"),
        to: value("to"),
        time_zone: value("time_zone"),
        price: value("price"),
        sort: value("sort"),
        cursor: value("cursor"),
        limit: String::new(),
    }
}

/// The page's address for a form; empty fields are left out.
pub fn address(form: &BrowseForm) -> String {
    let fields = [
        ("q", &form.q),
        ("category", &form.category),
        ("tag", &form.tag),
        ("organizer", &form.organizer),
        ("when", &form.when),
        ("from", &form.from),
        ("to", &form.to),
        ("time_zone", &form.time_zone),
        ("price", &form.price),
        ("sort", &form.sort),
        ("cursor", &form.cursor),
    ];
    let chosen = fields.iter().filter(|(_, value)| !value.is_empty());
    let pairs: Vec<_> = chosen
        .map(|(name, value)| format!("{name}={}", Url::escape(value)))
        .collect();
    if pairs.is_empty() {
        "/events".to_owned()
    } else {
        format!("/events?{}", pairs.join("&"))
    }
}

/// What the form asks for, as a heading: `Free music events this weekend`.
pub fn heading(form: &BrowseForm) -> String {
    let mut words = Vec::new();
    if form.price == "free" {
        words.push("free".to_owned());
    }
    if !form.category.is_empty() {
        words.push(category_name(&form.category).to_lowercase());
    }
    words.push("events".to_owned());
    words.extend(when_words(form));
    if !form.q.is_empty() {
        words.push(format!("for “{}”", form.q));
    }
    if !form.tag.is_empty() {
        words.push(format!("tagged {}", form.tag));
    }
    if !form.organizer.is_empty() {
        words.push(format!("by @{}", form.organizer));
    }
    capitalized(&words.join(" "))
}

fn when_words(form: &BrowseForm) -> Option<String> {
    match When::from_text(&form.when)? {
        When::Today => Some("today".to_owned()),
        When::Weekend => Some("this weekend".to_owned()),
        When::Week => Some("in the next seven days".to_owned()),
        When::Past => Some("from the past".to_owned()),
        When::Custom => match (form.from.is_empty(), form.to.is_empty()) {
            (false, false) => Some(format!("from {} to {}", day(&form.from), day(&form.to))),
            (false, true) => Some(format!("from {}", day(&form.from))),
            (true, false) => Some(format!("until {}", day(&form.to))),
            (true, true) => None,
        },
    }
}

/// `2026-11-05` → `5 Nov 2026`; anything else stays as it is.
fn day(date: &str) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let worded = || {
        let mut parts = date.splitn(3, '-');
        let year: u16 = parts.next()?.parse().ok()?;
        let month: usize = parts.next()?.parse().ok()?;
        let day: u8 = parts.next()?.parse().ok()?;
        Some(format!(
            "{day} {} {year}",
            MONTHS.get(month.checked_sub(1)?)?
        ))
    };
    worded().unwrap_or_else(|| date.to_owned())
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// The form.
#[component]
pub fn Filters(
    /// What is chosen now.
    form: BrowseForm,
) -> impl IntoView {
    let has_more = !(form.category.is_empty() && form.price.is_empty() && form.sort.is_empty());
    let kept = [
        ("tag", form.tag.clone()),
        ("organizer", form.organizer.clone()),
    ];
    let kept = kept
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view();
    view! {
        <form class="filters" role="search" action="/events" method="get">
            {kept}
            <TimeZone chosen=form.time_zone.clone()/>
            <div class="filters-search">
                <label class="field-label" for="q">"What, who or where"</label>
                <div class="search-box">
                    <Icon name="search"/>
                    <input id="q" type="search" name="q" value=form.q.clone() maxlength="200" autocomplete="off" enterkeyhint="search" placeholder="Title, artist, place …"/>
                    <button class="btn btn-primary" type="submit">"Search"</button>
                </div>
            </div>
            {when_choices(&form)}
            <details class="filters-more" open=has_more>
                <summary class="btn btn-ghost"><Icon name="filter"/>"Category, price, order"</summary>
                <div class="filters-grid">
                    <SelectField name="category" label="Category" options=categories() value=form.category.clone()/>
                    <SelectField name="price" label="Price" options=prices(&form.price) value=form.price.clone()/>
                    <SelectField name="sort" label="Order" options=orders() value=form.sort.clone()/>
                    <button class="btn btn-secondary" type="submit">"Apply"</button>
                </div>
            </details>
        </form>
    }
    .into_any()
}

/// Whose days the form means: those of whoever looks, as soon as a script can say it.
#[component]
fn TimeZone(
    /// What the address says.
    chosen: String,
) -> impl IntoView {
    let zone = RwSignal::new(chosen);
    Effect::new(move |_| {
        if let Some(here) = ssr::time_zone() {
            zone.set(here);
        }
    });
    view! { <input type="hidden" name="time_zone" value=move || zone.get() disabled=move || zone.with(String::is_empty)/> }
        .into_any()
}

fn when_choices(form: &BrowseForm) -> AnyView {
    let choices = [
        ("", "Any time"),
        ("today", "Today"),
        ("weekend", "This weekend"),
        ("week", "Next 7 days"),
        ("custom", "Pick dates"),
        ("past", "Past"),
    ];
    let chips = choices
        .into_iter()
        .map(|(value, label)| {
            let is_chosen = form.when == value;
            view! { <Choice name="when" value=value label=label checked=is_chosen/> }
        })
        .collect_view();
    view! {
        <fieldset class="choices filters-when">
            <legend>"When"</legend>
            <div class="chip-row">{chips}</div>
            <div class="filters-dates">
                <Field name="from" label="From" kind="date" value=form.from.clone()/>
                <Field name="to" label="Until" kind="date" value=form.to.clone()/>
            </div>
        </fieldset>
    }
    .into_any()
}

fn options(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()))
        .collect()
}

fn categories() -> Vec<(String, String)> {
    [options(&[("", "All categories")]), options(CATEGORIES)].concat()
}

/// An amount typed into the address is offered too, so that it stays chosen.
fn prices(chosen: &str) -> Vec<(String, String)> {
    let mut prices = options(&[
        ("", "Any price"),
        ("free", "Free"),
        ("10", "Up to €10"),
        ("25", "Up to €25"),
        ("50", "Up to €50"),
        ("100", "Up to €100"),
    ]);
    if !prices.iter().any(|(key, _)| key == chosen) {
        prices.push((chosen.to_owned(), format!("Up to €{chosen}")));
    }
    prices
}

fn orders() -> Vec<(String, String)> {
    options(&[
        ("", "Soonest first"),
        ("-created_at", "Newest first"),
        ("price", "Cheapest first"),
        ("-price", "Dearest first"),
        ("title", "By title"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_keeps_what_was_chosen_and_nothing_else() {
        assert_eq!(address(&BrowseForm::default()), "/events");
        let form = BrowseForm {
            q: "jazz & soul".into(),
            when: "weekend".into(),
            ..BrowseForm::default()
        };
        assert_eq!(address(&form), "/events?q=jazz%20%26%20soul&when=weekend");
    }

    #[test]
    fn the_heading_says_what_is_shown() {
        let form = BrowseForm {
            price: "free".into(),
            category: "music".into(),
            when: "weekend".into(),
            ..BrowseForm::default()
        };
        assert_eq!(heading(&form), "Free music events this weekend");
        assert_eq!(heading(&BrowseForm::default()), "Events");
        let form = BrowseForm {
            when: "custom".into(),
            from: "2026-11-05".into(),
            to: "soon".into(),
            ..BrowseForm::default()
        };
        assert_eq!(heading(&form), "Events from 5 Nov 2026 to soon");
    }
}
