//! Methods, preflights, and the requests that a connection carries: old versions, bodies, broken heads, many at
//! once. What GET answers for a path, a condition or a range is in the other tables.

use super::Want::{Part, Refused, Unsatisfiable, Whole};
use super::{Findings, Served, Want, ask, every_answer, judge, run};
use crate::client::{Client, Reply};
use crate::harness::{TestServer, sound};

const RFC_405: &str = "RFC 9110 15.5.6 (405 with Allow), seed 001: the route is for reading";
const RFC_CASE: &str = "RFC 9110 9.1 (methods are case-sensitive)";
const RFC_HEAD: &str = "RFC 9110 9.3.2 (the fields that GET would get)";
const RFC_OPTIONS: &str = "RFC 9110 9.3.7";
const PREFLIGHT: &str = "DESIGN 3: OPTIONS preflight answered; Fetch 3.3.2";
const EXACT: &str = "DESIGN 3: files are reached only by their exact path";
const CAST: &str = "browser facts: a Chromecast's receiver asks for Content-Type, Accept-Encoding, Range";
const RFC_TARGET: &str = "RFC 9112 3.2.2 (a server must accept it)";
const RFC_HOST: &str = "RFC 9112 3.2 (400 without exactly one valid Host)";
const RFC_LINES: &str = "RFC 9112 2.2";
const RFC_FIELDS: &str = "RFC 9112 5.1";
const RFC_LENGTH: &str = "RFC 9112 6.3";
const RFC_CLOSE: &str = "RFC 9112 9.6";
const RFC_KEEP: &str = "RFC 9112 9.3";
const RFC_PIPELINE: &str = "RFC 9112 9.3.2";
const RFC_BODY: &str = "RFC 9110 9.3.1 (a body of GET means nothing), 9112 9.3 (it is read or the connection closed)";
const NGINX_METHOD: &str = "nginx-tests http_method.t";
const NGINX_KEEP: &str = "nginx-tests http_keepalive.t";

/// A server with ten bytes in `a.mp3`.
fn library() -> (TestServer, Vec<u8>) {
    let server = TestServer::start();
    let bytes = sound(10);
    server.put("a.mp3", &bytes);
    (server, bytes)
}

/// The members of a header's list.
fn listed<'a>(reply: &'a Reply, header: &str) -> Vec<&'a str> {
    let mut members: Vec<_> = reply.header(header).unwrap_or_default().split(',').map(str::trim).collect();
    members.sort_unstable();
    members
}

/// A request that has its own method.
struct Row {
    name: &'static str,
    method: &'static str,
    target: &'static str,
    headers: &'static [(&'static str, &'static str)],
    source: &'static str,
}

/// A method on the file.
const fn row(method: &'static str, source: &'static str) -> Row {
    Row { name: method, method, target: "/play/a.mp3", headers: &[], source }
}

#[test]
fn methods_that_a_file_does_not_take() {
    let (server, bytes) = library();
    run(
        &[
            row("POST", RFC_405),
            row("PUT", RFC_405),
            row("DELETE", RFC_405),
            row("PATCH", RFC_405),
            row("TRACE", NGINX_METHOD),
            row("CONNECT", NGINX_METHOD),
            row("PROPFIND", RFC_405),
            row("M-SEARCH", RFC_405),
            row("QUERY", RFC_405),
            row("BREW", "RFC 2324 2.1.1"),
            row("get", RFC_CASE),
            row("Head", RFC_CASE),
            row("options", RFC_CASE),
            row("GETS", RFC_CASE),
            Row { name: "nothing there", target: "/play/none.mp3", ..row("DELETE", RFC_405) },
            Row { name: "outside", target: "/play/../secret.mp3", ..row("PUT", RFC_405) },
            Row { name: "the root", target: "/play/", ..row("POST", RFC_405) },
            Row { name: "a condition", headers: &[("If-Match", "\"x\"")], ..row("PUT", "RFC 9110 13.2.1") },
            Row { name: "a range", headers: &[("Range", "bytes=99-")], ..row("POST", "RFC 9110 14.2 (GET only)") },
            Row { name: "a token", headers: &[("X-Token", "echo-me")], ..row("TRACE", "CVE-2004-2320 (XST)") },
        ],
        |row| (row.name, row.source),
        |row, findings| {
            let reply = server.request(row.method, row.target, row.headers);
            judge(findings, row.method, &reply, &Served::mp3(&bytes), Refused(405));
            findings.same("Allow", listed(&reply, "allow"), vec!["GET", "HEAD", "OPTIONS"]);
            findings.holds("nothing is sent back", !reply.text().contains("echo-me"));
            findings.bytes("the file", &server.get("/play/a.mp3").body, &bytes);
        },
    );
}

