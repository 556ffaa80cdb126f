//! Making and sharing mixtapes over HTTP: the server functions, who may call them, and who may hear a tape.
//! How the editor behaves is tested with a browser.

use model::{AccessChange, SharingChange, Slug, Timestamp};
use serde_json::{Value, json};

use crate::admin::{FORM, json as value, owner};
use crate::client::Reply;
use crate::harness::TestServer;

pub const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Calls a server function as the owner.
pub fn call(server: &TestServer, cookie: &str, function: &str, body: &Value) -> Reply {
    server.request_with_body("POST", &format!("/api/{function}"), &[JSON, ("Cookie", cookie)], body.to_string())
}

/// Shares a tape as its owner does with the button.
pub fn share(server: &TestServer, cookie: &str, slug: &str) {
    let shared = call(server, cookie, "share", &json!({ "slug": slug }));
    assert_eq!((shared.status, &value(&shared)["sharing"]["access"]), (200, &json!("public")), "{}", shared.text());
}

pub fn draft(title: &str, creator: &str) -> Value {
    let track = json!({ "path": "a/One.flac", "title": "One", "artist": "A", "album": "", "duration": 61_000 });
    json!({ "title": title, "creator_name": creator, "client_id": title, "tracks": [track] })
}

#[test]
fn server_functions_are_for_the_owner_and_from_our_own_pages() {
    let server = TestServer::start();
    let body = json!({ "draft": draft("Rain", "Ada") }).to_string();
    for (method, target) in [("GET", "/api/search?q=rain"), ("GET", "/api/mixtapes"), ("POST", "/api/save")] {
        let reply = server.request_with_body(method, target, &[JSON], if method == "POST" { &body } else { "" });
        assert_eq!((reply.status, reply.error().as_str()), (401, "This is for the owner. Sign in first."), "{target}");
    }
    let cookie = owner(&server);
    let foreign = [JSON, ("Cookie", cookie.as_str()), ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(server.request_with_body("POST", "/api/save", &foreign, &body).status, 403);
    let mine = [JSON, ("Cookie", cookie.as_str())];
    assert_eq!(server.request_with_body("POST", "/api/unheard-of", &mine, "{}").status, 404);
    for nonsense in ["{", "{}", r#"{"draft": 1}"#] {
        let reply = server.request_with_body("POST", "/api/save", &mine, nonsense);
        assert_eq!((reply.status, reply.error().as_str()), (400, "The request cannot be understood."), "{nonsense}");
    }
    assert_eq!(server.request("GET", "/api/search?q=r&q=s", &mine).status, 400);
    assert_eq!(value(&server.request("GET", "/api/search?q=rain", &mine))["tracks"]["count"], 0);
    assert_eq!(server.get("/editor").status, 401);
    assert_eq!(server.request("GET", "/editor", &[("Accept", "text/html")]).status, 303);
    assert_eq!(server.request("GET", "/editor", &[("Accept", "text/html"), mine[1]]).status, 200);
}

#[test]
fn two_editors_never_overwrite_each_other_and_a_repeated_save_is_one_tape() {
    let server = TestServer::start();
    let cookie = owner(&server);
    let save = |draft: &Value, based_on: &Value| {
        call(&server, &cookie, "save", &json!({ "draft": draft, "based_on": based_on }))
    };
    let first = save(&draft("Rain & Tea", ""), &Value::Null);
    assert_eq!(first.status, 200, "{}", first.text());
    let first = value(&first);
    assert_eq!(value(&save(&draft("Rain & Tea", ""), &Value::Null))["slug"], first["slug"]);
    let basis = json!({ "slug": first["slug"], "revision": first["revision"] });
    let second = value(&save(&draft("Rain & Tea", "Ada"), &basis));
    assert_eq!(second["creator_name"], "Ada");
    let late = save(&draft("Rain & Tea", "Ben"), &basis);
    assert_eq!((late.status, value(&late)["kind"].as_str()), (409, Some("conflict")));
    let shelf = value(&server.request("GET", "/api/mixtapes", &[("Cookie", &cookie)]));
    assert_eq!((&shelf["count"], &shelf["mixtapes"][0]["creator_name"]), (&json!(1), &json!("Ada")));
    let mut empty = draft("Nothing", "");
    empty["tracks"] = json!([]);
    let refused = save(&empty, &Value::Null);
    assert_eq!((refused.status, refused.error().as_str()), (400, "A mixtape needs at least one track."));
}

#[test]
fn a_password_opens_one_tape_for_one_browser() {
    let server = TestServer::start();
    let cookie = owner(&server);
    for title in ["Rain", "Tea"] {
        call(&server, &cookie, "save", &json!({ "draft": draft(title, "") }));
    }
    let change = |slug: &str, access: AccessChange, expires_at: Option<Timestamp>| {
        let slug: Slug = slug.parse().unwrap();
        let change = SharingChange { access, expires_at, downloads: false };
        server.block_on(server.store.set_sharing(&slug, &change)).unwrap();
    };
    for slug in ["rain", "tea"] {
        change(slug, AccessChange::Password(Some("drizzle".into())), None);
    }
    let asked = server.get("/share/rain");
    assert_eq!(asked.status, 401);
    assert!(asked.text().contains("This tape has a password") && !asked.text().contains("One"), "{}", asked.text());
    assert_eq!(server.get("/qr/rain.png").status, 404);
    let wrong = server.request_with_body("POST", "/share/rain", &[FORM], "password=thunder");
    assert!(wrong.status == 401 && wrong.text().contains("That is not the password."));
    let right = server.request_with_body("POST", "/share/rain", &[FORM], "password=drizzle");
    assert_eq!((right.status, right.header("location")), (303, Some("/share/rain")));
    let listener = right.header("set-cookie").unwrap();
    assert!(listener.contains("Path=/share/rain;") && listener.contains("HttpOnly; SameSite=Lax"), "{listener}");
    let listener = listener.split(';').next().unwrap();
    assert_eq!(server.request("GET", "/share/rain", &[("Cookie", listener)]).status, 200);
    assert_eq!(server.request("GET", "/share/tea", &[("Cookie", listener)]).status, 401);
    assert_eq!(server.request("GET", "/share/tea", &[("Cookie", &cookie)]).status, 200, "the owner hears everything");

    change("rain", AccessChange::Password(Some("another".into())), None);
    assert_eq!(server.request("GET", "/share/rain", &[("Cookie", listener)]).status, 401);
    change("rain", AccessChange::Public, Some(Timestamp(1)));
    assert_eq!(server.get("/share/rain").status, 410);
    change("rain", AccessChange::Private, None);
    assert_eq!(server.get("/share/rain").status, 404);
    change("rain", AccessChange::Public, None);
    assert_eq!(server.get("/share/rain").status, 200);
}

#[test]
fn an_address_that_was_given_up_leads_on_and_one_that_was_taken_back_does_not() {
    let server = TestServer::start();
    let cookie = owner(&server);
    let saved = value(&call(&server, &cookie, "save", &json!({ "draft": draft("Rain", "") })));
    share(&server, &cookie, "rain");
    let basis = json!({ "slug": saved["slug"], "revision": saved["revision"] });
    call(&server, &cookie, "save", &json!({ "draft": draft("Thunder", ""), "based_on": basis }));
    assert_eq!(server.get("/share/rain").status, 200, "the address stays when the title changes");
    assert_eq!(value(&call(&server, &cookie, "rename_address", &json!({ "slug": "rain" }))), "thunder");
    let moved = server.get("/share/rain");
    assert_eq!((moved.status, moved.header("location")), (307, Some("/share/thunder")));
    let renewed = value(&call(&server, &cookie, "new_link", &json!({ "slug": "thunder" })));
    assert_eq!((server.get("/share/rain").status, server.get("/share/thunder").status), (404, 404));
    assert_eq!(server.get(&format!("/share/{}", renewed.as_str().unwrap())).status, 200);
    let slug = json!({ "slug": renewed });
    assert_eq!(call(&server, &cookie, "delete", &slug).status, 200);
    assert_eq!(server.get(&format!("/share/{}", renewed.as_str().unwrap())).status, 404);
    assert_eq!(call(&server, &cookie, "restore", &slug).status, 200);
    assert_eq!(server.get(&format!("/share/{}", renewed.as_str().unwrap())).status, 200);
}

#[test]
fn an_uploaded_cover_is_kept_and_what_is_no_picture_is_refused() {
    let server = TestServer::start();
    let cookie = owner(&server);
    let send = |body: &str| {
        let reply = server.request_with_body("POST", "/editor/cover", &[("Cookie", &cookie)], body);
        (reply.status, value(&reply))
    };
    let (status, answer) = send("no picture");
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("JPEG"), "{answer}");
    assert_eq!(server.request_with_body("POST", "/editor/cover", &[], "x").status, 401);
    let drawn = call(&server, &cookie, "draw_cover", &json!({ "title": "Rain" }));
    let file = value(&drawn);
    let picture = server.get(&format!("/covers/{}", file.as_str().unwrap()));
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/jpeg")));
    let none = call(&server, &cookie, "compose_cover", &json!({ "folders": ["nowhere"] }));
    assert_eq!((none.status, none.error().as_str()), (404, "None of these songs has a cover."));
}

