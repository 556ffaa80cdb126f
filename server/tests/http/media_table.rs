//! The answers of `/play/<path>` row by row: a request, what must come back, and where that rule is written.
//! The rows are in the files below; how a table is run and how an answer is judged is here.

mod conditions;
mod methods;
mod paths;
mod ranges;

use std::any::Any;
use std::collections::HashSet;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::client::{Client, Reply};
use crate::harness::{TestServer, sound};

/// HEAD before and after GET on one connection: a body too many, or one byte of it, spoils the next reply.
const IN_TURN: [&str; 3] = ["HEAD", "GET", "HEAD"];

/// What a row expects. Positions are the first and the last byte, as in `Content-Range`.
#[derive(Debug, Clone, Copy)]
enum Want {
    /// 200 with every byte.
    Whole,
    /// 206 with one part.
    Part(u64, u64),
    /// 206 with these parts as `multipart/byteranges`, in this order.
    Parts(&'static [(u64, u64)]),
    /// 304.
    NotModified,
    /// 412.
    PreconditionFailed,
    /// 416 that tells the length.
    Unsatisfiable,
    /// This status, and nothing about a file.
    Refused(u16),
}

/// The file that a row asks for.
struct Served<'a> {
    bytes: &'a [u8],
    content_type: &'a str,
}

impl<'a> Served<'a> {
    const fn mp3(bytes: &'a [u8]) -> Self {
        Self { bytes, content_type: "audio/mpeg" }
    }

    fn slice(&self, first: u64, last: u64) -> &'a [u8] {
        &self.bytes[usize::try_from(first).unwrap()..=usize::try_from(last).unwrap()]
    }
}

/// What is wrong with the answers to one row.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    #[expect(clippy::needless_pass_by_value, reason = "rows read better without references")]
    fn same<T: PartialEq + Debug>(&mut self, what: &str, got: T, want: T) {
        if got != want {
            self.0.push(format!("{what}: {got:?} instead of {want:?}"));
        }
    }

    fn holds(&mut self, what: &str, holds: bool) {
        if !holds {
            self.0.push(format!("not so: {what}"));
        }
    }

    /// Compares bytes without printing them all.
    fn bytes(&mut self, what: &str, got: &[u8], want: &[u8]) {
        if got != want {
            let place = got.iter().zip(want).position(|(got, want)| got != want).unwrap_or(got.len().min(want.len()));
            let lengths = format!("{} bytes instead of {}", got.len(), want.len());
            self.0.push(format!("{what}: {lengths}, other than expected from position {place}"));
        }
    }

    /// Checks a header that holds a comma-separated list.
    fn lists(&mut self, reply: &Reply, header: &str, member: &str) {
        let listed = reply.header(header).unwrap_or_default();
        let is_there = listed.split(',').any(|listed| listed.trim().eq_ignore_ascii_case(member));
        self.holds(&format!("{header} ({listed:?}) lists {member}"), is_there);
    }
}

/// Runs all rows, also after one has failed, and reports the failures together. `about` gives a row's name
/// and source.
fn run<R>(table: &[R], about: impl Fn(&R) -> (&'static str, &'static str), mut check: impl FnMut(&R, &mut Findings)) {
    let mut names = HashSet::new();
    let mut failures = Vec::new();
    for row in table {
        let (name, source) = about(row);
        let mut findings = Findings::default();
        findings.holds("the name is used once", names.insert(name));
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(row, &mut findings))) {
            findings.0.push(format!("stopped: {}", words(panic.as_ref())));
        }
        if !findings.0.is_empty() {
            failures.push(format!("{name} [{source}]\n    {}", findings.0.join("\n    ")));
        }
    }
    assert!(failures.is_empty(), "{} of {} rows fail:\n{}", failures.len(), table.len(), failures.join("\n"));
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default()
}

/// Asks for a file in turn with HEAD and GET and judges each answer.
fn ask(
    findings: &mut Findings,
    server: &TestServer,
    target: &str,
    headers: &[(&str, &str)],
    file: &Served,
    want: Want,
) {
    let mut client = Client::connect(server.address);
    for method in IN_TURN {
        client.send(method, target, headers, "");
        let reply = client.read_reply(method);
        let before = findings.0.len();
        judge(findings, method, &reply, file, want);
        for finding in &mut findings.0[before..] {
            finding.insert_str(0, &format!("{method}: "));
        }
    }
}

