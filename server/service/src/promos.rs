//! Promo codes: made and listed by organizers, tried by buyers. What a code takes off and
//! whether it counts is decided by [`rules`]; sales ask them at the till.

mod forms;
pub(crate) mod rules;
mod views;

pub(crate) use views::known;

use store::{
    Conn, Tx,
    events::{EventRow, ticket_types},
    promos::{Counted, PromoRow},
};
use types::{
    Code, EventId, Page, PromoCodeId,
    paging::PageQuery,
    promos::{CreatePromoCode, PromoCode, PromoForm, UpdatePromoCode, normal_code},
};

use crate::{Ctx, Error, Result, ctx::IfMatch, events, paging::Keyset, rate};

/// The promo codes of an event with how often each is used, latest first, for its crew.
///
/// # Errors
/// 404 or `forbidden` for everybody else; 422 with `limit` or `cursor`.
pub async fn list(ctx: &Ctx, event_key: &str, query: PageQuery) -> Result<Page<PromoCode>> {
    let keyset = Keyset::read(&query)?;
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?;
    let after = keyset.after.map(PromoCodeId);
    let rows = store::promos::list_of_event(&mut conn, event.id, after, keyset.rows()).await?;
    let Page { items, next } = keyset.page(rows, |row| row.id.0);
    let items = views::codes(ctx, &mut conn, &event, items).await?;
    Ok(Page { items, next })
}

/// A new promo code (crew).
///
/// # Errors
/// `promo_code_taken`, `currency_mismatch`, `illegal_state` for an event that is closed, 404,
/// `forbidden`, 422 with the field.
pub async fn create(ctx: &Ctx, event_key: &str, command: CreatePromoCode) -> Result<PromoCode> {
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?;
    let row = rules::new_row(PromoCodeId(ctx.new_id()), event.id, &command, ctx.now())?;
    check_currency(&event, &row)?;
    check_types(ctx, &mut conn, &row, None).await?;
    events::must_be_editable(&event)?;
    match store::promos::insert(&mut conn, &row).await {
        Err(error) if error.violates(store::promos::CODE_UNIQUE) => taken(),
        stored => Ok(stored?),
    }?;
    views::code(ctx, &mut conn, &event, row).await
}

fn taken() -> Result<()> {
    let mut error = Error::new(Code::PromoCodeTaken);
    error.fields = vec![rules::fault("code", "taken", "is there already")];
    Err(error)
}

/// A new promo code from the organizer's form.
///
/// # Errors
/// As [`create`], with the form's field names.
pub async fn create_from_form(ctx: &Ctx, event_key: &str, form: &PromoForm) -> Result<PromoCode> {
    let event = {
        let mut conn = ctx.db().conn().await?;
        events::crew(ctx, &mut conn, event_key).await?
    };
    let command = forms::command(form, &event)?;
    let made = create(ctx, event_key, command).await;
    made.map_err(forms::under_form_names)
}

/// Changes limits, times and ticket types of a code, or switches it off or on (crew).
///
/// # Errors
/// `illegal_state` for an event that is closed, 404, `forbidden`, 422 with the field.
pub async fn update(
    ctx: &Ctx,
    event_key: &str,
    id: PromoCodeId,
    command: UpdatePromoCode,
) -> Result<PromoCode> {
    let event = may_edit(ctx, event_key, id).await?;
    let mut tx = ctx.db().begin().await?;
    let (event, current) = locked(ctx, &mut tx, event, id).await?;
    let row = rules::patched(current.clone(), command)?;
    check_types(ctx, &mut tx, &row, Some(&current)).await?;
    events::must_be_editable(&event)?;
    store::promos::edit(&mut tx, &row).await?;
    let view = views::code(ctx, &mut tx, &event, row).await?;
    tx.commit().await?;
    Ok(view)
}

/// Removes a code that nobody ever used (crew).
///
/// # Errors
/// `promo_code_in_use`, 404, `forbidden`.
pub async fn remove(ctx: &Ctx, event_key: &str, id: PromoCodeId) -> Result<()> {
    let event = may_edit(ctx, event_key, id).await?;
    let mut tx = ctx.db().begin().await?;
    locked(ctx, &mut tx, event, id).await?;
    if store::promos::is_used(&mut tx, id).await? {
        return Err(Code::PromoCodeInUse.into());
    }
    store::promos::delete(&mut tx, id).await?;
    Ok(tx.commit().await?)
}

