//! QR codes of addresses: which code fits into how many pixels, and how it is drawn, with our mark in its middle.
//! A card around it is made in `card`; which address it is, is not known here.

use qrcode::types::QrError;
use qrcode::{Color, EcLevel, QrCode};
use tiny_skia::{PathBuilder, Rect};

use crate::Error;
use crate::drawing::{Colour, Drawing, Square};

/// The free margin around a code, in modules (ISO/IEC 18004, 5.3.8).
pub const QUIET: u32 = 4;

/// From this many pixels a module on, the mark can be recognised; below, the code does without and is coarser.
const PIXELS_FOR_MARK: u32 = 3;

/// A module of fewer pixels than this is hard on cameras; then the code that needs the fewest modules is taken.
const PIXELS_FOR_CARE: u32 = 2;

/// A QR code.
#[derive(Debug, Clone)]
pub struct Code {
    /// Row by row.
    dark: Vec<bool>,
    side: u32,
    /// Modules on a side of the place for the mark; none without.
    mark: u32,
}

impl Code {
    /// The code of an address that is going to be drawn so many pixels wide, margin included. Where there are enough
    /// of them it stands a third of it being covered (level H) and carries the mark if that is wanted; otherwise it
    /// is of level M, and of level L where only that leaves two pixels for each module.
    ///
    /// With one pixel a module and more, that is from [`Code::whole_side`] pixels on, a code can be decoded;
    /// [`check_size`] says what cameras need.
    ///
    /// # Errors
    /// [`Error::AddressTooLong`] for more than about 2,950 bytes.
    pub fn of(address: &str, pixels: u32, mark: bool) -> Result<Self, Error> {
        if mark
            && let Some(mut code) = Self::of_level(address, EcLevel::H)?
            && pixels / code.whole_side() >= PIXELS_FOR_MARK
        {
            code.mark = mark_side(code.side);
            return Ok(code);
        }
        if let Some(code) = Self::of_level(address, EcLevel::M)?
            && pixels / code.whole_side() >= PIXELS_FOR_CARE
        {
            return Ok(code);
        }
        Self::of_level(address, EcLevel::L)?.ok_or(Error::AddressTooLong)
    }

    /// `None` when the address is too long for this level.
    fn of_level(address: &str, level: EcLevel) -> Result<Option<Self>, Error> {
        match QrCode::with_error_correction_level(address, level) {
            Ok(code) => {
                let side = u32::try_from(code.width()).unwrap_or(u32::MAX);
                let dark = code.into_colors().into_iter().map(|colour| colour == Color::Dark).collect();
                Ok(Some(Self { dark, side, mark: 0 }))
            }
            Err(QrError::DataTooLong) => Ok(None),
            // The version is chosen by the encoder, so nothing else can be wrong.
            Err(_) => Err(Error::AddressTooLong),
        }
    }

    /// Modules on a side, without the margin.
    #[must_use]
    pub const fn side(&self) -> u32 {
        self.side
    }

    /// Modules on a side with the margin: the fewest pixels that show each module.
    #[must_use]
    pub const fn whole_side(&self) -> u32 {
        self.side + 2 * QUIET
    }

    /// Draws the code into the middle of a square, with its margin. A module is a whole number of pixels; what is
    /// left over becomes margin. In fewer pixels than modules it is drawn all the same, as grey as it gets.
    pub fn draw(&self, drawing: &mut Drawing, square: Square) {
        let whole = square.side / self.whole_side();
        let (module, inset) = if whole >= 1 {
            (whole as f32, ((square.side - self.side * whole) / 2) as f32)
        } else {
            let module = square.side as f32 / self.whole_side() as f32;
            (module, module * QUIET as f32)
        };
        self.draw_modules(drawing, square.left as f32 + inset, square.top as f32 + inset, module);
    }

    /// Draws the code without its margin, with modules of this many pixels.
    pub fn draw_modules(&self, drawing: &mut Drawing, left: f32, top: f32, module: f32) {
        let mut path = PathBuilder::new();
        let side = self.side as usize;
        for (y, row) in self.dark.chunks(side).enumerate() {
            let mut x = 0;
            // One rectangle for neighbours, so that there are no seams and few numbers.
            for run in row.chunk_by(|one, next| one == next) {
                let width = run.len();
                if run[0]
                    && let Some(rectangle) = Rect::from_xywh(
                        left + x as f32 * module,
                        top + y as f32 * module,
                        width as f32 * module,
                        module,
                    )
                {
                    path.push_rect(rectangle);
                }
                x += width;
            }
        }
        if let Some(path) = path.finish() {
            drawing.fill(path, Colour::INK);
        }
        if self.mark > 0 {
            let (free, before) = (self.mark as f32 * module, ((self.side - self.mark) / 2) as f32 * module);
            let (left, top) = (left + before, top + before);
            drawing.rectangle(left, top, free, free, Colour::PAPER);
            draw_mark(drawing, left + module / 2.0, top + module / 2.0, free - module);
        }
    }
}

/// The place for the mark: an odd number of modules, as codes have, and under 5 % of the code.
fn mark_side(side: u32) -> u32 {
    let most = (side * side / 21).isqrt();
    if most.is_multiple_of(2) { most.saturating_sub(1) } else { most }
}

