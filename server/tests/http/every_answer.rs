//! Headers that hold for every address: what a browser may make of an answer, and whose name the server answers to.
//! What single pages send is tested with them.

use server::state::OnMiss;

use crate::admin::{FORM, owner};
use crate::client::Client;
use crate::harness::{TestServer, wav};

#[test]
fn every_answer_forbids_to_guess_its_type() {
    let server = TestServer::start();
    server.put("a.wav", &wav(10));
    for target in [
        "/",
        "/login",
        "/icon.svg",
        "/robots.txt",
        "/nothing",
        "/pkg/ferric-0123.js",
        "/pkg/nothing",
        "/covers/nothing.jpg",
        "/api/covers/nothing",
        "/play/a.wav",
        "/play/nothing",
        "/play/a.wav?quality=none",
        "/share/nothing",
        "/qr/nothing.png",
        "/healthz",
        "/readyz",
        "/api/mixtapes",
        "/oembed",
        "/embed/nothing",
    ] {
        for method in ["GET", "HEAD", "DELETE"] {
            let reply = server.request(method, target, &[]);
            assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{method} {target}");
        }
    }
    let mut client = Client::connect(server.address);
    client.send_text("GET / HTTP/1.1\r\n\r\n");
    let refused = client.read_reply("GET");
    assert_eq!((refused.status, refused.header("x-content-type-options")), (400, Some("nosniff")));
}

#[test]
fn names_that_no_file_can_have_are_not_there() {
    let server = TestServer::start();
    let cookie = owner(&server);
    for length in [253, 256, 5000] {
        let name = "a".repeat(length);
        for folder in [
            "",
            "pkg/",
            "covers/",
            "api/covers/",
            "play/",
            "share/",
            "embed/",
            "qr/",
            "og/",
            "og/cover/",
            "gift-playful/",
        ] {
            for target in [format!("/{folder}{name}"), format!("/{folder}{name}/b"), format!("/{folder}{name}.png")] {
                let headers = [("Accept-Encoding", "br, gzip"), ("Cookie", cookie.as_str())];
                let reply = server.request("GET", &target, &headers);
                // A release without a cover gets a drawing.
                let is_drawn = folder == "api/covers/" && reply.status == 200;
                assert!(reply.status == 404 || is_drawn, "{length} {folder}: {} {}", reply.status, reply.text());
            }
        }
    }
    for target in ["/a%00b", "/pkg/a%00b", "/pkg", "/pkg/", "/icon.svg/b", "/pkg/ferric-0123.js/b"] {
        assert_eq!(server.get(target).status, 404, "{target}");
    }
}

#[test]
fn nothing_leads_where_a_referer_says() {
    let server = TestServer::start();
    let cookie = owner(&server);
    let elsewhere = [("Accept", "text/html"), ("Referer", "https://elsewhere.example/x"), ("Cookie", cookie.as_str())];
    for (method, target, body) in [
        ("GET", "/api/mixtapes", ""),
        ("GET", "/api/search?q=x", ""),
        ("POST", "/api/save", "x=y"),
        ("POST", "/api/delete", "slug=x"),
        ("POST", "/logout", ""),
        ("POST", "/login", "password=wrong"),
    ] {
        let headers = [&elsewhere[..], &[FORM][..]].concat();
        let reply = server.request_with_body(method, target, &headers, body);
        let location = reply.header("location").unwrap_or("/");
        assert!(location.starts_with('/') && !location.contains("elsewhere"), "{method} {target}: {location}");
    }
}

#[test]
fn with_a_public_url_other_hosts_are_refused() {
    let server = TestServer::start_configured(OnMiss::Transcode, |parts| {
        parts.public_url = Some("https://tapes.example.org".to_owned());
    });
    let ask = |host: &str, target: &str| {
        let mut client = Client::connect(server.address);
        client.send_text(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n\r\n"));
        client.read_reply("GET").status
    };
    for host in ["tapes.example.org", "tapes.example.org:443", "127.0.0.1:5000", "[::1]", "localhost:5000"] {
        assert_eq!(ask(host, "/login"), 200, "{host}");
    }
    for target in ["/login", "/play/a.wav", "/icon.svg", "/pkg/ferric-0123.js", "/api/mixtapes"] {
        assert_eq!(ask("elsewhere.example", target), 421, "{target}");
    }
    assert_eq!((ask("elsewhere.example", "/healthz"), ask("elsewhere.example", "/readyz")), (200, 200));
}

#[test]
fn over_https_the_owners_cookies_belong_to_this_host_alone() {
    let server = TestServer::start_configured(OnMiss::Transcode, |parts| {
        parts.public_url = Some("https://localhost".to_owned());
    });
    let body = format!("password={}", crate::harness::PASSWORD.replace(' ', "+"));
    let ask = |target: &str, cookie: &str| {
        let mut client = Client::connect(server.address);
        let method = if target == "/login" { "POST" } else { "GET" };
        let form = if target == "/login" {
            format!("Content-Type: {}\r\nContent-Length: {}\r\n\r\n{body}", FORM.1, body.len())
        } else {
            "\r\n".to_owned()
        };
        client.send_text(&format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n{form}"));
        client.read_reply(method)
    };
    let reply = ask("/login", "");
    let set = reply.headers.iter().filter(|(name, _)| name == "set-cookie");
    for (_, cookie) in set {
        assert!(cookie.starts_with("__Host-ferric_") && cookie.contains("; Path=/;"), "{cookie}");
        assert!(cookie.contains("; HttpOnly") && cookie.ends_with("; Secure"), "{cookie}");
    }
    let session = reply.cookie("__Host-ferric_session").unwrap();
    assert_eq!(ask("/mixtapes", session).status, 200);
    let planted = session.replace("__Host-", "");
    assert_eq!(ask("/mixtapes", &planted).status, 401, "another site of the domain could have set it");
    assert!(reply.cookie("__Host-ferric_browser").is_some());
}