/// Whether an answer about a file is what the row wants, with every header that such an answer carries.
fn judge(findings: &mut Findings, method: &str, reply: &Reply, file: &Served, want: Want) {
    every_answer(findings, reply);
    let size = file.bytes.len();
    let (status, content_range, content) = match want {
        Want::Whole => (200, None, Some(file.bytes)),
        Want::Part(first, last) => (206, Some(format!("bytes {first}-{last}/{size}")), Some(file.slice(first, last))),
        Want::Parts(_) => (206, None, None),
        Want::NotModified => (304, None, Some(&[][..])),
        Want::PreconditionFailed => return refusal(findings, method, reply, 412),
        Want::Refused(status) => return refusal(findings, method, reply, status),
        Want::Unsatisfiable => {
            findings.same("Content-Range", reply.header("content-range"), Some(format!("bytes */{size}").as_str()));
            return refusal(findings, method, reply, 416);
        }
    };
    findings.same("status", reply.status, status);
    findings.same("Content-Range", reply.header("content-range"), content_range.as_deref());
    findings.same("Cache-Control", reply.header("cache-control"), Some("public, max-age=3600"));
    let tag = reply.header("etag").unwrap_or_default();
    findings.holds(&format!("{tag} is a strong tag"), tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'));
    let date = reply.header("last-modified").map(httpdate::parse_http_date);
    findings.holds("Last-Modified is an HTTP date", matches!(date, Some(Ok(_))));
    if status == 304 {
        // It may repeat the length of the whole, and must not name another (RFC 9110 8.6).
        let length = reply.header("content-length");
        findings.holds(
            &format!("length {length:?} is that of the file"),
            length.is_none_or(|length| length == size.to_string()),
        );
        return;
    }
    findings.same("Accept-Ranges", reply.header("accept-ranges"), Some("bytes"));
    findings.same("Transfer-Encoding", reply.header("transfer-encoding"), None);
    findings.same("Content-Encoding", reply.header("content-encoding"), None);
    let disposition = reply.header("content-disposition").unwrap_or_default();
    findings.holds(&format!("{disposition:?} plays in place"), disposition.starts_with("inline; filename="));
    match (content, want) {
        (Some(content), _) => {
            findings.same("Content-Type", reply.header("content-type"), Some(file.content_type));
            findings.same("Content-Length", reply.header("content-length"), Some(content.len().to_string().as_str()));
            findings.bytes("body", &reply.body, if method == "HEAD" { &[] } else { content });
        }
        (None, Want::Parts(parts)) => multipart(findings, method, reply, file, parts),
        (None, _) => unreachable!("only several parts have no content of their own"),
    }
}

/// The headers that the media route gives to every answer, a refusal included.
fn every_answer(findings: &mut Findings, reply: &Reply) {
    findings.same("CORS", reply.header("access-control-allow-origin"), Some("*"));
    for exposed in
        ["Content-Type", "Accept-Encoding", "Range", "Content-Range", "Content-Length", "Accept-Ranges", "ETag"]
    {
        findings.lists(reply, "access-control-expose-headers", exposed);
    }
    findings.same("sniffing", reply.header("x-content-type-options"), Some("nosniff"));
    findings.holds("Date is there", reply.header("date").is_some());
}

/// A refusal is JSON with a sentence, tells nothing of the inside, and is not kept by caches as audio is.
fn refusal(findings: &mut Findings, method: &str, reply: &Reply, status: u16) {
    findings.same("status", reply.status, status);
    findings.same("Content-Type", reply.header("content-type"), Some("application/json"));
    findings.same("Cache-Control", reply.header("cache-control"), None);
    findings.same("Content-Disposition", reply.header("content-disposition"), None);
    if method == "HEAD" {
        findings.bytes("body", &reply.body, &[]);
        return;
    }
    let json: Option<serde_json::Value> = serde_json::from_slice(&reply.body).ok();
    let sentence = json.as_ref().and_then(|json| json["error"].as_str()).unwrap_or_default();
    findings.holds(&format!("{:?} is a JSON error", reply.text()), !sentence.is_empty());
    for inside in ["/tmp", "/music", "os error", ".rs", "panicked", "secret"] {
        findings.holds(&format!("{sentence:?} hides {inside:?}"), !sentence.contains(inside));
    }
}

/// Reads a multipart body as a client does, by its boundary, and compares each part (RFC 9110 14.6).
fn multipart(findings: &mut Findings, method: &str, reply: &Reply, file: &Served, want: &[(u64, u64)]) {
    let content_type = reply.header("content-type").unwrap_or_default();
    let boundary = content_type.strip_prefix("multipart/byteranges; boundary=").unwrap_or_default();
    // What needs no quotes (RFC 9110 5.6.2) and is not too long (RFC 2046 5.1.1).
    let is_token = boundary.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"'+-._".contains(&byte));
    findings.holds(&format!("{content_type:?} has a boundary"), is_token && (1..=70).contains(&boundary.len()));
    if method == "HEAD" {
        findings.same("Content-Length", reply.header("content-length"), Some(length(boundary, file, want).as_str()));
        findings.bytes("body", &reply.body, &[]);
        return;
    }
    findings.same("Content-Length", reply.header("content-length"), Some(reply.body.len().to_string().as_str()));
    // The line break before a delimiter belongs to it; the first one may do without.
    let body = [b"\r\n", reply.body.as_slice()].concat();
    let sections = split(&body, format!("\r\n--{boundary}").as_bytes());
    let [preamble, parts @ .., end] = sections.as_slice() else {
        return findings.holds("the body has parts", false);
    };
    findings.bytes("before the parts", preamble, b"");
    findings.bytes("after the parts", end, b"--\r\n");
    findings.same("number of parts", parts.len(), want.len());
    for (part, (first, last)) in parts.iter().zip(want) {
        let what = format!("part {first}-{last}");
        let Some(end_of_head) = part.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
            findings.holds(&format!("{what} has a head"), false);
            continue;
        };
        let head = String::from_utf8_lossy(&part[..end_of_head]).to_lowercase();
        let mut lines: Vec<_> = head.trim_start_matches("\r\n").split("\r\n").collect();
        lines.sort_unstable();
        let content_range = format!("content-range: bytes {first}-{last}/{}", file.bytes.len());
        findings.same(&what, lines, vec![&content_range, &format!("content-type: {}", file.content_type)]);
        findings.bytes(&what, &part[end_of_head + 4..], file.slice(*first, *last));
    }
}

