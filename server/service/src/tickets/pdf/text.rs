//! From text to glyphs: both directions of writing (UAX 9), the joined letters of each script,
//! and another font where the chosen one has no glyph.

use std::{ops::Range, sync::LazyLock};

use rustybuzz::{Direction, Face, UnicodeBuffer};
use unicode_bidi::BidiInfo;

/// The fonts of a ticket, in the order of [`FILES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Font {
    /// For reading.
    Regular,
    /// For what has to be found.
    Bold,
    /// For the title.
    Display,
    /// For scripts that the others do not have.
    Fallback,
}

/// The files of the fonts, as they are embedded.
pub(super) const FILES: [&[u8]; 4] = [
    include_bytes!("../../../fonts/figtree-regular.ttf"),
    include_bytes!("../../../fonts/figtree-bold.ttf"),
    include_bytes!("../../../fonts/bricolage-grotesque-bold.ttf"),
    include_bytes!("../../../fonts/dejavu-sans.ttf"),
];

static FACES: LazyLock<Option<Vec<Face<'static>>>> =
    LazyLock::new(|| FILES.iter().map(|file| Face::from_slice(file, 0)).collect());

/// The fonts, read. None when a file of ours is broken.
pub(super) fn faces() -> Option<&'static [Face<'static>]> {
    FACES.as_deref()
}

/// A glyph where it stands in its line, in points.
#[derive(Clone, Debug)]
pub(super) struct Glyph {
    /// Index into [`FILES`].
    pub font: usize,
    /// In that font.
    pub id: u16,
    /// From the line's beginning.
    pub x: f32,
    /// Above the base line.
    pub y: f32,
    /// What it stands for; empty for the further glyphs of a group.
    pub text: String,
}

/// One line, from left to right as it is seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// Its glyphs.
    pub glyphs: Vec<Glyph>,
    /// In points.
    pub width: f32,
}

/// Sets text in one line.
pub(super) fn set(faces: &[Face<'_>], text: &str, font: Font, size: f32) -> Line {
    let mut line = Line::default();
    let bidi = BidiInfo::new(text, None);
    for paragraph in &bidi.paragraphs {
        let (levels, runs) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for run in runs {
            let is_rtl = levels[run.start].is_rtl();
            let mut parts = by_font(faces, &text[run], font as usize);
            if is_rtl {
                parts.reverse();
            }
            for (font, part) in parts {
                shape(&faces[font], font, part, is_rtl, size, &mut line);
            }
        }
    }
    line
}

/// The text in pieces of one font each. What no font has stays with the first: it draws a box.
fn by_font<'a>(faces: &[Face<'_>], text: &'a str, first: usize) -> Vec<(usize, &'a str)> {
    let fallback = Font::Fallback as usize;
    let font_of = |c: char| {
        let has = |font: usize| faces[font].glyph_index(c).is_some();
        if has(first) || !has(fallback) {
            first
        } else {
            fallback
        }
    };
    let mut parts: Vec<(usize, Range<usize>)> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| !c.is_control()) {
        let (font, end) = (font_of(c), at + c.len_utf8());
        match parts.last_mut() {
            Some((last, range)) if *last == font && range.end == at => range.end = end,
            _ => parts.push((font, at..end)),
        }
    }
    let parts = parts.into_iter();
    parts.map(|(font, range)| (font, &text[range])).collect()
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "units of a font are small, and a TrueType font has at most 65,535 glyphs"
)]
fn shape(face: &Face<'_>, font: usize, text: &str, is_rtl: bool, size: f32, line: &mut Line) {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.set_direction(if is_rtl {
        Direction::RightToLeft
    } else {
        Direction::LeftToRight
    });
    buffer.guess_segment_properties();
    let shaped = rustybuzz::shape(face, &[], buffer);
    let points = |units: i32| units as f32 * size / face.units_per_em() as f32;
    let mut starts: Vec<_> = shaped.glyph_infos().iter().map(|g| g.cluster).collect();
    starts.sort_unstable();
    let mut before = None;
    for (info, position) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
        let next = starts.iter().find(|start| **start > info.cluster);
        let end = next.map_or(text.len(), |next| *next as usize);
        let is_first = before.replace(info.cluster) != Some(info.cluster);
        let stands_for = text.get(info.cluster as usize..end).filter(|_| is_first);
        line.glyphs.push(Glyph {
            font,
            id: info.glyph_id as u16,
            x: line.width + points(position.x_offset),
            y: points(position.y_offset),
            text: stands_for.unwrap_or_default().to_owned(),
        });
        line.width += points(position.x_advance);
    }
}

/// Sets text in lines of at most `width`; what does not fit into `most` of them ends with `…`.
pub(super) fn wrap(
    faces: &[Face<'_>],
    text: &str,
    font: Font,
    size: f32,
    (width, most): (f32, usize),
) -> Vec<Line> {
    let fits = |text: &str| set(faces, text, font, size).width <= width;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        match longer.filter(|longer| fits(longer)) {
            Some(longer) => {
                lines.pop();
                lines.push(longer);
            }
            None => lines.extend(broken(word, &fits)),
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            while !last.is_empty() && !fits(&format!("{last}…")) {
                last.pop();
            }
            last.push('…');
        }
    }
    let lines = lines.iter();
    lines.map(|line| set(faces, line, font, size)).collect()
}

/// A word in pieces that fit: scripts without blanks, and names without an end.
fn broken(word: &str, fits: &impl Fn(&str) -> bool) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
            if fits(piece) || piece.chars().count() == 1 {
                continue;
            }
            piece.pop();
        }
        pieces.push(c.to_string());
    }
    pieces
}
