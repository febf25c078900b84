//! One call with (or without) a key, from the look-up to the stored answer.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use store::{Tx, idempotency as rows};
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

/// Looks the keys up and begins the calls, first thing in their transaction; every
/// scope is there once. Whoever is just using one of the keys is waited for.
pub(crate) async fn start(
    tx: &mut Tx,
    calls: &[&Call],
    now: Timestamp,
) -> Result<Vec<Result<Start>>> {
    let mut starts: Vec<Result<Start>> = calls.iter().map(|_| Ok(Start::Fresh)).collect();
    let keyed: Vec<_> = (0..calls.len())
        .filter_map(|at| Some((at, calls[at].scope()?)))
        .collect();
    if keyed.is_empty() {
        return Ok(starts);
    }
    let rows: Vec<_> = keyed
        .iter()
        .map(|(at, scope)| rows::NewCall {
            scope: *scope,
            request_hash: &calls[*at].request_hash,
        })
        .collect();
    let new = rows::insert(tx, &rows, now, now + LEASE).await?;
    for (place, (at, _)) in keyed.iter().enumerate() {
        if !new.contains(&place) {
            starts[*at] = known(tx, calls[*at], &rows[place], now).await?;
        }
    }
    Ok(starts)
}

/// A call whose key was used before. The outer error is one of Postgres.
async fn known(
    tx: &mut Tx,
    call: &Call,
    new: &rows::NewCall<'_>,
    now: Timestamp,
) -> Result<Result<Start>> {
    // Gone between the two statements: the cleaner was here, or the first one gave up.
    let Some(row) = rows::lock(tx, new.scope).await? else {
        return Ok(Err(Code::RequestInFlight.into()));
    };
    if row.created_at + KEPT_FOR <= now {
        rows::delete(tx, new.scope).await?;
        rows::insert(tx, std::slice::from_ref(new), now, now + LEASE).await?;
        return Ok(Ok(Start::Fresh));
    }
    if row.request_hash != call.request_hash {
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

/// Continues a call in a second transaction, first thing in it. The answer, if somebody
/// else finished the call in the meantime.
pub(crate) async fn resume(tx: &mut Tx, call: &Call) -> Result<Option<Answer>> {
    let Some(scope) = call.scope() else {
        return Ok(None);
    };
    let row = rows::lock(tx, scope).await?;
    let answer = row.and_then(|row| row.answer);
    Ok(answer.map(|(status, body)| Answer { status, body }))
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
fn is_answer(code: Code) -> bool {
    let about_the_key = matches!(code, Code::RequestInFlight | Code::IdempotencyMismatch);
    matches!(code.status(), 402 | 404 | 409 | 410 | 422) && !about_the_key
}
