//! An event for search engines: schema.org JSON-LD (<https://schema.org/Event>) and a
//! sentence or two.

use serde_json::{Value, json};
use types::events::{Event, EventStatus, SaleStatus, TicketType};

/// The content of the event's `application/ld+json` script.
pub fn json_ld(event: &Event) -> String {
    let site = super::public_url();
    let url = format!("{site}/events/{}", event.slug);
    let mut document = json!({
        "@context": "https://schema.org",
        "@type": "Event",
        "name": event.title,
        "startDate": event.starts_at.to_string(),
        "endDate": event.ends_at.to_string(),
        "eventStatus": if event.status == EventStatus::Cancelled { "https://schema.org/EventCancelled" } else { "https://schema.org/EventScheduled" },
        "eventAttendanceMode": if event.venue.is_some() { "https://schema.org/OfflineEventAttendanceMode" } else { "https://schema.org/OnlineEventAttendanceMode" },
        "location": location(event),
        "image": event.media.iter().map(|media| absolute(&site, &media.url)).collect::<Vec<_>>(),
        "organizer": { "@type": "Organization", "name": event.organizer.name, "url": format!("{site}/people/{}", event.organizer.handle) },
        "url": url,
    });
    if let Some(types) = &event.ticket_types {
        document["offers"] = types.iter().map(|ticket| offer(ticket, &url)).collect();
    }
    // `<` never appears, so no text of an event can end the script.
    document.to_string().replace('<', "\\u003c")
}

fn location(event: &Event) -> Value {
    match &event.venue {
        Some(venue) => json!({ "@type": "Place", "name": venue.name, "address": venue.address }),
        None => json!({ "@type": "VirtualLocation", "url": event.online_url }),
    }
}

fn offer(ticket: &TicketType, url: &str) -> Value {
    let availability = match ticket.status {
        SaleStatus::OnSale => "InStock",
        SaleStatus::NotYet => "PreOrder",
        SaleStatus::SoldOut | SaleStatus::Ended | SaleStatus::Hidden => "SoldOut",
    };
    json!({
        "@type": "Offer",
        "name": ticket.name,
        "price": ticket.price.to_input(),
        "priceCurrency": ticket.price.currency.code(),
        "availability": format!("https://schema.org/{availability}"),
        "url": url,
    })
}

/// Media addresses may be relative to the site.
fn absolute(site: &str, url: &str) -> String {
    if url.starts_with('/') {
        format!("{site}{url}")
    } else {
        url.to_owned()
    }
}

/// The beginning of a Markdown text without its signs, at most 160 characters, cut
/// between words.
pub fn summary(markdown: &str) -> String {
    let signs = ['#', '*', '_', '`', '>', '[', ']', '|'];
    let plain = markdown.replace(signs, "");
    let mut text = String::new();
    for word in plain
        .split_whitespace()
        .filter(|word| !word.starts_with("(http"))
    {
        if text.chars().count() + word.chars().count() >= 160 {
            text.push('…');
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_plain_and_short() {
        assert_eq!(
            summary("# Night *swim*\n\nBring a `towel`."),
            "Night swim Bring a towel."
        );
        let long = summary(&"word ".repeat(100));
        assert!(
            long.chars().count() <= 160 && long.ends_with("word…"),
            "{long}"
        );
    }
}
