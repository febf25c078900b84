//! A client that wants its answer: whatever breaks, it asks again with the same key.

use std::{
    borrow::Cow,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use http::StatusCode;
use rand::{Rng, rngs::StdRng};
use tokio::sync::Semaphore;

use crate::client::{Answer, Ask, Connection, Target};

/// How long one question may take; the server itself gives up earlier.
const ANSWER_WITHIN: Duration = Duration::from_secs(50);
/// How long a client goes on asking; an abandoned payment is taken over after a minute.
const PATIENCE: Duration = Duration::from_mins(5);
/// One of so many keyed calls hangs up before it reads the answer.
const DROPPED_ONE_OF: u32 = 6;
/// How many answers that nobody expected are kept word for word.
const EXAMPLES: usize = 10;

/// The server processes, and what was seen of them.
pub struct Shop {
    doors: Vec<Door>,
    turns: Semaphore,
    hangs_up: bool,
    /// What was counted.
    pub tally: Tally,
}

struct Door {
    target: Target,
    idle: Mutex<Vec<Connection>>,
}

/// Counts of one run.
#[derive(Debug, Default)]
pub struct Tally {
    /// Requests sent.
    pub requests: AtomicU64,
    /// Requests sent again because there was no answer.
    pub retries: AtomicU64,
    /// Calls whose first answer was not read.
    pub dropped: AtomicU64,
    /// Answers compared with the answer to the same call sent again.
    pub compared: AtomicU64,
    /// Of those, how many were not the same bytes.
    pub differing: AtomicU64,
    /// Calls that never got an answer.
    pub unanswered: AtomicU64,
    /// Answers that no client should get.
    pub unexpected: AtomicU64,
    /// Some of what was counted in `differing` and `unexpected`.
    pub examples: Mutex<Vec<String>>,
}

impl Tally {
    /// Notes an answer that no client should get.
    pub fn surprise(&self, ask: &Ask, answer: &Answer) {
        self.unexpected.fetch_add(1, Relaxed);
        self.keep(format!(
            "{} {} {} answered {} {}",
            ask.method,
            ask.path,
            String::from_utf8_lossy(&ask.body),
            answer.status,
            String::from_utf8_lossy(&answer.body)
        ));
    }

    /// The same call twice must give the same bytes.
    fn compare(&self, ask: &Ask, first: &Answer, second: &Answer) {
        self.compared.fetch_add(1, Relaxed);
        if (first.status, lasting(ask, first)) != (second.status, lasting(ask, second)) {
            self.differing.fetch_add(1, Relaxed);
            self.keep(format!(
                "{} {}: {} {} and then {} {}",
                ask.method,
                ask.path,
                first.status,
                String::from_utf8_lossy(&first.body),
                second.status,
                String::from_utf8_lossy(&second.body)
            ));
        }
    }

    fn keep(&self, example: String) {
        let mut examples = self.examples.lock().unwrap_or_else(PoisonError::into_inner);
        if examples.len() < EXAMPLES {
            examples.push(example);
        }
    }
}

impl Shop {
    /// A shop with these doors, asked by at most so many at once.
    pub fn new(targets: Vec<Target>, at_once: usize) -> Self {
        let door = |target| Door {
            target,
            idle: Mutex::default(),
        };
        Self {
            doors: targets.into_iter().map(door).collect(),
            turns: Semaphore::new(at_once),
            hangs_up: true,
            tally: Tally::default(),
        }
    }

    /// The same, where everybody waits for the answer.
    pub fn patient(mut self) -> Self {
        self.hangs_up = false;
        self
    }

    /// The first door, for what nothing disturbs.
    pub fn first(&self) -> &Target {
        &self.doors[0].target
    }

    /// One call under a key of its own; some hang up first, ask again and compare. `None` when
    /// there was no answer in the end.
    pub async fn once(&self, ask: Ask, dice: &mut StdRng) -> Option<Answer> {
        let ask = ask.with("idempotency-key", format!("{:032x}", dice.random::<u128>()));
        if !(self.hangs_up && dice.random_ratio(1, DROPPED_ONE_OF)) {
            return self.ask(&ask, dice).await;
        }
        self.hang_up(&ask, dice).await;
        let first = self.ask(&ask, dice).await?;
        let second = self.ask(&ask, dice).await?;
        self.tally.compare(&ask, &first, &second);
        Some(first)
    }

    /// Asks, at whichever door, until there is an answer.
    pub async fn ask(&self, ask: &Ask, dice: &mut StdRng) -> Option<Answer> {
        let until = Instant::now() + PATIENCE;
        let mut at = dice.random_range(0..self.doors.len());
        loop {
            let answer = self.try_at(&self.doors[at], ask).await;
            match answer {
                Some(answer) if !is_passing(&answer) => return Some(answer),
                _ if Instant::now() > until => break,
                _ => {}
            }
            self.tally.retries.fetch_add(1, Relaxed);
            at = (at + 1) % self.doors.len();
            tokio::time::sleep(Duration::from_millis(dice.random_range(100..600))).await;
        }
        self.tally.unanswered.fetch_add(1, Relaxed);
        None
    }

    /// Sends the call and goes away before reading the answer.
    async fn hang_up(&self, ask: &Ask, dice: &mut StdRng) {
        let (at, after) = (
            dice.random_range(0..self.doors.len()),
            Duration::from_micros(dice.random_range(200..40_000)),
        );
        let Ok(_turn) = self.turns.acquire().await else {
            return;
        };
        self.tally.dropped.fetch_add(1, Relaxed);
        self.tally.requests.fetch_add(1, Relaxed);
        if let Some(connection) = self.doors[at].connection().await {
            connection.send_and_hang_up(ask, after).await;
        }
    }

    /// One question; `None` when its answer was lost.
    async fn try_at(&self, door: &Door, ask: &Ask) -> Option<Answer> {
        let _turn = self.turns.acquire().await.ok()?;
        self.tally.requests.fetch_add(1, Relaxed);
        let mut connection = door.connection().await?;
        let answer = tokio::time::timeout(ANSWER_WITHIN, connection.ask(ask)).await;
        let answer = answer.ok()?.ok()?;
        door.keep(connection);
        Some(answer)
    }
}

impl Door {
    async fn connection(&self) -> Option<Connection> {
        let kept = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        match kept {
            Some(connection) if connection.is_open() => Some(connection),
            _ => self.target.connect().await.ok(),
        }
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(connection);
    }
}

/// The part of an answer that a repetition gets byte for byte: all of it, but where somebody
/// stands in line is counted anew each time.
fn lasting<'a>(ask: &Ask, answer: &'a Answer) -> Cow<'a, str> {
    let body = String::from_utf8_lossy(&answer.body);
    let is_join = ask.path.ends_with("/waiting-list");
    match body.split_once(r#""position":"#) {
        Some((before, after)) if is_join => {
            let (_, after) = after.split_once(',').unwrap_or_default();
            Cow::Owned(format!("{before}{after}"))
        }
        _ => body,
    }
}

/// Is this no answer yet, but a request to come again?
fn is_passing(answer: &Answer) -> bool {
    answer.status.is_server_error()
        || answer.status == StatusCode::TOO_MANY_REQUESTS
        || answer.code() == "request_in_flight"
}
