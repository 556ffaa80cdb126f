//! Tags and properties of every format that tags can be written to.

use lofty::picture::{MimeType, Picture, PictureType};
use lofty::tag::ItemKey;

use crate::harness::{Library, fixture, write_tags};

const TAGS: [(ItemKey, &str); 10] = [
    (ItemKey::TrackTitle, "Lied mit Ümlaut"),
    (ItemKey::TrackArtist, "Björk"),
    (ItemKey::AlbumTitle, "Album"),
    (ItemKey::AlbumArtist, "Album Artist"),
    (ItemKey::TrackNumber, "3"),
    (ItemKey::DiscNumber, "2"),
    (ItemKey::RecordingDate, "1999"),
    (ItemKey::Genre, "Ambient"),
    (ItemKey::ReplayGainTrackGain, "-6.54 dB"),
    (ItemKey::ReplayGainAlbumGain, "+1.20 dB"),
];

const FIELDS: &str = "SELECT concat_ws('|', title, artist, album, album_artist, track_number, disc_number, year, genre,
    track_gain, album_gain, has_art, codec) FROM tracks";

#[tokio::test]
async fn every_format_tells_the_same() {
    for (file, codec) in [
        ("silence.flac", "FLAC"),
        ("silence.mp3", "MP3"),
        ("silence.ogg", "Vorbis"),
        ("silence.opus", "Opus"),
        ("silence.m4a", "AAC"),
        ("silence-alac.m4a", "ALAC"),
        ("silence.aac", "AAC"),
        ("silence.wav", "WAV"),
        ("silence.aiff", "AIFF"),
        ("silence.wv", "WavPack"),
        ("normal.ape", "APE"),
    ] {
        let library = Library::new().await;
        let path = library.write(file, fixture(file));
        write_tags(&path, &TAGS, |tag| {
            let picture = Picture::unchecked(b"\x89PNG\r\n\x1a\n".repeat(9));
            tag.push_picture(picture.pic_type(PictureType::CoverFront).mime_type(MimeType::Png).build());
        });
        let report = library.scan().await;
        assert_eq!((report.added, report.problems), (1, 0), "{file}: {:?}", library.index.problems(1, 0).await);
        let expected = format!("Lied mit Ümlaut|Björk|Album|Album Artist|3|2|1999|Ambient|-654|120|1|{codec}");
        assert_eq!(library.ask(FIELDS).await, [expected], "{file}");
        let is_long = library.ask("SELECT 'yes' FROM tracks WHERE duration BETWEEN 10 AND 30000").await;
        assert_eq!(is_long, ["yes"], "{file}");
    }
}

#[tokio::test]
async fn formats_without_readable_tags_are_told_by_their_paths() {
    let library = Library::new().await;
    library.write("Artist/2019 - Album/07 Title.wma", fixture("silence.wma"));
    library.write("Artist/2019 - Album/CD 2/01 Bare.wav", fixture("silence.wav"));
    library.scan().await;
    let fields = "SELECT concat_ws('|', title, artist, album, album_artist, disc_number, track_number, year, codec)
        FROM tracks ORDER BY path";
    let expected = ["Title|Artist|Album|Artist|7|2019|WMA", "Bare|Artist|Album|Artist|2|1|2019|WAV"];
    assert_eq!(library.ask(fields).await, expected);
}

/// Their first bytes are enough, for nothing else of them is read.
#[tokio::test]
async fn formats_that_no_reader_of_tags_knows_are_tracks_too() {
    let library = Library::new().await;
    let heads: [(&str, &[u8]); 6] = [
        ("caf", b"caff\0\x01\0\0desc"),
        ("dff", b"FRM8\0\0\0\0\0\0\0\x10DSD "),
        ("dsf", b"DSD \x1c\0\0\0\0\0\0\0"),
        ("mka", b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska"),
        ("tta", b"TTA1\x01\0\x02\0\x10\0"),
        ("wma", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c"),
    ];
    for (ending, head) in heads {
        library.write(&format!("Artist/Album (1999)/02 Title.{ending}"), [head, &[0; 100]].concat());
    }
    let report = library.scan().await;
    assert_eq!((report.added, report.problems), (6, 0), "{:?}", library.problems().await);
    let fields = "SELECT concat_ws('|', artist, album, title, track_number, year, codec) FROM tracks ORDER BY path";
    let expected =
        ["CAF", "DSD", "DSD", "Matroska", "TTA", "WMA"].map(|codec| format!("Artist|Album|Title|2|1999|{codec}"));
    assert_eq!(library.ask(fields).await, expected);
}

#[tokio::test]
async fn several_artists_are_shown_together_and_kept_apart() {
    let several = [(ItemKey::TrackArtist, "Ömer"), (ItemKey::TrackArtist, "Zoë"), (ItemKey::TrackTitle, "a")];
    let listed = [
        (ItemKey::TrackArtist, "Omer feat. Zoe"),
        (ItemKey::TrackArtists, "Omer"),
        (ItemKey::TrackArtists, "Zoe"),
        (ItemKey::TrackTitle, "b"),
    ];
    for file in ["silence.flac", "silence.mp3", "silence.opus", "silence.m4a"] {
        let library = Library::new().await;
        library.tagged(&format!("1{file}"), file, &several);
        library.tagged(&format!("2{file}"), file, &listed);
        library.scan().await;
        let shown = library.ask("SELECT artist FROM tracks ORDER BY path").await;
        assert_eq!(shown, ["Ömer, Zoë", "Omer feat. Zoe"], "{file}");
        let artists = "SELECT concat_ws('|', folded, track_count, release_count) FROM artists ORDER BY folded";
        assert_eq!(library.ask(artists).await, ["omer|2|1", "zoe|2|1"], "{file}");
    }
}

#[tokio::test]
async fn the_gain_of_opus_is_brought_to_the_same_level() {
    let library = Library::new().await;
    library.tagged("a.opus", "silence.opus", &[(ItemKey::R128TrackGain, "-2560")]);
    library.scan().await;
    assert_eq!(library.ask("SELECT CAST(track_gain AS TEXT) FROM tracks").await, ["-500"]);
}
