//! Arrangements, made through the front door: people, events, pictures.

use serde_json::{Value, json};
use types::{EventId, TicketTypeId};
use uuid::Uuid;

use crate::{Answer, Ask, TestApp};

/// Somebody with an account and an access token.
#[derive(Clone, Debug)]
pub struct Person {
    /// For `.bearer(…)`.
    pub token: String,
    /// For the next pair.
    pub refresh_token: String,
    /// Their e-mail.
    pub email: String,
    /// Their password.
    pub password: String,
    /// Their account as the API shows it.
    pub account: Value,
}

impl Person {
    /// Their handle.
    pub fn handle(&self) -> &str {
        self.account["handle"].as_str().unwrap_or_default()
    }
}

/// A published event with one ticket type.
#[derive(Clone, Debug)]
pub struct OnSale {
    /// The event.
    pub event: EventId,
    /// In links.
    pub slug: String,
    /// Its ticket type.
    pub ticket_type: TicketTypeId,
    /// Its version after publishing.
    pub version: i64,
}

impl OnSale {
    /// The body of a hold or a purchase without payment.
    pub fn items(&self, quantity: u32) -> Value {
        json!({"items": [{"ticket_type_id": self.ticket_type, "quantity": quantity}]})
    }

    /// The body of a purchase that the simulator lets through.
    pub fn purchase(&self, quantity: u32) -> Value {
        self.paid_with(quantity, "ok")
    }

    /// The body of a purchase with a token of the simulator.
    pub fn paid_with(&self, quantity: u32, token: &str) -> Value {
        let mut body = self.items(quantity);
        body["payment"] = json!({"method": "simulated", "token": token});
        body
    }
}

impl TestApp {
    /// Somebody new who runs events.
    pub async fn organizer(&self) -> Person {
        self.person("organizer").await
    }

    /// Somebody new who buys tickets.
    pub async fn attendee(&self) -> Person {
        self.person("attendee").await
    }

    async fn person(&self, role: &str) -> Person {
        let tag = Uuid::new_v4().simple().to_string();
        let (email, password) = (
            format!("{role}-{tag}@example.org"),
            format!("correct horse {tag}"),
        );
        let body = json!({"email": email, "password": password, "name": format!("Test {role}"), "role": role});
        let signed_in = self
            .post("/api/v1/auth/register")
            .json(body)
            .send()
            .await
            .expect(201)
            .json();
        let text = |name: &str| signed_in[name].as_str().unwrap_or_default().to_owned();
        Person {
            token: text("access_token"),
            refresh_token: text("refresh_token"),
            email,
            password,
            account: signed_in["account"].clone(),
        }
    }

    /// The body of an event that can be created now.
    pub fn event_body(&self, title: &str) -> Value {
        json!({
            "title": title,
            "starts_at": self.in_hours(24 * 7),
            "ends_at": self.in_hours(24 * 7 + 3),
            "time_zone": "Europe/Berlin",
            "venue": {"name": "The Hall", "address": "1 Main Street", "latitude": 52.5, "longitude": 13.4},
        })
    }

    /// Creates a draft; the answer is 201.
    pub async fn draft(&self, organizer: &Person, body: Value) -> Value {
        self.post("/api/v1/events")
            .bearer(&organizer.token)
            .json(body)
            .send()
            .await
            .expect(201)
            .json()
    }

    /// A published event with one ticket type of so many places at so many cents.
    pub async fn published_event(
        &self,
        organizer: &Person,
        places: u32,
        price_minor: i64,
    ) -> OnSale {
        let mut body = self.event_body("A night to remember");
        body["ticket_types"] = json!([{
            "name": "Standard", "price": {"amount_minor": price_minor, "currency": "EUR"},
            "quantity": places, "max_per_person": 100.min(places),
        }]);
        let id = self.draft(organizer, body).await["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let path = format!("/api/v1/events/{id}/publish");
        let event = self
            .post(&path)
            .bearer(&organizer.token)
            .send()
            .await
            .expect(200)
            .json();
        OnSale {
            event: id.parse().expect("an id"),
            slug: event["slug"].as_str().unwrap_or_default().to_owned(),
            ticket_type: serde_json::from_value(event["ticket_types"][0]["id"].clone())
                .expect("a ticket type"),
            version: event["version"].as_i64().unwrap_or_default(),
        }
    }

    /// A purchase in the making.
    pub fn purchase(&self, buyer: &Person, event: &OnSale, quantity: u32) -> Ask {
        let path = format!("/api/v1/events/{}/purchase", event.event);
        self.post(&path)
            .bearer(&buyer.token)
            .json(event.purchase(quantity))
    }

    /// Buys, and must succeed.
    pub async fn buy(&self, buyer: &Person, event: &OnSale, quantity: u32) -> Answer {
        self.purchase(buyer, event, quantity)
            .send()
            .await
            .expect(201)
    }
}

/// A PNG of one grey pixel by one, larger when asked: `size` by `size`, uncompressed.
pub fn png(size: u32) -> Vec<u8> {
    let row = [&[0u8][..], &vec![128; size as usize]].concat();
    let raw = row.repeat(size as usize);
    let header = [
        &size.to_be_bytes()[..],
        &size.to_be_bytes(),
        &[8, 0, 0, 0, 0],
    ]
    .concat();
    let signature = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];
    [
        &signature[..],
        &chunk(*b"IHDR", &header),
        &chunk(*b"IDAT", &stored(&raw)),
        &chunk(*b"IEND", &[]),
    ]
    .concat()
}

/// A zlib stream of stored blocks (RFC 1950, RFC 1951 section 3.2.4).
fn stored(raw: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let blocks = raw.chunks(0xffff).count().max(1);
    for (index, block) in raw.chunks(0xffff).enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        stream.push(u8::from(index + 1 == blocks));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend_from_slice(block);
    }
    let (a, b) = raw.iter().fold((1u32, 0u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (b + a) % 65521)
    });
    stream.extend(((b << 16) | a).to_be_bytes());
    stream
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [&kind[..], data].concat();
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], &body, &crc(&body).to_be_bytes()].concat()
}

/// CRC-32 as PNG wants it (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}
