//! The card of a mixtape, to be printed or sent: cover, title and QR code on the paper of a J-card. The code itself
//! is made in `qr`; files and addresses come from outside.

use image::RgbImage;
use model::{Millis, Mixtape};

use crate::Error;
use crate::drawing::{Colour, Drawing, Square};
use crate::lettering::{Align, Face, Lettered, Room, Style, letter};
use crate::qr::{Code, QUIET, draw_mark};

/// The width for which the measures below are.
const DESIGNED_FOR: f32 = 800.0;
const MARGIN: f32 = 48.0;
/// From one ruled line to the next.
const RULE: f32 = 60.0;
/// The part of the width that is the code's when it stands beside the lines.
const CODE_BESIDE: f32 = 0.42;
/// The part of the width that is the code's when it stands alone.
const CODE_ALONE: f32 = 0.64;
/// With fewer pixels a module the code takes the whole width.
const PIXELS_TO_SHARE: u32 = 3;

/// What stands on a card.
#[derive(Debug)]
pub struct Card<'a> {
    /// Where the code leads.
    pub address: &'a str,
    /// The width in pixels; the height is what it takes.
    pub width: u32,
    /// Title, maker, number of tracks and length.
    pub label: Option<Label<'a>>,
    /// The picture on top.
    pub cover: Option<RgbImage>,
    /// Whether the code may carry our mark.
    pub mark: bool,
}

/// What is written on a card.
#[derive(Debug, Clone, Copy)]
pub struct Label<'a> {
    /// The title of the mixtape.
    pub title: &'a str,
    /// Who made it; may be empty.
    pub creator: &'a str,
    /// The number of tracks.
    pub tracks: usize,
    /// How long it plays, as far as is known.
    pub total: Millis,
}

impl<'a> Label<'a> {
    /// The label of a mixtape.
    #[must_use]
    pub fn of(mixtape: &'a Mixtape) -> Self {
        Self {
            title: &mixtape.title,
            creator: &mixtape.creator_name,
            tracks: mixtape.tracks.len(),
            total: mixtape.total(),
        }
    }

    /// As in "12 tracks · 47:05".
    pub(crate) fn contents(&self) -> String {
        let tracks = if self.tracks == 1 { "1 track".to_owned() } else { format!("{} tracks", self.tracks) };
        if self.total == Millis(0) { tracks } else { format!("{tracks} · {}", self.total) }
    }
}

impl Card<'_> {
    /// Draws the card. Takes a while where the cover is large: not for an async thread.
    ///
    /// # Errors
    /// [`Error::AddressTooLong`].
    pub fn draw(self) -> Result<Drawing, Error> {
        let mut sheet = Sheet {
            unit: self.width.max(1) as f32 / DESIGNED_FOR,
            drawing: Drawing::new(self.width, 1, Colour::PAPER),
            down: 0.0,
        };
        if let Some(cover) = self.cover {
            let side = sheet.drawing.width();
            sheet.drawing.photograph(Square { left: 0, top: 0, side }, cover);
            sheet.down = side as f32;
        }
        sheet.stripes();
        if let Some(label) = &self.label {
            sheet.title(label.title);
        }
        let pixels = |part: f32| whole(sheet.drawing.width() as f32 * part);
        let (beside, alone) = (pixels(CODE_BESIDE), pixels(CODE_ALONE));
        let shared = if self.label.is_some() { beside } else { alone };
        let code = Code::of(self.address, shared, self.mark)?;
        if shared / code.whole_side() < PIXELS_TO_SHARE {
            let side = sheet.drawing.width();
            if let Some(label) = &self.label {
                sheet.lines(label, sheet.unit * (DESIGNED_FOR - 2.0 * MARGIN), 0.0);
            }
            sheet.code(&Code::of(self.address, side, self.mark)?, side);
        } else if let Some(label) = &self.label {
            sheet.lines_and_code(label, &code, shared / code.whole_side());
        } else {
            sheet.down += 24.0 * sheet.unit;
            sheet.code(&code, alone);
            sheet.down += 24.0 * sheet.unit;
        }
        let height = whole(sheet.down.ceil());
        sheet.drawing.set_height(height);
        Ok(sheet.drawing)
    }
}

