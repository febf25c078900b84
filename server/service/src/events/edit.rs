//! Making, changing and removing events.

use jiff::{Span, Timestamp};
use store::{
    Tx,
    events::{EventFields, EventRow, NewEvent, ticket_types::TicketTypeFields},
    pools,
    rsvps::SettingsRow,
};
use types::{
    AccountId, Code, EventId, PoolId,
    events::{CreateEvent, Event, EventStatus, UpdateEvent, Visibility},
    feed::DomainEvent,
};

use super::{access, capacity, get, metadata, rules, states, ticket_types, views};
use crate::{Ctx, Error, Result, ctx::IfMatch, media, outbox, text};

/// So many tries for an address before giving up.
const SLUG_TRIES: usize = 8;

/// A new draft.
pub async fn create(ctx: &Ctx, command: CreateEvent) -> Result<Event> {
    let organizer = ctx.organizer()?;
    let document = command
        .metadata
        .clone()
        .filter(|document| !document.is_null());
    if let Some(document) = &document {
        rules::check_metadata(document)?;
    }
    let fields = rules::fields_of(&command, ctx.now())?;
    let types = command
        .ticket_types
        .iter()
        .map(rules::type_fields)
        .collect::<Result<Vec<_>>>()?;
    let draft = Draft {
        fields: &fields,
        types: &types,
        document,
        rsvps: None,
        paid_like: None,
    };
    let id = insert(ctx, organizer, draft).await?;
    get(ctx, &id.to_string()).await
}

/// What a draft begins with.
pub(crate) struct Draft<'a> {
    /// Its fields.
    pub fields: &'a EventFields,
    /// Its ticket types.
    pub types: &'a [TicketTypeFields],
    /// Its metadata.
    pub document: Option<serde_json::Value>,
    /// The event that it takes RSVPs like; its one ticket type is for their places.
    pub rsvps: Option<SettingsRow>,
    /// The event that it is paid like.
    pub paid_like: Option<EventId>,
}

/// Writes a draft with its ticket types and document, whole or not at all.
pub(crate) async fn insert(ctx: &Ctx, organizer: AccountId, draft: Draft<'_>) -> Result<EventId> {
    let Draft {
        fields,
        types,
        document,
        rsvps,
        paid_like,
    } = draft;
    if document.is_some() {
        metadata::must_be_there(ctx).await?;
    }
    let mut tx = ctx.db().begin().await?;
    let id = insert_with_free_slug(ctx, &mut tx, organizer, fields).await?;
    let pool = insert_capacity(ctx, &mut tx, id, fields.capacity).await?;
    for kind in types {
        let kind = ticket_types::insert(ctx, &mut tx, id, pool, kind).await?;
        if let Some(like) = rsvps {
            let hours = like.ask_hours.zip(like.until_hours);
            store::rsvps::set(&mut tx, id, kind, hours).await?;
        }
    }
    if let Some(like) = paid_like {
        store::payment_methods::copy(&mut tx, like, id).await?;
    }
    store::events::refresh_prices(&mut tx, id).await?;
    if document.is_some() {
        store::events::set_metadata_version(&mut tx, id, 1).await?;
    }
    tx.commit().await?;
    if let Some(document) = document
        && let Err(error) = metadata::write(ctx, id, 1, &document).await
    {
        remove(ctx, ctx.db().begin().await?, id).await?;
        return Err(error);
    }
    Ok(id)
}

async fn insert_with_free_slug(
    ctx: &Ctx,
    tx: &mut Tx,
    organizer: AccountId,
    fields: &EventFields,
) -> Result<EventId> {
    let base = rules::slug(&fields.title);
    let mut event = NewEvent {
        id: EventId(ctx.new_id()),
        slug: base.clone(),
        organizer,
        fields: fields.clone(),
    };
    for _ in 0..SLUG_TRIES {
        if store::events::insert(tx, &event, ctx.now()).await? {
            return Ok(event.id);
        }
        let random = hex::encode(&ctx.ports().ids.secret()[..3]);
        event.slug = format!("{base}-{random}");
    }
    Err(Error::internal(format!(
        "no free slug after {SLUG_TRIES} tries"
    )))
}

