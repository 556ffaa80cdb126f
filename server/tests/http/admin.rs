//! The owner's cache routes over HTTP: figures, clearing, jobs and their reports.
//! How the page looks is tested with a browser.

use audio::attempts::Attempts;
use model::{GiftSettings, Mixtape, Revision, Timestamp, Track, TrackPath};
use serde_json::Value;

use crate::client::{Client, Reply};
use crate::harness::{PASSWORD, TestServer, wav};

pub const HTML: (&str, &str) = ("Accept", "text/html");
pub const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// The cookie of a browser that has signed in.
pub fn owner(server: &TestServer) -> String {
    let body = format!("password={}", PASSWORD.replace(' ', "+"));
    let reply = server.request_with_body("POST", "/login", &[FORM], &body);
    reply.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
}

/// Saves a tape of these files, each half a minute long.
pub fn tape(server: &TestServer, slug: &str, names: &[&str]) {
    for name in names {
        server.put(name, &wav(240_000));
    }
    let mixtape = Mixtape {
        slug: slug.parse().unwrap(),
        client_id: None,
        revision: Revision::default(),
        title: slug.to_owned(),
        creator_name: String::new(),
        liner_notes: String::new(),
        cover: None,
        gift: GiftSettings::default(),
        created_at: Timestamp(1),
        updated_at: Timestamp(2),
        tracks: names.iter().map(|name| track(name)).collect(),
    };
    server.block_on(server.store.take_in(&mixtape)).unwrap();
}

fn track(name: &str) -> Track {
    let (path, title) = (TrackPath(name.to_owned()), name.to_owned());
    Track { path, title, artist: String::new(), album: String::new(), duration: None }
}

pub fn json(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

/// The events of a stream that ends by itself: number and report.
pub fn events(reply: &Reply) -> Vec<(String, Value)> {
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/event-stream")));
    let text = reply.text();
    let field = |event: &str, name: &str| {
        event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).map(str::to_owned)
    };
    let of = |event| Some((field(event, "id")?, serde_json::from_str(&field(event, "data")?).unwrap()));
    text.split("\n\n").filter_map(of).collect()
}

#[test]
fn all_of_it_is_for_the_owner_alone() {
    let server = TestServer::start();
    for (method, target) in [
        ("GET", "/admin/cache/stats"),
        ("POST", "/admin/cache/clear"),
        ("POST", "/admin/cache/fill"),
        ("GET", "/admin/cache/verify?mixtape=tape"),
        ("GET", "/admin/progress"),
        ("GET", "/editor/progress/tape"),
        ("GET", "/admin/library/stats"),
        ("POST", "/admin/library/scan"),
    ] {
        let reply = server.request(method, target, &[]);
        assert_eq!((reply.status, reply.error().as_str()), (401, "This is for the owner. Sign in first."), "{target}");
    }
    for target in ["/admin", "/admin/library"] {
        let page = server.request("GET", target, &[HTML]);
        assert_eq!((page.status, page.header("location")), (303, Some("/login")));
    }
    let cookie = owner(&server);
    let foreign = [("Cookie", cookie.as_str()), ("Sec-Fetch-Site", "cross-site")];
    for target in ["/admin/cache/clear", "/admin/cache/fill", "/admin/library/scan"] {
        assert_eq!(server.request("POST", target, &foreign).status, 403, "{target}");
    }
}

