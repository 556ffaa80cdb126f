//! Playlists written, read back and looked for in a library.

use library::exchange::{Locations, Playlist};
use lofty::tag::ItemKey;
use model::{MatchedBy, MediaAddress, Millis, Mixtape, PlaylistFormat, PlaylistReport, Quality, Track, TrackPath};

use crate::music::Library;
use crate::shelf::Shelf;

const SONGS: [(&str, &str, &str); 6] = [
    ("Köln/Grüße/01 Grüße & <Küsse>.mp3", "Die Brücke", "Grüße & <Küsse>"),
    ("Köln/Grüße/02 50% \"off\" #1?.mp3", "Die Brücke", "50% \"off\" #1?"),
    ("Ada/First/01.mp3", "Ada", "Intro"),
    ("Ada/Second/01.mp3", "Ada", "Outro - live"),
    ("Ada/#hash.mp3", "", "Hash"),
    ("夏の歌/蝉.mp3", "夏の歌", "蝉"),
];

async fn library() -> Library {
    let library = Library::new().await;
    for (path, artist, title) in SONGS {
        let tags = [(ItemKey::TrackTitle, title), (ItemKey::TrackArtist, artist), (ItemKey::AlbumTitle, "Album")];
        library.tagged(path, "silence.mp3", &tags);
    }
    library.scan().await;
    library
}

async fn tape() -> Mixtape {
    let shelf = Shelf::new().await;
    let mut draft = crate::shelf::draft("For <you> & me", &[]);
    draft.liner_notes = "Two\nlines & <b>".into();
    draft.tracks = SONGS
        .map(|(path, artist, title)| Track {
            path: TrackPath(path.into()),
            title: title.into(),
            artist: artist.into(),
            album: "Album".into(),
            duration: None,
        })
        .into();
    draft.tracks[0].duration = Some(Millis(61_499));
    shelf.create(draft).await.unwrap().mixtape
}

/// For each entry the path found and how, or a dash.
fn found(report: &PlaylistReport) -> Vec<String> {
    let entries = report.entries.iter();
    entries
        .map(|entry| entry.found.as_ref().map_or("-".into(), |(track, by)| format!("{} {by:?}", track.path)))
        .collect()
}

