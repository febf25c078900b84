//! Between the vocabulary and BSON.

use bson::{Binary, Bson, DateTime, Document, doc, spec::BinarySubtype};
use jiff::Timestamp;
use serde_json::{Map, Number, Value};
use service::ports::PortError;
use types::{
    EventId,
    feed::{Activity, ActivityKind},
};
use uuid::Uuid;

/// How deep a document may be nested (the server takes 100 levels in all).
const DEEPEST: usize = 90;

/// A UUID as the server's tools know it (binary subtype 4).
pub(super) fn uuid_binary(id: Uuid) -> Bson {
    Bson::Binary(Binary {
        subtype: BinarySubtype::Uuid,
        bytes: id.as_bytes().to_vec(),
    })
}

/// The stored form of an event's metadata: BSON that can be queried, or the text of
/// the JSON where BSON cannot say the same (huge integers, keys with a zero byte, too
/// deep).
pub(super) fn metadata_to_bson(event: EventId, version: i64, document: &Value) -> Document {
    let mut stored = doc! { "_id": uuid_binary(event.0), "version": version };
    match to_bson(document, 0) {
        Some(value) => stored.insert("document", value),
        None => stored.insert("text", document.to_string()),
    };
    stored
}

/// Reads what [`metadata_to_bson`] wrote.
pub(super) fn metadata_from_bson(mut stored: Document) -> Result<(i64, Value), PortError> {
    let version = stored.get_i64("version").map_err(PortError::broken)?;
    let document = match (stored.remove("document"), stored.remove("text")) {
        (Some(value), _) => from_bson(value)?,
        (None, Some(Bson::String(text))) => {
            serde_json::from_str(&text).map_err(PortError::broken)?
        }
        _ => return Err(PortError::broken("metadata without a document")),
    };
    Ok((version, document))
}

fn to_bson(value: &Value, depth: usize) -> Option<Bson> {
    Some(match value {
        _ if depth > DEEPEST => return None,
        Value::Null => Bson::Null,
        Value::Bool(value) => Bson::Boolean(*value),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Bson::Int64(integer),
            None if number.is_u64() => return None,
            None => Bson::Double(number.as_f64()?),
        },
        Value::String(text) => Bson::String(text.clone()),
        Value::Array(items) => Bson::Array(
            items
                .iter()
                .map(|item| to_bson(item, depth + 1))
                .collect::<Option<_>>()?,
        ),
        Value::Object(fields) => {
            let mut document = Document::new();
            for (name, field) in fields {
                // A zero byte ends a name in BSON; a leading dollar sign is an operator's.
                if name.contains('\0') || name.starts_with('$') {
                    return None;
                }
                document.insert(name.clone(), to_bson(field, depth + 1)?);
            }
            Bson::Document(document)
        }
    })
}

fn from_bson(value: Bson) -> Result<Value, PortError> {
    Ok(match value {
        Bson::Null => Value::Null,
        Bson::Boolean(value) => Value::Bool(value),
        Bson::Int32(integer) => Value::from(integer),
        Bson::Int64(integer) => Value::from(integer),
        Bson::Double(double) => Value::Number(
            Number::from_f64(double).ok_or_else(|| PortError::broken("not a number"))?,
        ),
        Bson::String(text) => Value::String(text),
        Bson::Array(items) => {
            Value::Array(items.into_iter().map(from_bson).collect::<Result<_, _>>()?)
        }
        Bson::Document(document) => {
            let fields = document
                .into_iter()
                .map(|(name, field)| Ok((name, from_bson(field)?)));
            Value::Object(fields.collect::<Result<Map<_, _>, PortError>>()?)
        }
        other => {
            return Err(PortError::broken(format!(
                "{:?} in a JSON document",
                other.element_type()
            )));
        }
    })
}

