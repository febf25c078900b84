//! One call with (or without) a key, from the look-up to the stored answer.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use store::{Conn, Tx, idempotency as rows};
use types::{AccountId, Code, OrderId};

use super::{IdempotencyKey, KEPT_FOR, Once, Reply};
use crate::{Ctx, Error, Result};

/// How long a call that asks a provider is left alone before a retry takes it over.
pub(crate) const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// How a call begins.
#[derive(Debug)]
pub(crate) enum Start {
    /// It is the first: do it.
    Fresh,
    /// It asked for the payment of this order and was never answered: find out.
    TakeOver(OrderId),
    /// It was never answered, but somebody else settled its order: tell what became of it.
    Settled(OrderId),
    /// It was answered before.
    Answered(Answer),
}

/// An answer as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl<T> From<Answer> for Reply<T> {
    fn from(Answer { status, body }: Answer) -> Self {
        Self::Replayed { status, body }
    }
}

/// A call. Without a key it stores nothing.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    account: AccountId,
    operation: String,
    key: Option<IdempotencyKey>,
    request_hash: Vec<u8>,
}

impl Call {
    /// The actor's call with this request.
    pub(crate) fn new(ctx: &Ctx, once: Once, request: &impl Serialize) -> Result<Self> {
        let json = serde_json::to_vec(request).map_err(Error::internal)?;
        Ok(Self {
            account: ctx.account()?,
            operation: once.operation,
            key: once.key,
            request_hash: Sha256::digest(json).to_vec(),
        })
    }

    /// What its answer is stored under.
    pub(crate) fn scope(&self) -> Option<rows::Scope<'_>> {
        let key = self.key.as_ref()?.as_str();
        Some(rows::Scope {
            account: self.account,
            operation: &self.operation,
            key,
        })
    }

    /// What is stored of an outcome; nothing for errors that are no answer.
    pub(crate) fn answer<T: Serialize>(&self, outcome: &Result<T>) -> Result<Option<Answer>> {
        let (status, body) = match outcome {
            Ok(value) => (201, serde_json::to_vec(value)),
            Err(error) if is_answer(error.code) => (
                error.code.status(),
                serde_json::to_vec(&error.to_problem(self.path())),
            ),
            Err(_) => return Ok(None),
        };
        let body = body.map_err(Error::internal)?;
        Ok(Some(Answer { status, body }))
    }

    /// The path of the operation `POST /path`.
    fn path(&self) -> &str {
        self.operation
            .split_once(' ')
            .map_or(&self.operation, |(_, path)| path)
    }
}

/// Which of its transactions a call is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It has just come.
    First,
    /// Its provider was asked; the key was begun in the first one.
    Second,
}

/// Looks the keys up and begins or continues the calls, first thing in their transaction; every
/// scope is there once, and whoever is just using one of the keys is waited for. Calls without a
/// key are fresh.
///
/// New keys are inserted, then all others are locked, each in the order of the index: so two
/// transactions never wait for each other here.
pub(crate) async fn start(
    tx: &mut Tx,
    calls: &[Option<(&Call, Stage)>],
    now: Timestamp,
) -> Result<Vec<Result<Start>>> {
    let mut starts: Vec<Result<Start>> = calls.iter().map(|_| Ok(Start::Fresh)).collect();
    let mut keyed = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        let Some((call, stage)) = call else { continue };
        let Some(scope) = call.scope() else { continue };
        keyed.push(Keyed {
            at,
            stage: *stage,
            call: rows::NewCall {
                scope,
                request_hash: &call.request_hash,
            },
        });
    }
    let new = insert(tx, &keyed, now).await?;
    let old: Vec<_> = keyed
        .iter()
        .filter(|keyed| !new.contains(&keyed.at))
        .collect();
    if old.is_empty() {
        return Ok(starts);
    }
    let scopes: Vec<_> = old.iter().map(|keyed| keyed.call.scope).collect();
    for (keyed, row) in old.iter().zip(rows::lock(tx, &scopes).await?) {
        starts[keyed.at] = match keyed.stage {
            Stage::First => known(tx, &keyed.call, row, now).await?,
            Stage::Second => Ok(resumed(row)),
        };
    }
    Ok(starts)
}

/// A call with a key, and its place among all.
struct Keyed<'a> {
    at: usize,
    stage: Stage,
    call: rows::NewCall<'a>,
}

