//! A room in words.

use types::waiting_room::{RoomState, WaitingRoom};

/// The one thing to know.
pub(super) fn headline(room: &WaitingRoom) -> String {
    match room.state {
        RoomState::Early if room.has_joined => "You are in the waiting room".to_owned(),
        RoomState::Early => "Tickets come through a waiting room".to_owned(),
        RoomState::Waiting if !room.has_joined => "There is a line for these tickets".to_owned(),
        RoomState::Waiting => match room.position {
            Some(1) => "You are next".to_owned(),
            Some(position) => format!("You are number {} in line", grouped(position)),
            None => "Looking for your place".to_owned(),
        },
        RoomState::Admitted => "It is your turn".to_owned(),
        RoomState::Expired => "Your turn is over".to_owned(),
        RoomState::Open => "No waiting: everybody can buy".to_owned(),
    }
}

/// What that means and what to do.
pub(super) fn explanation(room: &WaitingRoom) -> String {
    match room.state {
        RoomState::Early if room.has_joined => format!(
            "It opens on {}. Then everybody who is here gets a place at random.",
            room.opens_at_text
        ),
        RoomState::Early => format!(
            "It opens on {}. Everybody who joins before gets a place at random, so there is no need to be first.",
            room.opens_at_text
        ),
        RoomState::Waiting if !room.has_joined => match room.estimated_wait_seconds {
            Some(seconds) => format!("If you join now, your turn comes in {}.", span(seconds)),
            None => "Join to get your place.".to_owned(),
        },
        RoomState::Waiting => match room.estimated_wait_seconds {
            Some(seconds) => format!("Your turn comes in {}.", span(seconds)),
            None => "This takes a moment. Your place is safe.".to_owned(),
        },
        RoomState::Admitted => format!(
            "Choose your tickets until {}. What you put aside by then is yours to pay.",
            room.admitted_until_text
        ),
        RoomState::Expired => {
            "Tickets can be chosen for a quarter of an hour. Join again to get a new place at the end of the line."
                .to_owned()
        }
        RoomState::Open => "Go ahead and choose your tickets.".to_owned(),
    }
}

/// What is read out when it changes.
pub(super) fn spoken(room: &WaitingRoom) -> String {
    match room.state {
        RoomState::Waiting if room.position.is_some_and(|position| position > 1) => {
            explanation(room)
        }
        _ => format!("{}. {}", headline(room), explanation(room)),
    }
}

/// How long it takes, rather too long than too short: `less than a minute`, `about 4 minutes`.
pub(super) fn span(seconds: u64) -> String {
    let minutes = seconds.div_ceil(60);
    match minutes {
        _ if seconds < 50 => "less than a minute".to_owned(),
        1 => "about a minute".to_owned(),
        2..=20 => format!("about {minutes} minutes"),
        21..=90 => format!("about {} minutes", minutes.div_ceil(5) * 5),
        _ => format!("about {} hours", minutes.div_ceil(60)),
    }
}

/// `12,345`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 person`, `1,200 people`.
pub(super) fn people(count: u64) -> String {
    match count {
        1 => "1 person".to_owned(),
        many => format!("{} people", grouped(many)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_round_numbers_and_never_too_short() {
        let words = [0, 49, 50, 61, 240, 241, 1201, 1501, 5400, 5401, 20_000].map(span);
        assert_eq!(
            words,
            [
                "less than a minute",
                "less than a minute",
                "about a minute",
                "about 2 minutes",
                "about 4 minutes",
                "about 5 minutes",
                "about 25 minutes",
                "about 30 minutes",
                "about 90 minutes",
                "about 2 hours",
                "about 6 hours",
            ]
        );
    }

    #[test]
    fn large_numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1000, 12_345, 1_234_567].map(grouped),
            ["0", "999", "1,000", "12,345", "1,234,567"]
        );
        assert_eq!([people(1), people(0)], ["1 person", "0 people"]);
    }
}
