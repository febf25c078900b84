//! The site's forms as a browser without JavaScript sends them: post, redirect, get.

use axum::body::Body;
use futures::StreamExt;
use serde_json::json;
use testkit::{Answer, Browser, OnSale, Person, TestApp, png};
use tower::ServiceExt;

/// Follows the redirect of a form.
async fn follow(browser: &Browser, answer: &Answer) -> Answer {
    assert_eq!(answer.status, 302, "{}", answer.text());
    browser.get(path_of(answer)).send().await
}

/// Where a redirect leads, without the origin.
fn path_of(answer: &Answer) -> &str {
    let location = answer.header("location");
    let after_scheme = location.split_once("://").map(|(_, rest)| rest);
    after_scheme
        .and_then(|rest| rest.find('/').map(|at| &rest[at..]))
        .unwrap_or(location)
}

async fn signed_in(app: &TestApp, person: &Person) -> Browser {
    let browser = app.browser();
    let form = [
        ("form[email]", person.email.as_str()),
        ("form[password]", &person.password),
    ];
    browser
        .submit("/rpc/log_in", "/login", &form)
        .send()
        .await
        .expect(302);
    browser
}

fn basket(event: &OnSale, quantity: &str, key: &str) -> Vec<(String, String)> {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    vec![
        field("event", &event.slug),
        field("key", key),
        field(
            "form[items][0][ticket_type_id]",
            &event.ticket_type.to_string(),
        ),
        field("form[items][0][quantity]", quantity),
    ]
}

async fn submit(browser: &Browser, path: &str, from: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.submit(path, from, &fields).send().await
}

#[tokio::test]
async fn a_refused_form_keeps_what_was_typed_but_no_password_and_no_words() {
    let app = TestApp::start().await;
    let browser = app.browser();
    let form = [
        ("form[name]", "Ada Lantern"),
        ("form[email]", "ada@example.org"),
        ("form[password]", "hunter2"),
        ("form[role]", "organizer"),
    ];
    let answer = browser
        .submit("/rpc/register", "/register", &form)
        .send()
        .await;
    assert!(!answer.header("location").contains("hunter2"));
    let page = follow(&browser, &answer).await.expect(200).text();
    assert!(
        page.contains("Use at least 10 characters.") && page.contains("value=\"Ada Lantern\""),
        "{page}"
    );
    assert!(!page.contains("hunter2"));
    let again = browser.get(path_of(&answer)).send().await.text();
    assert!(!again.contains("Ada Lantern"), "kept values are shown once");
}

#[tokio::test]
async fn words_in_a_link_are_not_shown() {
    let app = TestApp::start().await;
    // {"code":"invalid","detail":"call 555","fields":[{"field":"email","code":"x","message":"call 555"}]}
    let crafted = "eyJjb2RlIjoiaW52YWxpZCIsImRldGFpbCI6ImNhbGwgNTU1IiwiZmllbGRzIjpbeyJmaWVsZCI6ImVtYWlsIiwiY29kZSI6IngiLCJtZXNzYWdlIjoiY2FsbCA1NTUifV19";
    let page = app
        .browser()
        .get(&format!("/login?__path=%2Frpc%2Flog_in&__err={crafted}"))
        .send()
        .await
        .expect(200);
    assert!(
        page.text().contains("Some fields need another look.") && !page.text().contains("call 555")
    );
}

