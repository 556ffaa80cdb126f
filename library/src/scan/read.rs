//! Reads one file: its tags, what its headers say about the sound, and the path where the tags say nothing.
//! Whatever is in a file, reading it ends in a track of bounded size or in a sentence for the owner.

use std::fs::File;
use std::io::BufReader;
use std::panic::AssertUnwindSafe;

use audio::format::Format;
use audio::{AudioFile, MusicRoot, RelativePath, Source};
use lofty::ape::{APE_PICTURE_TYPES, ApeFile, ApeTag};
use lofty::config::{GlobalOptions, ParseOptions, ParsingMode, apply_global_options};
use lofty::error::FileParseError;
use lofty::file::{AudioFile as _, FileType, TaggedFile, TaggedFileExt};
use lofty::mp4::{Mp4Codec, Mp4File};
use lofty::musepack::MpcFile;
use lofty::probe::Probe;
use lofty::tag::{ItemKey, Tag};
use lofty::wavpack::WavPackFile;
use serde::Serialize;

use super::path_names::{VARIOUS, is_various, path_names};
use super::walk::Found;
use crate::fold::fold;

/// What may be kept of one field.
const MAX_CHARS: usize = 500;

/// Artists of one track; more are no names.
const MAX_ARTISTS: usize = 50;

/// Memory for one item of a tag; larger pictures cost a file its tags.
const MAX_ITEM_BYTES: usize = 32 << 20;

/// A track as the index keeps it; the names are those of its columns.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
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

/// Reads one file. Parsers that panic cost that file only.
pub(super) fn read(root: &MusicRoot, found: &Found) -> Reading {
    let reading = std::panic::catch_unwind(AssertUnwindSafe(|| read_file(root, &found.path)));
    reading.unwrap_or_else(|_| Reading::Unusable("Its headers make no sense to the reader of tags.".to_owned()))
}

fn read_file(root: &MusicRoot, path: &str) -> Reading {
    let unreadable = |error: &dyn std::fmt::Display| Reading::Unreadable(format!("This could not be read: {error}"));
    let file = match RelativePath::parse(path.as_bytes().to_vec()) {
        Ok(path) => root.open_now(&path).and_then(Result::ok).map_or_else(|| root.open(&path), Ok),
        Err(error) => Err(error),
    };
    let file = match file {
        Ok(file) => file,
        Err(error) => return unreadable(&error),
    };
    let mut head = [0; 4];
    match file.read_at(&mut head, 0) {
        Ok(0) => return Reading::Unusable("This file is empty.".to_owned()),
        Ok(_) => {}
        Err(error) => return unreadable(&error),
    }
    let extension = path.rsplit_once('.').map(|(_, extension)| extension);
    let format = match Format::of(&file, extension) {
        Ok(Some(format)) => format,
        Ok(None) => return Reading::Unusable("This is not a kind of audio file that is known here.".to_owned()),
        Err(error) => return unreadable(&error),
    };
    apply_global_options(GlobalOptions::new().use_custom_resolvers(false).allocation_limit(MAX_ITEM_BYTES));
    let file_type = match file_type(format, &file, head) {
        Ok(file_type) => file_type,
        Err(error) => return unreadable(&error),
    };
    let Some(file_type) = file_type else {
        // No reader of tags knows these, so their first bytes must vouch for them.
        return match Format::of(&file, None) {
            Ok(Some(_)) => Reading::Track(Box::new(fields(path, None, codec_name(format)))),
            _ => Reading::Unusable(format!("This is no {} file, whatever its ending says.", codec_name(format))),
        };
    };
    let tagged = match parse(&file, file_type, head, true) {
        Ok(parsed) => return Reading::Track(Box::new(fields(path, Some(&parsed), parsed.codec))),
        Err(error) => error,
    };
    match parse(&file, file_type, head, false) {
        Ok(parsed) => {
            let reason = format!("Its tags could not be read, so its names come from its path: {tagged}");
            Reading::Untagged(Box::new(fields(path, Some(&parsed), parsed.codec)), clean(&reason))
        }
        // A broken tag hides the sound behind it from the reader, but not from players.
        Err(_) if format == Format::Mp3 && matches!(Format::of(&file, None), Ok(Some(Format::Mp3))) => {
            let reason = format!("Its tags could not be read, so its names come from its path: {tagged}");
            Reading::Untagged(Box::new(fields(path, None, codec_name(format))), clean(&reason))
        }
        Err(error) => {
            Reading::Unusable(clean(&format!("This is no {} file that can be read: {error}", codec_name(format))))
        }
    }
}

