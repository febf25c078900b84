//! Promo codes as their organizers and those who know them see them.

use std::collections::HashMap;

use jiff::Timestamp;
use store::{
    Conn,
    events::EventRow,
    promos::{Counted, PromoRow},
};
use types::{
    PromoCodeId,
    promos::{Promo, PromoCode},
};

use crate::{Ctx, Error, Result, text};

/// Codes in the order of the rows.
pub(super) async fn codes(
    ctx: &Ctx,
    conn: &mut Conn,
    event: &EventRow,
    rows: Vec<PromoRow>,
) -> Result<Vec<PromoCode>> {
    let counted = Counted {
        of_all: rows.iter().map(|row| row.id).collect(),
        ..Counted::default()
    };
    let mut uses: HashMap<PromoCodeId, u32> = HashMap::new();
    for row in store::promos::uses(conn, &counted, ctx.now()).await? {
        *uses.entry(row.code).or_default() += row.uses;
    }
    let view = |row: PromoRow| {
        let uses = uses.get(&row.id).copied().unwrap_or_default();
        whole(row, uses, &event.time_zone)
    };
    Ok(rows.into_iter().map(view).collect())
}

/// One code.
pub(super) async fn code(
    ctx: &Ctx,
    conn: &mut Conn,
    event: &EventRow,
    row: PromoRow,
) -> Result<PromoCode> {
    let codes = codes(ctx, conn, event, vec![row]).await?;
    let code = codes.into_iter().next();
    code.ok_or_else(|| Error::internal("a view is missing"))
}

fn whole(row: PromoRow, uses: u32, time_zone: &str) -> PromoCode {
    let words =
        |at: Option<Timestamp>| at.map(|at| text::moment(at, time_zone)).unwrap_or_default();
    PromoCode {
        valid_from_text: words(row.valid_from),
        valid_until_text: words(row.valid_until),
        id: row.id,
        code: row.code,
        kind: row.kind,
        percent: row.percent,
        amount: row.amount,
        max_uses: row.max_uses,
        max_uses_per_person: row.max_uses_per_person,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        ticket_type_ids: row.ticket_type_ids,
        unlocks: row.unlocks,
        is_active: row.is_active,
        uses,
        created_at: row.created_at,
    }
}

/// What a code says to whoever knows it.
pub(crate) fn known(row: &PromoRow) -> Promo {
    Promo {
        code: row.code.clone(),
        kind: row.kind,
        percent: row.percent,
        amount: row.amount,
    }
}
