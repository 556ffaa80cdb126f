//! Mixtapes in and out over HTTP: files and playlists of a tape, backups that come back on another server, playlists
//! that become mixtapes. What is in them in detail is tested in `library`.

use std::io::{Cursor, Read};

use model::{AccessChange, SharingChange};
use serde_json::json;
use zip::ZipArchive;

use crate::admin::{HTML, events, json as value, owner};
use crate::client::Reply;
use crate::harness::{TestServer, wav};
use crate::making::{call, share};

/// Sends a file as a form does.
fn send_file(server: &TestServer, target: &str, headers: &[(&str, &str)], name: &str, file: &[u8]) -> Reply {
    let mut body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend(file);
    body.extend(b"\r\n--edge--\r\n");
    let headers: Vec<_> =
        headers.iter().copied().chain([("Content-Type", "multipart/form-data; boundary=edge")]).collect();
    server.request_with_body("POST", target, &headers, body)
}

/// A server with two songs, one of them on a tape, which also has a song that is nowhere.
fn server_with_tape() -> (TestServer, String) {
    let server = TestServer::start();
    server.put("Ada/2001 - Nachts/01 Eins.wav", &wav(8000));
    server.put("Ada/2001 - Nachts/02 Zwei.wav", &wav(16_000));
    server.scan();
    let cookie = owner(&server);
    let track = |path: &str, title: &str| json!({ "path": path, "title": title, "artist": "Ada", "album": "Nachts", "duration": 1000 });
    let tracks = json!([track("Ada/2001 - Nachts/01 Eins.wav", "Eins"), track("gone.wav", "Gone")]);
    let draft = json!({ "title": "Für dich", "creator_name": "Ada", "client_id": "one", "tracks": tracks });
    let saved = call(&server, &cookie, "save", &json!({ "draft": draft }));
    assert_eq!(value(&saved)["slug"], "für-dich", "{}", saved.text());
    share(&server, &cookie, "für-dich");
    (server, cookie)
}

fn share_as(server: &TestServer, change: &SharingChange) {
    server.block_on(server.store.set_sharing(&"für-dich".parse().unwrap(), change)).unwrap();
}

fn names(zip: &[u8]) -> Vec<String> {
    let zip = ZipArchive::new(Cursor::new(zip)).unwrap();
    zip.file_names().map(|name| name.unwrap().into_owned()).collect()
}

const TAPE: &str = "/share/f%C3%BCr-dich";

#[test]
fn the_files_of_a_tape_are_for_the_owner_and_for_whom_the_owner_lets() {
    let (server, cookie) = server_with_tape();
    let target = format!("{TAPE}/audio.zip");
    let refused = server.get(&target);
    let words = "Whoever made this mixtape does not give its files away.";
    assert_eq!((refused.status, refused.error().as_str()), (403, words));
    let mine = server.request("GET", &target, &[("Cookie", &cookie), ("Accept-Encoding", "gzip, br")]);
    assert_eq!((mine.status, mine.header("content-encoding")), (200, None));
    assert_eq!(mine.header("content-type"), Some("application/zip"));
    let name = "attachment; filename=\"Fr dich.zip\"; filename*=UTF-8''F%C3%BCr%20dich.zip";
    assert_eq!(mine.header("content-disposition"), Some(name));
    assert_eq!(names(&mine.body), ["Für dich.m3u8", "01 Ada - Eins.wav"]);
    let mut packed = Vec::new();
    let mut zip = ZipArchive::new(Cursor::new(mine.body)).unwrap();
    zip.by_index(1).unwrap().read_to_end(&mut packed).unwrap();
    assert!(packed == wav(8000));

    let open = SharingChange { access: AccessChange::Public, expires_at: None, downloads: true };
    share_as(&server, &open);
    let theirs = server.get(&target);
    assert_eq!(theirs.status, 200);
    let length = server.request("HEAD", &target, &[]);
    assert_eq!(length.header("content-length"), Some(theirs.body.len().to_string().as_str()));
    assert!(server.get(TAPE).text().contains("audio.zip"), "the page offers it");
    let locked = SharingChange { access: AccessChange::Password(Some("sesame".into())), ..open };
    share_as(&server, &locked);
    for file in ["audio.zip", "playlist.m3u8"] {
        assert_eq!(server.get(&format!("{TAPE}/{file}")).status, 404, "{file}");
    }
}

