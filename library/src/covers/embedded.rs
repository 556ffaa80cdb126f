//! The pictures inside audio files. Which file is asked, and what is made of the picture, is for others to say.

use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};

use audio::{AudioFile, MusicRoot, RelativePath};
use lofty::ape::{APE_PICTURE_TYPES, ApeFile, ApeTag};
use lofty::config::{GlobalOptions, ParseOptions, ParsingMode, apply_global_options};
use lofty::file::{AudioFile as _, FileType, TaggedFileExt};
use lofty::musepack::MpcFile;
use lofty::picture::PictureType;
use lofty::probe::Probe;
use lofty::tag::ItemValue;
use lofty::wavpack::WavPackFile;

use super::MAX_BYTES;
use crate::scan::read::tag_reader;

/// Which picture of a file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The front of the sleeve; or one that says nothing of what it shows, for that is what those mostly are.
    Front,
    /// The first that is no front: rather the back or the artist than nothing.
    Any,
}

impl Wanted {
    /// How well a kind of picture serves, the best first; `None` if not at all.
    fn rank(self, kind: PictureType) -> Option<u8> {
        match (self, kind) {
            (Self::Front, PictureType::CoverFront) => Some(0),
            (Self::Front, PictureType::Other | PictureType::Undefined(_)) => Some(1),
            (Self::Any, PictureType::CoverFront | PictureType::Other | PictureType::Undefined(_))
            | (Self::Front, _) => None,
            (Self::Any, PictureType::Icon | PictureType::OtherIcon) => Some(3),
            (Self::Any, PictureType::CoverBack) => Some(2),
            (Self::Any, _) => Some(1),
        }
    }
}

/// Reads the best of the wanted pictures of a file; pictures larger than [`MAX_BYTES`] are not read.
pub(super) fn read(music: &MusicRoot, path: &str, wanted: Wanted) -> Result<Option<Vec<u8>>, String> {
    let reading = catch_unwind(AssertUnwindSafe(|| read_file(music, path, wanted)));
    reading.unwrap_or_else(|_| Err("its headers make no sense to the reader of tags".to_owned()))
}

fn read_file(music: &MusicRoot, path: &str, wanted: Wanted) -> Result<Option<Vec<u8>>, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let relative = RelativePath::parse(path.as_bytes().to_vec()).map_err(|error| text(&error))?;
    let file = music.open(&relative).map_err(|error| text(&error))?;
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    let Some(kind) = tag_reader(&file, extension).map_err(|error| text(&error))? else { return Ok(None) };
    apply_global_options(GlobalOptions::new().use_custom_resolvers(false).allocation_limit(MAX_BYTES));
    pictures(&file, kind, wanted)
}

fn pictures(file: &AudioFile, kind: FileType, wanted: Wanted) -> Result<Option<Vec<u8>>, String> {
    let options = ParseOptions::new().parsing_mode(ParsingMode::Relaxed).read_properties(false);
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let mut reader = BufReader::new(file.try_clone_file().map_err(|error| text(&error))?);
    // These keep their pictures as plain items, which the form that is common to all tags does not take along.
    let ape = match kind {
        FileType::Ape => ApeFile::read_from(&mut reader, options).map(|mut file| file.remove_ape()),
        FileType::WavPack => WavPackFile::read_from(&mut reader, options).map(|mut file| file.remove_ape()),
        FileType::Mpc => MpcFile::read_from(&mut reader, options).map(|mut file| file.remove_ape()),
        _ => {
            let tagged = Probe::with_file_type(reader, kind).options(options).read().map_err(|error| text(&error))?;
            let pictures = tagged.tags().iter().flat_map(lofty::tag::Tag::pictures);
            let pictures = pictures.filter(|picture| picture.data().len() <= MAX_BYTES);
            let ranked = pictures.filter_map(|picture| Some((wanted.rank(picture.pic_type())?, picture)));
            return Ok(ranked.min_by_key(|(rank, _)| *rank).map(|(_, picture)| picture.data().to_vec()));
        }
    };
    Ok(ape.map_err(|error| text(&error))?.and_then(|tag| ape_picture(&tag, wanted)))
}

/// A picture item is a file name, a zero and the picture.
fn ape_picture(tag: &ApeTag, wanted: Wanted) -> Option<Vec<u8>> {
    let items = APE_PICTURE_TYPES.iter().filter_map(|key| Some((PictureType::from_ape_key(key), tag.get(key)?)));
    let ranked = items.filter_map(|(kind, item)| Some((wanted.rank(kind)?, item)));
    let (_, item) = ranked.min_by_key(|(rank, _)| *rank)?;
    let ItemValue::Binary(bytes) = item.value() else { return None };
    let name = bytes.iter().position(|byte| *byte == 0)?;
    Some(bytes[name + 1..].to_vec())
}
