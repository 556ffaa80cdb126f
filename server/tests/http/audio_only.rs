//! What of the music folder is public over HTTP: audio, and nothing whose path has a name that begins with a dot.

use model::{Millis, Mixtape, Revision, Timestamp, Track, TrackPath};

use crate::harness::{TestServer, wav};

/// Files that lie in music folders and are no music.
const STRAY: [(&str, &[u8]); 8] = [
    (".DS_Store", b"\0\0\0\x01Bud1"),
    ("iTunes Library.xml", b"<?xml version=\"1.0\"?><plist><dict><key>Tracks</key>"),
    (".git/config", b"[remote \"origin\"]"),
    ("Artist/.stversions/old.mp3", b"sound"),
    (".hidden.mp3", b"sound"),
    ("desktop.ini", b"\xff\xfe[\0.\0S\0h\0e\0l\0l\0C\0l\0a\0s\0s\0I\0n\0f\0o\0]\0"),
    ("library.db", b"SQLite format 3\0"),
    ("page.html", b"<script>alert(1)</script>"),
];

fn target(path: &str) -> String {
    format!("/play/{}", path.replace(' ', "%20"))
}

#[test]
fn only_audio_is_served_from_the_music_folder() {
    let server = TestServer::start();
    for (path, content) in STRAY {
        server.put(path, content);
        for method in ["GET", "HEAD"] {
            for query in ["", "?quality=low"] {
                let reply = server.request(method, &(target(path) + query), &[("Range", "bytes=0-3")]);
                assert_eq!(reply.status, 404, "{method} {path}{query}");
            }
        }
        assert_eq!(server.get(&target(path)).error(), "There is no such file in the music library.");
    }
    // The way there and back leads past a hidden folder, too.
    server.put("a.wav", &wav(100));
    assert_eq!(server.get("/play/.git/../a.wav").status, 404);
    assert_eq!(server.get("/play/%2Egit/config").status, 404);
    assert_eq!(server.get("/play/a.wav").status, 200);
}

#[test]
fn audio_is_played_under_any_name() {
    let server = TestServer::start();
    for path in ["noending", "page.html", "Artist/song.backup", "a.wav"] {
        server.put(path, &wav(4000));
        let reply = server.get(&target(path));
        assert_eq!((reply.status, reply.body == wav(4000)), (200, true), "{path}");
        assert_eq!(server.get(&format!("{}?quality=low", target(path))).header("content-type"), Some("audio/mpeg"));
    }
    // As git-annex keeps what is in a library: the name is visible, the file is not.
    server.put(".git/annex/objects/x", &wav(4000));
    std::os::unix::fs::symlink(".git/annex/objects/x", server.music().join("linked.wav")).unwrap();
    assert_eq!(server.get("/play/linked.wav").status, 200);
    server.put("library.db", b"SQLite format 3\0");
    std::os::unix::fs::symlink("library.db", server.music().join("linked.mp3")).unwrap();
    assert_eq!(server.get("/play/linked.mp3").status, 404, "a link does not make audio of it");
}

#[test]
fn what_is_no_audio_is_in_no_archive_and_no_folder_of_others_gives_its_covers() {
    let server = TestServer::start();
    server.put("a.wav", &wav(4000));
    for (path, content) in STRAY {
        server.put(path, content);
    }
    server.put(".private/cover.jpg", &[0xff, 0xd8, 0xff, 0xe0, 7]);
    server.put(".private/a.wav", &wav(4000));
    server.scan();
    let cover = server.get("/api/covers/.private");
    assert_eq!((cover.status, cover.header("content-type")), (200, Some("image/svg+xml")), "a drawing");
    let track = |path: &str| Track {
        path: TrackPath(path.to_owned()),
        title: path.to_owned(),
        artist: String::new(),
        album: String::new(),
        duration: Some(Millis(500)),
    };
    // As a backup of somebody else may have it.
    let tracks = STRAY.iter().map(|(path, _)| track(path)).chain([track("a.wav")]).collect();
    let mixtape = Mixtape {
        slug: "tape".parse().unwrap(),
        client_id: None,
        revision: Revision::default(),
        title: "Tape".to_owned(),
        creator_name: String::new(),
        liner_notes: String::new(),
        cover: None,
        gift: model::GiftSettings::default(),
        created_at: Timestamp(1),
        updated_at: Timestamp(2),
        tracks,
    };
    server.block_on(server.store.take_in(&mixtape)).unwrap();
    let change = model::SharingChange { access: model::AccessChange::Public, expires_at: None, downloads: true };
    server.block_on(server.store.set_sharing(&mixtape.slug, &change)).unwrap();
    let zip = server.get("/share/tape/audio.zip");
    assert_eq!(zip.status, 200);
    let archive = zip::ZipArchive::new(std::io::Cursor::new(zip.body)).unwrap();
    let names: Vec<_> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names.len(), 2, "the playlist and one song: {names:?}");
}
