//! Pages, covers, bundle, sign-in and health checks over HTTP.
//! How pages look and behave in a browser is tested with a browser.

use model::{GiftSettings, Millis, Mixtape, Revision, Timestamp, Track, TrackPath};

use crate::client::Reply;
use crate::harness::{PASSWORD, TestServer};

const HTML: (&str, &str) = ("Accept", "text/html,application/xhtml+xml");

fn save_tape(server: &TestServer, slug: &str, notes: &str) {
    let track = |title: &str| Track {
        path: TrackPath(format!("Ä lbum/{title}.flac")),
        title: title.to_owned(),
        artist: "An <Artist> & \"Co\"".to_owned(),
        album: String::new(),
        duration: Some(Millis(61_000)),
    };
    let mixtape = Mixtape {
        slug: slug.parse().unwrap(),
        client_id: None,
        revision: Revision::default(),
        title: "Tape <1> & \"2\"".to_owned(),
        creator_name: "Ada".to_owned(),
        liner_notes: notes.to_owned(),
        cover: Some(server.block_on(server.store.keep_cover(&[0xff, 0xd8, 0xff, 0xe0, 7])).unwrap()),
        gift: GiftSettings::default(),
        created_at: Timestamp(1),
        updated_at: Timestamp(2),
        tracks: vec![track("One"), track("Two")],
    };
    server.block_on(server.store.take_in(&mixtape)).unwrap();
}

fn sign_in(server: &TestServer, password: &str, headers: &[(&str, &str)]) -> Reply {
    let form = [&[("Content-Type", "application/x-www-form-urlencoded")], headers].concat();
    server.request_with_body("POST", "/login", &form, format!("username=owner&password={}", password.replace(' ', "+")))
}

#[test]
fn a_shared_tape_is_a_whole_page_before_any_script() {
    let server = TestServer::start();
    save_tape(&server, "für-dich", "*Hello* <script>alert(1)</script>");
    let page = server.get("/share/f%C3%BCr-dich");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let html = page.text();
    for part in [
        "<title>Tape &lt;1&gt; &amp; \"2\" · Ferric</title>",
        "Tape &lt;1&gt; &amp; \"2\"</h1>",
        "An &lt;Artist&gt; &amp; \"Co\"",
        "<em>Hello</em>",
        "href=\"/play/%C3%84%20lbum/One.flac?quality=medium\"",
        "<noscript><audio controls preload=\"none\" src=\"/play/%C3%84%20lbum/Two.flac?quality=medium\"",
        "property=\"og:url\" content=\"http://ferric.test/share/f%C3%BCr-dich\"",
        "name=\"description\" content=\"Hello alert(1)\"",
        "property=\"og:image\" content=\"http://ferric.test/og/f%C3%BCr-dich.jpg?v=",
        "property=\"og:image:width\" content=\"1200\"",
        "href=\"/pkg/ferric-0123.js\"",
        "href=\"/pkg/ferric-89ab.css\"",
    ] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
    assert!(!html.contains("<script>alert"));
}

#[test]
fn pages_keep_to_themselves_and_are_never_stale() {
    let server = TestServer::start();
    save_tape(&server, "t", "");
    let nonces: Vec<String> = (0..2)
        .map(|_| {
            let page = server.get("/share/t");
            let policy = page.header("content-security-policy").unwrap().to_owned();
            let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap().to_owned();
            assert!(!policy.contains("unsafe-inline") && policy.contains("frame-ancestors 'none'"));
            let html = page.text();
            assert_eq!(html.matches("<script").count(), html.matches(&format!("nonce=\"{nonce}\"")).count());
            assert_eq!(page.header("cache-control"), Some("no-cache"));
            assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
            assert_eq!(page.header("x-frame-options"), Some("DENY"));
            nonce
        })
        .collect();
    assert_ne!(nonces[0], nonces[1]);
}

