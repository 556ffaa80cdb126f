//! Mixtapes on other sites over HTTP: the player for a frame, oEmbed, and the picture of a link.
//! How the player looks and plays there is tested with a browser.

use image::ImageFormat;
use model::{AccessChange, SharingChange, Slug};
use serde_json::json;

use crate::admin::{json as value, owner};
use crate::client::Reply;
use crate::harness::TestServer;
use crate::making::{call, draft};

/// A server with a tape of this title; its slug is made of that.
fn server(title: &str) -> (TestServer, String) {
    let server = TestServer::start();
    let cookie = owner(&server);
    let saved = call(&server, &cookie, "save", &json!({ "draft": draft(title, "Ada & Co") }));
    share(&server, value(&saved)["slug"].as_str().unwrap(), AccessChange::Public);
    (server, cookie)
}

fn share(server: &TestServer, slug: &str, access: AccessChange) {
    let slug: Slug = slug.parse().unwrap();
    let change = SharingChange { access, expires_at: None, downloads: false };
    server.block_on(server.store.set_sharing(&slug, &change)).unwrap();
}

fn may_be_framed(page: &Reply) -> bool {
    let policy = page.header("content-security-policy").unwrap();
    let is_open = policy.contains("frame-ancestors *");
    assert_eq!(is_open, page.header("x-frame-options").is_none(), "{policy}");
    assert!(is_open || policy.contains("frame-ancestors 'none'"));
    is_open
}

#[test]
fn only_the_small_player_may_be_framed() {
    let (server, cookie) = server("Rain");
    let page = server.get("/embed/rain");
    assert_eq!(page.status, 200);
    assert!(may_be_framed(&page) && page.text().contains("class=\"embed\"") && page.text().contains(">One<"));
    for path in ["/", "/share/rain", "/share/rain?open=1", "/gift-playful/rain", "/login", "/nothing"] {
        assert!(!may_be_framed(&server.request("GET", path, &[("Accept", "text/html")])), "{path}");
    }
    share(&server, "rain", AccessChange::Password(Some("drizzle".into())));
    let owners = [("Cookie", cookie.as_str())];
    for closed in [server.get("/embed/rain"), server.request("GET", "/embed/rain", &owners)] {
        assert_eq!(closed.status, 401, "not even for its owner, who may sit before somebody else's page");
        assert!(may_be_framed(&closed) && closed.text().contains("href=\"/share/rain\""), "{}", closed.text());
        assert!(!closed.text().contains(">Rain<") && !closed.text().contains("One"), "{}", closed.text());
    }
    share(&server, "rain", AccessChange::Private);
    assert_eq!((server.get("/embed/rain").status, server.get("/embed/nothing").status), (404, 404));
    assert!(may_be_framed(&server.get("/embed/nothing")));
}

