//! The fields of a track, from its tags, and from its path where these say nothing.
//! How tags are read from a file is known to `parse`.

use lofty::file::{TaggedFile, TaggedFileExt};
use lofty::tag::{ItemKey, Tag};

use super::TrackFields;
use super::parse::Parsed;
use crate::fold::fold;
use crate::scan::path_names::{VARIOUS, is_various, path_names};

/// What may be kept of one field.
const MAX_CHARS: usize = 500;

/// Artists of one track; more are no names.
const MAX_ARTISTS: usize = 50;

pub(super) fn fields(path: &str, parsed: Option<&Parsed>, codec: &'static str) -> TrackFields {
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
pub(super) fn clean(text: &str) -> String {
    let is_shown = |sign: &char| !matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let text = text.trim_matches(|sign: char| sign.is_whitespace() || sign.is_control() || !is_shown(&sign));
    let signs = text.chars().filter(is_shown).map(|sign| if sign.is_control() { ' ' } else { sign });
    signs.take(MAX_CHARS).collect::<String>().trim_end().to_owned()
}
