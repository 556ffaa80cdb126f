//! Which files of the music folder are audio, and so may be played by somebody who knows their path.
//! Choosing a decoder and a MIME type is done in `format`.

use std::io;

use crate::format::has_audio_ending;
use crate::{AudioFile, Error, MusicRoot, RelativePath, Source};

/// Where the kinds of streams of an ASF or Matroska file are named.
const HEAD_BYTES: usize = 64 << 10;

/// Bytes that identify most formats.
const MAGIC_BYTES: usize = 16;

/// Taggers that do not recognise an existing tag put theirs before it; a file with more than a few is not music.
const MAX_TAGS: usize = 4;

/// Major brands of MPEG-4 files without pictures, or that say nothing of what is inside (<https://mp4ra.org>). Photos
/// have the same container: HEIC, AVIF, CR3.
const AUDIO_BRANDS: [&[u8; 4]; 11] =
    [b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"mp41", b"mp42", b"isom", b"iso2", b"iso5", b"iso6", b"dash"];

const ASF_AUDIO: &[u8] = b"\x40\x9e\x69\xf8\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b";
const ASF_VIDEO: &[u8] = b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\x00\x80\x5f\x5c\x44\x2b";

impl MusicRoot {
    /// Opens an audio file, as [`MusicRoot::open`] does.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for a file that is no audio, and the errors of [`MusicRoot::open`].
    pub fn open_audio(&self, path: &RelativePath) -> Result<AudioFile, Error> {
        let file = self.open(path)?;
        if is_audio(&file).map_err(Error::Io)? { Ok(file) } else { Err(Error::NotFound) }
    }

    /// Opens an audio file if that needs no disk access, as [`MusicRoot::open_now`] does.
    /// `None`: call [`MusicRoot::open_audio`] on a thread that may wait.
    #[must_use]
    pub fn open_audio_now(&self, path: &RelativePath) -> Option<Result<AudioFile, Error>> {
        let opened = self.open_now(path)?;
        // Without a known ending the content decides, which has to be read.
        if opened.as_ref().is_ok_and(|file| !has_audio_ending(file.path())) { None } else { Some(opened) }
    }
}

/// Whether a file has the ending of an audio format, or is audio by its content. Reads from the disk, so call it on a
/// thread that may wait.
///
/// # Errors
/// Whatever reading the first bytes reports.
pub fn is_audio(file: &AudioFile) -> io::Result<bool> {
    // The ending of the file itself, not of a link to it.
    if has_audio_ending(file.path()) { Ok(true) } else { has_audio_content(file) }
}

fn has_audio_content(source: &dyn Source) -> io::Result<bool> {
    let mut offset = 0;
    for tags in 0..=MAX_TAGS {
        let head = read(source, offset, MAGIC_BYTES)?;
        match crate::format::id3v2_len(&head) {
            Some(len) if tags < MAX_TAGS => offset += len,
            Some(_) => return Ok(false),
            None => return Ok(is_known(source, offset, &head)? || has_frames(source, offset)?),
        }
    }
    Ok(false)
}