#[test]
fn the_figures_follow_what_is_heard_and_cleared() {
    let server = TestServer::start();
    let cookie = owner(&server);
    let owner = [("Cookie", cookie.as_str())];
    let stats = || json(&server.request("GET", "/admin/cache/stats", &owner));
    let empty = stats();
    assert_eq!((&empty["cache_size_bytes"], &empty["cached_files"]), (&0.into(), &0.into()));
    assert_eq!((&empty["cache_size_mb"], &empty["hit_rate"]), (&0.0.into(), &Value::Null));
    assert!(empty["cache_dir"].as_str().unwrap().ends_with("/cache"));
    assert!(empty["free_disk_bytes"].as_u64().unwrap() > 0);

    tape(&server, "tape", &["a.wav", "b.wav"]);
    let job = server.request("POST", "/admin/cache/fill?mixtape=tape", &owner);
    assert_eq!((job.status, json(&job)), (202, serde_json::json!({ "task_id": "tape" })));
    events(&server.request("GET", "/editor/progress/tape", &owner));
    for (target, range) in [
        ("/play/a.wav?quality=medium", "bytes=0-"),
        ("/play/b.wav?quality=medium", "bytes=0-10"),
        // A later part of a stream that was counted before, and a look.
        ("/play/b.wav?quality=medium", "bytes=100-"),
        ("/play/a.wav?quality=low", "bytes=0-"),
        ("/play/a.wav", "bytes=0-"),
    ] {
        assert_eq!(server.request("GET", target, &[("Range", range)]).status, 206);
    }
    assert_eq!(server.request("HEAD", "/play/b.wav?quality=high", &[]).status, 200);
    let full = stats();
    let medium = &full["qualities"][1];
    assert_eq!((&medium["quality"], &medium["files"]), (&"medium".into(), &2.into()));
    assert_eq!((&full["hits"], &full["misses"], &full["hit_rate"]), (&2.into(), &1.into(), &66.67.into()));
    let bytes = full["cache_size_bytes"].as_u64().unwrap();
    assert!(bytes >= medium["bytes"].as_u64().unwrap() && bytes > 1_000_000);

    for (target, status, message) in [
        ("/admin/cache/clear?older_than_days=30", 200, "Cleared 0 cached files older than 30 days"),
        ("/admin/cache/clear?older_than_days=soon", 400, "“older_than_days” must be a whole number of days."),
        ("/admin/cache/clear?older_than_days=-1", 400, "“older_than_days” must be a whole number of days."),
    ] {
        let reply = server.request("POST", target, &owner);
        let said = json(&reply);
        let said = said.get("message").or(said.get("error")).unwrap();
        assert_eq!((reply.status, said.as_str()), (status, Some(message)));
    }
    let cleared = json(&server.request("POST", "/admin/cache/clear", &owner));
    let files = cleared["deleted_files"].as_u64().unwrap();
    assert!(files >= 2);
    assert_eq!(cleared["message"], format!("Cleared all {files} cached files"));
    let form = [owner[0], HTML, FORM];
    let seen = server.request_with_body("POST", "/admin/cache/clear", &form, "older_than_days=7");
    assert_eq!((seen.status, seen.header("location")), (303, Some("/admin?cleared=0&older_than_days=7")));
}

#[test]
fn a_job_is_followed_live_late_and_after_a_broken_connection() {
    let server = TestServer::start();
    let cookie = owner(&server);
    let owner = [("Cookie", cookie.as_str())];
    // Somebody listens before there is anything.
    let mut early = Client::connect(server.address);
    early.send("GET", "/editor/progress/für%20dich", &owner, "");
    let head = early.read_head();
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(head.header("content-encoding"), None);

    tape(&server, "für dich", &["a.wav", "b.wav", "c.wav"]);
    assert_eq!(server.request("POST", "/admin/cache/fill?mixtape=f%C3%BCr%20dich", &owner).status, 202);
    let mut live = Vec::new();
    let mut buffer = [0; 4096];
    while !String::from_utf8_lossy(&live).contains("\"completed\"") {
        let read = early.read_some(&mut buffer).unwrap();
        assert!(read > 0, "it ended before the job");
        live.extend(&buffer[..read]);
    }

    let late = events(&server.request("GET", "/editor/progress/f%C3%BCr%20dich", &owner));
    let live = String::from_utf8(live).unwrap();
    assert!(late.iter().all(|(number, _)| live.contains(&format!("id: {number}\n"))), "{live}");
    assert_eq!((&late[0].1["status"], &late[0].1["total"]), (&"pending".into(), &3.into()));
    assert_eq!(late.last().unwrap().1["message"], "3 tracks made ready");

    let after = |number: &str| {
        let headers = [owner[0], ("Last-Event-ID", number)];
        server.request("GET", "/editor/progress/f%C3%BCr%20dich", &headers)
    };
    assert_eq!(events(&after(&late[3].0)), late[4..]);
    assert_eq!(after(&late.last().unwrap().0).status, 204, "a browser does not come back for more");

    // The stream of all tasks has this one too, and goes on.
    let mut all = Client::connect(server.address);
    all.send("GET", "/admin/progress", &owner, "");
    assert_eq!(all.read_head().status, 200);
    let read = all.read_some(&mut buffer).unwrap();
    assert!(String::from_utf8_lossy(&buffer[..read]).contains(&late[0].0));
}

