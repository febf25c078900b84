//! Images of an event.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::MediaId;

/// What an image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// On cards and at the top of the event page. One per event.
    Cover,
    /// Wide, for the organizer's announcements. One per event.
    Banner,
    /// Upright, printable. One per event.
    Poster,
    /// Small and square. One per event.
    Thumbnail,
    /// Any number of them.
    Gallery,
}

impl MediaKind {
    /// The text in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cover => "cover",
            Self::Banner => "banner",
            Self::Poster => "poster",
            Self::Thumbnail => "thumbnail",
            Self::Gallery => "gallery",
        }
    }

    /// The kind with this text.
    pub fn from_text(text: &str) -> Option<Self> {
        [
            Self::Cover,
            Self::Banner,
            Self::Poster,
            Self::Thumbnail,
            Self::Gallery,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
    }
}

/// The same image in another size.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Variant {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Where it is; immutable.
    pub url: String,
}

/// An image of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Media {
    /// For deleting it.
    pub id: MediaId,
    /// What it is for.
    pub kind: MediaKind,
    /// The largest variant.
    pub url: String,
    /// All sizes, smallest first.
    pub variants: Vec<Variant>,
    /// A JPEG for link previews; of covers alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_url: Option<String>,
    /// Pixels of the largest variant.
    pub width: u32,
    /// Pixels of the largest variant.
    pub height: u32,
    /// A placeholder of about 25 bytes, base64 (<https://evanw.github.io/thumbhash/>).
    pub thumbhash: String,
    /// Also the image's alternative text.
    #[schema(required)]
    pub caption: Option<String>,
}

impl Media {
    /// The `srcset` of an `img` element: every variant with its width.
    pub fn srcset(&self) -> String {
        let each = self
            .variants
            .iter()
            .map(|v| format!("{} {}w", v.url, v.width));
        each.collect::<Vec<_>>().join(", ")
    }
}
