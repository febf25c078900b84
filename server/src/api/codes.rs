//! The page that `type` of every problem links to: the table of codes.

use std::fmt::Write;

use axum::response::Html;
use types::Code;

/// Where it is.
pub const PAGE: &str = "/api/docs/errors";

/// The whole page. Titles are ours and hold nothing that HTML would read as its own.
pub async fn page() -> Html<String> {
    let mut rows = String::new();
    for code in Code::ALL {
        let retry = if code.is_retryable() { "yes" } else { "no" };
        // Writing to a string cannot fail.
        let _ = write!(
            rows,
            "<tr id=\"{code}\"><td><code>{code}</code></td><td>{}</td><td>{}</td><td>{retry}</td></tr>",
            code.status(),
            code.title(),
        );
    }
    Html(format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Error codes · EventSphere API</title>\
         <style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}\
         td,th{{text-align:left;padding:.3rem .8rem .3rem 0;vertical-align:top}}tr:target{{background:#ffe9a8}}</style></head>\
         <body><main><h1>Error codes</h1><p>Every refused call answers <code>application/problem+json</code> with one of these.</p>\
         <table><thead><tr><th>code</th><th>status</th><th>meaning</th><th>may succeed later</th></tr></thead>\
         <tbody>{rows}</tbody></table></main></body></html>"
    ))
}
