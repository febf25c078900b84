//! One transaction for a batch of sales: keys, locks, decisions, writes, answers.

use std::collections::HashMap;

use serde::Serialize;
use store::{Tx, payments::PaymentRow, tickets::TicketRow};
use types::{
    Code, EventId, HoldId, OrderId, TicketId, TransferId, WaitingListEntryId,
    orders::{EventBrief, Hold, Order, OrderStatus, PaymentState, PlaceHold, Purchase},
    tickets::Ticket,
    transfers::Transfer,
    waiting_list::WaitingListEntry,
};

use super::{
    answering, asking,
    books::{Basket, Books, Touched},
    holding, late, offering, offline,
    paying::{self, Begun},
    returning,
    sell_outs::SellOut,
    settling,
    till::{Request, Sale, Verdict},
    transferring::{self, Step},
    views::{self, Bought, Reader},
    waiting_list,
};
use crate::{
    Ctx, Error, Result, events,
    idempotency::{self, Answer, Call, Reply, Stage, Start},
    outbox, transfers, waiting_room,
};

/// What was decided for a sale, before it is worded.
pub(super) enum Decision {
    /// Places are put aside, or kept for longer.
    Held(HoldId),
    /// An order stands as it is on the books now.
    Ordered(OrderId),
    /// The provider is to be asked.
    Ask(PaymentRow),
    /// Somebody is in line.
    Waiting(WaitingListEntryId),
    /// A ticket is offered, or its offer is over.
    Offered(TransferId),
    /// A ticket was passed on: the new one.
    PassedOn(TicketId),
    /// It is done; there is nothing to tell.
    Done,
}

/// Settles sales of one event, whose keys differ. The outer error is about the whole
/// batch, and then nothing was written.
pub(super) async fn settle(
    ctx: &Ctx,
    event: EventId,
    sales: &[Sale],
) -> Result<Vec<Result<Verdict>>> {
    let mut tx = ctx.db().begin().await?;
    let starts = look_up(ctx, &mut tx, sales).await?;
    let touched = touched(sales, &starts);
    let mut books = Books::open(ctx, &mut tx, event, &touched).await?;
    if let Some(books) = &mut books {
        offering::offer(ctx, books)?;
    }
    let mut decisions = Vec::with_capacity(sales.len());
    for (sale, start) in sales.iter().zip(&starts) {
        decisions.push(match (start, &mut books) {
            (Ok(Start::Fresh), Some(books)) => {
                let decision = decide(&mut tx, books, sale).await;
                offering::offer(ctx, books)?;
                Some(decision)
            }
            (Ok(Start::Settled(order)), Some(_)) => Some(Ok(Decision::Ordered(*order))),
            (Ok(Start::Fresh), None) => Some(Err(Error::not_found())),
            _ => None,
        });
    }
    if let Some(error) = find_failure(&mut decisions) {
        return Err(error);
    }
    if let Some(books) = &mut books {
        books.write(ctx, &mut tx).await?;
    }
    let mut words = Words::new(ctx, &mut tx, books.as_mut())?;
    let mut verdicts = Vec::with_capacity(sales.len());
    let mut answers = Vec::new();
    let mut orders = Vec::new();
    for ((sale, start), decision) in sales.iter().zip(starts).zip(decisions) {
        let Some(decision) = decision else {
            verdicts.push(start.and_then(|start| known(start, sale)));
            continue;
        };
        let (verdict, answer) = words.verdict(sale, decision).await?;
        if let (Ok(Verdict::Order(Begun::Ask(_, payment))), Some(call)) = (&verdict, &sale.call) {
            orders.push((call, payment.order_id));
        }
        answers.extend(sale.call.as_ref().zip(answer));
        verdicts.push(verdict);
    }
    idempotency::note_orders(&mut tx, &orders).await?;
    idempotency::store(&mut tx, &answers).await?;
    let sell_out = match &books {
        Some(books) => SellOut::seen(&mut tx, books).await?,
        None => None,
    };
    tx.commit().await?;
    if let Some(books) = books {
        let known = &ctx.services.tills.sell_outs;
        known.remember(event, sell_out, books.now);
        if books.has_facts() {
            outbox::wake(ctx);
        }
    }
    Ok(verdicts)
}

