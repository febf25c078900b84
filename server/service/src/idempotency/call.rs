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
pub(crate) enum Start {
    /// It is the first: do it.
    Fresh(Call),
    /// It asked for the payment of this order and was never answered: find out.
    TakeOver(Call, OrderId),
    /// It was answered before.
    Answered(Answer),
}

/// A stored answer.
pub(crate) struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl<T> From<Answer> for Reply<T> {
    fn from(Answer { status, body }: Answer) -> Self {
        Self::Replayed { status, body }
    }
}

/// A call under way. Without a key it stores nothing.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    account: AccountId,
    operation: String,
    key: Option<IdempotencyKey>,
}

/// Looks the key up and begins the call, first thing in its transaction. Somebody who
/// is just using the key is waited for.
pub(crate) async fn start(
    ctx: &Ctx,
    tx: &mut Tx,
    once: &Once,
    request: &impl Serialize,
) -> Result<Start> {
    let call = Call {
        account: ctx.account()?,
        operation: once.operation.clone(),
        key: once.key.clone(),
    };
    let Some(scope) = call.scope() else {
        return Ok(Start::Fresh(call));
    };
    let (now, hash) = (ctx.now(), hash_of(request)?);
    if rows::insert(tx, scope, &hash, now, now + LEASE).await? {
        return Ok(Start::Fresh(call));
    }
    // Gone between the two statements: the cleaner was here, or the first one gave up.
    let Some(row) = rows::lock(tx, scope).await? else {
        return Err(Code::RequestInFlight.into());
    };
    if row.created_at + KEPT_FOR <= now {
        rows::delete(tx, scope).await?;
        rows::insert(tx, scope, &hash, now, now + LEASE).await?;
        return Ok(Start::Fresh(call));
    }
    known(tx, call, row, &hash, now).await
}

/// A call whose key was used before.
async fn known(
    tx: &mut Tx,
    call: Call,
    row: rows::KeyRow,
    hash: &[u8],
    now: Timestamp,
) -> Result<Start> {
    if row.request_hash != hash {
        return Err(Code::IdempotencyMismatch.into());
    }
    if let Some((status, body)) = row.answer {
        return Ok(Start::Answered(Answer { status, body }));
    }
    let (Some(scope), true) = (call.scope(), row.leased_until <= now) else {
        return Err(Code::RequestInFlight.into());
    };
    rows::lease(tx, scope, now + LEASE).await?;
    Ok(match row.order_id {
        Some(order) => Start::TakeOver(call, order),
        None => Start::Fresh(call),
    })
}

fn hash_of(request: &impl Serialize) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(request).map_err(Error::internal)?;
    Ok(Sha256::digest(json).to_vec())
}

impl Call {
    fn scope(&self) -> Option<rows::Scope<'_>> {
        let key = self.key.as_ref()?.as_str();
        Some(rows::Scope {
            account: self.account,
            operation: &self.operation,
            key,
        })
    }

    /// Notes what this call pays, before its first transaction is committed.
    pub(crate) async fn note_order(&self, tx: &mut Tx, order: OrderId) -> Result<()> {
        if let Some(scope) = self.scope() {
            rows::set_order(tx, scope, order).await?;
        }
        Ok(())
    }

    /// Continues in a second transaction, first thing in it. The answer, if somebody
    /// else finished the call in the meantime.
    pub(crate) async fn resume(&self, tx: &mut Tx) -> Result<Option<Answer>> {
        let Some(scope) = self.scope() else {
            return Ok(None);
        };
        let row = rows::lock(tx, scope).await?;
        Ok(row
            .and_then(|row| row.answer)
            .map(|(status, body)| Answer { status, body }))
    }

    /// Stores the answer in the transaction of its effect and commits both. An error
    /// that is not an answer undoes everything; one that is an answer commits what
    /// belongs to it (holds that expired, a declined payment), so use cases decide
    /// before they write.
    pub(crate) async fn conclude<T: Serialize>(
        &self,
        mut tx: Tx,
        outcome: Result<T>,
    ) -> Result<Reply<T>> {
        match outcome {
            Ok(value) => {
                self.store(&mut tx, 201, &value).await?;
                tx.commit().await?;
                Ok(Reply::Fresh(value))
            }
            Err(error) if is_answer(error.code) => {
                self.store(&mut tx, error.code.status(), &error.to_problem(self.path()))
                    .await?;
                tx.commit().await?;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn store(&self, tx: &mut Tx, status: u16, answer: &impl Serialize) -> Result<()> {
        let Some(scope) = self.scope() else {
            return Ok(());
        };
        let body = serde_json::to_vec(answer).map_err(Error::internal)?;
        Ok(rows::finish(tx, scope, status, &body).await?)
    }

    /// The path of the operation `POST /path`.
    fn path(&self) -> &str {
        self.operation
            .split_once(' ')
            .map_or(&self.operation, |(_, path)| path)
    }
}

/// Is this error an answer that a repetition gets again?
fn is_answer(code: Code) -> bool {
    let about_the_key = matches!(code, Code::RequestInFlight | Code::IdempotencyMismatch);
    matches!(code.status(), 402 | 404 | 409 | 410 | 422) && !about_the_key
}
