//! An event's metadata document as parts of its page. The document is free JSON;
//! what has a known shape gets its own look, single values become facts, the rest
//! is left to programs.

use leptos::prelude::*;
use serde_json::{Map, Value};

/// What the page shows of the document.
#[derive(Debug, Default, PartialEq)]
pub struct Details {
    /// Who performs: name, and what or when.
    pub lineup: Vec<(String, String)>,
    /// What happens: time, title, more.
    pub schedule: Vec<(String, String, String)>,
    /// Who helps.
    pub sponsors: Vec<String>,
    /// Single values with their names.
    pub facts: Vec<(String, String)>,
}

impl Details {
    /// Reads the document.
    pub fn from_document(document: &Value) -> Self {
        let Some(fields) = document.as_object() else {
            return Self::default();
        };
        let list = |names: [&str; 2]| {
            names
                .iter()
                .find_map(|name| fields.get(*name)?.as_array())
                .cloned()
                .unwrap_or_default()
        };
        Self {
            lineup: list(["lineup", "line_up"])
                .iter()
                .filter_map(performer)
                .collect(),
            schedule: list(["schedule", "programme"])
                .iter()
                .filter_map(slot)
                .collect(),
            sponsors: list(["sponsors", "partners"])
                .iter()
                .filter_map(|value| Some(performer(value)?.0))
                .collect(),
            facts: fields
                .iter()
                .filter_map(|(name, value)| Some((label(name), scalar(value)?)))
                .collect(),
        }
    }
}

/// A plain name, or an object with a name and something about it.
fn performer(value: &Value) -> Option<(String, String)> {
    if let Some(name) = value.as_str() {
        return Some((name.to_owned(), String::new()));
    }
    let fields = value.as_object()?;
    let about = [
        text(fields, &["role", "genre", "note", "stage", "description"]),
        text(fields, &["time", "starts", "at"]),
    ];
    let about: Vec<_> = about.into_iter().flatten().collect();
    Some((
        text(fields, &["name", "artist", "title"])?,
        about.join(" · "),
    ))
}

fn slot(value: &Value) -> Option<(String, String, String)> {
    let fields = value.as_object()?;
    let title = text(fields, &["title", "name", "what"])?;
    let time = text(fields, &["time", "starts", "at"]).unwrap_or_default();
    Some((
        time,
        title,
        text(fields, &["description", "by", "speaker", "note", "stage"]).unwrap_or_default(),
    ))
}

fn text(fields: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| scalar(fields.get(*name)?))
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() && text.chars().count() <= 300 => {
            Some(text.clone())
        }
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(if *yes { "Yes" } else { "No" }.to_owned()),
        _ => None,
    }
}

/// `age_limit` → `Age limit`.
fn label(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut chars = words.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// The parts that the document has.
#[component]
pub fn DetailsView(
    /// Read from the document.
    details: Details,
) -> impl IntoView {
    let Details {
        lineup,
        schedule,
        sponsors,
        facts,
    } = details;
    let part = |title: &'static str, has: bool, content: AnyView| {
        has.then(|| {
            view! { <section class="event-part"><h2>{title}</h2>{content}</section> }.into_any()
        })
    };
    let (has_lineup, has_schedule, has_sponsors, has_facts) = (
        !lineup.is_empty(),
        !schedule.is_empty(),
        !sponsors.is_empty(),
        !facts.is_empty(),
    );
    let lineup = lineup
        .into_iter()
        .map(|(name, about)| {
            view! { <li><strong>{name}</strong><span>{about}</span></li> }.into_any()
        })
        .collect_view();
    let schedule = schedule.into_iter().map(|(time, title, more)| view! { <li><span class="schedule-time">{time}</span><span><strong>{title}</strong><span class="muted">{more}</span></span></li> }.into_any()).collect_view();
    let facts = facts
        .into_iter()
        .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any())
        .collect_view();
    view! {
        {part("Line-up", has_lineup, view! { <ul class="lineup" role="list">{lineup}</ul> }.into_any())}
        {part("Schedule", has_schedule, view! { <ol class="schedule" role="list">{schedule}</ol> }.into_any())}
        {part("Good to know", has_facts, view! { <dl class="event-facts">{facts}</dl> }.into_any())}
        {part("With the help of", has_sponsors, view! { <p class="sponsors">{sponsors.join(" · ")}</p> }.into_any())}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn known_shapes_are_found_and_the_rest_is_left_alone() {
        let details = Details::from_document(&json!({
            "lineup": ["Nightjar", {"name": "Ida Blom", "role": "Piano", "time": "21:00"}, {"nobody": 1}, 7],
            "schedule": [{"time": "19:00", "title": "Doors"}, "nonsense"],
            "sponsors": [{"name": "Harbour Radio"}],
            "age_limit": 18,
            "wheelchair-access": true,
            "nested": {"a": 1},
            "empty": "",
        }));
        assert_eq!(
            details.lineup,
            [
                ("Nightjar".into(), String::new()),
                ("Ida Blom".into(), "Piano · 21:00".to_owned())
            ]
        );
        assert_eq!(
            details.schedule,
            [("19:00".into(), "Doors".into(), String::new())]
        );
        assert_eq!(details.sponsors, ["Harbour Radio"]);
        assert_eq!(
            details.facts,
            [
                ("Age limit".into(), "18".to_owned()),
                ("Wheelchair access".into(), "Yes".to_owned())
            ]
        );
        assert_eq!(Details::from_document(&json!([1, 2])), Details::default());
    }
}
