//! What people do in a rush. A new kind of action is a variant, its share, and an arm in
//! [`Action::perform`]; what it was told goes into the journal as an effect.

mod passing;
mod waiting;

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    attack::Rush,
    journal::{Deed, Effect},
    stage::Buyer,
};
use crate::client::{Answer, Ask};

/// What somebody came for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Buys in one call.
    Buy,
    /// Puts places aside and pays them; after a declined card once more.
    HoldThenPay,
    /// Puts places aside and forgets them.
    HoldAndForget,
    /// Puts places aside and gives them back.
    HoldAndRelease,
    /// Puts places aside, keeps them for longer, pays.
    ExtendThenPay,
    /// Gives tickets back that somebody bought earlier in the rush.
    GiveBack,
    /// Passes a ticket on that somebody bought earlier in the rush.
    PassOn,
    /// Joins the line for a ticket type; buys when it is not sold out.
    WaitInLine,
}

impl Action {
    /// How many of a hundred come for what.
    const SHARES: [(Self, u32); 8] = [
        (Self::Buy, 38),
        (Self::HoldThenPay, 19),
        (Self::HoldAndForget, 4),
        (Self::HoldAndRelease, 7),
        (Self::ExtendThenPay, 5),
        (Self::GiveBack, 14),
        (Self::PassOn, 6),
        (Self::WaitInLine, 7),
    ];

    /// One of them.
    pub fn draw(dice: &mut StdRng) -> Self {
        let drawn = Self::SHARES.choose_weighted(dice, |(_, share)| *share);
        drawn.map_or(Self::Buy, |(action, _)| *action)
    }

    /// Does it. `None` says that it ended early: refused, or never answered.
    pub async fn perform(self, visit: &mut Visit<'_>) -> Option<()> {
        match self {
            Self::Buy => visit.buy().await,
            Self::HoldThenPay => {
                let hold = visit.hold().await?;
                visit.pay(hold).await
            }
            Self::HoldAndForget => visit.hold().await.map(drop),
            Self::HoldAndRelease => {
                let hold = visit.hold().await?;
                visit.release(hold).await
            }
            Self::ExtendThenPay => {
                let hold = visit.hold().await?;
                visit.extend(hold).await?;
                visit.pay(hold).await
            }
            Self::GiveBack => visit.give_back().await,
            Self::PassOn => visit.pass_on().await,
            Self::WaitInLine => visit.wait_in_line().await,
        }
    }
}

/// One attempt of one buyer.
pub struct Visit<'a> {
    rush: &'a Rush<'a>,
    at: usize,
    dice: StdRng,
}

impl<'a> Visit<'a> {
    /// Somebody comes.
    pub fn new(rush: &'a Rush<'a>, mut dice: StdRng) -> Self {
        let at = dice.random_range(0..rush.stage.buyers.len());
        Self::of(rush, at, dice)
    }

    /// A certain buyer comes.
    pub fn of(rush: &'a Rush<'a>, at: usize, dice: StdRng) -> Self {
        Self { rush, at, dice }
    }

    /// What for?
    pub fn draw(&mut self) -> Action {
        Action::draw(&mut self.dice)
    }

