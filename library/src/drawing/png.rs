//! A drawing as pixels. Everything is opaque, so the file has no alpha.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::error::{LimitError, LimitErrorKind};
use image::{ExtendedColorType, ImageEncoder, ImageError, RgbImage, imageops};
use tiny_skia::{Color, FillRule, Paint, Pixmap, Shader, Transform};

use super::{Colour, Drawing, Item, Square, middle};
use crate::Error;

pub(super) fn encode(drawing: &Drawing) -> Result<Vec<u8>, Error> {
    let too_large = || ImageError::Limits(LimitError::from_kind(LimitErrorKind::DimensionError));
    let mut pixels = Pixmap::new(drawing.width, drawing.height).ok_or_else(too_large)?;
    pixels.fill(color(drawing.ground));
    for item in &drawing.items {
        match item {
            Item::Shape { path, colour } => {
                let paint = Paint { shader: Shader::SolidColor(color(*colour)), ..Paint::default() };
                pixels.fill_path(path, &paint, FillRule::Winding, Transform::identity(), None);
            }
            Item::Photograph { place, photograph } => paste(&mut pixels, *place, photograph),
        }
    }
    let rgb: Vec<u8> = pixels.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect();
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Default, FilterType::Adaptive).write_image(
        &rgb,
        drawing.width,
        drawing.height,
        ExtendedColorType::Rgb8,
    )?;
    Ok(file)
}

fn color(Colour([red, green, blue]): Colour) -> Color {
    Color::from_rgba8(red, green, blue, u8::MAX)
}

fn paste(pixels: &mut Pixmap, place: Square, photograph: &RgbImage) {
    let (left, top, side) = middle(photograph);
    let part = imageops::crop_imm(photograph, left, top, side, side);
    let scaled = imageops::resize(&*part, place.side, place.side, imageops::FilterType::CatmullRom);
    let (width, height) = (pixels.width(), pixels.height());
    for (x, y, colour) in scaled.enumerate_pixels() {
        let (x, y) = (x + place.left, y + place.top);
        if x < width && y < height {
            let at = (y as usize * width as usize + x as usize) * 4;
            let [red, green, blue] = colour.0;
            pixels.data_mut()[at..at + 4].copy_from_slice(&[red, green, blue, u8::MAX]);
        }
    }
}