/// The reader of tags for a format, if there is one.
pub(crate) fn file_type(format: Format, file: &AudioFile, head: [u8; 4]) -> std::io::Result<Option<FileType>> {
    Ok(match format {
        Format::Mp3 => Some(FileType::Mpeg),
        Format::Aac => Some(FileType::Aac),
        Format::Flac => Some(FileType::Flac),
        // The forms with 64-bit sizes are not read.
        Format::Wav => (&head != b"RF64" && &head != b"BW64").then_some(FileType::Wav),
        Format::Aiff => Some(FileType::Aiff),
        Format::Mp4 => Some(FileType::Mp4),
        Format::Ape => Some(FileType::Ape),
        Format::WavPack => Some(FileType::WavPack),
        Format::Musepack => Some(FileType::Mpc),
        Format::Ogg => Probe::new(BufReader::new(file.try_clone_file()?)).guess_file_type()?.file_type(),
        Format::Caf | Format::Asf | Format::Matroska | Format::Tta | Format::Dsd => None,
    })
}

/// What the reader of tags makes of a file.
struct Parsed {
    file: TaggedFile,
    codec: &'static str,
    /// Known beside the tags.
    has_art: bool,
}

fn parse(file: &AudioFile, file_type: FileType, head: [u8; 4], tags: bool) -> Result<Parsed, String> {
    // FLAC keeps pictures in blocks that can be passed over; the others bring them along with the text.
    let is_flac = &head == b"fLaC";
    let options = ParseOptions::new().parsing_mode(ParsingMode::Relaxed).read_tags(tags).read_cover_art(!is_flac);
    let handle = file.try_clone_file().map_err(|error| error.to_string())?;
    let reader = BufReader::new(handle);
    parse_as(reader, file_type, options, || is_flac && has_flac_picture(file)).map_err(|error| error.to_string())
}

fn parse_as(
    mut reader: BufReader<File>,
    file_type: FileType,
    options: ParseOptions,
    has_block: impl FnOnce() -> bool,
) -> Result<Parsed, FileParseError> {
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
        _ => (Probe::with_file_type(reader, file_type).options(options).read()?, codec, has_block()),
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

fn fields(path: &str, parsed: Option<&Parsed>, codec: &'static str) -> TrackFields {
    let has_art = parsed.is_some_and(|parsed| parsed.has_art);
    let parsed = parsed.map(|parsed| &parsed.file);
    let mut tags = Tags::of(parsed);
    // Classical FLAC files also carry an older tag, whose fields are cut short.
    tags.0.sort_by_key(|tag| Some(tag.tag_type()) != parsed.map(TaggedFileExt::primary_tag_type));
    let names = path_names(path);
    let properties = parsed.map(lofty::file::AudioFile::properties);
    let (artist, artists) = tags.artists(&names.artist);
    let album_artist = or(tags.text(ItemKey::AlbumArtist), || {
        if tags.text(ItemKey::TrackArtist).is_empty() || names.album_artist == VARIOUS {
            names.album_artist
        } else {
            String::new()
        }
    });
    TrackFields {
        title: or(tags.text(ItemKey::TrackTitle), || names.title),
        artist,
        album: or(tags.text(ItemKey::AlbumTitle), || names.album),
        album_artist: if is_various(&album_artist) { VARIOUS.to_owned() } else { clean(&album_artist) },
        disc_number: tags.number(ItemKey::DiscNumber).or(names.disc),
        track_number: tags.number(ItemKey::TrackNumber).or(names.track),
        year: tags.year().or(names.year),
        genre: tags.texts(ItemKey::Genre).join(", "),
        duration: properties
            .and_then(|sound| u64::try_from(sound.duration().as_millis()).ok())
            .filter(|length| *length > 0),
        bitrate: properties
            .and_then(|sound| sound.audio_bitrate().or_else(|| sound.overall_bitrate()))
            .filter(|rate| *rate > 0),
        codec,
        track_gain: tags.gain(ItemKey::ReplayGainTrackGain, ItemKey::R128TrackGain),
        album_gain: tags.gain(ItemKey::ReplayGainAlbumGain, ItemKey::R128AlbumGain),
        has_art: has_art || tags.0.iter().any(|tag| tag.picture_count() > 0),
        is_compilation: matches!(tags.text(ItemKey::FlagCompilation).as_str(), "1" | "true" | "True" | "yes"),
        artists,
    }
    .bounded()
}

impl TrackFields {
    /// Names from the path are as long and as strange as those from tags.
    fn bounded(mut self) -> Self {
        for text in [&mut self.title, &mut self.artist, &mut self.album, &mut self.genre] {
            *text = clean(text);
        }
        self
    }
}

fn or(text: String, other: impl FnOnce() -> String) -> String {
    if text.is_empty() { other() } else { text }
}

/// The tags of a file, the most telling first.
struct Tags<'a>(Vec<&'a Tag>);

