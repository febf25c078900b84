//! How events may be paid. An event without a row is paid by card.

use types::{
    EventId,
    payments::{BankTransfer, PaymentMethods},
};

use crate::{Conn, Result};

/// How an event may be paid.
pub async fn of_event(conn: &mut Conn, event: EventId) -> Result<PaymentMethods> {
    let row = sqlx::query!(
        "SELECT card, at_door, account_holder, details, transfer_days FROM payment_methods WHERE event_id = $1",
        event.0
    )
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else {
        return Ok(PaymentMethods::default());
    };
    let bank_transfer = match (row.account_holder, row.details, row.transfer_days) {
        (Some(account_holder), Some(details), Some(days)) => Some(BankTransfer {
            account_holder,
            details,
            days: days.unsigned_abs(),
        }),
        _ => None,
    };
    Ok(PaymentMethods {
        card: row.card,
        bank_transfer,
        at_door: row.at_door,
    })
}

/// From now on an event may be paid like this.
pub async fn set(conn: &mut Conn, event: EventId, methods: &PaymentMethods) -> Result<()> {
    let transfer = methods.bank_transfer.as_ref();
    sqlx::query!(
        r#"
        INSERT INTO payment_methods (event_id, card, at_door, account_holder, details, transfer_days)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT ON CONSTRAINT payment_methods_pkey
            DO UPDATE SET card = excluded.card, at_door = excluded.at_door, account_holder = excluded.account_holder,
                details = excluded.details, transfer_days = excluded.transfer_days
        "#,
        event.0,
        methods.card,
        methods.at_door,
        transfer.map(|transfer| transfer.account_holder.as_str()),
        transfer.map(|transfer| transfer.details.as_str()),
        transfer.map(|transfer| transfer.days.cast_signed())
    )
    .execute(conn)
    .await?;
    Ok(())
}
