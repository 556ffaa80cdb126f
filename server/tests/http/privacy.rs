//! What guests find at the address of a mixtape over HTTP: one that is private or deleted is as if it was not there, on
//! every route; and guessing addresses is slowed down.

use model::limits::password_attempts::PER_ADDRESS;
use model::{AccessChange, SharingChange, Slug, Timestamp};
use serde_json::json;
use server::peer::{TrustedProxies, parse_network};
use server::state::OnMiss;

use crate::admin::{FORM, HTML, json as value, owner, tape};
use crate::client::Reply;
use crate::harness::TestServer;
use crate::making::{call, draft, share};

fn set(server: &TestServer, slug: &str, access: AccessChange, expires_at: Option<Timestamp>) {
    let change = SharingChange { access, expires_at, downloads: true };
    server.block_on(server.store.set_sharing(&slug.parse().unwrap(), &change)).unwrap();
}

/// A server that believes what the tests say of their addresses.
fn behind_proxy() -> TestServer {
    TestServer::start_configured(OnMiss::Transcode, |parts| {
        parts.proxies = TrustedProxies::new(vec![parse_network("127.0.0.1").unwrap()]);
    })
}

/// A page without what is another on every visit, and without its own address.
fn seen(reply: &Reply, slug: &str) -> Seen {
    let mut text = reply.text();
    while let Some((before, rest)) = text.split_once("nonce=\"") {
        let rest = rest.split_once('"').map_or("", |(_, rest)| rest).to_owned();
        text = before.to_owned() + &rest;
    }
    (reply.status, text.replace(slug, "SLUG"), reply.header("cache-control").map(str::to_owned))
}

/// Status, body and `Cache-Control` of an answer.
type Seen = (u16, String, Option<String>);

/// Every route that a guest can ask for a mixtape.
fn ask_everywhere(server: &TestServer, slug: &str, from: &str) -> Vec<(String, Seen)> {
    let mut answers = Vec::new();
    for target in [
        format!("/share/{slug}"),
        format!("/share/{slug}?open=1"),
        format!("/gift-playful/{slug}"),
        format!("/gift-elegant/{slug}?to=Ben"),
        format!("/embed/{slug}"),
        format!("/oembed?url=http://ferric.test/share/{slug}"),
        format!("/og/{slug}.jpg"),
        format!("/qr/{slug}.png"),
        format!("/qr/{slug}/download"),
        format!("/share/{slug}/playlist.m3u8"),
        format!("/share/{slug}/playlist.xspf?paths=relative"),
        format!("/share/{slug}/audio.zip"),
        format!("/editor/progress/{slug}"),
        format!("/editor/{slug}"),
    ] {
        let reply = server.request("GET", &target, &[HTML, ("X-Forwarded-For", from)]);
        answers.push((target.replace(slug, "SLUG"), seen(&reply, slug)));
    }
    for (target, body) in [(format!("/share/{slug}"), "password=x"), (format!("/share/{slug}/names"), "")] {
        let reply = server.request_with_body("POST", &target, &[FORM, ("X-Forwarded-For", from)], body);
        answers.push((format!("POST {}", target.replace(slug, "SLUG")), seen(&reply, slug)));
    }
    answers
}

#[test]
fn to_guests_private_deleted_and_renewed_mixtapes_are_as_unknown_ones() {
    let server = behind_proxy();
    let cookie = owner(&server);
    let slugs = ["never-shared", "taken-back", "ended-too", "deleted", "renewed", "renamed"];
    for slug in slugs {
        call(&server, &cookie, "save", &json!({ "draft": draft(slug, "Ada") }));
    }
    set(&server, "taken-back", AccessChange::Password(Some("drizzle".into())), None);
    set(&server, "taken-back", AccessChange::Private, None);
    set(&server, "ended-too", AccessChange::Private, Some(Timestamp(1)));
    share(&server, &cookie, "deleted");
    assert_eq!(server.get("/share/deleted").status, 200);
    call(&server, &cookie, "delete", &json!({ "slug": "deleted" }));
    share(&server, &cookie, "renewed");
    call(&server, &cookie, "new_link", &json!({ "slug": "renewed" }));
    // The address that it had before leads to a private one.
    server.block_on(server.store.rename_slug(&"renamed".parse().unwrap(), Some("other"))).unwrap();
    // More questions than one client may ask in a minute: each round comes from another.
    let nothing = ask_everywhere(&behind_proxy(), "nothing", "192.0.2.1");
    for (number, slug) in slugs.into_iter().enumerate() {
        let answers = ask_everywhere(&server, slug, &format!("192.0.2.{number}"));
        for ((target, expected), (_, found)) in nothing.iter().zip(answers) {
            assert_eq!(&found, expected, "{slug} at {target}");
        }
    }
    for (target, (status, ..)) in &nothing {
        let expected = if target.contains("/editor") { 303 } else { 404 };
        assert_eq!(*status, expected, "{target}");
    }
    // Everything is visible to the owner.
    for slug in ["never-shared", "taken-back", "ended-too", "other"] {
        let page = server.request("GET", &format!("/share/{slug}"), &[("Cookie", &cookie)]);
        assert_eq!(page.status, 200, "{slug}");
        assert!(page.text().contains("Only you can see this page"), "{slug}");
    }
}

