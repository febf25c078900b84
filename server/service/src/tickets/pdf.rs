//! Tickets on paper: one page each, with the code large enough for every scanner. The card
//! stands in the part of the page that A4 and US Letter share.

mod embed;
mod text;

use std::collections::BTreeMap;

use fast_qr::QRCode;
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};
use rustybuzz::Face;

use embed::Used;
use text::{FILES, Font, Line};

/// What stands on a ticket.
pub(super) struct Stub {
    /// Of the event.
    pub title: String,
    /// The day, in the event's zone.
    pub date: String,
    /// The hours, with the zone.
    pub time: String,
    /// Where.
    pub place: String,
    /// Street, city; empty when there is none.
    pub address: String,
    /// The kind of ticket.
    pub kind: String,
    /// Whose.
    pub holder: String,
    /// For typing at the door.
    pub code: String,
    /// The purchase.
    pub order: String,
    /// Why it does not open the door, if it does not.
    pub void: Option<&'static str>,
    /// The signed code.
    pub qr: QRCode,
}

/// A4, in points.
const PAGE: (f32, f32) = (595.0, 842.0);
/// The card's left edge; the right one is as far from its side.
const LEFT: f32 = 48.0;
/// Where the card is torn off, from the left.
const TEAR: f32 = 358.0;
/// The card's upper edge, from below.
const TOP: f32 = 770.0;
/// The card's lower edge, from below.
const BOTTOM: f32 = 430.0;
/// How tall the coloured band is.
const BAND: f32 = 34.0;
/// Between the card's edge and what stands in it.
const INSET: f32 = 24.0;
/// The QR code's side, its quiet zone not counted.
const QR: f32 = 132.0;

const INK: (f32, f32, f32) = (0.12, 0.09, 0.07);
const SOFT: (f32, f32, f32) = (0.36, 0.31, 0.26);
const ACCENT: (f32, f32, f32) = (1.0, 0.72, 0.11);
const EDGE: (f32, f32, f32) = (0.55, 0.48, 0.41);

/// Draws tickets, one a page. None when a font of ours cannot be read.
pub(super) fn draw(stubs: &[Stub]) -> Option<Vec<u8>> {
    let faces = text::faces()?;
    let mut used = BTreeMap::new();
    let contents: Vec<_> = stubs
        .iter()
        .map(|stub| page(faces, stub, &mut used))
        .collect();
    let title = stubs.first().map_or("", |stub| &stub.title);
    Some(document(faces, title, &contents, &used))
}

/// The glyphs that are used, by font.
type Fonts = BTreeMap<usize, Used>;

/// Puts pages and fonts together.
fn document(faces: &[Face<'_>], title: &str, contents: &[Content], fonts: &Fonts) -> Vec<u8> {
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    let font_id = |font: usize| Ref::new(4 + number(font) * embed::OBJECTS);
    let page_id =
        |page: usize| Ref::new(4 + number(FILES.len()) * embed::OBJECTS + 2 * number(page));
    let (catalog, tree, info) = (Ref::new(1), Ref::new(2), Ref::new(3));
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree).lang(TextStr("en"));
    pdf.document_info(info)
        .title(TextStr(title))
        .producer(TextStr("EventSphere"));
    let kids = (0..contents.len()).map(page_id);
    pdf.pages(tree).kids(kids).count(number(contents.len()));
    for (index, content) in contents.iter().enumerate() {
        let (id, content_id) = (page_id(index), Ref::new(page_id(index).get() + 1));
        let mut page = pdf.page(id);
        page.media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1));
        page.parent(tree).contents(content_id);
        let mut resources = page.resources();
        let mut names = resources.fonts();
        for font in fonts.keys() {
            names.pair(Name(name_of(*font).as_bytes()), font_id(*font));
        }
        names.finish();
        resources.finish();
        page.finish();
        let data = embed::packed(content.as_bytes());
        pdf.stream(content_id, &data).filter(Filter::FlateDecode);
    }
    for (font, used) in fonts {
        let name = format!("TICKET+{}", name_of(*font));
        embed::write(
            &mut pdf,
            font_id(*font),
            &name,
            &faces[*font],
            FILES[*font],
            used,
        );
    }
    pdf.finish()
}

fn name_of(font: usize) -> String {
    format!("F{font}")
}

/// What is drawn on a page, and with which glyphs.
struct Canvas<'a> {
    faces: &'a [Face<'a>],
    content: Content,
    used: &'a mut Fonts,
}

