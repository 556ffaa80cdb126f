//! Signed addresses of audio over HTTP: where they are given, what they open, and when they are dead. What is signed is
//! tested in `library`.

use model::{AccessChange, SharingChange, Timestamp};
use server::state::{OnMiss, PlayAccess};

use crate::admin::{FORM, owner, tape};
use crate::client::Reply;
use crate::harness::{TestServer, wav};

/// A listener who has entered the password.
struct Listener<'a> {
    server: &'a TestServer,
    cookie: String,
}

impl<'a> Listener<'a> {
    /// Enters the password of the tape "rain".
    fn of(server: &'a TestServer, password: &str) -> Self {
        let said = server.request_with_body("POST", "/share/rain", &[FORM], format!("password={password}"));
        assert_eq!(said.status, 303, "{}", said.text());
        let cookie = said.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        Self { server, cookie }
    }

    fn get(&self, target: &str) -> Reply {
        self.server.request("GET", target, &[("Cookie", &self.cookie)])
    }

    /// The first media address that a page or a playlist of the tape gives.
    fn media(&self, target: &str) -> String {
        first_media(&self.get(target))
    }
}

fn first_media(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let text = reply.text().replace("&amp;", "&").replace("\\/", "/");
    assert!(!text.contains("/play/"), "no path is told: {text}");
    let rest = text.split("/media/").nth(1).unwrap_or_else(|| panic!("no media in {text}"));
    let end =
        rest.find(|sign: char| !(sign.is_ascii_alphanumeric() || "/?&=-_.%".contains(sign))).unwrap_or(rest.len());
    format!("/media/{}", &rest[..end])
}

fn set(server: &TestServer, access: AccessChange, expires_at: Option<Timestamp>) {
    let change = SharingChange { access, expires_at, downloads: false };
    server.block_on(server.store.set_sharing(&"rain".parse().unwrap(), &change)).unwrap();
}

fn password(text: &str) -> AccessChange {
    AccessChange::Password(Some(text.to_owned()))
}

const FAR: Option<Timestamp> = Some(Timestamp(4_000_000_000));

/// What a dead address answers.
fn is_dead(server: &TestServer, media: &str) -> bool {
    let reply = server.get(media);
    assert!(matches!(reply.status, 200 | 403), "{}", reply.status);
    reply.status == 403 && reply.error().contains("ended or was taken back")
}

#[test]
fn every_place_that_gives_addresses_of_a_closed_tape_gives_signed_ones() {
    let server = TestServer::start();
    tape(&server, "rain", &["One.wav", "Two.wav"]);
    set(&server, password("drizzle"), None);
    let listener = Listener::of(&server, "drizzle");
    let pages = ["/share/rain", "/share/rain?open=1", "/share/rain?gift=playful"];
    let playlists = ["m3u8", "xspf", "jspf"].map(|format| format!("/share/rain/playlist.{format}?quality=original"));
    for target in pages.into_iter().chain(playlists.iter().map(String::as_str)) {
        let media = listener.media(target);
        // Players and loudspeakers send no cookies.
        let played = server.get(&media.replace("&quality=medium", ""));
        assert_eq!((played.status, played.body == wav(240_000)), (200, true), "{target}");
    }
    assert_eq!(listener.get("/share/rain/playlist.m3u8?paths=relative").status, 403, "no paths for listeners");
    // A tape with an end is shown on other sites, too.
    set(&server, AccessChange::Public, FAR);
    for target in ["/share/rain", "/embed/rain", "/gift-elegant/rain", "/share/rain/playlist.m3u8"] {
        first_media(&server.get(target));
    }
    set(&server, AccessChange::Public, None);
    assert!(server.get("/share/rain").text().contains("/play/One.wav?quality=medium"));
}

