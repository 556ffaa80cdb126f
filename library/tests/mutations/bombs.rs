//! Documents of the largest size that are made to take much memory or time to read.
//! How much they may take is said elsewhere.

use std::io::{Cursor, Write};

use model::{Track, TrackPath};
use zip::write::{SimpleFileOptions, ZipWriter};

/// How large a playlist may be, and a little less.
const PLAYLIST_BYTES: usize = 19_900_000;

/// How many there are.
pub const COUNT: u64 = 18;

/// One of them, and whether it is a backup; the others are playlists.
pub fn document(number: u64) -> (Vec<u8>, bool) {
    let text = match number {
        0 => filled("", "a\n"),
        1 => filled("", "a/"),
        2 => format!("{}.mp3", "a/".repeat(20_000)),
        3 => filled("#EXTINF:1,", "a - "),
        4 => {
            let folders: String = (0..63).map(|_| "ä234567890123456789012345678/").collect();
            (0..10_000).map(|number| format!("{folders}{number}.mp3")).collect::<Vec<_>>().join("\n")
        }
        5 => filled("{\"playlist\": {\"track\": [", "{},"),
        6 => filled("{\"playlist\": {\"track\": [{\"location\": [\"a\"", ",\"\""),
        7 => filled("{\"playlist\": {\"x\": [", "[],"),
        8 => filled("{\"playlist\": ", "["),
        9 => filled("{\"playlist\": {\"title\": \"", "x"),
        10 => filled("<playlist>", "<a>"),
        11 => filled("<playlist><trackList>", "<track></track>"),
        12 => filled("<playlist><title>", "&lt;"),
        13 => filled("<playlist ", "a='' "),
        14 => return (vec![0xff; PLAYLIST_BYTES], false),
        15 => format!("#EXTINF:1,{}\nx.ogg\n", "a - ".repeat(100)).repeat(10_000),
        16 => return (many_tracks(), true),
        _ => return (many_files(), true),
    };
    (text.into_bytes(), false)
}

fn filled(start: &str, unit: &str) -> String {
    format!("{start}{}", unit.repeat((PLAYLIST_BYTES - start.len()) / unit.len()))
}

fn zipped(files: impl Iterator<Item = (String, Vec<u8>)>) -> Vec<u8> {
    let manifest =
        br#"{"format": "ferric mixtapes", "created_at": 1, "mixtapes": 1, "preferences": null, "schema": 1}"#;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("ferric-backup.json".to_owned(), manifest.to_vec())].into_iter().chain(files) {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// As many tracks as a mixtape may have, of seven megabytes.
pub fn tracks() -> Vec<Track> {
    let track = |number: usize| Track {
        path: TrackPath(format!("{number}/{}.mp3", "a b".repeat(60))),
        title: "t".repeat(170),
        artist: "r".repeat(170),
        album: "l".repeat(170),
        duration: None,
    };
    (0..10_000).map(track).collect()
}

/// Mixtapes of forty times as many tracks as one may have.
fn many_tracks() -> Vec<u8> {
    let track = r#"{"path": "a", "title": "", "artist": "", "album": "", "duration_ms": null}"#;
    let file = |number: usize| {
        let text = format!(
            r#"{{"slug": "x{number}", "old_slugs": [], "client_id": null, "title": "T", "creator_name": "",
                "liner_notes": "", "cover": null, "created_at": 1, "updated_at": 2, "plays": 3,
                "gift": {{"flow_enabled": false, "unwrap_style": "playful", "show_tracklist": true}},
                "sharing": {{"access": "public", "password_hash": null, "expires_at": null, "downloads": false}},
                "tracks": [{}{track}]}}"#,
            format!("{track},").repeat(400_000)
        );
        (format!("mixtapes/x{number}.json"), text.into_bytes())
    };
    zipped((0..2).map(file))
}

/// Very many files, of which a directory has to be kept.
fn many_files() -> Vec<u8> {
    zipped((0..400_000).map(|number: usize| (format!("{number:x}"), Vec::new())))
}
