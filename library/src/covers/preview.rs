//! The cover of a mixtape on a wide card, without words (OpenGraph, 1200 × 630). What messengers show with its link is made
//! in `titled`, on the same paper.

use image::{Rgb, RgbImage, imageops};

use super::{Cover, Covers, Encoding, MAIN_SIDE, Stem, decode, encode};
use crate::Error;

/// Its width in pixels.
pub const PREVIEW_WIDTH: u32 = 1200;
/// Its height in pixels.
pub const PREVIEW_HEIGHT: u32 = 630;

/// The side of the cover on it.
const COVER: u32 = 510;

/// The width of the fold of the card at its left edge.
pub(super) const STRIPE: u32 = 44;

/// How much of the sheet is paper, in 255ths; the rest is the cover.
const PAPER_SHARE: u16 = 150;

const PAPER: Rgb<u8> = Rgb([0xf7, 0xf1, 0xe3]);
const RUST: Rgb<u8> = Rgb([0xb8, 0x50, 0x2d]);

impl Covers {
    /// The preview with the cover of a mixtape, which is given as its file name below `/covers/`, as a JPEG; `None` when the
    /// cover is not there or cannot be read.
    ///
    /// # Errors
    /// When a thread is gone.
    pub async fn preview(&self, file: &str) -> Result<Option<Cover>, Error> {
        let Some(main) = self.main_of_mixtape(file).await? else { return Ok(None) };
        let form = |stem: &Stem| format!("{}-preview", stem.0);
        let (path, etag) = (main.path.with_file_name(form(&main.stem) + ".jpg"), format!("\"{}\"", form(&main.stem)));
        let made = self.made_once(path, move || {
            let picture = std::fs::read(&main.path).map_err(|error| error.to_string())?;
            let picture = decode::decode(&picture, MAIN_SIDE).map_err(|error| error.to_string())?;
            encode::fine_jpeg(&draw(picture)?)
        });
        let bytes = made.await?.inspect_err(|reason| tracing::warn!(file, reason, "a preview could not be made"));
        Ok(bytes.ok().map(|bytes| Cover { bytes, encoding: Encoding::Jpeg, etag }))
    }
}

/// The cover on a sheet in its own colours, out of focus and on paper, with the fold of the card beside it.
fn draw(cover: RgbImage) -> Result<RgbImage, String> {
    let mut sheet = sheet(&cover, PAPER_SHARE)?;
    lay(&mut sheet, cover, (PREVIEW_WIDTH + STRIPE - COVER) / 2, COVER)?;
    fold(&mut sheet);
    Ok(sheet)
}

/// A sheet in the colours of a cover, out of focus, of which so many 255ths are paper.
pub(super) fn sheet(cover: &RgbImage, paper: u16) -> Result<RgbImage, String> {
    // So few pixels made large again are as good as a blur, and take no time.
    let blurred = encode::exactly(encode::exactly(cover.clone(), 12, 6)?, PREVIEW_WIDTH, PREVIEW_HEIGHT)?;
    Ok(RgbImage::from_fn(PREVIEW_WIDTH, PREVIEW_HEIGHT, |x, y| mixed(*blurred.get_pixel(x, y), PAPER, paper)))
}

/// Lays a cover on a sheet, halfway down, with sides of so many pixels.
pub(super) fn lay(sheet: &mut RgbImage, cover: RgbImage, left: u32, side: u32) -> Result<(), String> {
    let top = (PREVIEW_HEIGHT - side) / 2;
    shadow(sheet, left, top, side);
    imageops::replace(sheet, &encode::exactly(cover, side, side)?, left.into(), top.into());
    Ok(())
}

/// The fold of the card.
pub(super) fn fold(sheet: &mut RgbImage) {
    for (x, _, pixel) in sheet.enumerate_pixels_mut() {
        if x < STRIPE {
            *pixel = RUST;
        } else if x < STRIPE + 3 {
            *pixel = mixed(*pixel, Rgb([0; 3]), 40);
        }
    }
}

/// A soft shadow below the cover.
fn shadow(sheet: &mut RgbImage, left: u32, top: u32, side: u32) {
    const REACH: f32 = 36.0;
    const DROP: f32 = 10.0;
    for (x, y, pixel) in sheet.enumerate_pixels_mut() {
        let outside = |at: f32, low: u32| (low as f32 - at).max(at - (low + side) as f32).max(0.0);
        let away = outside(x as f32, left).hypot(outside(y as f32 - DROP, top));
        if away < REACH {
            let fade = 1.0 - away / REACH;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 to 80
            let dark = (80.0 * fade * fade) as u16;
            *pixel = mixed(*pixel, Rgb([0x2b, 0x21, 0x18]), dark);
        }
    }
}

/// So many 255ths of the other colour.
fn mixed(one: Rgb<u8>, other: Rgb<u8>, share: u16) -> Rgb<u8> {
    let channel = |index: usize| {
        let mixed = (u16::from(one.0[index]) * (255 - share) + u16::from(other.0[index]) * share) / 255;
        u8::try_from(mixed).unwrap_or(u8::MAX)
    };
    Rgb([channel(0), channel(1), channel(2)])
}
