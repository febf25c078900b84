//! The receipt of an order: asked for when it is paid, and again by its buyer.

use store::{
    Conn,
    mails::{About, MailRow},
    orders::OrderRow,
};
use types::{
    Code, OrderId,
    orders::{Order, OrderStatus},
};

use super::views;
use crate::{Ctx, Error, Result, mails, rate};

/// The mail that is due for an order.
pub(super) fn of(ctx: &Ctx, order: &OrderRow) -> MailRow {
    mails::row(ctx, About::Receipt(order.id), order.account_id)
}

/// Sends the receipt of one of the actor's orders again, to their address of today. One that is
/// on its way already is hurried instead.
///
/// # Errors
/// `illegal_state` when the order is not paid, `rate_limited`, 404 for an order of somebody else.
pub async fn resend_receipt(ctx: &Ctx, id: OrderId) -> Result<()> {
    let account = ctx.account()?;
    let found = {
        let mut conn = ctx.db().conn().await?;
        store::orders::find(&mut conn, id).await?
    };
    let order = found
        .filter(|order| order.account_id == account)
        .ok_or_else(Error::not_found)?;
    if !matches!(order.status, OrderStatus::Paid | OrderStatus::Refunded) {
        return Err(Error::new(Code::IllegalState).detail("This order is not paid."));
    }
    rate::spend(ctx, rate::Kind::Receipt).await?;
    let mut conn = ctx.db().conn().await?;
    Ok(store::mails::insert(&mut conn, &[of(ctx, &order)]).await?)
}

/// An order as its buyer sees it, for the mail about it.
pub(crate) async fn as_bought(ctx: &Ctx, conn: &mut Conn, id: OrderId) -> Result<Order> {
    let row = store::orders::find(conn, id).await?;
    let row = row.ok_or_else(|| Error::internal("an order is missing"))?;
    views::order(ctx, conn, row).await
}
