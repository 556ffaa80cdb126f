//! The covers: four prints in the same few inks, one for each release and one for the mixtape.
//! They carry no lettering; the pages set the titles beside them.

use image::codecs::jpeg::JpegEncoder;

use super::{Failure, prints, tiles};

/// A cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    /// A low sun behind a bridge of three arches.
    Bridge,
    /// A sunflower.
    Sunflower,
    /// Nine tiles.
    Tiles,
    /// Two reels, one of them the evening sun.
    Reels,
}

impl Cover {
    /// The cover as a JPEG of `size` pixels a side.
    pub(super) fn jpeg(self, size: u16) -> Result<Vec<u8>, Failure> {
        let paper = match self {
            Self::Bridge => prints::bridge(size),
            Self::Sunflower => prints::sunflower(size),
            Self::Tiles => tiles::print(size),
            Self::Reels => prints::reels(size),
        };
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 88).encode_image(&paper.finish())?;
        Ok(bytes)
    }
}
