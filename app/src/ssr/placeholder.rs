//! The picture before the picture: a thumbhash as a handful of coloured squares,
//! which the style sheet blurs. Attributes only, so that no style policy is broken.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};

const COLUMNS: usize = 4;
const ROWS: usize = 3;

/// The inside of an `svg` of 4 × 3 units for this thumbhash; empty for no valid one.
pub fn placeholder(thumbhash: &str) -> String {
    let decoded = STANDARD
        .decode(thumbhash)
        .ok()
        .filter(|hash| hash.len() >= 5);
    let Some((width, height, rgba)) =
        decoded.and_then(|hash| thumbhash::thumb_hash_to_rgba(&hash).ok())
    else {
        return String::new();
    };
    let mut squares = String::new();
    for (row, column) in (0..ROWS).flat_map(|row| (0..COLUMNS).map(move |column| (row, column))) {
        let x = (2 * column + 1) * width / (2 * COLUMNS);
        let y = (2 * row + 1) * height / (2 * ROWS);
        let Some([red, green, blue]) = rgba
            .get(4 * (y * width + x)..)
            .and_then(<[u8]>::first_chunk)
        else {
            continue;
        };
        // Writing to a string cannot fail. Four bits a channel are enough under the blur.
        let _ = write!(
            squares,
            r##"<path fill="#{:x}{:x}{:x}" d="M{column} {row}h1v1h-1z"/>"##,
            red >> 4,
            green >> 4,
            blue >> 4
        );
    }
    squares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_becomes_twelve_squares_and_nonsense_nothing() {
        let red = [200u8, 16, 16, 255].repeat(16);
        let hash = STANDARD.encode(thumbhash::rgba_to_thumb_hash(4, 4, &red));
        let squares = placeholder(&hash);
        assert_eq!(squares.matches("<path fill=\"#").count(), COLUMNS * ROWS);
        for nonsense in ["", "AAAA", "not base64!", "////"] {
            assert_eq!(placeholder(nonsense), "");
        }
    }
}