async fn insert_capacity(
    ctx: &Ctx,
    tx: &mut Tx,
    event: EventId,
    capacity: Option<u32>,
) -> Result<Option<PoolId>> {
    let Some(capacity) = capacity else {
        return Ok(None);
    };
    let pool = PoolId(ctx.new_id());
    pools::insert(tx, pool, event, capacity).await?;
    store::events::set_capacity_pool(tx, event, Some(pool)).await?;
    Ok(Some(pool))
}

/// Edits an event.
pub async fn update(ctx: &Ctx, key: &str, version: IfMatch, command: UpdateEvent) -> Result<Event> {
    let id = editable(ctx, key, version).await?;
    let mut tx = ctx.db().begin().await?;
    let row = access::locked(ctx, &mut tx, id, version).await?;
    let fields = rules::patched(&row, command, ctx.now())?;
    states::must_be_editable(&row)?;
    apply(ctx, &mut tx, &row, &fields).await?;
    finish(ctx, tx, &row, Some(&fields)).await?;
    get(ctx, &id.to_string()).await
}

/// The id of an event that the actor may edit, seen at `version`.
pub(crate) async fn editable(ctx: &Ctx, key: &str, version: IfMatch) -> Result<EventId> {
    let mut conn = ctx.db().conn().await?;
    let row = access::crew(ctx, &mut conn, key).await?;
    version.check(row.version)?;
    Ok(row.id)
}

/// Writes the fields; the caller holds the locks.
pub(crate) async fn apply(
    ctx: &Ctx,
    tx: &mut Tx,
    row: &EventRow,
    fields: &EventFields,
) -> Result<()> {
    if fields.capacity != row.capacity.map(i32::unsigned_abs) {
        capacity::change(ctx, tx, row, fields.capacity).await?;
    }
    if fields.starts_at != row.starts_at {
        store::holds::end_transfers(tx, row.id, fields.starts_at).await?;
    }
    if fields.ends_at != row.ends_at {
        store::holds::keep_for_door(tx, row.id, fields.ends_at).await?;
    }
    Ok(store::events::edit(tx, row.id, fields).await?)
}

/// Raises the version, tells the world about a published event as it is now, and
/// commits.
pub(crate) async fn finish(
    ctx: &Ctx,
    mut tx: Tx,
    row: &EventRow,
    fields: Option<&EventFields>,
) -> Result<i64> {
    let version = store::events::touch(&mut tx, row.id, ctx.now()).await?;
    if views::status(row)? == EventStatus::Published {
        let mut fact = states::fact(row)?;
        if let Some(fields) = fields {
            fact.title.clone_from(&fields.title);
            fact.is_public = fields.visibility == Visibility::Public.as_str();
        }
        outbox::add(ctx, &mut tx, &DomainEvent::EventUpdated(fact)).await?;
    }
    tx.commit().await?;
    outbox::wake(ctx);
    Ok(version)
}

/// Removes a draft that never sold.
pub async fn delete(ctx: &Ctx, key: &str, version: IfMatch) -> Result<()> {
    let id = editable(ctx, key, version).await?;
    let mut tx = ctx.db().begin().await?;
    let row = access::locked(ctx, &mut tx, id, version).await?;
    if row.status != "draft" {
        let detail = "Only drafts can be deleted. Cancel or archive this event instead.";
        return Err(Error::new(Code::EventHasOrders).detail(detail));
    }
    if store::events::has_sales(&mut tx, id).await? {
        return Err(Error::new(Code::EventHasOrders));
    }
    remove(ctx, tx, id).await
}

