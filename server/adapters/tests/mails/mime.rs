//! Reads messages (RFC 5322, RFC 2045) as far as the tests need it.

use base64::{Engine, engine::general_purpose::STANDARD};

/// A part of a message: headers with lower-case names, and the body as it came.
pub struct Part {
    headers: Vec<(String, String)>,
    body: String,
}

impl Part {
    /// Splits headers and body; folded headers become one line.
    pub fn read(raw: &str) -> Self {
        let (head, body) = raw.split_once("\r\n\r\n").unwrap_or((raw, ""));
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let headers = head.lines().filter_map(|line| line.split_once(':'));
        let headers = headers
            .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        Self {
            headers: headers.collect(),
            body: body.to_owned(),
        }
    }

    /// A header; empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The parts without parts of their own, in order.
    pub fn leaves(self) -> Vec<Part> {
        let kind = self.header("content-type").to_owned();
        let Some(boundary) = parameter(&kind, "boundary") else {
            return vec![self];
        };
        let body = format!("\r\n{}", self.body);
        let line = format!("\r\n--{boundary}");
        let pieces = body.split(line.as_str()).skip(1);
        let pieces = pieces.take_while(|piece| !piece.starts_with("--"));
        pieces
            .flat_map(|piece| Part::read(piece.trim_start_matches("\r\n")).leaves())
            .collect()
    }

    /// The name of an attached file.
    pub fn file_name(&self) -> Option<String> {
        parameter(self.header("content-disposition"), "filename")
    }

    /// The body's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        match self.header("content-transfer-encoding") {
            "base64" => {
                let text: String = self.body.split_whitespace().collect();
                STANDARD.decode(text).unwrap()
            }
            "quoted-printable" => unquoted(self.body.replace("=\r\n", "").as_bytes()),
            _ => self.body.clone().into_bytes(),
        }
    }

    /// The body's text with plain line ends.
    pub fn text(&self) -> String {
        String::from_utf8(self.bytes())
            .unwrap()
            .replace("\r\n", "\n")
    }
}

/// A header's value with its encoded words decoded (RFC 2047).
pub fn words(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, word)) = rest.split_once("=?") {
        // Blanks between two encoded words mean nothing.
        if !before.trim().is_empty() || text.is_empty() {
            text.push_str(before);
        }
        let mut pieces = word.splitn(4, '?');
        let (_, encoding) = (pieces.next(), pieces.next().unwrap());
        let (coded, after) = (pieces.next().unwrap(), pieces.next().unwrap());
        let bytes = match encoding {
            "b" | "B" => STANDARD.decode(coded).unwrap(),
            _ => unquoted(coded.replace('_', " ").as_bytes()),
        };
        text.push_str(&String::from_utf8(bytes).unwrap());
        rest = after.strip_prefix('=').unwrap();
    }
    text + rest
}

/// `name=value` or `name="value"` of a header.
fn parameter(header: &str, name: &str) -> Option<String> {
    let (_, value) = header.split_once(&format!("{name}="))?;
    let value = value.split(';').next()?.trim();
    Some(value.trim_matches('"').to_owned())
}

/// `=C3=A4` and the like.
fn unquoted(coded: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = coded;
    while let Some((first, after)) = rest.split_first() {
        if *first == b'=' && after.len() >= 2 {
            let code = std::str::from_utf8(&after[..2]).unwrap();
            bytes.push(u8::from_str_radix(code, 16).unwrap());
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    bytes
}
