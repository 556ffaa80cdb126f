//! Gifts over HTTP: when a tape is wrapped, when it is not any more, and what is written on it.
//! How it is unwrapped is tested with a browser.

use model::{AccessChange, SharingChange, Slug, Timestamp};
use serde_json::{Value, json};

use crate::admin::{FORM, json as value, owner};
use crate::harness::TestServer;
use crate::making::{call, draft};

/// What only a wrapped tape has.
const WRAPPED: &str = "data-gift=\"open\"";

/// Saves a tape with these gift settings; its slug is "rain".
fn save(server: &TestServer, gift: &Value) -> String {
    let cookie = owner(server);
    let mut draft = draft("Rain", "Ada & Co");
    draft["gift"] = gift.clone();
    assert_eq!(value(&call(server, &cookie, "save", &json!({ "draft": draft })))["slug"], "rain");
    share(server, AccessChange::Public, None);
    cookie
}

fn share(server: &TestServer, access: AccessChange, expires_at: Option<Timestamp>) {
    let slug: Slug = "rain".parse().unwrap();
    let change = SharingChange { access, expires_at, downloads: false };
    server.block_on(server.store.set_sharing(&slug, &change)).unwrap();
}

#[test]
fn a_gift_is_wrapped_until_it_was_opened() {
    let server = TestServer::start();
    save(&server, &json!({ "flow_enabled": true, "unwrap_style": "elegant" }));
    let wrapped = server.get("/share/rain");
    let html = wrapped.text();
    assert_eq!((wrapped.status, wrapped.header("set-cookie")), (200, None));
    for part in [
        WRAPPED,
        "href=\"/share/rain?open=1\"",
        "Open the letter",
        "For you</h1>",
        "Ada &amp; Co made you a mixtape.",
        "<div inert class=\"card\">",
        "property=\"og:title\" content=\"Rain, a mixtape by Ada &amp; Co\"",
        "property=\"og:url\" content=\"http://ferric.test/share/rain\"",
    ] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }

    let opened = server.get("/share/rain?open=1");
    let cookie = opened.header("set-cookie").unwrap();
    assert!(cookie.contains("Path=/share/rain;"), "{cookie}");
    assert!(!opened.text().contains(WRAPPED) && !opened.text().contains(" inert"), "{}", opened.text());
    let again = server.request("GET", "/share/rain", &[("Cookie", cookie.split(';').next().unwrap())]);
    assert!(!again.text().contains(WRAPPED), "a gift is unwrapped once");
    assert!(server.get("/share/rain").text().contains(WRAPPED), "others have not opened it");
}

#[test]
fn any_tape_can_be_sent_as_a_gift_with_words_of_its_own() {
    let server = TestServer::start();
    save(&server, &json!({}));
    assert!(!server.get("/share/rain").text().contains(WRAPPED));
    let query = "?to=Ben+%26+%3Cb%3E&from=Cleo&note=One%0A%0ATwo+%3Cscript%3Ealert(1)%3C/script%3E";
    let playful = server.get(&format!("/gift-playful/rain{query}")).text();
    for part in [
        WRAPPED,
        "Untie the ribbon",
        "For Ben &amp; &lt;b&gt;</h1>",
        "Cleo made you a mixtape.",
        "<p dir=\"auto\">One</p>",
        "Two &lt;script&gt;alert(1)&lt;/script&gt;</p>",
    ] {
        assert!(playful.contains(part), "{part} is missing in {playful}");
    }
    assert!(!playful.contains("<script>alert"));
    let long = server.get(&format!("/gift-elegant/rain?to={}&note={}", "x".repeat(300), "y".repeat(3000))).text();
    assert!(long.contains(&format!("For {}…</h1>", "x".repeat(59))) && !long.contains(&"y".repeat(500)), "{long}");
    // What is not text is left out.
    assert!(server.get("/gift-elegant/rain?to=%FF&note=%00&to=Ben").text().contains("For Ben</h1>"));
}

