//! How an event takes RSVPs: switched on, changed, switched off by its organizer.

use store::{
    Conn,
    events::{EventRow, ticket_types::TicketTypeFields},
    rsvps::SettingsRow,
};
use types::{
    Code, Currency, EventId, FieldError,
    events::Pricing,
    rsvps::{PLACE, Reconfirm, RsvpForm, RsvpSettings, SetRsvp},
    validate,
};

use crate::{
    Ctx, Error, Result,
    ctx::IfMatch,
    events::{self, states, ticket_types},
};

/// The places of the type itself, which nobody runs out of: what bounds them is the event's
/// capacity.
const PLENTY: u32 = 1_000_000;

/// The settings of an event, if it takes RSVPs.
pub(super) async fn of_event(conn: &mut Conn, event: EventId) -> Result<Option<SettingsRow>> {
    let mut found = store::rsvps::settings(conn, &[event]).await?;
    Ok(found.pop())
}

/// How an event takes RSVPs, for its crew.
///
/// # Errors
/// 401, 404, 403; 404 also when it takes none.
pub async fn get(ctx: &Ctx, event_key: &str) -> Result<RsvpSettings> {
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?;
    let found = of_event(&mut conn, event.id).await?;
    found.map(view).ok_or_else(Error::not_found)
}

/// Lets an event take RSVPs, or changes how. Those that sell tickets cannot.
///
/// # Errors
/// 401, 404, 403, 422 with the field, `illegal_state`.
pub async fn set(ctx: &Ctx, event_key: &str, command: SetRsvp) -> Result<RsvpSettings> {
    let event = events::editable(ctx, event_key, IfMatch::Any).await?;
    check(&command)?;
    write(ctx, event, &command).await?;
    get(ctx, event_key).await
}

fn check(command: &SetRsvp) -> Result<()> {
    validate::check(command).map_err(Error::invalid)?;
    match command.reconfirm {
        Some(Reconfirm {
            ask_hours,
            until_hours,
        }) if until_hours >= ask_hours => {
            let text = "must be less than ask_hours";
            Err(Error::field("reconfirm.until_hours", "range", text))
        }
        _ => Ok(()),
    }
}

async fn write(ctx: &Ctx, event: EventId, command: &SetRsvp) -> Result<()> {
    let mut tx = ctx.db().begin().await?;
    let row = events::locked(ctx, &mut tx, event, IfMatch::Any).await?;
    states::must_be_editable(&row)?;
    must_not_be_over(ctx, &row)?;
    let fields = place_fields(command.max_party);
    let kind = match of_event(&mut tx, event).await? {
        Some(before) => {
            let kind = before.ticket_type_id;
            store::events::ticket_types::edit(&mut tx, kind, &fields).await?;
            kind
        }
        None => ticket_types::add_unchecked(ctx, &mut tx, &row, &fields).await?,
    };
    let hours = command
        .reconfirm
        .map(|again| (again.ask_hours, again.until_hours));
    store::rsvps::set(&mut tx, event, kind, hours).await?;
    ticket_types::check_all(ctx, &mut tx, &row).await?;
    events::finish(ctx, tx, &row, None).await?;
    Ok(())
}

fn must_not_be_over(ctx: &Ctx, event: &EventRow) -> Result<()> {
    if event.ends_at > ctx.now() {
        return Ok(());
    }
    Err(Error::new(Code::IllegalState).detail("This event is over."))
}

/// A ticket type that costs nothing and is for everybody.
fn place_fields(max_party: u32) -> TicketTypeFields {
    TicketTypeFields {
        name: PLACE.to_owned(),
        description: None,
        price_minor: 0,
        currency: Currency::default().code().to_owned(),
        quantity: PLENTY,
        max_per_person: max_party,
        sales_from: None,
        sales_until: None,
        is_hidden: false,
        pricing: Pricing::Fixed,
        suggested_minor: None,
    }
}

/// Takes no RSVPs any more, and forgets who was interested. Possible as long as nobody was going.
/// Again is fine.
///
/// # Errors
/// 401, 404, 403, `illegal_state`.
pub async fn remove(ctx: &Ctx, event_key: &str) -> Result<()> {
    let event = events::editable(ctx, event_key, IfMatch::Any).await?;
    let mut tx = ctx.db().begin().await?;
    let row = events::locked(ctx, &mut tx, event, IfMatch::Any).await?;
    let Some(settings) = of_event(&mut tx, event).await? else {
        return Ok(());
    };
    let kind = settings.ticket_type_id;
    if store::events::ticket_types::is_used(&mut tx, kind).await? {
        let detail =
            "People have answered that they are going. Cancel the event if it does not take place.";
        return Err(Error::new(Code::IllegalState).detail(detail));
    }
    ticket_types::remove(&mut tx, &row, kind).await?;
    store::rsvps::remove_all(&mut tx, event).await?;
    events::finish(ctx, tx, &row, None).await?;
    Ok(())
}

