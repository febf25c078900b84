//! What search engines are told.

use serde_json::json;
use testkit::TestApp;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_sitemap_has_the_main_pages_and_every_public_event() {
    let app = TestApp::builder()
        .public_url("https://tickets.example.org")
        .start()
        .await;
    let org = app.organizer().await;
    let shown = app.published_event(&org, 5, 0).await;
    let mut hidden = app.event_body("Only with the link");
    hidden["visibility"] = json!("unlisted");
    let hidden = app.draft(&org, hidden).await;
    let id = hidden["id"].as_str().unwrap();
    app.post(&format!("/api/v1/events/{id}/publish"))
        .bearer(&org.token)
        .send()
        .await
        .expect(200);
    app.draft(&org, app.event_body("Not yet")).await;
    let answer = app.get("/sitemap.xml").send().await.expect(200);
    assert_eq!(
        answer.header("content-type"),
        "application/xml; charset=utf-8"
    );
    assert!(answer.header("cache-control").starts_with("public"));
    let event = app
        .get(&format!("/api/v1/events/{}", shown.event))
        .send()
        .await
        .expect(200)
        .json();
    let edited = event["updated_at"].as_str().unwrap();
    let to_the_second = format!("{}Z", edited.split(['.', 'Z']).next().unwrap());
    let text = answer.text();
    let addresses: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("<url>"))
        .collect();
    let of_event = format!(
        "<url><loc>https://tickets.example.org/events/{}</loc><lastmod>{to_the_second}</lastmod></url>",
        shown.slug
    );
    assert_eq!(
        addresses,
        [
            "<url><loc>https://tickets.example.org/</loc></url>",
            "<url><loc>https://tickets.example.org/events</loc></url>",
            &of_event,
        ]
    );
    assert!(text.starts_with("<?xml") && text.ends_with("</urlset>\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_sitemap_is_kept_for_a_while_and_fails_as_everything_does() {
    let app = TestApp::start().await;
    let before = app.get("/sitemap.xml").send().await.expect(200).text();
    let second = app.second_process().await;
    app.services.db.close().await;
    let after = app.get("/sitemap.xml").send().await.expect(200).text();
    assert_eq!(before, after);
    second.services.db.close().await;
    second.get("/sitemap.xml").send().await.expect(503);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn robots_are_told_where_the_sitemap_is_and_what_to_leave_alone() {
    let app = TestApp::builder()
        .public_url("https://tickets.example.org")
        .start()
        .await;
    let answer = app.get("/robots.txt").send().await.expect(200);
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
    let text = answer.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], "User-agent: *");
    assert!(lines.contains(&"Sitemap: https://tickets.example.org/sitemap.xml"));
    assert!(lines.contains(&"Disallow: /api/") && lines.contains(&"Disallow: /rpc/"));
}
