//! Addresses of pages that are built in more than one place.

use types::{
    HoldId, OrderId, TicketId, TransferId,
    orders::{HoldForm, ItemForm},
};

/// The path when it is one of this site: begins with one slash, printable ASCII.
/// Browsers read `//` and `/\` as another site.
pub fn safe_path(path: &str) -> Option<&str> {
    let is_local = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
    let is_printable = path.bytes().all(|byte| byte.is_ascii_graphic());
    (is_local && is_printable).then_some(path)
}

/// Log in, then go on to `next`.
pub fn log_in(next: &str) -> String {
    with_next("/login", next)
}

/// Make an account, then go on to `next`.
pub fn register(next: &str) -> String {
    with_next("/register", next)
}

fn with_next(page: &str, next: &str) -> String {
    if next.is_empty() || next == "/" {
        page.to_owned()
    } else {
        format!("{page}?next={}", escape(next))
    }
}

/// The checkout of a hold.
pub fn checkout(hold: HoldId) -> String {
    format!("/checkout/{hold}")
}

/// The page of an order.
pub fn order(order: OrderId) -> String {
    format!("/orders/{order}")
}

/// The page of a ticket.
pub fn ticket(ticket: TicketId) -> String {
    format!("/tickets/{ticket}")
}

/// The page of an offer of a ticket.
pub fn transfer(transfer: TransferId) -> String {
    format!("/transfers/{transfer}")
}

/// A ticket as a calendar entry.
pub fn ticket_calendar(ticket: TicketId) -> String {
    format!("/api/v1/tickets/{ticket}.ics")
}

/// A ticket to print.
pub fn ticket_pdf(ticket: TicketId) -> String {
    format!("/api/v1/tickets/{ticket}.pdf")
}

/// The valid tickets of an order to print.
pub fn order_pdf(order: OrderId) -> String {
    format!("/api/v1/orders/{order}/tickets.pdf")
}

/// Where a purchase ends.
pub fn order_done(order: OrderId) -> String {
    format!("/orders/{order}?done=paid")
}

/// One value of a query or one segment of a path (RFC 3986, section 2.1), the same on
/// both sides: what differs would be a mismatch on hydration.
pub fn escape(text: &str) -> String {
    let escaped = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(escaped).collect()
}

/// The page of an event.
pub fn event(key: &str) -> String {
    format!("/events/{}", escape(key))
}

/// The page of an event for somebody who has a promo code and chose tickets.
pub fn event_with_choice(key: &str, choice: &HoldForm) -> String {
    let code = escape(choice.promo_code.trim());
    let items = match items_text(choice) {
        none if none.is_empty() => none,
        items => format!("&items={}", escape(&items)),
    };
    format!("{}?code={code}{items}#tickets", event(key))
}

/// The waiting room of an event.
pub fn waiting_room(key: &str) -> String {
    format!("{}/waiting-room", event(key))
}

/// A page of an event for its organizer: `edit`, `orders`, `places`, `promo-codes`, `cancel`, `delete`.
pub fn organizer(key: &str, page: &str) -> String {
    format!("/organizer/events/{}/{page}", escape(key))
}

/// The editor of an event.
pub fn editor(key: &str) -> String {
    organizer(key, "edit")
}

/// The rows behind `type:quantity,type:quantity:amount` in a link. Whoever reads them checks them: anyone can craft a link.
pub fn items_form(text: &str) -> HoldForm {
    let row = |item: &str| {
        let (id, rest) = item.split_once(':')?;
        let (quantity, amount) = rest.split_once(':').unwrap_or((rest, ""));
        Some(ItemForm {
            ticket_type_id: id.to_owned(),
            quantity: quantity.to_owned(),
            amount: amount.to_owned(),
        })
    };
    HoldForm {
        items: text.split(',').take(20).filter_map(row).collect(),
        promo_code: String::new(),
    }
}

/// `type:quantity,type:quantity:amount` of the rows that are meant.
pub fn items_text(form: &HoldForm) -> String {
    let meant = form
        .items
        .iter()
        .filter(|item| !matches!(item.quantity.trim(), "" | "0"));
    let texts = meant.take(20).map(|item| {
        // A comma would begin the next row.
        let amount = match item.amount.trim().replace(',', ".") {
            none if none.is_empty() => none,
            amount => format!(":{amount}"),
        };
        format!("{}:{}{amount}", item.ticket_type_id, item.quantity.trim())
    });
    texts.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, quantity: &str, amount: &str) -> ItemForm {
        ItemForm {
            ticket_type_id: id.into(),
            quantity: quantity.into(),
            amount: amount.into(),
        }
    }

    fn choice(items: Vec<ItemForm>) -> HoldForm {
        HoldForm {
            items,
            promo_code: " SPRING ".into(),
        }
    }

    #[test]
    fn rows_survive_the_way_through_a_link() {
        let form = choice(vec![
            row("a", "2", ""),
            row("b", "0", ""),
            row("c", "", ""),
            row("d", " 1 ", "12,50"),
        ]);
        assert_eq!(items_text(&form), "a:2,d:1:12.50");
        assert_eq!(
            items_form("a:2,d:1:12.50").items,
            [row("a", "2", ""), row("d", "1", "12.50")]
        );
        assert!(items_form("nonsense").items.is_empty());
    }

    #[test]
    fn a_code_goes_along_with_the_choice() {
        assert_eq!(
            event_with_choice("night", &choice(vec![row("a", "2", "")])),
            "/events/night?code=SPRING&items=a%3A2#tickets"
        );
        assert_eq!(
            event_with_choice("night", &choice(vec![row("a", "0", "")])),
            "/events/night?code=SPRING#tickets"
        );
    }

    #[test]
    fn what_is_no_letter_or_digit_is_escaped() {
        assert_eq!(event("lantern-walk_2"), "/events/lantern-walk_2");
        assert_eq!(event("a/b ü?"), "/events/a%2Fb%20%C3%BC%3F");
    }

    #[test]
    fn where_to_go_next_is_one_value_of_the_query() {
        assert_eq!(log_in("/"), "/login");
        assert_eq!(log_in("/a?b=1&c=2"), "/login?next=%2Fa%3Fb%3D1%26c%3D2");
    }

    #[test]
    fn only_paths_of_this_site_are_followed() {
        assert_eq!(safe_path("/tickets?x=1#a"), Some("/tickets?x=1#a"));
        for bad in [
            "",
            "tickets",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nSet-Cookie: x",
            "/\u{7f}",
            "/ä",
        ] {
            assert_eq!(safe_path(bad), None, "{bad:?}");
        }
    }
}