/// Begins those that come for the first time. Returns which are new, by their places.
async fn insert(tx: &mut Tx, keyed: &[Keyed<'_>], now: Timestamp) -> Result<HashSet<usize>> {
    let first = keyed.iter().filter(|keyed| keyed.stage == Stage::First);
    let (places, calls): (Vec<_>, Vec<_>) =
        first.map(|keyed| (keyed.at, keyed.call.clone())).unzip();
    if calls.is_empty() {
        return Ok(HashSet::new());
    }
    let new = rows::insert(tx, &calls, now, now + LEASE).await?;
    Ok(new.into_iter().map(|place| places[place]).collect())
}

/// A call whose key was used before. The outer error is one of Postgres.
async fn known(
    tx: &mut Tx,
    new: &rows::NewCall<'_>,
    row: Option<rows::KeyRow>,
    now: Timestamp,
) -> Result<Result<Start>> {
    // Gone between the two statements: the cleaner was here, or the first one gave up.
    let Some(row) = row else {
        return Ok(Err(Code::RequestInFlight.into()));
    };
    if row.created_at + KEPT_FOR <= now {
        rows::delete(tx, new.scope).await?;
        rows::insert(tx, std::slice::from_ref(new), now, now + LEASE).await?;
        return Ok(Ok(Start::Fresh));
    }
    if row.request_hash != new.request_hash {
        return Ok(Err(Code::IdempotencyMismatch.into()));
    }
    if let Some((status, body)) = row.answer {
        return Ok(Ok(Start::Answered(Answer { status, body })));
    }
    if let Some(order) = row.order_id.filter(|_| row.is_settled) {
        return Ok(Ok(Start::Settled(order)));
    }
    if row.leased_until > now {
        return Ok(Err(Code::RequestInFlight.into()));
    }
    rows::lease(tx, new.scope, now + LEASE).await?;
    Ok(Ok(match row.order_id {
        Some(order) => Start::TakeOver(order),
        None => Start::Fresh,
    }))
}

/// A call in its second transaction: answered, if somebody else finished it in the meantime.
fn resumed(row: Option<rows::KeyRow>) -> Start {
    let answer = row.and_then(|row| row.answer);
    answer.map_or(Start::Fresh, |(status, body)| {
        Start::Answered(Answer { status, body })
    })
}

/// Notes what calls pay, before their first transaction is committed.
pub(crate) async fn note_orders(tx: &mut Tx, orders: &[(&Call, OrderId)]) -> Result<()> {
    let keyed: Vec<_> = orders
        .iter()
        .filter_map(|(call, order)| Some((call.scope()?, *order)))
        .collect();
    if keyed.is_empty() {
        return Ok(());
    }
    Ok(rows::set_orders(tx, &keyed).await?)
}

/// Stores answers of calls that have no effect, each scope once, in one statement without a
/// transaction. Returns whose keys are new, as places in `answers`; of the others nothing is stored.
pub(crate) async fn answer_new(
    conn: &mut Conn,
    answers: &[(&Call, &Answer)],
    now: Timestamp,
) -> Result<Vec<usize>> {
    let (mut places, mut calls) = (Vec::new(), Vec::new());
    for (place, (call, answer)) in answers.iter().enumerate() {
        let Some(scope) = call.scope() else { continue };
        let new = rows::NewCall {
            scope,
            request_hash: &call.request_hash,
        };
        let (status, body) = (answer.status, answer.body.as_slice());
        let finished = rows::Finished {
            scope,
            status,
            body,
        };
        places.push(place);
        calls.push((new, finished));
    }
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    let new = rows::insert_finished(conn, &calls, now).await?;
    Ok(new.into_iter().map(|at| places[at]).collect())
}

/// Stores answers in the transaction of their effects: both are there, or neither.
pub(crate) async fn store(tx: &mut Tx, answers: &[(&Call, Answer)]) -> Result<()> {
    let finished: Vec<_> = answers
        .iter()
        .filter_map(|(call, answer)| {
            Some(rows::Finished {
                scope: call.scope()?,
                status: answer.status,
                body: &answer.body,
            })
        })
        .collect();
    if finished.is_empty() {
        return Ok(());
    }
    Ok(rows::finish(tx, &finished).await?)
}

/// Is this error an answer that a repetition gets again?
pub(crate) fn is_answer(code: Code) -> bool {
    let about_the_key = matches!(code, Code::RequestInFlight | Code::IdempotencyMismatch);
    matches!(code.status(), 402 | 404 | 409 | 410 | 422) && !about_the_key
}
