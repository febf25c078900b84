//! The fields of an event, as plain inputs.

use leptos::prelude::*;
use types::events::{CATEGORIES, EventForm};

use super::rows::TicketRows;
use crate::{
    components::{Field, Place, SelectField, TextField, field_error},
    rpc::RpcError,
};

/// Time zones that are offered; any IANA name can be typed.
const ZONES: &[&str] = &[
    "Europe/Berlin",
    "Europe/Vienna",
    "Europe/Zurich",
    "Europe/London",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Rome",
    "Europe/Warsaw",
    "Europe/Athens",
    "Europe/Lisbon",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Africa/Lagos",
    "Africa/Nairobi",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
    "UTC",
];

const LABELS: &[(&str, &str)] = &[
    ("title", "Title"),
    ("description", "Description"),
    ("category", "Category"),
    ("tags", "Tags"),
    ("visibility", "Who finds it"),
    ("starts", "Begins"),
    ("ends", "Ends"),
    ("time_zone", "Time zone"),
    ("venue_name", "Venue"),
    ("venue_address", "Address"),
    ("venue_latitude", "Latitude"),
    ("venue_longitude", "Longitude"),
    ("online_url", "Link"),
    ("capacity", "Places in all"),
    ("refund_hours", "Taking tickets back"),
];

/// The place of a field on the page: `title`, `ticket_types[1].price`.
pub(super) fn place(field: &str) -> Place {
    if let Some(rest) = field.strip_prefix("ticket_types[") {
        let (row, name) = rest.split_once("].")?;
        let number: usize = row.parse().ok()?;
        return Some((
            format!("tickets-{row}-{name}"),
            format!("Ticket type {}, {}", number + 1, name.replace('_', " ")),
        ));
    }
    let (_, label) = LABELS.iter().find(|(name, _)| *name == field)?;
    Some((field.to_owned(), (*label).to_owned()))
}

/// Every field of the editor. An event that takes RSVPs has no tickets to be sold.
pub(super) fn event_fields(
    form: &EventForm,
    takes_rsvps: bool,
    error: Signal<Option<RpcError>>,
) -> AnyView {
    let tickets = if takes_rsvps {
        view! { <p class="muted">"This event takes RSVPs, so it sells no tickets."</p> }.into_any()
    } else {
        view! { <TicketRows rows=form.ticket_types.clone() error=error/> }.into_any()
    };
    view! {
        {basics(form, error)}
        {when(form, error)}
        {wherever(form, error)}
        {tickets}
    }
    .into_any()
}

fn basics(form: &EventForm, error: Signal<Option<RpcError>>) -> AnyView {
    let categories = CATEGORIES
        .iter()
        .map(|(key, name)| ((*key).to_owned(), (*name).to_owned()))
        .collect();
    let category = if form.category.is_empty() {
        "other"
    } else {
        &form.category
    };
    let visibilities = visibilities(&form.visibility);
    view! {
        <section class="card editor-part" aria-labelledby="part-basics">
            <h2 id="part-basics">"What it is"</h2>
            <div class="form">
                <Field name="form[title]" id="title" label="Title" value=form.title.clone() error=field_error(error, "title") maxlength=120 required=true/>
                <TextField
                    name="form[description]"
                    id="description"
                    label="Description"
                    hint="Markdown: a blank line begins a paragraph, **bold**, *italic*, - for lists, ## for headings."
                    value=form.description.clone()
                    error=field_error(error, "description")
                    rows=10
                    maxlength=20_000
                />
                <div class="form-row">
                    <SelectField name="form[category]" id="category" label="Category" options=categories value=category error=field_error(error, "category")/>
                    <SelectField
                        name="form[visibility]"
                        id="visibility"
                        label="Who finds it"
                        options=visibilities
                        value=form.visibility.clone()
                        error=field_error(error, "visibility")
                    />
                </div>
                <Field
                    name="form[tags]"
                    id="tags"
                    label="Tags"
                    hint="Up to 12 words, with commas between them."
                    value=form.tags.clone()
                    error=field_error(error, "tags")
                    maxlength=400
                />
            </div>
        </section>
    }
    .into_any()
}

/// Who may find an event. Archiving is a step of its own; what is archived stays so when it is saved.
fn visibilities(current: &str) -> Vec<(String, String)> {
    let mut all = vec![
        ("public", "Everybody, in lists and search"),
        ("unlisted", "Whoever has the link"),
        ("members", "People with a ticket"),
    ];
    if current == "archived" {
        all.push(("archived", "Archived: out of all lists"));
    }
    all.into_iter()
        .map(|(key, name)| (key.to_owned(), name.to_owned()))
        .collect()
}

