//! How events may be paid. An event without a row is paid by card.

use types::{
    EventId,
    payments::{BankTransfer, PaymentMethods},
};

use crate::{Conn, Result};

/// How an event may be paid.
pub async fn of_event(conn: &mut Conn, event: EventId) -> Result<PaymentMethods> {
    let (methods, _) = with_account(conn, event).await?;
    Ok(methods)
}

/// How an event may be paid, and where transfers go or went, also while none are offered.
pub async fn with_account(
    conn: &mut Conn,
    event: EventId,
) -> Result<(PaymentMethods, Option<BankTransfer>)> {
    let row = sqlx::query!(
        r#"
        SELECT card, at_door, offers_transfer, account_holder, details, transfer_days
        FROM payment_methods WHERE event_id = $1
        "#,
        event.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok((PaymentMethods::default(), None));
    };
    let account = match (row.account_holder, row.details, row.transfer_days) {
        (Some(account_holder), Some(details), Some(days)) => Some(BankTransfer {
            account_holder,
            details,
            days: days.unsigned_abs(),
        }),
        _ => None,
    };
    let methods = PaymentMethods {
        card: row.card,
        bank_transfer: account.clone().filter(|_| row.offers_transfer),
        at_door: row.at_door,
    };
    Ok((methods, account))
}

/// From now on an event may be paid like this. The account stays when transfers are offered no
/// more: who owes one has to know where it goes.
pub async fn set(conn: &mut Conn, event: EventId, methods: &PaymentMethods) -> Result<()> {
    let transfer = methods.bank_transfer.as_ref();
    sqlx::query!(
        r#"
        INSERT INTO payment_methods AS kept
            (event_id, card, at_door, offers_transfer, account_holder, details, transfer_days)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT ON CONSTRAINT payment_methods_pkey
            DO UPDATE SET card = excluded.card, at_door = excluded.at_door, offers_transfer = excluded.offers_transfer,
                account_holder = coalesce(excluded.account_holder, kept.account_holder),
                details = coalesce(excluded.details, kept.details),
                transfer_days = coalesce(excluded.transfer_days, kept.transfer_days)
        "#,
        event.0,
        methods.card,
        methods.at_door,
        transfer.is_some(),
        transfer.map(|transfer| transfer.account_holder.as_str()),
        transfer.map(|transfer| transfer.details.as_str()),
        transfer.map(|transfer| transfer.days.cast_signed())
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets another event, which has no word on it yet, be paid like this one.
pub async fn copy(conn: &mut Conn, from: EventId, to: EventId) -> Result<()> {
    sqlx::query!(
        r#"
        INSERT INTO payment_methods
            (event_id, card, at_door, offers_transfer, account_holder, details, transfer_days)
        SELECT $2::uuid, card, at_door, offers_transfer, account_holder, details, transfer_days
        FROM payment_methods WHERE event_id = $1
        "#,
        from.0,
        to.0
    )
    .execute(conn)
    .await?;
    Ok(())
}
