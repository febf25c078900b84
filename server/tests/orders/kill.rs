//! Two server processes on one database, and one of them dies in the middle.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::join_all;
use serde_json::{Value, json};
use testkit::{TestDatabase, endpoints};
use uuid::Uuid;

const PLACES: usize = 40;
const ACCOUNTS: usize = 12;
/// Three times as many as places.
const BUYERS: usize = PLACES * 3;
const PATIENCE: Duration = Duration::from_mins(1);
const ENGINES: [&str; 6] = [
    "MONGODB_URL",
    "KAFKA_BROKERS",
    "S3_ENDPOINT",
    "S3_BUCKET",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
];

/// A real server in a process of its own; killed when dropped.
struct Process {
    child: Child,
    base: String,
}

impl Process {
    fn start(database: &TestDatabase, prefix: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let address = format!("127.0.0.1:{port}");
        let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
        for name in ENGINES {
            command.env(format!("EVENTSPHERE_{name}"), endpoints().get(name));
        }
        let child = command
            .arg("serve")
            .env("EVENTSPHERE_ADDR", &address)
            // One installation: the same issuer of tokens, the same secret.
            .env("EVENTSPHERE_PUBLIC_URL", "http://127.0.0.1:3000")
            .env("EVENTSPHERE_DATABASE_URL", database.url())
            .env("EVENTSPHERE_MONGODB_DATABASE", format!("es_test_{prefix}"))
            .env("EVENTSPHERE_KAFKA_TOPIC_PREFIX", format!("test-{prefix}-"))
            .env(
                "EVENTSPHERE_TOKEN_SECRET",
                "dev-only-dev-only-dev-only-dev-only-dev-only",
            )
            .env("EVENTSPHERE_LIMITS", "relaxed")
            .env("EVENTSPHERE_SIMULATOR_DELAY_MS", "30")
            .env(
                "EVENTSPHERE_SITE_ROOT",
                concat!(env!("CARGO_MANIFEST_DIR"), "/../target/site"),
            )
            .env("EVENTSPHERE_LOG", "error")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            base: format!("http://{address}"),
        }
    }

    async fn is_up(&self, client: &reqwest::Client) {
        let began = Instant::now();
        loop {
            match client
                .get(format!("{}/api/v1/events", self.base))
                .send()
                .await
            {
                Ok(answer) if answer.status() == 200 => return,
                _ => assert!(began.elapsed() < PATIENCE, "the server does not start"),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// `kill -9`.
    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Posts and must succeed.
async fn make(client: &reqwest::Client, base: &str, path: &str, token: &str, body: Value) -> Value {
    let answer = client
        .post(format!("{base}/api/v1{path}"))
        .bearer_auth(token)
        .json(&body)
        .send()
        .await
        .unwrap();
    assert!(
        answer.status().is_success(),
        "{path}: {}",
        answer.text().await.unwrap()
    );
    answer.json().await.unwrap()
}

async fn token(client: &reqwest::Client, base: &str, role: &str) -> String {
    let email = format!("{}@example.org", Uuid::new_v4().simple());
    let body =
        json!({"email": email, "password": "correct horse 42", "name": "Somebody", "role": role});
    let answer = client
        .post(format!("{base}/api/v1/auth/register"))
        .json(&body)
        .send()
        .await
        .unwrap();
    let signed_in: Value = answer.json().await.unwrap();
    signed_in["access_token"].as_str().unwrap().to_owned()
}

/// The event's id and the body of a purchase of one place.
async fn on_sale(client: &reqwest::Client, base: &str) -> (String, Value) {
    let organizer = token(client, base, "organizer").await;
    let event = json!({
        "title": "The last night", "time_zone": "UTC",
        "starts_at": "2099-06-01T18:00:00Z", "ends_at": "2099-06-01T22:00:00Z",
        "ticket_types": [{
            "name": "Standard", "price": {"amount_minor": 1200, "currency": "EUR"},
            "quantity": PLACES, "max_per_person": BUYERS.div_ceil(ACCOUNTS),
        }],
    });
    let draft = make(client, base, "/events", &organizer, event).await;
    let id = draft["id"].as_str().unwrap().to_owned();
    let event = make(
        client,
        base,
        &format!("/events/{id}/publish"),
        &organizer,
        json!({}),
    )
    .await;
    let items = json!([{"ticket_type_id": event["ticket_types"][0]["id"], "quantity": 1}]);
    (
        id,
        json!({"items": items, "payment": {"method": "simulated", "token": "ok"}}),
    )
}

/// What one buyer is told in the end.
#[derive(Debug)]
enum Told {
    Ticket(String),
    SoldOut,
}

/// Somebody who wants one place and repeats the same request until there is an answer.
struct Buyer {
    client: reqwest::Client,
    path: String,
    token: String,
    key: String,
    body: Value,
    bases: [String; 2],
    sold: Arc<AtomicUsize>,
}

impl Buyer {
    async fn buy(self) -> Told {
        let began = Instant::now();
        let mut at = usize::from(self.key.len().is_multiple_of(2));
        loop {
            assert!(began.elapsed() < PATIENCE, "no answer for {}", self.key);
            if let Some(told) = self.ask(&self.bases[at]).await {
                return told;
            }
            at = 1 - at;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// An answer, or `None` when the same request is to be made again.
    async fn ask(&self, base: &str) -> Option<Told> {
        let request = self
            .client
            .post(format!("{base}{}", self.path))
            .bearer_auth(&self.token);
        let answer = request
            .header("Idempotency-Key", &self.key)
            .json(&self.body)
            .send()
            .await
            .ok()?;
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.ok()?;
        match (status, body["code"].as_str()) {
            (201, _) => {
                let ticket = body["tickets"][0]["id"]
                    .as_str()
                    .unwrap_or_else(|| panic!("no ticket in {body}"));
                self.sold.fetch_add(1, Ordering::SeqCst);
                Some(Told::Ticket(ticket.to_owned()))
            }
            (409, Some("sold_out")) => Some(Told::SoldOut),
            (409, Some("request_in_flight")) | (500.., _) => None,
            _ => panic!("{status} {body}"),
        }
    }
}

/// As if a minute had passed: whatever the dead process was doing may be taken over.
async fn leases_end(database: &TestDatabase) {
    for table in ["payments", "idempotency_keys"] {
        database
            .execute(&format!(
                "UPDATE {table} SET leased_until = leased_until - interval '1 minute'"
            ))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn killing_one_of_two_processes_changes_nothing() {
    let (database, prefix) = (
        TestDatabase::create().await,
        Uuid::new_v4().simple().to_string(),
    );
    let mut doomed = Process::start(&database, &prefix);
    let survivor = Process::start(&database, &prefix);
    let client = reqwest::Client::new();
    tokio::join!(doomed.is_up(&client), survivor.is_up(&client));
    let (event, body) = on_sale(&client, &survivor.base).await;
    let tokens = join_all((0..ACCOUNTS).map(|_| token(&client, &survivor.base, "attendee"))).await;
    let sold = Arc::new(AtomicUsize::new(0));
    let buyers = (0..BUYERS).map(|index| Buyer {
        client: client.clone(),
        path: format!("/api/v1/events/{event}/purchase"),
        token: tokens[index % ACCOUNTS].clone(),
        key: "k".repeat(index + 1),
        body: body.clone(),
        bases: [doomed.base.clone(), survivor.base.clone()],
        sold: sold.clone(),
    });

    let buying = join_all(buyers.map(Buyer::buy));
    let killing = async {
        while sold.load(Ordering::SeqCst) < PLACES / 4 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        doomed.kill();
        tokio::time::sleep(Duration::from_secs(1)).await;
        leases_end(&database).await;
    };
    let (told, ()) = tokio::join!(buying, killing);

    let acknowledged: Vec<_> = told
        .iter()
        .filter_map(|told| {
            if let Told::Ticket(id) = told {
                Some(id.clone())
            } else {
                None
            }
        })
        .collect();
    assert_eq!(
        (acknowledged.len(), told.len() - acknowledged.len()),
        (PLACES, BUYERS - PLACES),
        "exactly the capacity"
    );
    let db = store::Db::connect(database.url(), 1).await.unwrap();
    let mut conn = db.conn().await.unwrap();
    for id in acknowledged {
        let ticket = store::tickets::find(&mut conn, id.parse().unwrap())
            .await
            .unwrap();
        assert!(
            ticket.is_some(),
            "ticket {id} was acknowledged and is missing"
        );
    }
    let pools = store::pools::lock_event(&mut conn, event.parse().unwrap())
        .await
        .unwrap();
    assert_eq!(
        pools
            .iter()
            .map(|pool| (pool.sold, pool.held))
            .collect::<Vec<_>>(),
        [(40, 0)]
    );
    assert_eq!(store::pools::audit::drifts(&mut conn).await.unwrap(), []);
    assert_eq!(store::pools::audit::misfits(&mut conn).await.unwrap(), []);
}
