//! Clearing, filling and checking the cache, over HTTP and on the command line.
//! Figures and jobs are tested in `admin`.

use serde_json::{Value, json};

use crate::admin::{FORM, HTML, events, json as value, owner, tape};
use crate::client::Reply;
use crate::harness::{TestServer, wav};
use crate::program::{Program, run};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const FILL: &str = "/admin/cache/fill";
const CLEAR: &str = "/admin/cache/clear";

/// A server with two tapes of one track each, both in the cache, and the owner's cookie.
fn server() -> (TestServer, String) {
    let server = TestServer::start();
    let cookie = owner(&server);
    tape(&server, "one", &["a.wav"]);
    tape(&server, "two", &["b.wav"]);
    for slug in ["one", "two"] {
        assert_eq!(post(&server, &cookie, &format!("{FILL}?mixtape={slug}"), None).status, 202);
        events(&server.request("GET", &format!("/editor/progress/{slug}"), &[("Cookie", &cookie)]));
    }
    assert_eq!(cached(&server).len(), 2);
    (server, cookie)
}

fn post(server: &TestServer, cookie: &str, target: &str, body: Option<((&str, &str), &str)>) -> Reply {
    let mut headers = vec![("Cookie", cookie)];
    headers.extend(body.map(|(kind, _)| kind));
    server.request_with_body("POST", target, &headers, body.map_or("", |(_, body)| body))
}

/// The finished files with the times at which they were made.
fn cached(server: &TestServer) -> Vec<(String, std::time::SystemTime)> {
    let entries = std::fs::read_dir(server.folder().join("cache")).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.file_name().to_string_lossy().ends_with(".mp3"));
    let made = |entry: &std::fs::DirEntry| entry.metadata().unwrap().modified().unwrap();
    let mut files: Vec<_> = files.map(|file| (file.file_name().into_string().unwrap(), made(&file))).collect();
    files.sort();
    files
}

