//! Makes the demo world by using the product.

use std::{collections::HashMap, sync::Arc};

use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp, Zoned, civil::Time, tz::TimeZone};
use service::{Ctx, Services, accounts, events, idempotency::Once, media, orders, rsvps};
use types::{
    Code, Currency, Money,
    accounts::{Actor, DeviceInfo, Register, Role, SignupRole, UpdateAccount},
    events::{CancelEvent, CreateEvent, CreateTicketType, Event, Pricing, VenueInput},
    media::MediaKind,
    orders::{Item, PaymentInput, PaymentMethod, Purchase},
    payments::{BankTransfer, PaymentMethods},
    rsvps::{AnswerRsvp, RsvpAnswer, SetRsvp},
};

use crate::{
    DemoClock, art,
    world::{self, Ending, Happening, Someone},
};

/// What [`seed`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The world is made.
    Made,
    /// It was there already; nothing changed.
    Found,
}

/// How long ago the story begins.
const BEGIN: SignedDuration = SignedDuration::from_hours(28 * 24);

/// Makes the demo world unless it is there. `clock` is the clock of `services`.
///
/// # Errors
/// Whatever a use case refuses.
pub async fn seed(services: Arc<Services>, clock: &DemoClock) -> Result<Outcome> {
    let system = Ctx::system(services);
    clock.set(clock.today() - BEGIN);
    let mut actors = HashMap::new();
    for someone in world::PEOPLE {
        let Some(actor) = settle_in(&system, someone)
            .await
            .with_context(|| someone.handle)?
        else {
            return Ok(Outcome::Found);
        };
        actors.insert(someone.handle, system.acting_as(actor));
    }
    for (index, happening) in (0i32..).zip(world::EVENTS) {
        let story = Story {
            clock,
            actors: &actors,
            happening,
            published_at: clock.today() - BEGIN
                + SignedDuration::from_hours(24)
                + SignedDuration::from_hours(41) * index,
        };
        story.tell().await.with_context(|| happening.title)?;
    }
    Ok(Outcome::Made)
}

/// Registers somebody; `None` when they are there already.
async fn settle_in(system: &Ctx, someone: &Someone) -> Result<Option<Actor>> {
    let command = Register {
        email: someone.email(),
        password: world::PASSWORD.to_owned(),
        name: someone.name.to_owned(),
        handle: Some(someone.handle.to_owned()),
        role: if someone.role == Role::Attendee {
            SignupRole::Attendee
        } else {
            SignupRole::Organizer
        },
    };
    let (account, login) =
        match accounts::register_web(system, command, DeviceInfo::default()).await {
            Err(error) if matches!(error.code, Code::EmailTaken | Code::HandleTaken) => {
                return Ok(None);
            }
            other => other?,
        };
    let actor = Actor::Account {
        id: account.id,
        login,
        role: account.role,
    };
    if !someone.bio.is_empty() {
        let edit = UpdateAccount {
            bio: types::Patch::Set(someone.bio.to_owned()),
            ..UpdateAccount::default()
        };
        accounts::update_me(&system.acting_as(actor), service::ctx::IfMatch::Any, edit).await?;
    }
    if someone.role == Role::Admin {
        accounts::set_role(system, account.id, Role::Admin).await?;
    }
    // The login only served to act; nobody is left signed in.
    accounts::log_out(&system.acting_as(actor)).await?;
    Ok(Some(Actor::Account {
        id: account.id,
        login,
        role: someone.role,
    }))
}

/// By card, by transfer to nobody's account, and at the door.
fn all_ways() -> PaymentMethods {
    PaymentMethods {
        card: true,
        bank_transfer: Some(BankTransfer {
            account_holder: "Hall Seven".into(),
            details: "IBAN DE02 1203 0000 0000 2020 51".into(),
            days: 7,
        }),
        at_door: true,
    }
}

/// One event from its draft to its end.
struct Story<'a> {
    clock: &'a DemoClock,
    actors: &'a HashMap<&'static str, Ctx>,
    happening: &'static Happening,
    published_at: Timestamp,
}

