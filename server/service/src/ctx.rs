//! The context of an operation: the services, who acts, which request it is.

use std::{net::IpAddr, sync::Arc};

use jiff::Timestamp;
use store::Db;
use tokio_util::task::TaskTracker;
use types::{
    AccountId, Code, LoginId,
    accounts::{Actor, Role},
};
use uuid::Uuid;

use crate::{
    Error, Result,
    accounts::{Passwords, Tokens},
    orders::{Queue, Tills},
    ports::Ports,
    rate::{Limiter, Meter},
    rsvps,
    settings::Settings,
    waiting_room::Rooms,
};

/// Everything the use cases work with; one per process.
pub struct Services {
    /// Postgres.
    pub db: Db,
    /// The outside world.
    pub ports: Ports,
    /// What rules depend on.
    pub settings: Settings,
    /// Signs and checks access tokens; knows revoked logins.
    pub tokens: Tokens,
    /// Hashes passwords on a bounded pool.
    pub passwords: Passwords,
    /// Counts calls of this process for the limits that are not shared.
    pub limiter: Limiter,
    /// Where sales of this process wait for their turn.
    pub sales: Queue,
    /// Where sales of one event wait to be settled together.
    pub tills: Tills,
    /// The waiting rooms of rush sales.
    pub rooms: Rooms,
    /// How many answered what, of events that are looked at.
    pub rsvp_counts: rsvps::Counts,
    /// What goes on when the request that began it is gone; shutdown waits for it.
    pub tasks: TaskTracker,
    /// Wakes the outbox relay of this process after a commit.
    pub outbox_wake: Arc<tokio::sync::Notify>,
}

/// First parameter of every use case. Cheap to clone.
#[derive(Clone)]
pub struct Ctx {
    /// Everything the use cases work with.
    pub services: Arc<Services>,
    /// Who acts.
    pub actor: Actor,
    /// Comes back to the client as `X-Request-Id`.
    pub request_id: Uuid,
    /// Where the request came from, for limits; never logged.
    pub address: Option<IpAddr>,
    /// What this request spent of which limit; shared by all clones.
    pub meter: Arc<Meter>,
}

impl Ctx {
    /// The context of one request.
    pub fn new(
        services: Arc<Services>,
        actor: Actor,
        request_id: Uuid,
        address: Option<IpAddr>,
    ) -> Self {
        Self {
            services,
            actor,
            request_id,
            address,
            meter: Arc::default(),
        }
    }

    /// The platform itself acts: worker, seed, command line.
    pub fn system(services: Arc<Services>) -> Self {
        let request_id = services.ports.ids.new_id(services.ports.clock.now());
        Self::new(services, Actor::System, request_id, None)
    }

    /// The same services for another actor.
    #[must_use]
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self {
            actor,
            ..self.clone()
        }
    }

    /// The current time.
    pub fn now(&self) -> Timestamp {
        self.services.ports.clock.now()
    }

    /// A new UUIDv7.
    pub fn new_id(&self) -> Uuid {
        self.services.ports.ids.new_id(self.now())
    }

    /// Postgres.
    pub fn db(&self) -> &Db {
        &self.services.db
    }

    /// The outside world.
    pub fn ports(&self) -> &Ports {
        &self.services.ports
    }

    /// What rules depend on.
    pub fn settings(&self) -> &Settings {
        &self.services.settings
    }

    /// Who is signed in, if anybody.
    pub fn account_if_any(&self) -> Option<AccountId> {
        match self.actor {
            Actor::Account { id, .. } => Some(id),
            Actor::Anonymous | Actor::System => None,
        }
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// [`Code::NotSignedIn`].
    pub fn account(&self) -> Result<AccountId> {
        self.account_if_any()
            .ok_or_else(|| Error::new(Code::NotSignedIn))
    }

    /// By which login the actor came in.
    ///
    /// # Errors
    /// [`Code::NotSignedIn`].
    pub fn login(&self) -> Result<LoginId> {
        match self.actor {
            Actor::Account { login, .. } => Ok(login),
            Actor::Anonymous | Actor::System => Err(Error::new(Code::NotSignedIn)),
        }
    }

    /// Who is signed in, if they may run events.
    ///
    /// # Errors
    /// [`Code::NotSignedIn`], [`Code::Forbidden`].
    pub fn organizer(&self) -> Result<AccountId> {
        match self.actor {
            Actor::Account { id, role, .. } if role.may_organize() => Ok(id),
            Actor::Account { .. } => {
                Err(Error::new(Code::Forbidden).detail("Only organizers can do this."))
            }
            Actor::Anonymous | Actor::System => Err(Error::new(Code::NotSignedIn)),
        }
    }

    /// Does an admin or the platform itself act?
    pub fn is_admin(&self) -> bool {
        matches!(
            self.actor,
            Actor::System
                | Actor::Account {
                    role: Role::Admin,
                    ..
                }
        )
    }
}

/// A version an editor saw, from `If-Match` or a form (RFC 9110, section 13.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// Nothing was said.
    Absent,
    /// `*`: whatever is there.
    Any,
    /// This one.
    Is(i64),
    /// Something that no version of ours looks like.
    Unknown,
}

impl IfMatch {
    /// Does the edit apply to `version`?
    ///
    /// # Errors
    /// [`Code::PreconditionRequired`], [`Code::Stale`].
    pub fn check(self, version: i64) -> Result<()> {
        match self {
            Self::Any => Ok(()),
            Self::Is(seen) if seen == version => Ok(()),
            Self::Absent => Err(Error::new(Code::PreconditionRequired)),
            Self::Is(_) | Self::Unknown => Err(Error::new(Code::Stale)),
        }
    }
}
