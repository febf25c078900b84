//! An event for search engines: <https://schema.org/Event>.

use serde_json::{Value, json};

use super::{Event, EventStatus, SaleStatus, TicketType, Venue};

/// The event as JSON-LD. `public_url` is the site's own, without a trailing slash.
pub fn json_ld(event: &Event, public_url: &str) -> Value {
    let page = format!("{public_url}/events/{}", event.slug);
    let offers: Vec<_> = event
        .ticket_types
        .iter()
        .flatten()
        .map(|kind| offer(kind, &page))
        .collect();
    let mut document = json!({
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": page,
        "url": page,
        "name": event.title,
        "description": event.description,
        "startDate": event.starts_at,
        "endDate": event.ends_at,
        "eventStatus": status(event.status),
        "eventAttendanceMode": attendance(event),
        "location": locations(event),
        "organizer": {"@type": "Person", "name": event.organizer.name},
        "offers": offers,
    });
    if let Some(cover) = event.cover() {
        document["image"] = json!(absolute(
            cover.share_url.as_ref().unwrap_or(&cover.url),
            public_url
        ));
    }
    document
}

/// The same as text that may stand inside a `script` element: nothing in it can end
/// the element.
pub fn json_ld_script(event: &Event, public_url: &str) -> String {
    json_ld(event, public_url)
        .to_string()
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

/// Addresses of our own media may be without a host.
fn absolute(url: &str, public_url: &str) -> String {
    if url.starts_with('/') {
        format!("{public_url}{url}")
    } else {
        url.to_owned()
    }
}

fn status(status: EventStatus) -> &'static str {
    match status {
        EventStatus::Cancelled => "https://schema.org/EventCancelled",
        EventStatus::Draft | EventStatus::Published | EventStatus::Completed => {
            "https://schema.org/EventScheduled"
        }
    }
}

fn attendance(event: &Event) -> &'static str {
    match (&event.venue, &event.online_url) {
        (Some(_), Some(_)) => "https://schema.org/MixedEventAttendanceMode",
        (None, Some(_)) => "https://schema.org/OnlineEventAttendanceMode",
        (_, None) => "https://schema.org/OfflineEventAttendanceMode",
    }
}

fn locations(event: &Event) -> Vec<Value> {
    let place = event.venue.as_ref().map(place);
    let online = event
        .online_url
        .as_ref()
        .map(|url| json!({"@type": "VirtualLocation", "url": url}));
    place.into_iter().chain(online).collect()
}

fn place(venue: &Venue) -> Value {
    let mut place = json!({"@type": "Place", "name": venue.name});
    if let Some(address) = &venue.address {
        place["address"] = json!(address);
    }
    if let (Some(latitude), Some(longitude)) = (venue.latitude, venue.longitude) {
        place["geo"] =
            json!({"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude});
    }
    place
}

fn offer(kind: &TicketType, page: &str) -> Value {
    let availability = match kind.status {
        SaleStatus::OnSale => "https://schema.org/InStock",
        SaleStatus::NotYet => "https://schema.org/PreOrder",
        SaleStatus::SoldOut | SaleStatus::Ended | SaleStatus::Hidden => {
            "https://schema.org/SoldOut"
        }
    };
    let mut offer = json!({
        "@type": "Offer",
        "name": kind.name,
        "price": kind.price.to_input(),
        "priceCurrency": kind.price.currency,
        "availability": availability,
        "url": page,
    });
    if let Some(from) = kind.sales_from {
        offer["validFrom"] = json!(from);
    }
    offer
}
