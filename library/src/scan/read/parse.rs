//! What the reader of tags makes of one file.
//! What its tags mean for a track is decided in `fields`.

use std::io::{self, Read, Seek, SeekFrom};

use lofty::ape::{APE_PICTURE_TYPES, ApeFile, ApeTag};
use lofty::config::{ParseOptions, ParsingMode};
use lofty::error::FileParseError;
use lofty::file::{AudioFile as _, FileType, TaggedFile};
use lofty::mp4::{Mp4Codec, Mp4File};
use lofty::musepack::MpcFile;
use lofty::probe::Probe;
use lofty::wavpack::WavPackFile;

use super::window::Window;

/// What the reader of tags makes of a file.
pub(super) struct Parsed {
    pub(super) file: TaggedFile,
    pub(super) codec: &'static str,
    /// Known beside the tags.
    pub(super) has_art: bool,
}

/// Reads the headers, and the tags if they are wanted.
pub(super) fn parse(window: &mut Window<'_>, file_type: FileType, tags: bool) -> Result<Parsed, String> {
    // FLAC keeps pictures in blocks that can be passed over; the others bring them along with the text.
    let is_flac = window.head().starts_with(b"fLaC");
    let options = ParseOptions::new().parsing_mode(ParsingMode::Relaxed).read_tags(tags).read_cover_art(!is_flac);
    let has_picture = is_flac && has_flac_picture(window).unwrap_or(false);
    let parsed = window.rewind().map_err(Into::into).and_then(|()| parse_as(window, file_type, options));
    let parsed = parsed.map_err(|error: FileParseError| error.to_string())?;
    Ok(Parsed { has_art: parsed.has_art || has_picture, ..parsed })
}

fn parse_as(mut reader: &mut Window<'_>, file_type: FileType, options: ParseOptions) -> Result<Parsed, FileParseError> {
    let codec = type_name(file_type);
    let (file, codec, has_art) = match file_type {
        FileType::Mp4 => {
            let parsed = Mp4File::read_from(&mut reader, options)?;
            let codec = match parsed.properties().codec() {
                Some(Mp4Codec::ALAC) => "ALAC",
                Some(Mp4Codec::MP3) => "MP3",
                Some(Mp4Codec::FLAC) => "FLAC",
                _ => "AAC",
            };
            (parsed.into(), codec, false)
        }
        // The pictures of these tags are lost in the form that is common to all.
        FileType::Ape => {
            let parsed = ApeFile::read_from(&mut reader, options)?;
            let has_art = has_ape_picture(parsed.ape());
            (parsed.into(), codec, has_art)
        }
        FileType::WavPack => {
            let parsed = WavPackFile::read_from(&mut reader, options)?;
            let has_art = has_ape_picture(parsed.ape());
            (parsed.into(), codec, has_art)
        }
        FileType::Mpc => {
            let parsed = MpcFile::read_from(&mut reader, options)?;
            let has_art = has_ape_picture(parsed.ape());
            (parsed.into(), codec, has_art)
        }
        _ => (Probe::with_file_type(reader, file_type).options(options).read()?, codec, false),
    };
    Ok(Parsed { file, codec, has_art })
}

fn has_ape_picture(tag: Option<&ApeTag>) -> bool {
    tag.is_some_and(|tag| APE_PICTURE_TYPES.iter().any(|key| tag.get(key).is_some()))
}

const fn type_name(file_type: FileType) -> &'static str {
    match file_type {
        FileType::Mpeg => "MP3",
        FileType::Aac => "AAC",
        FileType::Flac => "FLAC",
        FileType::Wav => "WAV",
        FileType::Aiff => "AIFF",
        FileType::Ape => "APE",
        FileType::WavPack => "WavPack",
        FileType::Mpc => "Musepack",
        FileType::Vorbis => "Vorbis",
        FileType::Opus => "Opus",
        FileType::Speex => "Speex",
        _ => "",
    }
}

/// Whether one of the metadata blocks is a picture, by their headers alone.
fn has_flac_picture(window: &mut Window<'_>) -> io::Result<bool> {
    const PICTURE: u8 = 6;
    const MAX_BLOCKS: usize = 128;
    window.seek(SeekFrom::Start(4))?;
    for _ in 0..MAX_BLOCKS {
        let mut header = [0; 4];
        window.read_exact(&mut header)?;
        let [kind, len @ ..] = header;
        match (kind & 0x7f, kind & 0x80) {
            (PICTURE, _) => return Ok(true),
            (_, 0) => window.seek_relative(len.iter().fold(0, |len, byte| len << 8 | i64::from(*byte)))?,
            _ => return Ok(false),
        }
    }
    Ok(false)
}