fn page(faces: &[Face<'_>], stub: &Stub, used: &mut Fonts) -> Content {
    let content = Content::new();
    let mut canvas = Canvas {
        faces,
        content,
        used,
    };
    canvas.card();
    canvas.facts(stub);
    canvas.side(stub);
    canvas.foot(stub);
    canvas.content
}

impl Canvas<'_> {
    fn fill(&mut self, (r, g, b): (f32, f32, f32)) {
        self.content.set_fill_rgb(r, g, b);
    }

    /// The card's outline, its coloured band, and where it is torn.
    fn card(&mut self) {
        let (right, (r, g, b)) = (PAGE.0 - LEFT, EDGE);
        self.fill(ACCENT);
        self.content
            .rect(LEFT, TOP - BAND, right - LEFT, BAND)
            .fill_nonzero();
        self.content.set_stroke_rgb(r, g, b).set_line_width(0.75);
        self.content
            .rect(LEFT, BOTTOM, right - LEFT, TOP - BOTTOM)
            .stroke();
        self.content.set_dash_pattern([3.0, 3.0], 0.0);
        self.content
            .move_to(TEAR, TOP - BAND)
            .line_to(TEAR, BOTTOM)
            .stroke();
        self.content.set_dash_pattern([], 0.0);
        self.fill(INK);
        self.line(
            "EventSphere",
            Font::Display,
            15.0,
            (LEFT + INSET, TOP - BAND + 11.5),
        );
    }

    /// Event, day, place, kind and name, on the larger part.
    fn facts(&mut self, stub: &Stub) {
        let width = TEAR - LEFT - 2.0 * INSET;
        let mut y = TOP - BAND - 34.0;
        self.fill(INK);
        y = self.lines(&stub.title, Font::Display, 22.0, (width, 3), y) - 8.0;
        let when = [(&stub.date, Font::Bold), (&stub.time, Font::Regular)];
        y = self.block("When", &when, width, y);
        let place = [(&stub.place, Font::Bold), (&stub.address, Font::Regular)];
        y = self.block("Where", &place, width, y);
        self.block(
            "Ticket for",
            &[(&stub.holder, Font::Bold), (&stub.kind, Font::Regular)],
            width,
            y,
        );
    }

    /// A label and its lines; where the next block begins.
    fn block(&mut self, label: &str, rows: &[(&String, Font)], width: f32, y: f32) -> f32 {
        self.fill(SOFT);
        let mut y = self.lines(label, Font::Regular, 8.5, (width, 1), y) - 3.0;
        self.fill(INK);
        for ((text, font), most) in rows.iter().zip([2, 1]) {
            y = self.lines(text, *font, 11.5, (width, most), y) - 1.0;
        }
        y - 7.0
    }

    /// The code for the scanner, and the one for typing, on the part for the door.
    fn side(&mut self, stub: &Stub) {
        let middle = f32::midpoint(TEAR, PAGE.0 - LEFT);
        self.fill((0.0, 0.0, 0.0));
        self.qr(&stub.qr, (middle - QR / 2.0, TOP - BAND - 22.0));
        self.fill(INK);
        let y = TOP - BAND - 22.0 - QR - 30.0;
        self.centred(&grouped(&stub.code), Font::Bold, 17.0, (middle, y));
        self.fill(SOFT);
        let about = stub.void.unwrap_or("Lets one person in, once");
        self.centred(about, Font::Regular, 9.0, (middle, y - 18.0));
    }

    /// What helps the holder, below the card.
    fn foot(&mut self, stub: &Stub) {
        self.fill(SOFT);
        let text = "Show the square code at the door, on paper or on a phone. Whoever shows it first gets in: \
            do not post pictures of it.";
        let width = PAGE.0 - 2.0 * LEFT;
        let mut y = BOTTOM - 26.0;
        for line in text::wrap(self.faces, text, Font::Regular, 9.5, (width, 3)) {
            self.draw(&line, 9.5, (LEFT, y));
            y -= 13.0;
        }
        let order = format!("Order {}", stub.order);
        self.line(&order, Font::Regular, 8.5, (LEFT, y - 5.0));
    }

    /// Lines below each other; the base line of what may follow.
    fn lines(&mut self, text: &str, font: Font, size: f32, room: (f32, usize), mut y: f32) -> f32 {
        for line in text::wrap(self.faces, text, font, size, room) {
            self.draw(&line, size, (LEFT + INSET, y));
            y -= size * 1.25;
        }
        y
    }

    fn line(&mut self, text: &str, font: Font, size: f32, at: (f32, f32)) {
        let line = text::set(self.faces, text, font, size);
        self.draw(&line, size, at);
    }

    fn centred(&mut self, text: &str, font: Font, size: f32, (middle, y): (f32, f32)) {
        let line = text::set(self.faces, text, font, size);
        self.draw(&line, size, (middle - line.width / 2.0, y));
    }

    fn draw(&mut self, line: &Line, size: f32, (x, y): (f32, f32)) {
        self.content.begin_text();
        let mut font = None;
        for glyph in &line.glyphs {
            if font.replace(glyph.font) != Some(glyph.font) {
                self.content
                    .set_font(Name(name_of(glyph.font).as_bytes()), size);
            }
            let known = self.used.entry(glyph.font).or_default();
            let stands_for = known.entry(glyph.id).or_default();
            // Glyph 0 is the box for what no font has; it stands for nothing.
            if stands_for.is_empty() && glyph.id != 0 {
                stands_for.clone_from(&glyph.text);
            }
            let matrix = [1.0, 0.0, 0.0, 1.0, x + glyph.x, y + glyph.y];
            self.content.set_text_matrix(matrix);
            self.content.show(Str(&glyph.id.to_be_bytes()));
        }
        self.content.end_text();
    }

    /// The dark modules as rectangles, those beside each other as one.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a QR code has at most 177 modules a side"
    )]
    fn qr(&mut self, code: &QRCode, (left, top): (f32, f32)) {
        let side = QR / code.size as f32;
        for row in 0..code.size {
            let mut column = 0;
            while column < code.size {
                let dark = (column..code.size)
                    .take_while(|at| code[row][*at].value())
                    .count();
                if dark > 0 {
                    let (x, y) = (left + column as f32 * side, top - (row + 1) as f32 * side);
                    self.content.rect(x, y, dark as f32 * side, side);
                }
                column += dark.max(1);
            }
        }
        self.content.fill_nonzero();
    }
}

/// `ABCDE FGHIJ`: five at a time are easier to read out.
fn grouped(code: &str) -> String {
    let symbols: Vec<char> = code.chars().collect();
    let groups = symbols
        .chunks(5)
        .map(|group| group.iter().collect::<String>());
    groups.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
