//! Reads one file: its tags, what its headers say about the sound, and the path where the tags say nothing.
//! Whatever is in a file, reading it ends in a track of bounded size or in a sentence for the owner.

use std::panic::AssertUnwindSafe;

use audio::format::Format;
use audio::{AudioFile, MusicRoot, RelativePath};
use lofty::config::{GlobalOptions, apply_global_options};
use lofty::file::FileType;
use lofty::probe::Probe;

use self::fields::{clean, fields};
use self::parse::parse;
use self::window::Window;
use super::walk::{FileState, Found};

mod fields;
mod parse;
mod window;

/// Memory for one item of a tag; larger pictures cost a file its tags.
const MAX_ITEM_BYTES: usize = 32 << 20;

/// A track as the index keeps it; the names are those of its columns.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct TrackFields {
    pub(super) title: String,
    pub(super) artist: String,
    pub(super) album: String,
    pub(super) album_artist: String,
    pub(super) disc_number: Option<u32>,
    pub(super) track_number: Option<u32>,
    pub(super) year: Option<u32>,
    pub(super) genre: String,
    /// Milliseconds.
    pub(super) duration: Option<u64>,
    /// kbit/s.
    pub(super) bitrate: Option<u32>,
    pub(super) codec: &'static str,
    /// Hundredths of a decibel.
    pub(super) track_gain: Option<i32>,
    pub(super) album_gain: Option<i32>,
    pub(super) has_art: bool,
    pub(super) is_compilation: bool,
    /// Each artist by itself, with the folded name.
    pub(super) artists: Vec<(String, String)>,
}

/// How reading went.
#[derive(Debug)]
pub(super) enum Reading {
    Track(Box<TrackFields>),
    /// It plays, but its tags are broken; the path says what it is.
    Untagged(Box<TrackFields>, String),
    /// It is no music that can be read; that stays so until the file changes.
    Unusable(String),
    /// The system did not let it be read; that may change without the file.
    Unreadable(String),
}

/// Reads one file, and tells in which state it was. Parsers that panic cost that file only.
pub(super) fn read(root: &MusicRoot, found: &Found) -> (Reading, Option<FileState>) {
    let file = match RelativePath::parse(found.path.as_bytes().to_vec()) {
        Ok(path) => root.open_now(&path).and_then(Result::ok).map_or_else(|| root.open(&path), Ok),
        Err(error) => Err(error),
    };
    let file = match file {
        Ok(file) => file,
        Err(error) => return (unreadable(&error), found.state),
    };
    let reading = std::panic::catch_unwind(AssertUnwindSafe(|| read_file(&file, &found.path)));
    let reading =
        reading.unwrap_or_else(|_| Reading::Unusable("Its headers make no sense to the reader of tags.".to_owned()));
    let id = file.id();
    (reading, Some(FileState::new(id.len, id.modified_ns, id.inode)))
}

fn unreadable(error: &dyn std::fmt::Display) -> Reading {
    Reading::Unreadable(format!("This could not be read: {error}"))
}

fn read_file(file: &AudioFile, path: &str) -> Reading {
    let mut window = match Window::open(file) {
        Ok(window) if window.head().is_empty() => return Reading::Unusable("This file is empty.".to_owned()),
        Ok(window) => window,
        Err(error) => return unreadable(&error),
    };
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    let format = match window.format(extension) {
        Ok(Some(format)) => format,
        Ok(None) => return Reading::Unusable("This is not a kind of audio file that is known here.".to_owned()),
        Err(error) => return unreadable(&error),
    };
    apply_global_options(GlobalOptions::new().use_custom_resolvers(false).allocation_limit(MAX_ITEM_BYTES));
    let file_type = match file_type(format, &mut window) {
        Ok(file_type) => file_type,
        Err(error) => return unreadable(&error),
    };
    let Some(file_type) = file_type else {
        // No reader of tags knows these, so their first bytes must vouch for them.
        return match window.format(None) {
            Ok(Some(_)) => Reading::Track(Box::new(fields(path, None, codec_name(format)))),
            _ => Reading::Unusable(format!("This is no {} file, whatever its ending says.", codec_name(format))),
        };
    };
    let tagged = match parse(&mut window, file_type, true) {
        Ok(parsed) => return Reading::Track(Box::new(fields(path, Some(&parsed), parsed.codec))),
        Err(error) => error,
    };
    match parse(&mut window, file_type, false) {
        Ok(parsed) => {
            let reason = format!("Its tags could not be read, so its names come from its path: {tagged}");
            Reading::Untagged(Box::new(fields(path, Some(&parsed), parsed.codec)), clean(&reason))
        }
        // A broken tag hides the sound behind it from the reader, but not from players.
        Err(_) if format == Format::Mp3 && matches!(window.format(None), Ok(Some(Format::Mp3))) => {
            let reason = format!("Its tags could not be read, so its names come from its path: {tagged}");
            Reading::Untagged(Box::new(fields(path, None, codec_name(format))), clean(&reason))
        }
        Err(error) => {
            Reading::Unusable(clean(&format!("This is no {} file that can be read: {error}", codec_name(format))))
        }
    }
}

/// The reader of tags for a file, if there is one.
pub(crate) fn tag_reader(file: &AudioFile, extension: Option<&str>) -> std::io::Result<Option<FileType>> {
    let mut window = Window::open(file)?;
    window.format(extension)?.map_or(Ok(None), |format| file_type(format, &mut window))
}

/// The reader of tags for a format, if there is one.
fn file_type(format: Format, window: &mut Window<'_>) -> std::io::Result<Option<FileType>> {
    Ok(match format {
        Format::Mp3 => Some(FileType::Mpeg),
        Format::Aac => Some(FileType::Aac),
        Format::Flac => Some(FileType::Flac),
        // The forms with 64-bit sizes are not read.
        Format::Wav => {
            (!window.head().starts_with(b"RF64") && !window.head().starts_with(b"BW64")).then_some(FileType::Wav)
        }
        Format::Aiff => Some(FileType::Aiff),
        Format::Mp4 => Some(FileType::Mp4),
        Format::Ape => Some(FileType::Ape),
        Format::WavPack => Some(FileType::WavPack),
        Format::Musepack => Some(FileType::Mpc),
        Format::Ogg => Probe::new(window).guess_file_type()?.file_type(),
        Format::Caf | Format::Asf | Format::Matroska | Format::Tta | Format::Dsd => None,
    })
}

const fn codec_name(format: Format) -> &'static str {
    match format {
        Format::Mp3 => "MP3",
        Format::Aac => "AAC",
        Format::Flac => "FLAC",
        Format::Wav => "WAV",
        Format::Aiff => "AIFF",
        Format::Mp4 => "MPEG-4",
        Format::Caf => "CAF",
        Format::Ogg => "Ogg",
        Format::Ape => "APE",
        Format::WavPack => "WavPack",
        Format::Asf => "WMA",
        Format::Matroska => "Matroska",
        Format::Tta => "TTA",
        Format::Dsd => "DSD",
        Format::Musepack => "Musepack",
    }
}
