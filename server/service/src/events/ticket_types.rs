//! Kinds of tickets. Every change raises the event's version.

use store::{
    Conn, Tx,
    events::{
        EventRow,
        ticket_types::{self as rows, TicketTypeFields, TicketTypeRow},
    },
    pools,
};
use types::{
    Code, Currency, EventId, PoolId, TicketTypeId,
    events::{CreateTicketType, TicketType, UpdateTicketType},
};

use super::{access, capacity, edit, rules, states, views};
use crate::{Ctx, Error, Result, ctx::IfMatch};

/// An event has at most so many ticket types.
const MAX_TYPES: usize = 20;

/// Adds a ticket type; returns it and the event's new version.
pub async fn add_ticket_type(
    ctx: &Ctx,
    key: &str,
    command: CreateTicketType,
) -> Result<(TicketType, i64)> {
    let id = edit::editable(ctx, key, IfMatch::Any).await?;
    let fields = rules::type_fields(&command)?;
    let mut tx = ctx.db().begin().await?;
    let row = access::locked(ctx, &mut tx, id, IfMatch::Any).await?;
    let kind = add(ctx, &mut tx, &row, &fields).await?;
    let version = edit::finish(ctx, tx, &row, None).await?;
    Ok((view(ctx, &row, kind).await?, version))
}

/// Edits a ticket type; `version` is the event's. Returns it and the new version.
pub async fn update_ticket_type(
    ctx: &Ctx,
    key: &str,
    id: TicketTypeId,
    version: IfMatch,
    command: UpdateTicketType,
) -> Result<(TicketType, i64)> {
    let event = may_edit(ctx, key, id, version).await?;
    let mut tx = ctx.db().begin().await?;
    let row = access::locked(ctx, &mut tx, event, version).await?;
    let current = find(ctx, &mut tx, event, id).await?;
    let fields = rules::patched_type(&current, command)?;
    must_share_currency(ctx, &mut tx, &row, &current, &fields).await?;
    states::must_be_editable(&row)?;
    write(&mut tx, &row, &current, &fields).await?;
    let version = edit::finish(ctx, tx, &row, None).await?;
    Ok((view(ctx, &row, id).await?, version))
}

/// Removes a ticket type that nobody has or holds.
pub async fn remove_ticket_type(
    ctx: &Ctx,
    key: &str,
    id: TicketTypeId,
    version: IfMatch,
) -> Result<()> {
    let event = may_edit(ctx, key, id, version).await?;
    let mut tx = ctx.db().begin().await?;
    let row = access::locked(ctx, &mut tx, event, version).await?;
    find(ctx, &mut tx, event, id).await?;
    remove(&mut tx, &row, id).await?;
    edit::finish(ctx, tx, &row, None).await?;
    Ok(())
}

/// May the actor edit this ticket type, whose event was seen at `version`?
///
/// # Errors
/// 401, 404, 403, 428 or 412, in this order.
pub async fn may_edit(ctx: &Ctx, key: &str, id: TicketTypeId, version: IfMatch) -> Result<EventId> {
    if !ctx.is_admin() {
        ctx.account()?;
    }
    let mut conn = ctx.db().conn().await?;
    let row = access::visible(ctx, &mut conn, key).await?;
    find(ctx, &mut conn, row.id, id).await?;
    access::must_be_crew(ctx, &row)?;
    version.check(row.version)?;
    Ok(row.id)
}

/// Adds a ticket type to a locked event.
async fn add(
    ctx: &Ctx,
    tx: &mut Tx,
    row: &EventRow,
    fields: &TicketTypeFields,
) -> Result<TicketTypeId> {
    let id = add_unchecked(ctx, tx, row, fields).await?;
    check_all(ctx, tx, row).await?;
    states::must_be_editable(row)?;
    Ok(id)
}

/// Adds a ticket type; [`check_all`] follows before the commit.
pub(crate) async fn add_unchecked(
    ctx: &Ctx,
    tx: &mut Tx,
    row: &EventRow,
    fields: &TicketTypeFields,
) -> Result<TicketTypeId> {
    let pool = store::events::capacity_pool(tx, row.id).await?;
    let id = insert(ctx, tx, row.id, pool, fields).await?;
    store::events::refresh_prices(tx, row.id).await?;
    Ok(id)
}