#[test]
fn a_tape_is_a_playlist_for_other_players() {
    let (server, _) = server_with_tape();
    let web = server.get(&format!("{TAPE}/playlist.m3u8?quality=low"));
    assert_eq!(web.header("content-type"), Some("audio/x-mpegurl; charset=utf-8"));
    let address = "http://ferric.test/play/Ada/2001%20-%20Nachts/01%20Eins.wav?quality=low";
    assert!(web.text().lines().any(|line| line == address), "{}", web.text());
    assert_eq!(server.request("GET", address.trim_start_matches("http://ferric.test"), &[]).status, 200);
    let relative = server.get(&format!("{TAPE}/playlist.m3u8?paths=relative")).text();
    assert!(relative.lines().any(|line| line == "Ada/2001 - Nachts/01 Eins.wav"), "{relative}");
    for (file, kind) in [("playlist.xspf", "application/xspf+xml"), ("playlist.jspf", "application/jspf+json")] {
        let reply = server.get(&format!("{TAPE}/{file}"));
        assert_eq!((reply.status, reply.header("content-type")), (200, Some(kind)));
        assert!(reply.text().contains("Für dich"), "{file}");
    }
    for (file, status) in [
        ("playlist.pls", 404),
        ("playlist", 404),
        ("cover", 404),
        ("playlist.m3u8?quality=best", 400),
        ("playlist.m3u8?paths=absolute", 400),
    ] {
        let reply = server.get(&format!("{TAPE}/{file}"));
        assert_eq!(reply.status, status, "{file}");
        assert!(!reply.error().is_empty());
    }
    assert_eq!(server.get("/share/nobody/playlist.m3u8").status, 404);
}

#[test]
fn a_backup_brings_the_mixtapes_to_another_server() {
    let (server, cookie) = server_with_tape();
    let backup = server.request("GET", "/mixtapes/backup.zip", &[("Cookie", &cookie)]);
    assert_eq!(backup.status, 200);
    assert!(backup.header("content-disposition").unwrap().contains("Mixtapes 20"));
    let other = TestServer::start();
    let cookie = owner(&other);
    let mine = [("Cookie", cookie.as_str())];
    let started = send_file(&other, "/mixtapes/restore", &mine, "backup.zip", &backup.body);
    assert_eq!((started.status, value(&started)), (202, json!({ "task_id": "*restore" })));
    let reports = events(&other.request("GET", "/editor/progress/*restore", &mine));
    let end = &reports.last().unwrap().1;
    assert_eq!((&end["status"], &end["message"]), (&json!("completed"), &json!("1 taken in")));
    let page = other.get(TAPE);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Eins"));
    // What a browser is shown after the same once more.
    let form = [mine[0], HTML];
    let again = send_file(&other, "/mixtapes/restore", &form, "backup.zip", &backup.body);
    assert_eq!((again.status, again.header("location")), (303, Some("/editor/preferences#backup")));
}

#[test]
fn what_is_no_backup_fails_with_a_reason() {
    let server = TestServer::start();
    let cookie = owner(&server);
    let mine = [("Cookie", cookie.as_str())];
    assert_eq!(send_file(&server, "/mixtapes/restore", &mine, "a.zip", b"PK").status, 202);
    let reports = events(&server.request("GET", "/editor/progress/*restore", &mine));
    let end = &reports.last().unwrap().1;
    assert_eq!(end["status"], "failed");
    assert!(end["message"].as_str().unwrap().starts_with("This backup could not be read"), "{end}");
    for target in ["/mixtapes/restore", "/mixtapes/playlist"] {
        let empty = server.request_with_body("POST", target, &mine, "");
        assert_eq!((empty.status, empty.error().as_str()), (400, "The form needs a file. Choose one first."));
        assert_eq!(send_file(&server, target, &[], "a", b"").status, 401, "{target}");
        let foreign = [mine[0], ("Sec-Fetch-Site", "cross-site")];
        assert_eq!(send_file(&server, target, &foreign, "a", b"").status, 403, "{target}");
    }
    assert_eq!(server.get("/mixtapes/backup.zip").status, 401);
}