#[test]
fn the_largest_mixtape_is_saved_and_a_larger_request_is_refused_in_a_sentence() {
    let server = TestServer::start();
    let cookie = owner(&server);
    let track = |number: usize| {
        let folders = "Köln \"live\" & elsewhere/".repeat(14);
        json!({ "path": format!("{folders}{number:05} {}.flac", "long name ".repeat(20)), "title": "t".repeat(300),
                "artist": "\"quoted\" ".repeat(20), "album": "album ".repeat(40), "duration": 61_000 })
    };
    let largest: Vec<_> = (0..10_000).map(track).collect();
    let mut large = draft("Everything", "Ada");
    large["tracks"] = largest.into();
    let saved = call(&server, &cookie, "save", &json!({ "draft": large }));
    assert_eq!(saved.status, 200, "{}", saved.text().chars().take(200).collect::<String>());
    let saved = value(&saved);
    assert_eq!(saved["tracks"].as_array().unwrap().len(), 10_000);
    // And again over itself, as an editor does.
    large["title"] = "All of it".into();
    let basis = json!({ "slug": saved["slug"], "revision": saved["revision"] });
    let again = call(&server, &cookie, "save", &json!({ "draft": large, "based_on": basis }));
    assert_eq!((again.status, value(&again)["title"].as_str()), (200, Some("All of it")));

    let mut larger = draft("Too long", "Ada");
    larger["tracks"][0]["artist"] = "x".repeat(20_000_000).into();
    let refused = call(&server, &cookie, "save", &json!({ "draft": larger }));
    assert_eq!(refused.status, 400);
    assert!(refused.error().contains("16 MB together"), "{}", refused.error());
    let length = "40000000";
    let headers = [JSON, ("Cookie", cookie.as_str()), ("Content-Length", length)];
    let refused = server.request("POST", "/api/save", &headers);
    assert_eq!(refused.status, 413);
    assert!(refused.error().contains("32 MiB"), "{}", refused.error());
    // Others are not given as much room, and guests not either.
    let headers = [JSON, ("Content-Length", "2000001")];
    assert_eq!(server.request("POST", "/api/save", &headers).status, 413);
}
