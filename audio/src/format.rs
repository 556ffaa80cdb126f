//! What a file is, told by its first bytes and else by its ending, and the MIME type under which it is served.
//! Whether what is inside can be decoded is for the decoders to say.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

use crate::{AudioFile, Source};

/// The table of seed 002 ("MIME type mapping"), with the further formats of seed 003 and those that ffmpeg decodes.
const BY_ENDING: [(&str, &str, Format); 24] = [
    ("mp3", "audio/mpeg", Format::Mp3),
    ("flac", "audio/flac", Format::Flac),
    ("wav", "audio/wav", Format::Wav),
    ("wave", "audio/wav", Format::Wav),
    ("m4a", "audio/mp4", Format::Mp4),
    ("m4b", "audio/mp4", Format::Mp4),
    ("mp4", "audio/mp4", Format::Mp4),
    ("alac", "audio/mp4", Format::Mp4),
    ("aac", "audio/aac", Format::Aac),
    ("ogg", "audio/ogg", Format::Ogg),
    ("oga", "audio/ogg", Format::Ogg),
    ("opus", "audio/opus", Format::Ogg),
    ("aiff", "audio/aiff", Format::Aiff),
    ("aif", "audio/aiff", Format::Aiff),
    ("wv", "audio/x-wavpack", Format::WavPack),
    ("wma", "audio/x-ms-wma", Format::Asf),
    ("ape", "audio/x-ape", Format::Ape),
    ("caf", "audio/x-caf", Format::Caf),
    ("dsf", "audio/x-dsf", Format::Dsd),
    ("dff", "audio/x-dff", Format::Dsd),
    ("mka", "audio/x-matroska", Format::Matroska),
    ("mpc", "audio/x-musepack", Format::Musepack),
    ("tta", "audio/x-tta", Format::Tta),
    ("webm", "audio/webm", Format::Matroska),
];

/// What a file of unknown ending is served as (seed 002: "falls back to `audio/mpeg`"). Never a type that a
/// browser would run, so a stray page in the music folder stays harmless.
pub const FALLBACK_MIME_TYPE: &str = "audio/mpeg";

/// A kind of file: a container, or a codec that comes without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// MPEG audio, layers I to III.
    Mp3,
    /// AAC in ADTS.
    Aac,
    /// FLAC without a container.
    Flac,
    /// RIFF/WAVE, also with 64-bit sizes.
    Wav,
    /// AIFF and AIFF-C.
    Aiff,
    /// MPEG-4 and QuickTime: AAC, ALAC and others.
    Mp4,
    /// Apple's Core Audio Format.
    Caf,
    /// Ogg: Vorbis, Opus, FLAC and others.
    Ogg,
    /// Monkey's Audio.
    Ape,
    /// WavPack.
    WavPack,
    /// Windows Media.
    Asf,
    /// Matroska and WebM.
    Matroska,
    /// The True Audio.
    Tta,
    /// DSD in DSF or DSDIFF.
    Dsd,
    /// Musepack, stream versions 7 and 8.
    Musepack,
}

impl Format {
    /// The format by what is in the file, or by its ending where the content is of no known kind.
    ///
    /// # Errors
    /// Whatever reading the first bytes reports.
    pub fn of(source: &dyn Source, extension: Option<&str>) -> io::Result<Option<Self>> {
        Self::of_bytes(|buffer, offset| source.read_at(buffer, offset), extension)
    }

    /// The same for what `read_at` reads as [`Source::read_at`] does.
    ///
    /// # Errors
    /// Whatever reading the first bytes reports.
    pub fn of_bytes(
        read_at: impl FnMut(&mut [u8], u64) -> io::Result<usize>,
        extension: Option<&str>,
    ) -> io::Result<Option<Self>> {
        let by_ending = || extension.and_then(by_ending).map(|(_, format)| format);
        Ok(Self::of_content(read_at)?.or_else(by_ending))
    }

    fn of_content(mut read_at: impl FnMut(&mut [u8], u64) -> io::Result<usize>) -> io::Result<Option<Self>> {
        let mut offset = 0;
        for _ in 0..MAX_TAGS {
            let mut bytes = [0; HEAD_BYTES];
            let read = read_at(&mut bytes, offset)?;
            match id3v2_len(&bytes[..read]) {
                Some(len) => offset += len,
                None => return Ok(by_magic(&bytes[..read])),
            }
        }
        Ok(None)
    }

    /// Whether a lower quality is made by transcoding; MP3 and AAC are served as they are
    /// (seed 003, "Transcoding decision").
    #[must_use]
    pub const fn is_transcoded(self) -> bool {
        !matches!(self, Self::Mp3 | Self::Aac)
    }
}

/// Bytes that tell a format.
const HEAD_BYTES: usize = 16;

/// Taggers that do not see another's tag put theirs before it; more than a few are no music file.
const MAX_TAGS: usize = 4;

/// The length of an `ID3v2` tag that starts here, header and footer and all.
pub(crate) fn id3v2_len(bytes: &[u8]) -> Option<u64> {
    let header: &[u8; 10] = bytes.first_chunk()?;
    if !header.starts_with(b"ID3") || header[6..].iter().any(|byte| byte & 0x80 != 0) {
        return None;
    }
    let len = header[6..].iter().fold(0, |len, byte| len << 7 | u64::from(*byte));
    let has_footer = header[5] & 0x10 != 0;
    Some(len + if has_footer { 20 } else { 10 })
}