#[test]
fn pages_are_compressed_when_asked_and_audio_never_is() {
    let server = TestServer::start();
    save_tape(&server, "t", &"words ".repeat(500));
    let page = server.request("GET", "/share/t", &[("Accept-Encoding", "gzip, br")]);
    assert_eq!(page.header("content-encoding"), Some("br"));
    server.put("a.wav", &vec![0; 50_000]);
    let audio = server.request("GET", "/play/a.wav", &[("Accept-Encoding", "gzip, br")]);
    assert_eq!((audio.header("content-encoding"), audio.body.len()), (None, 50_000));
}

#[test]
fn what_is_not_there_is_a_page_for_people_and_json_for_programs() {
    let server = TestServer::start();
    for path in ["/share/nothing", "/share/..%2Fx", "/share/%FF", "/nothing"] {
        let page = server.request("GET", path, &[HTML]);
        assert_eq!(page.status, 404, "{path}");
        assert!(page.text().contains("There is no tape here"), "{path}");
    }
    let json = server.get("/nothing");
    assert_eq!((json.status, json.error().is_empty()), (404, false));
    assert_eq!(server.request("POST", "/nothing", &[]).status, 404);
    let wrong_method = server.request("DELETE", "/mixtapes", &[]);
    assert_eq!((wrong_method.status, wrong_method.header("allow")), (405, Some("GET,HEAD")));
    assert!(wrong_method.error().contains("method"));
}

#[test]
fn covers_are_kept_for_ever_and_nothing_else_is_reached_beside_them() {
    let server = TestServer::start();
    save_tape(&server, "t", "");
    let html = server.get("/share/t").text();
    let path = format!("/covers/{}", html.split("/covers/").nth(1).and_then(|rest| rest.split('"').next()).unwrap());
    let cover = server.get(&path);
    assert_eq!((cover.status, cover.header("content-type")), (200, Some("image/jpeg")));
    assert_eq!(cover.body, [0xff, 0xd8, 0xff, 0xe0, 7]);
    assert!(cover.header("cache-control").unwrap().contains("immutable"));
    for path in [
        "/covers/none.jpg",
        "/covers/..%2Fmixtapes.db",
        "/covers/%FF.jpg",
        "/covers/0123456789abcdef0123456789abcdef.jpg",
    ] {
        let missing = server.get(path);
        assert_eq!((missing.status, missing.error().as_str()), (404, "There is no such cover."), "{path}");
    }
}