/// What holds for all ticket types of an event together.
pub(crate) async fn check_all(ctx: &Ctx, tx: &mut Tx, row: &EventRow) -> Result<()> {
    let all = rows::of_event(tx, row.id, ctx.now()).await?;
    if all.len() > 1 && all.iter().any(|kind| kind.is_rsvp) {
        let detail = "An event takes RSVPs or sells tickets, not both.";
        return Err(Error::new(Code::IllegalState).detail(detail));
    }
    if all.iter().any(|kind| kind.currency != all[0].currency) {
        return Err(rules::currency_mismatch("price.currency"));
    }
    if all.len() > MAX_TYPES {
        return Err(Error::field(
            "ticket_types",
            "too_long",
            "An event has at most 20 ticket types.",
        ));
    }
    Ok(())
}

/// Writes a ticket type with its own pool, also drawing from the event's.
pub(crate) async fn insert(
    ctx: &Ctx,
    tx: &mut Tx,
    event: EventId,
    event_pool: Option<PoolId>,
    fields: &TicketTypeFields,
) -> Result<TicketTypeId> {
    let (id, pool) = (TicketTypeId(ctx.new_id()), PoolId(ctx.new_id()));
    rows::insert(tx, id, event, fields, ctx.now()).await?;
    pools::insert(tx, pool, event, fields.quantity).await?;
    for pool in std::iter::once(pool).chain(event_pool) {
        pools::connect(tx, id, pool).await?;
    }
    Ok(id)
}

/// Writes a changed ticket type of a locked event; [`check_all`] follows before the
/// commit.
pub(crate) async fn write(
    tx: &mut Tx,
    row: &EventRow,
    current: &TicketTypeRow,
    fields: &TicketTypeFields,
) -> Result<()> {
    if fields.quantity != current.quantity.unsigned_abs() {
        let pool = pools::own_of(tx, current.id).await?;
        capacity::resize(tx, row, pool, fields.quantity).await?;
    }
    rows::edit(tx, current.id, fields).await?;
    Ok(store::events::refresh_prices(tx, row.id).await?)
}

/// Removes a ticket type of a locked event.
pub(crate) async fn remove(tx: &mut Tx, row: &EventRow, id: TicketTypeId) -> Result<()> {
    states::must_be_editable(row)?;
    if rows::is_used(tx, id).await? {
        let detail = "Somebody has or had places of this ticket type. Set its quantity to what is sold instead.";
        return Err(Error::new(Code::BelowSold).detail(detail));
    }
    let pool = pools::own_of(tx, id).await?;
    rows::delete(tx, id).await?;
    pools::delete(tx, pool).await?;
    Ok(store::events::refresh_prices(tx, row.id).await?)
}

/// The fields of a ticket type as it is.
pub(crate) fn fields_of(row: &TicketTypeRow) -> TicketTypeFields {
    TicketTypeFields {
        name: row.name.clone(),
        description: row.description.clone(),
        price_minor: row.price_minor,
        currency: row.currency.clone(),
        quantity: row.quantity.unsigned_abs(),
        max_per_person: row.max_per_person.unsigned_abs(),
        sales_from: row.sales_from,
        sales_until: row.sales_until,
        is_hidden: row.is_hidden,
        pricing: row.pricing,
        suggested_minor: row.suggested_minor,
    }
}

/// The currency of an event's ticket types, if it has any.
pub(crate) fn currency_of(row: &EventRow) -> Option<Currency> {
    row.currency.as_deref().and_then(Currency::from_code)
}

/// Another currency is possible only while there is no other ticket type.
async fn must_share_currency(
    ctx: &Ctx,
    tx: &mut Tx,
    row: &EventRow,
    current: &TicketTypeRow,
    fields: &TicketTypeFields,
) -> Result<()> {
    let all = rows::of_event(tx, row.id, ctx.now()).await?;
    if all
        .iter()
        .any(|other| other.id != current.id && other.currency != fields.currency)
    {
        return Err(rules::currency_mismatch("price.currency"));
    }
    Ok(())
}

async fn find(
    ctx: &Ctx,
    conn: &mut Conn,
    event: EventId,
    id: TicketTypeId,
) -> Result<TicketTypeRow> {
    let all = rows::of_event(conn, event, ctx.now()).await?;
    all.into_iter()
        .find(|kind| kind.id == id && !kind.is_rsvp)
        .ok_or_else(Error::not_found)
}

async fn view(ctx: &Ctx, row: &EventRow, id: TicketTypeId) -> Result<TicketType> {
    let mut conn = ctx.db().conn().await?;
    let kind = find(ctx, &mut conn, row.id, id).await?;
    views::ticket_type(kind, &rules::Sales::of(row, ctx.now())?, true, None)
}
