//! One's own account, and what others see of it.

use store::accounts::AccountRow;
use types::{
    FieldError,
    accounts::{Account, Person, UpdateAccount},
    validate,
};

use super::{rules, sign_in::taken};
use crate::{Ctx, Error, Result, ctx::IfMatch};

/// One's own account.
///
/// # Errors
/// `NotSignedIn`.
pub async fn me(ctx: &Ctx) -> Result<Account> {
    let id = ctx.account()?;
    let row = store::accounts::find(&mut *ctx.db().conn().await?, id).await?;
    row.map(to_account)
        .ok_or_else(|| types::Code::NotSignedIn.into())
}

/// May the actor edit their account from this version? For an edge that could not read
/// the command, because these errors come before the command's.
///
/// # Errors
/// `NotSignedIn`, `PreconditionRequired`, `Stale`.
pub async fn may_update_me(ctx: &Ctx, version: IfMatch) -> Result<()> {
    version.check(me(ctx).await?.version)
}

/// Edits one's own account.
///
/// # Errors
/// `NotSignedIn`, `PreconditionRequired`, `Stale`, `Invalid`, `HandleTaken`.
pub async fn update_me(ctx: &Ctx, version: IfMatch, command: UpdateAccount) -> Result<Account> {
    let id = ctx.account()?;
    let mut tx = ctx.db().begin().await?;
    let row = store::accounts::lock(&mut tx, id).await?;
    let row = row.ok_or_else(|| Error::new(types::Code::NotSignedIn))?;
    version.check(row.version)?;
    let command = normalize(command);
    check(&command)?;
    let mut row = apply(row, command);
    row.version = store::accounts::update(&mut tx, &row, ctx.now())
        .await
        .map_err(taken)?;
    tx.commit().await?;
    Ok(to_account(row))
}

/// A public profile.
///
/// # Errors
/// `NotFound`.
pub async fn person(ctx: &Ctx, handle: &str) -> Result<Person> {
    if validate::handle(handle, &()).is_err() {
        return Err(Error::not_found());
    }
    let row = store::accounts::find_by_handle(&mut *ctx.db().conn().await?, handle).await?;
    row.map(to_person).ok_or_else(Error::not_found)
}

fn normalize(command: UpdateAccount) -> UpdateAccount {
    UpdateAccount {
        name: command.name.map(|name| rules::clean_name(&name)),
        ..command
    }
}

fn check(command: &UpdateAccount) -> Result<()> {
    let mut fields = validate::check(command).err().unwrap_or_default();
    if command
        .time_zone
        .as_ref()
        .is_some_and(|zone| jiff::tz::TimeZone::get(zone).is_err())
    {
        fields.push(FieldError::new(
            "time_zone",
            "unknown",
            "is not a time zone like Europe/Vienna",
        ));
    }
    if command
        .locale
        .as_ref()
        .is_some_and(|locale| !rules::is_language_tag(locale))
    {
        fields.push(FieldError::new(
            "locale",
            "format",
            "must be a language tag like en or de-AT",
        ));
    }
    if fields.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(fields))
    }
}

fn apply(row: AccountRow, command: UpdateAccount) -> AccountRow {
    AccountRow {
        handle: command.handle.unwrap_or(row.handle),
        name: command.name.unwrap_or(row.name),
        bio: command.bio.apply(row.bio),
        time_zone: command.time_zone.unwrap_or(row.time_zone),
        locale: command.locale.unwrap_or(row.locale),
        ..row
    }
}

pub(super) fn to_account(row: AccountRow) -> Account {
    Account {
        id: row.id,
        handle: row.handle,
        name: row.name,
        email: row.email,
        email_verified: row.email_verified,
        role: row.role,
        bio: row.bio,
        avatar_url: row.avatar_url,
        time_zone: row.time_zone,
        locale: row.locale,
        created_at: row.created_at,
        version: row.version,
    }
}

fn to_person(row: AccountRow) -> Person {
    Person {
        id: row.id,
        handle: row.handle,
        name: row.name,
        bio: row.bio,
        avatar_url: row.avatar_url,
        is_organizer: row.role.may_organize(),
        created_at: row.created_at,
    }
}