/// Until when buyers may give tickets back; what was set through the API is kept.
fn refund_hours(current: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = [
        ("", "Not at all"),
        ("0", "Until it begins"),
        ("24", "Until a day before"),
        ("48", "Until two days before"),
        ("168", "Until a week before"),
        ("336", "Until two weeks before"),
        ("720", "Until 30 days before"),
    ]
    .map(|(hours, name)| (hours.to_owned(), name.to_owned()))
    .into();
    if !all.iter().any(|(hours, _)| hours == current) {
        all.push((current.to_owned(), format!("Until {current} hours before")));
    }
    all
}

fn when(form: &EventForm, error: Signal<Option<RpcError>>) -> AnyView {
    let zones = ZONES
        .iter()
        .map(|zone| view! { <option value=*zone></option> })
        .collect_view();
    let zone_error = field_error(error, "time_zone");
    view! {
        <section class="card editor-part" aria-labelledby="part-when">
            <h2 id="part-when">"When"</h2>
            <div class="form">
                <div class="form-row">
                    <Field name="form[starts]" id="starts" label="Begins" kind="datetime-local" value=form.starts.clone() error=field_error(error, "starts") required=true/>
                    <Field name="form[ends]" id="ends" label="Ends" kind="datetime-local" value=form.ends.clone() error=field_error(error, "ends") required=true/>
                </div>
                <div class="field" class:has-error=move || zone_error.with(Option::is_some)>
                    <label class="field-label" for="time_zone">"Time zone"</label>
                    <p class="field-hint" id="time_zone-hint">"The zone the event takes place in, as in Europe/Berlin."</p>
                    <input
                        class="input"
                        id="time_zone"
                        name="form[time_zone]"
                        value=form.time_zone.clone()
                        list="zones"
                        maxlength="64"
                        required
                        aria-describedby="time_zone-hint time_zone-error"
                        aria-invalid=move || zone_error.with(Option::is_some).then_some("true")
                    />
                    <datalist id="zones">{zones}</datalist>
                    <p class="field-error" id="time_zone-error">{move || zone_error.get()}</p>
                </div>
            </div>
        </section>
    }
    .into_any()
}

fn wherever(form: &EventForm, error: Signal<Option<RpcError>>) -> AnyView {
    view! {
        <section class="card editor-part" aria-labelledby="part-where">
            <h2 id="part-where">"Where"</h2>
            <p class="muted">"A venue, a link, or both. Leave the venue empty for an event that is online only."</p>
            <div class="form">
                <Field name="form[venue_name]" id="venue_name" label="Venue" value=form.venue_name.clone() error=field_error(error, "venue_name") maxlength=120/>
                <Field
                    name="form[venue_address]"
                    id="venue_address"
                    label="Address"
                    hint="Street and city."
                    value=form.venue_address.clone()
                    error=field_error(error, "venue_address")
                    maxlength=300
                />
                <details class="more-fields" open=!form.venue_latitude.is_empty()>
                    <summary>"Exact position"</summary>
                    <div class="form-row">
                        <Field
                            name="form[venue_latitude]"
                            id="venue_latitude"
                            label="Latitude"
                            value=form.venue_latitude.clone()
                            error=field_error(error, "venue_latitude")
                            inputmode="decimal"
                            placeholder="52.5200"
                        />
                        <Field
                            name="form[venue_longitude]"
                            id="venue_longitude"
                            label="Longitude"
                            value=form.venue_longitude.clone()
                            error=field_error(error, "venue_longitude")
                            inputmode="decimal"
                            placeholder="13.4050"
                        />
                    </div>
                </details>
                <Field
                    name="form[online_url]"
                    id="online_url"
                    label="Link"
                    kind="url"
                    hint="Where people join online."
                    value=form.online_url.clone()
                    error=field_error(error, "online_url")
                    placeholder="https://"
                    maxlength=500
                />
                <Field
                    name="form[capacity]"
                    id="capacity"
                    label="Places in all"
                    hint="Over all ticket types. Leave it empty when the ticket types say it all."
                    value=form.capacity.clone()
                    error=field_error(error, "capacity")
                    inputmode="numeric"
                />
                <SelectField
                    name="form[refund_hours]"
                    id="refund_hours"
                    label="Taking tickets back"
                    hint="Until when buyers may give tickets back for their money. You can refund anybody at any time."
                    options=refund_hours(&form.refund_hours)
                    value=form.refund_hours.clone()
                    error=field_error(error, "refund_hours")
                />
            </div>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_an_error_is_found_on_the_page() {
        assert_eq!(place("starts"), Some(("starts".into(), "Begins".into())));
        assert_eq!(
            place("ticket_types[1].max_per_person"),
            Some((
                "tickets-1-max_per_person".into(),
                "Ticket type 2, max per person".into()
            ))
        );
        assert_eq!(
            (place("nothing"), place("ticket_types[x].name")),
            (None, None)
        );
    }
}