#[test]
fn the_bundle_is_immutable_and_compressed_beforehand() {
    let server = TestServer::start();
    let plain = server.get("/pkg/ferric-0123.js");
    assert_eq!((plain.status, plain.text().as_str()), (200, "export default 1"));
    assert_eq!(plain.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let brotli = server.request("GET", "/pkg/ferric-0123.js", &[("Accept-Encoding", "br")]);
    assert_eq!((brotli.header("content-encoding"), brotli.text().as_str()), (Some("br"), "brotli"));
    let missing = server.get("/pkg/ferric-9999.js");
    assert_eq!((missing.status, missing.header("cache-control")), (404, None));
    assert_eq!(server.get("/icon.svg").header("content-type"), Some("image/svg+xml"));
}

#[test]
fn the_owner_signs_in_and_out() {
    let server = TestServer::start();
    save_tape(&server, "t", "");
    let stranger = server.request("GET", "/mixtapes", &[HTML]);
    assert_eq!((stranger.status, stranger.header("location")), (303, Some("/login")));

    let wrong = sign_in(&server, "wrong", &[]);
    assert_eq!((wrong.status, wrong.header("set-cookie")), (401, None));
    assert!(wrong.text().contains("That is not the password"));

    let right = sign_in(&server, PASSWORD, &[]);
    assert_eq!((right.status, right.header("location")), (303, Some("/mixtapes")));
    let cookie = right.header("set-cookie").unwrap();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let session = cookie.split(';').next().unwrap();
    let shelf = server.request("GET", "/mixtapes", &[("Cookie", session)]);
    assert_eq!((shelf.status, shelf.header("cache-control")), (200, Some("private, no-store")));
    assert!(shelf.text().contains("Tape &lt;1&gt;"));

    assert_eq!(server.request("POST", "/logout", &[("Cookie", session)]).status, 303);
    assert_eq!(server.request("GET", "/mixtapes", &[HTML, ("Cookie", session)]).status, 303);
}

#[test]
fn the_sixth_wrong_password_in_a_minute_is_not_looked_at() {
    let server = TestServer::start();
    // What a client says of itself is not believed.
    for attempt in 0..5 {
        let forwarded = format!("192.0.2.{attempt}");
        assert_eq!(sign_in(&server, "wrong", &[("X-Forwarded-For", &forwarded)]).status, 401);
    }
    let sixth = sign_in(&server, PASSWORD, &[]);
    assert_eq!((sixth.status, sixth.header("set-cookie")), (429, None));
    assert!((1..=60).contains(&sixth.header("retry-after").unwrap().parse::<u32>().unwrap()));
    assert!(sixth.text().contains("Too many attempts"));
}

#[test]
fn signing_out_everywhere_ends_the_other_browsers_too() {
    let server = TestServer::start();
    let cookie = || {
        let reply = sign_in(&server, PASSWORD, &[]);
        reply.header("set-cookie").unwrap().split(';').next().unwrap().to_owned()
    };
    let (here, there, third) = (cookie(), cookie(), cookie());
    let is_open = |cookie: &str| server.request("GET", "/mixtapes", &[("Cookie", cookie)]).status == 200;
    let sign_out = |cookie: &str, body: &str| {
        let headers = [("Cookie", cookie), ("Content-Type", "application/x-www-form-urlencoded")];
        assert_eq!(server.request_with_body("POST", "/logout", &headers, body).status, 303);
    };
    sign_out(&third, "");
    assert_eq!([&here, &there, &third].map(|cookie| is_open(cookie)), [true, true, false]);
    // Who has no session any more ends nobody's.
    sign_out(&third, "everywhere=on");
    assert!(is_open(&there));
    sign_out(&here, "everywhere=on");
    assert_eq!([&here, &there].map(|cookie| is_open(cookie)), [false, false]);
}

#[test]
fn forms_from_other_sites_are_refused() {
    let server = TestServer::start();
    for foreign in [
        [("Sec-Fetch-Site", "cross-site"), ("X-Test", "1")],
        [("Sec-Fetch-Site", "same-site"), ("X-Test", "1")],
        [("Origin", "https://evil.example"), ("X-Test", "1")],
        [("Origin", "null"), ("X-Test", "1")],
    ] {
        assert_eq!(sign_in(&server, PASSWORD, &foreign).status, 403, "{foreign:?}");
    }
    assert_eq!(sign_in(&server, PASSWORD, &[("Origin", "http://ferric.test")]).status, 303);
    assert_eq!(server.request("POST", "/login", &[]).status, 400);
}

#[test]
fn health_checks_tell_alive_from_ready() {
    let server = TestServer::start();
    assert_eq!(server.get("/healthz").status, 200);
    assert_eq!(server.get("/readyz").status, 200);
    std::fs::remove_dir(server.music()).unwrap();
    assert_eq!(server.get("/healthz").status, 200);
    let unready = server.get("/readyz");
    assert_eq!((unready.status, unready.error().as_str()), (503, "the music folder cannot be read"));
}

#[test]
fn the_folder_beside_the_music_is_out_of_reach() {
    let server = TestServer::start();
    assert!(server.folder().join("data/mixtapes.db").exists());
    for path in ["/play/../data/mixtapes.db", "/play/..%2Fdata%2Fmixtapes.db", "/play/%2e%2e/data/mixtapes.db"] {
        assert_eq!(server.get(path).status, 403, "{path}");
    }
}
