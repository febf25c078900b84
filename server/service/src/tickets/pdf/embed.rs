//! Fonts in a PDF: composite fonts (ISO 32000-1, 9.7) whose codes are the glyphs' ids, with the
//! outlines of the glyphs that are used, and what each stands for, so that text can be copied,
//! searched and read out.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
};

use flate2::{Compression, write::ZlibEncoder};
use pdf_writer::{
    Filter, Finish as _, Name, Pdf, Rect, Ref, Str,
    types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap},
};
use rustybuzz::{
    Face,
    ttf_parser::{GlyphId, RawFace, Tag},
};

/// The glyphs of a font that are used, with what they stand for.
pub(super) type Used = BTreeMap<u16, String>;

/// Ids of the objects that one font takes.
pub(super) const OBJECTS: i32 = 5;

/// Writes a font; `first` is the id that pages know it by.
pub(super) fn write(
    pdf: &mut Pdf,
    first: Ref,
    name: &str,
    face: &Face<'_>,
    file: &[u8],
    used: &Used,
) {
    let id = |offset: i32| Ref::new(first.get() + offset);
    let (cid_id, descriptor_id, cmap_id, file_id) = (id(1), id(2), id(3), id(4));
    let name = Name(name.as_bytes());
    pdf.type0_font(first)
        .base_font(name)
        .encoding_predefined(Name(b"Identity-H"))
        .descendant_font(cid_id)
        .to_unicode(cmap_id);
    let mut cid = pdf.cid_font(cid_id);
    cid.subtype(CidFontType::Type2)
        .base_font(name)
        .system_info(identity())
        .font_descriptor(descriptor_id)
        .cid_to_gid_map_predefined(Name(b"Identity"));
    let mut widths = cid.widths();
    for glyph in used.keys() {
        let width = face.glyph_hor_advance(GlyphId(*glyph)).unwrap_or_default();
        widths.consecutive(*glyph, [thousandths(face, i32::from(width))]);
    }
    widths.finish();
    cid.finish();
    describe(pdf, descriptor_id, name, face, file_id);
    let cmap = to_unicode(used);
    pdf.cmap(cmap_id, &packed(&cmap))
        .filter(Filter::FlateDecode);
    let font = subset(file, used.keys().copied()).unwrap_or_else(|| file.to_vec());
    let data = packed(&font);
    let mut stream = pdf.stream(file_id, &data);
    stream.filter(Filter::FlateDecode);
    stream.pair(
        Name(b"Length1"),
        i32::try_from(font.len()).unwrap_or(i32::MAX),
    );
}

fn identity() -> SystemInfo<'static> {
    SystemInfo {
        registry: Str(b"Adobe"),
        ordering: Str(b"Identity"),
        supplement: 0,
    }
}

fn describe(pdf: &mut Pdf, id: Ref, name: Name<'_>, face: &Face<'_>, file: Ref) {
    let of = |units: i16| thousandths(face, i32::from(units));
    let bounds = face.global_bounding_box();
    let bounds = Rect::new(
        of(bounds.x_min),
        of(bounds.y_min),
        of(bounds.x_max),
        of(bounds.y_max),
    );
    pdf.font_descriptor(id)
        .name(name)
        .flags(FontFlags::SYMBOLIC)
        .bbox(bounds)
        .italic_angle(0.0)
        .ascent(of(face.ascender()))
        .descent(of(face.descender()))
        .cap_height(of(face.capital_height().unwrap_or(face.ascender())))
        .stem_v(80.0)
        .font_file2(file);
}

#[expect(clippy::cast_precision_loss, reason = "units of a font are small")]
fn thousandths(face: &Face<'_>, units: i32) -> f32 {
    units as f32 * 1000.0 / face.units_per_em() as f32
}

fn to_unicode(used: &Used) -> Vec<u8> {
    let mut cmap = UnicodeCmap::<u16>::new(Name(b"Custom"), identity());
    for (glyph, text) in used.iter().filter(|(_, text)| !text.is_empty()) {
        cmap.pair_with_multiple(*glyph, text.chars());
    }
    cmap.finish().as_slice().to_vec()
}

/// Compressed as `FlateDecode` wants it.
pub(super) fn packed(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = encoder.write_all(data);
    encoder.finish().unwrap_or_default()
}

