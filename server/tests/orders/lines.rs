//! Random sequences of everything that frees and takes places while people wait in line:
//! nothing stays empty that somebody in line fits into, and nobody is passed over.

use std::time::Duration;

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use service::{Ctx, Result, ctx::IfMatch, idempotency::Once, orders::waiting_list};
use testkit::{OnSale, TestApp};
use types::{
    OrderId, WaitingListEntryId,
    accounts::Role,
    events::UpdateTicketType,
    orders::{GiveBack, Item, PayHold, PaymentInput, PaymentMethod, PlaceHold},
    paging::PageQuery,
    waiting_list::{JoinWaitingList, WaitingListEntry, WaitingStatus},
};

use super::{audit, available, sequences::ctx};

const PEOPLE: usize = 5;
const PLACES: u32 = 4;

#[derive(Clone, Debug)]
enum Step {
    Hold { who: usize, quantity: u32 },
    Join { who: usize, quantity: u32 },
    Leave { who: usize },
    Pay { who: usize, token: &'static str },
    Release { who: usize },
    GiveBack { who: usize },
    Wait { minutes: u64 },
    Resize { places: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    let token = prop::sample::select(vec!["ok", "decline", "timeout"]);
    let (who, party) = (0..PEOPLE, 1..=3u32);
    prop_oneof![
        4 => (who.clone(), party.clone()).prop_map(|(who, quantity)| Step::Hold { who, quantity }),
        6 => (who.clone(), party).prop_map(|(who, quantity)| Step::Join { who, quantity }),
        1 => who.clone().prop_map(|who| Step::Leave { who }),
        4 => (who.clone(), token).prop_map(|(who, token)| Step::Pay { who, token }),
        3 => who.clone().prop_map(|who| Step::Release { who }),
        2 => who.prop_map(|who| Step::GiveBack { who }),
        2 => (5..=70u64).prop_map(|minutes| Step::Wait { minutes }),
        1 => (1..=7u32).prop_map(|places| Step::Resize { places }),
    ]
}

struct World<'a> {
    app: &'a TestApp,
    event: OnSale,
    organizer: &'a Ctx,
    people: &'a [Ctx],
    orders: Vec<(usize, OrderId)>,
}

impl World<'_> {
    async fn take(&mut self, step: &Step) {
        let before = self.line().await;
        // Refusals are fine: what may happen to whom is told by other tests.
        let _ = self.act(step).await;
        service::orders::sweep_due_holds(self.organizer)
            .await
            .unwrap();
        while waiting_list::offer_free_places(self.organizer)
            .await
            .unwrap()
            > 0
        {}
        let after = self.line().await;
        self.check(&before, &after, step).await;
        audit(self.app).await;
    }

    async fn act(&mut self, step: &Step) -> Result<()> {
        match *step {
            Step::Hold { who, quantity } => self.hold(who, quantity).await,
            Step::Join { who, quantity } => self.join(who, quantity).await,
            Step::Leave { who } => match self.live_entry(who).await {
                Some(entry) => waiting_list::leave(&self.people[who], entry).await,
                None => Ok(()),
            },
            Step::Pay { who, token } => self.pay(who, token).await,
            Step::Release { who } => self.release(who).await,
            Step::GiveBack { who } => self.give_back(who).await,
            Step::Wait { minutes } => {
                self.app.advance(Duration::from_mins(minutes));
                service::orders::settle_open_payments(self.organizer)
                    .await
                    .map(drop)
            }
            Step::Resize { places } => self.resize(places).await,
        }
    }

    async fn hold(&self, who: usize, quantity: u32) -> Result<()> {
        let item = Item {
            ticket_type_id: self.event.ticket_type,
            quantity,
            unit_price_minor: None,
        };
        let command = PlaceHold {
            items: vec![item],
            promo_code: None,
        };
        let key = self.event.event.to_string();
        let hold = service::orders::hold(&self.people[who], &key, command, Once::never("hold"));
        hold.await.map(drop)
    }

    async fn join(&self, who: usize, quantity: u32) -> Result<()> {
        let command = JoinWaitingList {
            ticket_type_id: self.event.ticket_type,
            quantity,
        };
        let key = self.event.event.to_string();
        let join = waiting_list::join(&self.people[who], &key, command, Once::never("join"));
        join.await.map(drop)
    }

