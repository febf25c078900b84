#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the squares of a code are few, and none stands left of it"
)]

use std::slice::from_ref;

use fast_qr::{ECL, QRBuilder};
use proptest::prelude::*;
use rustybuzz::ttf_parser::{GlyphId, OutlineBuilder};

use super::*;

fn stub(title: &str, holder: &str) -> Stub {
    Stub {
        title: title.to_owned(),
        date: "Saturday, 5 December 2026".into(),
        time: "20:00 – 23:30 CET".into(),
        place: "The Hall".into(),
        address: String::new(),
        kind: "Standard".into(),
        holder: holder.to_owned(),
        code: "ABCDE12345".into(),
        order: "01936f0e".into(),
        void: None,
        qr: QRBuilder::new("ES1.X.ABCDE12345.Y")
            .ecl(ECL::M)
            .build()
            .unwrap(),
    }
}

fn blank(used: &mut Fonts) -> Canvas<'_> {
    Canvas {
        faces: text::faces().unwrap(),
        content: Content::new(),
        used,
    }
}

#[test]
fn the_squares_are_those_of_the_code() {
    let (code, mut used) = (stub("", "").qr, Fonts::new());
    let mut canvas = blank(&mut used);
    canvas.qr(&code, (0.0, QR));
    let drawn = String::from_utf8(canvas.content.as_bytes().to_vec()).unwrap();
    let side = QR / code.size as f32;
    let mut dark = vec![vec![false; code.size]; code.size];
    for line in drawn.lines().filter_map(|line| line.strip_suffix(" re")) {
        let numbers: Vec<f32> = line.split(' ').map(|text| text.parse().unwrap()).collect();
        let at = |length: f32| (length / side).round() as usize;
        let row = code.size - 1 - at(numbers[1]);
        dark[row][at(numbers[0])..at(numbers[0] + numbers[2])].fill(true);
    }
    for (row, columns) in dark.iter().enumerate() {
        for (column, is_dark) in columns.iter().enumerate() {
            assert_eq!(*is_dark, code[row][column].value(), "{row} {column}");
        }
    }
}

#[test]
fn a_name_that_is_written_from_the_right_begins_there() {
    let faces = text::faces().unwrap();
    let line = text::set(faces, "אב", Font::Bold, 10.0);
    let seen: Vec<_> = line
        .glyphs
        .iter()
        .map(|glyph| glyph.text.as_str())
        .collect();
    assert_eq!(seen, ["ב", "א"]);
    let joined = text::set(faces, "محمد", Font::Regular, 10.0);
    let alone = text::set(faces, "م", Font::Regular, 10.0);
    assert!(
        joined
            .glyphs
            .iter()
            .all(|glyph| glyph.id != alone.glyphs[0].id)
    );
}

#[test]
fn only_what_is_used_is_embedded() {
    let used = draw(from_ref(&stub("A", "Ж"))).unwrap();
    assert!(used.len() < 60_000, "{} bytes", used.len());
    let count = |what: &[u8]| used.windows(what.len()).filter(|at| *at == what).count();
    assert_eq!(
        count(b"/FontFile2"),
        4,
        "three of the site and the fallback"
    );
    assert_eq!(count(b"/Type /Page\n"), 1);
}

#[test]
fn what_no_font_has_is_a_box_and_stands_for_nothing() {
    let faces = text::faces().unwrap();
    let line = text::set(faces, "東", Font::Bold, 10.0);
    assert_eq!(line.glyphs[0].id, 0);
    assert!(draw(from_ref(&stub("東京の夜", "\u{10ffff}\u{0}\n"))).is_some());
}

struct Strokes(usize);

impl OutlineBuilder for Strokes {
    fn move_to(&mut self, _: f32, _: f32) {
        self.0 += 1;
    }
    fn line_to(&mut self, _: f32, _: f32) {}
    fn quad_to(&mut self, _: f32, _: f32, _: f32, _: f32) {}
    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, _: f32, _: f32) {}
    fn close(&mut self) {}
}

#[test]
fn a_part_of_a_font_keeps_the_outlines_of_its_glyphs() {
    for (face, file) in text::faces().unwrap().iter().zip(FILES) {
        let glyph = face.glyph_index('é').unwrap();
        let part = embed::subset(file, [glyph.0].into_iter()).unwrap();
        assert!(part.len() < file.len());
        let part = Face::from_slice(&part, 0).unwrap();
        let contours = |face: &Face<'_>, id: GlyphId| {
            let mut strokes = Strokes(0);
            face.outline_glyph(id, &mut strokes);
            strokes.0
        };
        assert!(contours(&part, glyph) > 0);
        assert_eq!(contours(&part, glyph), contours(face, glyph));
        let other = face.glyph_index('W').unwrap();
        assert_eq!(contours(&part, other), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_people_are_called_can_be_printed(title in "\\PC{0,60}", holder in any::<String>()) {
        let pdf = draw(from_ref(&stub(&title, &holder))).unwrap();
        prop_assert!(pdf.starts_with(b"%PDF-") && pdf.ends_with(b"%%EOF"));
    }

    #[test]
    fn lines_keep_to_their_room(text in "[a-zé Жאم東]{0,80}", width in 20.0..200.0_f32) {
        let faces = text::faces().unwrap();
        for line in text::wrap(faces, &text, Font::Regular, 10.0, (width, 2)) {
            prop_assert!(line.width <= width + 0.01, "{} in {width}", line.width);
        }
    }
}
