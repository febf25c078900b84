//! Random sequences of everything that moves places, on a real database, beside a
//! simple model. After each step the server says what the model says.

mod model;

use std::time::Duration;

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::json;
use service::{Ctx, ctx::IfMatch, idempotency::Once};
use testkit::{OnSale, Person, TestApp};
use types::{
    AccountId, Code, LoginId,
    accounts::{Actor, Role},
    events::UpdateTicketType,
    orders::{GiveBack, Item, PayHold, PaymentInput, PaymentMethod, PlaceHold},
    tickets::TicketStatus,
    transfers::{AnswerOffer, OfferTicket},
};
use uuid::Uuid;

use model::{BUYERS, LIMIT, Model, ModelHold, State};

use super::offline::{open_ways, whole_audit};

const PLACES: u32 = 6;
/// Seconds.
const HOLD_FOR: u64 = 15 * 60;
/// Seconds.
const DAY: u64 = 24 * 60 * 60;
/// How long places wait for a transfer.
const TRANSFER_FOR: u64 = 3 * DAY;
/// So long the event is far enough away for everything.
const PATIENCE: u64 = 4 * DAY;
/// Opens the tickets, which are hidden: so there is no line for them, of which the model knows
/// nothing.
const CODE: &str = "open";

#[derive(Clone, Debug)]
enum Step {
    Hold { buyer: usize, quantity: u32 },
    Pay { hold: usize, token: &'static str },
    Transfer { hold: usize },
    AtDoor { hold: usize },
    CallOff { hold: usize },
    Confirm { hold: usize },
    WaitForTransfers,
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
        2 => (0..8usize).prop_map(|hold| Step::Transfer { hold }),
        1 => (0..8usize).prop_map(|hold| Step::AtDoor { hold }),
        1 => (0..8usize).prop_map(|hold| Step::CallOff { hold }),
        2 => (0..8usize).prop_map(|hold| Step::Confirm { hold }),
        1 => Just(Step::WaitForTransfers),
        1 => (0..8usize).prop_map(|hold| Step::Release { hold }),
        2 => (0..8usize, 1..=2usize).prop_map(|(hold, tickets)| Step::GiveBack { hold, tickets }),
        2 => (0..8usize, 0..BUYERS).prop_map(|(hold, to)| Step::PassOn { hold, to }),
        2 => (1..=10u64).prop_map(|minutes| Step::Wait { minutes }),
        1 => Just(Step::Settle),
        1 => Just(Step::Sweep),
        1 => (1..=9u32).prop_map(|places| Step::Resize { places }),
    ]
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
            Step::WaitForTransfers if self.model.now < PATIENCE - TRANSFER_FOR => {
                self.wait(TRANSFER_FOR);
            }
            Step::WaitForTransfers => {}
            Step::Wait { minutes } => self.wait(minutes * 60),
            Step::Settle => self.settle().await,
            Step::Sweep => drop(
                service::orders::sweep_due_holds(self.organizer)
                    .await
                    .unwrap(),
            ),
            Step::Resize { places } => self.resize(places).await,
            _ if self.model.holds.is_empty() => {}
            _ => self.take_of_hold(step).await,
        }
        self.model.expire();
        assert_eq!(
            self.available().await,
            u64::from(self.model.free()),
            "{step:?} {:?}",
            self.model
        );
        whole_audit(self.app).await;
    }

    /// A step with one of the holds there are.
    async fn take_of_hold(&mut self, step: &Step) {
        let holds = self.model.holds.len();
        let which = |hold: usize| hold % holds;
        match *step {
            Step::Pay { hold, token } => self.pay(which(hold), token).await,
            Step::Transfer { hold } => self.transfer(which(hold)).await,
            Step::AtDoor { hold } => self.at_door(which(hold)).await,
            Step::CallOff { hold } => self.call_off(which(hold)).await,
            Step::Confirm { hold } => self.confirm(which(hold)).await,
            Step::Release { hold } => self.release(which(hold)).await,
            Step::GiveBack { hold, tickets } => self.give_back(which(hold), tickets).await,
            Step::PassOn { hold, to } => self.pass_on(which(hold), to).await,
            _ => {}
        }
    }

    /// How many places are offered to somebody with the code.
    async fn available(&self) -> u64 {
        let path = format!("/api/v1/events/{}?code={CODE}", self.event.event);
        let event = self.app.get(&path).send().await.expect(200).json();
        event["ticket_types"][0]["available"].as_u64().unwrap()
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
            promo_code: Some(CODE.to_owned()),
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
                is_offline: false,
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

    async fn transfer(&mut self, hold: usize) {
        let due = self.model.now + TRANSFER_FOR;
        self.order(hold, PaymentMethod::BankTransfer, due).await;
    }

    /// The places are kept until the event ends, which no sequence sees.
    async fn at_door(&mut self, hold: usize) {
        self.order(hold, PaymentMethod::AtDoor, u64::MAX).await;
    }

    /// Orders without a provider.
    async fn order(&mut self, hold: usize, method: PaymentMethod, due: u64) {
        let expected = self.model.may_pay(hold);
        let entry = &mut self.model.holds[hold];
        let token = None;
        let command = PayHold {
            payment: Some(PaymentInput { method, token }),
        };
        let (buyer, once) = (&self.buyers[entry.buyer], Once::never("pay"));
        let result = service::orders::pay(buyer, entry.id, command, once).await;
        match result.and_then(service::idempotency::Reply::into_value) {
            Ok(order) => {
                assert_eq!(expected, None);
                entry.order = Some(order.id);
                entry.is_offline = true;
                entry.state = State::Awaiting;
                entry.due = due;
            }
            Err(error) => assert_eq!(expected, Some(error.code)),
        }
    }

    async fn call_off(&mut self, hold: usize) {
        let entry = &mut self.model.holds[hold];
        let Some(id) = entry.order else { return };
        let (buyer, once) = (&self.buyers[entry.buyer], Once::never("call off"));
        let result = service::orders::call_off(buyer, id, once).await;
        let code = result.err().map(|error| error.code);
        if entry.is_offline && matches!(entry.state, State::Awaiting | State::Lapsed) {
            assert_eq!(code, None);
            entry.state = State::Lapsed;
        } else {
            assert_eq!(code, Some(Code::IllegalState));
        }
    }

    /// The organizer has the money of an order, in time or late.
    async fn confirm(&mut self, hold: usize) {
        let entry = self.model.holds[hold].clone();
        let Some(id) = entry.order else { return };
        let fits = self.model.may_hold(entry.buyer, entry.quantity).is_none();
        let once = Once::never("confirm");
        let result = service::orders::confirm_payment(self.organizer, id, once).await;
        let code = result.err().map(|error| error.code);
        if !entry.is_offline {
            assert_eq!(code, Some(Code::IllegalState));
            return;
        }
        assert_eq!(code, None, "{:?}", self.model);
        self.model.holds[hold].state = match entry.state {
            State::Lapsed if fits => State::Paid,
            // It goes back. Hidden tickets have no line.
            State::Lapsed | State::Refunded => State::Refunded,
            _ => State::Paid,
        };
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
            State::Lapsed | State::Refunded => assert_eq!(code, None),
            State::Paying | State::Awaiting => assert_eq!(code, Some(Code::PaymentPending)),
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
            State::Paying | State::Awaiting => assert_eq!(code, Some(Code::PaymentPending)),
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

/// From now on the tickets are for those who have the code.
async fn hide(app: &TestApp, organizer: &Person, event: &OnSale) {
    let (path, kind) = (format!("/api/v1/events/{}", event.event), event.ticket_type);
    app.patch(&format!("{path}/ticket-types/{kind}"))
        .bearer(&organizer.token)
        .header("if-match", "*")
        .json(json!({"is_hidden": true}))
        .send()
        .await
        .expect(200);
    app.post(&format!("{path}/promo-codes"))
        .bearer(&organizer.token)
        .json(json!({"code": CODE, "kind": "access", "unlocks": [kind]}))
        .send()
        .await
        .expect(201);
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
            open_ways(&app, &organizer, &event).await;
            hide(&app, &organizer, &event).await;
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
