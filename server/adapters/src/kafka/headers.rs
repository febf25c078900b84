//! Headers with the names of `CloudEvents` (Kafka protocol binding 1.0, section 3.2).

use std::collections::BTreeMap;

use jiff::Timestamp;
use rdkafka::message::{BorrowedMessage, Header, Headers, Message as _, OwnedHeaders};
use service::ports::{Message, Position, Record};
use uuid::Uuid;

/// Names that are fields of [`Message`].
const OWN: [&str; 6] = [
    "ce_id",
    "ce_type",
    "ce_source",
    "ce_time",
    "ce_specversion",
    "schema_version",
];

/// The headers of a message.
pub(super) fn write(message: &Message, source: &str) -> OwnedHeaders {
    let id = message.id.to_string();
    let time = message.time.to_string();
    let version = message.schema_version.to_string();
    let own = [&id, &message.kind, source, &time, "1.0", &version];
    let own = OWN.into_iter().zip(own);
    let further = message
        .headers
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()));
    own.chain(further)
        .fold(OwnedHeaders::new(), |headers, (key, value)| {
            headers.insert(Header {
                key,
                value: Some(value),
            })
        })
}

/// A record as it came; one whose headers cannot be read gets an id made from its
/// position, so that parking it twice parks it once.
pub(super) fn read(received: &BorrowedMessage<'_>, prefix: &str) -> Record {
    let position = Position {
        partition: received.partition(),
        offset: received.offset(),
    };
    let headers = all(received);
    let topic = received
        .topic()
        .strip_prefix(prefix)
        .unwrap_or(received.topic())
        .to_owned();
    let parsed = parse(&headers);
    let defect = parsed.as_ref().err().cloned();
    let (id, time, schema_version) = parsed.unwrap_or_else(|_| {
        let place = format!(
            "{}/{}/{}",
            received.topic(),
            position.partition,
            position.offset
        );
        let millis = received.timestamp().to_millis().unwrap_or(0);
        let time = Timestamp::from_millisecond(millis).unwrap_or_default();
        (
            Uuid::new_v5(&Uuid::NAMESPACE_URL, place.as_bytes()),
            time,
            0,
        )
    });
    let message = Message {
        id,
        topic,
        key: String::from_utf8_lossy(received.key().unwrap_or_default()).into_owned(),
        kind: headers.get("ce_type").cloned().unwrap_or_default(),
        time,
        schema_version,
        payload: received.payload().unwrap_or_default().to_vec(),
        headers: headers
            .into_iter()
            .filter(|(key, _)| !OWN.contains(&key.as_str()))
            .collect(),
    };
    Record {
        message,
        position,
        defect,
    }
}

fn all(received: &BorrowedMessage<'_>) -> BTreeMap<String, String> {
    let headers = received.headers().into_iter().flat_map(Headers::iter);
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    headers
        .map(|header| {
            (
                header.key.to_owned(),
                header.value.map(text).unwrap_or_default(),
            )
        })
        .collect()
}

fn parse(headers: &BTreeMap<String, String>) -> Result<(Uuid, Timestamp, u16), String> {
    fn field<T: std::str::FromStr>(
        headers: &BTreeMap<String, String>,
        name: &str,
    ) -> Result<T, String> {
        let value = headers
            .get(name)
            .ok_or_else(|| format!("no header {name}"))?;
        value
            .parse()
            .map_err(|_| format!("header {name} cannot be read"))
    }
    Ok((
        field(headers, "ce_id")?,
        field(headers, "ce_time")?,
        field(headers, "schema_version")?,
    ))
}
