//! The waiting room of a rush sale. While an event has one, places are put aside only by people
//! whose turn it is. Asking where one stands costs no SQL; see `server/docs/WAITING-ROOM.md`.

mod arming;
mod joining;
mod rooms;
mod rules;
mod tending;
mod token;
mod views;

use std::sync::Arc;

use types::{
    AccountId, Code, EventId,
    waiting_room::{Place, RoomState, WaitingRoom},
};

use crate::{Ctx, Error, Result, Services, events, idempotency::Call};

pub use arming::{arm, arm_from_form, disarm, form};
pub use rooms::Rooms;
pub use tending::{sweep, tend};

use rooms::Room;
use rules::Standing;
use token::Claim;
use views::Visitor;

/// In the extensions of a request that was let in by a place's token alone: whoever sent it is
/// signed in, but nobody looked by which login.
#[derive(Clone, Copy, Debug)]
pub struct ByPlace;

/// Where somebody stands: the holder of the token, else whoever is signed in. Without SQL while
/// the event has a room that everybody may know of.
///
/// # Errors
/// [`Code::BadPlaceToken`], 404.
pub async fn look(ctx: &Ctx, key: &str, token: Option<&str>) -> Result<WaitingRoom> {
    let claim = token
        .map(|token| token::open(ctx.settings(), token))
        .transpose()?;
    let known = ctx.services.rooms.find(key);
    let room = match known.filter(|room| room.live.is_public) {
        Some(room) => room,
        None => match find_hidden(ctx, key).await? {
            Ok(room) => room,
            Err(event) => return open_event(&event, claim),
        },
    };
    if claim.is_some_and(|claim| !is_of(&claim, &room)) {
        return Err(Code::BadPlaceToken.into());
    }
    let visitor = match claim {
        Some(claim) => Some(visitor(claim.account, true)),
        None => ctx.account_if_any().map(|account| visitor(account, false)),
    };
    Ok(views::room(ctx, &room, visitor))
}

/// The same for a browser, which may have tokens of other rooms, of rooms that are gone, and of
/// somebody else who used it.
///
/// # Errors
/// 404.
pub async fn look_from_browser(ctx: &Ctx, key: &str, tokens: &[String]) -> Result<WaitingRoom> {
    let is_own = |claim: Claim| match ctx.account_if_any() {
        Some(account) => claim.account == account,
        None => true,
    };
    let own = tokens
        .iter()
        .find(|token| claim_of(&ctx.services, key, token).is_some_and(is_own));
    look(ctx, key, own.map(String::as_str)).await
}

/// The room at the ticket picker of an event. None: everybody can buy.
///
/// # Errors
/// 404.
pub async fn at_the_picker(ctx: &Ctx, key: &str, tokens: &[String]) -> Result<Option<WaitingRoom>> {
    match ctx.services.rooms.find(key) {
        Some(_) => look_from_browser(ctx, key, tokens).await.map(Some),
        None => Ok(None),
    }
}

/// Is this the token of a place in the event's room?
pub fn proves(services: &Services, key: &str, token: &str) -> bool {
    claim_of(services, key, token).is_some()
}

fn claim_of(services: &Services, key: &str, token: &str) -> Option<Claim> {
    let room = services.rooms.find(key)?;
    let claim = token::open(&services.settings, token).ok()?;
    is_of(&claim, &room).then_some(claim)
}

/// Gives the actor a place, or tells the one they have. An account has one place in a room,
/// from however many devices it joins; one whose turn is over is replaced by a new one at the end.
///
/// # Errors
/// 401, 404, [`Code::Unavailable`].
pub async fn join(ctx: &Ctx, key: &str) -> Result<Place> {
    let account = ctx.account()?;
    let known = ctx.services.rooms.find(key);
    let room = match known.filter(|room| room.live.is_public) {
        Some(room) => room,
        None => match find_hidden(ctx, key).await? {
            Ok(room) => room,
            Err(event) => return Ok(no_room(views::open(&event))),
        },
    };
    let row = &room.live.room;
    let Some(place) = joining::write_down(ctx, row.id, account).await? else {
        // Everybody was let in meanwhile.
        tend(ctx).await?;
        return Ok(no_room(look(ctx, key, None).await?));
    };
    let claim = Claim {
        room: row.id,
        event: row.event_id,
        account,
        joined_at: place.joined_at,
    };
    Ok(Place {
        token: Some(token::sign(ctx.settings(), &claim)),
        room: views::room(ctx, &room, Some(visitor(account, true))),
    })
}

fn no_room(room: WaitingRoom) -> Place {
    Place { token: None, room }
}

fn visitor(account: AccountId, has_proof: bool) -> Visitor {
    Visitor { account, has_proof }
}

fn is_of(claim: &Claim, room: &Room) -> bool {
    claim.room == room.live.room.id && claim.event == room.live.room.event_id
}

fn open_event(event: &store::events::EventRow, claim: Option<Claim>) -> Result<WaitingRoom> {
    match claim {
        Some(claim) if claim.event != event.id => Err(Code::BadPlaceToken.into()),
        _ => Ok(views::open(event)),
    }
}

/// A room that not everybody may know of, or the event without one.
async fn find_hidden(
    ctx: &Ctx,
    key: &str,
) -> Result<std::result::Result<Arc<Room>, store::events::EventRow>> {
    let mut conn = ctx.db().conn().await?;
    let event = events::visible_row(ctx, &mut conn, key).await?;
    Ok(ctx.services.rooms.of(event.id).ok_or(event))
}

/// May the actor put places of the event aside as far as a waiting room goes? Asks memory alone.
/// The same for everybody: an organizer who buys stands in line too.
///
/// # Errors
/// [`Code::WaitingRoomRequired`] with the room's address and the state of the actor.
pub(crate) fn must_be_admitted(ctx: &Ctx, event: EventId) -> Result<()> {
    let Some(room) = ctx.services.rooms.of(event) else {
        return Ok(());
    };
    match room.standing(ctx.account()?, ctx.now()) {
        Some(Standing::Admitted(_)) => Ok(()),
        Some(Standing::Expired) => Err(required(
            &room,
            RoomState::Expired,
            "Your turn in the waiting room is over. Join it again to get a new one.",
        )),
        standing if room.live.room.drawn_at.is_some() => Err(required(
            &room,
            RoomState::Waiting,
            match standing {
                Some(_) => "It is not your turn yet. Your place in the waiting room is safe.",
                None => "Many people want these tickets. Join the waiting room to get your turn.",
            },
        )),
        _ => Err(required(
            &room,
            RoomState::Early,
            "These tickets are sold through a waiting room that has not opened yet.",
        )),
    }
}

/// The same before a sale waits at its till: only for what has no key, because an answer that
/// is stored under a key comes first, and what is being settled under it is seen by the till
/// alone; and only where everybody may know of the room.
pub(crate) fn refuse_early(ctx: &Ctx, event: EventId, call: &Call) -> Result<()> {
    match ctx.services.rooms.of(event) {
        Some(room) if call.scope().is_none() && room.live.is_public => must_be_admitted(ctx, event),
        _ => Ok(()),
    }
}

fn required(room: &Room, state: RoomState, detail: &str) -> Error {
    Error::new(Code::WaitingRoomRequired)
        .detail(detail)
        .with(
            "waiting_room",
            format!("/events/{}/waiting-room", room.live.slug),
        )
        .with("state", state.as_str())
}
