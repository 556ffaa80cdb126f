//! Lettering: lays a text of any script out in a box and makes it one shape, so that a picture needs no fonts.
//! Nothing is ever cut off. Which texts go where is decided by those who draw.

mod fonts;

use std::ops::Range;

use cosmic_text::skrifa::outline::{DrawSettings, OutlinePen};
use cosmic_text::skrifa::prelude::Size;
use cosmic_text::skrifa::{FontRef, GlyphId, MetadataProvider};
use cosmic_text::{Attrs, Buffer, Family, Metrics, Shaping, Wrap};
use tiny_skia::{Path, PathBuilder, Transform};

use fonts::Fonts;

/// From one size to the next smaller one.
const STEP: f32 = 0.92;

/// The least leading of scripts that reach higher or deeper than Latin, or fill their square.
const LEADING_OF_TALL: f32 = 1.28;

/// A typeface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// For titles: Fraunces.
    Display,
    /// For everything else: Inter.
    Text,
    /// Inter in bold.
    Strong,
}

impl Face {
    const fn family(self) -> &'static str {
        match self {
            Self::Display => fonts::DISPLAY,
            Self::Text => fonts::TEXT,
            Self::Strong => fonts::STRONG,
        }
    }
}

/// Where lines begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Where the text's script begins: Latin on the left, Arabic on the right.
    Start,
    /// In the middle.
    Centre,
}

/// How a text is set; sizes are in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// The typeface; signs that it lacks are taken from others.
    pub face: Face,
    /// The size that is tried first.
    pub largest: f32,
    /// The size at which it stops shrinking and takes more lines instead, and breaks words.
    pub smallest: f32,
    /// As many lines as it may take before it shrinks.
    pub lines: usize,
    /// From one line to the next, in sizes.
    pub leading: f32,
    /// Where lines begin.
    pub align: Align,
}

/// The box for a text, in pixels.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// The width; no letter reaches beyond it.
    pub width: f32,
    /// The height; infinite where the text may take what it needs.
    pub height: f32,
}

impl Room {
    /// A box that grows downwards.
    #[must_use]
    pub const fn of_width(width: f32) -> Self {
        Self { width, height: f32::INFINITY }
    }
}

/// A text that was laid out.
#[derive(Debug, Clone)]
pub struct Lettered {
    /// The height that it takes, at least that of its lines.
    pub height: f32,
    /// The size that it is set in.
    pub size: f32,
    /// How many lines it has.
    pub lines: usize,
    path: Option<Path>,
}

impl Lettered {
    /// All letters as one shape, from the upper left corner of the box; `None` where there is nothing to see.
    #[must_use]
    pub fn into_path(self) -> Option<Path> {
        self.path
    }

    /// What the letters cover: left, top, right and bottom.
    #[must_use]
    pub fn bounds(&self) -> Option<[f32; 4]> {
        let bounds = self.path.as_ref()?.compute_tight_bounds()?;
        Some([bounds.left(), bounds.top(), bounds.right(), bounds.bottom()])
    }
}

/// Lays out a text in a box. It is set as large as the style allows, in lines of about the same length; what is too
/// long shrinks, then takes more lines, and what even then does not fit is made smaller as a whole. Line breaks in
/// the text count as spaces.
#[must_use]
pub fn letter(text: &str, room: Room, style: &Style) -> Lettered {
    let text = text.split(|sign: char| sign.is_whitespace() || sign.is_control()).filter(|word| !word.is_empty());
    let text = text.collect::<Vec<_>>().join(" ");
    let mut fonts = fonts::fonts();
    let mut page = Page::new(&mut fonts, &text, style);
    let mut size = style.largest;
    let mut extent = page.set(size, room.width);
    while !extent.fits(room, style) && size > style.smallest {
        size = (size * STEP).max(style.smallest);
        extent = page.set(size, room.width);
    }
    let mut width = room.width;
    if extent.widest > room.width {
        page.buffer.set_wrap(Wrap::WordOrGlyph);
        extent = page.set(size, room.width);
    } else if extent.lines > 1 {
        width = page.balance(size, room.width, &extent);
    }
    // Narrower lines are moved back to where they belong in the whole width.
    let shift = match style.align {
        Align::Centre => (room.width - width) / 2.0,
        Align::Start if extent.from_right => room.width - width,
        Align::Start => 0.0,
    };
    let path = page.outlines(size, shift);
    inside(Lettered { height: extent.height, size, lines: extent.lines, path }, room)
}

/// Moves and scales what reaches beyond its box: tall marks, long tails, a letter wider than the box.
fn inside(mut lettered: Lettered, room: Room) -> Lettered {
    let Some([left, top, right, bottom]) = lettered.bounds() else { return lettered };
    let above = (-top).max(0.0);
    lettered.height = lettered.height.max(bottom) + above;
    let scale = (room.width / (right - left)).min(room.height / lettered.height).min(1.0);
    let aside = if (right - left) * scale >= room.width || left * scale < 0.0 {
        -left * scale
    } else {
        (room.width - right * scale).min(0.0)
    };
    lettered.height *= scale;
    lettered.size *= scale;
    let moved = Transform::from_row(scale, 0.0, 0.0, scale, aside, above * scale);
    lettered.path = lettered.path.and_then(|path| path.transform(moved));
    lettered
}

/// What the lines of a text take.
#[derive(Debug, Clone, Copy)]
struct Extent {
    lines: usize,
    widest: f32,
    height: f32,
    from_right: bool,
}