/// A font file with the outlines of these glyphs alone. Ids stay as they are; what is left of
/// the tables is mostly zeros, which take no room.
pub(super) fn subset(file: &[u8], glyphs: impl Iterator<Item = u16>) -> Option<Vec<u8>> {
    let font = RawFace::parse(file, 0).ok()?;
    let table = |name: &[u8; 4]| font.table(Tag::from_bytes(name));
    let (mut head, loca, glyf) = (table(b"head")?.to_vec(), table(b"loca")?, table(b"glyf")?);
    let outlines = Outlines {
        is_long: *head.get(51)? == 1,
        loca,
        glyf,
    };
    let kept = outlines.with_parts(glyphs.chain([0]).collect());
    let count = u16::from_be_bytes(table(b"maxp")?.get(4..6)?.try_into().ok()?);
    let (mut new_glyf, mut new_loca) = (Vec::new(), Vec::new());
    for glyph in 0..count {
        new_loca.extend(u32::try_from(new_glyf.len()).ok()?.to_be_bytes());
        if kept.contains(&glyph) {
            new_glyf.extend(outlines.of(glyph)?);
            new_glyf.resize(new_glyf.len().next_multiple_of(4), 0);
        }
    }
    new_loca.extend(u32::try_from(new_glyf.len()).ok()?.to_be_bytes());
    // Long offsets now, whatever they were.
    head[51] = 1;
    let mut tables = BTreeMap::from([(*b"head", head), (*b"loca", new_loca), (*b"glyf", new_glyf)]);
    for name in [b"hhea", b"maxp", b"hmtx", b"cvt ", b"fpgm", b"prep"] {
        if let Some(data) = table(name) {
            tables.insert(*name, data.to_vec());
        }
    }
    assemble(&tables)
}

struct Outlines<'a> {
    is_long: bool,
    loca: &'a [u8],
    glyf: &'a [u8],
}

impl<'a> Outlines<'a> {
    fn offset(&self, glyph: usize) -> Option<usize> {
        if self.is_long {
            let bytes = self.loca.get(glyph * 4..glyph * 4 + 4)?;
            usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
        } else {
            let bytes = self.loca.get(glyph * 2..glyph * 2 + 2)?;
            Some(usize::from(u16::from_be_bytes(bytes.try_into().ok()?)) * 2)
        }
    }

    fn of(&self, glyph: u16) -> Option<&'a [u8]> {
        let glyph = usize::from(glyph);
        self.glyf.get(self.offset(glyph)?..self.offset(glyph + 1)?)
    }

    /// The glyphs and those that they are put together of.
    fn with_parts(&self, mut open: Vec<u16>) -> BTreeSet<u16> {
        let mut kept = BTreeSet::new();
        while let Some(glyph) = open.pop() {
            if kept.insert(glyph) {
                open.extend(self.of(glyph).map(parts).unwrap_or_default());
            }
        }
        kept
    }
}

/// The parts of a composite glyph (OpenType, `glyf` table).
fn parts(outline: &[u8]) -> Vec<u16> {
    const WORDS: u16 = 0x1;
    const SCALE: u16 = 0x8;
    const MORE: u16 = 0x20;
    const TWO_SCALES: u16 = 0x40;
    const MATRIX: u16 = 0x80;
    let number = |at: usize| {
        let bytes = outline.get(at..at + 2)?;
        Some(u16::from_be_bytes([bytes[0], bytes[1]]))
    };
    let mut parts = Vec::new();
    let is_composite = number(0).is_some_and(|contours| contours.cast_signed() < 0);
    let mut at = 10;
    while let (true, Some(flags), Some(part)) = (is_composite, number(at), number(at + 2)) {
        parts.push(part);
        let scales = match flags {
            _ if flags & SCALE != 0 => 2,
            _ if flags & TWO_SCALES != 0 => 4,
            _ if flags & MATRIX != 0 => 8,
            _ => 0,
        };
        at += 4 + if flags & WORDS != 0 { 4 } else { 2 } + scales;
        if flags & MORE == 0 {
            break;
        }
    }
    parts
}

/// A font file of tables (OpenType, "Organization of an OpenType Font").
fn assemble(tables: &BTreeMap<[u8; 4], Vec<u8>>) -> Option<Vec<u8>> {
    let count = u16::try_from(tables.len()).ok()?;
    let power = count.ilog2();
    let range = 16 * (1_u16 << power);
    let mut file = 0x0001_0000_u32.to_be_bytes().to_vec();
    for number in [count, range, u16::try_from(power).ok()?, count * 16 - range] {
        file.extend(number.to_be_bytes());
    }
    let mut offset = 12 + 16 * tables.len();
    for (name, data) in tables {
        file.extend(name);
        file.extend(checksum(data).to_be_bytes());
        file.extend(u32::try_from(offset).ok()?.to_be_bytes());
        file.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
        offset += data.len().next_multiple_of(4);
    }
    for data in tables.values() {
        file.extend(data);
        file.resize(file.len().next_multiple_of(4), 0);
    }
    Some(file)
}

fn checksum(data: &[u8]) -> u32 {
    let words = data.chunks(4).map(|chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        u32::from_be_bytes(word)
    });
    words.fold(0, u32::wrapping_add)
}