/// The stored form of an activity. `at` is a date for people and indexes (BSON dates
/// end at milliseconds); `at_micros` is exact.
pub(super) fn activity_to_bson(activity: &Activity) -> Document {
    doc! {
        "_id": uuid_binary(activity.id),
        "kind": kind_name(activity.kind),
        "event_id": uuid_binary(activity.event_id.0),
        "event_slug": &activity.event_slug,
        "event_title": &activity.event_title,
        "quantity": i64::from(activity.quantity),
        "at": DateTime::from_millis(activity.at.as_millisecond()),
        "at_micros": activity.at.as_microsecond(),
    }
}

/// Reads what [`activity_to_bson`] wrote.
pub(super) fn activity_from_bson(stored: &Document) -> Result<Activity, PortError> {
    let text = |name: &str| {
        stored
            .get_str(name)
            .map(str::to_owned)
            .map_err(PortError::broken)
    };
    let micros = stored.get_i64("at_micros").map_err(PortError::broken)?;
    Ok(Activity {
        id: uuid(stored, "_id")?,
        kind: kind_named(&text("kind")?)?,
        event_id: EventId(uuid(stored, "event_id")?),
        event_slug: text("event_slug")?,
        event_title: text("event_title")?,
        quantity: u32::try_from(stored.get_i64("quantity").map_err(PortError::broken)?)
            .unwrap_or(0),
        at: Timestamp::from_microsecond(micros).map_err(PortError::broken)?,
        ago: String::new(),
    })
}

fn uuid(stored: &Document, name: &str) -> Result<Uuid, PortError> {
    match stored.get(name) {
        Some(Bson::Binary(binary)) => Uuid::from_slice(&binary.bytes).map_err(PortError::broken),
        _ => Err(PortError::broken(format!("{name} is no UUID"))),
    }
}

fn kind_name(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::EventPublished => "event_published",
        ActivityKind::EventCancelled => "event_cancelled",
        ActivityKind::TicketSold => "ticket_sold",
    }
}

fn kind_named(name: &str) -> Result<ActivityKind, PortError> {
    let all = [
        ActivityKind::EventPublished,
        ActivityKind::EventCancelled,
        ActivityKind::TicketSold,
    ];
    all.into_iter()
        .find(|kind| kind_name(*kind) == name)
        .ok_or_else(|| PortError::broken(format!("activity {name}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn round_trip(document: &Value) -> (Document, Value) {
        let stored = metadata_to_bson(EventId(Uuid::nil()), 3, document);
        let (version, read) = metadata_from_bson(stored.clone()).unwrap();
        assert_eq!(version, 3);
        (stored, read)
    }

    #[test]
    fn json_is_stored_as_documents_that_can_be_queried() {
        let document = json!({ "a": [1, -2.5, "x", null, true, { "b.c": {} }], "n": i64::MIN });
        let (stored, read) = round_trip(&document);
        assert!(stored.get_document("document").is_ok());
        assert_eq!(read, document);
    }

    #[test]
    fn json_that_bson_cannot_say_is_kept_as_text() {
        let deep = (0..110).fold(json!(1), |inner, _| json!([inner]));
        for document in [
            json!({ "a\0b": 1 }),
            json!({ "n": u64::MAX }),
            json!({ "$oid": "x" }),
            json!({ "d": deep }),
        ] {
            let (stored, read) = round_trip(&document);
            assert!(stored.contains_key("text"));
            assert_eq!(read, document);
        }
    }

    #[test]
    fn an_activity_keeps_its_microseconds() {
        let activity = Activity {
            id: Uuid::from_u128(7),
            kind: ActivityKind::TicketSold,
            event_id: EventId(Uuid::from_u128(8)),
            event_slug: "night".into(),
            event_title: "Night".into(),
            quantity: 2,
            at: Timestamp::from_microsecond(1_780_000_000_123_456).unwrap(),
            ago: String::new(),
        };
        assert_eq!(
            activity_from_bson(&activity_to_bson(&activity)).unwrap(),
            activity
        );
    }
}