#[tokio::test]
async fn logging_in_never_leaves_the_site() {
    let app = TestApp::start().await;
    let ida = app.attendee().await;
    for (next, to) in [
        ("/tickets?x=1", "/tickets?x=1"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nx: y", "/"),
    ] {
        let form = [
            ("form[email]", ida.email.as_str()),
            ("form[password]", &ida.password),
            ("next", next),
        ];
        let answer = app
            .browser()
            .submit("/rpc/log_in", "/login", &form)
            .send()
            .await
            .expect(302);
        assert_eq!(answer.header("location"), to, "{next:?}");
    }
}

#[tokio::test]
async fn pages_of_ones_own_lead_to_log_in_and_back() {
    let app = TestApp::start().await;
    for page in [
        "/account",
        "/account/devices",
        "/tickets",
        "/orders",
        "/organizer",
        "/organizer/events/new",
    ] {
        let answer = app.browser().get(page).send().await.expect(302);
        assert_eq!(
            answer.header("location"),
            format!("/login?next={}", page.replace('/', "%2F"))
        );
    }
}

#[tokio::test]
async fn a_basket_survives_registration_and_becomes_a_ticket() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 5, 1200).await;
    let browser = app.browser();
    let here = format!("/events/{}", event.slug);
    let answer = submit(
        &browser,
        "/rpc/hold_places",
        &here,
        &basket(&event, "2", "k1"),
    )
    .await;
    assert!(
        answer
            .header("location")
            .starts_with("/login?next=%2Fcheckout%2Fnew%3F"),
        "{}",
        answer.header("location")
    );
    let next = format!(
        "/checkout/new?event={}&items={}:2",
        event.slug, event.ticket_type
    );
    let form = [
        ("form[name]", "Bea"),
        ("form[email]", "bea@example.org"),
        ("form[password]", "four words and a 7"),
        ("next", next.as_str()),
    ];
    let answer = browser
        .submit("/rpc/register", "/register", &form)
        .send()
        .await;
    let page = follow(&browser, &answer).await.expect(200).text();
    assert!(page.contains("€24"), "{page}");
    let answer = submit(
        &browser,
        "/rpc/hold_places",
        &next,
        &basket(&event, "2", "k2"),
    )
    .await;
    let other = submit(
        &browser,
        "/rpc/hold_places",
        &next,
        &basket(&event, "1", "k2"),
    )
    .await;
    assert!(
        path_of(&other).starts_with("/checkout/") && path_of(&other) != path_of(&answer),
        "going back and choosing another number is another choice: {}",
        path_of(&other)
    );
    let hold = path_of(&answer)
        .strip_prefix("/checkout/")
        .expect("a hold")
        .to_owned();
    let pay = |outcome: &'static str, key: &'static str| {
        browser
            .submit(
                "/rpc/pay",
                &format!("/checkout/{hold}"),
                &[("hold", &hold), ("outcome", outcome), ("key", key)],
            )
            .send()
    };
    let declined = follow(&browser, &pay("decline", "p1").await)
        .await
        .expect(200)
        .text();
    assert!(
        declined.contains("The payment was declined.") && declined.contains("Held for you"),
        "{declined}"
    );
    // Going back to the page that was declined and choosing anew is another try.
    let (paid, again) = (pay("ok", "p1").await, pay("ok", "p1").await);
    assert_eq!(
        paid.header("location"),
        again.header("location"),
        "a re-sent form has one effect"
    );
    let done = follow(&browser, &paid).await.expect(200).text();
    assert!(done.contains("You are going!"), "{done}");
    let tickets = browser
        .get("/api/v1/tickets")
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(tickets["items"].as_array().map(Vec::len), Some(2));
    let gone = browser
        .get(&format!("/checkout/{hold}"))
        .send()
        .await
        .expect(302);
    assert!(gone.header("location").starts_with("/orders/"));
    app.drain().await;
}

#[tokio::test]
async fn an_image_comes_with_a_plain_form() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 5, 0).await;
    let browser = signed_in(&app, &organizer).await;
    let fields = [
        ("event", event.slug.as_str()),
        ("kind", "cover"),
        ("caption", "A grey square"),
    ];
    let upload = |file: Vec<u8>| {
        browser
            .post("/rpc/upload_media")
            .header("referer", "http://127.0.0.1:3000/organizer")
            .same_origin()
            .multipart(&fields, "square.png", "image/png", &file)
            .send()
    };
    upload(png(8)).await.expect(200);
    let page = browser
        .get(&format!("/organizer/events/{}/edit", event.slug))
        .send()
        .await
        .expect(200);
    assert!(page.text().contains("A grey square"));
    assert_eq!(upload(Vec::new()).await.status, 422);
    assert_eq!(upload(vec![0; 11 * 1024 * 1024]).await.status, 413);
    let form = browser
        .submit("/rpc/upload_media", "/organizer", &[("event", "x")])
        .send()
        .await;
    assert!(
        form.status.is_client_error() || form.status.is_redirection(),
        "{}",
        form.status
    );
}

