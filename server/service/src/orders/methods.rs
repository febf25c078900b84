//! How an event may be paid: what its crew decides, and what buyers are told of it.

use types::{
    Code, EventId, FieldError, HoldId,
    payments::{BankTransfer, PaymentMethods, PaymentMethodsForm},
    validate,
};

use super::{offline, own_hold};
use crate::{Ctx, Error, Result, ctx::IfMatch, events};

/// How an event may be paid. Where transfers go is told to its crew alone; buyers hear it with
/// their order.
///
/// # Errors
/// 404 for an event that the actor may not see.
pub async fn payment_methods(ctx: &Ctx, event_key: &str) -> Result<PaymentMethods> {
    let mut conn = ctx.db().conn().await?;
    let event = events::visible_row(ctx, &mut conn, event_key).await?;
    let methods = store::payment_methods::of_event(&mut conn, event.id).await?;
    if events::is_crew(ctx, &event) {
        Ok(methods)
    } else {
        Ok(without_account(methods))
    }
}

/// How one of the actor's holds may be paid now: no transfer that would come too late.
///
/// # Errors
/// 404 for a hold of somebody else.
pub async fn methods_of_hold(ctx: &Ctx, id: HoldId) -> Result<PaymentMethods> {
    let event = own_hold(ctx, id).await?.event_id;
    let mut conn = ctx.db().conn().await?;
    let methods = store::payment_methods::of_event(&mut conn, event).await?;
    let now = ctx.now();
    let rows = store::events::rows(&mut conn, &[event], now).await?;
    let row = rows.first();
    let starts_at = row.ok_or_else(Error::not_found)?.starts_at;
    Ok(without_account(offline::offered(methods, starts_at, now)))
}

fn without_account(mut methods: PaymentMethods) -> PaymentMethods {
    if let Some(transfer) = &mut methods.bank_transfer {
        transfer.account_holder.clear();
        transfer.details.clear();
    }
    methods
}

/// Decides how an event may be paid (crew). Orders that wait for their money go on as they were,
/// with the account of now; without transfers, with the last one.
///
/// # Errors
/// `illegal_state` for an event that is closed, 404, `forbidden`, 422 with the field.
pub async fn set_payment_methods(
    ctx: &Ctx,
    event_key: &str,
    command: PaymentMethods,
) -> Result<PaymentMethods> {
    let event = crew_event(ctx, event_key).await?;
    set(ctx, event, checked(command)?).await
}

async fn crew_event(ctx: &Ctx, event_key: &str) -> Result<EventId> {
    let mut conn = ctx.db().conn().await?;
    Ok(events::crew(ctx, &mut conn, event_key).await?.id)
}

async fn set(ctx: &Ctx, event: EventId, methods: PaymentMethods) -> Result<PaymentMethods> {
    // Whoever pays reads them under the same locks.
    let mut tx = ctx.db().begin().await?;
    let row = events::locked(ctx, &mut tx, event, IfMatch::Any).await?;
    events::must_be_editable(&row)?;
    store::payment_methods::set(&mut tx, event, &methods).await?;
    tx.commit().await?;
    Ok(methods)
}

fn checked(command: PaymentMethods) -> Result<PaymentMethods> {
    validate::check(&command).map_err(Error::invalid)?;
    if !command.has_any() {
        return Err(Error::field("card", "required", "choose at least one way"));
    }
    let trimmed = |transfer: BankTransfer| BankTransfer {
        account_holder: transfer.account_holder.trim().to_owned(),
        details: transfer.details.trim().replace("\r\n", "\n"),
        days: transfer.days,
    };
    Ok(PaymentMethods {
        bank_transfer: command.bank_transfer.map(trimmed),
        ..command
    })
}

/// The form as an event's crew finds it. The account is there also while no transfers are offered.
///
/// # Errors
/// 404, `forbidden`.
pub async fn methods_form(ctx: &Ctx, event_key: &str) -> Result<PaymentMethodsForm> {
    const USUAL_DAYS: u32 = 7;
    let event = crew_event(ctx, event_key).await?;
    let mut conn = ctx.db().conn().await?;
    let (methods, account) = store::payment_methods::with_account(&mut conn, event).await?;
    let account = account.unwrap_or_else(|| BankTransfer {
        account_holder: String::new(),
        details: String::new(),
        days: USUAL_DAYS,
    });
    Ok(PaymentMethodsForm {
        card: methods.card,
        bank_transfer: methods.bank_transfer.is_some(),
        at_door: methods.at_door,
        account_holder: account.account_holder,
        details: account.details,
        days: account.days.to_string(),
    })
}

/// Decides how an event may be paid, from the organizer's form.
///
/// # Errors
/// As [`set_payment_methods`], with the form's field names.
pub async fn set_payment_methods_from_form(
    ctx: &Ctx,
    event_key: &str,
    form: &PaymentMethodsForm,
) -> Result<PaymentMethods> {
    let event = crew_event(ctx, event_key).await?;
    let methods = form_to_command(form).and_then(checked);
    set(ctx, event, methods.map_err(under_form_names)?).await
}

/// What stands in the fields of transfers means nothing while there are none.
fn form_to_command(form: &PaymentMethodsForm) -> Result<PaymentMethods> {
    let bank_transfer = if form.bank_transfer {
        let days = form.days.trim().parse();
        let days = days.map_err(|_| Error::field("days", "format", "must be a number"))?;
        Some(BankTransfer {
            account_holder: form.account_holder.clone(),
            details: form.details.clone(),
            days,
        })
    } else {
        None
    };
    Ok(PaymentMethods {
        card: form.card,
        bank_transfer,
        at_door: form.at_door,
    })
}

fn under_form_names(mut error: Error) -> Error {
    if error.code == Code::Invalid {
        let in_form = |fault: &mut FieldError| {
            if let Some(name) = fault.field.strip_prefix("bank_transfer.") {
                fault.field = name.to_owned();
            }
        };
        error.fields.iter_mut().for_each(in_form);
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> PaymentMethodsForm {
        PaymentMethodsForm {
            bank_transfer: true,
            account_holder: " The Hall ".into(),
            details: "DE02 1203\r\nBank".into(),
            days: " 7 ".into(),
            ..PaymentMethodsForm::default()
        }
    }

    #[test]
    fn a_form_becomes_methods_and_its_text_is_tidied() {
        let methods = checked(form_to_command(&form()).unwrap()).unwrap();
        let transfer = methods.bank_transfer.unwrap();
        assert_eq!(
            (transfer.account_holder.as_str(), transfer.details.as_str()),
            ("The Hall", "DE02 1203\nBank")
        );
        assert_eq!(
            (methods.card, methods.at_door, transfer.days),
            (false, false, 7)
        );
    }

    #[test]
    fn faults_have_the_names_of_the_form() {
        let fields = |form: &PaymentMethodsForm| {
            let refused = form_to_command(form).and_then(checked);
            let error = under_form_names(refused.unwrap_err());
            error
                .fields
                .into_iter()
                .map(|fault| fault.field)
                .collect::<Vec<_>>()
        };
        let with = |change: fn(&mut PaymentMethodsForm)| {
            let mut form = form();
            change(&mut form);
            form
        };
        assert_eq!(fields(&with(|form| form.days = "soon".into())), ["days"]);
        assert_eq!(fields(&with(|form| form.days = "90".into())), ["days"]);
        assert_eq!(fields(&with(|form| form.details.clear())), ["details"]);
        assert_eq!(fields(&with(|form| form.bank_transfer = false)), ["card"]);
    }
}
