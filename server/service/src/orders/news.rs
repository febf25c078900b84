//! What a payment provider tells us of its own accord.

use uuid::Uuid;

use crate::{
    Ctx, Error, Result,
    ports::{WebhookError, WebhookEvent},
};
use types::Code;

/// A provider's call of our webhook, with its signature. What it says of a charge is not
/// believed, it only makes us ask sooner: a payment of unknown outcome becomes due, and the
/// worker asks the provider within a second. That a refund failed after all is believed.
/// Calls may come twice, late, or not at all.
///
/// # Errors
/// `bad_signature`, `malformed`, 404 when the installation's provider does not call.
pub async fn payment_news(ctx: &Ctx, signature: &str, body: &[u8]) -> Result<()> {
    let event = ctx
        .ports()
        .payments
        .read_webhook(signature, body, ctx.now());
    match event.map_err(refusal)? {
        WebhookEvent::Charge(payment) => make_due(ctx, payment).await,
        WebhookEvent::RefundFailed(refund) => refund_failed(ctx, refund).await,
        WebhookEvent::Other => Ok(()),
    }
}

async fn make_due(ctx: &Ctx, payment: Uuid) -> Result<()> {
    let mut conn = ctx.db().conn().await?;
    let is_due = store::payments::make_due(&mut conn, payment, ctx.now()).await?;
    tracing::info!(payment.id = %payment, payment.is_due = is_due, "news of a payment");
    Ok(())
}

/// The buyer's bank sent the money back to the provider: the organizer has to pay it back.
async fn refund_failed(ctx: &Ctx, refund: Uuid) -> Result<()> {
    let mut conn = ctx.db().conn().await?;
    let is_ours = store::refunds::set_refused(&mut conn, refund.into(), ctx.now()).await?;
    if is_ours {
        tracing::error!(refund.id = %refund, "a refund failed, perhaps after it was made");
    }
    Ok(())
}

fn refusal(error: WebhookError) -> Error {
    let code = match error {
        WebhookError::NotConfigured => return Error::not_found(),
        WebhookError::BadSignature => Code::BadSignature,
        WebhookError::Malformed => Code::Malformed,
    };
    Error::new(code)
}