#[test]
fn a_playlist_becomes_a_mixtape_of_what_is_in_the_library() {
    let (server, cookie) = server_with_tape();
    let mine = [("Cookie", cookie.as_str())];
    let form = [mine[0], HTML];
    let whole = b"C:\\Music\\Ada\\2001 - Nachts\\02 Zwei.wav\r\nAda/2001 - Nachts/01 Eins.wav\r\n";
    let made = send_file(&server, "/mixtapes/playlist", &form, "Evening.m3u", whole);
    assert_eq!((made.status, made.header("location")), (303, Some("/editor/evening")), "{}", made.text());
    assert_eq!(server.get("/share/evening").status, 404, "a new tape is private");
    let page = server.request("GET", "/share/evening", &mine).text();
    assert!(page.find("Zwei").unwrap() < page.find("Eins").unwrap());

    let part = "#EXTM3U\n#PLAYLIST:Half\n02 Zwei.wav\n#EXTINF:60,Ben - <b>Nowhere</b>\nelsewhere.mp3\n";
    let made = send_file(&server, "/mixtapes/playlist", &mine, "x.m3u8", part.as_bytes());
    let made = value(&made);
    assert_eq!(
        (&made["slug"], &made["count"], &made["not_found"][0]["artist"]),
        (&json!("half"), &json!(2), &json!("Ben"))
    );
    let page = send_file(&server, "/mixtapes/playlist", &form, "x.m3u8", part.as_bytes());
    assert_eq!(page.status, 200);
    assert!(page.text().contains("1 of 2 songs are on the tape") && page.text().contains("Ben – &lt;b&gt;Nowhere"));

    let none = send_file(&server, "/mixtapes/playlist", &mine, "x.m3u8", b"nothing.mp3\n");
    assert_eq!((none.status, &value(&none)["slug"]), (200, &json!(null)));
    let broken = send_file(&server, "/mixtapes/playlist", &mine, "x.xspf", b"<playlist");
    assert_eq!(broken.status, 400);
    assert!(broken.error().starts_with("This playlist could not be read"), "{}", broken.error());
    let page = send_file(&server, "/mixtapes/playlist", &form, "x.xspf", b"<playlist");
    assert_eq!(page.status, 400);
    assert!(page.text().contains("That is no playlist"));
}

#[test]
fn preferences_are_what_a_new_tape_begins_with() {
    let server = TestServer::start();
    let cookie = owner(&server);
    let form = [("Cookie", cookie.as_str()), crate::admin::FORM];
    let wanted = "creator_name=Ada&unwrap_style=elegant&gift_flow_enabled=on&keeps_a_secret=on";
    let set = server.request_with_body("POST", "/editor/preferences", &form, wanted);
    assert_eq!((set.status, set.header("location")), (303, Some("/editor/preferences?saved")));
    let kept = server.block_on(server.store.preferences()).unwrap();
    assert_eq!((kept.creator_name.as_str(), kept.gift.flow_enabled, kept.gift.show_tracklist), ("Ada", true, false));
    assert_eq!(kept.gift.unwrap_style, model::UnwrapStyle::Elegant);
    let page = server.request("GET", "/editor/preferences", &[form[0], HTML]).text();
    assert!(page.contains("value=\"Ada\""));
    let long = format!("creator_name={}", "x".repeat(101));
    for bad in ["unwrap_style=loud", long.as_str()] {
        assert_eq!(server.request_with_body("POST", "/editor/preferences", &form, bad).status, 400, "{bad}");
    }
    assert_eq!(server.get("/editor/preferences").status, 401);
}