#[test]
fn a_gift_is_as_closed_as_its_tape() {
    let server = TestServer::start();
    let owner = save(&server, &json!({ "flow_enabled": true }));
    share(&server, AccessChange::Password(Some("drizzle".into())), None);
    let asked = server.get("/gift-playful/rain?to=Ben%20B");
    let there = "/share/rain?gift=playful&to=Ben%20B";
    assert_eq!((asked.status, asked.header("location")), (303, Some(there)));
    let locked = server.get(there);
    assert!(locked.status == 401 && !locked.text().contains("Rain"), "{}", locked.text());
    let right = server.request_with_body("POST", there, &[FORM], "password=drizzle");
    assert_eq!((right.status, right.header("location")), (303, Some(there)));
    let listener = right.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let gift = server.request("GET", there, &[("Cookie", &listener)]);
    assert!(gift.status == 200 && gift.text().contains("For Ben B</h1>") && gift.text().contains(WRAPPED));
    assert_eq!(server.request("GET", "/gift-playful/rain", &[("Cookie", &owner)]).status, 200);

    share(&server, AccessChange::Public, Some(Timestamp(1)));
    assert_eq!((server.get("/gift-playful/rain").status, server.get("/gift-elegant/rain").status), (410, 410));
    share(&server, AccessChange::Public, None);
    assert_eq!(server.get("/gift-playful/nothing").status, 404);
    server.block_on(server.store.rename_slug(&"rain".parse().unwrap(), Some("tea"))).unwrap();
    let moved = server.get("/gift-elegant/rain?to=Ben");
    assert_eq!((moved.status, moved.header("location")), (307, Some("/gift-elegant/tea?to=Ben")));
}

#[test]
fn names_that_are_a_secret_are_nowhere_to_be_read() {
    let server = TestServer::start();
    let owner = save(&server, &json!({ "flow_enabled": true, "show_tracklist": false }));
    server.put("a/One.flac", b"fLaC the sound of it");
    let pages = ["/share/rain?open=1", "/share/rain", "/gift-playful/rain", "/embed/rain"];
    // Nonces and signatures may hold any letters.
    let holds_names =
        |text: &str| [">One", "One.flac", "One –", "&quot;One", "One\n"].iter().any(|name| text.contains(name));
    for page in pages {
        let html = server.get(page).text();
        assert!(html.contains("Track 1</span>") && html.contains("aria-label=\"Track 1\""), "{page}: {html}");
        assert!(!holds_names(&html) && !html.contains("/play/") && !html.contains("playlist.m3u8"), "{page}: {html}");
    }
    let html = server.get(pages[0]).text();
    let media = html.split("href=\"/media/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let media = format!("/media/{}", media.replace("&amp;", "&"));
    let played = server.get(&media);
    assert_eq!((played.status, played.body.as_slice()), (200, b"fLaC the sound of it".as_slice()));
    let name = played.header("content-disposition").unwrap();
    assert!(name.starts_with("inline; filename=\"Track 1.flac\"") && !name.contains("One"), "{name}");

    // The owner allows downloads, but not before the names are revealed.
    let change = SharingChange { access: AccessChange::Public, expires_at: None, downloads: true };
    server.block_on(server.store.set_sharing(&"rain".parse().unwrap(), &change)).unwrap();
    let files = ["playlist.m3u8", "playlist.xspf", "playlist.jspf", "playlist.m3u8?paths=relative", "audio.zip"];
    for file in files {
        let reply = server.get(&format!("/share/rain/{file}"));
        assert_eq!(reply.status, 403, "{file}");
        assert!(reply.error().contains("secret") && !holds_names(&reply.text()), "{file}");
    }
    let told = server.request_with_body("POST", "/share/rain/names", &[], "");
    assert_eq!((told.status, value(&told)), (200, json!([{ "title": "One", "artist": "A" }])));
    let cookie = told.header("set-cookie").unwrap();
    assert!(cookie.contains("Path=/share/rain;"), "{cookie}");
    let heard = [("Cookie", cookie.split(';').next().unwrap())];
    assert!(server.request("GET", "/share/rain?open=1", &heard).text().contains(">One</span>"));
    for file in [files[0], files[1], files[2], files[4]] {
        assert_eq!(server.request("GET", &format!("/share/rain/{file}"), &heard).status, 200, "{file}");
    }
    assert_eq!(
        server.request("GET", &format!("/share/rain/{}", files[3]), &heard).status,
        403,
        "paths are the owner's"
    );
    assert_eq!(server.request("GET", &format!("/share/rain/{}", files[3]), &[("Cookie", &owner)]).status, 200);
    assert_eq!(server.request_with_body("POST", "/share/nothing/names", &[], "").status, 404);
    save_openly(&server);
    assert!(server.get("/share/rain").text().contains(">One</span>"));
}

/// The same tape, no gift any more: then there is nothing to keep.
fn save_openly(server: &TestServer) {
    let mut mixtape = server.block_on(server.store.mixtape(&"rain".parse().unwrap())).unwrap().unwrap();
    mixtape.gift.flow_enabled = false;
    mixtape.updated_at = Timestamp(mixtape.updated_at.0 + 1);
    server.block_on(server.store.take_in(&mixtape)).unwrap();
}
