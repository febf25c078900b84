//! Random sequences of everything that moves places, on a real database, beside a
//! simple model. After each step the server says what the model says.

use std::time::Duration;

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use service::{Ctx, ctx::IfMatch, idempotency::Once};
use testkit::{OnSale, Person, TestApp};
use types::{
    AccountId, Code, HoldId, LoginId, OrderId,
    accounts::{Actor, Role},
    events::UpdateTicketType,
    orders::{GiveBack, Item, PayHold, PaymentInput, PaymentMethod, PlaceHold},
    tickets::TicketStatus,
    transfers::{AnswerOffer, OfferTicket},
};
use uuid::Uuid;

use super::{audit, available};

const BUYERS: usize = 3;
const PLACES: u32 = 6;
const LIMIT: u32 = 6;
/// Seconds.
const HOLD_FOR: u64 = 15 * 60;

#[derive(Clone, Debug)]
enum Step {
    Hold { buyer: usize, quantity: u32 },
    Pay { hold: usize, token: &'static str },
    Release { hold: usize },
    GiveBack { hold: usize, tickets: usize },
    PassOn { hold: usize, to: usize },
    Wait { minutes: u64 },
    Settle,
    Sweep,
    Resize { places: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    let token = prop::sample::select(vec!["ok", "decline", "timeout"]);
    prop_oneof![
        5 => (0..BUYERS, 1..=4u32).prop_map(|(buyer, quantity)| Step::Hold { buyer, quantity }),
        4 => (0..8usize, token).prop_map(|(hold, token)| Step::Pay { hold, token }),
        1 => (0..8usize).prop_map(|hold| Step::Release { hold }),
        2 => (0..8usize, 1..=2usize).prop_map(|(hold, tickets)| Step::GiveBack { hold, tickets }),
        2 => (0..8usize, 0..BUYERS).prop_map(|(hold, to)| Step::PassOn { hold, to }),
        2 => (1..=10u64).prop_map(|minutes| Step::Wait { minutes }),
        1 => Just(Step::Settle),
        1 => Just(Step::Sweep),
        1 => (1..=9u32).prop_map(|places| Step::Resize { places }),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Held,
    Paying,
    Paid,
    Gone,
}

#[derive(Clone, Debug)]
struct ModelHold {
    id: HoldId,
    buyer: usize,
    quantity: u32,
    /// Tickets that belong to others now, by owner.
    given: [u32; BUYERS],
    due: u64,
    state: State,
    order: Option<OrderId>,
}

/// What should be.
#[derive(Debug)]
struct Model {
    places: u32,
    now: u64,
    holds: Vec<ModelHold>,
}

impl Model {
    fn expire(&mut self) {
        for hold in &mut self.holds {
            if hold.state == State::Held && hold.due <= self.now {
                hold.state = State::Gone;
            }
        }
    }

    /// How many places somebody has: of holds and orders, and what others gave.
    fn owned(&self, buyer: usize) -> u32 {
        let of = |hold: &ModelHold| {
            let own = if hold.buyer == buyer {
                hold.quantity
            } else {
                0
            };
            own + hold.given[buyer]
        };
        let live = self.holds.iter().filter(|hold| hold.state != State::Gone);
        live.map(of).sum()
    }

    fn taken(&self, by: impl Fn(&ModelHold) -> bool) -> u32 {
        self.holds
            .iter()
            .filter(|hold| hold.state != State::Gone && by(hold))
            .map(|hold| hold.quantity + hold.given.iter().sum::<u32>())
            .sum()
    }

    fn free(&self) -> u32 {
        self.places - self.taken(|_| true)
    }

    fn may_hold(&self, buyer: usize, quantity: u32) -> Option<Code> {
        if self.owned(buyer) + quantity > LIMIT {
            Some(Code::LimitReached)
        } else if quantity > self.free() {
            Some(Code::SoldOut)
        } else {
            None
        }
    }

    fn may_pay(&self, hold: usize) -> Option<Code> {
        match self.holds[hold].state {
            State::Held => None,
            State::Paying => Some(Code::PaymentPending),
            State::Paid => Some(Code::IllegalState),
            State::Gone => Some(Code::HoldExpired),
        }
    }
}

/// The server beside its model.
struct World<'a> {
    app: &'a TestApp,
    event: OnSale,
    organizer: &'a Ctx,
    buyers: &'a [Ctx],
    handles: &'a [String],
    model: Model,
}

impl World<'_> {
    async fn take(&mut self, step: &Step) {
        self.model.expire();
        match *step {
            Step::Hold { buyer, quantity } => self.hold(buyer, quantity).await,
            Step::Pay { hold, token } if !self.model.holds.is_empty() => {
                self.pay(hold % self.model.holds.len(), token).await;
            }
            Step::Release { hold } if !self.model.holds.is_empty() => {
                self.release(hold % self.model.holds.len()).await;
            }
            Step::GiveBack { hold, tickets } if !self.model.holds.is_empty() => {
                self.give_back(hold % self.model.holds.len(), tickets).await;
            }
            Step::PassOn { hold, to } if !self.model.holds.is_empty() => {
                self.pass_on(hold % self.model.holds.len(), to).await;
            }
            Step::Pay { .. }
            | Step::Release { .. }
            | Step::GiveBack { .. }
            | Step::PassOn { .. } => {}
            Step::Wait { minutes } => self.wait(minutes * 60),
            Step::Settle => self.settle().await,
            Step::Sweep => drop(
                service::orders::sweep_due_holds(self.organizer)
                    .await
                    .unwrap(),
            ),
            Step::Resize { places } => self.resize(places).await,
        }
        self.model.expire();
        assert_eq!(
            available(self.app, &self.event).await,
            u64::from(self.model.free()),
            "{step:?} {:?}",
            self.model
        );
        audit(self.app).await;
    }

    fn wait(&mut self, seconds: u64) {
        self.app.advance(Duration::from_secs(seconds));
        self.model.now += seconds;
    }

    async fn hold(&mut self, buyer: usize, quantity: u32) {
        let items = vec![Item {
            ticket_type_id: self.event.ticket_type,
            quantity,
            unit_price_minor: None,
        }];
        let command = PlaceHold {
            items,
            promo_code: None,
        };
        let key = self.event.event.to_string();
        let result =
            service::orders::hold(&self.buyers[buyer], &key, command, Once::never("hold")).await;
        let result = result.and_then(service::idempotency::Reply::into_value);
        let refusal = result.as_ref().err().map(|error| error.code);
        // What was gone a moment ago is refused before anybody looks at what the buyer has.
        let was_gone = refusal == Some(Code::SoldOut) && quantity > self.model.free();
        if !was_gone {
            let expected = self.model.may_hold(buyer, quantity);
            assert_eq!(refusal, expected, "{:?}", self.model);
        }
        if let Ok(hold) = result {
            let due = self.model.now + HOLD_FOR;
            self.model.holds.push(ModelHold {
                id: hold.id,
                buyer,
                quantity,
                given: [0; BUYERS],
                due,
                state: State::Held,
                order: None,
            });
        }
    }

    async fn pay(&mut self, hold: usize, token: &str) {
        let expected = self.model.may_pay(hold);
        let payment = PaymentInput {
            method: PaymentMethod::Simulated,
            token: Some(token.to_owned()),
        };
        let entry = &mut self.model.holds[hold];
        let command = PayHold {
            payment: Some(payment),
        };
        let result = service::orders::pay(
            &self.buyers[entry.buyer],
            entry.id,
            command,
            Once::never("pay"),
        )
        .await;
        let result = result.and_then(service::idempotency::Reply::into_value);
        entry.order = result.as_ref().ok().map(|order| order.id).or(entry.order);
        let code = result.err().map(|error| error.code);
        match (expected, token) {
            (Some(refusal), _) => assert_eq!(code, Some(refusal)),
            (None, "decline") => assert_eq!(code, Some(Code::PaymentDeclined)),
            (None, token) => {
                assert_eq!(code, None);
                entry.state = if token == "timeout" {
                    State::Paying
                } else {
                    State::Paid
                };
            }
        }
    }

    async fn release(&mut self, hold: usize) {
        let entry = &mut self.model.holds[hold];
        let result = service::orders::release(&self.buyers[entry.buyer], entry.id).await;
        let code = result.err().map(|error| error.code);
        match entry.state {
            State::Held | State::Gone => {
                assert_eq!(code, None);
                entry.state = State::Gone;
            }
            State::Paying => assert_eq!(code, Some(Code::PaymentPending)),
            State::Paid => assert_eq!(code, Some(Code::IllegalState)),
        }
    }

    /// Some valid tickets of an order go back; their places are free.
    async fn give_back(&mut self, hold: usize, tickets: usize) {
        let entry = &mut self.model.holds[hold];
        let buyer = &self.buyers[entry.buyer];
        let Some(id) = entry.order else { return };
        let order = service::orders::get(buyer, id).await.unwrap();
        let valid = order
            .tickets
            .iter()
            .filter(|t| t.status == TicketStatus::Valid);
        let ids: Vec<_> = valid.map(|ticket| ticket.id).take(tickets).collect();
        let count = u32::try_from(ids.len()).unwrap();
        let command = GiveBack {
            ticket_ids: Some(ids).filter(|ids| !ids.is_empty()),
        };
        let result = service::orders::give_back(buyer, id, command, Once::never("refund")).await;
        let code = result.err().map(|error| error.code);
        match entry.state {
            State::Paying => assert_eq!(code, Some(Code::PaymentPending)),
            _ if count == 0 => assert_eq!(code, Some(Code::IllegalState)),
            _ => assert_eq!(code, None),
        }
        entry.quantity -= count;
    }

    /// A valid ticket of an order goes to somebody, who says yes.
    async fn pass_on(&mut self, hold: usize, to: usize) {
        let giver = self.model.holds[hold].buyer;
        let Some(id) = self.model.holds[hold].order else {
            return;
        };
        let order = service::orders::get(&self.buyers[giver], id).await.unwrap();
        let mut valid = order
            .tickets
            .iter()
            .filter(|t| t.status == TicketStatus::Valid);
        let Some(ticket) = valid.next() else { return };
        let to_handle = OfferTicket {
            to: self.handles[to].clone(),
        };
        let once = Once::never("offer");
        let offered =
            service::transfers::offer(&self.buyers[giver], ticket.id, to_handle, once).await;
        if to == giver {
            assert_eq!(offered.err().map(|error| error.code), Some(Code::Invalid));
            return;
        }
        let offered = offered.and_then(service::idempotency::Reply::into_value);
        let (answer, once) = (AnswerOffer::default(), Once::never("accept"));
        let offered = offered.unwrap();
        let got = service::transfers::accept(&self.buyers[to], offered.id, answer, once).await;
        let is_full = self.model.owned(to) + 1 > LIMIT;
        assert_eq!(
            got.err().map(|error| error.code),
            is_full.then_some(Code::LimitReached),
            "{:?}",
            self.model
        );
        if is_full {
            service::transfers::withdraw(&self.buyers[giver], offered.id)
                .await
                .unwrap();
        } else {
            let entry = &mut self.model.holds[hold];
            entry.quantity -= 1;
            entry.given[to] += 1;
        }
    }

    /// Later the provider knows what became of every payment: it succeeded.
    async fn settle(&mut self) {
        self.wait(5);
        let settled = service::orders::settle_open_payments(self.organizer)
            .await
            .unwrap();
        let open = self
            .model
            .holds
            .iter_mut()
            .filter(|hold| hold.state == State::Paying);
        let settled_in_model = open.map(|hold| hold.state = State::Paid).count();
        assert_eq!(settled, settled_in_model);
        service::orders::settle_open_refunds(self.organizer)
            .await
            .unwrap();
    }

    async fn resize(&mut self, places: u32) {
        let key = self.event.event.to_string();
        let command = UpdateTicketType {
            quantity: Some(places),
            ..UpdateTicketType::default()
        };
        let result = service::events::update_ticket_type(
            self.organizer,
            &key,
            self.event.ticket_type,
            IfMatch::Any,
            command,
        )
        .await;
        let fits = places >= self.model.taken(|_| true);
        assert_eq!(
            result.err().map(|error| error.code),
            (!fits).then_some(Code::BelowSold),
            "{:?}",
            self.model
        );
        if fits {
            self.model.places = places;
        }
    }
}

pub(super) fn ctx(app: &TestApp, person: &Person, role: Role) -> Ctx {
    let id: AccountId = serde_json::from_value(person.account["id"].clone()).unwrap();
    app.ctx().acting_as(Actor::Account {
        id,
        role,
        login: LoginId(Uuid::nil()),
    })
}

#[test]
fn random_sequences_keep_every_place_accounted_for() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (app, organizer, people) = runtime.block_on(async {
        let app = TestApp::start().await;
        let (organizer, a, b, c) = tokio::join!(
            app.organizer(),
            app.attendee(),
            app.attendee(),
            app.attendee()
        );
        (app, organizer, [a, b, c])
    });
    let handles = people.each_ref().map(|person| person.handle().to_owned());
    let buyers = people.map(|person| ctx(&app, &person, Role::Attendee));
    let organizing = ctx(&app, &organizer, Role::Organizer);
    let mut runner = TestRunner::new(Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    });
    let result = runner.run(&prop::collection::vec(step(), 1..30), |steps| {
        runtime.block_on(async {
            let organizer = super::again(&app, &organizer).await;
            let event = super::returning::returnable(&app, &organizer, PLACES, 1200).await;
            let model = Model {
                places: PLACES,
                now: 0,
                holds: Vec::new(),
            };
            let mut world = World {
                app: &app,
                event,
                organizer: &organizing,
                buyers: &buyers,
                handles: &handles,
                model,
            };
            for step in &steps {
                world.take(step).await;
            }
            // What was not settled here must not be settled in the next case.
            world.take(&Step::Settle).await;
        });
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    runtime.block_on(async { drop(app) });
}