/// Formats with magic bytes. Short ones, which a text may begin with, are looked at more closely.
fn is_known(source: &dyn Source, offset: u64, head: &[u8]) -> io::Result<bool> {
    let at = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let number = |offset: usize| head.get(offset..offset + 2).map(|two| u16::from_le_bytes([two[0], two[1]]));
    let magic = [b"fLaC".as_slice(), b"OggS", b"caff\0\x01", b"wvpk", b"TTA1\x01\0", b"TTA1\x02\0", b"DSD \x1c\0\0\0"];
    let is_wave = (at(0, b"RIFF") || at(0, b"RF64") || at(0, b"BW64")) && at(8, b"WAVE");
    let is_aiff = at(0, b"FORM") && at(8, b"AIF");
    let is_dsdiff = at(0, b"FRM8") && at(12, b"DSD ");
    let is_monkeys = at(0, b"MAC ") && number(4).is_some_and(|version| (3000..5000).contains(&version));
    let is_musepack = (at(0, b"MPCK") && head.get(4).is_some_and(u8::is_ascii_uppercase)) || at(0, b"MP+\x07");
    let is_mp4 = at(4, b"ftyp") && AUDIO_BRANDS.iter().any(|brand| at(8, *brand));
    if magic.iter().any(|magic| at(0, magic)) || is_wave || is_aiff || is_dsdiff || is_monkeys || is_musepack || is_mp4
    {
        return Ok(true);
    }
    // Windows Media and Matroska hold videos as well.
    if at(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11") {
        let head = read(source, offset, HEAD_BYTES)?;
        return Ok(contains(&head, ASF_AUDIO) && !contains(&head, ASF_VIDEO));
    }
    if at(0, b"\x1a\x45\xdf\xa3") {
        let head = read(source, offset, HEAD_BYTES)?;
        // The element CodecID (0x86), its length in one byte, and the codec.
        let has =
            |kind: &[u8]| head.windows(4).any(|four| four[0] == 0x86 && four[1] & 0x80 != 0 && &four[2..] == kind);
        return Ok(has(b"A_") && !has(b"V_"));
    }
    Ok(false)
}

/// Whether two frames of MPEG audio or ADTS follow each other here. The header of one alone is found in text, too: a
/// text of UTF-16 begins with `FF FE`.
fn has_frames(source: &dyn Source, offset: u64) -> io::Result<bool> {
    let header = |offset| Ok::<_, io::Error>(read(source, offset, 6)?.first_chunk().copied().and_then(frame));
    let Some(first) = header(offset)? else { return Ok(false) };
    let Some(second) = header(offset + u64::from(first.len))? else { return Ok(false) };
    Ok(first.kind == second.kind)
}

/// The header of a frame.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    /// What all frames of a stream have in common: version, layer and sampling rate.
    kind: [u8; 2],
    /// Bytes from this header to the next.
    len: u32,
}

