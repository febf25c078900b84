//! What is wrong with a field, in words that say what to do. Errors carry field names
//! and codes; the sentences are made here, so that no link can bring its own.

/// The sentence for a field and its error's code, where there is one for just this.
pub fn of_field(field: &str, code: &str) -> Option<&'static str> {
    let name = field
        .rsplit(['.', ']'])
        .find(|part| !part.is_empty())
        .unwrap_or(field);
    let name = name.split_once('[').map_or(name, |(list, _)| list);
    Some(match (name, code) {
        ("password", "too_short") => "Use at least 10 characters.",
        ("password", "common") => "Many people use this one. Choose something less common.",
        ("password", "personal") => "Do not use your e-mail, name or handle.",
        ("handle", "format") => {
            "Use 3 to 30 letters, digits, - or _, with a letter or digit at both ends."
        }
        ("email", "format") => "An e-mail address looks like name@example.org.",
        ("starts", "range") => "It has to begin in the future.",
        ("ends", "range") => "It has to end after it begins, within a year.",
        (
            "starts" | "ends" | "sales_from" | "sales_until" | "opens_at" | "valid_from"
            | "valid_until",
            "format",
        ) => "Use a date and a time.",
        ("sales_until", "range") => "Sales have to end after they begin.",
        ("time_zone", _) => "Use a time zone like Europe/Berlin.",
        ("price", "donation") => "A donation begins at nothing: leave this empty.",
        ("suggested_price", "unknown") => "Only buyers who choose the price are proposed one.",
        ("suggested_price", "range") => "Propose at least the price.",
        ("suggested_price", _) => "Use an amount like 12.50, or leave it empty.",
        ("unit_price_minor", "required") => "Say how much you pay for one.",
        ("unit_price_minor", "below_minimum") => "Pay at least what is asked for.",
        ("unit_price_minor", _) => "Use an amount like 12.50.",
        ("price", _) => "Use an amount like 12.50, or leave it empty for free.",
        ("quantity", _) if !field.starts_with("ticket_types") => {
            "Choose at least one, and not more than there are."
        }
        ("quantity", "required") => "Say how many there are.",
        ("quantity", _) => "Use a number from 1 to 1,000,000.",
        ("max_per_person", _) => "Use a number from 1 to 100.",
        ("capacity" | "max_uses", _) => "Use a number from 1 to 1,000,000, or leave it empty.",
        ("venue_name", "required") => "Give the venue a name, or leave the whole venue empty.",
        ("venue_latitude" | "venue_longitude", _) => {
            "Use degrees like 52.52, for both or for none."
        }
        ("online_url", "format") => "Use an address like https://example.org.",
        ("tags", _) => "Use at most 12 words of at most 30 characters.",
        ("currency", "unknown") => "Use a currency like EUR.",
        ("currency" | "ticket_types", "currency_mismatch") => {
            "All ticket types of an event share one currency."
        }
        ("to", "format") => "Use a handle or an e-mail address.",
        ("to", "unknown") => "Nobody has this handle. Use another one, or an e-mail address.",
        ("to", "self") => "That is you. Name somebody else.",
        ("tickets" | "items", "required") => "Choose at least one ticket.",
        ("items", "range") => "That costs more than can be paid at once.",
        ("ticket_type_id", "unknown") => "This event has no such tickets. Load the page again.",
        ("promo_code", "unknown") => "This code is not known for this event.",
        ("promo_code", "not_yet") => "This code does not count yet.",
        ("promo_code", "over") => "This code does not count any more.",
        ("promo_code", "used_up") => "This code was used as often as it can be.",
        ("promo_code", "used_by_you") => "You have used this code already.",
        ("promo_code", "other_tickets") => {
            "This code is for other tickets. Choose those, or leave it out."
        }
        ("code", "format") => "Use 3 to 40 letters, digits, - or _.",
        ("code", "taken") => "This event has this code already.",
        ("value", "required") => "Say how much the code takes off.",
        ("value", "currency_mismatch") => "Use the currency of the event's tickets.",
        ("value", _) => "Use 1 to 100 percent, or an amount like 5.00.",
        ("max_uses_per_person", _) => "Use a number from 1 to 1,000, or leave it empty.",
        ("valid_until", "range") => "It has to end after it begins.",
        ("unlocks", "required") => "Choose a hidden ticket type that it opens.",
        ("opens_at", "range") => {
            "It has to open in the future, before the event ends and not before the first tickets are on sale."
        }
        ("answer", _) => "Choose one of the answers.",
        ("party" | "max_party", _) => "Use a number from 1 up to the most there may be.",
        ("until_hours", "range") => {
            "It has to be later than the question: fewer hours before it begins."
        }
        ("ask_hours" | "until_hours", "required") => "Say both hours, or leave both empty.",
        ("ask_hours" | "until_hours", _) => "Use a whole number of hours, at most 8,760.",
        ("method", "not_offered") => "This event is not paid like this. Choose another way.",
        ("method", "too_late") => "A transfer takes longer than there is time. Choose another way.",
        ("card", "required") => "Choose at least one way to pay.",
        ("account_holder", "required") => "Say whose account it is.",
        ("details", "required") => "Say where transfers go: an IBAN, for example.",
        ("days", _) => "Use a number of days from 1 to 60.",
        ("admits_per_minute", _) => "Use a number from 1 to 60,000.",
        ("room", "gone") => {
            "Everybody was let in meanwhile, and the room is gone. You can set up another one."
        }
        ("file", "required") => "Choose a file first.",
        ("file", "format") => "This is not an image that can be read. Use JPEG, PNG, WebP or GIF.",
        ("file", "range") => "Use an image of at most 40 megapixels and 12,000 pixels on a side.",
        _ => return None,
    })
}

/// The sentence for a code alone.
pub fn of_code(code: &str) -> &'static str {
    match code {
        "required" => "Please fill this in.",
        "too_short" => "This is too short.",
        "too_long" => "This is too long.",
        "format" => "This does not look right.",
        "range" => "This is outside of what is possible.",
        "unknown" => "This is not known here.",
        "taken" => "This is taken already.",
        _ => "This needs another look.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_in_a_list_is_worded_by_its_last_name() {
        assert_eq!(
            of_field("ticket_types[1].price", "format"),
            of_field("price", "range")
        );
        assert!(of_field("ticket_types[1].price", "format").is_some());
        assert_eq!(of_field("title", "too_long"), None);
        assert_eq!(of_field("tags[3]", "too_long"), of_field("tags", "range"));
    }

    #[test]
    fn a_basket_is_worded_for_its_buyer() {
        let nothing = of_field("items", "required");
        assert_eq!(nothing, Some("Choose at least one ticket."));
        assert_ne!(
            of_field("items[0].quantity", "range"),
            of_field("ticket_types[0].quantity", "range")
        );
    }
}
