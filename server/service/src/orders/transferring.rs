//! Passing tickets on, at the event's till: an offer is answered under the locks that sales
//! and returns take too, so of two who want the same ticket one comes second and is told.

use store::{Tx, tickets::TicketRow, transfers::TransferRow};
use types::{
    AccountId, EventId, TicketId, TransferId,
    feed::DomainEvent,
    tickets::{Ticket, TicketStatus},
    transfers::{Addressee, AnswerOffer, OfferTicket, Transfer, TransferStatus},
    validate,
};

use super::{
    batch::Decision,
    books::{Books, Touched},
    rules::{self, illegal},
    settling,
    till::{self, Request, Verdict},
};
use crate::{
    Ctx, Error, Result,
    idempotency::{Call, Reply},
    tickets,
    transfers::{Part, part, rules as offers},
};

/// What somebody does with a ticket or an offer.
pub(crate) enum Step {
    /// Offer a ticket.
    Offer(TicketId, OfferTicket),
    /// Take what is offered.
    Accept(TransferId, AnswerOffer),
    /// Say no.
    Decline(TransferId, AnswerOffer),
    /// Take an offer back.
    Withdraw(TransferId),
}

impl Step {
    /// Notes what the books need for it.
    pub(super) fn touch(&self, who: Option<AccountId>, touched: &mut Touched) {
        match self {
            Self::Offer(ticket, _) => touched.tickets.push(*ticket),
            Self::Accept(transfer, _) => {
                touched.transfers.push(*transfer);
                touched.buyers.extend(who);
            }
            Self::Decline(transfer, _) | Self::Withdraw(transfer) => {
                touched.transfers.push(*transfer);
            }
        }
    }
}

/// Settles a step that ends with an offer.
pub(crate) async fn settle_offer(
    ctx: &Ctx,
    event: EventId,
    call: Option<Call>,
    step: Step,
) -> Result<Reply<Transfer>> {
    match till::settle(ctx, event, call, Request::Transfer(step)).await? {
        Verdict::Transfer(reply) => Ok(reply),
        _ => Err(Error::internal("not the verdict of an offer")),
    }
}

/// Settles a step that ends with a ticket.
pub(crate) async fn settle_ticket(
    ctx: &Ctx,
    event: EventId,
    call: Call,
    step: Step,
) -> Result<Reply<Ticket>> {
    match till::settle(ctx, event, Some(call), Request::Transfer(step)).await? {
        Verdict::Ticket(reply) => Ok(reply),
        _ => Err(Error::internal("not the verdict of a ticket")),
    }
}

/// Decides a step. A refusal leaves the books as they were.
pub(super) async fn decide(
    tx: &mut Tx,
    ctx: &Ctx,
    books: &mut Books,
    step: &Step,
) -> Result<Decision> {
    match step {
        Step::Offer(ticket, command) => offer(tx, ctx, books, *ticket, command).await,
        Step::Accept(transfer, answer) => accept(ctx, books, *transfer, answer),
        Step::Decline(transfer, answer) => decline(ctx, books, *transfer, answer),
        Step::Withdraw(transfer) => withdraw(ctx, books, *transfer),
    }
}

async fn offer(
    tx: &mut Tx,
    ctx: &Ctx,
    books: &mut Books,
    id: TicketId,
    command: &OfferTicket,
) -> Result<Decision> {
    let giver = ctx.account()?;
    let ticket = books.ticket(id).filter(|t| t.account_id == giver);
    let ticket = ticket.ok_or_else(Error::not_found)?.clone();
    validate::check(command).map_err(Error::invalid)?;
    let (recipient_text, recipient_id) = addressee(tx, giver, command).await?;
    if ticket.status != TicketStatus::Valid {
        return Err(illegal("Only a valid ticket can be passed on."));
    }
    offers::check_event(&books.event, books.now)?;
    clear_the_way(books, id)?;
    let transfer = TransferRow {
        id: TransferId(ctx.new_id()),
        ticket_id: id,
        event_id: ticket.event_id,
        giver_id: giver,
        recipient_text,
        recipient_id,
        new_ticket_id: None,
        status: TransferStatus::Offered,
        created_at: books.now,
        expires_at: offers::expires_at(books.now, books.event.ends_at),
    };
    let offer = transfer.id;
    books.offer(transfer);
    Ok(Decision::Offered(offer))
}