/// Our mark, two reels over a stripe of rust, in a square: public/icon.svg without its ground.
pub fn draw_mark(drawing: &mut Drawing, left: f32, top: f32, side: f32) {
    // The reels and the stripe take 46 by 38 of the icon's 64.
    let scale = side / 46.0;
    let (x, y) = (left - 8.0 * scale, top - 10.0 * scale);
    drawing.rectangle(x + 8.0 * scale, y + 44.0 * scale, 46.0 * scale, 8.0 * scale, Colour::RUST);
    for (across, radius) in [(21.0, 13.0), (45.0, 9.0)] {
        drawing.circle(x + across * scale, y + 27.0 * scale, radius * scale, Colour::TAPE);
        drawing.circle(x + across * scale, y + 27.0 * scale, 5.0 * scale, Colour::PAPER);
    }
}

/// Refuses pictures of this address that are too small for cameras: each module takes two pixels, those of the margin
/// as well. A card needs no more, for there the code takes the whole width if it has to.
///
/// # Errors
/// [`Error::CodeTooSmall`] with the smallest size, [`Error::AddressTooLong`].
pub fn check_size(address: &str, pixels: u32) -> Result<(), Error> {
    let coarsest = Code::of_level(address, EcLevel::L)?.ok_or(Error::AddressTooLong)?;
    let least = coarsest.whole_side() * PIXELS_FOR_CARE;
    if pixels < least { Err(Error::CodeTooSmall { least }) } else { Ok(()) }
}

/// A picture of the code alone.
///
/// # Errors
/// [`Error::AddressTooLong`].
pub fn picture(address: &str, pixels: u32, mark: bool) -> Result<Drawing, Error> {
    let mut drawing = Drawing::new(pixels, pixels, Colour::PAPER);
    let square = Square { left: 0, top: 0, side: drawing.width() };
    Code::of(address, square.side, mark)?.draw(&mut drawing, square);
    Ok(drawing)
}

#[cfg(test)]
mod tests {
    use image::imageops;

    use super::*;

    /// What a decoder reads in a picture. Modules of one or two pixels are enlarged first, as a screen does before
    /// a camera sees them.
    fn scanned(drawing: &Drawing) -> Option<String> {
        let picture = image::load_from_memory(&drawing.to_png().unwrap()).unwrap().into_luma8();
        let larger =
            imageops::resize(&picture, picture.width() * 3, picture.height() * 3, imageops::FilterType::Nearest);
        let (width, height) = (larger.width() as usize, larger.height() as usize);
        let mut prepared =
            rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| larger.as_raw()[y * width + x]);
        prepared.detect_grids().into_iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text)
    }

    #[test]
    fn a_code_is_read_back_at_every_size_that_has_a_pixel_for_each_module() {
        let address = "https://tapes.example.org/share/songs-for-the-last-train";
        let least = Code::of(address, 1, false).unwrap().whole_side();
        assert!(least <= 41, "{least}");
        for mark in [true, false] {
            for size in (least..=140).chain([199, 200, 255, 256, 301, 400, 511, 640, 799, 800]) {
                let picture = picture(address, size, mark).unwrap();
                assert_eq!((picture.width(), picture.height()), (size, size));
                assert_eq!(scanned(&picture).as_deref(), Some(address), "{size} pixels, mark: {mark}");
            }
        }
    }

    #[test]
    fn a_size_with_fewer_than_two_pixels_a_module_is_refused() {
        for address in ["https://a.example/share/b", "https://tapes.example.org/share/songs-for-the-last-train"] {
            let modules = Code::of(address, 1, false).unwrap().whole_side();
            let refused = check_size(address, modules * 2 - 1);
            assert!(matches!(refused, Err(Error::CodeTooSmall { least }) if least == modules * 2), "{refused:?}");
            assert!(check_size(address, modules * 2).is_ok());
        }
        assert!(matches!(check_size(&"x".repeat(3000), 800), Err(Error::AddressTooLong)));
        // The largest code there is fits into what may be asked for.
        assert!(check_size(&"x".repeat(2900), 400).is_ok());
    }

    #[test]
    fn below_that_there_is_a_picture_all_the_same() {
        for size in 1..41 {
            let file = picture("https://tapes.example.org/share/songs", size, true).unwrap().to_png().unwrap();
            assert_eq!(image::load_from_memory(&file).unwrap().into_rgb8().dimensions(), (size, size));
        }
    }

    #[test]
    fn long_addresses_are_read_back_and_longer_ones_refused() {
        for (letters, mark) in [(300, true), (1000, true), (1250, true), (2300, true), (2900, true), (2900, false)] {
            let address = format!("https://tapes.example.org/share/{}", "%E5%A4%8F".repeat(letters / 9));
            for size in [400, 800] {
                let picture = picture(&address, size, mark).unwrap();
                assert_eq!(scanned(&picture).as_deref(), Some(address.as_str()), "{letters} letters at {size}");
            }
        }
        let refused = picture(&"x".repeat(3000), 800, true);
        assert!(matches!(refused, Err(Error::AddressTooLong)));
    }

    #[test]
    fn the_mark_covers_less_than_a_twentieth() {
        for side in (21..=177).step_by(4) {
            let mark = mark_side(side);
            assert!(mark >= 3 && mark % 2 == 1 && mark * mark * 20 < side * side, "{mark} of {side}");
        }
    }
}