#[test]
fn oembed_says_how_to_show_a_tape() {
    let (server, _) = server("Regen & \"Tee\"");
    let html = server.get("/share/regen-tee").text();
    let link = html.split("type=\"application/json+oembed\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let target = link.strip_prefix("http://ferric.test").unwrap().replace("&amp;", "&");
    let reply = server.get(&target);
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    let answer = value(&reply);
    let frame = "<iframe src=\"http://ferric.test/embed/regen-tee\" width=\"600\" height=\"380\" \
                 title=\"Regen &amp; &quot;Tee&quot;\" style=\"border:0\" loading=\"lazy\"></iframe>";
    for (name, expected) in [
        ("version", json!("1.0")),
        ("type", json!("rich")),
        ("title", json!("Regen & \"Tee\"")),
        ("author_name", json!("Ada & Co")),
        ("provider_name", json!("Ferric")),
        ("width", json!(600)),
        ("height", json!(380)),
        ("thumbnail_width", json!(1200)),
        ("html", json!(frame)),
    ] {
        assert_eq!(answer[name], expected, "{name}");
    }
    let thumbnail = answer["thumbnail_url"].as_str().unwrap().strip_prefix("http://ferric.test").unwrap();
    assert_eq!(server.get(thumbnail).status, 200);

    let url = "/oembed?url=https%3A%2F%2Fferric.test%2Fgift-elegant%2Fregen-tee%3Fto%3DBen";
    let small = value(&server.get(&format!("{url}&maxwidth=320&maxheight=200")));
    assert_eq!((&small["width"], &small["height"], &small["thumbnail_url"]), (&json!(320), &json!(200), &json!(null)));
    let xml = server.get(&format!("{url}&format=xml"));
    assert_eq!(xml.header("content-type"), Some("text/xml; charset=utf-8"));
    assert!(xml.text().contains("<title>Regen &amp; &quot;Tee&quot;</title>"), "{}", xml.text());
    assert!(xml.text().contains("&lt;iframe src=&quot;http://ferric.test/embed/regen-tee&quot;"), "{}", xml.text());
}

#[test]
fn oembed_refuses_as_its_specification_says() {
    let (server, _) = server("Rain");
    let status = |query: &str| {
        let reply = server.get(&format!("/oembed?{query}"));
        assert!(reply.status == 200 || !reply.error().is_empty());
        reply.status
    };
    for (query, expected) in [
        ("url=http://ferric.test/share/rain", 200),
        ("url=http://ferric.test/embed/rain", 200),
        ("url=http://ferric.test/share/rain&format=yaml", 501),
        ("url=http://ferric.test/share/rain&maxwidth=wide", 400),
        ("url=http://ferric.test/share/rain&maxheight=0", 400),
        ("url=http://ferric.test/share/thunder", 404),
        ("url=http://ferric.test/mixtapes", 404),
        ("url=http://elsewhere.test/share/rain", 404),
        ("url=ftp://ferric.test/share/rain", 404),
        ("url=nonsense", 404),
        ("", 400),
    ] {
        assert_eq!(status(query), expected, "{query}");
    }
    for (closed, expected) in [(AccessChange::Password(Some("drizzle".into())), 401), (AccessChange::Private, 404)] {
        share(&server, "rain", closed);
        assert_eq!(status("url=http://ferric.test/share/rain"), expected);
    }
}

#[test]
fn the_picture_of_a_link_is_kept_as_long_as_it_is_the_same() {
    let (server, cookie) = server("Rain");
    let address = || {
        let html = server.get("/share/rain").text();
        let link = html.split("property=\"og:image\" content=\"http://ferric.test").nth(1).unwrap();
        link.split('"').next().unwrap().to_owned()
    };
    let first = address();
    let picture = server.get(&first);
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/jpeg")));
    assert_eq!(picture.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let pixels = image::load_from_memory_with_format(&picture.body, ImageFormat::Jpeg).unwrap();
    assert_eq!((pixels.width(), pixels.height()), (1200, 630));
    let etag = picture.header("etag").unwrap();
    assert_eq!(server.request("GET", &first, &[("If-None-Match", etag)]).status, 304);
    let unversioned = server.get("/og/rain.jpg");
    assert_eq!(unversioned.header("cache-control"), Some("public, max-age=3600"));
    assert!(unversioned.body == picture.body);

    let mut changed = draft("Thunder", "Ada");
    let basis = json!({ "slug": "rain", "revision": 1 });
    changed["client_id"] = json!("Rain");
    assert_eq!(call(&server, &cookie, "save", &json!({ "draft": changed, "based_on": basis })).status, 200);
    assert_ne!(address(), first);
    let outdated = server.get(&first);
    assert_eq!(outdated.header("cache-control"), Some("public, max-age=3600"));
    assert!(outdated.body != picture.body);

    share(&server, "rain", AccessChange::Password(Some("drizzle".into())));
    assert_eq!(server.get("/og/rain.jpg").status, 404);
    let owners = server.request("GET", "/og/rain.jpg", &[("Cookie", &cookie)]);
    assert_eq!((owners.status, owners.header("cache-control")), (200, Some("private, no-store")));
    assert_eq!((server.get("/og/rain.png").status, server.get("/og/thunder.jpg").status), (404, 404));
}
