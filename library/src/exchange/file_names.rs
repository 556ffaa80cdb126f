//! File names that every system can keep: what Windows forbids is replaced, and nothing is longer than all allow.
//! Addresses have rules of their own, in `model::slug`.

use model::Track;

/// The longest part that comes from a title or an artist, in bytes: two of them, with a number and an ending, make at
/// most the 255 that file systems allow.
const MAX_BYTES: usize = 110;

/// The longest ending.
const MAX_ENDING: usize = 12;

/// Names that Windows keeps for devices, whatever their ending.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// The name of a file that is made of a mixtape of this title; the ending begins with its dot.
#[must_use]
pub fn file_name(title: &str, ending: &str) -> String {
    format!("{}{ending}", file_stem(title))
}

/// `01 Artist - Title.ext`, with as many digits as the last number has, but two.
pub(super) fn track_name(track: &Track, number: usize, count: usize) -> String {
    let digits = count.to_string().len().max(2);
    let artist =
        if track.artist.is_empty() { String::new() } else { format!("{} - ", plain(&track.artist, MAX_BYTES)) };
    let name = track.path.file_name();
    let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| format!(".{}", plain(ending, MAX_ENDING)));
    format!("{number:0digits$} {artist}{}{ending}", plain(&track.title, MAX_BYTES))
}

fn file_stem(title: &str) -> String {
    let stem = plain(title, MAX_BYTES);
    let device = stem.to_lowercase().trim_end_matches(|sign: char| sign.is_ascii_digit()).to_owned();
    if DEVICES.contains(&device.as_str()) { format!("{stem}_") } else { stem }
}

/// A part of a name, of so many bytes at most.
fn plain(text: &str, max: usize) -> String {
    let replaced = text.chars().map(|sign| match sign {
        '/' | '\\' | ':' | '|' => '-',
        '"' => '\'',
        '<' | '>' | '?' | '*' => '_',
        sign if sign.is_control() => ' ',
        sign => sign,
    });
    let mut cut = String::new();
    for sign in replaced {
        if cut.len() + sign.len_utf8() > max {
            break;
        }
        cut.push(sign);
    }
    // Windows drops dots and spaces at the end, and a dot at the beginning hides a file elsewhere.
    let cut = cut.trim().trim_end_matches(['.', ' ']).trim_start_matches('.');
    if cut.is_empty() { "_".to_owned() } else { cut.to_owned() }
}

#[cfg(test)]
mod tests {
    use model::TrackPath;

    use super::*;

    #[test]
    fn names_can_be_kept_by_every_system() {
        let track = |path: &str, artist: &str, title: &str| Track {
            path: TrackPath(path.into()),
            title: title.into(),
            artist: artist.into(),
            album: String::new(),
            duration: None,
        };
        for (track, number, count, name) in [
            (track("a/b.flac", "AC/DC", "What's \"Next\"?"), 1, 9, "01 AC-DC - What's 'Next'_.flac"),
            (track("b", "", "..."), 7, 100, "007 _"),
            (track("a.b/c.MP3", "Köln ", "夏 🌻."), 12, 12, "12 Köln - 夏 🌻.MP3"),
            (track("a.mp3", "", "../../etc"), 1, 1, "01 -..-etc.mp3"),
        ] {
            assert_eq!(track_name(&track, number, count), name);
        }
        let long = track(&format!("a.{}", "x".repeat(99)), &"ä".repeat(300), &"🌻".repeat(300));
        let name = track_name(&long, 9999, 9999);
        assert!(name.len() <= 255 && name.ends_with("🌻.xxxxxxxxxxxx"), "{name}");
        assert_eq!(file_name("Con", ".zip"), "Con_.zip");
        assert_eq!(file_name("a:b", ".xspf"), "a-b.xspf");
    }
}
