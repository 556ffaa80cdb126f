//! The mixtape that comes with the demo library, in the file format of Mixtape Society 0.7.5.
//! The music it plays is in the catalogue.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::Failure;
use super::cover::Cover;

/// The mixtape's place: the name of its files.
pub(super) const SLUG: &str = "first-warm-evening";

/// The titles of its tracks, in order. Short ones first, so that the first change of track is not far away, and the
/// ten minutes last, as one would do it on a real tape.
const ORDER: [&str; 10] = [
    "Grüße aus Köln",
    "Sunday 🌻",
    "Siesta",
    "Kaffee & Kassetten",
    "Lemonade Stand",
    "Porch Light",
    "Postcard from the Lake",
    "Straßenbahn bei Nacht",
    "Snow Light",
    "Ten Minutes by the Window",
];

const LINER_NOTES: &str = "\
The first evening of the year that was warm enough for an open window. Somebody two houses down was *still* hammering, \
a tram went by, and I thought: this wants a tape.

It begins with a postcard from Köln and ends with **ten minutes of rain** that I could not bring myself to cut. \
In between:

- a sunflower, a siesta and a lemonade stand,
- coffee with too many cassettes,
- one song in mono, the way the porch radio plays it.

Play it in order, at least the first time. People used to take \
[a lot of trouble](https://en.wikipedia.org/wiki/Mixtape) over such things, and so did I.

*For you, and for whoever is in the room. — Ada*
";

/// A track as it was made.
#[derive(Debug, Clone)]
pub(super) struct Made {
    /// Who plays it.
    pub artist: &'static str,
    /// The release it is from.
    pub album: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Where it is below the music folder, with `/` between folders.
    pub path: String,
    /// Its length in seconds.
    pub seconds: f64,
}

/// Writes the mixtape and its cover into the folder of mixtapes.
pub(super) fn write(folder: &Path, made: &[Made]) -> Result<(), Failure> {
    let covers = folder.join("covers");
    fs::create_dir_all(&covers)?;
    fs::write(covers.join(format!("{SLUG}.jpg")), Cover::Reels.jpeg(1000)?)?;
    let mut tracks = Vec::new();
    for title in ORDER {
        let track = made.iter().find(|track| track.title == title).ok_or_else(|| format!("no track “{title}”"))?;
        tracks.push(json!({
            "artist": track.artist,
            "album": track.album,
            "track": track.title,
            "duration": clock(track.seconds),
            "path": track.path,
            "filename": track.path.rsplit('/').next(),
            "cover": "",
        }));
    }
    let mixtape = json!({
        "title": "First Warm Evening",
        "client_id": "demo-first-warm-evening",
        "created_at": "2025-04-12T19:42:00",
        "updated_at": "2025-04-13T10:05:00",
        "cover": format!("covers/{SLUG}.jpg"),
        "liner_notes": LINER_NOTES,
        "tracks": tracks,
        "creator_name": "Ada",
        "gift_flow_enabled": false,
        "unwrap_style": "playful",
        "show_tracklist_after_completion": true,
        "schema_version": 2,
    });
    Ok(fs::write(folder.join(format!("{SLUG}.json")), format!("{mixtape:#}\n"))?)
}

/// Seconds as minutes and seconds, `M:SS`.
fn clock(seconds: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a few minutes
    let seconds = seconds as u64;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::catalogue::RELEASES;

    #[test]
    fn lengths_are_written_as_minutes_and_seconds() {
        assert_eq!(clock(21.9), "0:21");
        assert_eq!(clock(600.0), "10:00");
    }
    #[test]
    fn every_track_of_the_tape_is_in_the_catalogue_once() {
        for title in ORDER {
            let found = RELEASES.iter().flat_map(|release| release.tracks).filter(|track| track.title == title);
            assert_eq!(found.count(), 1, "{title}");
        }
    }
}
