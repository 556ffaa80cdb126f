//! Files and tags that are broken, or made to break the reader.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

use lofty::tag::ItemKey;

use crate::harness::{Library, fixture};

/// An MP3 with an ID3v2.3 tag of these frames.
fn with_id3(frames: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (id, content) in frames {
        body.extend(*id);
        body.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        body.extend([0, 0]);
        body.extend(content);
    }
    let len = u32::try_from(body.len()).unwrap();
    let mut file = b"ID3\x03\0\0".to_vec();
    file.extend([21, 14, 7, 0].map(|shift| u8::try_from(len >> shift & 0x7f).unwrap()));
    file.extend(body);
    // The sound without the tag that the encoder has put before it.
    let sound = fixture("silence.mp3");
    let start = sound.windows(2).position(|bytes| bytes[0] == 0xff && bytes[1] & 0xe0 == 0xe0).unwrap();
    file.extend(&sound[start..]);
    file
}

fn text(encoding: u8, bytes: &[u8]) -> Vec<u8> {
    [&[encoding], bytes].concat()
}

#[tokio::test]
async fn huge_and_strange_tags_are_bounded_and_cleaned() {
    let library = Library::new().await;
    library.write("1.mp3", with_id3(&[(b"TIT2", text(0, &b"x".repeat(100_000_000)))]));
    library.tagged("2.flac", "silence.flac", &[(ItemKey::TrackTitle, &"é".repeat(1_000_000))]);
    library.write("3.mp3", with_id3(&[(b"TIT2", text(0, b"one\x01\x02\x1b[31m\ntwo\r"))]));
    library.write("4.mp3", with_id3(&[(b"TIT2", text(3, "left\u{202e}right".as_bytes()))]));
    library.write("5 Path.mp3", with_id3(&[(b"TIT2", text(1, b"\xff\xfea\0b"))]));
    library.write("6 Path.mp3", with_id3(&[(b"TIT2", text(9, b"what is this"))]));
    library.write("7.mp3", with_id3(&[(b"TIT2", text(0, b"caf\xe9")), (b"TPE1", text(0, b"A; B"))]));
    let report = library.scan().await;
    assert_eq!(report.added, 7, "{:?}", library.index.problems(10, 0).await);
    let titles = library.ask("SELECT title FROM tracks ORDER BY path").await;
    assert_eq!(titles[0], "x".repeat(500));
    assert_eq!(titles[1], "é".repeat(500));
    assert_eq!(titles[2], "one   [31m two");
    assert_eq!(titles[3], "leftright");
    assert_eq!(titles[5], "Path");
    assert_eq!(titles[6], "café");
    assert!(titles.iter().all(|title| !title.is_empty() && !title.chars().any(char::is_control)), "{titles:?}");
    assert_eq!(library.ask("SELECT name FROM artists ORDER BY name").await, ["A", "B"]);
}

#[tokio::test]
async fn what_is_no_music_is_a_problem_with_a_reason() {
    let library = Library::new().await;
    library.write("empty.mp3", "");
    library.write("page.mp3", "<html>".repeat(1000));
    library.write("page.wma", "<html>".repeat(1000));
    library.write("page.flac", "<html>".repeat(1000));
    library.write("cover.jpg", "not audio, not a problem");
    library.write("notes", "without an ending");
    library.write(".hidden.mp3", fixture("silence.mp3"));
    library.write(".folder/a.mp3", fixture("silence.mp3"));
    std::fs::create_dir(library.path("folder.mp3")).unwrap();
    library.write("ok.mp3", fixture("silence.mp3"));
    let report = library.scan().await;
    assert_eq!(library.paths().await, ["ok.mp3"]);
    assert_eq!(report.problems, 4);
    for problem in library.index.problems(10, 0).await.unwrap() {
        assert!(problem.reason.ends_with(['.', '"', ')']) || problem.reason.contains(": "), "{problem:?}");
    }
    assert_eq!(library.problems().await, ["empty.mp3", "page.flac", "page.mp3", "page.wma"]);
}

#[tokio::test]
async fn names_that_are_not_utf_8_are_problems() {
    let library = Library::new().await;
    library.song("a.mp3", "A", "B");
    std::fs::write(library.music.path().join(OsStr::from_bytes(b"caf\xe9.mp3")), fixture("silence.mp3")).unwrap();
    let folder = library.music.path().join(OsStr::from_bytes(b"caf\xe9"));
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("b.mp3"), fixture("silence.mp3")).unwrap();
    for _ in 0..2 {
        assert_eq!(library.scan().await.problems, 2);
        assert_eq!(library.paths().await, ["a.mp3"]);
        assert_eq!(library.problems().await, ["caf\u{fffd}", "caf\u{fffd}.mp3"]);
    }
}

/// Every file cut short and with bytes turned over: whatever comes of it, the scan comes to its end, and each file is a
/// track or a problem.
#[tokio::test]
async fn damaged_files_cost_nobody_but_themselves() {
    let library = Library::new().await;
    let mut files = 0;
    for name in [
        "silence.flac",
        "silence.mp3",
        "silence.ogg",
        "silence.opus",
        "silence.m4a",
        "silence.aac",
        "silence.wav",
        "silence.aiff",
        "silence.wv",
        "normal.ape",
    ] {
        let path = library.tagged(
            &format!("whole/{name}"),
            name,
            &[(ItemKey::TrackTitle, "Title"), (ItemKey::TrackArtist, "Artist")],
        );
        let whole = std::fs::read(path).unwrap();
        for step in 1..40 {
            let mut bytes = whole.clone();
            bytes.truncate(whole.len() * step / 40);
            library.write(&format!("cut/{step} {name}"), &bytes);
            let mut bytes = whole.clone();
            for place in (step..bytes.len().min(2000)).step_by(40) {
                bytes[place] ^= u8::try_from(step * 37 % 255 + 1).unwrap();
            }
            library.write(&format!("turned/{step} {name}"), &bytes);
            files += 2;
        }
        files += 1;
    }
    let report = library.scan().await;
    assert_eq!(report.files, files);
    let known = "SELECT CAST(count(*) AS TEXT) FROM (SELECT path FROM tracks UNION SELECT path FROM problems)";
    assert_eq!(library.ask(known).await, [files.to_string()]);
    let report = library.scan().await;
    assert!(!report.has_changes(), "{report}");
}
