//! The made-up library as small tagged files: silence of a third of a second in the formats that most people have.
//! The sound is that of the tests; nothing is read from the folder that is filled.

use std::io::Cursor;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use lofty::config::WriteOptions;
use lofty::tag::{ItemKey, Tag, TagExt, TagType};

use crate::Failure;
use crate::names::{MadeUp, Release, Track};

/// How many of a hundred releases are of a format.
const FORMATS: [(usize, Kind); 5] = [
    (50, Kind { ending: "mp3", tag: TagType::Id3v2, sound: include_bytes!("../../tests/files/silence.mp3") }),
    (
        25,
        Kind { ending: "flac", tag: TagType::VorbisComments, sound: include_bytes!("../../tests/files/silence.flac") },
    ),
    (10, Kind { ending: "m4a", tag: TagType::Mp4Ilst, sound: include_bytes!("../../tests/files/silence.m4a") }),
    (10, Kind { ending: "ogg", tag: TagType::VorbisComments, sound: include_bytes!("../../tests/files/silence.ogg") }),
    (5, Kind { ending: "opus", tag: TagType::VorbisComments, sound: include_bytes!("../../tests/files/silence.opus") }),
];

#[derive(Clone, Copy)]
struct Kind {
    ending: &'static str,
    tag: TagType,
    sound: &'static [u8],
}

/// Writes one file for each track.
pub(crate) fn write(library: &MadeUp, folder: &Path) -> Result<(), Failure> {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(number) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|at| *at < library.releases.len()) {
            write_release(library, number, &folder.join(library.folder(number)))?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| Err("a thread has given up".into())))
    })
}

fn write_release(library: &MadeUp, number: usize, folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let release = &library.releases[number];
    let mut share = number % 100;
    let kind = FORMATS.iter().find_map(|(releases, kind)| {
        let is_this = share < *releases;
        share = share.saturating_sub(*releases);
        is_this.then_some(*kind)
    });
    let kind = kind.unwrap_or(FORMATS[0].1);
    for (place, track) in release.tracks.iter().enumerate() {
        let title = track.title.replace('/', "-");
        let name: String = format!("{:02} {title}", place + 1).chars().take(60).collect();
        std::fs::write(folder.join(format!("{name}.{}", kind.ending)), tagged(library, release, place, track, kind)?)?;
    }
    Ok(())
}

fn tagged(library: &MadeUp, release: &Release, place: usize, track: &Track, kind: Kind) -> Result<Vec<u8>, Failure> {
    let mut tag = Tag::new(kind.tag);
    for (key, value) in [
        (ItemKey::TrackTitle, track.title.clone()),
        (ItemKey::TrackArtist, library.track_artist(track)),
        (ItemKey::AlbumTitle, release.title.clone()),
        (ItemKey::AlbumArtist, library.album_artist(release).to_owned()),
        (ItemKey::TrackNumber, (place + 1).to_string()),
        (ItemKey::RecordingDate, release.year.to_string()),
        (ItemKey::Genre, "Pop".to_owned()),
        (ItemKey::ReplayGainTrackGain, "-6.54 dB".to_owned()),
    ] {
        tag.insert_text(key, value);
    }
    let mut file = Cursor::new(kind.sound.to_vec());
    tag.save_to(&mut file, WriteOptions::default())?;
    Ok(file.into_inner())
}
