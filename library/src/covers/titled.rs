//! The picture that messengers and other sites show with the link of a mixtape: its cover, title, maker and length on the
//! paper of a J-card (OpenGraph, 1200 × 630). The cover alone on such paper is in `preview`.

use image::{Rgb, RgbImage};
use model::Mixtape;
use sha2::{Digest, Sha256};

use super::preview::{PREVIEW_HEIGHT, PREVIEW_WIDTH, STRIPE, fold, lay, sheet};
use super::{Cover, Covers, Encoding, MAIN_SIDE, Stem, decode, encode};
use crate::Error;
use crate::card::Label;
use crate::drawing::{Colour, Drawing};
use crate::lettering::{Align, Face, Room, Style, letter};
use crate::qr::draw_mark;

/// Raised when the pictures look different, so that those that were kept are not used again.
const VERSION: u8 = 1;

/// How much of the sheet is paper, in 255ths: ink can be read on whatever cover.
const PAPER_SHARE: u16 = 222;

/// The side of the cover.
const COVER: u32 = 486;

/// Between the fold, the cover, the words and the right edge.
const GAP: u32 = 64;

/// The side of our mark.
const MARK: f32 = 76.0;

/// The height of the line with the facts, and of what stands on it.
const FOOT: f32 = 92.0;

/// What tells one such picture from another, for addresses: another one for another cover, title, maker or length.
#[must_use]
pub fn preview_version(mixtape: &Mixtape) -> String {
    stem(mixtape).0[..16].to_owned()
}

fn stem(mixtape: &Mixtape) -> Stem {
    let label = Label::of(mixtape);
    let mut hash = Sha256::new_with_prefix([VERSION]);
    for text in [mixtape.cover.as_deref().unwrap_or_default(), label.title, label.creator, &label.contents()] {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    }
    Stem::of_hash(hash)
}

impl Covers {
    /// The picture for the link of a mixtape, as a JPEG. Where the cover is not there or cannot be read, it is made without.
    ///
    /// # Errors
    /// When a thread is gone, or there is not enough memory.
    pub async fn preview_of(&self, mixtape: &Mixtape) -> Result<Cover, Error> {
        let stem = stem(mixtape);
        let main = match &mixtape.cover {
            Some(file) => self.main_of_mixtape(file).await?,
            None => None,
        };
        let etag = format!("\"{}-titled\"", stem.0);
        let mixtape = mixtape.clone();
        let made = self.made_once(self.place(&stem, "titled.jpg"), move || {
            let cover = main.and_then(|main| decode::decode(&std::fs::read(main.path).ok()?, MAIN_SIDE).ok());
            encode::fine_jpeg(&draw(cover, &Label::of(&mixtape))?)
        });
        let bytes = made.await?.map_err(Error::DamagedPicture)?;
        Ok(Cover { bytes, encoding: Encoding::Jpeg, etag })
    }
}

fn draw(cover: Option<RgbImage>, label: &Label<'_>) -> Result<RgbImage, String> {
    let cover = cover.map_or_else(blank, Ok)?;
    let mut picture = sheet(&cover, PAPER_SHARE)?;
    lay(&mut picture, cover, STRIPE + GAP, COVER)?;
    fold(&mut picture);
    write(label, STRIPE + GAP + COVER + GAP).print_on(&mut picture).map_err(|error| error.to_string())?;
    Ok(picture)
}

/// What the pages show of a tape without a cover: two reels and a stripe.
fn blank() -> Result<RgbImage, String> {
    let side = COVER as f32;
    let mut drawing = Drawing::new(COVER, COVER, Colour::RULE);
    for (across, radius) in [(0.32, 0.14), (0.68, 0.11)] {
        drawing.circle(side * across, side * 0.5, side * radius, Colour::TAPE);
        drawing.circle(side * across, side * 0.5, side * 0.058, Colour::PAPER);
    }
    drawing.rectangle(0.0, side * 0.73, side, side * 0.06, Colour::RUST);
    let Colour(ground) = Colour::RULE;
    let mut picture = RgbImage::from_pixel(COVER, COVER, Rgb(ground));
    drawing.print_on(&mut picture).map_err(|error| error.to_string())?;
    Ok(picture)
}

/// The words from this column on: what it is and by whom, the title, and on a line below what is on it.
fn write(label: &Label<'_>, left: u32) -> Drawing {
    let mut drawing = Drawing::new(PREVIEW_WIDTH, PREVIEW_HEIGHT, Colour::PAPER);
    let width = (PREVIEW_WIDTH - left - GAP) as f32;
    let left = left as f32;
    let top = ((PREVIEW_HEIGHT - COVER) / 2) as f32;
    let bottom = top + COVER as f32;
    let style = |face, largest, smallest, lines, leading| Style {
        face,
        largest,
        smallest,
        lines,
        leading,
        align: Align::Start,
    };

    let kind =
        if label.creator.is_empty() { "A mixtape".to_owned() } else { format!("A mixtape by {}", label.creator) };
    let kind = letter(&kind, Room { width, height: 84.0 }, &style(Face::Strong, 30.0, 22.0, 2, 1.3));
    let title_top = top + kind.height + 14.0;
    drawing.write(kind, left, top, Colour::RUST);

    let foot = bottom - FOOT;
    let room = Room { width, height: foot - 24.0 - title_top };
    let title = letter(label.title, room, &style(Face::Display, 84.0, 30.0, 4, 1.08));
    drawing.write(title, left, title_top, Colour::INK);

    drawing.rectangle(left, foot, width, 2.0, Colour::INK);
    let room = Room { width: width - MARK - 24.0, height: 60.0 };
    let facts = letter(&label.contents(), room, &style(Face::Text, 32.0, 20.0, 1, 1.3));
    let facts_top = foot + (FOOT - facts.height) / 2.0;
    drawing.write(facts, left, facts_top, Colour::INK_SOFT);
    draw_mark(&mut drawing, left + width - MARK, foot + 20.0, MARK);
    drawing
}

#[cfg(test)]
mod tests {
    use model::Millis;

    use super::*;

    /// The dark pixels right of the cover and outside of a frame around the words.
    fn stray(picture: &RgbImage) -> usize {
        const LEFT: u32 = STRIPE + GAP + COVER + GAP;
        let is_dark = |pixel: &Rgb<u8>| pixel.0.iter().all(|part| *part < 120);
        let is_inside = |x: u32, y: u32| (LEFT - 4..PREVIEW_WIDTH - GAP + 4).contains(&x) && (68..562).contains(&y);
        let pixels = picture.enumerate_pixels().filter(|(x, _, _)| *x >= LEFT - GAP / 2);
        pixels.filter(|(x, y, pixel)| !is_inside(*x, *y) && is_dark(pixel)).count()
    }

    #[test]
    fn titles_of_any_length_and_script_stay_inside() {
        let long = "Donaudampfschifffahrtsgesellschaftskapitän ".repeat(4) + "und so weiter und so fort";
        for title in
            ["Ohio", &long, "夏の終わりのミックステープ 🌻", "شريط مختلط", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW"]
        {
            let label = Label { title, creator: &"Ada Lovelace ".repeat(7), tracks: 12, total: Millis(2_825_000) };
            let cover = RgbImage::from_pixel(100, 80, Rgb([240, 230, 210]));
            for picture in [draw(Some(cover), &label).unwrap(), draw(None, &label).unwrap()] {
                assert_eq!(picture.dimensions(), (PREVIEW_WIDTH, PREVIEW_HEIGHT));
                assert_eq!(stray(&picture), 0, "{title}");
            }
        }
    }
}
