//! A kept cover as pixels, for cards. Keeping covers and their sizes are not for here.

use std::path::Path;

use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, Rgb, RgbImage};

use crate::drawing::Colour;

/// No card is wider.
const SIDE_MAX: u32 = 1200;

/// A picture with more pixels on a side is a mistake or an attack.
const PIXELS_MAX: u32 = 12_000;

/// Decoding takes at most this much memory, in bytes.
const MEMORY_MAX: u64 = 256 << 20;

/// Reads a JPEG, PNG or WebP, upright and on paper where one can see through it. `None` for what cannot be read:
/// the card is made without it. Blocks.
#[must_use]
pub fn open(path: &Path) -> Option<RgbImage> {
    match decode(path) {
        Ok(picture) => Some(on_paper(&picture)),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a cover could not be read for a card");
            None
        }
    }
}

fn decode(path: &Path) -> image::ImageResult<DynamicImage> {
    let mut reader = ImageReader::open(path)?.with_guessed_format()?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(PIXELS_MAX), Some(PIXELS_MAX));
    limits.max_alloc = Some(MEMORY_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    // A damaged remark about which side is up is no reason to refuse a picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder)?;
    if picture.width().min(picture.height()) > SIDE_MAX {
        picture = picture.resize_to_fill(SIDE_MAX, SIDE_MAX, FilterType::Triangle);
    }
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn on_paper(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let see_through = picture.to_rgba8();
    RgbImage::from_fn(see_through.width(), see_through.height(), |x, y| {
        let [red, green, blue, alpha] = see_through.get_pixel(x, y).0;
        let alpha = u16::from(alpha);
        let mixed = [red, green, blue].into_iter().zip(Colour::PAPER.0).map(|(above, below)| {
            let sum = u16::from(above) * alpha + u16::from(below) * (255 - alpha);
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        });
        let mut pixel = [0; 3];
        pixel.iter_mut().zip(mixed).for_each(|(part, value)| *part = value);
        Rgb(pixel)
    })
}
