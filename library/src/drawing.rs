//! Pictures made of flat shapes, as PNG and as SVG from one and the same drawing: QR codes, cards, previews.
//! What is drawn is decided by those who draw; letters become shapes in `lettering`.

mod png;
mod svg;

use image::RgbImage;
use tiny_skia::{Path, PathBuilder, Rect, Transform};

use crate::Error;
use crate::lettering::Lettered;

/// A colour, as red, green and blue of sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

/// The light theme of style/base.css: what is printed lies on paper.
impl Colour {
    /// The paper of a J-card.
    pub const PAPER: Self = Self([250, 245, 234]);
    /// What is written on it.
    pub const INK: Self = Self([34, 24, 17]);
    /// What is written small.
    pub const INK_SOFT: Self = Self([90, 77, 66]);
    /// A ruled line.
    pub const RULE: Self = Self([218, 208, 191]);
    /// The one accent.
    pub const RUST: Self = Self([176, 70, 19]);
    /// The brown of a tape.
    pub const TAPE: Self = Self([85, 60, 43]);
}

/// A square of whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Square {
    /// From the left edge.
    pub left: u32,
    /// From the upper edge.
    pub top: u32,
    /// The length of a side.
    pub side: u32,
}

/// A picture that is being drawn; lengths are in pixels, from the upper left corner.
#[derive(Debug)]
pub struct Drawing {
    width: u32,
    height: u32,
    ground: Colour,
    items: Vec<Item>,
}

#[derive(Debug)]
enum Item {
    Shape { path: Path, colour: Colour },
    Photograph { place: Square, photograph: RgbImage },
}

impl Drawing {
    /// An empty picture of at least one pixel.
    #[must_use]
    pub fn new(width: u32, height: u32, ground: Colour) -> Self {
        Self { width: width.max(1), height: height.max(1), ground, items: Vec::new() }
    }

    /// The width in pixels.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// The height in pixels.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Ends the picture here, for those who know its height only when everything has its place.
    pub fn set_height(&mut self, height: u32) {
        self.height = height.max(1);
    }

    /// Fills a shape; what is inside more than once is filled, too.
    pub fn fill(&mut self, path: Path, colour: Colour) {
        self.items.push(Item::Shape { path, colour });
    }

    /// Fills a rectangle; one without an area leaves nothing behind.
    pub fn rectangle(&mut self, left: f32, top: f32, width: f32, height: f32, colour: Colour) {
        if let Some(rectangle) = Rect::from_xywh(left, top, width, height) {
            self.fill(PathBuilder::from_rect(rectangle), colour);
        }
    }

    /// Fills a circle around a point.
    pub fn circle(&mut self, x: f32, y: f32, radius: f32, colour: Colour) {
        if let Some(circle) = PathBuilder::from_circle(x, y, radius) {
            self.fill(circle, colour);
        }
    }

    /// Writes what was laid out, with the upper left corner of its box here.
    pub fn write(&mut self, text: Lettered, left: f32, top: f32, colour: Colour) {
        if let Some(path) = text.into_path().and_then(|path| path.transform(Transform::from_translate(left, top))) {
            self.fill(path, colour);
        }
    }

    /// Lays a photograph into a square: its middle, as large as the square.
    pub fn photograph(&mut self, place: Square, photograph: RgbImage) {
        self.items.push(Item::Photograph { place, photograph });
    }

    /// The picture as PNG.
    ///
    /// # Errors
    /// [`Error::Drawing`] when it is too large for memory.
    pub fn to_png(&self) -> Result<Vec<u8>, Error> {
        png::encode(self)
    }

    /// Prints everything on a picture, which is the ground then.
    ///
    /// # Errors
    /// [`Error::Drawing`] when it is too large for memory.
    pub fn print_on(&self, picture: &mut RgbImage) -> Result<(), Error> {
        png::print(self, picture)
    }

    /// The picture as SVG that needs nothing from elsewhere: no fonts, no files. The title is read to those who
    /// do not see it.
    ///
    /// # Errors
    /// [`Error::Drawing`] when a photograph cannot be encoded.
    pub fn to_svg(&self, title: &str) -> Result<String, Error> {
        svg::write(self, title)
    }
}

/// The largest square in the middle of a photograph: left, top and side.
fn middle(photograph: &RgbImage) -> (u32, u32, u32) {
    let (width, height) = photograph.dimensions();
    let side = width.min(height);
    ((width - side) / 2, (height - side) / 2, side)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The light half of a colour of the style sheet, from OKLCH to sRGB (CSS Color 4, section 10).
    fn of_style_sheet(name: &str) -> Colour {
        let css = include_str!("../../style/base.css");
        let light = css.split_once(&format!("--{name}: light-dark(oklch(")).unwrap().1.split_once(')').unwrap().0;
        let numbers: Vec<f64> = light.split(' ').map(|part| part.trim_end_matches('%').parse().unwrap()).collect();
        let (lightness, hue) = (numbers[0] / 100.0, numbers[2].to_radians());
        let (a, b) = (numbers[1] * hue.cos(), numbers[1] * hue.sin());
        let long = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let medium = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let short = (lightness - 0.089_484_177_5 * a - 1.291_485_548_0 * b).powi(3);
        let linear = [
            4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short,
            -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short,
            -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701_0 * short,
        ];
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped just before
        Colour(linear.map(|part: f64| {
            let part = if part <= 0.003_130_8 { 12.92 * part } else { 1.055 * part.powf(1.0 / 2.4) - 0.055 };
            (part.clamp(0.0, 1.0) * 255.0).round() as u8
        }))
    }

    #[test]
    fn colours_are_those_of_the_pages() {
        for (name, colour) in [
            ("paper", Colour::PAPER),
            ("ink", Colour::INK),
            ("ink-soft", Colour::INK_SOFT),
            ("rule", Colour::RULE),
            ("rust", Colour::RUST),
            ("tape", Colour::TAPE),
        ] {
            assert_eq!(of_style_sheet(name), colour, "{name}");
        }
    }

    #[test]
    fn png_and_svg_show_the_same() {
        let mut drawing = Drawing::new(20, 10, Colour::PAPER);
        drawing.rectangle(0.0, 0.0, 5.0, 10.0, Colour::INK);
        let photograph = RgbImage::from_pixel(30, 50, image::Rgb([1, 2, 250]));
        drawing.photograph(Square { left: 10, top: 0, side: 10 }, photograph);
        let png = image::load_from_memory(&drawing.to_png().unwrap()).unwrap().into_rgb8();
        assert_eq!(png.dimensions(), (20, 10));
        assert_eq!((png.get_pixel(4, 9).0, png.get_pixel(5, 9).0), (Colour::INK.0, Colour::PAPER.0));
        assert_eq!(png.get_pixel(19, 0).0, [1, 2, 250]);
        let svg = drawing.to_svg("a < b & \"c\"").unwrap();
        assert!(svg.contains("viewBox=\"0 0 20 10\""), "{svg}");
        assert!(svg.contains("<path fill=\"#221811\" d=\"M0 0H5V10H0Z\"/>"), "{svg}");
        assert!(svg.contains("<title>a &lt; b &amp; &quot;c&quot;</title>"), "{svg}");
        assert!(svg.contains("<image x=\"10\" y=\"0\" width=\"10\" height=\"10\" href=\"data:image/jpeg;base64,"));
    }
}
