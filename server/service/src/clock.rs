//! One time for all processes: that of Postgres.

use jiff::SignedDuration;

use crate::{Ctx, Result};

/// Measures how far Postgres' clock is from ours and moves ours there. Returns by how
/// much. Of three questions the one with the fastest answer counts: half its way is
/// the most that the measurement can be wrong by.
pub async fn synchronize(ctx: &Ctx) -> Result<SignedDuration> {
    let mut best: Option<(SignedDuration, SignedDuration)> = None;
    for _ in 0..3 {
        let asked = ctx.now();
        let theirs = ctx.db().clock().await?;
        let way = ctx.now().duration_since(asked);
        let offset = theirs.duration_since(asked) - way / 2;
        if best.is_none_or(|(fastest, _)| way < fastest) {
            best = Some((way, offset));
        }
    }
    let offset = best.map(|(_, offset)| offset).unwrap_or_default();
    ctx.ports().clock.shift(offset);
    Ok(offset)
}