/// How each sale begins: the second transaction of a call finds its key running.
async fn look_up(ctx: &Ctx, tx: &mut Tx, sales: &[Sale]) -> Result<Vec<Result<Start>>> {
    let stage = |sale: &Sale| match sale.request {
        Request::Outcome(..) => Stage::Second,
        _ => Stage::First,
    };
    let calls: Vec<_> = sales
        .iter()
        .map(|sale| sale.call.as_ref().map(|call| (call, stage(sale))))
        .collect();
    idempotency::start(tx, &calls, ctx.now()).await
}

fn touched(sales: &[Sale], starts: &[Result<Start>]) -> Touched {
    let mut touched = Touched::default();
    let settled = starts.iter().filter_map(|start| match start {
        Ok(Start::Settled(order)) => Some(*order),
        _ => None,
    });
    touched.orders.extend(settled);
    let fresh = sales
        .iter()
        .zip(starts)
        .filter(|(_, start)| matches!(start, Ok(Start::Fresh)));
    for (sale, _) in fresh {
        match &sale.request {
            Request::Hold(PlaceHold { promo_code, .. })
            | Request::Purchase(Purchase { promo_code, .. }) => {
                touched.buyers.extend(sale.ctx.account_if_any());
                touched.codes.extend(promo_code.clone());
            }
            Request::Pay(hold, _) | Request::Extend(hold) | Request::Release(hold) => {
                touched.holds.push(*hold);
            }
            Request::Return(order, _) => {
                touched.orders.push(*order);
                touched.returns.push(*order);
            }
            Request::Transfer(step) => step.touch(sale.ctx.account_if_any(), &mut touched),
            Request::Outcome(payment, _) => touched.orders.push(payment.order_id),
            Request::Arrived(order) | Request::CallOff(order) => {
                touched.orders.push(*order);
                touched.charges.push(*order);
            }
            Request::Join(_) => {
                touched.buyers.extend(sale.ctx.account_if_any());
                touched.joiners.extend(sale.ctx.account_if_any());
            }
            Request::Leave(entry) => touched.entries.push(*entry),
            Request::Answer(..) => {
                touched.buyers.extend(sale.ctx.account_if_any());
                touched.joiners.extend(sale.ctx.account_if_any());
                touched.answers.extend(sale.ctx.account_if_any());
            }
            Request::Lapse => touched.lapses = true,
            Request::Offer => {}
        }
        touched.may_free |= sale.request.may_free();
        touched.is_paid |= match &sale.request {
            Request::Pay(_, command) => command.payment.is_some(),
            Request::Purchase(command) => command.payment.is_some(),
            _ => false,
        };
    }
    touched
}

/// Decides one sale. A refusal leaves the books as they were.
async fn decide(tx: &mut Tx, books: &mut Books, sale: &Sale) -> Result<Decision> {
    let ctx = &sale.ctx;
    match &sale.request {
        Request::Hold(command) => {
            must_see(tx, books, ctx).await?;
            waiting_room::must_be_admitted(ctx, books.event.id)?;
            let held = holding::decide_hold(ctx, books, command);
            name_own_holds(tx, books, ctx, held).await
        }
        Request::Purchase(command) => {
            must_see(tx, books, ctx).await?;
            waiting_room::must_be_admitted(ctx, books.event.id)?;
            let bought = paying::decide_purchase(ctx, books, command);
            name_own_holds(tx, books, ctx, bought).await
        }
        Request::Pay(hold, command) => paying::decide_pay(ctx, books, *hold, command),
        Request::Extend(hold) => holding::decide_extend(ctx, books, *hold),
        Request::Release(hold) => holding::decide_release(ctx, books, *hold),
        Request::Return(order, wish) => returning::decide_return(ctx, books, *order, wish),
        Request::Transfer(step) => {
            let passed = transferring::decide(tx, ctx, books, step).await;
            name_own_holds(tx, books, ctx, passed).await
        }
        Request::Outcome(payment, outcome) if late::is_late(books, payment, *outcome) => {
            late::decide_late(ctx, books, payment)
        }
        Request::Outcome(payment, outcome) => {
            settling::decide_outcome(ctx, books, payment, *outcome)
        }
        Request::Arrived(order) => offline::decide_arrived(ctx, books, *order),
        Request::CallOff(order) => offline::decide_call_off(ctx, books, *order),
        Request::Join(command) => {
            must_see(tx, books, ctx).await?;
            waiting_room::must_be_admitted(ctx, books.event.id)?;
            offering::decide_join(ctx, books, command)
        }
        Request::Leave(entry) => offering::decide_leave(ctx, books, *entry),
        Request::Answer(answer, party) => {
            must_see(tx, books, ctx).await?;
            let answered = answering::decide_answer(ctx, books, *answer, *party);
            name_own_holds(tx, books, ctx, answered).await
        }
        Request::Lapse => answering::decide_lapses(ctx, books),
        Request::Offer => Ok(Decision::Done),
    }
}