/// A card that is filled from top to bottom.
struct Sheet {
    /// Pixels for one of the designed ones.
    unit: f32,
    drawing: Drawing,
    /// Where the next thing goes.
    down: f32,
}

impl Sheet {
    /// The stripes of a cassette's label, over the whole width.
    fn stripes(&mut self) {
        let width = self.drawing.width() as f32;
        for (height, gap, colour) in [(18.0, 6.0, Colour::RUST), (4.0, 0.0, Colour::TAPE)] {
            let height = (height * self.unit).round();
            self.drawing.rectangle(0.0, self.down, width, height, colour);
            self.down += height + (gap * self.unit).round();
        }
    }

    fn title(&mut self, title: &str) {
        let unit = self.unit;
        let style = Style {
            face: Face::Display,
            largest: 72.0 * unit,
            smallest: 34.0 * unit,
            lines: 3,
            leading: 1.1,
            align: Align::Start,
        };
        let text = letter(title, Room::of_width((DESIGNED_FOR - 2.0 * MARGIN) * unit), &style);
        self.down += 36.0 * unit;
        let height = text.height;
        self.drawing.write(text, MARGIN * unit, self.down, Colour::INK);
        self.down += height + 20.0 * unit;
    }

    /// Ruled lines with maker and contents on them, then empty ones as far down as `until`.
    fn lines(&mut self, label: &Label<'_>, width: f32, until: f32) {
        let unit = self.unit;
        let text = |face, words: &str, largest: f32| {
            let (largest, smallest) = (largest * unit, 19.0 * unit);
            let style = Style { face, largest, smallest, lines: 2, leading: 1.25, align: Align::Start };
            letter(words, Room::of_width(width), &style)
        };
        if !label.creator.is_empty() {
            self.line(Some((text(Face::Strong, label.creator, 30.0), Colour::INK)), width);
        }
        self.line(Some((text(Face::Text, &label.contents(), 25.0), Colour::INK_SOFT)), width);
        self.line(Some((text(Face::Text, "Scan to listen", 25.0), Colour::INK_SOFT)), width);
        while self.down + RULE * unit <= until {
            self.line(None, width);
        }
    }

    /// One ruled line with what is written on it.
    fn line(&mut self, words: Option<(Lettered, Colour)>, width: f32) {
        let (unit, left) = (self.unit, MARGIN * self.unit);
        let mut height = RULE * unit;
        if let Some((text, colour)) = words {
            height = height.max(text.height + 18.0 * unit);
            // The words stand on the line.
            let top = self.down + height - text.height - 7.0 * unit;
            self.drawing.write(text, left, top, colour);
        }
        self.down += height;
        self.drawing.rectangle(left, self.down - 1.5 * unit, width, 1.5 * unit, Colour::RULE);
    }

    /// The lines on the left, the code on the right; its edge, not that of its margin, stands where the lines of a
    /// title would end.
    fn lines_and_code(&mut self, label: &Label<'_>, code: &Code, module: u32) {
        let (unit, margin) = (self.unit, MARGIN * self.unit);
        let (side, free) = (code.side() * module, (QUIET * module) as f32);
        let left = (self.drawing.width() as f32 - margin).floor() - side as f32;
        let top = (self.down + free.max(24.0 * unit)).floor();
        code.draw_modules(&mut self.drawing, left, top, module as f32);
        let bottom = top + side as f32;
        self.lines(label, left - free.max(32.0 * unit) - margin, bottom - 76.0 * unit);
        let mark = 60.0 * unit;
        let foot = self.down + 16.0 * unit;
        let mark_top = foot.max(bottom - mark * 0.91);
        draw_mark(&mut self.drawing, margin, mark_top, mark);
        self.down = (mark_top + mark).max(bottom) + margin;
    }

    /// The code alone, in the middle.
    fn code(&mut self, code: &Code, side: u32) {
        let (left, top) = ((self.drawing.width() - side) / 2, whole(self.down.ceil()));
        code.draw(&mut self.drawing, Square { left, top, side });
        self.down = (top + side) as f32;
    }
}

/// Whole pixels; never negative here.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // cards are a few thousand pixels high
const fn whole(pixels: f32) -> u32 {
    pixels as u32
}

#[cfg(test)]
mod tests;