/// A preflight, and the headers that its answer must allow.
struct Preflight {
    name: &'static str,
    target: &'static str,
    headers: &'static [(&'static str, &'static str)],
    allows: &'static [&'static str],
    source: &'static str,
}

const ORIGIN: (&str, &str) = ("Origin", "https://www.gstatic.com");
const FOR_GET: (&str, &str) = ("Access-Control-Request-Method", "GET");
const FOR_HEADERS: &str = "Access-Control-Request-Headers";

const fn preflight(
    name: &'static str,
    target: &'static str,
    headers: &'static [(&'static str, &'static str)],
    allows: &'static [&'static str],
    source: &'static str,
) -> Preflight {
    Preflight { name, target, headers, allows, source }
}

#[test]
fn preflights() {
    const CAST_HEADERS: (&str, &str) = (FOR_HEADERS, "content-type,accept-encoding,range");
    const CONDITIONS: (&str, &str) = (FOR_HEADERS, "if-range, if-none-match, if-modified-since");
    const CAST_ALLOWS: &[&str] = &["Content-Type", "Accept-Encoding", "Range"];
    const FOR_DELETE: (&str, &str) = ("Access-Control-Request-Method", "DELETE");
    let (server, _) = library();
    let a = "/play/a.mp3";
    run(
        &[
            preflight("for GET", a, &[ORIGIN, FOR_GET], &[], PREFLIGHT),
            preflight("for a range", a, &[ORIGIN, FOR_GET, (FOR_HEADERS, "range")], &["Range"], PREFLIGHT),
            preflight("for a Chromecast", a, &[ORIGIN, FOR_GET, CAST_HEADERS], CAST_ALLOWS, CAST),
            preflight("for conditions", a, &[ORIGIN, FOR_GET, CONDITIONS], &["If-Range", "If-None-Match"], PREFLIGHT),
            preflight("headers alone", a, &[ORIGIN, CAST_HEADERS], CAST_ALLOWS, PREFLIGHT),
            preflight("for what is not allowed", a, &[ORIGIN, FOR_DELETE], &[], PREFLIGHT),
            preflight("an origin alone", a, &[ORIGIN], &[], PREFLIGHT),
            preflight("an opaque origin", a, &[("Origin", "null"), FOR_GET], &[], "Fetch 3.1"),
            preflight("no preflight", a, &[], &[], RFC_OPTIONS),
            preflight("a query", "/play/a.mp3?quality=low", &[ORIGIN, FOR_GET], &[], PREFLIGHT),
            preflight("nothing there", "/play/none.mp3", &[ORIGIN, FOR_GET], &[], EXACT),
            preflight("outside", "/play/../secret.mp3", &[ORIGIN, FOR_GET], &[], EXACT),
            preflight("the root", "/play/", &[ORIGIN, FOR_GET], &[], PREFLIGHT),
            preflight("conditions of its own", a, &[("If-None-Match", "*")], &[], "RFC 9110 13.2.1"),
            preflight("a range of its own", a, &[("Range", "bytes=99-")], &[], "RFC 9110 14.2 (GET only)"),
        ],
        |row| (row.name, row.source),
        |row, findings| {
            let reply = server.request("OPTIONS", row.target, row.headers);
            every_answer(findings, &reply);
            findings.same("status", reply.status, 204);
            findings.same("Content-Length", reply.header("content-length"), None);
            let methods = vec!["GET", "HEAD", "OPTIONS"];
            findings.same("Allow", listed(&reply, "allow"), methods.clone());
            findings.same("methods", listed(&reply, "access-control-allow-methods"), methods);
            findings.same("credentials", reply.header("access-control-allow-credentials"), None);
            for header in row.allows {
                findings.lists(&reply, "access-control-allow-headers", header);
            }
        },
    );
}

