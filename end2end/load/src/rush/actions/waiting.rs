//! Waiting in line for places that are sold out, and what people do with what they are offered.

use std::time::{Duration, Instant};

use rand::{Rng, seq::IndexedRandom};
use serde_json::json;
use uuid::Uuid;

use super::{Visit, id, simulated};
use crate::{client::Ask, rush::journal::Effect};

/// How it goes with somebody in line.
enum Place {
    /// Nothing is free yet.
    Waiting,
    /// This hold is theirs to pay.
    Offered(Uuid),
    /// There is nothing to wait for, or to take.
    Over,
}

impl Visit<'_> {
    /// Joins the line with a small party and waits a while; buys where there is no line.
    pub(super) async fn wait_in_line(&mut self) -> Option<()> {
        let kind = *self.rush.stage.types.choose(&mut self.dice)?;
        let party: u32 = self.dice.random_range(1..=3);
        let wish = json!({"ticket_type_id": kind, "quantity": party});
        let path = format!("/api/v1/events/{}/waiting-list", self.rush.stage.event);
        let ask = Ask::post(path, &wish).bearer(&self.buyer().token);
        let answer = self.rush.shop.once(ask.clone(), &mut self.dice).await?;
        if let (201, Some(entry)) = (answer.status.as_u16(), id(&answer.value(), "/id")) {
            self.note(Effect::Joined { entry });
            return self.wait(entry).await;
        }
        // `illegal_state`: another attempt of the same buyer is in line for these.
        let refusals = ["places_available", "limit_reached", "illegal_state"];
        let refused = self.refused(&ask, &answer, &refusals);
        if answer.code() != "places_available" {
            return refused;
        }
        let payment = simulated(self.card());
        self.purchase(json!({"items": [wish], "payment": payment}))
            .await
    }

    /// Leaves the line, unless something is offered or it is over; for the end.
    pub async fn stop_waiting(&mut self, entry: Uuid) -> Option<()> {
        match self.look(entry).await? {
            Place::Waiting => self.leave(entry).await,
            Place::Offered(_) | Place::Over => Some(()),
        }
    }

    /// Looks now and then, until there is an offer or no patience is left.
    async fn wait(&mut self, entry: Uuid) -> Option<()> {
        let patience = self.rush.stage.size.in_line * 1000;
        let until = Instant::now() + Duration::from_millis(patience);
        let is_hasty = self.dice.random_ratio(1, 10);
        loop {
            let pause = self.dice.random_range(patience / 16..=patience / 4);
            tokio::time::sleep(Duration::from_millis(pause)).await;
            match self.look(entry).await? {
                Place::Offered(hold) => return self.decide(entry, hold).await,
                Place::Over => return Some(()),
                Place::Waiting if is_hasty => return self.leave(entry).await,
                // One of ten goes home without a word, and will be offered places for nothing.
                Place::Waiting if Instant::now() > until => {
                    if self.dice.random_ratio(1, 10) {
                        return Some(());
                    }
                    return self.leave(entry).await;
                }
                Place::Waiting => {}
            }
        }
    }

    async fn look(&mut self, entry: Uuid) -> Option<Place> {
        let ask = Ask::get(format!("/api/v1/waiting-list/{entry}"));
        let ask = ask.bearer(&self.buyer().token);
        let answer = self.rush.shop.ask(&ask, &mut self.dice).await?;
        let told = answer.value();
        match (told["status"].as_str(), id(&told, "/hold_id")) {
            (Some("waiting"), None) => Some(Place::Waiting),
            (Some("offered"), Some(hold)) => Some(Place::Offered(hold)),
            (Some("bought" | "expired" | "left" | "closed"), _) => Some(Place::Over),
            _ => self.refused(&ask, &answer, &[]),
        }
    }

    async fn decide(&mut self, entry: Uuid, hold: Uuid) -> Option<()> {
        self.note(Effect::Offered { entry, hold });
        match self.dice.random_range(0..100) {
            // It runs out, and the next in line has it.
            0..8 => Some(()),
            8..14 => self.leave(entry).await,
            14..20 => self.release(hold).await,
            _ => self.pay(hold).await,
        }
    }

    /// Again is fine.
    async fn leave(&mut self, entry: Uuid) -> Option<()> {
        let ask = Ask::delete(format!("/api/v1/waiting-list/{entry}"));
        let ask = ask.bearer(&self.buyer().token);
        let answer = self.rush.shop.ask(&ask, &mut self.dice).await?;
        if answer.status != 204 {
            return self.refused(&ask, &answer, &[]);
        }
        self.note(Effect::Left { entry });
        Some(())
    }
}
