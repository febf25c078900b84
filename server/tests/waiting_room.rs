//! The waiting room of a rush sale through the front door: set up, join, draw, wait, go in.

mod arming;
mod line;
mod pages;
mod places;
mod selling;

use std::time::Duration;

use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use testkit::{Answer, OnSale, Person, TestApp};

/// From setting up until the room opens.
const EARLY: Duration = Duration::from_mins(5);
/// From then until the places are drawn.
const DRAW: Duration = Duration::from_secs(2);

fn path(event: &OnSale) -> String {
    format!("/api/v1/events/{}/waiting-room", event.event)
}

/// Sets the room up or changes it, whatever comes of it.
async fn put(app: &TestApp, organizer: &Person, event: &OnSale, body: Value) -> Answer {
    let ask = app.put(&path(event)).bearer(&organizer.token);
    ask.json(body).send().await
}

/// A room that opens in five minutes.
async fn armed(app: &TestApp, organizer: &Person, event: &OnSale, per_minute: u32) {
    let body = json!({"opens_at": in_time(app, EARLY), "admits_per_minute": per_minute});
    put(app, organizer, event, body).await.expect(200);
}

fn in_time(app: &TestApp, after: Duration) -> String {
    (app.ctx().now() + SignedDuration::try_from(after).unwrap()).to_string()
}

/// Joins; the token.
async fn join(app: &TestApp, person: &Person, event: &OnSale) -> String {
    let ask = app.post(&path(event)).bearer(&person.token);
    let place = ask.send().await.expect(200).json();
    place["token"].as_str().expect("a token").to_owned()
}

async fn join_all_of(apps: &[&TestApp], people: &[Person], event: &OnSale) -> Vec<String> {
    let joins = people.iter().enumerate();
    join_all(joins.map(|(index, person)| join(apps[index % apps.len()], person, event))).await
}

/// Asks with the token alone.
async fn ask(app: &TestApp, event: &OnSale, token: &str) -> Answer {
    app.get(&path(event))
        .header("waiting-room-token", token)
        .send()
        .await
}

async fn look(app: &TestApp, event: &OnSale, token: &str) -> Value {
    ask(app, event, token).await.expect(200).json()
}

async fn look_all(app: &TestApp, event: &OnSale, tokens: &[String]) -> Vec<Value> {
    join_all(tokens.iter().map(|token| look(app, event, token))).await
}

/// The room opens and the places are drawn; all processes know it.
async fn open(apps: &[&TestApp]) {
    apps[0].advance(EARLY + DRAW);
    beat(apps).await;
}

async fn beat(apps: &[&TestApp]) {
    for app in apps {
        app.beat().await;
    }
}

async fn people(app: &TestApp, count: usize) -> Vec<Person> {
    join_all((0..count).map(|_| app.attendee())).await
}

fn state(room: &Value) -> &str {
    room["state"].as_str().unwrap_or_default()
}

/// 0 when it is their turn.
fn position(room: &Value) -> u64 {
    match state(room) {
        "admitted" => 0,
        _ => room["position"]
            .as_u64()
            .unwrap_or_else(|| panic!("no position in {room}")),
    }
}
