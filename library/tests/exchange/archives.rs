//! The audio of a tape as one archive.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

use library::exchange::{Archive, ArchiveStream};
use library::{Error, Store};
use model::{CoverChoice, Draft, Mixtape, TrackPath};
use zip::ZipArchive;

use crate::music::Library;
use crate::shelf::{JPEG, NOW, draft, track};

pub async fn bytes(archive: Archive) -> Vec<u8> {
    let length = archive.length();
    let mut stream: ArchiveStream = archive.stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next_bytes().await {
        bytes.extend_from_slice(&chunk.unwrap());
    }
    assert_eq!(bytes.len() as u64, length, "the length that was promised");
    bytes
}

async fn tape(store: &Store, paths: &[&str]) -> Mixtape {
    let cover = CoverChoice::File(store.keep_cover(JPEG).await.unwrap());
    let mut draft = Draft { cover, ..draft("Köln: \"Hits\"?", &[]) };
    draft.tracks = paths.iter().map(|path| track(path)).collect();
    for (track, path) in draft.tracks.iter_mut().zip(paths) {
        track.path = TrackPath((*path).to_owned());
        track.title = format!("Song/{}", path.len());
    }
    store.save(&draft.check().unwrap(), None, NOW).await.unwrap().mixtape
}

#[tokio::test]
async fn a_tape_is_packed_in_order_with_its_cover_and_a_playlist() {
    let library = Library::new().await;
    let store = Store::open(&library.data()).await.unwrap();
    library.write("a/long.flac", vec![1; 1_000_000]);
    library.write("b.mp3", "two");
    fs::write(library.around().join("secret.mp3"), "secret").unwrap();
    std::os::unix::fs::symlink(library.around().join("secret.mp3"), library.path("out.mp3")).unwrap();
    let tape = tape(&store, &["a/long.flac", "gone.mp3", "b.mp3", "out.mp3", "a/long.flac"]).await;
    let packed = store.audio_zip(&tape, &library.music).await.unwrap();
    assert_eq!(packed.file_name, "Köln- 'Hits'_.zip");
    let left_out: Vec<_> = packed.left_out.iter().map(|path| path.0.as_str()).collect();
    assert_eq!(left_out, ["gone.mp3", "out.mp3"]);

    let mut zip = ZipArchive::new(Cursor::new(bytes(packed.archive).await)).unwrap();
    let names: Vec<_> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(
        names,
        [
            "Köln- 'Hits'_.m3u8",
            "cover.jpg",
            "01 Somebody - Song-11.flac",
            "02 Somebody - Song-5.mp3",
            "03 Somebody - Song-11.flac"
        ]
    );
    let mut read = |name: &str| {
        let mut bytes = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    assert_eq!(read("01 Somebody - Song-11.flac"), vec![1; 1_000_000]);
    assert_eq!((read("02 Somebody - Song-5.mp3"), read("cover.jpg")), (b"two".to_vec(), JPEG.to_vec()));
    let playlist = String::from_utf8(read("Köln- 'Hits'_.m3u8")).unwrap();
    let lines: Vec<_> = playlist.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines, names[2..]);
}

#[tokio::test]
async fn a_tape_without_any_file_is_no_archive() {
    let library = Library::new().await;
    let store = Store::open(&library.data()).await.unwrap();
    let tape = tape(&store, &["gone.mp3"]).await;
    let error = store.audio_zip(&tape, &library.music).await.unwrap_err();
    assert!(matches!(error, Error::NoFiles), "{error}");
}

#[tokio::test]
async fn a_listener_who_leaves_ends_the_reading() {
    let library = Library::new().await;
    let store = Store::open(&library.data()).await.unwrap();
    library.write("long.flac", vec![1; 20_000_000]);
    let tape = tape(&store, &["long.flac"]).await;
    let archive = store.audio_zip(&tape, &library.music).await.unwrap().archive;
    let file = library.music.path().join("long.flac");
    let mut stream = archive.stream();
    // Much longer than what waits for the listener, so that it stays open until somebody takes the rest.
    while !is_open(&file) {
        stream.next_bytes().await.unwrap().unwrap();
    }
    drop(stream);
    while is_open(&file) {
        tokio::task::yield_now().await;
    }
}

/// Whether this process has the file open.
fn is_open(path: &Path) -> bool {
    let mut open = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    open.any(|entry| std::fs::read_link(entry.path()).is_ok_and(|target| target == path))
}