impl Story<'_> {
    async fn tell(&self) -> Result<()> {
        let organizer = &self.actors[self.happening.by];
        self.clock
            .set(self.published_at - SignedDuration::from_hours(20));
        let event = events::create(organizer, self.draft()?).await?;
        self.hang_cover(organizer, &event).await?;
        if self.takes_rsvps() {
            let command = SetRsvp {
                max_party: world::PARTY,
                reconfirm: None,
            };
            rsvps::set(organizer, &event.slug, command).await?;
        }
        if self.happening.title == world::PAID_IN_ALL_WAYS {
            orders::set_payment_methods(organizer, &event.slug, all_ways()).await?;
        }
        if self.happening.ending == Ending::Draft {
            return Ok(());
        }
        self.clock.set(self.published_at);
        let event = events::publish(organizer, &event.slug).await?;
        self.sell(&event).await?;
        if let Ending::Cancelled(reason) = self.happening.ending {
            self.clock
                .set(self.clock.today() - SignedDuration::from_hours(19));
            events::cancel(
                organizer,
                &event.slug,
                CancelEvent {
                    reason: reason.to_owned(),
                },
            )
            .await?;
        }
        Ok(())
    }

    fn takes_rsvps(&self) -> bool {
        self.happening.types.is_empty()
    }

    fn draft(&self) -> Result<CreateEvent> {
        let happening = self.happening;
        let starts_at = self.starts_at()?;
        let prices = happening
            .types
            .iter()
            .map(|(name, price, quantity, description)| CreateTicketType {
                name: (*name).to_owned(),
                price: Money::new(*price, Currency::default()),
                quantity: *quantity,
                description: Some((*description).to_owned()).filter(|text| !text.is_empty()),
                max_per_person: None,
                sales_from: None,
                sales_until: None,
                is_hidden: false,
                pricing: Pricing::Fixed,
                suggested_price: None,
            });
        Ok(CreateEvent {
            title: happening.title.to_owned(),
            starts_at,
            ends_at: starts_at + SignedDuration::from_mins(happening.minutes),
            time_zone: happening.zone.to_owned(),
            description: Some(happening.description.to_owned()),
            category: Some(happening.category.to_owned()),
            tags: Some(happening.tags.iter().map(|tag| (*tag).to_owned()).collect()),
            visibility: None,
            venue: happening
                .venue
                .map(|(name, address, latitude, longitude)| VenueInput {
                    name: name.to_owned(),
                    address: Some(address.to_owned()),
                    latitude: Some(latitude),
                    longitude: Some(longitude),
                }),
            online_url: happening.online_url.map(str::to_owned),
            capacity: happening.capacity,
            refund_hours: Some(48),
            metadata: Some(serde_json::from_str(happening.metadata)?)
                .filter(|document| *document != serde_json::json!({})),
            ticket_types: prices.collect(),
        })
    }

    /// The local start on the day that is so many days from today in the event's zone.
    fn starts_at(&self) -> Result<Timestamp> {
        let zone = TimeZone::get(self.happening.zone)?;
        let today = Zoned::new(self.clock.today(), zone.clone()).date();
        let (hour, minute) = self.happening.start;
        let day = today.checked_add(SignedDuration::from_hours(24 * self.happening.day))?;
        Ok(day
            .to_datetime(Time::new(hour, minute, 0, 0)?)
            .to_zoned(zone)?
            .timestamp())
    }

    async fn hang_cover(&self, organizer: &Ctx, event: &Event) -> Result<()> {
        let (scene, seed, caption) = self.happening.cover;
        let bytes = tokio::task::spawn_blocking(move || art::draw(scene, seed)).await??;
        let upload = media::Upload {
            kind: MediaKind::Cover,
            caption: Some(caption.to_owned()),
            bytes,
        };
        media::upload(organizer, &event.slug, upload).await?;
        Ok(())
    }

    /// Sales, denser towards the present (or the event's end).
    async fn sell(&self, event: &Event) -> Result<()> {
        let types = event.ticket_types.as_deref().unwrap_or_default();
        let until = self.clock.today().min(event.starts_at);
        let span = until.duration_since(self.published_at);
        let count = i32::try_from(self.happening.sales.len())?;
        for (index, (buyer, position, quantity)) in (0i32..).zip(self.happening.sales) {
            let left = span / (count + 1) * (count - index) / 3;
            self.clock.set(until - left - SignedDuration::from_mins(7));
            if self.takes_rsvps() {
                let going = AnswerRsvp {
                    answer: RsvpAnswer::Going,
                    party: Some(*quantity),
                };
                rsvps::answer(&self.actors[buyer], &event.slug, going).await?;
                continue;
            }
            let item = Item {
                ticket_type_id: types[*position].id,
                quantity: *quantity,
                unit_price_minor: None,
            };
            let payment = Some(PaymentInput {
                method: PaymentMethod::Simulated,
                token: None,
            });
            let command = Purchase {
                items: vec![item],
                payment,
                promo_code: None,
            };
            orders::purchase(
                &self.actors[buyer],
                &event.slug,
                command,
                Once::never("seed"),
            )
            .await?
            .into_value()?;
        }
        Ok(())
    }
}