async fn matched(library: &Library, text: &str) -> PlaylistReport {
    library.index.match_playlist(Playlist::read(text.as_bytes()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn every_format_comes_back_as_it_was_and_finds_every_file() {
    let (library, tape) = (library().await, tape().await);
    let addresses: Vec<_> = tape.tracks.iter().map(|track| MediaAddress::of_path(&track.path)).collect();
    let web = Locations::Web { origin: "https://tapes.example", quality: Quality::Medium, addresses: &addresses };
    for format in PlaylistFormat::ALL {
        for locations in [Locations::Relative, web] {
            let text = Playlist::of(&tape, locations).write(format).unwrap();
            let read = Playlist::read(text.as_bytes()).unwrap();
            assert_eq!((read.title.as_str(), read.entries.len()), ("For <you> & me", 6), "{text}");
            for (entry, track) in read.entries.iter().zip(&tape.tracks) {
                if !(format == PlaylistFormat::M3u8 && track.artist.is_empty()) {
                    assert_eq!((&entry.title, &entry.artist), (&track.title, &track.artist), "{text}");
                }
                assert_eq!(entry.album, track.album);
            }
            let length = if format == PlaylistFormat::M3u8 { 61_000 } else { 61_499 };
            assert_eq!(read.entries[0].duration, Some(Millis(length)));
            if format != PlaylistFormat::M3u8 {
                assert_eq!((read.notes.as_str(), read.creator_name.as_str()), ("Two\nlines & <b>", "Ada"));
            }
            let report = library.index.match_playlist(read).await.unwrap();
            let expected = SONGS.map(|(path, ..)| format!("{path} Path"));
            assert_eq!(found(&report), expected, "{text}");
            let draft = report.draft(Some("x".into()), &model::Preferences::default()).check().unwrap();
            assert_eq!(
                (draft.tracks.len(), draft.creator_name.as_str()),
                (6, if format == PlaylistFormat::M3u8 { "" } else { "Ada" })
            );
        }
    }
}

#[tokio::test]
async fn an_m3u8_is_what_players_expect() {
    let text = Playlist::of(&tape().await, Locations::Relative).write(PlaylistFormat::M3u8).unwrap();
    let start = "#EXTM3U\n#PLAYLIST:For <you> & me\n#EXTINF:61,Die Brücke - Grüße & <Küsse>\n#EXTALB:Album\n\
                 Köln/Grüße/01 Grüße & <Küsse>.mp3\n#EXTINF:-1,";
    assert!(text.starts_with(start), "{text}");
    let tape = tape().await;
    let addresses: Vec<_> = tape.tracks.iter().map(|track| MediaAddress::of_path(&track.path)).collect();
    let web = Locations::Web { origin: "https://t.example", quality: Quality::Low, addresses: &addresses };
    let text = Playlist::of(&tape, web).write(PlaylistFormat::M3u8).unwrap();
    assert!(text.contains("\nhttps://t.example/play/Ada/First/01.mp3?quality=low\n"), "{text}");
}

#[tokio::test]
async fn playlists_of_other_programs_are_understood() {
    let library = library().await;
    let m3u = "\u{feff}#EXTM3U\r\n#EXTINF:-1 tvg-id=\"x\",Whatever\r\nC:\\Users\\Ada\\Music\\Köln\\Grüße\\01 Grüße & <Küsse>.mp3\r\n\
               /mnt/music/Ada/First/01.mp3\r\n\
               file:///media/usb/Ada/Second/01.mp3\r\n\
               ../Second/01.mp3\r\n\
               #EXTINF:0,Ada - Outro - live\r\nsomewhere/else/99.ogg\r\n\
               #EXTINF:999,Ada - Intro\r\nnot/here.ogg\r\n\
               \u{0}\u{1}/x\r\n\
               蝉.mp3\r\n01.mp3\r\n";
    let report = matched(&library, m3u).await;
    assert_eq!(
        found(&report),
        [
            "Köln/Grüße/01 Grüße & <Küsse>.mp3 PathSuffix",
            "Ada/First/01.mp3 PathSuffix",
            "Ada/Second/01.mp3 PathSuffix",
            "Ada/Second/01.mp3 PathSuffix",
            "Ada/Second/01.mp3 Names",
            "-",
            "-",
            "夏の歌/蝉.mp3 FileName",
            "-",
        ]
    );
    assert_eq!((report.found_count(), report.not_found().count()), (6, 3));

    let latin1 = b"K\xf6ln/Gr\xfc\xdfe/01 Gr\xfc\xdfe & <K\xfcsse>.mp3\n";
    let read = Playlist::read(latin1).unwrap();
    assert_eq!(found(&library.index.match_playlist(read).await.unwrap()), ["Köln/Grüße/01 Grüße & <Küsse>.mp3 Path"]);
    // As a Mac writes umlauts.
    let decomposed = "Ko\u{308}ln/Gru\u{308}ße/01 Gru\u{308}ße & <Ku\u{308}sse>.mp3\n";
    assert_eq!(found(&matched(&library, decomposed).await), ["Köln/Grüße/01 Grüße & <Küsse>.mp3 Path"]);

    let xspf = r#"<?xml version="1.0"?><!-- made elsewhere --><x:playlist version="1" xmlns:x="http://xspf.org/ns/0/">
        <x:title>A &amp; B&#33;</x:title><x:trackList>
        <x:track><x:title><![CDATA[<Intro>]]></x:title><x:creator>ADA</x:creator><x:extension><y><x:title>no</x:title></y></x:extension></x:track>
        <x:track><x:location>file:///x/Ada/First/01.mp3</x:location><x:location>http://b/second.mp3</x:location></x:track>
        <x:track/></x:trackList></x:playlist>"#;
    let report = matched(&library, xspf).await;
    assert_eq!((report.title.as_str(), report.entries[0].entry.title.as_str()), ("A & B!", "<Intro>"));
    assert_eq!(found(&report)[1], "Ada/First/01.mp3 PathSuffix");

    let jspf = r#"{"playlist": {"title": null, "x": 1, "track": [
        {"location": "Ada%2FFirst/01.mp3", "duration": 12.5}, {"title": "INTRO", "creator": "ada", "album": "album"}, {}]}}"#;
    let report = matched(&library, jspf).await;
    assert_eq!(found(&report), ["Ada/First/01.mp3 Path", "Ada/First/01.mp3 Names", "-"]);
    assert_eq!(report.entries[1].found.as_ref().unwrap().1, MatchedBy::Names);
}

