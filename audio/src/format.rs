//! The MIME type under which a file is served, by its ending.
//! What is really inside a file is for the prober and the decoders to say.

use std::ffi::OsStr;
use std::path::Path;

/// The table of seed 002 ("MIME type mapping"), with the further formats of seed 003.
const BY_ENDING: [(&str, &str); 17] = [
    ("mp3", "audio/mpeg"),
    ("flac", "audio/flac"),
    ("wav", "audio/wav"),
    ("wave", "audio/wav"),
    ("m4a", "audio/mp4"),
    ("m4b", "audio/mp4"),
    ("mp4", "audio/mp4"),
    ("alac", "audio/mp4"),
    ("aac", "audio/aac"),
    ("ogg", "audio/ogg"),
    ("oga", "audio/ogg"),
    ("opus", "audio/opus"),
    ("aiff", "audio/aiff"),
    ("aif", "audio/aiff"),
    ("wv", "audio/x-wavpack"),
    ("wma", "audio/x-ms-wma"),
    ("ape", "audio/x-ape"),
];

/// What a file of unknown ending is served as (seed 002: "falls back to `audio/mpeg`"). Never a type that a
/// browser would run, so a stray page in the music folder stays harmless.
pub const FALLBACK_MIME_TYPE: &str = "audio/mpeg";

/// The MIME type for `path`, by its ending, in any case of letters.
#[must_use]
pub fn mime_type(path: &Path) -> &'static str {
    let Some(ending) = path.extension().and_then(OsStr::to_str) else { return FALLBACK_MIME_TYPE };
    BY_ENDING.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known)).map_or(FALLBACK_MIME_TYPE, |(_, mime)| mime)
}

/// Whether a lower quality of this file is made by transcoding; MP3 and AAC are served as they are
/// (seed 003, "Transcoding decision").
#[must_use]
pub fn is_transcoded(path: &Path) -> bool {
    matches!(
        mime_type(path),
        "audio/flac" | "audio/wav" | "audio/aiff" | "audio/x-ape" | "audio/x-wavpack" | "audio/ogg" | "audio/mp4"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_decide_in_any_case_and_unknown_ones_fall_back() {
        for (name, mime) in [
            ("a.flac", "audio/flac"),
            ("A.FLAC", "audio/flac"),
            ("x.tar.Mp3", "audio/mpeg"),
            ("song.m4a", "audio/mp4"),
            ("song.opus", "audio/opus"),
            ("song.ape", "audio/x-ape"),
            ("page.html", FALLBACK_MIME_TYPE),
            ("noending", FALLBACK_MIME_TYPE),
            (".flac", FALLBACK_MIME_TYPE),
        ] {
            assert_eq!(mime_type(Path::new(name)), mime, "{name}");
        }
    }
}
