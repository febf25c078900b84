//! What a first visit downloads.

use anyhow::Result;

use crate::{
    client::{Ask, Target},
    report::Row,
    world,
};

/// What a first visit to an event page downloads, each file in brotli.
pub async fn count(target: &Target) -> Result<Row> {
    let (event, _) = world::free_event(target, 100).await?;
    let mut connection = target.connect().await?;
    let page_path = format!("/events/{event}");
    let page = connection.ask(&Ask::get(&page_path)).await?;
    let html = String::from_utf8_lossy(&page.body).into_owned();
    let mut notes = Vec::new();
    let mut scripts = 0;
    for path in std::iter::once(page_path.as_str()).chain(site_files(&html)) {
        let answer = connection
            .ask(&Ask::get(path).with("accept-encoding", "br"))
            .await?;
        let encoding = answer
            .headers
            .get("content-encoding")
            .and_then(|value| value.to_str().ok())
            .unwrap_or("identity")
            .to_owned();
        notes.push(format!(
            "{:>8} bytes ({encoding}) {path}",
            answer.body.len()
        ));
        if std::path::Path::new(path)
            .extension()
            .is_some_and(|ext| ext == "js" || ext == "wasm")
        {
            scripts += answer.body.len();
        }
    }
    notes.push(format!("JS + WASM: {scripts} bytes"));
    Ok(Row {
        name: "bytes",
        notes,
        ..Row::default()
    })
}

/// Addresses under `/pkg/` in a page, each once.
fn site_files(html: &str) -> Vec<&str> {
    let mut files: Vec<&str> = html
        .split(['"', '\''])
        .filter(|part| {
            part.starts_with("/pkg/")
                && (part.contains(".js") || part.contains(".wasm") || part.contains(".css"))
        })
        .collect();
    files.sort_unstable();
    files.dedup();
    files
}