#[tokio::test]
async fn a_file_name_that_several_files_have_is_not_guessed_at() {
    let library = library().await;
    // The title decides between the two.
    let named = matched(&library, "#EXTINF:-1,Ada - Intro\nD:\\x\\01.mp3\n").await;
    assert_eq!(found(&named), ["Ada/First/01.mp3 FileName"]);
    assert_eq!(found(&matched(&library, "x/01.mp3").await), ["-"]);
    assert_eq!(found(&matched(&library, "x/second/01.MP3").await), ["Ada/Second/01.mp3 PathSuffix"]);
    // The only file of this name, but of another song.
    assert_eq!(found(&matched(&library, "#EXTINF:-1,Bob - Something\nx/蝉.mp3\n").await), ["-"]);
}

#[tokio::test]
async fn what_is_no_playlist_is_refused_with_a_reason() {
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><playlist><title>&b;</title></playlist>";
    for text in ["", " \n", "#EXTM3U\n", "{", "{}", "<html></html>", "<playlist>", "<playlist></playlist>", "<a", bomb]
    {
        let error = Playlist::read(text.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), model::ErrorKind::Invalid);
        assert!(error.to_string().starts_with("This playlist could not be read: "), "{text}: {error}");
    }
    assert!(Playlist::read("a.mp3\n".repeat(10_001).as_bytes()).is_err());
    assert!(Playlist::read(&vec![b'a'; 20_000_001]).is_err());
}

#[tokio::test]
async fn the_limits_of_a_playlist_hold_while_it_is_read() {
    let jspf =
        |track: &str, count: usize| format!(r#"{{"playlist": {{"track": [{}]}}}}"#, vec![track; count].join(","));
    let xspf =
        |track: &str, count: usize| format!("<playlist><trackList>{}</trackList></playlist>", track.repeat(count));
    for text in ["a\n".repeat(9_500_000), jspf("{}", 6_000_000), xspf("<track></track>", 1_100_000)] {
        let error = Playlist::read(text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("more than 10000"), "{error}");
    }
    let deep = xspf(&format!("<track>{}", "<a>".repeat(14)), 1);
    assert!(Playlist::read(deep.as_bytes()).unwrap_err().to_string().contains("too deep"));
    assert!(Playlist::read(format!("<playlist>{}", "<a>".repeat(6_000_000)).as_bytes()).is_err());
    assert!(Playlist::read(format!(r#"{{"playlist": {}"#, "[".repeat(10_000_000)).as_bytes()).is_err());

    let library = library().await;
    // Locations that no file can have are found by what else is known of them.
    let long = format!("#EXTINF:-1,Ada - Intro\n{}x.mp3\n", "a/".repeat(9_000_000));
    assert_eq!(found(&matched(&library, &long).await), ["Ada/First/01.mp3 Names"]);
    let deep = |folders: usize| format!("{}Ada/First/01.mp3\n", "a/".repeat(folders));
    assert_eq!(found(&matched(&library, &deep(62)).await), ["Ada/First/01.mp3 PathSuffix"]);
    assert_eq!(found(&matched(&library, &deep(63)).await), ["-"]);
    let many =
        jspf(r#"{"location": ["Ada/First/01.mp3", "b", 5]}"#, 1).replace("\"b\"", &vec!["\"\""; 5_000_000].join(","));
    assert_eq!(found(&matched(&library, &many).await), ["Ada/First/01.mp3 Path"]);
    // A text that could be taken apart in a million places.
    let text = format!("#EXTINF:-1,{}\nx.ogg\n", "a - ".repeat(1_000_000));
    let report = matched(&library, &text).await;
    assert!(found(&report) == ["-"] && report.entries[0].entry.title.chars().count() <= 500);
    // As many paths as there may be, as long and deep as they may be.
    let folders: String = (0..63).map(|_| "ä234567890123456789012345678/").collect();
    let paths = (0..10_000).map(|number| format!("{folders}{number}.mp3")).collect::<Vec<_>>().join("\n");
    assert_eq!(matched(&library, &paths).await.found_count(), 0);
}
