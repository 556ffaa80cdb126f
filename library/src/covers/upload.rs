//! Pictures that somebody brings as the cover of a mixtape: read, made small enough, and written anew, so that what is
//! kept is a plain picture without the metadata of its camera.

use std::collections::HashSet;
use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageReader, RgbImage};

use super::decode::Unreadable;
use super::{MIXTAPE_SIDE, decode, encode, ending, worked_on};
use crate::{Error, Store};

/// A picture that is only looked at is made so small, in pixels.
const SMALL: u32 = 16;

/// A PNG of no more colours than this is a drawing, which JPEG would smear.
const FEW_COLOURS: usize = 256;

impl From<Unreadable> for Error {
    fn from(reason: Unreadable) -> Self {
        match reason {
            Unreadable::UnknownKind => Self::NotAPicture,
            Unreadable::TooManyBytes => Self::PictureTooLarge,
            Unreadable::TooManyPixels { width, height } => Self::TooManyPixels { width, height },
            Unreadable::Damaged(reason) => Self::DamagedPicture(reason),
        }
    }
}

impl Store {
    /// Keeps a picture that was uploaded as a cover, and answers its file name below `/covers/`: upright, at most 1200
    /// pixels wide and high, as a JPEG, or as a PNG if it was one with few colours. The same picture is kept once.
    ///
    /// # Errors
    /// [`Error::NotAPicture`], [`Error::PictureTooLarge`], [`Error::TooManyPixels`] and [`Error::DamagedPicture`] for what
    /// is refused, [`Error::File`] when it cannot be written.
    pub async fn keep_upload(&self, picture: Vec<u8>) -> Result<String, Error> {
        let kept = worked_on(move || {
            let is_png = ending(&picture) == Some("png");
            let picture = decode::decode(&picture, MIXTAPE_SIDE)?;
            let jpeg = encode::fine_jpeg(&picture).map_err(Error::DamagedPicture)?;
            let png = if is_png && has_few_colours(&picture) { png(&picture) } else { None };
            Ok::<_, Error>(png.filter(|png| png.len() < jpeg.len()).unwrap_or(jpeg))
        });
        self.keep_cover(&kept.await??).await
    }
}

impl Store {
    /// Keeps a cover that was kept elsewhere before: as it is if it can be read and is no larger than covers are, and
    /// made anew like an upload if it is larger.
    ///
    /// # Errors
    /// As [`Store::keep_upload`].
    pub(crate) async fn keep_checked(&self, picture: Vec<u8>) -> Result<String, Error> {
        // Browsers show them; nothing here can read them.
        if ending(&picture) == Some("avif") {
            return self.keep_cover(&picture).await;
        }
        let checked = worked_on(move || {
            decode::decode(&picture, SMALL)?;
            let size = ImageReader::new(Cursor::new(&picture)).with_guessed_format().map(ImageReader::into_dimensions);
            let is_small = matches!(size, Ok(Ok((width, height))) if width.max(height) <= MIXTAPE_SIDE);
            Ok::<_, Error>((picture, is_small))
        });
        let (picture, is_small) = checked.await??;
        if is_small { self.keep_cover(&picture).await } else { self.keep_upload(picture).await }
    }
}

fn has_few_colours(picture: &RgbImage) -> bool {
    let mut colours = HashSet::with_capacity(FEW_COLOURS);
    picture.pixels().all(|pixel| {
        colours.insert(pixel.0);
        colours.len() <= FEW_COLOURS
    })
}

fn png(picture: &RgbImage) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, FilterType::Adaptive);
    encoder.write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, ImageFormat, Rgb};

    use super::super::mime_type;
    use super::*;

    async fn kept(picture: &RgbImage, format: ImageFormat) -> (String, DynamicImage) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let mut bytes = Vec::new();
        DynamicImage::ImageRgb8(picture.clone()).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        let name = store.keep_upload(bytes.clone()).await.unwrap();
        assert_eq!(store.keep_upload(bytes).await.unwrap(), name);
        let kept = std::fs::read(store.cover_path(&name).unwrap()).unwrap();
        (name, image::load_from_memory(&kept).unwrap())
    }

    fn photograph(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let tone = |value: u32| u8::try_from(value % 256).unwrap();
            Rgb([tone(x / 8), tone(y / 8), tone((x * y) / 4096)])
        })
    }

    #[tokio::test]
    async fn pictures_become_jpeg_of_at_most_1200_pixels() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let (name, kept) = kept(&photograph(1500, 2400), format).await;
            assert!(
                mime_type(&name) == Some("image/jpeg") && (kept.width(), kept.height()) == (750, 1200),
                "{format:?}"
            );
        }
        let (_, small) = kept(&photograph(300, 200), ImageFormat::Png).await;
        assert_eq!((small.width(), small.height()), (300, 200));
    }

    #[tokio::test]
    async fn drawings_stay_sharp() {
        let drawing =
            RgbImage::from_fn(600, 600, |x, y| if (x / 7 + y / 7) % 2 == 0 { Rgb([1, 2, 3]) } else { Rgb([250; 3]) });
        let (name, kept) = kept(&drawing, ImageFormat::Png).await;
        assert!(mime_type(&name) == Some("image/png") && kept.into_rgb8() == drawing);
    }

    #[tokio::test]
    async fn metadata_are_left_behind() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let mut bytes = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
        encoder.set_exif_metadata(b"MM\0\x2a\0\0\0\x08\0\0 here lives the owner".to_vec()).unwrap();
        encoder.encode_image(&photograph(100, 100)).unwrap();
        let has = |bytes: &[u8]| bytes.windows(5).any(|part| part == b"owner");
        assert!(has(&bytes));
        let name = store.keep_upload(bytes).await.unwrap();
        assert!(!has(&std::fs::read(store.cover_path(&name).unwrap()).unwrap()));
    }

    #[tokio::test]
    async fn what_is_refused_is_refused_in_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        for (bytes, sentence) in [
            (b"<svg onload=x>".to_vec(), "not a JPEG, PNG or WebP picture"),
            (b"\x89PNG\r\n\x1a\n and nothing".to_vec(), "damaged"),
            (vec![0xff; super::super::MAX_BYTES + 1], "larger than 20 MB"),
        ] {
            let error = store.keep_upload(bytes).await.unwrap_err();
            assert_eq!(error.kind(), model::ErrorKind::Invalid);
            assert!(error.to_string().contains(sentence), "{error}");
        }
        assert_eq!(std::fs::read_dir(store.covers_folder()).unwrap().count(), 0);
    }
}