/// May the actor edit this code? What comes before a look at the request's body.
///
/// # Errors
/// 401, 404, 403, in this order.
pub async fn may_edit(ctx: &Ctx, event_key: &str, id: PromoCodeId) -> Result<EventId> {
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?.id;
    find(&mut conn, event, id).await?;
    Ok(event)
}

/// The code and its event, while no place of the event is sold: whoever sells reads its codes
/// under the same locks.
async fn locked(
    ctx: &Ctx,
    tx: &mut Tx,
    event: EventId,
    id: PromoCodeId,
) -> Result<(EventRow, PromoRow)> {
    let row = events::locked(ctx, tx, event, IfMatch::Any).await?;
    let code = find(tx, event, id).await?;
    Ok((row, code))
}

async fn find(conn: &mut Conn, event: EventId, id: PromoCodeId) -> Result<PromoRow> {
    let row = store::promos::find(conn, event, id).await?;
    row.ok_or_else(Error::not_found)
}

fn check_currency(event: &EventRow, row: &PromoRow) -> Result<()> {
    let known = event.currency.as_deref();
    match row.amount {
        Some(amount) if known.is_some_and(|code| code != amount.currency.code()) => {
            Err(events::rules::currency_mismatch("amount.currency"))
        }
        _ => Ok(()),
    }
}

/// Every ticket type that is named now, and was not before, is one of the event.
async fn check_types(
    ctx: &Ctx,
    conn: &mut Conn,
    row: &PromoRow,
    before: Option<&PromoRow>,
) -> Result<()> {
    let named = rules::newly_named(row, before);
    if named.iter().all(|(_, ids)| ids.is_empty()) {
        return Ok(());
    }
    let types = ticket_types::of_event(conn, row.event_id, ctx.now()).await?;
    let types: Vec<_> = types.iter().map(|kind| kind.id).collect();
    rules::check_types(&named, &types)
}

/// Spends a try of a code, if there is one: nobody learns codes by guessing.
///
/// # Errors
/// `rate_limited`.
pub(crate) async fn spend_try(ctx: &Ctx, typed: Option<&str>) -> Result<()> {
    if is_blank(typed) {
        return Ok(());
    }
    rate::spend(ctx, rate::Kind::PromoCode).await
}

/// Is it about a code that somebody tried?
pub(crate) fn is_refusal(error: &Error) -> bool {
    matches!(
        error.code,
        Code::UnknownPromoCode
            | Code::PromoCodeNotValid
            | Code::PromoCodeUsedUp
            | Code::PromoCodeUsedByYou
            | Code::RateLimited
    )
}

/// Is no code meant?
pub(crate) fn is_blank(typed: Option<&str>) -> bool {
    typed.is_none_or(|code| code.trim().is_empty())
}

/// The code somebody typed on an event's page, if it counts for them now.
///
/// # Errors
/// `unknown_promo_code`, `promo_code_not_valid`, `promo_code_used_up`,
/// `promo_code_used_by_you`, `rate_limited`.
pub(crate) async fn typed(
    ctx: &Ctx,
    conn: &mut Conn,
    event: &EventRow,
    code: &str,
) -> Result<PromoRow> {
    let code = normal_code(code).ok_or_else(rules::unknown)?;
    let found = store::promos::find_by_codes(conn, event.id, &[code]).await?;
    let found = found.into_iter().find(|code| code.is_active);
    let found = found.ok_or_else(rules::unknown)?;
    let reader: Vec<_> = ctx.account_if_any().into_iter().collect();
    let counted = Counted::for_limits([&found], &reader);
    let rows = store::promos::uses(conn, &counted, ctx.now()).await?;
    let uses = rules::Uses {
        all: rows.iter().map(|row| row.uses).sum(),
        own: rows
            .iter()
            .filter(|row| row.person.is_some())
            .map(|row| row.uses)
            .sum(),
    };
    rules::check_usable(&found, uses, &event.time_zone, ctx.now())?;
    Ok(found)
}