#[test]
fn a_signed_address_is_media_as_any_other_and_nobody_else_may_keep_it() {
    let server = TestServer::start();
    tape(&server, "rain", &["One.wav"]);
    set(&server, AccessChange::Public, FAR);
    let media = first_media(&server.get("/share/rain/playlist.m3u8?quality=original"));
    let whole = server.get(&media);
    assert_eq!(whole.header("cache-control"), Some("private, max-age=3600"));
    assert_eq!(whole.header("access-control-allow-origin"), Some("*"));
    assert!(whole.header("content-disposition").unwrap().starts_with("inline; filename=\"One.wav\""));
    let etag = whole.header("etag").unwrap();
    let part = server.request("GET", &media, &[("Range", "bytes=10-19"), ("If-Range", etag)]);
    assert_eq!((part.status, part.body.as_slice()), (206, &whole.body[10..20]));
    assert_eq!(server.request("GET", &media, &[("If-None-Match", etag)]).status, 304);
    let head = server.request("HEAD", &media, &[]);
    assert_eq!(head.header("content-length"), Some(whole.body.len().to_string().as_str()));
    assert_eq!(server.request("OPTIONS", &media, &[]).status, 204);
    let low = server.get(&format!("{media}&quality=low"));
    assert_eq!((low.status, low.header("content-type")), (200, Some("audio/mpeg")));
    assert_eq!(server.get(&format!("{media}&quality=best")).status, 400);
    assert_eq!(server.get("/play/One.wav").header("cache-control"), Some("public, max-age=3600"));
    for bad in [
        "/media/1/0-00",
        "/media/x/y?expires=1&signature=",
        "/media/1/0-0011223344556677?expires=9999999999&signature=AAAA",
    ] {
        assert!(is_dead(&server, bad), "{bad}");
    }
    let dead = server.get(&media.replace("signature=", "signature=x"));
    assert_eq!((dead.status, dead.header("access-control-allow-origin")), (403, Some("*")));
}

#[test]
fn addresses_are_dead_at_the_next_request_once_the_link_the_password_or_the_time_is_over() {
    type Step = (&'static str, fn(&TestServer));
    let steps: [Step; 6] = [
        ("another password", |server| set(server, password("thunder"), None)),
        ("open to everybody", |server| set(server, AccessChange::Public, None)),
        ("private", |server| set(server, AccessChange::Private, None)),
        ("ended", |server| set(server, AccessChange::Password(None), Some(Timestamp(1)))),
        ("deleted", |server| {
            server.block_on(server.store.delete(&"rain".parse().unwrap(), Timestamp(9))).unwrap();
        }),
        ("a new link", |server| {
            server.block_on(server.store.renew_link(&"rain".parse().unwrap())).unwrap();
        }),
    ];
    for (name, step) in steps {
        let server = TestServer::start();
        tape(&server, "rain", &["One.wav"]);
        set(&server, password("drizzle"), None);
        let media = Listener::of(&server, "drizzle").media("/share/rain");
        assert!(!is_dead(&server, &media), "{name}");
        step(&server);
        assert!(is_dead(&server, &media), "{name}");
        if name == "private" {
            let cookie = owner(&server);
            let page = server.request("GET", "/share/rain", &[("Cookie", &cookie)]).text();
            assert!(page.contains("/play/One.wav"), "the owner listens by path: {page}");
        }
    }
}

#[test]
fn paths_are_for_the_owner_where_the_owner_says_so() {
    let server = TestServer::start_configured(OnMiss::Transcode, |parts| parts.play_access = PlayAccess::Signed);
    tape(&server, "rain", &["One.wav"]);
    let refused = server.get("/play/One.wav");
    assert_eq!(refused.status, 403);
    assert!(refused.error().contains("Open its link"), "{}", refused.error());
    assert_eq!(server.get("/play/none.wav").status, 403, "nor is it told what there is");
    assert_eq!(server.get("/play/../One.wav").status, 403);
    let media = first_media(&server.get("/share/rain"));
    assert_eq!(server.get(&media).status, 200);
    first_media(&server.get("/embed/rain"));
    first_media(&server.get("/share/rain/playlist.m3u8"));
    let cookie = owner(&server);
    let mine = server.request("GET", "/play/One.wav", &[("Cookie", &cookie)]);
    assert_eq!((mine.status, mine.header("cache-control")), (200, Some("private, max-age=3600")));
    set(&server, AccessChange::Private, None);
    assert!(is_dead(&server, &media));
}
