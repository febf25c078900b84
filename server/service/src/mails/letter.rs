//! What all mails are made of. What people wrote is escaped in the HTML and makes no lines of its own
//! in the text; nothing is loaded, and links are written out.

use types::orders::EventBrief;

use crate::text::escaped;

/// A whole document around a body of HTML.
pub(super) fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
         <body style=\"margin:0;padding:24px;font-family:sans-serif;line-height:1.5;color:#1f1712;background:#ffffff\">\
         <div style=\"max-width:560px;margin:0 auto;overflow-wrap:anywhere\">{body}</div></body></html>",
        escaped(title)
    )
}

/// The event: what, when in its own zone, where.
pub(super) fn facts(event: &EventBrief) -> Vec<String> {
    let venue = event.venue.as_ref();
    let place = venue.map_or("Online", |venue| venue.name.as_str());
    let address = venue.and_then(|venue| venue.address.as_deref());
    let facts = [
        event.title.as_str(),
        &event.local.date,
        &event.local.time,
        place,
        address.unwrap_or_default(),
    ];
    let facts = facts.into_iter().map(one_line);
    facts.filter(|fact| !fact.is_empty()).collect()
}

/// A link that is its own text: whoever reads it sees where it leads.
pub(super) fn link(url: &str) -> String {
    let url = escaped(url);
    format!("<a href=\"{url}\">{url}</a>")
}

/// Without line breaks: what people wrote makes no lines of its own.
pub(super) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}');
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_makes_no_lines() {
        assert_eq!(one_line("a\r\nBcc: b\u{2028}c\td"), "a Bcc: b c d");
        assert_eq!(one_line(""), "");
    }

    #[test]
    fn a_link_is_its_own_text_and_cannot_break_out() {
        let link = link("https://example.org/\"><b>");
        assert_eq!(
            link,
            "<a href=\"https://example.org/&quot;&gt;&lt;b&gt;\">https://example.org/&quot;&gt;&lt;b&gt;</a>"
        );
    }
}