    fn buyer(&self) -> &'a Buyer {
        &self.rush.stage.buyers[self.at]
    }

    /// One place of one type; for the last buyers. `None` when it was refused.
    pub async fn buy_one_of(&mut self, kind: Uuid) -> Option<()> {
        let items = json!([{"ticket_type_id": kind, "quantity": 1}]);
        self.purchase(json!({"items": items, "payment": simulated("ok")}))
            .await
    }

    async fn buy(&mut self) -> Option<()> {
        let (items, token) = (self.wish(), self.card());
        self.purchase(json!({"items": items, "payment": simulated(token)}))
            .await
    }

    async fn purchase(&mut self, body: Value) -> Option<()> {
        let path = format!("/api/v1/events/{}/purchase", self.rush.stage.event);
        self.order(Ask::post(path, &body)).await.map(drop)
    }

    async fn hold(&mut self) -> Option<Uuid> {
        let path = format!("/api/v1/events/{}/holds", self.rush.stage.event);
        let ask = Ask::post(path, &json!({"items": self.wish()})).bearer(&self.buyer().token);
        let answer = self.rush.shop.once(ask.clone(), &mut self.dice).await?;
        let hold = match answer.status.as_u16() {
            201 => id(&answer.value(), "/id"),
            _ => None,
        };
        let Some(hold) = hold else {
            return self.refused(&ask, &answer, &["sold_out", "limit_reached"]);
        };
        self.note(Effect::Held { hold });
        Some(hold)
    }

    async fn pay(&mut self, hold: Uuid) -> Option<()> {
        let token = self.card();
        let is_paid = self.pay_with(hold, token).await?;
        if !is_paid {
            self.pay_with(hold, "ok").await?;
        }
        Some(())
    }

    async fn pay_with(&mut self, hold: Uuid, token: &str) -> Option<bool> {
        let body = json!({"payment": simulated(token)});
        self.order(Ask::post(format!("/api/v1/holds/{hold}/pay"), &body))
            .await
    }

    /// Whatever is answered with an order. `Some(false)`: its payment was declined.
    async fn order(&mut self, ask: Ask) -> Option<bool> {
        let ask = ask.bearer(&self.buyer().token);
        let answer = self.rush.shop.once(ask.clone(), &mut self.dice).await?;
        let told = answer.value();
        match answer.status.as_u16() {
            201 => {
                let Some(bought) = bought(&told) else {
                    return self.refused(&ask, &answer, &[]);
                };
                self.rush.offer(self.at, &bought);
                self.note(bought);
                Some(true)
            }
            402 => {
                let Some(hold) = id(&told, "/hold_id") else {
                    return self.refused(&ask, &answer, &[]);
                };
                self.note(Effect::Declined { hold });
                Some(false)
            }
            _ => self.refused(
                &ask,
                &answer,
                &["sold_out", "limit_reached", "hold_expired"],
            ),
        }
    }

    async fn release(&mut self, hold: Uuid) -> Option<()> {
        let ask = Ask::delete(format!("/api/v1/holds/{hold}")).bearer(&self.buyer().token);
        let answer = self.rush.shop.ask(&ask, &mut self.dice).await?;
        if answer.status != 204 {
            return self.refused(&ask, &answer, &[]);
        }
        self.note(Effect::Released { hold });
        Some(())
    }

    /// Without a key: asked for twice it moves the clock twice, at most to three times the usual.
    async fn extend(&mut self, hold: Uuid) -> Option<()> {
        let ask = Ask::post(format!("/api/v1/holds/{hold}/extend"), &json!({}));
        let ask = ask.bearer(&self.buyer().token);
        let answer = self.rush.shop.ask(&ask, &mut self.dice).await?;
        if answer.status == 200 {
            self.note(Effect::Extended);
            return Some(());
        }
        // Two extensions within the same instant are one.
        if answer.code() == "illegal_state" {
            return Some(());
        }
        self.refused(&ask, &answer, &["hold_expired"])
    }

    async fn give_back(&mut self) -> Option<()> {
        let Some((owner, order, tickets)) = self.rush.any_order(&mut self.dice) else {
            return self.buy().await;
        };
        self.at = owner;
        let some = self.dice.random_bool(0.5).then(|| vec![tickets[0]]);
        let body = some
            .as_ref()
            .map_or_else(|| json!({}), |some| json!({"ticket_ids": some}));
        let path = format!("/api/v1/orders/{order}/refund");
        let ask = Ask::post(path, &body).bearer(&self.buyer().token);
        let answer = self.rush.shop.once(ask.clone(), &mut self.dice).await?;
        if answer.status != 201 {
            return self.refused(&ask, &answer, &[]);
        }
        let tickets = some.unwrap_or(tickets);
        self.note(Effect::Returned { order, tickets });
        Some(())
    }

    /// A clear no; one that is not among `expected` is a surprise.
    fn refused<T>(&self, ask: &Ask, answer: &Answer, expected: &[&str]) -> Option<T> {
        let code = answer.code();
        if !expected.contains(&code.as_str()) {
            self.rush.shop.tally.surprise(ask, answer);
        }
        self.note(Effect::Refused { code });
        None
    }

    fn note(&self, what: Effect) {
        self.rush.note(Deed {
            buyer: self.at,
            what,
        });
    }

    /// Mostly one or two places of one type, sometimes of two.
    fn wish(&mut self) -> Value {
        let kinds = if self.dice.random_ratio(1, 10) { 2 } else { 1 };
        let kinds: Vec<_> = self
            .rush
            .stage
            .types
            .choose_multiple(&mut self.dice, kinds)
            .copied()
            .collect();
        let quantity = *[1, 1, 1, 2, 2, 3].choose(&mut self.dice).unwrap_or(&1);
        kinds
            .iter()
            .map(|kind| json!({"ticket_type_id": kind, "quantity": quantity}))
            .collect()
    }

    fn card(&mut self) -> &'static str {
        match self.dice.random_range(0..100) {
            0..5 => "decline",
            5..7 => "timeout",
            7..12 => "slow:40",
            _ => "ok",
        }
    }
}

fn simulated(token: &str) -> Value {
    json!({"method": "simulated", "token": token})
}

fn id(value: &Value, pointer: &str) -> Option<Uuid> {
    value.pointer(pointer)?.as_str()?.parse().ok()
}

fn bought(order: &Value) -> Option<Effect> {
    let tickets = order["tickets"].as_array()?;
    Some(Effect::Bought {
        order: id(order, "/id")?,
        tickets: tickets
            .iter()
            .map(|ticket| id(ticket, "/id"))
            .collect::<Option<_>>()?,
        total_minor: order["total"]["amount_minor"].as_i64()?,
    })
}
