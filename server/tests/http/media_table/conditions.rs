//! Conditional requests: tags and dates alone, together and before a range, and `If-Range`.
//! What a range itself means is in `ranges`; here one range shows which answer was chosen.

use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::Want::{NotModified, Part, Parts, PreconditionFailed, Refused, Unsatisfiable, Whole};
use super::{Findings, Served, Want, ask, run};
use crate::harness::{TestServer, sound};

const IF_MATCH: &str = "If-Match";
const IF_NONE_MATCH: &str = "If-None-Match";
const IF_MODIFIED: &str = "If-Modified-Since";
const IF_UNMODIFIED: &str = "If-Unmodified-Since";
const IF_RANGE: &str = "If-Range";
const RANGE: &str = "Range";

/// When the file was last modified, half a second left out: the example of RFC 9110 5.6.7 in its three forms.
const SAME: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const SAME_RFC_850: &str = "Sunday, 06-Nov-94 08:49:37 GMT";
const SAME_ASCTIME: &str = "Sun Nov  6 08:49:37 1994";
const OLDER: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const NEWER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

const RFC_IF_MATCH: &str = "RFC 9110 13.1.1 (strong comparison)";
const RFC_IF_NONE_MATCH: &str = "RFC 9110 13.1.2 (weak comparison)";
const RFC_IF_MODIFIED: &str = "RFC 9110 13.1.3";
const RFC_IF_UNMODIFIED: &str = "RFC 9110 13.1.4";
const RFC_IF_RANGE: &str = "RFC 9110 13.1.5";
const RFC_ORDER: &str = "RFC 9110 13.2.2";
const RFC_TAG: &str = "RFC 9110 8.8.3";
const RFC_DATE: &str = "RFC 9110 5.6.7";
const RFC_CLOCK: &str = "RFC 9110 8.8.2.1 (never later than Date)";
const RFC_LIST: &str = "RFC 9110 5.6.1.2 (empty elements)";
const RFC_STRONG: &str = "RFC 9110 8.8.1 (a strong validator changes whenever the content does)";
const NOT_A_DATE: &str = "RFC 9110 13.1.3 (not a valid HTTP date: ignored)";
const GO: &str = "Go fs_test.go TestServeContent";
const NGINX: &str = "nginx-tests not_modified.t";
const NGINX_ERRS: &str = "RFC 9110 13.2.2; nginx 1.22 looks at the date as well";
const NGINX_63: &str = "RFC 9110 14.1.2; nginx 1.22 refuses last positions from 2^63 up";
const WHITENOISE: &str = "whitenoise test_whitenoise.py";

/// Ranges of the file's thousand bytes.
const HALF: (&str, &str) = (RANGE, "bytes=500-");
const SECOND_HALF: Want = Part(500, 999);
const ENDS: (&str, &str) = (RANGE, "bytes=0-0,-1");
const BOTH_ENDS: Want = Parts(&[(0, 0), (999, 999)]);
const BEYOND: (&str, &str) = (RANGE, "bytes=1000-");

/// In values, `{etag}` stands for the file's own tag and `{opaque}` for what is between its quotes.
struct Library {
    server: TestServer,
    bytes: Vec<u8>,
    etag: String,
}

impl Library {
    fn new() -> Self {
        let server = TestServer::start();
        let bytes = sound(1000);
        let path = server.put("a.mp3", &bytes);
        set_modified(&path, SystemTime::UNIX_EPOCH + Duration::new(784_111_777, 500_000_000));
        let etag = tag(&server);
        Self { server, bytes, etag }
    }

    fn ask(&self, findings: &mut Findings, target: &str, headers: &[(&str, &str)], want: Want) {
        let opaque = self.etag.trim_matches('"');
        let fill = |value: &str| value.replace("{etag}", &self.etag).replace("{opaque}", opaque);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, fill(value))).collect();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        ask(findings, &self.server, target, &headers, &Served::mp3(&self.bytes), want);
    }
}

fn tag(server: &TestServer) -> String {
    server.request("HEAD", "/play/a.mp3", &[]).header("etag").unwrap().to_owned()
}

