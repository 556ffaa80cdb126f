//! What releases, artists and the statistics say of their tracks.

use lofty::tag::ItemKey;

use crate::harness::Library;

const RELEASES: &str =
    "SELECT concat_ws('|', folder, title, artist, is_compilation, track_count) FROM releases ORDER BY folder";

#[tokio::test]
async fn compilations_are_told_by_tag_by_album_artist_and_by_their_number_of_artists() {
    let library = Library::new().await;
    let song = |path: &str, artist: &str, more: &[(ItemKey, &str)]| {
        let tags = [(ItemKey::TrackArtist, artist), (ItemKey::AlbumTitle, "Album")];
        library.tagged(path, "silence.flac", &[&tags, more].concat());
    };
    song("1 tag/a.flac", "A", &[(ItemKey::FlagCompilation, "1")]);
    song("2 album artist/a.flac", "A", &[(ItemKey::AlbumArtist, "V.A.")]);
    for (number, artist) in ["A", "Á", "B", "C"].iter().enumerate() {
        song(&format!("3 three artists/{number}.flac"), artist, &[]);
    }
    for (number, artist) in ["A", "B", "C", "D"].iter().enumerate() {
        song(&format!("4 four artists/{number}.flac"), artist, &[]);
        song(&format!("5 guests/{number}.flac"), "Host", &[(ItemKey::TrackArtist, artist)]);
        song(&format!("6 mixed by one/{number}.flac"), artist, &[(ItemKey::AlbumArtist, "DJ")]);
    }
    library.scan().await;
    let expected = [
        "1 tag|Album|Various Artists|1|1",
        "2 album artist|Album|Various Artists|1|1",
        "3 three artists|Album|A|0|4",
        "4 four artists|Album|Various Artists|1|4",
        "5 guests|Album|Host, A|0|4",
        "6 mixed by one|Album|DJ|1|4",
    ];
    assert_eq!(library.ask(RELEASES).await, expected);
}

#[tokio::test]
async fn a_release_takes_what_most_of_its_tracks_say_and_follows_them() {
    let library = Library::new().await;
    library.song("a/1.mp3", "A", "Right");
    library.song("a/2.mp3", "A", "Right");
    library.song("a/3.mp3", "B", "Wrong");
    library.scan().await;
    assert_eq!(library.ask(RELEASES).await, ["a|Right|A|0|3"]);
    std::fs::remove_file(library.path("a/1.mp3")).unwrap();
    library.song("a/2.mp3", "B", "Wrong");
    library.scan().await;
    assert_eq!(library.ask(RELEASES).await, ["a|Wrong|B|0|2"]);
    let artists = library.ask("SELECT concat_ws('|', name, track_count, release_count) FROM artists").await;
    assert_eq!(artists, ["B|2|1"]);
}

#[tokio::test]
async fn statistics_count_everything_and_name_the_last_scan() {
    let library = Library::new().await;
    let empty = library.index.statistics().await.unwrap();
    assert_eq!((empty.tracks, empty.last_scan, empty.formats), (0, None, Vec::new()));
    library.song("a/1.mp3", "A", "B");
    library.song("a/2.mp3", "A", "B");
    library.tagged("b/1.flac", "silence.flac", &[(ItemKey::TrackArtist, "C")]);
    library.write("b/bad.mp3", "no sound");
    library.scan().await;
    let statistics = library.index.statistics().await.unwrap();
    assert_eq!([statistics.artists, statistics.releases, statistics.tracks, statistics.problems], [2, 2, 3, 1]);
    assert_eq!(statistics.formats, [("MP3".to_owned(), 2), ("FLAC".to_owned(), 1)]);
    let bytes: u64 = library.paths().await.iter().map(|path| library.path(path).metadata().unwrap().len()).sum();
    assert_eq!(statistics.bytes, bytes);
    assert!((600..1500).contains(&statistics.duration.0), "{:?}", statistics.duration);
    assert!(statistics.last_scan.is_some() && statistics.rebuilt.is_none());
}
