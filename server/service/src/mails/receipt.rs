//! What a receipt says: plain text, and the same as HTML. Everything in it that people wrote is
//! escaped; it loads nothing, and its links are written out.

use types::{
    Money,
    events::EventStatus,
    orders::{Order, OrderStatus, discount_of},
};

use super::letter::{facts, link, one_line, page};
use crate::text::escaped;

/// A receipt to be written.
pub(super) struct Receipt<'a> {
    /// What was bought.
    pub order: &'a Order,
    /// Who bought it.
    pub name: &'a str,
    /// Where people reach the site, without a trailing slash.
    pub site: &'a str,
    /// Do tickets come with it?
    pub has_tickets: bool,
}

impl Receipt<'_> {
    /// One line.
    pub(super) fn subject(&self) -> String {
        let title = one_line(&self.order.event.title);
        if self.has_tickets {
            format!("Your tickets for {title}")
        } else {
            format!("Your receipt for {title}")
        }
    }

    /// For mail programs that show no HTML.
    pub(super) fn text(&self) -> String {
        let rows = self.rows().into_iter();
        let rows: Vec<_> = rows
            .map(|(what, amount)| format!("{what}: {amount}"))
            .collect();
        let parts = [
            format!("Hello {},", one_line(self.name)),
            self.news().to_owned(),
            facts(&self.order.event).join("\n"),
            rows.join("\n"),
            self.attached().to_owned(),
            format!("Your order and its tickets:\n{}", self.order_url()),
            format!("The event:\n{}", self.event_url()),
            self.footer(),
        ];
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join("\n\n") + "\n"
    }

    /// A whole document.
    pub(super) fn html(&self) -> String {
        let rows = self.rows();
        let last = rows.len().saturating_sub(1);
        let rows: String = rows
            .iter()
            .enumerate()
            .map(|(index, row)| table_row(row, index == last))
            .collect();
        let facts: Vec<_> = facts(&self.order.event)
            .iter()
            .map(|fact| escaped(fact))
            .collect();
        let attached = match self.attached() {
            "" => String::new(),
            attached => format!("<p>{attached}</p>"),
        };
        let body = format!(
            "<p>Hello {name},</p><p>{news}</p><p>{facts}</p>\
             <table style=\"width:100%;border-collapse:collapse\"><tbody>{rows}</tbody></table>{attached}\
             <p>Your order and its tickets:<br>{order}</p><p>The event:<br>{event}</p>\
             <p style=\"color:#5c4f42;font-size:14px\">{footer}</p>",
            name = escaped(self.name),
            news = self.news(),
            facts = facts.join("<br>"),
            order = link(&self.order_url()),
            event = link(&self.event_url()),
            footer = escaped(&self.footer()),
        );
        page(&self.subject(), &body)
    }

    fn news(&self) -> &'static str {
        match (self.order.status, self.order.event.status) {
            (_, EventStatus::Cancelled) => {
                "this is the receipt of your order. The event does not take place."
            }
            (OrderStatus::Refunded, _) => {
                "this is the receipt of your order. All its tickets were given back."
            }
            _ => "thank you for your order. This is the receipt.",
        }
    }

    /// What was bought and what it cost, in the words of the order's page. The total comes last.
    fn rows(&self) -> Vec<(String, String)> {
        let order = self.order;
        let lines = order.items.iter().map(|line| {
            let sum = line.unit_price.times(line.quantity);
            let what = format!("{} × {}", line.quantity, one_line(&line.name));
            (what, price(sum.unwrap_or(line.unit_price)))
        });
        let mut rows: Vec<_> = lines.collect();
        let off = discount_of(&order.items, order.total.currency);
        if let Some(code) = order.promo_code.as_deref().filter(|_| !off.is_free()) {
            rows.push((format!("Code {code}"), format!("−{off}")));
        }
        if let Some(back) = order.refunded() {
            rows.push(("Given back to you".to_owned(), back.to_string()));
        }
        rows.push(("Total".to_owned(), price(order.total)));
        rows
    }

    fn attached(&self) -> &'static str {
        if self.has_tickets {
            "Your tickets come with this mail, to print or to show on the phone, and the date for your calendar."
        } else {
            ""
        }
    }

    fn order_url(&self) -> String {
        format!("{}/orders/{}", self.site, self.order.id)
    }

    fn event_url(&self) -> String {
        format!("{}/events/{}", self.site, self.order.event.slug)
    }

    fn footer(&self) -> String {
        format!("Order {}, {}", self.order.id, self.order.created_text)
    }
}

/// An amount as the order's page shows it.
fn price(money: Money) -> String {
    if money.is_free() {
        "Free".to_owned()
    } else {
        money.to_string()
    }
}

fn table_row((what, amount): &(String, String), is_total: bool) -> String {
    let weight = if is_total { "bold" } else { "normal" };
    let style = format!("padding:6px 0;border-top:1px solid #d8cdc0;font-weight:{weight}");
    format!(
        "<tr><td style=\"{style}\">{}</td><td style=\"{style};text-align:right;white-space:nowrap\">{}</td></tr>",
        escaped(what),
        escaped(amount)
    )
}