impl Extent {
    fn fits(&self, room: Room, style: &Style) -> bool {
        self.widest <= room.width && self.height <= room.height && self.lines <= style.lines
    }
}

/// A text with the letters for all of its signs.
struct Page<'a> {
    fonts: &'a mut Fonts,
    buffer: Buffer,
    leading: f32,
}

impl<'a> Page<'a> {
    fn new(fonts: &'a mut Fonts, text: &str, style: &Style) -> Self {
        let leading = if text.chars().all(is_low) { style.leading } else { style.leading.max(LEADING_OF_TALL) };
        let metrics = Metrics::new(style.largest, style.largest * leading);
        let align = match style.align {
            Align::Start => None,
            Align::Centre => Some(cosmic_text::Align::Center),
        };
        let plain = Attrs::new().family(Family::Name(style.face.family()));
        let mut buffer = Buffer::new_empty(metrics);
        // A word is broken only when nothing else helps.
        buffer.set_wrap(Wrap::Word);
        buffer.set_text(text, &plain, Shaping::Advanced, align);
        buffer.shape_until_scroll(&mut fonts.system, false);
        let missing = missing(&buffer);
        if !missing.is_empty() {
            let spans = fonts.spell(text, &missing, style.face.family());
            let spans = spans.iter().map(|span| (span.text.as_str(), plain.clone().family(Family::Name(span.family))));
            buffer.set_rich_text(spans, &plain, Shaping::Advanced, align);
        }
        Self { fonts, buffer, leading }
    }

    /// Breaks the lines anew.
    fn set(&mut self, size: f32, width: f32) -> Extent {
        self.buffer.set_metrics_and_size(Metrics::new(size, size * self.leading), Some(width), None);
        self.buffer.shape_until_scroll(&mut self.fonts.system, false);
        let mut extent = Extent { lines: 0, widest: 0.0, height: 0.0, from_right: false };
        for run in self.buffer.layout_runs() {
            extent.lines += 1;
            extent.widest = extent.widest.max(run.line_w);
            extent.height = run.line_top + run.line_height;
            extent.from_right = run.rtl;
        }
        extent
    }

    /// Makes the lines about equally long: the least width that does not take another line.
    fn balance(&mut self, size: f32, width: f32, whole: &Extent) -> f32 {
        let (mut too_narrow, mut enough) = (0.0, width);
        for _ in 0..8 {
            let middle = f32::midpoint(too_narrow, enough);
            let extent = self.set(size, middle);
            if extent.lines <= whole.lines && extent.widest <= middle {
                enough = middle;
            } else {
                too_narrow = middle;
            }
        }
        self.set(size, enough);
        enough
    }

    /// All letters at their places.
    fn outlines(&mut self, size: f32, shift: f32) -> Option<Path> {
        let mut path = PathBuilder::new();
        for run in self.buffer.layout_runs() {
            let mut letter_left = 0.0;
            for glyph in run.glyphs {
                let Some((font, index)) = self.fonts.font(glyph.font_id) else { continue };
                let Ok(font) = FontRef::from_index(font.data(), index) else { continue };
                let Some(outline) = font.outline_glyphs().get(GlyphId::from(glyph.glyph_id)) else { continue };
                let x = shift + glyph.x + glyph.font_size * glyph.x_offset;
                let y = run.line_y + glyph.y - glyph.font_size * glyph.y_offset;
                // What variable fonts show by default may be far from regular.
                let location = font.axes().location([("wght", 400.0)]);
                let mut pen = Pen { path: PathBuilder::new(), x, y };
                // A glyph that is damaged in its font is left out.
                let _ = outline.draw(DrawSettings::unhinted(Size::new(size), &location), &mut pen);
                let Some(mut drawn) = pen.path.finish() else { continue };
                if glyph.w > 0.0 {
                    letter_left = x;
                } else if self.fonts.is_last_resort(glyph.font_id) && drawn.bounds().left() < letter_left {
                    // Its marks expect letters of double width, and some letters are narrow.
                    let back = letter_left - drawn.bounds().left();
                    drawn = drawn.transform(Transform::from_translate(back, 0.0))?;
                }
                path.push_path(&drawn);
            }
        }
        path.finish()
    }
}

/// Latin, Greek, Cyrillic and their punctuation.
const fn is_low(sign: char) -> bool {
    matches!(sign, '\0'..='\u{52f}' | '\u{1e00}'..='\u{20cf}')
}

/// The parts of a text for which no font has a letter.
fn missing(buffer: &Buffer) -> Vec<Range<usize>> {
    let glyphs = buffer.layout_runs().flat_map(|run| run.glyphs);
    glyphs.filter(|glyph| glyph.glyph_id == 0).map(|glyph| glyph.start..glyph.end).collect()
}

/// Draws at a place; in fonts, up is positive.
struct Pen {
    path: PathBuilder,
    x: f32,
    y: f32,
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.x + x, self.y - y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.x + x, self.y - y);
    }

    fn quad_to(&mut self, by_x: f32, by_y: f32, x: f32, y: f32) {
        self.path.quad_to(self.x + by_x, self.y - by_y, self.x + x, self.y - y);
    }

    fn curve_to(&mut self, first_x: f32, first_y: f32, second_x: f32, second_y: f32, x: f32, y: f32) {
        let (first, second) = ((self.x + first_x, self.y - first_y), (self.x + second_x, self.y - second_y));
        self.path.cubic_to(first.0, first.1, second.0, second.1, self.x + x, self.y - y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests;
