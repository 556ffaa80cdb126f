//! A drawing as pixels. Everything is opaque, so the file has no alpha.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::error::{LimitError, LimitErrorKind};
use image::{ExtendedColorType, ImageEncoder, ImageError, Rgb, RgbImage, imageops};
use tiny_skia::{Color, FillRule, Paint, Pixmap, Shader, Transform};

use super::{Colour, Drawing, Item, Square, middle};
use crate::Error;

pub(super) fn encode(drawing: &Drawing) -> Result<Vec<u8>, Error> {
    let mut pixels = pixmap(drawing.width, drawing.height)?;
    pixels.fill(color(drawing.ground));
    draw(drawing, &mut pixels);
    let mut file = Vec::new();
    PngEncoder::new_with_quality(&mut file, CompressionType::Default, FilterType::Adaptive).write_image(
        &rgb(&pixels),
        drawing.width,
        drawing.height,
        ExtendedColorType::Rgb8,
    )?;
    Ok(file)
}

/// Draws over a picture.
pub(super) fn print(drawing: &Drawing, picture: &mut RgbImage) -> Result<(), Error> {
    let mut pixels = pixmap(picture.width(), picture.height())?;
    for (pixel, Rgb([red, green, blue])) in pixels.data_mut().chunks_exact_mut(4).zip(picture.pixels()) {
        pixel.copy_from_slice(&[*red, *green, *blue, u8::MAX]);
    }
    draw(drawing, &mut pixels);
    picture.copy_from_slice(&rgb(&pixels));
    Ok(())
}

fn pixmap(width: u32, height: u32) -> Result<Pixmap, ImageError> {
    let too_large = || ImageError::Limits(LimitError::from_kind(LimitErrorKind::DimensionError));
    Pixmap::new(width, height).ok_or_else(too_large)
}

fn rgb(pixels: &Pixmap) -> Vec<u8> {
    pixels.pixels().iter().flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()]).collect()
}

fn draw(drawing: &Drawing, pixels: &mut Pixmap) {
    for item in &drawing.items {
        match item {
            Item::Shape { path, colour } => {
                let paint = Paint { shader: Shader::SolidColor(color(*colour)), ..Paint::default() };
                pixels.fill_path(path, &paint, FillRule::Winding, Transform::identity(), None);
            }
            Item::Photograph { place, photograph } => paste(pixels, *place, photograph),
        }
    }
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
