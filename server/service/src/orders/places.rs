//! Where every place of an event is, for its crew and the platform's. Looks, and repairs nothing.

use store::pools::audit::PoolRow;
use types::places::{EventPlaces, PoolPlaces};

use crate::{Ctx, Result, events};

/// The places of an event by what became of them, against the counters.
///
/// # Errors
/// 404 or `forbidden` for everybody else.
pub async fn places(ctx: &Ctx, event_key: &str) -> Result<EventPlaces> {
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?.id;
    let rows = store::pools::audit::of_event(&mut conn, event).await?;
    let awaited = store::waiting_list::awaited_places(&mut conn, event).await?;
    let pools: Vec<_> = rows.into_iter().map(pool).collect();
    Ok(EventPlaces {
        event_id: event,
        is_right: pools.iter().all(|pool| pool.repair.is_none()),
        pools,
        awaited,
    })
}

fn pool(row: PoolRow) -> PoolPlaces {
    let kept = row.held + row.offered + row.paying;
    PoolPlaces {
        id: row.id,
        capacity: row.capacity,
        sold: row.sold,
        held: row.held,
        offered: row.offered,
        paying: row.paying,
        free: row.capacity - row.sold - kept,
        sold_difference: row.counted_sold - row.sold,
        held_difference: row.counted_held - kept,
        repair: repair(&row, kept),
        ticket_type: row.ticket_type,
    }
}

fn repair(row: &PoolRow, kept: i64) -> Option<String> {
    let step = |name, counted: i64, right: i64| {
        (counted != right).then(|| format!("set {name} from {counted} to {right}"))
    };
    let steps = [
        step("sold", row.counted_sold, row.sold),
        step("held", row.counted_held, kept),
    ];
    let steps: Vec<_> = steps.into_iter().flatten().collect();
    (!steps.is_empty()).then(|| steps.join(", "))
}

#[cfg(test)]
mod tests {
    use types::PoolId;
    use uuid::Uuid;

    use super::*;

    fn row() -> PoolRow {
        PoolRow {
            id: PoolId(Uuid::nil()),
            ticket_type: None,
            capacity: 10,
            counted_sold: 4,
            counted_held: 3,
            sold: 4,
            held: 1,
            offered: 1,
            paying: 1,
        }
    }

    #[test]
    fn all_places_are_somewhere() {
        let pool = pool(row());
        let sum = pool.sold + pool.held + pool.offered + pool.paying + pool.free;
        assert_eq!((sum, pool.free), (pool.capacity, 3));
        assert_eq!(pool.repair, None);
    }

    #[test]
    fn a_counter_that_is_off_says_what_a_repair_would_do() {
        let pool = pool(PoolRow {
            counted_sold: 5,
            counted_held: 2,
            ..row()
        });
        assert_eq!((pool.sold_difference, pool.held_difference), (1, -1));
        let repair = "set sold from 5 to 4, set held from 2 to 3";
        assert_eq!(pool.repair.as_deref(), Some(repair));
    }
}