fn by_magic(bytes: &[u8]) -> Option<Format> {
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let known = [
        (at(0, b"fLaC"), Format::Flac),
        (at(0, b"OggS"), Format::Ogg),
        ((at(0, b"RIFF") || at(0, b"RF64") || at(0, b"BW64")) && at(8, b"WAVE"), Format::Wav),
        (at(0, b"FORM") && at(8, b"AIF"), Format::Aiff),
        (at(4, b"ftyp"), Format::Mp4),
        (at(0, b"caff"), Format::Caf),
        (at(0, b"MAC "), Format::Ape),
        (at(0, b"wvpk"), Format::WavPack),
        (at(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"), Format::Asf),
        (at(0, b"\x1a\x45\xdf\xa3"), Format::Matroska),
        (at(0, b"TTA1") || at(0, b"TTA2"), Format::Tta),
        (at(0, b"DSD ") || at(0, b"FRM8"), Format::Dsd),
        (at(0, b"MPCK") || at(0, b"MP+"), Format::Musepack),
    ];
    known.into_iter().find_map(|(is, format)| is.then_some(format)).or_else(|| by_frame(*bytes.first_chunk()?))
}

/// MPEG audio and ADTS have no magic bytes, but the header of their first frame has values that may not occur.
fn by_frame([sync, version, rates, _]: [u8; 4]) -> Option<Format> {
    let (layer, bitrate, rate) = (version >> 1 & 3, rates >> 4, rates >> 2 & 3);
    match (sync, version & 0xf6) {
        (0xff, 0xf0) => Some(Format::Aac),
        (0xff, 0xe0..) if layer != 0 && version & 0x18 != 0x08 && bitrate != 15 && rate != 3 => Some(Format::Mp3),
        _ => None,
    }
}

fn by_ending(ending: &str) -> Option<(&'static str, Format)> {
    let known = BY_ENDING.iter().find(|(known, ..)| ending.eq_ignore_ascii_case(known));
    known.map(|(_, mime, format)| (*mime, *format))
}

/// The MIME type for `path`, by its ending, in any case of letters.
#[must_use]
pub fn mime_type(path: &Path) -> &'static str {
    path.extension().and_then(OsStr::to_str).and_then(by_ending).map_or(FALLBACK_MIME_TYPE, |(mime, _)| mime)
}

/// Whether the ending is that of an audio file, in any case of letters.
#[must_use]
pub fn has_audio_ending(path: &Path) -> bool {
    path.extension().and_then(OsStr::to_str).and_then(by_ending).is_some()
}

/// Whether a lower quality of this file is made by transcoding. Reads from the disk, so call it on a thread that
/// may wait.
///
/// # Errors
/// Whatever reading the first bytes reports.
pub fn is_transcoded(file: &AudioFile) -> io::Result<bool> {
    let format = Format::of(file, file.path().extension().and_then(OsStr::to_str))?;
    Ok(format.is_some_and(Format::is_transcoded))
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

    struct Bytes(Vec<u8>);

    impl Source for Bytes {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }

        fn read_now(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            self.read_at(buffer, offset)
        }

        fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
            let rest = self.0.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            Ok(count)
        }
    }

    #[test]
    fn content_decides_and_the_ending_only_where_the_content_is_unknown() {
        let tagged = |sound: &[u8]| [b"ID3\x04\0\0\0\0\x01\x02".as_slice(), &[0; 130], sound].concat();
        let mp3 = b"\xff\xfb\x90\x64".as_slice();
        for (content, ending, format) in [
            (b"fLaC\0\0\0\x22".to_vec(), "mp3", Some(Format::Flac)),
            (tagged(b"fLaC"), "mp3", Some(Format::Flac)),
            (tagged(&tagged(b"MAC \x96\x0f")), "mp3", Some(Format::Ape)),
            (mp3.to_vec(), "flac", Some(Format::Mp3)),
            (tagged(mp3), "flac", Some(Format::Mp3)),
            (tagged(b"\xff\xf1\x50\x80"), "m4a", Some(Format::Aac)),
            (b"RIFF\x24\0\0\0WAVEfmt ".to_vec(), "", Some(Format::Wav)),
            (b"RIFF\x24\0\0\0AVI LIST".to_vec(), "", None),
            (b"FORM\0\0\0\x24AIFCFVER".to_vec(), "wav", Some(Format::Aiff)),
            (b"\0\0\0\x20ftypM4A ".to_vec(), "aac", Some(Format::Mp4)),
            (b"\0\0\0\0\0\0".to_vec(), "Mp3", Some(Format::Mp3)),
            (tagged(b""), "flac", Some(Format::Flac)),
            (b"ID3".to_vec(), "wma", Some(Format::Asf)),
            // Values that may not occur: layer 0, version 1, bitrate 15, rate 3.
            (b"\xff\xe1\x90\x64".to_vec(), "", None),
            (b"\xff\xeb\x90\x64".to_vec(), "", None),
            (b"\xff\xfb\xf0\x64".to_vec(), "", None),
            (b"\xff\xfb\x9c\x64".to_vec(), "", None),
            (b"<html>".to_vec(), "html", None),
            (Vec::new(), "wv", Some(Format::WavPack)),
        ] {
            let found = Format::of(&Bytes(content.clone()), Some(ending)).unwrap();
            assert_eq!(found, format, "{content:?} with the ending {ending}");
        }
    }
}