/// The length of the multipart body that a GET for these parts gets.
fn length(boundary: &str, file: &Served, parts: &[(u64, u64)]) -> String {
    let size = file.bytes.len();
    let part = |(first, last): &(u64, u64)| {
        let head =
            format!("\r\n--{boundary}\r\nContent-Type: {}\r\nContent-Range: bytes {first}-{last}/{size}\r\n\r\n", {
                file.content_type
            });
        head.len() + file.slice(*first, *last).len()
    };
    let end = format!("\r\n--{boundary}--\r\n");
    (parts.iter().map(part).sum::<usize>() - "\r\n".len() + end.len()).to_string()
}

fn split<'a>(text: &'a [u8], delimiter: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(place) = rest.windows(delimiter.len()).position(|window| window == delimiter) {
        pieces.push(&rest[..place]);
        rest = &rest[place + delimiter.len()..];
    }
    pieces.push(rest);
    pieces
}

#[test]
fn a_table_can_fail() {
    let file = sound(100);
    let part = |content_range: &str, body: &[u8]| Reply {
        status: 206,
        headers: [("content-range", content_range), ("content-length", "2"), ("content-type", "audio/mpeg")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        body: body.to_vec(),
    };
    let complaints = |reply: &Reply| {
        let mut findings = Findings::default();
        judge(&mut findings, "GET", reply, &Served::mp3(&file), Want::Part(5, 6));
        findings.0.len()
    };
    let right = complaints(&part("bytes 5-6/100", &file[5..7]));
    assert!(complaints(&part("bytes 5-6/100", &file[6..8])) > right, "other bytes");
    assert!(complaints(&part("bytes 5-6/101", &file[5..7])) > right, "another range");
    let table = [("a", true), ("b", false), ("c", false)];
    let outcome = catch_unwind(|| run(&table, |row| (row.0, "here"), |row, findings| findings.holds("it", row.1)));
    let report = words(outcome.unwrap_err().as_ref());
    assert!(report.starts_with("2 of 3 rows fail") && report.contains("b [here]") && report.contains("c [here]"));
}