#[test]
fn head_says_what_get_would() {
    let (server, _) = library();
    let tag = server.request("HEAD", "/play/a.mp3", &[]).header("etag").unwrap().to_owned();
    let row = |name, target, header, status: u16| (name, target, header, status);
    run(
        &[
            row("the whole", "/play/a.mp3", ("Accept", "*/*"), 200),
            row("a part", "/play/a.mp3", ("Range", "bytes=2-4"), 206),
            row("no change", "/play/a.mp3", ("If-None-Match", tag.as_str()), 304),
            row("another state", "/play/a.mp3", ("If-Match", "\"x\""), 412),
            row("beyond the end", "/play/a.mp3", ("Range", "bytes=10-"), 416),
            row("nothing there", "/play/none.mp3", ("Accept", "*/*"), 404),
            row("outside", "/play/../a.mp3", ("Accept", "*/*"), 403),
            row("malformed", "/play/%zz", ("Accept", "*/*"), 400),
            row("unknown quality", "/play/a.mp3?quality=best", ("Accept", "*/*"), 400),
        ],
        |row| (row.0, RFC_HEAD),
        |(_, target, header, status), findings| {
            let [get, head] = ["GET", "HEAD"].map(|method| server.request(method, target, &[*header]));
            findings.same("status", (get.status, head.status), (*status, *status));
            let fields = |reply: Reply| {
                let mut headers = reply.headers;
                headers.retain(|(name, _)| name != "date");
                headers.sort();
                headers
            };
            findings.same("headers", fields(head), fields(get));
        },
    );
}