#[test]
fn a_new_mixtape_is_private_until_share_is_pressed_and_can_be_taken_back() {
    let server = TestServer::start();
    let cookie = owner(&server);
    let saved = value(&call(&server, &cookie, "save", &json!({ "draft": draft("Summer 2025", "Ada") })));
    assert_eq!(saved["slug"], "summer-2025");
    assert_eq!(server.get("/share/summer-2025").status, 404);
    assert_eq!(call(&server, "", "share", &json!({ "slug": "summer-2025" })).status, 401);
    share(&server, &cookie, "summer-2025");
    let page = server.get("/share/summer-2025");
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("Only you"), "{}", page.text());
    let stop = json!({ "slug": "summer-2025", "change": { "access": "private" } });
    assert_eq!(value(&call(&server, &cookie, "set_sharing", &stop))["access"], "private");
    assert_eq!(server.get("/share/summer-2025").status, 404);
    let shared = call(&server, &cookie, "share", &json!({ "slug": "summer-2025", "unguessable": true }));
    let slug: Slug = serde_json::from_value(value(&shared)["slug"].clone()).unwrap();
    assert!(slug.as_str().starts_with("summer-2025-") && slug.as_str().len() == 22, "{slug}");
    assert_eq!(server.get(&slug.share_path()).status, 200);
    assert_eq!(server.get("/share/summer-2025").status, 404, "the address that can be guessed leads nowhere");
    // Imported mixtapes keep their sharing.
    tape(&server, "imported", &[]);
    assert_eq!(server.get("/share/imported").status, 200);
}

#[test]
fn guessing_addresses_meets_a_brake_and_others_are_not_held_up() {
    let server = behind_proxy();
    tape(&server, "known", &[]);
    let get = |target: &str, from: &str| server.request("GET", target, &[("X-Forwarded-For", from)]);
    let targets = ["/share/guess-", "/gift-playful/guess-", "/embed/guess-"];
    for number in 0..PER_ADDRESS {
        let target = format!("{}{number}", targets[number % targets.len()]);
        assert_eq!(get(&target, "192.0.2.1").status, 404, "{target}");
    }
    for target in ["/share/guess-x", "/share/known", "/qr/guess.png", "/og/guess.jpg", "/share/x/playlist.m3u8"] {
        let refused = get(target, "192.0.2.1");
        assert_eq!(refused.status, 429, "{target}: right guesses do not stand out");
        assert!((1..=61).contains(&refused.header("retry-after").unwrap().parse::<u32>().unwrap()));
        assert!(refused.error().contains("Try again"), "{}", refused.error());
    }
    assert_eq!(get("/share/known", "192.0.2.2").status, 200);
    assert_eq!(get("/share/guess", "192.0.2.2").status, 404);
    // A client in the local network behind the proxy is not a proxy.
    for number in 0..PER_ADDRESS {
        assert_eq!(get(&format!("/share/guess-{number}"), "192.168.0.7").status, 404);
    }
    assert_eq!(get("/share/known", "192.168.0.7").status, 429);
    let cookie = owner(&server);
    let mine = [("X-Forwarded-For", "192.0.2.1"), ("Cookie", cookie.as_str())];
    assert_eq!(server.request("GET", "/share/known", &mine).status, 200);
    assert_eq!(server.request("GET", "/share/guess", &mine).status, 404, "the owner may ask for anything");
}

#[test]
fn behind_a_proxy_that_is_not_trusted_listeners_are_never_locked_out() {
    let server = TestServer::start();
    tape(&server, "known", &[]);
    let get = |target: &str, from: &str| server.request("GET", target, &[("X-Forwarded-For", from)]);
    for number in 0..PER_ADDRESS {
        assert_eq!(get(&format!("/share/guess-{number}"), "192.0.2.1").status, 404);
    }
    assert_eq!(get("/share/guess-x", "192.0.2.1").status, 429);
    assert_eq!(get("/share/guess-x", "192.0.2.2").status, 429, "everybody has the address of the proxy");
    assert_eq!(get("/share/known", "192.0.2.2").status, 200);
}