impl<'a> Tags<'a> {
    fn of(parsed: Option<&'a TaggedFile>) -> Self {
        Self(parsed.map(|parsed| parsed.tags().iter().collect()).unwrap_or_default())
    }

    /// All values of a field, from the first tag that has any.
    fn texts(&self, key: ItemKey) -> Vec<String> {
        let values = |tag: &&Tag| -> Vec<String> {
            let split = tag.get_strings(key).flat_map(|text| text.split('\0'));
            split.map(clean).filter(|text| !text.is_empty()).take(MAX_ARTISTS).collect()
        };
        self.0.iter().map(values).find(|values| !values.is_empty()).unwrap_or_default()
    }

    fn text(&self, key: ItemKey) -> String {
        self.texts(key).into_iter().next().unwrap_or_default()
    }

    /// All artists as one text, and each by itself. `ARTISTS` lists those whom `ARTIST` names in a sentence.
    fn artists(&self, fallback: &str) -> (String, Vec<(String, String)>) {
        let mut sentence = self.texts(ItemKey::TrackArtist);
        if sentence.is_empty() {
            sentence.push(clean(fallback));
        }
        let listed = self.texts(ItemKey::TrackArtists);
        let split = |texts: &[String]| -> Vec<String> {
            texts.iter().flat_map(|text| text.split("; ")).map(|name| name.trim().to_owned()).collect()
        };
        let shown = split(&sentence).join(", ");
        let mut artists: Vec<(String, String)> = Vec::new();
        for name in split(if listed.is_empty() { &sentence } else { &listed }) {
            let folded = fold(&name);
            if !folded.is_empty() && artists.iter().all(|(_, known)| *known != folded) {
                artists.push((name, folded));
            }
        }
        artists.truncate(MAX_ARTISTS);
        (shown, artists)
    }

    /// `7`, `07`, `7/12`.
    fn number(&self, key: ItemKey) -> Option<u32> {
        let text = self.text(key);
        let digits = text.split(|sign: char| !sign.is_ascii_digit()).next()?;
        digits.parse().ok().filter(|number| (1..100_000).contains(number))
    }

    /// `2019`, `2019-05-01`; the first that makes sense.
    fn year(&self) -> Option<u32> {
        [ItemKey::RecordingDate, ItemKey::Year, ItemKey::ReleaseDate, ItemKey::OriginalReleaseDate]
            .into_iter()
            .find_map(|key| {
                let text = self.text(key);
                let digits = text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
                digits.parse().ok().filter(|year| *year > 0)
            })
    }

    /// ReplayGain as `-6.50 dB`, or that of Opus in units of 1/256 dB, which aims 5 dB lower (RFC 7845 5.2.1).
    fn gain(&self, key: ItemKey, r128: ItemKey) -> Option<i32> {
        let text = self.text(key).to_ascii_lowercase();
        let decibels = text.trim_end_matches("db").trim().parse::<f64>().ok();
        let decibels = decibels.or_else(|| Some(f64::from(self.text(r128).parse::<i16>().ok()?) / 256.0 + 5.0));
        #[allow(clippy::cast_possible_truncation)] // the range is checked just before
        decibels.filter(|gain| gain.abs() < 100.0).map(|gain| (gain * 100.0).round() as i32)
    }
}

/// Without control characters, which includes those that turn the direction of writing, and not too long.
fn clean(text: &str) -> String {
    let is_shown = |sign: &char| !matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let text = text.trim_matches(|sign: char| sign.is_whitespace() || sign.is_control() || !is_shown(&sign));
    let signs = text.chars().filter(is_shown).map(|sign| if sign.is_control() { ' ' } else { sign });
    signs.take(MAX_CHARS).collect::<String>().trim_end().to_owned()
}

/// Whether one of the metadata blocks is a picture, by their headers alone.
fn has_flac_picture(file: &AudioFile) -> bool {
    const PICTURE: u8 = 6;
    const MAX_BLOCKS: usize = 128;
    let (mut offset, mut header) = (4, [0; 4]);
    for _ in 0..MAX_BLOCKS {
        if !matches!(file.read_at(&mut header, offset), Ok(4)) {
            return false;
        }
        let [kind, len @ ..] = header;
        match (kind & 0x7f, kind & 0x80) {
            (PICTURE, _) => return true,
            (_, 0) => offset += 4 + len.iter().fold(0, |len, byte| len << 8 | u64::from(*byte)),
            _ => return false,
        }
    }
    false
}
