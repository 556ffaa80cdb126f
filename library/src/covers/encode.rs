//! From pixels to the files that browsers get: smaller, cut to a square, as JPEG or WebP.
//! Where the files are kept is decided by the callers.

use fast_image_resize::{ResizeOptions, Resizer};
use image::{DynamicImage, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// A kind of file in which pictures are handed out. Measured on sleeves and photographs, WebP takes half the bytes of a
/// JPEG that looks the same, and 5 ms instead of 1 to make at 256 pixels; without loss it would take five times as many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// What everything shows.
    Jpeg,
    /// Smaller; for those who say that they know it.
    WebP,
}

impl Encoding {
    /// The MIME type.
    #[must_use]
    pub const fn mime_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    pub(super) const fn ending(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }

    /// The picture as a small file that looks like it; no metadata go along.
    pub(super) fn encode(self, picture: &RgbImage) -> Result<Vec<u8>, String> {
        match self {
            Self::Jpeg => jpeg(picture, 82, SamplingFactor::F_2_2),
            Self::WebP => {
                let pixels = webp::Encoder::from_rgb(picture, picture.width(), picture.height());
                let encoded = pixels.encode_simple(false, 78.0).map_err(|error| format!("{error:?}"))?;
                Ok(encoded.to_vec())
            }
        }
    }
}

/// A JPEG from which others are made, or that is kept: fine in colours too.
pub(super) fn fine_jpeg(picture: &RgbImage) -> Result<Vec<u8>, String> {
    jpeg(picture, 90, SamplingFactor::F_1_1)
}

fn jpeg(picture: &RgbImage, quality: u8, sampling: SamplingFactor) -> Result<Vec<u8>, String> {
    let (width, height) = (u16::try_from(picture.width()), u16::try_from(picture.height()));
    let (Ok(width), Ok(height)) = (width, height) else { return Err("it is too large for a JPEG".to_owned()) };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(sampling);
    // Tables made for the picture would save a twentieth, but then this encoder writes each colour as a scan of its own,
    // which some decoders mistake when colours are coarser than light; ours is one of them.
    encoder.encode(picture, width, height, ColorType::Rgb).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// The middle of a picture as a square with sides of so many pixels, or of fewer where it does not have as many: a
/// picture is never made larger.
pub(super) fn square(picture: RgbImage, side: u32) -> Result<RgbImage, String> {
    let side = side.min(picture.width()).min(picture.height());
    if (picture.width(), picture.height()) == (side, side) {
        return Ok(picture);
    }
    exactly(picture, side, side)
}

/// The middle of a picture in this shape and size.
pub(super) fn exactly(picture: RgbImage, width: u32, height: u32) -> Result<RgbImage, String> {
    let mut cut = DynamicImage::new_rgb8(width, height);
    let options = ResizeOptions::new().fit_into_destination(None);
    let picture = DynamicImage::ImageRgb8(picture);
    Resizer::new().resize(&picture, &mut cut, &options).map_err(|error| error.to_string())?;
    Ok(cut.into_rgb8())
}