    async fn pay(&mut self, who: usize, token: &str) -> Result<()> {
        let holds = service::orders::holds(&self.people[who]).await?;
        let Some(hold) = holds.items.first() else {
            return Ok(());
        };
        let payment = Some(PaymentInput {
            method: PaymentMethod::Simulated,
            token: Some(token.to_owned()),
        });
        let pay = service::orders::pay(
            &self.people[who],
            hold.id,
            PayHold { payment },
            Once::never("pay"),
        );
        let order = pay.await?.into_value()?;
        self.orders.push((who, order.id));
        Ok(())
    }

    async fn release(&self, who: usize) -> Result<()> {
        let holds = service::orders::holds(&self.people[who]).await?;
        match holds.items.first() {
            Some(hold) => service::orders::release(&self.people[who], hold.id).await,
            None => Ok(()),
        }
    }

    async fn give_back(&mut self, who: usize) -> Result<()> {
        let Some(at) = self.orders.iter().position(|(buyer, _)| *buyer == who) else {
            return Ok(());
        };
        let (_, order) = self.orders.remove(at);
        let all = GiveBack::default();
        let back = service::orders::give_back(&self.people[who], order, all, Once::never("refund"));
        back.await.map(drop)
    }

    async fn resize(&self, places: u32) -> Result<()> {
        let command = UpdateTicketType {
            quantity: Some(places),
            ..UpdateTicketType::default()
        };
        let key = self.event.event.to_string();
        let kind = self.event.ticket_type;
        let update =
            service::events::update_ticket_type(self.organizer, &key, kind, IfMatch::Any, command);
        update.await.map(drop)
    }

    async fn live_entry(&self, who: usize) -> Option<WaitingListEntryId> {
        let entries = waiting_list::list(&self.people[who], PageQuery::default())
            .await
            .unwrap();
        let mut own = entries
            .items
            .iter()
            .filter(|entry| entry.event_id == self.event.event);
        own.find(|entry| entry.status.is_live())
            .map(|entry| entry.id)
    }

    /// Who waits or has an offer, first come first.
    async fn line(&self) -> Vec<WaitingListEntry> {
        let key = self.event.event.to_string();
        let query = PageQuery {
            limit: Some(100),
            cursor: None,
        };
        let page = waiting_list::list_of_event(self.organizer, &key, query)
            .await
            .unwrap();
        page.items.into_iter().map(|row| row.entry).collect()
    }

    async fn check(&self, before: &[WaitingListEntry], after: &[WaitingListEntry], step: &Step) {
        let free = available(self.app, &self.event).await;
        let waiting: Vec<_> = after
            .iter()
            .filter(|entry| entry.status == WaitingStatus::Waiting)
            .collect();
        for (entry, position) in waiting.iter().zip(1..) {
            assert_eq!(entry.position, Some(position), "after {step:?}");
            let party = u64::from(entry.quantity);
            assert!(
                party > free,
                "{free} places are free for {entry:?} after {step:?}"
            );
        }
        let was_waiting = |entry: &&WaitingListEntry| {
            let old = before.iter().find(|old| old.id == entry.id);
            old.is_none_or(|old| old.status == WaitingStatus::Waiting)
        };
        let offered = after
            .iter()
            .filter(|entry| entry.status == WaitingStatus::Offered)
            .filter(was_waiting);
        for entry in offered {
            let passed = waiting
                .iter()
                .find(|other| other.id < entry.id && other.quantity <= entry.quantity);
            assert_eq!(passed, None, "passed over for {entry:?} after {step:?}");
        }
    }
}

#[test]
fn random_sequences_serve_the_line_in_order_and_leave_nothing_empty() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (app, organizer, people) = runtime.block_on(async {
        let app = TestApp::start().await;
        let organizer = app.organizer().await;
        let people = futures::future::join_all((0..PEOPLE).map(|_| app.attendee())).await;
        (app, organizer, people)
    });
    let organizing = ctx(&app, &organizer, Role::Organizer);
    let people: Vec<_> = people
        .iter()
        .map(|person| ctx(&app, person, Role::Attendee))
        .collect();
    let mut runner = TestRunner::new(Config {
        cases: 25,
        failure_persistence: None,
        ..Config::default()
    });
    let result = runner.run(&prop::collection::vec(step(), 5..40), |steps| {
        runtime.block_on(async {
            let organizer = super::again(&app, &organizer).await;
            let event = super::returning::returnable(&app, &organizer, PLACES, 1200).await;
            let mut world = World {
                app: &app,
                event,
                organizer: &organizing,
                people: &people,
                orders: Vec::new(),
            };
            for step in &steps {
                world.take(step).await;
            }
            // What was not settled here must not be settled in the next case.
            world.take(&Step::Wait { minutes: 70 }).await;
        });
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    runtime.block_on(async { drop(app) });
}