#[test]
fn files_that_were_set_aside_are_shown_and_can_be_tried_again() {
    let server = TestServer::start();
    let cookie = owner(&server);
    let owner = [("Cookie", cookie.as_str())];
    let attempts = Attempts::open(&server.folder().join("cache/jobs/attempts")).unwrap();
    let path = TrackPath("Ada/<b>01.flac".to_owned());
    for _ in 0..2 {
        assert_eq!(attempts.begin(&path, "a state of it").unwrap(), Ok(()));
    }
    let stats = || json(&server.request("GET", "/admin/cache/stats", &owner));
    let aside = serde_json::json!([
        { "path": "Ada/<b>01.flac", "reason": "The server ended twice while it was made ready." }
    ]);
    assert_eq!((&stats()["set_aside"], &stats()["is_disk_low"]), (&aside, &false.into()));
    let page = server.request("GET", "/admin", &[owner[0], HTML]).text();
    assert!(page.contains("Set aside") && page.contains("01.flac") && !page.contains("<b>01"), "{page}");
    assert_eq!(server.request("POST", "/admin/cache/retry", &[]).status, 401);
    let retried = server.request("POST", "/admin/cache/retry", &owner);
    assert_eq!((retried.status, json(&retried)), (202, serde_json::json!({ "task_id": "*", "files": 1 })));
    assert_eq!(stats()["set_aside"], serde_json::json!([]));
    assert!(!server.request("GET", "/admin", &[owner[0], HTML]).text().contains("Set aside"));
}

#[test]
fn what_is_not_there_cannot_be_filled() {
    let server = TestServer::start();
    let cookie = owner(&server);
    let owner = [("Cookie", cookie.as_str())];
    for slug in ["nobody", "a/b", "%00"] {
        let reply = server.request("POST", &format!("/admin/cache/fill?mixtape={slug}"), &owner);
        assert_eq!((reply.status, reply.error().as_str()), (404, "There is no such mixtape."), "{slug}");
    }
    let all = server.request("POST", "/admin/cache/fill", &owner);
    assert_eq!((all.status, json(&all)), (202, serde_json::json!({ "task_id": "*" })));
}

#[test]
fn the_library_is_read_when_the_owner_asks_and_problems_have_reasons() {
    let server = TestServer::start();
    let cookie = owner(&server);
    let owner = [("Cookie", cookie.as_str())];
    server.put("Ada/2001 - Nachts/01 Eins.wav", &wav(8000));
    server.put("Ada/2001 - Nachts/02 Zwei.wav", &wav(16_000));
    server.put("Ada/<b>broken.flac", b"no music");
    let task = server.request("POST", "/admin/library/scan", &owner);
    assert_eq!((task.status, json(&task)), (202, serde_json::json!({ "task_id": "*library" })));
    let reports = events(&server.request("GET", "/editor/progress/*library", &owner));
    let end = &reports.last().unwrap().1;
    assert_eq!((&end["status"], &end["step"], &end["current"]), (&"completed".into(), &"summary".into(), &3.into()));

    let stats = json(&server.request("GET", "/admin/library/stats", &owner));
    let figures = ["tracks", "artists", "releases", "duration", "problems"].map(|name| stats[name].as_u64().unwrap());
    assert_eq!(figures, [2, 1, 1, 3000, 1]);
    let page = server.request("GET", "/admin/library?first=0", &owner).text();
    assert!(page.contains("Ada/&lt;b>broken.flac") || page.contains("Ada/&lt;b&gt;broken.flac"), "{page}");
    assert!(page.contains("1 file could not be read"));
    assert_eq!(server.request("GET", "/admin/library?first=nonsense", &owner).status, 200);
}
