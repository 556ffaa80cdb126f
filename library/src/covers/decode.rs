//! From the bytes of a picture that anybody may have made to plain upright sRGB pixels of bounded size.
//! What is larger than pictures of covers are, or cannot be read, ends in a reason, never in much memory.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fast_image_resize::Resizer;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, Rgb, RgbImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use super::MAX_BYTES;

/// The widest and highest picture that is read, in pixels.
const MAX_SIDE: u32 = 12_000;

/// The memory that reading one picture may take, in bytes. A picture of 50 megapixels from a telephone's camera fits,
/// and so does a sleeve scanned with 16 bits a channel and 5000 pixels a side.
const MAX_MEMORY: u64 = 160 << 20;

/// What shows through where a picture is transparent: the paper of the card.
const PAPER: [u8; 3] = [0xf7, 0xf1, 0xe3];

/// Why a picture is not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("it is no picture of a known kind")]
    UnknownKind,
    #[error("it is larger than {} MB", MAX_BYTES / 1_000_000)]
    TooManyBytes,
    #[error("its {width} × {height} pixels are too many")]
    TooManyPixels { width: u32, height: u32 },
    #[error("it is damaged: {0}")]
    Damaged(String),
}

impl From<image::ImageError> for Unreadable {
    fn from(error: image::ImageError) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// Reads a picture and makes it as small as it takes to fit into a square of `side` pixels. It is turned as its EXIF
/// says, its colours are those of sRGB, and where it is transparent paper shows through. Decoders that panic cost that
/// picture only.
pub(super) fn decode(bytes: &[u8], side: u32) -> Result<RgbImage, Unreadable> {
    let decoded = catch_unwind(AssertUnwindSafe(|| decode_known(bytes, side)));
    decoded.unwrap_or_else(|_| Err(Unreadable::Damaged("it makes no sense to its decoder".to_owned())))
}

fn decode_known(bytes: &[u8], side: u32) -> Result<RgbImage, Unreadable> {
    if bytes.len() > MAX_BYTES {
        return Err(Unreadable::TooManyBytes);
    }
    let format = image::guess_format(bytes).map_err(|_| Unreadable::UnknownKind)?;
    if !format.reading_enabled() {
        return Err(Unreadable::UnknownKind);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    // The sides are checked below, where the reason can be told.
    limits.max_alloc = Some(MAX_MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    let is_huge = width > MAX_SIDE || height > MAX_SIDE;
    // To be made smaller, what is transparent is first weighed by that, which takes a copy.
    let copies = if decoder.color_type().has_alpha() { 2 } else { 1 };
    let pixels = decoder.total_bytes().saturating_mul(copies);
    if is_huge || pixels.saturating_add(overhead(format, bytes, width, height)) > MAX_MEMORY {
        return Err(Unreadable::TooManyPixels { width, height });
    }
    let profile = decoder.icc_profile().ok().flatten();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = shrunk(DynamicImage::from_decoder(decoder)?, side)?;
    let mut picture = DynamicImage::ImageRgb8(flattened(&in_srgb(picture, profile.as_deref())));
    picture.apply_orientation(orientation);
    Ok(picture.into_rgb8())
}

/// What a decoder needs beside the pixels that it hands over, in bytes.
fn overhead(format: ImageFormat, bytes: &[u8], width: u32, height: u32) -> u64 {
    let pixels = u64::from(width) * u64::from(height);
    match format {
        ImageFormat::Jpeg => progressive_coefficients(bytes).unwrap_or(0),
        // A frame of its own, as large as the picture.
        ImageFormat::WebP | ImageFormat::Gif => pixels * 4,
        _ => 0,
    }
}

/// The memory for the coefficients of a progressive JPEG, which are all kept until its last scan; `None` for others.
fn progressive_coefficients(jpeg: &[u8]) -> Option<u64> {
    let mut rest = jpeg.get(2..)?;
    loop {
        let (marker, length) = match rest {
            // Fill bytes may come before a marker (ITU T.81, B.1.1.2).
            [0xff, 0xff, ..] => {
                rest = &rest[1..];
                continue;
            }
            [0xff, marker, high, low, ..] => (*marker, usize::from(u16::from_be_bytes([*high, *low]))),
            _ => return None,
        };
        let segment = rest.get(4..length.checked_add(2)?)?;
        match marker {
            // Frames of the progressive kinds.
            0xc2 | 0xc6 | 0xca | 0xce => {
                let [_, h1, h0, w1, w0, _, components @ ..] = segment else { return None };
                let pixels = u64::from(u16::from_be_bytes([*h1, *h0])) * u64::from(u16::from_be_bytes([*w1, *w0]));
                let factors = components.chunks_exact(3).map(|part| (part[1] >> 4, part[1] & 15));
                let (mut sum, mut widest, mut highest) = (0_u64, 1_u64, 1_u64);
                for (horizontal, vertical) in factors {
                    let (horizontal, vertical) = (u64::from(horizontal), u64::from(vertical));
                    sum += horizontal * vertical;
                    (widest, highest) = (widest.max(horizontal), highest.max(vertical));
                }
                return Some(pixels * 2 * sum / (widest * highest));
            }
            // The data begins without there having been one.
            0xda => return None,
            _ => rest = rest.get(length + 2..)?,
        }
    }
}

/// The picture, or a smaller one of the same kind.
fn shrunk(picture: DynamicImage, side: u32) -> Result<DynamicImage, Unreadable> {
    let (width, height) = (picture.width(), picture.height());
    let longest = width.max(height);
    if longest <= side {
        return Ok(picture);
    }
    let scaled = |length: u32| {
        let scaled = (u64::from(length) * u64::from(side) + u64::from(longest) / 2) / u64::from(longest);
        u32::try_from(scaled).unwrap_or(side).max(1)
    };
    let mut smaller = DynamicImage::new(scaled(width), scaled(height), picture.color());
    Resizer::new().resize(&picture, &mut smaller, None).map_err(|error| Unreadable::Damaged(error.to_string()))?;
    Ok(smaller)
}

/// The picture with 8 bits a channel in the colours of screens. A profile that makes no sense is passed over.
fn in_srgb(picture: DynamicImage, profile: Option<&[u8]>) -> DynamicImage {
    let has_alpha = picture.color().has_alpha();
    let mut picture = if has_alpha {
        DynamicImage::ImageRgba8(picture.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(picture.into_rgb8())
    };
    let layout = if has_alpha { Layout::Rgba } else { Layout::Rgb };
    let profile = profile.and_then(|profile| ColorProfile::new_from_slice(profile).ok());
    let Some(profile) = profile.filter(|profile| profile.color_space == DataColorSpace::Rgb) else { return picture };
    let options = TransformOptions::default();
    let transform = profile.create_transform_8bit(layout, &ColorProfile::new_srgb(), layout, options);
    let Ok(transform) = transform else { return picture };
    let pixels = match &mut picture {
        DynamicImage::ImageRgba8(picture) => &mut **picture,
        DynamicImage::ImageRgb8(picture) => &mut **picture,
        _ => return picture,
    };
    let before = pixels.to_vec();
    if transform.transform(&before, pixels).is_err() {
        pixels.copy_from_slice(&before);
    }
    picture
}

/// The picture on paper.
fn flattened(picture: &DynamicImage) -> RgbImage {
    let DynamicImage::ImageRgba8(picture) = picture else { return picture.to_rgb8() };
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let over = |ink: u8, paper: u8| {
            let alpha = u16::from(alpha);
            let mixed = (u16::from(ink) * alpha + u16::from(paper) * (255 - alpha) + 127) / 255;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Rgb([over(red, PAPER[0]), over(green, PAPER[1]), over(blue, PAPER[2])])
    })
}

#[cfg(test)]
mod tests {
    use image::codecs::jpeg::JpegEncoder;
    use image::codecs::png::PngEncoder;
    use image::{ExtendedColorType, ImageEncoder, Rgba, RgbaImage};

    use super::*;

    fn near(pixel: Rgb<u8>, wanted: [u8; 3]) -> bool {
        pixel.0.iter().zip(wanted).all(|(is, wanted)| is.abs_diff(wanted) <= 6)
    }

    /// A JPEG with red in the top left quarter of its data, and this EXIF orientation.
    fn turned(orientation: u8) -> Vec<u8> {
        let is_first = |x: u32, y: u32| x < 32 && y < 16;
        let picture =
            RgbImage::from_fn(64, 32, |x, y| if is_first(x, y) { Rgb([200, 0, 0]) } else { Rgb([0, 0, 200]) });
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
        let mut exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
        encoder.set_exif_metadata(exif).unwrap();
        encoder.encode_image(&picture).unwrap();
        bytes
    }

    #[test]
    fn pictures_are_turned_as_their_exif_says() {
        // Where the red quarter is seen: left or right, top or bottom (EXIF 2.32, 4.6.4).
        for (orientation, right, bottom) in [
            (1, false, false),
            (2, true, false),
            (3, true, true),
            (4, false, true),
            (5, false, false),
            (6, true, false),
            (7, true, true),
            (8, false, true),
        ] {
            let picture = decode(&turned(orientation), 1000).unwrap();
            let is_upright = orientation < 5;
            assert_eq!(picture.dimensions(), if is_upright { (64, 32) } else { (32, 64) }, "{orientation}");
            let at = |is_far: bool, length: u32| if is_far { length * 3 / 4 } else { length / 4 };
            let red = picture.get_pixel(at(right, picture.width()), at(bottom, picture.height()));
            assert!(near(*red, [200, 0, 0]), "{orientation}: {red:?}");
            let blue = picture.get_pixel(at(!right, picture.width()), at(bottom, picture.height()));
            assert!(near(*blue, [0, 0, 200]), "{orientation}: {blue:?}");
            // Turned after it was made smaller, it is the same.
            assert_eq!(decode(&turned(orientation), 32).unwrap().width(), if is_upright { 32 } else { 16 });
        }
    }

    fn png(picture: &DynamicImage) -> Vec<u8> {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
        bytes
    }

    #[test]
    fn paper_shows_through_what_is_transparent() {
        let mut picture = RgbaImage::from_pixel(4, 1, Rgba([255, 0, 0, 255]));
        picture.put_pixel(1, 0, Rgba([255, 0, 0, 0]));
        picture.put_pixel(2, 0, Rgba([0, 0, 0, 128]));
        let picture = decode(&png(&DynamicImage::ImageRgba8(picture)), 10).unwrap();
        assert_eq!([0, 1].map(|x| picture.get_pixel(x, 0).0), [[255, 0, 0], PAPER]);
        assert!(near(*picture.get_pixel(2, 0), [0x7b, 0x78, 0x71]));
    }

    #[test]
    fn greys_and_deep_colours_stay_what_they_are() {
        let deep = image::ImageBuffer::from_pixel(3, 3, Rgb([0x1234_u16, 0x8000, 0xffff]));
        let deep = decode(&png(&DynamicImage::ImageRgb16(deep)), 10).unwrap();
        assert!(near(*deep.get_pixel(1, 1), [0x12, 0x80, 0xff]));
        let grey = image::ImageBuffer::from_pixel(300, 300, image::LumaA([0x4000_u16, 0xffff]));
        let grey = decode(&png(&DynamicImage::ImageLumaA16(grey)), 100).unwrap();
        assert!(grey.dimensions() == (100, 100) && near(*grey.get_pixel(50, 50), [0x40; 3]));
    }

    #[test]
    fn colours_of_a_wider_space_are_brought_into_that_of_screens() {
        let mut bytes = Vec::new();
        let mut encoder = PngEncoder::new(&mut bytes);
        encoder.set_icc_profile(ColorProfile::new_display_p3().encode().unwrap()).unwrap();
        encoder.write_image(&[200, 100, 50].repeat(4), 2, 2, ExtendedColorType::Rgb8).unwrap();
        // By the matrices of both (CSS Color 4, 10.2 and 10.4).
        assert!(near(*decode(&bytes, 10).unwrap().get_pixel(0, 0), [215, 93, 31]));
    }

    #[test]
    fn inks_of_printers_become_colours() {
        // Stripes of red, white, black, cyan and a mix, as Adobe's programs write four inks.
        let picture = decode(include_bytes!("../../tests/files/inks.jpg"), 100).unwrap();
        let colours = [[255, 0, 0], [255, 255, 255], [0, 0, 0], [0, 255, 255], [90, 140, 60]];
        for (stripe, colour) in (0..).zip(colours) {
            let pixel = *picture.get_pixel(stripe * 16 + 8, 8);
            assert!(near(pixel, colour), "{stripe}: {pixel:?}");
        }
    }

    #[test]
    fn too_much_is_refused_before_it_is_read() {
        let huge = |bytes: &[u8]| matches!(decode(bytes, 100), Err(Unreadable::TooManyPixels { .. }));
        // A JPEG's header says how large it is; a progressive one of the same size takes more.
        let frame = |marker: u8, side: u16, factors: u8| {
            let [high, low] = side.to_be_bytes();
            let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, marker, 0, 17, 8, high, low, high, low, 3];
            for component in 1..=3 {
                bytes.extend([component, if component == 1 { factors } else { 0x11 }, 0]);
            }
            bytes.extend([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0, 0xff, 0xd9]);
            bytes
        };
        assert!(huge(&frame(0xc0, 12_001, 0x22)));
        assert!(huge(&frame(0xc0, 8_000, 0x22)) && !huge(&frame(0xc0, 7_000, 0x22)));
        assert!(huge(&frame(0xc2, 5_500, 0x22)) && !huge(&frame(0xc2, 5_000, 0x22)));
        assert!(huge(&frame(0xc2, 4_500, 0x11)) && !huge(&frame(0xc2, 4_000, 0x11)));
        assert!(matches!(decode(&vec![0; MAX_BYTES + 1], 100), Err(Unreadable::TooManyBytes)));
        assert!(matches!(decode(b"<svg/>", 100), Err(Unreadable::UnknownKind)));
        assert!(matches!(decode(&turned(1)[..200], 100), Err(Unreadable::Damaged(_))));
    }
}