/// The page's text without its markup.
fn words(page: &str) -> String {
    let pieces = page
        .split('<')
        .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
    pieces.collect::<Vec<_>>().join(" ")
}

fn assert_is_the_page_of_what_is_too_large(answer: &Answer) {
    let page = answer.text();
    assert_eq!(answer.status, 413, "{page}");
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    assert!(
        answer
            .header("content-security-policy")
            .contains("script-src 'self' 'nonce-")
    );
    let words = words(&page);
    for part in ["413", "That is too large", "at most 10 MB", "Go back"] {
        assert!(words.contains(part), "{part} is not in {words}");
    }
    assert!(
        page.contains("skip-link") && page.contains("data-refusal=\"payload_too_large\""),
        "not the site's page: {page}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_too_large_is_answered_with_a_page_that_says_what_to_do() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let browser = signed_in(&app, &organizer).await;
    let upload = |accept: &str| {
        browser
            .request(http::Method::POST, "/rpc/upload_media")
            .header("accept", accept)
            .same_origin()
            .multipart(&[], "a.png", "image/png", &vec![0; 11 * 1024 * 1024])
    };
    let answer = upload("text/html,*/*;q=0.8").send().await;
    assert_is_the_page_of_what_is_too_large(&answer);
    assert!(answer.text().contains("data-viewer=\"organizer\""));
    let long = "x".repeat(600 * 1024);
    let answer = browser
        .submit("/rpc/log_in", "/login", &[("form[email]", &long)])
        .send()
        .await;
    assert_is_the_page_of_what_is_too_large(&answer);
    let answer = upload("application/json").send().await.expect(413);
    assert_eq!(
        (answer.code().as_str(), answer.header("content-type")),
        ("payload_too_large", "application/json")
    );
    app.post("/api/v1/auth/login")
        .header("accept", "text/html,*/*;q=0.8")
        .body("application/json", vec![b' '; 600 * 1024])
        .send()
        .await
        .expect_problem(413, "payload_too_large");
}

/// Over a real connection: an answer that comes while the browser still sends is lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_browser_gets_the_page_after_it_sent_everything() {
    let mut app = TestApp::start().await;
    let url = format!("{}/rpc/log_in", app.serve().await);
    let whole = vec![b'x'; 20 * 1024 * 1024];
    let asked = reqwest::Client::new()
        .post(&url)
        .header("accept", "text/html")
        .header("origin", "http://127.0.0.1:3000")
        .header("content-type", "application/x-www-form-urlencoded");
    let answer = asked.body(whole).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    assert!(answer.text().await.unwrap().contains("That is too large"));
}

/// Without a length nothing is known before the limit is met.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_form_that_does_not_say_how_long_it_is_is_cut() {
    let app = TestApp::start().await;
    let piece = || Ok::<_, std::io::Error>("x".repeat(32 * 1024));
    let body = Body::from_stream(futures::stream::repeat_with(piece).take(20));
    let request = http::Request::post("/rpc/log_in")
        .header("accept", "text/html")
        .header("origin", "http://127.0.0.1:3000")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .unwrap();
    let answer = app.router().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 413);
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
}

#[tokio::test]
async fn an_editor_that_is_behind_is_told_so() {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let event = app.published_event(&organizer, 5, 0).await;
    let browser = signed_in(&app, &organizer).await;
    let editor = format!("/organizer/events/{}/edit", event.slug);
    app.patch(&format!("/api/v1/events/{}", event.event))
        .bearer(&organizer.token)
        .if_match(event.version)
        .json(json!({"title": "Renamed meanwhile"}))
        .send()
        .await
        .expect(200);
    let id = event.event.to_string();
    let version = event.version.to_string();
    let form = [
        ("id", id.as_str()),
        ("version", &version),
        ("form[title]", "Mine"),
    ];
    let answer = browser
        .submit("/rpc/save_event", &editor, &form)
        .send()
        .await;
    let page = follow(&browser, &answer).await.expect(200).text();
    assert!(
        page.contains("Somebody else changed this") && page.contains("value=\"Mine\""),
        "{page}"
    );
}