/// Removes the event and everything that belongs to it alone, in all stores.
async fn remove(ctx: &Ctx, mut tx: Tx, id: EventId) -> Result<()> {
    let images = store::media::of_event(&mut tx, id).await?;
    let mut orphans = images
        .iter()
        .map(media::keys_of)
        .collect::<Result<Vec<_>>>()?
        .concat();
    orphans.push(media::document_key(id));
    store::media::add_orphans(&mut tx, &orphans, ctx.now()).await?;
    store::events::delete(&mut tx, id).await?;
    tx.commit().await?;
    media::remove_now(ctx, &orphans).await;
    Ok(())
}

/// A draft with the same content. What lies in the past moves on by whole weeks.
pub async fn duplicate(ctx: &Ctx, key: &str) -> Result<Event> {
    let mut conn = ctx.db().conn().await?;
    let row = access::crew(ctx, &mut conn, key).await?;
    let types = store::events::ticket_types::of_event(&mut conn, row.id, ctx.now()).await?;
    let rsvps = store::rsvps::settings(&mut conn, &[row.id]).await?.pop();
    drop(conn);
    let document = metadata::read(ctx, &row).await?;
    let weeks = weeks_to_future(row.starts_at, ctx.now());
    let shift = |at: Timestamp| later(at, weeks, &row.time_zone);
    let types: Vec<_> = types
        .iter()
        .map(|kind| TicketTypeFields {
            sales_from: kind.sales_from.map(shift),
            sales_until: kind.sales_until.map(shift),
            ..ticket_types::fields_of(kind)
        })
        .collect();
    let fields = copied(&row, shift)?;
    let draft = Draft {
        fields: &fields,
        types: &types,
        document,
        rsvps,
        paid_like: Some(row.id),
    };
    let id = insert(ctx, row.organizer_id, draft).await?;
    get(ctx, &id.to_string()).await
}

fn copied(row: &EventRow, shift: impl Fn(Timestamp) -> Timestamp) -> Result<EventFields> {
    let visibility = match views::visibility(row)? {
        Visibility::Archived => Visibility::Public,
        other => other,
    };
    Ok(EventFields {
        title: row.title.clone(),
        description: row.description.clone(),
        category: row.category.clone(),
        tags: row.tags.clone(),
        visibility: visibility.as_str(),
        starts_at: shift(row.starts_at),
        ends_at: shift(row.ends_at),
        time_zone: row.time_zone.clone(),
        venue_name: row.venue_name.clone(),
        venue_address: row.venue_address.clone(),
        latitude: row.latitude,
        longitude: row.longitude,
        online_url: row.online_url.clone(),
        capacity: row.capacity.map(i32::unsigned_abs),
        refund_hours: row.refund_hours.map(i32::unsigned_abs),
    })
}

/// How many weeks later something that begins at `starts_at` lies in the future.
fn weeks_to_future(starts_at: Timestamp, now: Timestamp) -> i64 {
    if starts_at > now {
        return 0;
    }
    // One week more, because a clock change may make the last one an hour shorter.
    now.duration_since(starts_at).as_hours() / (7 * 24) + 2
}

/// The same weekday and time of day, weeks later.
fn later(at: Timestamp, weeks: i64, time_zone: &str) -> Timestamp {
    let zoned = at.to_zoned(text::zone_or_utc(time_zone));
    zoned
        .checked_add(Span::new().weeks(weeks))
        .map_or(at, |moved| moved.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_keeps_weekday_and_time_of_day_across_a_clock_change() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        // Friday 20:00 in Berlin, in summer time.
        let (starts_at, now) = (at("2026-10-16T18:00:00Z"), at("2026-11-21T12:00:00Z"));
        let moved = later(starts_at, weeks_to_future(starts_at, now), "Europe/Berlin");
        assert_eq!(moved, at("2026-12-04T19:00:00Z"));
        assert_eq!(weeks_to_future(at("2026-11-22T00:00:00Z"), now), 0);
    }
}