fn frame(bytes: [u8; 6]) -> Option<Frame> {
    let [sync, version, rates, _, _, _] = bytes;
    if sync != 0xff || version & 0xe0 != 0xe0 {
        return None;
    }
    if version & 0xf6 == 0xf0 {
        // ISO 13818-7, 6.2: 13 bits of length.
        let len = u32::from(bytes[3] & 3) << 11 | u32::from(bytes[4]) << 3 | u32::from(bytes[5]) >> 5;
        let kind = [version, rates & 0xfc];
        return (len >= 7 && rates >> 2 & 15 < 13).then_some(Frame { kind, len });
    }
    // ISO 11172-3 and 13818-3, 2.4.2.3, and the half rates of MPEG 2.5.
    let (layer, bitrate, rate) = (4 - (version >> 1 & 3), usize::from(rates >> 4), usize::from(rates >> 2 & 3));
    let is_version_1 = version & 0x18 == 0x18;
    let row = match (is_version_1, layer) {
        (_, 4) => return None,
        (true, 1) => [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        (true, 2) => [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        (true, _) => [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        (false, 1) => [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        (false, _) => [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    };
    let bitrate: u32 = *row.get(bitrate.checked_sub(1)?)? * 1000;
    let divisor = match version >> 3 & 3 {
        3 => 1,
        2 => 2,
        0 => 4,
        _ => return None,
    };
    let rate = *[44_100_u32, 48_000, 32_000].get(rate)? / divisor;
    let padding = u32::from(rates >> 1 & 1);
    let len = match layer {
        1 => (12 * bitrate / rate + padding) * 4,
        3 if !is_version_1 => 72 * bitrate / rate + padding,
        _ => 144 * bitrate / rate + padding,
    };
    Some(Frame { kind: [version | 1, rates & 0x0c], len })
}

fn read(source: &dyn Source, offset: u64, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    let read = source.read_at(&mut bytes, offset)?;
    bytes.truncate(read);
    Ok(bytes)
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn utf16(text: &str) -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    }

    /// Frames of 128 kbit/s at 44.1 kHz: 417 bytes each.
    fn mp3() -> Vec<u8> {
        let frame = [[0xff, 0xfb, 0x90, 0x64].as_slice(), &[0; 413]].concat();
        frame.repeat(3)
    }

    #[test]
    fn names_that_begin_with_a_dot_are_not_opened() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("album/.folder")).unwrap();
        for file in ["album/a.mp3", ".hidden.mp3", "album/.folder/a.mp3", "..a.mp3", "a.bin"] {
            std::fs::write(folder.path().join(file), "fLaC").unwrap();
        }
        std::fs::write(folder.path().join("library.db"), "SQLite").unwrap();
        // As git-annex keeps what is in a library.
        std::os::unix::fs::symlink("album/.folder/a.mp3", folder.path().join("link.mp3")).unwrap();
        std::os::unix::fs::symlink("library.db", folder.path().join("db.mp3")).unwrap();
        let root = MusicRoot::new(folder.path()).unwrap();
        for (name, opens) in [
            ("album/a.mp3", true),
            ("album/../album/./a.mp3", true),
            ("a.bin", true),
            ("link.mp3", true),
            (".hidden.mp3", false),
            ("..a.mp3", false),
            ("album/.folder/a.mp3", false),
            ("album/.folder/../a.mp3", false),
            ("library.db", false),
            ("db.mp3", false),
        ] {
            let path = RelativePath::parse(name.into()).unwrap();
            assert_eq!(root.open_audio(&path).is_ok(), opens, "{name}");
            let now = root.open_audio_now(&path);
            assert!(now.is_none_or(|opened| opened.is_ok() == opens), "{name}, without waiting");
        }
    }

    #[test]
    fn content_is_audio_only_where_it_is_sure() {
        let tag = [b"ID3\x04\0\0\0\0\x01\x02".as_slice(), &[0; 130]].concat();
        let adts = [[0xff, 0xf1, 0x50, 0x80, 0x02, 0x1f, 0xfc].as_slice(), &[0; 9]].concat().repeat(2);
        let matroska = |codec: &[u8]| [b"\x1a\x45\xdf\xa3 webm \x86\x86".as_slice(), codec].concat();
        for (content, expected) in [
            (b"fLaC\0\0\0\x22".to_vec(), true),
            (b"RIFF\x24\0\0\0WAVEfmt ".to_vec(), true),
            (mp3(), true),
            ([tag.clone(), mp3()].concat(), true),
            (adts, true),
            (b"\0\0\0\x20ftypM4A ".to_vec(), true),
            (b"MAC \x96\x0f".to_vec(), true),
            (matroska(b"A_OPUS"), true),
            ([b"\x30\x26\xb2\x75\x8e\x66\xcf\x11".as_slice(), &[0; 90], ASF_AUDIO].concat(), true),
            ([b"\x30\x26\xb2\x75\x8e\x66\xcf\x11".as_slice(), ASF_VIDEO, ASF_AUDIO].concat(), false),
            (matroska(b"V_VP9 \x86\x86A_OPUS"), false),
            (b"\0\0\0\x20ftypheic".to_vec(), false),
            (b"\0\0\0\x20ftypqt  ".to_vec(), false),
            (b"MAC addresses of all machines".to_vec(), false),
            (b"RIFF\x24\0\0\0AVI LIST".to_vec(), false),
            (utf16("[.ShellClassInfo]\r\nIconResource=C:\\Music\\a.ico,0\r\n"), false),
            (utf16(&"A list of all the songs in this folder. ".repeat(200)), false),
            (mp3()[..417].to_vec(), false),
            (tag.clone(), false),
            (tag.repeat(10), false),
            (b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(), false),
            (b"<?xml version=\"1.0\"?><plist>".to_vec(), false),
            (b"SQLite format 3\0".to_vec(), false),
            (Vec::new(), false),
        ] {
            let found = has_audio_content(&Bytes(content.clone())).unwrap();
            assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(&content[..content.len().min(60)]));
        }
    }
}
