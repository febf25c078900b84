//! `/dev/mailbox`: the mails of an installation that sends none, for whoever develops it. Not a
//! page of the site: it comes without script, and with a policy of its own.

use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use http::header;
use service::{
    Error,
    mails::{self, KeptMail},
    text::escaped,
};
use types::MailId;

use crate::api::{
    extract::{Cx, Key},
    problem::ApiError,
};

/// Where the list is.
pub const LIST: &str = "/dev/mailbox";

/// The page loads nothing but its icon. The mail inside it has the same policy, for a document
/// without an address of its own takes over that of its frame's page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Addresses and subjects may be one long word. On a phone each mail of the list is a block of three
/// lines, because three columns would leave none of them room for a word.
const STYLE: &str = "*{box-sizing:border-box}\
    body{margin:0 auto;max-width:60rem;padding:1rem;font:1rem/1.5 system-ui,sans-serif;color:#1f1712;background:#fff;overflow-wrap:anywhere}\
    h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.2rem}\
    table{width:100%;border-collapse:collapse}th,td{padding:.4rem;text-align:left;vertical-align:top;border-top:1px solid #d8cdc0}\
    th{white-space:nowrap}.mails{table-layout:fixed}.mails th:nth-child(1){width:13rem}.mails th:nth-child(2){width:17rem}\
    @media(max-width:48rem){.mails,.mails tbody,.mails tr,.mails td{display:block}.mails thead{display:none}\
    .mails tr{padding:.6rem 0;border-top:1px solid #d8cdc0}.mails td{padding:.1rem 0;border:0}}\
    pre{padding:1rem;border:1px solid #d8cdc0;white-space:pre-wrap}\
    iframe{display:block;width:100%;height:40rem;border:1px solid #d8cdc0}a{color:#7a3a00}";

/// Both pages.
pub fn router() -> Router {
    Router::new()
        .route(LIST, get(list))
        .route("/dev/mailbox/{mail}", get(one))
}

async fn list(Cx(ctx): Cx) -> Result<Response, ApiError> {
    let mails = mails::kept_mails(&ctx).await?;
    let rows: String = mails.iter().map(row).collect();
    let body = if rows.is_empty() {
        "<p>No mails yet. Buy a ticket, and the receipt comes here.</p>".to_owned()
    } else {
        format!(
            "<table class=\"mails\"><thead><tr><th scope=\"col\">When</th><th scope=\"col\">To</th>\
             <th scope=\"col\">Subject</th></tr></thead><tbody>{rows}</tbody></table>"
        )
    };
    let lead = "<p>Mails are not sent here. The latest hundred of the last seven days:</p>";
    Ok(page("Mailbox", &format!("{lead}{body}")))
}

fn row(mail: &KeptMail) -> String {
    format!(
        "<tr><td>{}</td><td>{}</td><td><a href=\"{LIST}/{}\">{}</a></td></tr>",
        escaped(&mail.received_text),
        escaped(&mail.to),
        mail.id,
        escaped(&mail.subject)
    )
}

async fn one(Cx(ctx): Cx, Key(id): Key) -> Result<Response, ApiError> {
    let id: MailId = id.parse().map_err(|_| Error::not_found())?;
    let mail = mails::kept(&ctx, id).await?;
    let files: String = mail.attachments.iter().map(|name| item(name)).collect();
    let files = match files.as_str() {
        "" => "<p>Nothing is attached.</p>".to_owned(),
        files => format!("<ul>{files}</ul>"),
    };
    let body = format!(
        "<p><a href=\"{LIST}\">All mails</a></p>\
         <table><tbody><tr><th scope=\"row\">To</th><td>{to}</td></tr>\
         <tr><th scope=\"row\">When</th><td>{when}</td></tr></tbody></table>\
         <h2>HTML</h2><iframe sandbox=\"\" title=\"The mail as HTML\" srcdoc=\"{html}\"></iframe>\
         <h2>Text</h2><pre>{text}</pre><h2>Attached</h2>{files}",
        to = escaped(&mail.to),
        when = escaped(&mail.received_text),
        html = escaped(&mail.html),
        text = escaped(&mail.text),
    );
    Ok(page(&mail.subject, &body))
}

fn item(text: &str) -> String {
    format!("<li>{}</li>", escaped(text))
}

/// A whole page; the title is text, the body is HTML.
fn page(title: &str, body: &str) -> Response {
    let title = escaped(title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, html).into_response()
}
