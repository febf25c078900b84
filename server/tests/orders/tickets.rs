//! Tickets in the hands of their owners.

use std::time::Duration;

use serde_json::json;
use testkit::TestApp;

use super::{get, text};

#[tokio::test]
async fn a_ticket_tells_everything_and_only_to_its_owner() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 5, 1200).await;
    let order = app.buy(&ana, &event, 2).await.json();

    let ticket = get(
        &app,
        &ana,
        &format!("/api/v1/tickets/{}", text(&order["tickets"][0], "id")),
    )
    .await;

    assert_eq!(ticket, order["tickets"][0]);
    assert_eq!(
        (&ticket["status"], &ticket["order_id"]),
        (&json!("valid"), &order["id"])
    );
    assert_eq!(ticket["holder"]["name"], ana.account["name"]);
    assert_eq!(
        (&ticket["event"]["slug"], &ticket["ticket_type"]["name"]),
        (&json!(event.slug), &json!("Standard"))
    );
    let code = text(&ticket, "code");
    assert!(
        code.len() == 10
            && code
                .chars()
                .all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()),
        "{code}"
    );
    assert_ne!(order["tickets"][0]["code"], order["tickets"][1]["code"]);
    for end in ["", "/qr.svg", ".ics", "/ticket.ics", ".pdf", "/ticket.pdf"] {
        let path = format!("/api/v1/tickets/{}{end}", text(&ticket, "id"));
        app.get(&path).bearer(&ana.token).send().await.expect(200);
        app.get(&path)
            .bearer(&ben.token)
            .send()
            .await
            .expect_problem(404, "not_found");
        app.get(&path)
            .send()
            .await
            .expect_problem(401, "not_signed_in");
        let nonsense = format!("/api/v1/tickets/nonsense{end}");
        app.get(&nonsense)
            .bearer(&ana.token)
            .send()
            .await
            .expect_problem(404, "not_found");
    }
    assert_eq!(get(&app, &ben, "/api/v1/tickets").await["items"], json!([]));
}

#[tokio::test]
async fn the_qr_code_is_a_private_picture() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 0).await;
    let order = app.buy(&ana, &event, 1).await.json();
    let url = text(&order["tickets"][0], "qr_url");

    let picture = app
        .get(&url)
        .bearer(&ana.token)
        .header("accept", "image/*")
        .send()
        .await
        .expect(200);

    assert_eq!(picture.header("content-type"), "image/svg+xml");
    assert!(picture.header("cache-control").starts_with("private"));
    assert!(picture.text().starts_with("<svg"));
}

#[tokio::test]
async fn tickets_to_print_have_a_page_each_and_are_private() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = super::returning::returnable(&app, &organizer, 5, 0).await;
    let order = app.buy(&ana, &event, 3).await.json();
    let (id, first) = (text(&order, "id"), text(&order["tickets"][0], "id"));
    let pages = |pdf: &[u8]| {
        assert!(pdf.starts_with(b"%PDF-1.7") && pdf.ends_with(b"%%EOF"));
        let page = b"/Type /Page\n";
        pdf.windows(page.len()).filter(|at| at == page).count()
    };

    let path = format!("/api/v1/tickets/{first}.pdf");
    let one = app.get(&path).bearer(&ana.token).send().await.expect(200);

    assert_eq!(one.header("content-type"), "application/pdf");
    assert_eq!(
        one.header("content-disposition"),
        "attachment; filename=\"ticket.pdf\""
    );
    assert_eq!(one.header("cache-control"), "private, no-cache");
    assert_eq!(pages(&one.bytes), 1);

    let all = format!("/api/v1/orders/{id}/tickets.pdf");
    let answer = app.get(&all).bearer(&ana.token).send().await.expect(200);
    assert_eq!(pages(&answer.bytes), 3);
    let back = json!({"ticket_ids": [first]});
    app.post(&format!("/api/v1/orders/{id}/refund"))
        .bearer(&ana.token)
        .json(back)
        .send()
        .await
        .expect(201);
    let answer = app.get(&all).bearer(&ana.token).send().await.expect(200);
    assert_eq!(pages(&answer.bytes), 2, "the valid ones");

    app.post(&format!("/api/v1/orders/{id}/refund"))
        .bearer(&ana.token)
        .json(json!({}))
        .send()
        .await
        .expect(201);
    for who in [&ana, &ben, &organizer] {
        let none = app.get(&all).bearer(&who.token).send().await;
        none.expect_problem(404, "not_found");
    }
    app.get(&all)
        .send()
        .await
        .expect_problem(401, "not_signed_in");
}

#[tokio::test]
async fn the_calendar_entry_has_the_instants_of_the_event() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 5, 0).await;
    let order = app.buy(&ana, &event, 1).await.json();
    let path = format!("/api/v1/tickets/{}.ics", text(&order["tickets"][0], "id"));

    let entry = app.get(&path).bearer(&ana.token).send().await.expect(200);

    assert!(entry.header("content-type").starts_with("text/calendar"));
    let lines: Vec<_> = entry
        .text()
        .replace("\r\n ", "")
        .lines()
        .map(str::to_owned)
        .collect();
    for line in [
        "DTSTART:20260608T120000Z",
        "DTEND:20260608T150000Z",
        "DTSTAMP:20260601T120000Z",
        "STATUS:CONFIRMED",
    ] {
        assert!(
            lines.iter().any(|found| found == line),
            "{line} in {lines:#?}"
        );
    }
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("LOCATION:The Hall")),
        "{lines:#?}"
    );
}

#[tokio::test]
async fn lists_go_from_page_to_page_without_gaps() {
    let app = TestApp::start().await;
    let (organizer, ana) = (app.organizer().await, app.attendee().await);
    let event = app.published_event(&organizer, 50, 0).await;
    let mut bought = Vec::new();
    for _ in 0..5 {
        app.advance(Duration::from_millis(20));
        bought.push(text(&app.buy(&ana, &event, 1).await.json(), "id"));
    }
    bought.reverse();

    let mut seen = Vec::new();
    let mut path = "/api/v1/orders?limit=2".to_owned();
    loop {
        let page = get(&app, &ana, &path).await;
        seen.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|order| text(order, "id")),
        );
        let Some(next) = page["next"].as_str() else {
            break;
        };
        path = format!("/api/v1/orders?limit=2&cursor={next}");
    }

    assert_eq!(seen, bought, "latest first");
    let tickets = get(&app, &ana, "/api/v1/tickets?limit=3").await;
    assert_eq!(tickets["items"].as_array().unwrap().len(), 3);
    assert!(tickets["next"].is_string());
    for query in ["limit=0", "limit=101", "limit=x", "cursor=x", "cursor="] {
        for list in ["orders", "tickets"] {
            let answer = app
                .get(&format!("/api/v1/{list}?{query}"))
                .bearer(&ana.token)
                .send()
                .await;
            answer.expect_problem(422, "invalid");
        }
    }
}

#[tokio::test]
async fn orders_are_private() {
    let app = TestApp::start().await;
    let (organizer, ana, ben) = (
        app.organizer().await,
        app.attendee().await,
        app.attendee().await,
    );
    let event = app.published_event(&organizer, 5, 0).await;
    let order = app.buy(&ana, &event, 1).await.json();
    let path = format!("/api/v1/orders/{}", text(&order, "id"));
    app.get(&path)
        .bearer(&ben.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    app.get(&path)
        .bearer(&organizer.token)
        .send()
        .await
        .expect_problem(404, "not_found");
    app.get(&path)
        .send()
        .await
        .expect_problem(401, "not_signed_in");
}
