//! A room as one person sees it.

use jiff::{SignedDuration, Timestamp};
use store::events::EventRow;
use types::{
    AccountId,
    waiting_room::{RoomEvent, RoomState, WaitingRoom},
};

use super::{
    rooms::Room,
    rules::{self, DRAW_AFTER, Standing},
};
use crate::{Ctx, text};

/// Somebody in front of a room.
#[derive(Clone, Copy)]
pub(super) struct Visitor {
    /// Who.
    pub account: AccountId,
    /// Did they prove that they have a place?
    pub has_proof: bool,
}

/// No room: everybody can buy.
pub(super) fn open(event: &EventRow) -> WaitingRoom {
    WaitingRoom {
        event: RoomEvent {
            id: event.id,
            slug: event.slug.clone(),
            title: event.title.clone(),
        },
        state: RoomState::Open,
        has_joined: false,
        position: None,
        ahead: None,
        estimated_wait_seconds: None,
        opens_at: None,
        opens_at_text: String::new(),
        opens_in_seconds: 0,
        admitted_until: None,
        admitted_until_text: String::new(),
        admits_per_minute: None,
        waiting: 0,
        admitted: 0,
        poll_after_seconds: 0,
    }
}

/// The room, seen by somebody or nobody.
pub(super) fn room(ctx: &Ctx, room: &Room, visitor: Option<Visitor>) -> WaitingRoom {
    let now = ctx.now();
    let row = &room.live.room;
    let (waiting, admitted) = room.counts(now);
    let seen = WaitingRoom {
        event: RoomEvent {
            id: row.event_id,
            slug: room.live.slug.clone(),
            title: room.live.title.clone(),
        },
        state: RoomState::Waiting,
        has_joined: visitor.is_some_and(|visitor| visitor.has_proof),
        position: None,
        ahead: None,
        estimated_wait_seconds: room.wait_at_the_end(now).map(seconds),
        opens_at: Some(row.opens_at),
        opens_at_text: text::moment(row.opens_at, &room.live.time_zone),
        opens_in_seconds: seconds(row.opens_at.duration_since(now)),
        admitted_until: None,
        admitted_until_text: String::new(),
        admits_per_minute: Some(row.admits_per_minute),
        waiting,
        admitted,
        poll_after_seconds: 30,
    };
    let spread = visitor.map_or(0, |visitor| visitor.account.0.as_bytes()[15]);
    if row.drawn_at.is_none() {
        let opens_in = (row.opens_at + DRAW_AFTER).duration_since(now);
        return WaitingRoom {
            state: RoomState::Early,
            poll_after_seconds: until_the_draw(opens_in, spread),
            ..seen
        };
    }
    let standing = visitor.and_then(|visitor| room.standing(visitor.account, now));
    match standing {
        None if seen.has_joined => WaitingRoom {
            // This process has not read the place yet.
            estimated_wait_seconds: None,
            poll_after_seconds: rules::ask_again_in(None, spread),
            ..seen
        },
        None => seen,
        Some(standing) => standing_view(room, standing, spread, now, seen),
    }
}

/// Everybody asks when the places are drawn, not all in the same second.
fn until_the_draw(opens_in: SignedDuration, spread: u8) -> u32 {
    let seconds = u32::try_from(opens_in.as_secs().max(0)).unwrap_or(u32::MAX);
    if seconds >= 30 {
        30
    } else {
        seconds + 1 + u32::from(spread % 3)
    }
}

fn standing_view(
    room: &Room,
    standing: Standing,
    spread: u8,
    now: Timestamp,
    seen: WaitingRoom,
) -> WaitingRoom {
    let seen = WaitingRoom {
        has_joined: true,
        ..seen
    };
    match standing {
        Standing::Waiting(position, turn) => {
            let wait = turn.map(|turn| turn.duration_since(now));
            let position = position.unsigned_abs();
            WaitingRoom {
                position: Some(position),
                ahead: Some(position.saturating_sub(1)),
                estimated_wait_seconds: wait.map(seconds),
                poll_after_seconds: rules::ask_again_in(wait, spread),
                ..seen
            }
        }
        Standing::Admitted(until) => WaitingRoom {
            state: RoomState::Admitted,
            estimated_wait_seconds: Some(0),
            admitted_until: Some(until),
            admitted_until_text: text::moment(until, &room.live.time_zone),
            ..seen
        },
        Standing::Expired => WaitingRoom {
            state: RoomState::Expired,
            ..seen
        },
    }
}

/// Whole seconds, never less than it takes.
fn seconds(wait: SignedDuration) -> u64 {
    let millis = u64::try_from(wait.as_millis()).unwrap_or_default();
    millis.div_ceil(1000)
}