fn view(row: SettingsRow) -> RsvpSettings {
    let hours = row.ask_hours.zip(row.until_hours);
    RsvpSettings {
        max_party: row.max_party,
        reconfirm: hours.map(|(ask_hours, until_hours)| Reconfirm {
            ask_hours,
            until_hours,
        }),
        asked_at: row.asked_at,
        asked_until: row.asked_until,
    }
}

/// The settings as the event's crew sees them in the editor, and the form that changes them. None:
/// it takes no RSVPs.
///
/// # Errors
/// 401, 404, 403.
pub async fn form(ctx: &Ctx, event_key: &str) -> Result<(Option<RsvpSettings>, RsvpForm)> {
    let mut conn = ctx.db().conn().await?;
    let event = events::crew(ctx, &mut conn, event_key).await?;
    let settings = of_event(&mut conn, event.id).await?.map(view);
    let reconfirm = settings.as_ref().and_then(|settings| settings.reconfirm);
    let hours = |of: fn(Reconfirm) -> u32| {
        let hours = reconfirm.map(|again| of(again).to_string());
        hours.unwrap_or_default()
    };
    let form = RsvpForm {
        max_party: settings
            .as_ref()
            .map_or(1, |settings| settings.max_party)
            .to_string(),
        ask_hours: hours(|again| again.ask_hours),
        until_hours: hours(|again| again.until_hours),
    };
    Ok((settings, form))
}

/// Lets an event take RSVPs, or changes how, from the editor's form.
///
/// # Errors
/// As [`set`], with the form's names.
pub async fn set_from_form(ctx: &Ctx, event_key: &str, form: &RsvpForm) -> Result<RsvpSettings> {
    events::may_act(ctx, event_key).await?;
    let command = command_of(form)?;
    let outcome = set(ctx, event_key, command).await;
    outcome.map_err(|mut error| {
        for fault in &mut error.fields {
            if let Some(name) = fault.field.strip_prefix("reconfirm.") {
                fault.field = name.to_owned();
            }
        }
        error
    })
}

fn command_of(form: &RsvpForm) -> Result<SetRsvp> {
    let mut faults = Vec::new();
    let mut number = |name: &str, typed: &str| -> Option<u32> {
        let number = typed.trim().parse().ok();
        if number.is_none() && !typed.trim().is_empty() {
            faults.push(FieldError::new(name, "format", "must be a whole number"));
        }
        number
    };
    let max_party = number("max_party", &form.max_party);
    let ask = number("ask_hours", &form.ask_hours);
    let until = number("until_hours", &form.until_hours);
    if faults.is_empty() && ask.is_some() != until.is_some() {
        let name = if ask.is_some() {
            "until_hours"
        } else {
            "ask_hours"
        };
        faults.push(FieldError::new(name, "required", "must not be blank"));
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    Ok(SetRsvp {
        max_party: max_party.unwrap_or(1),
        reconfirm: ask.zip(until).map(|(ask_hours, until_hours)| Reconfirm {
            ask_hours,
            until_hours,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(max_party: &str, ask: &str, until: &str) -> RsvpForm {
        RsvpForm {
            max_party: max_party.into(),
            ask_hours: ask.into(),
            until_hours: until.into(),
        }
    }

    #[test]
    fn both_hours_are_said_or_none() {
        let read = command_of(&form(" 3 ", "48", "12")).unwrap();
        assert_eq!(read.max_party, 3);
        assert_eq!(read.reconfirm.map(|again| again.until_hours), Some(12));
        assert!(command_of(&form("", "", "")).unwrap().reconfirm.is_none());
        let field = |form| command_of(&form).unwrap_err().fields[0].field.clone();
        assert_eq!(field(form("3", "48", "")), "until_hours");
        assert_eq!(field(form("3", "", "12")), "ask_hours");
        assert_eq!(field(form("x", "", "")), "max_party");
    }

    #[test]
    fn the_deadline_is_after_the_question() {
        let checked = |ask_hours, until_hours| {
            let reconfirm = Some(Reconfirm {
                ask_hours,
                until_hours,
            });
            check(&SetRsvp {
                max_party: 1,
                reconfirm,
            })
        };
        assert!(checked(48, 12).is_ok() && checked(2, 1).is_ok());
        // Whoever has until the start would never lose the places.
        assert!(checked(1, 0).is_err());
        assert!(checked(12, 12).is_err() && checked(12, 48).is_err());
    }
}
