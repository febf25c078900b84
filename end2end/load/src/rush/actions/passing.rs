//! Passing tickets on: offered by link, and mostly taken by somebody else.

use rand::Rng;
use serde_json::json;
use uuid::Uuid;

use super::{Visit, id};
use crate::{client::Ask, rush::journal::Effect};

/// Who has a ticket, as a place in the stage's buyers, and which.
type Holder = (usize, Uuid);

/// An offer that whoever knows its key may take.
struct Link {
    transfer: Uuid,
    key: String,
}

impl Visit<'_> {
    /// Passes on a ticket that somebody bought earlier in the rush; some pass on what they got.
    pub(super) async fn pass_on(&mut self) -> Option<()> {
        let Some((owner, order, mut tickets)) = self.rush.any_order(&mut self.dice) else {
            return self.buy().await;
        };
        let mut holder = (owner, tickets.swap_remove(0));
        loop {
            let before = holder;
            holder = self.hand_over(order, before).await?;
            if holder == before || !self.dice.random_ratio(1, 4) {
                break;
            }
        }
        let (last, ticket) = holder;
        if last == owner {
            tickets.push(ticket);
        }
        self.rush.put_back((owner, order, tickets));
        Some(())
    }

    /// Offers a ticket. Four of five take it, others say no, or it is taken back before they
    /// answer. Returns who has it in the end.
    async fn hand_over(&mut self, order: Uuid, (giver, ticket): Holder) -> Option<Holder> {
        self.at = giver;
        let (link, to) = (self.offer_by_link(ticket).await?, self.somebody_else());
        match self.dice.random_range(0..10) {
            0 => self.withdraw(&link).await?,
            1 => self.decline(&link, to).await?,
            _ => {
                if let Some(new_ticket) = self.accept(&link, to).await {
                    self.note(Effect::PassedOn {
                        order,
                        ticket,
                        new_ticket,
                        to,
                    });
                    return Some((to, new_ticket));
                }
                // They have as many as one person may have.
                self.withdraw(&link).await?;
            }
        }
        Some((giver, ticket))
    }

    async fn offer_by_link(&mut self, ticket: Uuid) -> Option<Link> {
        let path = format!("/api/v1/tickets/{ticket}/transfer");
        let ask = Ask::post(path, &json!({"to": "a.friend@example.org"}));
        let ask = ask.bearer(&self.buyer().token);
        let answer = self.rush.shop.once(ask.clone(), &mut self.dice).await?;
        let told = answer.value();
        let url = told["accept_url"].as_str().unwrap_or_default();
        match (
            answer.status.as_u16(),
            id(&told, "/id"),
            url.split_once("?key="),
        ) {
            (201, Some(transfer), Some((_, key))) => Some(Link {
                transfer,
                key: key.to_owned(),
            }),
            _ => self.refused(&ask, &answer, &[]),
        }
    }

    /// The new ticket, when it was taken.
    async fn accept(&mut self, link: &Link, to: usize) -> Option<Uuid> {
        let ask = self.answer_to(link, to, "accept");
        let answer = self.rush.shop.once(ask.clone(), &mut self.dice).await?;
        match (answer.status.as_u16(), id(&answer.value(), "/id")) {
            (201, Some(ticket)) => Some(ticket),
            _ => self.refused(&ask, &answer, &["limit_reached"]),
        }
    }

    async fn decline(&mut self, link: &Link, to: usize) -> Option<()> {
        let ask = self.answer_to(link, to, "decline");
        self.keep(&ask, 200).await
    }

    async fn withdraw(&mut self, link: &Link) -> Option<()> {
        let ask = Ask::delete(format!("/api/v1/transfers/{}", link.transfer));
        let ask = ask.bearer(&self.buyer().token);
        self.keep(&ask, 204).await
    }

    /// What ends an offer without a key: again is fine.
    async fn keep(&mut self, ask: &Ask, status: u16) -> Option<()> {
        let answer = self.rush.shop.ask(ask, &mut self.dice).await?;
        if answer.status != status {
            return self.refused(ask, &answer, &[]);
        }
        self.note(Effect::Kept);
        Some(())
    }

    fn answer_to(&self, link: &Link, to: usize, answer: &str) -> Ask {
        let path = format!("/api/v1/transfers/{}/{answer}", link.transfer);
        let ask = Ask::post(path, &json!({"key": link.key}));
        ask.bearer(&self.rush.stage.buyers[to].token)
    }

    fn somebody_else(&mut self) -> usize {
        let buyers = self.rush.stage.buyers.len();
        (self.at + self.dice.random_range(1..buyers)) % buyers
    }
}