fn set_modified(path: &Path, time: SystemTime) {
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

/// A row about one header: name, value, what comes back, source.
type Value = (&'static str, &'static str, Want, &'static str);

/// A table about this header alone.
struct Header(&'static str);

impl Header {
    fn check(&self, table: &[Value]) {
        let library = Library::new();
        run(
            table,
            |(name, _, _, source)| (*name, *source),
            |(_, value, want, _), findings| library.ask(findings, "/play/a.mp3", &[(self.0, *value)], *want),
        );
    }
}

/// A row about several headers.
struct Row {
    name: &'static str,
    headers: &'static [(&'static str, &'static str)],
    want: Want,
    source: &'static str,
}

const fn row(
    name: &'static str,
    headers: &'static [(&'static str, &'static str)],
    want: Want,
    source: &'static str,
) -> Row {
    Row { name, headers, want, source }
}

fn check(table: &[Row]) {
    let library = Library::new();
    run(
        table,
        |row| (row.name, row.source),
        |row, findings| library.ask(findings, "/play/a.mp3", row.headers, row.want),
    );
}

#[test]
fn if_none_match() {
    Header(IF_NONE_MATCH).check(&[
        ("the tag", "{etag}", NotModified, NGINX),
        ("its weak form", "W/{etag}", NotModified, NGINX),
        ("another", "\"foo\"", Whole, NGINX),
        ("any", "*", NotModified, NGINX),
        ("in a list", "\"foo\", \"bar\", {etag} , \"baz\"", NotModified, NGINX),
        ("a list of others", "\"x\", W/\"y\"", Whole, RFC_IF_NONE_MATCH),
        ("empty elements", ", ,{etag} ,", NotModified, RFC_LIST),
        ("only a comma", ",", Whole, "Go fs_test.go TestServeContent if_none_match_malformed"),
        ("any between spaces", "  * \t", NotModified, "RFC 9110 5.5"),
        ("any in quotes", "\"*\"", Whole, RFC_TAG),
        ("a comma in a tag before it", "\"x,y\", {etag}", NotModified, RFC_TAG),
        ("a backslash in a tag before it", "\"x\\\", {etag}", NotModified, "RFC 9110 8.8.3 (no escapes)"),
        ("bytes beyond ASCII before it", "\"\u{e9}\u{ff}\", {etag}", NotModified, "RFC 9110 8.8.3 (obs-text)"),
        ("the empty tag before it", "\"\", {etag}", NotModified, RFC_TAG),
        ("inside another tag", "\"x,{opaque},y\"", Whole, RFC_TAG),
        ("with an ending", "\"{opaque}-gzip\"", Whole, "RFC 9110 8.8.3.3; Apache httpd mod_deflate tags"),
        ("a small w", "w/{etag}", Whole, "RFC 9110 8.8.3 (case-sensitive)"),
        ("a space after W/", "W/ {etag}", Whole, RFC_TAG),
        ("without quotes", "{opaque}", Whole, RFC_TAG),
        ("one quote", "\"{opaque}", Whole, RFC_TAG),
        ("nothing", "", Whole, RFC_TAG),
    ]);
}

#[test]
fn if_match() {
    Header(IF_MATCH).check(&[
        ("the tag", "{etag}", Whole, NGINX),
        ("its weak form", "W/{etag}", PreconditionFailed, NGINX),
        ("another", "\"foo\"", PreconditionFailed, NGINX),
        ("any", "*", Whole, NGINX),
        ("in a list", "\"foo\", \"bar\", \t{etag} , \"baz\"", Whole, NGINX),
        ("weak in a list", "\"x\", W/{etag}", PreconditionFailed, RFC_IF_MATCH),
        ("weak and strong", "W/{etag}, {etag}", Whole, RFC_IF_MATCH),
        ("empty elements", ",, {etag},", Whole, RFC_LIST),
        ("without quotes", "{opaque}", PreconditionFailed, RFC_TAG),
        ("one quote", "\"{opaque}", PreconditionFailed, RFC_TAG),
    ]);
}

#[test]
fn if_modified_since() {
    Header(IF_MODIFIED).check(&[
        ("same", SAME, NotModified, GO),
        ("newer", NEWER, NotModified, RFC_IF_MODIFIED),
        ("older", OLDER, Whole, RFC_IF_MODIFIED),
        ("same, RFC 850", SAME_RFC_850, NotModified, RFC_DATE),
        ("RFC 850, less than 50 years ahead", "Wednesday, 01-Jan-70 00:00:00 GMT", NotModified, RFC_DATE),
        ("same, asctime", SAME_ASCTIME, NotModified, RFC_DATE),
        ("older, asctime", "Sun Nov  6 08:49:36 1994", Whole, RFC_DATE),
        ("a leap second", "Sat, 31 Dec 2016 23:59:60 GMT", NotModified, RFC_DATE),
        ("a leap day", "Tue, 29 Feb 2000 00:00:00 GMT", NotModified, RFC_DATE),
        ("2^31", "Tue, 19 Jan 2038 03:14:08 GMT", NotModified, NGINX),
        ("beyond 32 bits", "Fri, 25 Feb 2174 09:42:23 GMT", NotModified, NGINX),
        ("the last second", "Fri, 31 Dec 9999 23:59:59 GMT", NotModified, RFC_IF_MODIFIED),
    ]);
}

/// Each would be the file's date or a later one if somebody made sense of it.
#[test]
fn what_is_no_date() {
    Header(IF_MODIFIED).check(&[
        ("nothing", "", Whole, NOT_A_DATE),
        ("a word", "never", Whole, NOT_A_DATE),
        ("no zone", "Sun, 06 Nov 1994 08:49:37", Whole, NOT_A_DATE),
        ("UTC", "Sun, 06 Nov 1994 08:49:37 UTC", Whole, NOT_A_DATE),
        ("a zone in numbers", "Sun, 06 Nov 1994 08:49:37 +0000", Whole, NOT_A_DATE),
        ("a small zone", "Sun, 06 Nov 1994 08:49:37 gmt", Whole, "RFC 9110 5.6.7 (case-sensitive)"),
        ("one digit", "Sun, 6 Nov 1994 08:49:37 GMT", Whole, NOT_A_DATE),
        ("five digits", "Fri, 31 Dec 10000 23:59:59 GMT", Whole, NOT_A_DATE),
        ("30 February", "Wed, 30 Feb 2000 00:00:00 GMT", Whole, NOT_A_DATE),
        ("hour 24", "Mon, 07 Nov 1994 24:00:00 GMT", Whole, NOT_A_DATE),
        ("RFC 850, short day", "Sun, 06-Nov-94 08:49:37 GMT", Whole, NOT_A_DATE),
        ("RFC 850, long year", "Sunday, 06-Nov-1994 08:49:37 GMT", Whole, NOT_A_DATE),
        ("asctime, one space", "Sun Nov 6 08:49:37 1994", Whole, NOT_A_DATE),
        ("in quotes", "\"Sun, 06 Nov 1994 08:49:37 GMT\"", Whole, NOT_A_DATE),
        ("with a length, as Netscape had it", "Sun, 06 Nov 1994 08:49:37 GMT; length=1000", Whole, NOT_A_DATE),
        ("two dates", "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", Whole, NOT_A_DATE),
        ("beyond ASCII", "Sun, 06 Nov 1994 08:49:37 GMT\u{a0}", Whole, NOT_A_DATE),
        ("mangled", "Fri, 16 Jul 2021 09:09:1626426577S GMT", Whole, WHITENOISE),
    ]);
}

#[test]
fn if_unmodified_since() {
    Header(IF_UNMODIFIED).check(&[
        ("same", SAME, Whole, GO),
        ("older", OLDER, PreconditionFailed, RFC_IF_UNMODIFIED),
        ("same, RFC 850", SAME_RFC_850, Whole, RFC_DATE),
        ("older, RFC 850", "Sunday, 06-Nov-94 08:49:36 GMT", PreconditionFailed, RFC_DATE),
        ("older, asctime", "Sun Nov  6 08:49:36 1994", PreconditionFailed, RFC_DATE),
        ("1970", "Thu, 01 Jan 1970 00:00:00 GMT", PreconditionFailed, RFC_IF_UNMODIFIED),
        ("before 1970", "Mon, 01 Jan 1900 00:00:00 GMT", PreconditionFailed, RFC_DATE),
        ("the last second", "Fri, 31 Dec 9999 23:59:59 GMT", Whole, RFC_IF_UNMODIFIED),
        ("older, no zone", "Sun, 06 Nov 1994 08:49:36", Whole, NOT_A_DATE),
        ("older, in a list", "Sun, 06 Nov 1994 08:49:36 GMT, x", Whole, "RFC 9110 13.1.4 (a list: ignored)"),
        ("a word", "never", Whole, NOT_A_DATE),
        ("nothing", "", Whole, NOT_A_DATE),
    ]);
}

#[test]
fn several_lines() {
    check(&[
        row("a tag in the second", &[(IF_NONE_MATCH, "\"x\""), (IF_NONE_MATCH, "{etag}")], NotModified, "RFC 9110 5.3"),
        row("the expected tag in the second", &[(IF_MATCH, "\"x\""), (IF_MATCH, "{etag}")], Whole, "RFC 9110 5.3"),
        row("two dates", &[(IF_MODIFIED, SAME), (IF_MODIFIED, SAME)], Whole, "RFC 9110 13.1.3 (more than one member)"),
        row("two older dates", &[(IF_UNMODIFIED, OLDER), (IF_UNMODIFIED, OLDER)], Whole, "RFC 9110 13.1.4 (a list)"),
        row("two tags for a range", &[HALF, (IF_RANGE, "{etag}"), (IF_RANGE, "{etag}")], Whole, RFC_IF_RANGE),
        row("a name in other letters", &[("iF-nOnE-mAtCh", "{etag}")], NotModified, "RFC 9110 5.1"),
    ]);
}

#[test]
fn several_conditions() {
    check(&[
        row("tag and date hold", &[(IF_NONE_MATCH, "{etag}"), (IF_MODIFIED, SAME)], NotModified, RFC_ORDER),
        row("the tag wins, not modified", &[(IF_NONE_MATCH, "{etag}"), (IF_MODIFIED, OLDER)], NotModified, NGINX_ERRS),
        row("the tag wins, modified", &[(IF_NONE_MATCH, "\"x\""), (IF_MODIFIED, NEWER)], Whole, WHITENOISE),
        row("a malformed tag wins", &[(IF_NONE_MATCH, "{opaque}"), (IF_MODIFIED, SAME)], Whole, RFC_IF_MODIFIED),
        row("the tag wins over no date", &[(IF_NONE_MATCH, "{etag}"), (IF_MODIFIED, "never")], NotModified, NGINX_ERRS),
        row("the expected tag wins", &[(IF_MATCH, "{etag}"), (IF_UNMODIFIED, OLDER)], Whole, NGINX_ERRS),
        row("any expected tag wins", &[(IF_UNMODIFIED, OLDER), (IF_MATCH, "*")], Whole, NGINX_ERRS),
        row("another tag wins", &[(IF_MATCH, "\"x\""), (IF_UNMODIFIED, SAME)], PreconditionFailed, RFC_ORDER),
        row("expected and known", &[(IF_MATCH, "{etag}"), (IF_NONE_MATCH, "{etag}")], NotModified, RFC_ORDER),
        row("not expected but known", &[(IF_NONE_MATCH, "{etag}"), (IF_MATCH, "\"x\"")], PreconditionFailed, RFC_ORDER),
        row("expected, date known", &[(IF_MATCH, "{etag}"), (IF_MODIFIED, SAME)], NotModified, RFC_ORDER),
        row("too new but known", &[(IF_UNMODIFIED, OLDER), (IF_NONE_MATCH, "{etag}")], PreconditionFailed, RFC_ORDER),
        row("too new, date known", &[(IF_MODIFIED, SAME), (IF_UNMODIFIED, OLDER)], PreconditionFailed, RFC_ORDER),
        row("old enough, date known", &[(IF_UNMODIFIED, SAME), (IF_MODIFIED, SAME)], NotModified, RFC_ORDER),
        row("If-Range without a range", &[(IF_RANGE, "\"x\"")], Whole, "RFC 9110 13.1.5 (no Range: ignored)"),
    ]);
}

#[test]
fn conditions_before_a_range() {
    check(&[
        row("known", &[HALF, (IF_NONE_MATCH, "{etag}")], NotModified, RFC_ORDER),
        row("date known", &[HALF, (IF_MODIFIED, SAME)], NotModified, RFC_ORDER),
        row("not known", &[HALF, (IF_NONE_MATCH, "\"x\"")], SECOND_HALF, RFC_ORDER),
        row("expected", &[HALF, (IF_MATCH, "{etag}")], SECOND_HALF, RFC_ORDER),
        row("not expected", &[HALF, (IF_MATCH, "\"x\"")], PreconditionFailed, RFC_ORDER),
        row("known, beyond the end", &[BEYOND, (IF_NONE_MATCH, "{etag}")], NotModified, "RFC 9110 14.2"),
        row("not expected, beyond the end", &[BEYOND, (IF_MATCH, "\"x\"")], PreconditionFailed, "RFC 9110 14.2"),
        row("expected, beyond the end", &[BEYOND, (IF_MATCH, "{etag}")], Unsatisfiable, "RFC 9110 14.2"),
        row("known, and its range", &[HALF, (IF_RANGE, "{etag}"), (IF_NONE_MATCH, "{etag}")], NotModified, RFC_ORDER),
        row("expected, another's range", &[HALF, (IF_RANGE, "\"x\""), (IF_MATCH, "{etag}")], Whole, RFC_ORDER),
    ]);
}

#[test]
fn if_range() {
    check(&[
        row("the tag", &[HALF, (IF_RANGE, "{etag}")], SECOND_HALF, GO),
        row("its weak form", &[HALF, (IF_RANGE, "W/{etag}")], Whole, GO),
        row("another", &[HALF, (IF_RANGE, "\"x\"")], Whole, GO),
        row("the date", &[HALF, (IF_RANGE, SAME)], SECOND_HALF, GO),
        row("the date, RFC 850", &[HALF, (IF_RANGE, SAME_RFC_850)], SECOND_HALF, RFC_DATE),
        row("the date, asctime", &[HALF, (IF_RANGE, SAME_ASCTIME)], SECOND_HALF, RFC_DATE),
        row("an older date", &[HALF, (IF_RANGE, OLDER)], Whole, "RFC 9110 13.1.5 (exact match)"),
        row("no date", &[HALF, (IF_RANGE, "never")], Whole, RFC_IF_RANGE),
        row("nothing", &[HALF, (IF_RANGE, "")], Whole, RFC_IF_RANGE),
        row("any", &[HALF, (IF_RANGE, "*")], Whole, "RFC 9110 13.1.5 (no such form)"),
        row("without quotes", &[HALF, (IF_RANGE, "{opaque}")], Whole, RFC_IF_RANGE),
        row("one quote", &[HALF, (IF_RANGE, "\"{opaque}")], Whole, RFC_IF_RANGE),
        row("a list", &[HALF, (IF_RANGE, "{etag}, \"x\"")], Whole, "RFC 9110 13.1.5 (one tag, no list)"),
        row("a comma before", &[HALF, (IF_RANGE, ", {etag}")], Whole, "RFC 9110 13.1.5 (one tag, no list)"),
        row("more after the tag", &[HALF, (IF_RANGE, "{etag}x\"")], Whole, "RFC 9110 13.1.5 (one tag, no list)"),
        row("several ranges", &[ENDS, (IF_RANGE, "{etag}")], BOTH_ENDS, RFC_IF_RANGE),
        row("another's several ranges", &[ENDS, (IF_RANGE, "\"x\"")], Whole, RFC_IF_RANGE),
        row("beyond the end", &[BEYOND, (IF_RANGE, "{etag}")], Unsatisfiable, "Go TestServeContent range_no_overlap"),
        row("another's, beyond the end", &[BEYOND, (IF_RANGE, "\"x\"")], Whole, RFC_IF_RANGE),
        row("up to 2^63 - 1", &[(RANGE, "bytes=500-9223372036854775807"), (IF_RANGE, "{etag}")], SECOND_HALF, NGINX_63),
        row("up to 2^63", &[(RANGE, "bytes=500-9223372036854775808"), (IF_RANGE, "{etag}")], SECOND_HALF, NGINX_63),
        row("up to 2^64", &[(RANGE, "bytes=500-18446744073709551616"), (IF_RANGE, SAME)], SECOND_HALF, NGINX_63),
    ]);
}

/// Where there is no file to compare with, conditions tell nothing about it.
#[test]
fn conditions_on_what_is_not_served() {
    let library = Library::new();
    let row = |name, target, header, value, status| (name, target, [(header, value)], status);
    run(
        &[
            row("missing, known", "/play/none.mp3", IF_NONE_MATCH, "*", 404),
            row("missing, expected", "/play/none.mp3", IF_MATCH, "*", 404),
            row("missing, another expected", "/play/none.mp3", IF_MATCH, "\"foo\"", 404),
            row("missing, date known", "/play/none.mp3", IF_MODIFIED, NEWER, 404),
            row("missing, too new", "/play/none.mp3", IF_UNMODIFIED, OLDER, 404),
            row("a folder", "/play/", IF_NONE_MATCH, "*", 404),
            row("outside", "/play/../none.mp3", IF_NONE_MATCH, "*", 403),
            row("malformed", "/play/%zz", IF_MATCH, "\"foo\"", 400),
            row("unknown quality", "/play/a.mp3?quality=x", IF_NONE_MATCH, "{etag}", 400),
        ],
        |row| (row.0, "RFC 9110 13.2.1 (ignored unless 2xx or 412)"),
        |(_, target, headers, status), findings| library.ask(findings, target, headers, Refused(*status)),
    );
}

/// A way in which the file becomes another.
struct Change {
    name: &'static str,
    change: fn(&Path),
}

const fn change(name: &'static str, change: fn(&Path)) -> Change {
    Change { name, change }
}

fn write(path: &Path, bytes: &[u8], nanoseconds: u32) {
    fs::write(path, bytes).unwrap();
    set_modified(path, SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, nanoseconds));
}

#[test]
fn a_changed_file_is_told_from_what_it_was() {
    let server = TestServer::start();
    run(
        &[
            change("written again within the second", |path| write(path, &[1; 1000], 1)),
            change("one byte longer, same time", |path| write(path, &[1; 1001], 0)),
            change("another file, same length and time", |path| {
                let beside = path.with_extension("new");
                write(&beside, &[1; 1000], 0);
                fs::rename(beside, path).unwrap();
            }),
        ],
        |row| (row.name, RFC_STRONG),
        |row, findings| {
            let path = server.put("a.mp3", &[]);
            write(&path, &sound(1000), 0);
            let old = tag(&server);
            (row.change)(&path);
            let bytes = fs::read(&path).unwrap();
            let file = Served::mp3(&bytes);
            ask(findings, &server, "/play/a.mp3", &[(IF_NONE_MATCH, &old)], &file, Whole);
            ask(findings, &server, "/play/a.mp3", &[(IF_MATCH, &old)], &file, PreconditionFailed);
            ask(findings, &server, "/play/a.mp3", &[HALF, (IF_RANGE, &old)], &file, Whole);
        },
    );
}

#[test]
fn a_file_from_another_time() {
    let server = TestServer::start();
    let bytes = sound(1000);
    let file = Served::mp3(&bytes);
    let epoch = SystemTime::UNIX_EPOCH;
    run(
        &[("1969", -1_i64), ("2100", 4_102_444_800), ("2400", 13_569_465_600), ("10000", 253_402_300_800)],
        |row| (row.0, RFC_CLOCK),
        |(_, seconds), findings| {
            let path = server.put("a.mp3", &bytes);
            let since = Duration::from_secs(seconds.unsigned_abs());
            set_modified(&path, if *seconds < 0 { epoch - since } else { epoch + since });
            ask(findings, &server, "/play/a.mp3", &[], &file, Whole);
            let reply = server.request("HEAD", "/play/a.mp3", &[]);
            let date = |name| httpdate::parse_http_date(reply.header(name).unwrap_or_default()).ok();
            findings.holds("Last-Modified is not later than Date", date("last-modified") <= date("date"));
            // Such a date says when it was asked for, not which state of the file it was.
            if *seconds > 0 {
                let date = reply.header("last-modified").unwrap_or_default();
                ask(findings, &server, "/play/a.mp3", &[HALF, (IF_RANGE, date)], &file, Whole);
            }
        },
    );
}