#[test]
fn parameters_count_wherever_they_stand_and_nothing_is_deleted_on_a_doubt() {
    let (server, cookie) = server();
    let old = "/admin/cache/clear?older_than_days=30";
    for (target, body) in [
        (old, None),
        (old, Some((FORM, ""))),
        (old, Some((JSON, ""))),
        (old, Some((FORM, "older_than_days=30"))),
        (old, Some((JSON, r#"{"older_than_days": 30}"#))),
        (old, Some((JSON, r#"{"older_than_days": "30", "quality": "low"}"#))),
        (CLEAR, Some((FORM, "older_than_days=30"))),
        (CLEAR, Some((("Content-Type", "Application/JSON; charset=utf-8"), r#"{"older_than_days": 30}"#))),
        (CLEAR, Some((JSON, r#"{"quality": "low"}"#))),
        ("/admin/cache/clear?quality=high", Some((FORM, "older_than_days=0"))),
    ] {
        let reply = post(&server, &cookie, target, body);
        assert_eq!((reply.status, &value(&reply)["deleted_files"]), (200, &0.into()), "{target} {body:?}");
        assert_eq!(cached(&server).len(), 2, "{target} {body:?}");
    }
    for (target, body) in [
        // Two values for one name.
        (old, Some((FORM, "older_than_days=7"))),
        (old, Some((JSON, r#"{"older_than_days": 7}"#))),
        ("/admin/cache/clear?older_than_days=30&older_than_days=7", None),
        (CLEAR, Some((JSON, r#"{"older_than_days": 30, "older_than_days": 7}"#))),
        ("/admin/cache/clear?quality=low", Some((FORM, "quality=medium"))),
        // Nothing that is known, or nothing at all.
        ("/admin/cache/clear?older-than-days=30", None),
        ("/admin/cache/clear?days=30", Some((FORM, "older_than_days=30"))),
        ("/admin/cache/clear?older_than_days=", None),
        ("/admin/cache/clear?quality=", None),
        (CLEAR, Some((FORM, "older_than_days"))),
        (CLEAR, Some((JSON, r#"{"older_than_days": null}"#))),
        // No number of days, no quality of the cache.
        ("/admin/cache/clear?older_than_days=30.5", None),
        ("/admin/cache/clear?older_than_days=99999999999", None),
        ("/admin/cache/clear?quality=best", None),
        ("/admin/cache/clear?quality=original", None),
        // Bodies that cannot be read.
        (CLEAR, Some((JSON, "older_than_days=30"))),
        (CLEAR, Some((JSON, "[30]"))),
        (CLEAR, Some((JSON, r#"{"older_than_days": [30]}"#))),
        (CLEAR, Some((("Content-Type", "text/plain"), "older_than_days=30"))),
        (CLEAR, Some((("Content-Type", "multipart/form-data; boundary=x"), "--x--"))),
        (CLEAR, Some((("X-Nothing", "at all"), "older_than_days=30"))),
    ] {
        let reply = post(&server, &cookie, target, body);
        assert_eq!(reply.status, 400, "{target} {body:?}");
        assert!(!reply.error().is_empty());
        assert_eq!(cached(&server).len(), 2, "{target} {body:?}");
    }
    for (target, body) in [
        ("/admin/cache/fill?mixtape=one", Some((FORM, ""))),
        ("/admin/cache/fill?mixtape=one", Some((JSON, "{}"))),
        (FILL, Some((JSON, r#"{"mixtape": "one"}"#))),
        (FILL, Some((FORM, "mixtape=one&overwrite=false"))),
    ] {
        let reply = post(&server, &cookie, target, body);
        assert_eq!((reply.status, value(&reply)), (202, json!({ "task_id": "one" })), "{target} {body:?}");
    }
    for (target, body) in [
        ("/admin/cache/fill?mixtape=one", Some((FORM, "mixtape=two"))),
        ("/admin/cache/fill?tape=one", None),
        ("/admin/cache/fill?mixtape=", None),
        ("/admin/cache/fill?mixtape=one&overwrite=perhaps", None),
        ("/admin/library/scan?full=perhaps", None),
        ("/admin/library/scan?full=true", Some((FORM, "full=false"))),
    ] {
        assert_eq!(post(&server, &cookie, target, body).status, 400, "{target} {body:?}");
    }
}

#[test]
fn one_quality_is_cleared_and_the_others_stay() {
    let (server, cookie) = server();
    let cleared = |target: &str| value(&post(&server, &cookie, target, None));
    let message = "Cleared all 0 cached files of low quality";
    assert_eq!(cleared("/admin/cache/clear?quality=low"), json!({ "deleted_files": 0, "message": message }));
    let message = "Cleared 0 cached files of medium quality older than 1 day";
    let target = "/admin/cache/clear?quality=medium&older_than_days=1";
    assert_eq!(cleared(target), json!({ "deleted_files": 0, "message": message }));
    assert_eq!(cached(&server).len(), 2);
    let form = [("Cookie", cookie.as_str()), HTML, FORM];
    let body = "older_than_days=0&quality=medium";
    let seen = server.request_with_body("POST", CLEAR, &form, body);
    assert_eq!((seen.status, seen.header("location")), (303, Some("/admin?cleared=2&quality=medium")));
    assert!(cached(&server).is_empty());
    let page = server.request("GET", "/admin?cleared=2&quality=medium", &[form[0], HTML]).text();
    assert!(page.contains("Cleared all 2 cached files of medium quality"));
}

#[test]
fn what_is_cached_is_made_again_when_the_owner_asks_and_checked() {
    let (server, cookie) = server();
    let headers = [("Cookie", cookie.as_str())];
    let filled = |target: &str| {
        let before = cached(&server);
        assert_eq!(post(&server, &cookie, target, None).status, 202);
        let reports = events(&server.request("GET", "/editor/progress/one", &headers));
        let made = cached(&server).iter().filter(|file| !before.contains(file)).count();
        (reports.last().unwrap().1["message"].clone(), made)
    };
    assert_eq!(filled("/admin/cache/fill?mixtape=one"), ("0 tracks made ready, 1 needed nothing".into(), 0));
    assert_eq!(filled("/admin/cache/fill?mixtape=one&overwrite=true"), ("1 track made ready".into(), 1));
    assert_eq!(cached(&server).len(), 2);

    let verify = |query: &str| server.request("GET", &format!("/admin/cache/verify?{query}"), &headers);
    let whole = |quality: &str, is_cached: bool| json!({ "quality": quality, "tracks": { "a.wav": is_cached } });
    assert_eq!(value(&verify("mixtape=one")), whole("medium", true));
    assert_eq!(value(&verify("mixtape=one&quality=low")), whole("low", false));
    server.put("a.wav", &wav(9000));
    assert_eq!(value(&verify("mixtape=one")), whole("medium", false));
    for (query, status) in [("", 404), ("mixtape=nobody", 404), ("mixtape=one&quality=best", 400)] {
        let reply = verify(query);
        assert_eq!((reply.status, reply.error().is_empty()), (status, false), "{query}");
    }
    assert_eq!(server.request("GET", "/admin/cache/verify?mixtape=one", &[]).status, 401);
}

#[test]
fn figures_are_zeros_when_the_cache_is_switched_off_or_its_folder_has_gone() {
    let off = Program::start(&["--audio-cache-enabled", "off"]);
    let cookie = off.owner();
    let reply = off.request("GET", "/admin/cache/stats", &[("Cookie", &cookie)], "");
    let stats = value(&reply);
    assert_eq!((reply.status, &stats["cached_files"], &stats["cache_size_bytes"]), (200, &0.into(), &0.into()));
    assert_eq!(stats["qualities"].as_array().map(Vec::len), Some(3));

    let (server, cookie) = server();
    std::fs::remove_dir_all(server.folder().join("cache")).unwrap();
    let stats: Value = value(&server.request("GET", "/admin/cache/stats", &[("Cookie", &cookie)]));
    assert_eq!((&stats["cached_files"], &stats["cache_size_bytes"]), (&0.into(), &0.into()));
    assert!(stats["free_disk_bytes"].as_u64().unwrap() > 0);
}

#[test]
fn the_command_line_counts_fills_clears_and_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let music = folder.path().join("music");
    std::fs::create_dir(&music).unwrap();
    std::fs::write(music.join("a.wav"), wav(40_000)).unwrap();
    std::fs::write(music.join("b.mp3"), b"ID3 music").unwrap();
    let try_to = |arguments: &[&str]| {
        let needs_music = matches!(arguments.get(1), Some(&("fill" | "verify" | "explain")));
        run(folder.path(), &[arguments, if needs_music { &["--music", "music"] } else { &[] }].concat())
    };
    let run = |arguments: &[&str]| {
        let (is_fine, text) = try_to(arguments);
        assert!(is_fine, "{arguments:?}: {text}");
        text
    };
    for arguments in [&["cache", "stats", "--data", "data"], &["cache", "--data", "data", "stats"]] {
        let text = run(arguments);
        assert!(text.starts_with("0 files, 0 bytes in data/cache/audio\n"), "{text}");
        assert!(text.contains("low        0 files, 0 bytes\n"), "{text}");
    }
    assert_eq!(run(&["cache", "clear", "--data", "data"]), "0 files removed\n");
    assert!(run(&["cache", "verify", "--data", "data"]).starts_with("0 files, 0 bytes whole"));
    assert!(run(&["cache", "explain", "a.wav", "--data", "data"]).contains("not there yet"));
    assert!(!folder.path().join("data").exists(), "looking makes nothing");

    let fill = ["cache", "fill", "a.wav", "b.mp3", "--data", "data", "--quality", "low,medium", "--log", "warn"];
    let once = run(&fill);
    assert_eq!(once.matches("a.wav: made\n").count(), 2, "{once}");
    assert_eq!(once.matches("b.mp3: is served as it is\n").count(), 2, "{once}");
    assert_eq!(run(&fill).matches("a.wav: is there already\n").count(), 2);
    let again = run(&[&fill[..], &["--overwrite"]].concat());
    assert_eq!(again.matches("a.wav: made\n").count(), 2, "{again}");
    assert!(run(&["cache", "verify", "--data", "data"]).starts_with("2 files"));

    assert_eq!(run(&["cache", "clear", "--quality", "high", "--data", "data"]), "0 files removed\n");
    assert_eq!(run(&["cache", "clear", "--quality", "low", "--data", "data"]), "1 file removed\n");
    assert!(run(&["cache", "stats", "--data", "data"]).contains("medium     1 file, "));
    let (is_fine, text) = try_to(&["cache", "fill", "nobody.wav", "--data", "data"]);
    assert!(!is_fine && text.contains("nobody.wav: "), "{text}");
}
