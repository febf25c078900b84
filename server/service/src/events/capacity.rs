//! The places of a whole event: turned on, changed, turned off, while it sells.

use store::{
    Tx,
    events::EventRow,
    pools::{self, Pool},
};
use types::{Code, PoolId};

use crate::{Ctx, Error, Result};

/// Gives the event another capacity. The caller holds the locks of the event and its
/// pools, and due holds are expired.
pub(crate) async fn change(
    ctx: &Ctx,
    tx: &mut Tx,
    row: &EventRow,
    capacity: Option<u32>,
) -> Result<()> {
    match (row.capacity_pool_id, capacity) {
        (None, None) => Ok(()),
        (None, Some(capacity)) => turn_on(ctx, tx, row, capacity).await,
        (Some(pool), Some(capacity)) => resize(tx, row, pool, capacity).await,
        (Some(pool), None) => Ok(pools::delete(tx, pool).await?),
    }
}

/// The new pool begins with what the ticket types sold and hold already.
async fn turn_on(ctx: &Ctx, tx: &mut Tx, row: &EventRow, capacity: u32) -> Result<()> {
    let taken = pools::lock_event(tx, row.id).await?;
    let (sold, held) = (
        taken.iter().map(|pool| pool.sold).sum(),
        taken.iter().map(|pool| pool.held).sum(),
    );
    let id = PoolId(ctx.new_id());
    fits(sold, held, capacity)?;
    pools::insert(tx, id, row.id, capacity).await?;
    pools::connect_all(tx, row.id, id).await?;
    pools::set_counters(tx, id, sold, held).await?;
    Ok(store::events::set_capacity_pool(tx, row.id, Some(id)).await?)
}

/// Another size of a pool of the event, never below what is sold and held.
pub(crate) async fn resize(tx: &mut Tx, row: &EventRow, id: PoolId, capacity: u32) -> Result<()> {
    let pools = pools::lock_event(tx, row.id).await?;
    let pool = pools
        .into_iter()
        .find(|pool| pool.id == id)
        .ok_or_else(|| Error::internal("a pool without a row"))?;
    let Pool { sold, held, .. } = pool;
    fits(sold, held, capacity)?;
    Ok(pools::resize(tx, id, capacity).await?)
}

/// Are so many places enough for what is sold and held?
pub(crate) fn fits(sold: i32, held: i32, capacity: u32) -> Result<()> {
    if i64::from(sold) + i64::from(held) <= i64::from(capacity) {
        return Ok(());
    }
    Err(Error::new(Code::BelowSold)
        .with("sold", sold)
        .with("held", held))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_capacity_fits_exactly_when_nothing_taken_is_left_out(sold in 0..i32::MAX, held in 0..i32::MAX, capacity: u32) {
            let free = i128::from(capacity) - i128::from(sold) - i128::from(held);
            prop_assert_eq!(fits(sold, held, capacity).is_ok(), free >= 0);
        }
    }
}