async fn must_see(tx: &mut Tx, books: &Books, ctx: &Ctx) -> Result<()> {
    if events::may_see(ctx, tx, &books.row).await? {
        Ok(())
    } else {
        Err(Error::not_found())
    }
}

/// Who has too many is told which holds to give back.
async fn name_own_holds(
    tx: &mut Tx,
    books: &Books,
    ctx: &Ctx,
    decision: Result<Decision>,
) -> Result<Decision> {
    match decision {
        Err(error) if error.code == Code::LimitReached => {
            let buyer = ctx.account()?;
            let mut ids = store::holds::live_ids(tx, buyer, books.event.id).await?;
            ids.extend(books.new_holds_of(buyer));
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            Err(error.with("own_holds", ids))
        }
        decision => decision,
    }
}

/// A decision that could not be made, because Postgres or we failed, is no answer: nothing is
/// stored of it, so its key must not stay taken either.
fn find_failure(decisions: &mut [Option<Result<Decision>>]) -> Option<Error> {
    let failed = decisions.iter_mut().find(|decision| {
        let error = decision
            .as_ref()
            .and_then(|decision| decision.as_ref().err());
        error.is_some_and(|error| !idempotency::is_answer(error.code))
    });
    failed.and_then(Option::take)?.err()
}

fn known(start: Start, sale: &Sale) -> Result<Verdict> {
    match (start, &sale.request) {
        (Start::Answered(answer), Request::Hold(_)) => Ok(Verdict::Hold(answer.into())),
        (Start::Answered(answer), Request::Join(_)) => Ok(Verdict::Waiting(answer.into())),
        (Start::Answered(answer), Request::Transfer(Step::Accept(..))) => {
            Ok(Verdict::Ticket(answer.into()))
        }
        (Start::Answered(answer), Request::Transfer(_)) => Ok(Verdict::Transfer(answer.into())),
        (Start::Answered(answer), _) => Ok(Verdict::Order(Begun::Done(answer.into()))),
        (Start::TakeOver(order), _) => {
            let call = sale.call.clone();
            let call =
                call.ok_or_else(|| Error::internal("a call without a key cannot be taken over"))?;
            Ok(Verdict::Order(Begun::FindOut(call, order)))
        }
        (Start::Fresh | Start::Settled(_), _) => Err(Error::internal("a call without a decision")),
    }
}

/// Words decisions for their buyers, from the books where they have it.
struct Words<'a> {
    tx: &'a mut Tx,
    books: Option<(&'a Books, EventBrief)>,
    tickets: HashMap<OrderId, Vec<TicketRow>>,
}

impl<'a> Words<'a> {
    fn new(ctx: &'a Ctx, tx: &'a mut Tx, books: Option<&'a mut Books>) -> Result<Self> {
        let (mut tickets, mut with_brief) = (HashMap::new(), None);
        if let Some(books) = books {
            tickets = books.take_tickets();
            let brief = events::brief_of(ctx, books.row.clone())?;
            with_brief = Some((&*books, brief));
        }
        Ok(Self {
            tx,
            books: with_brief,
            tickets,
        })
    }