/// What comes back on a connection.
#[derive(Clone, Copy)]
enum Answer {
    /// To a request with this method, about the file.
    To(&'static str, Want),
    /// A status from the HTTP engine, which has not understood enough to say more.
    Bare(u16),
}

use Answer::{Bare, To};

/// What becomes of the connection.
#[derive(Clone, Copy, PartialEq)]
enum Then {
    Open,
    Closed,
}

use Then::{Closed, Open};

/// Requests as they go over the wire. `|` stands for a line break, `{get}`, `{head}` and `{post}` for the first
/// line of a request for the file with its Host, `{none}` for one for what is not there.
struct Wire {
    name: &'static str,
    text: &'static str,
    answers: &'static [Answer],
    then: Then,
    source: &'static str,
}

const fn wire(
    name: &'static str,
    text: &'static str,
    answers: &'static [Answer],
    then: Then,
    source: &'static str,
) -> Wire {
    Wire { name, text, answers, then, source }
}

const FILE: &[Answer] = &[To("GET", Whole)];
const FILE_TWICE: &[Answer] = &[To("GET", Whole), To("GET", Whole)];
const FILE_HEAD: &[Answer] = &[To("HEAD", Whole)];
const BAD: &[Answer] = &[Bare(400)];
const NOT_TAKEN: &[Answer] = &[To("POST", Refused(405))];
const NOT_TAKEN_BUT_FILE: &[Answer] = &[To("POST", Refused(405)), To("GET", Whole)];

fn check(table: &[Wire]) {
    let (server, bytes) = library();
    let file = Served::mp3(&bytes);
    run(
        table,
        |row| (row.name, row.source),
        |row, findings| {
            let mut text = row.text.to_owned();
            for (short, line) in [
                ("{get}", "GET /play/a.mp3 HTTP/1.1|{host}"),
                ("{head}", "HEAD /play/a.mp3 HTTP/1.1|{host}"),
                ("{post}", "POST /play/a.mp3 HTTP/1.1|{host}"),
                ("{none}", "GET /play/none.mp3 HTTP/1.1|{host}"),
                ("{host}", "Host: ferric.test|"),
                ("|", "\r\n"),
            ] {
                text = text.replace(short, line);
            }
            let mut client = Client::connect(server.address);
            client.send_text(&text);
            for answer in row.answers {
                read(findings, &mut client, &file, *answer);
            }
            // After another answer than expected, waiting tells nothing.
            if findings.0.is_empty() && row.then == Closed {
                findings.holds("the connection is closed", client.is_closed());
            } else if findings.0.is_empty() {
                client.send("GET", "/play/a.mp3", &[], "");
                read(findings, &mut client, &file, To("GET", Whole));
            }
        },
    );
}

fn read(findings: &mut Findings, client: &mut Client, file: &Served, answer: Answer) {
    match answer {
        To(method, want) => judge(findings, method, &client.read_reply(method), file, want),
        Bare(status) => findings.same("status", client.read_reply("GET").status, status),
    }
}

#[test]
fn versions_and_targets() {
    const LAST: &[Answer] = &[To("GET", Part(8, 9))];
    const OLD: &str = "GET /play/a.mp3 HTTP/1.0||";
    const ABSOLUTE: &str = "GET http://ferric.test/play/a.mp3 HTTP/1.1|{host}|";
    const OF_ANOTHER: &str = "GET http://other.test:80/play/a.mp3?x HTTP/1.1|{host}|";
    const CAPITALS: &str = "GET HTTP://FERRIC.TEST/play/a.mp3 HTTP/1.1|{host}|";
    const CONTROL: &str = "GET /play/\u{2}.mp3 HTTP/1.1|{host}|";
    check(&[
        wire("HTTP/1.1", "{get}|", FILE, Open, RFC_KEEP),
        wire("HTTP/1.0", OLD, FILE, Closed, "Go serve_test.go TestServeHTTP10Close"),
        wire("HTTP/1.0, HEAD", "HEAD /play/a.mp3 HTTP/1.0||", FILE_HEAD, Closed, RFC_KEEP),
        wire("HTTP/1.0, part", "GET /play/a.mp3 HTTP/1.0|Range: bytes=-2||", LAST, Closed, "RFC 9110 2.5"),
        wire("HTTP/1.0, kept", "GET /play/a.mp3 HTTP/1.0|Connection: keep-alive||", FILE, Open, RFC_KEEP),
        wire("HTTP/1.0, HEAD, kept", "HEAD /play/a.mp3 HTTP/1.0|Connection: Keep-Alive||", FILE_HEAD, Open, RFC_KEEP),
        wire("HTTP/1.0, option", "GET /play/a.mp3 HTTP/1.0|Connection: x-keep-alive||", FILE, Closed, NGINX_KEEP),
        wire("HTTP/0.9", "GET /play/a.mp3||", BAD, Closed, "RFC 9112 3 (invalid request line)"),
        wire("a small version", "GET /play/a.mp3 http/1.1|{host}|", BAD, Closed, "RFC 9112 2.3 (case-sensitive)"),
        wire("absolute", ABSOLUTE, FILE, Open, RFC_TARGET),
        wire("absolute, other host", OF_ANOTHER, FILE, Open, RFC_TARGET),
        wire("absolute, capitals", CAPITALS, FILE, Open, "RFC 3986 6.2.2.1 (scheme and host in any case)"),
        wire("no slash", "GET play/a.mp3 HTTP/1.1|{host}|", BAD, Closed, "RFC 9112 3.2.1"),
        wire("a space in the target", "GET /play/a .mp3 HTTP/1.1|{host}|", BAD, Closed, "RFC 9112 3.2"),
        wire("a control sign in the target", CONTROL, BAD, Closed, "nginx-tests http_uri.t"),
        wire("no method", "G(T /play/a.mp3 HTTP/1.1|{host}|", BAD, Closed, "RFC 9110 9.1 (a token)"),
        wire("no Host", "GET /play/a.mp3 HTTP/1.1||", BAD, Closed, RFC_HOST),
        wire("two Hosts", "{get}Host: other.test||", BAD, Closed, RFC_HOST),
        wire("a Host twice", "{get}{host}|", BAD, Closed, RFC_HOST),
        wire("a Host with a space", "GET /play/a.mp3 HTTP/1.1|Host: ferric test||", BAD, Closed, RFC_HOST),
        wire("a Host with a path", "GET /play/a.mp3 HTTP/1.1|Host: ferric.test/a||", BAD, Closed, RFC_HOST),
        wire("an empty Host", "GET /play/a.mp3 HTTP/1.1|Host:||", FILE, Open, "RFC 9110 7.2 (no authority)"),
        wire("an IPv6 Host", "GET /play/a.mp3 HTTP/1.1|Host: [::1]:5000||", FILE, Open, "nginx-tests http_host.t"),
    ]);
}

#[test]
fn heads_and_connections() {
    const MANY: &str = "{head}|{get}Range: bytes=2-4||{none}|{get}Range: bytes=10-||{get}|";
    const SOME: Answer = To("GET", Part(2, 4));
    const NONE: Answer = To("GET", Refused(404));
    const BEYOND: Answer = To("GET", Unsatisfiable);
    const EACH: &[Answer] = &[To("HEAD", Whole), SOME, NONE, BEYOND, To("GET", Whole)];
    const FEEDS: &str = "GET /play/a.mp3 HTTP/1.1\nHost: ferric.test\n\n";
    check(&[
        wire("empty lines first", "||{get}|", FILE, Open, RFC_LINES),
        wire("line feeds alone", FEEDS, FILE, Open, RFC_LINES),
        wire("no space after the colon", "{get}Range:bytes=2-4||", &[SOME], Open, RFC_FIELDS),
        wire("a space before the colon", "{get}Range : bytes=0-1||", BAD, Closed, "RFC 9112 5.1 (must be 400)"),
        wire("a folded line", "{get}Range: bytes=0-1,| 5-6||", BAD, Closed, "RFC 9112 5.2"),
        wire("a space before the first", "GET /play/a.mp3 HTTP/1.1| {host}|", BAD, Closed, RFC_LINES),
        wire("no colon", "{get}Range||", BAD, Closed, RFC_FIELDS),
        wire("a name with a space", "{get}My Range: bytes=0-1||", BAD, Closed, RFC_FIELDS),
        wire("NUL in a value", "{get}Range: bytes\0=0-1||", BAD, Closed, "RFC 9110 5.5"),
        wire("half a line break in a value", "{get}Range: bytes=\r0-1||", BAD, Closed, RFC_LINES),
        wire("close", "{get}Connection: close||", FILE, Closed, RFC_CLOSE),
        wire("close, capitals", "{get}Connection: CLOSE||", FILE, Closed, "RFC 9110 7.6.1 (case-insensitive)"),
        wire("close after a tab", "{get}Connection: x-foo,\tclose||", FILE, Closed, NGINX_KEEP),
        wire("close and keep", "{get}Connection: keep-alive, close||", FILE, Closed, RFC_KEEP),
        wire("another option", "{get}Connection: x-close||", FILE, Open, NGINX_KEEP),
        wire("another protocol", "{get}Connection: Upgrade|Upgrade: h2c||", FILE, Open, "RFC 9110 7.8 (ignored)"),
        wire("nothing after close", "{get}Connection: close||{get}|", FILE, Closed, RFC_CLOSE),
        wire("many at once", MANY, EACH, Open, RFC_PIPELINE),
        wire("one not taken, one taken", "{post}|{get}|", NOT_TAKEN_BUT_FILE, Open, RFC_PIPELINE),
    ]);
}

#[test]
fn bodies() {
    const REQUEST: &str = "{get}Content-Length: 32||GET /play/none.mp3 HTTP/1.1|X: |{get}|";
    const CHUNKS: &str = "{get}Transfer-Encoding: chunked||5|hello|0||{get}|";
    const BOTH: &str = "{get}Content-Length: 5|Transfer-Encoding: chunked||0||{get}|";
    const OLD_CHUNKS: &str = "GET /play/a.mp3 HTTP/1.0|Transfer-Encoding: chunked||0||";
    const WAITING: &str = "{post}Content-Length: 5|Expect: 100-continue||";
    check(&[
        wire("GET", "{get}Content-Length: 5||hello{get}|", FILE_TWICE, Open, RFC_BODY),
        wire("GET, a request in it", REQUEST, FILE_TWICE, Open, RFC_BODY),
        wire("GET, empty", "{get}Content-Length: 0||{get}|", FILE_TWICE, Open, RFC_BODY),
        wire("GET, chunks", CHUNKS, FILE_TWICE, Open, RFC_BODY),
        wire("POST", "{post}Content-Length: 5||hello{get}|", NOT_TAKEN_BUT_FILE, Open, RFC_KEEP),
        wire("POST, never sent", "{post}Content-Length: 10000||hello", NOT_TAKEN, Closed, "nginx-tests body_discard.t"),
        wire("POST, waiting to send", WAITING, NOT_TAKEN, Closed, "RFC 9110 10.1.1 (final status at once)"),
        wire("GET, waiting with nothing", "{get}Expect: 100-continue||", FILE, Open, "RFC 9110 10.1.1"),
        wire("two lengths", "{get}Content-Length: 5|Content-Length: 6||hello!", BAD, Closed, RFC_LENGTH),
        wire("a length with a sign", "{get}Content-Length: +5||hello", BAD, Closed, "hyper CVE-2021-32715"),
        wire("a length in hexadecimal", "{get}Content-Length: 0x5||hello", BAD, Closed, RFC_LENGTH),
        wire("length and chunks", BOTH, FILE, Closed, "RFC 9112 6.1 (closed after)"),
        wire("not chunked in the end", "{get}Transfer-Encoding: chunked, gzip||0||", BAD, Closed, RFC_LENGTH),
        wire("chunks in HTTP/1.0", OLD_CHUNKS, BAD, Closed, "RFC 9112 6.1 (faulty)"),
    ]);
}

#[test]
fn headers_that_change_nothing() {
    let (server, bytes) = library();
    run(
        &[
            ("method override", ("X-HTTP-Method-Override", "DELETE"), "RFC 9110 9.1"),
            ("original URL", ("X-Original-URL", "/play/none.mp3"), "Symfony CVE-2018-14773"),
            ("a page wanted", ("Accept", "text/html"), "RFC 9110 12.5.1 (may be disregarded)"),
            ("compression", ("Accept-Encoding", "br, gzip"), "seed 002 Content Delivery Headers: Content-Length"),
            ("a cookie", ("Cookie", "session=x"), "DESIGN 3: /play is public"),
            ("a password", ("Authorization", "Basic eDp5"), "DESIGN 3: /play is public"),
            ("another origin", ORIGIN, "DESIGN 3: any origin"),
            ("no cache", ("Cache-Control", "no-cache"), "RFC 9111 5.2.1 (for caches)"),
        ],
        |row| (row.0, row.2),
        |(_, header, _), findings| ask(findings, &server, "/play/a.mp3", &[*header], &Served::mp3(&bytes), Whole),
    );
}
