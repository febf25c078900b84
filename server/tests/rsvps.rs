//! Answering whether one comes, through the front door.

mod answering;
mod asking;
mod hidden;
mod lapsing;
mod line;
mod mails;
mod pages;
mod parties;
mod settings;

use serde_json::{Value, json};
use testkit::{Answer, Person, TestApp};

use crate::orders::{audit, text};

/// A published event that takes RSVPs, a week from now.
struct World {
    app: TestApp,
    organizer: Person,
    event: String,
    slug: String,
}

/// How people answer: up to four in one answer, asked again 48 hours before, until 12 hours before.
fn settings() -> Value {
    json!({"max_party": 4, "reconfirm": {"ask_hours": 48, "until_hours": 12}})
}

async fn world(capacity: Option<u32>) -> World {
    let app = TestApp::start().await;
    let organizer = app.organizer().await;
    let (event, slug) = published(&app, &organizer, capacity).await;
    World {
        app,
        organizer,
        event,
        slug,
    }
}

/// Id and slug.
async fn published(app: &TestApp, organizer: &Person, capacity: Option<u32>) -> (String, String) {
    let mut body = app.event_body("A picnic");
    body["capacity"] = json!(capacity);
    let event = app.draft(organizer, body).await;
    let id = text(&event, "id");
    set(app, organizer, &id, settings()).await.expect(200);
    let path = format!("/api/v1/events/{id}/publish");
    let publish = app.post(&path).bearer(&organizer.token);
    publish.send().await.expect(200);
    (id, text(&event, "slug"))
}

async fn set(app: &TestApp, organizer: &Person, event: &str, body: Value) -> Answer {
    let path = format!("/api/v1/events/{event}/rsvp-settings");
    let put = app.put(&path).bearer(&organizer.token).json(body);
    put.send().await
}

/// Changes the event.
async fn change(w: &World, organizer: &Person, body: Value) {
    let path = format!("/api/v1/events/{}", w.event);
    let patch = w.app.patch(&path).bearer(&organizer.token);
    patch
        .header("if-match", "*")
        .json(body)
        .send()
        .await
        .expect(200);
}

async fn answer(app: &TestApp, who: &Person, event: &str, body: Value) -> Answer {
    let path = format!("/api/v1/events/{event}/rsvp");
    let put = app.put(&path).bearer(&who.token).json(body);
    put.send().await
}

impl World {
    /// Offers somebody's ticket to somebody else, who takes it.
    async fn pass_on(&self, from: &Person, to: &Person) {
        let tickets = self.app.get("/api/v1/tickets").bearer(&from.token);
        let ticket = text(&tickets.send().await.expect(200).json()["items"][0], "id");
        let path = format!("/api/v1/tickets/{ticket}/transfer");
        let offer = self.app.post(&path).bearer(&from.token);
        let offer = offer.json(json!({"to": to.handle()}));
        let offer = text(&offer.send().await.expect(201).json(), "id");
        let path = format!("/api/v1/transfers/{offer}/accept");
        let accept = self.app.post(&path).bearer(&to.token).json(json!({}));
        accept.send().await.expect(201);
    }

    async fn going(&self, who: &Person, party: u32) -> Answer {
        let body = json!({"answer": "going", "party": party});
        answer(&self.app, who, &self.event, body).await
    }

    async fn says(&self, who: &Person, said: &str) -> Answer {
        answer(&self.app, who, &self.event, json!({"answer": said})).await
    }

    async fn look(&self, who: &Person) -> Value {
        let path = format!("/api/v1/events/{}/rsvp", self.event);
        let get = self.app.get(&path).bearer(&who.token);
        get.send().await.expect(200).json()
    }

    async fn status(&self, who: &Person) -> Value {
        self.look(who).await["status"].clone()
    }

    async fn waits(&self, who: &Person, quantity: u32) -> Answer {
        let kind = self.look(who).await["ticket_type_id"].clone();
        let path = format!("/api/v1/events/{}/waiting-list", self.event);
        let body = json!({"ticket_type_id": kind, "quantity": quantity});
        let join = self.app.post(&path).bearer(&who.token).json(body);
        join.send().await
    }

    /// People who are going and who are interested.
    async fn counts(&self) -> (u64, u64) {
        let path = format!("/api/v1/events/{}/rsvp", self.event);
        let rsvp = self.app.get(&path).send().await.expect(200).json();
        let count = |name: &str| rsvp["counts"][name].as_u64().expect("a count");
        (count("going"), count("interested"))
    }
}