/// Who is meant, as it is written down. Of an e-mail address nothing is looked up: the answer
/// must not tell whether it has an account.
async fn addressee(
    tx: &mut Tx,
    giver: AccountId,
    command: &OfferTicket,
) -> Result<(String, Option<AccountId>)> {
    let oneself = || Error::field("to", "self", "is you");
    match command.addressee() {
        Some(Addressee::Handle(handle)) => {
            let found = store::accounts::find_by_handle(tx, &handle).await?;
            match found {
                Some(account) if account.id == giver => Err(oneself()),
                Some(account) => Ok((account.handle, Some(account.id))),
                None => Err(Error::field("to", "unknown", "is nobody's handle")),
            }
        }
        Some(Addressee::Email(email)) => {
            let own = store::accounts::find(tx, giver).await?;
            if own.is_some_and(|own| own.email.eq_ignore_ascii_case(&email)) {
                return Err(oneself());
            }
            Ok((email, None))
        }
        None => {
            let text = "must be a handle or an e-mail address";
            Err(Error::field("to", "format", text))
        }
    }
}

/// An offer that ran out makes room for the next; one that did not is in the way.
fn clear_the_way(books: &mut Books, ticket: TicketId) -> Result<()> {
    let Some(open) = books.open_offer(ticket) else {
        return Ok(());
    };
    if open.expires_at > books.now {
        return Err(illegal(
            "This ticket is offered to somebody already. Take that offer back first.",
        ));
    }
    let id = open.id;
    books.change_offer(id, |offer| offer.status = TransferStatus::Expired)
}

fn accept(ctx: &Ctx, books: &mut Books, id: TransferId, answer: &AnswerOffer) -> Result<Decision> {
    let (offer, ticket) = open_offer(ctx, books, id, answer)?;
    offers::check_event(&books.event, books.now)?;
    let recipient = ctx.account()?;
    let mut kinds = books.types.iter();
    let kind = kinds.find(|kind| kind.id == ticket.ticket_type_id);
    let kind = kind.ok_or_else(|| Error::internal("a ticket has no type"))?;
    rules::check_limits(&[(kind, 1)], |kind| books.owned(recipient, kind))?;
    let next = TicketRow {
        id: TicketId(ctx.new_id()),
        account_id: recipient,
        code: tickets::new_code(ctx),
        holder_name: String::new(),
        created_at: books.now,
        ..ticket.clone()
    };
    let next_id = next.id;
    books.tell(transferred(books, &offer, &next));
    books.pass_on(ticket.id, next)?;
    books.change_offer(id, |offer| {
        offer.status = TransferStatus::Accepted;
        offer.recipient_id = Some(recipient);
        offer.new_ticket_id = Some(next_id);
    })?;
    Ok(Decision::PassedOn(next_id))
}

/// An offer that the actor may answer now, and its ticket.
fn open_offer(
    ctx: &Ctx,
    books: &Books,
    id: TransferId,
    answer: &AnswerOffer,
) -> Result<(TransferRow, TicketRow)> {
    let offer = books.transfer(id)?.clone();
    let part = part(ctx, &offer, answer.key.as_deref())?;
    validate::check(answer).map_err(Error::invalid)?;
    let ticket = books.ticket(offer.ticket_id);
    let ticket = ticket.ok_or_else(|| Error::internal("an offer without a ticket"))?;
    offers::check_open(&offer, ticket.status, books.now)?;
    if part == Part::Giver {
        return Err(illegal("This is your own offer. You can take it back."));
    }
    Ok((offer, ticket.clone()))
}

fn decline(ctx: &Ctx, books: &mut Books, id: TransferId, answer: &AnswerOffer) -> Result<Decision> {
    let offer = books.transfer(id)?;
    part(ctx, offer, answer.key.as_deref())?;
    // Again is fine.
    if offer.status != TransferStatus::Declined {
        open_offer(ctx, books, id, answer)?;
        books.change_offer(id, |offer| offer.status = TransferStatus::Declined)?;
    }
    Ok(Decision::Offered(id))
}

fn withdraw(ctx: &Ctx, books: &mut Books, id: TransferId) -> Result<Decision> {
    let offer = books.transfer(id)?;
    if offer.giver_id != ctx.account()? {
        return Err(Error::not_found());
    }
    match offer.status {
        TransferStatus::Accepted => Err(illegal("This ticket belongs to somebody else now.")),
        TransferStatus::Offered => {
            books.change_offer(id, |offer| offer.status = TransferStatus::Withdrawn)?;
            Ok(Decision::Offered(id))
        }
        _ => Ok(Decision::Offered(id)),
    }
}

fn transferred(books: &Books, offer: &TransferRow, next: &TicketRow) -> DomainEvent {
    DomainEvent::TicketTransferred {
        event: settling::fact(&books.event),
        ticket_id: offer.ticket_id,
        new_ticket_id: next.id,
        giver_id: offer.giver_id,
        recipient_id: next.account_id,
    }
}