    /// The verdict, and what is stored for a repetition of the call.
    async fn verdict(
        &mut self,
        sale: &Sale,
        decision: Result<Decision>,
    ) -> Result<(Result<Verdict>, Option<Answer>)> {
        let call = sale.call.as_ref();
        match decision {
            Ok(Decision::Held(id)) => {
                let hold = Ok(self.hold(id)?);
                Ok(fresh(hold, call, Verdict::Hold)?)
            }
            Ok(Decision::Ordered(id)) => {
                let order = self.order(&sale.ctx, id).await?;
                fresh(order, call, |reply| Verdict::Order(Begun::Done(reply)))
            }
            Ok(Decision::Ask(payment)) => {
                Ok((Ok(Verdict::Order(Begun::Ask(call.cloned(), payment))), None))
            }
            Ok(Decision::Waiting(id)) => {
                let entry = Ok(self.waiting(id).await?);
                fresh(entry, call, Verdict::Waiting)
            }
            Ok(Decision::Offered(id)) => {
                let offer = Ok(self.offer(&sale.ctx, id).await?);
                fresh(offer, call, Verdict::Transfer)
            }
            Ok(Decision::PassedOn(id)) => {
                let ticket = Ok(self.ticket(id)?);
                fresh(ticket, call, Verdict::Ticket)
            }
            Ok(Decision::Done) => Ok((Ok(Verdict::Done), None)),
            Err(error) => {
                let refused: Result<Hold> = Err(error);
                fresh(refused, call, Verdict::Hold)
            }
        }
    }

    fn books(&self) -> Result<(&'a Books, &EventBrief)> {
        let books = self.books.as_ref().map(|(books, brief)| (*books, brief));
        books.ok_or_else(|| Error::internal("a decision without books"))
    }

    fn hold(&self, id: HoldId) -> Result<Hold> {
        let (books, brief) = self.books()?;
        let basket = books.basket(id)?;
        let order = books.live_order(id);
        Ok(views::hold_of(
            brief,
            &basket.hold,
            basket.lines.clone(),
            order,
            books.now,
        ))
    }

    async fn waiting(&mut self, id: WaitingListEntryId) -> Result<WaitingListEntry> {
        let row = store::waiting_list::find(self.tx, id).await?;
        let row = row.ok_or_else(|| Error::internal("an entry is missing"))?;
        let (books, brief) = self.books()?;
        Ok(waiting_list::view(brief, row, books.now))
    }

    async fn offer(&mut self, reader: &Ctx, id: TransferId) -> Result<Transfer> {
        let rows = store::transfers::list(self.tx, &[id], &[]).await?;
        let row = rows.into_iter().next();
        let row = row.ok_or_else(|| Error::internal("an offer is missing"))?;
        Ok(transfers::view(reader, self.books()?.1, row))
    }

    fn ticket(&self, id: TicketId) -> Result<Ticket> {
        let (books, brief) = self.books()?;
        let row = books.ticket(id).cloned();
        let row = row.ok_or_else(|| Error::internal("a ticket is missing"))?;
        Ok(views::ticket(brief, row))
    }

    /// An order as its buyer is told; one whose payment was declined is that refusal.
    async fn order(&mut self, reader: &Ctx, id: OrderId) -> Result<Result<Order>> {
        let (books, _) = self.books()?;
        let row = books.order(id)?.clone();
        let Basket { hold, lines } = books.basket(row.hold_id)?.clone();
        if row.status == OrderStatus::Cancelled && row.payment_state == PaymentState::Declined {
            return Ok(Err(asking::declined(hold.id, hold.status)));
        }
        let (tickets, refunds) = match self.tickets.remove(&id) {
            Some(tickets) => (tickets, Vec::new()),
            // Nothing was issued now, but maybe before.
            None => (
                store::tickets::list_of_orders(self.tx, &[id]).await?,
                store::refunds::list_of_orders(self.tx, &[id]).await?,
            ),
        };
        let offline = if books.is_offline(id) {
            store::payments::offline_of_orders(self.tx, &[id])
                .await?
                .pop()
        } else {
            None
        };
        let (books, brief) = self.books()?;
        let reader = match reader.account_if_any() {
            Some(account) if account == row.account_id => Reader::Buyer,
            _ => Reader::Crew,
        };
        let bought = Bought {
            items: lines,
            promo_code: hold.promo.map(|promo| promo.code),
            offline,
        };
        let tickets = views::shown_to(reader, row.account_id, tickets);
        let order = views::order_of(brief, row, bought, tickets, refunds, books.now);
        Ok(Ok(order))
    }
}

/// The reply to a call that was decided now, and what is stored of it.
fn fresh<T: Serialize>(
    outcome: Result<T>,
    call: Option<&Call>,
    verdict: impl FnOnce(Reply<T>) -> Verdict,
) -> Result<(Result<Verdict>, Option<Answer>)> {
    let answer = match call {
        Some(call) if call.scope().is_some() => call.answer(&outcome)?,
        _ => None,
    };
    Ok((outcome.map(|value| verdict(Reply::Fresh(value))), answer))
}
