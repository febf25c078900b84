//! Cursors of the list of events: the place of the last item in the order of the
//! list, so that rows which come or go move nothing.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::search::Key;
use types::{EventId, events::EventSort};

/// What a cursor says. Short names: it stands in addresses.
#[derive(Serialize, Deserialize)]
struct Cursor {
    /// What it belongs to: the order and, where keys depend on it, the question.
    b: u32,
    /// Was the question understood with other spellings?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    f: bool,
    k: Part,
    i: EventId,
}

#[derive(Serialize, Deserialize)]
enum Part {
    #[serde(rename = "n")]
    Number(i64),
    #[serde(rename = "t")]
    Text(String),
    /// The bits of the number: the same value comes back.
    #[serde(rename = "r")]
    Real(u64),
}

/// The place of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// In the order of the list.
    pub key: Key,
    /// Among equals.
    pub id: EventId,
    /// Was the question understood with other spellings?
    pub is_respelled: bool,
}

/// What the cursors of a list belong to. `question` is what its keys depend on beside
/// the order: words for relevance, a place for distance.
pub fn binding(sort: EventSort, question: &str) -> u32 {
    let hash = Sha256::digest(format!("{} {question}", sort.as_str()));
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

/// The cursor behind an item.
pub fn write(binding: u32, place: &Place) -> String {
    let part = match &place.key {
        Key::Number(number) => Part::Number(*number),
        Key::Text(text) => Part::Text(text.clone()),
        Key::Real(real) => Part::Real(real.to_bits()),
    };
    let cursor = Cursor {
        b: binding,
        f: place.is_respelled,
        k: part,
        i: place.id,
    };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}

/// The place that a cursor of this list stands for; `None` for anything else.
pub fn read(sort: EventSort, binding: u32, text: &str) -> Option<Place> {
    let cursor: Cursor = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    if cursor.b != binding {
        return None;
    }
    let key = match (sort, cursor.k) {
        (EventSort::Title, Part::Text(text)) if !text.contains('\0') => Key::Text(text),
        (EventSort::Price | EventSort::PriceDesc, Part::Number(amount)) => Key::Number(amount),
        (EventSort::Distance | EventSort::Relevance, Part::Real(bits)) => {
            Some(f64::from_bits(bits))
                .filter(|real| real.is_finite())
                .map(Key::Real)?
        }
        (
            EventSort::StartsAt | EventSort::StartsAtDesc | EventSort::CreatedAtDesc,
            Part::Number(micros),
        ) if is_storable(micros) => Key::Number(micros),
        _ => return None,
    };
    Some(Place {
        key,
        id: cursor.i,
        is_respelled: cursor.f,
    })
}

/// Instants that every store can keep: the years 1 to 9999.
fn is_storable(micros: i64) -> bool {
    Timestamp::from_microsecond(micros).is_ok_and(|at| at.as_second() > -62_135_596_800)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn keys() -> impl Strategy<Value = (EventSort, Key)> {
        prop_oneof![
            (0..4_000_000_000_000_000i64).prop_map(|n| (EventSort::StartsAt, Key::Number(n))),
            any::<i64>().prop_map(|n| (EventSort::PriceDesc, Key::Number(n))),
            "[^\0]{0,120}".prop_map(|text| (EventSort::Title, Key::Text(text))),
            prop::num::f64::NORMAL.prop_map(|real| (EventSort::Distance, Key::Real(real))),
        ]
    }

    proptest! {
        #[test]
        fn the_place_comes_back_exactly((sort, key) in keys(), id in any::<u128>(), is_respelled: bool) {
            let place = Place { key, id: Uuid::from_u128(id).into(), is_respelled };
            let cursor = write(7, &place);
            prop_assert_eq!(read(sort, 7, &cursor), Some(place));
            prop_assert_eq!(read(sort, 8, &cursor), None);
            prop_assert!(cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        }

        #[test]
        fn nothing_else_is_a_cursor(text in "\\PC{0,80}", bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            prop_assert_eq!(read(EventSort::Title, 7, &text), None);
            prop_assert_eq!(read(EventSort::Title, 7, &URL_SAFE_NO_PAD.encode(bytes)), None);
        }
    }

    #[test]
    fn keys_of_another_order_or_out_of_range_are_refused() {
        let cursor = |key| {
            write(
                7,
                &Place {
                    key,
                    id: Uuid::nil().into(),
                    is_respelled: false,
                },
            )
        };
        assert_eq!(read(EventSort::Title, 7, &cursor(Key::Number(1))), None);
        assert_eq!(
            read(EventSort::Title, 7, &cursor(Key::Text("a\0b".into()))),
            None
        );
        assert_eq!(
            read(EventSort::StartsAt, 7, &cursor(Key::Number(i64::MAX))),
            None
        );
        assert_eq!(
            read(EventSort::StartsAt, 7, &cursor(Key::Number(i64::MIN))),
            None
        );
        assert_eq!(
            read(EventSort::Distance, 7, &cursor(Key::Real(f64::NAN))),
            None
        );
    }
}
