//! `Range`: every form of it, against files of every interesting length.
//! Each row is asked with GET and with HEAD, which gets the same headers (see `server::media::respond`).

use super::Want::{Part, Parts, Unsatisfiable, Whole};
use super::{Served, Want, ask, run};
use crate::harness::{TestServer, sound};

const RFC_UNIT: &str = "RFC 9110 14.1";
const RFC_INVALID: &str = "RFC 9110 14.1.1, 14.2 (may be ignored), contract: ignored, 200";
const RFC_BYTES: &str = "RFC 9110 14.1.2";
const RFC_RANGE: &str = "RFC 9110 14.2";
const RFC_MULTIPART: &str = "RFC 9110 15.3.7.2";
const RFC_416: &str = "RFC 9110 15.5.17, contract: 416 with bytes */size";
const RFC_LIST: &str = "RFC 9110 5.6.1.2 (empty elements)";
const CAP: &str = "contract: a cap on number and overlap, RFC 9110 14.2";
const GO: &str = "Go range_test.go ParseRangeTests";
const GO_FILE: &str = "Go fs_test.go ServeFileRangeTests";
const NGINX: &str = "nginx-tests range.t";
const HTTPD_4: &str = "Apache httpd t/apache/byterange4.t";
const HTTPD_6: &str = "Apache httpd t/apache/byterange6.t";
const HTTPD_7: &str = "Apache httpd t/apache/byterange7.t";
const SAFARI: &str = "browser facts: Safari probes bytes=0-1";
const CHROMIUM: &str = "browser facts: Chromium begins with bytes=0- and seeks with bytes=N-";

struct Row {
    name: &'static str,
    /// The length of the file asked for.
    size: usize,
    /// The value of the header; `{huge}` stands for three hundred nines.
    range: &'static str,
    want: Want,
    source: &'static str,
}

const fn row(name: &'static str, size: usize, range: &'static str, want: Want, source: &'static str) -> Row {
    Row { name, size, range, want, source }
}

fn check(table: &[Row]) {
    let server = TestServer::start();
    for row in table {
        server.put(&format!("{}.mp3", row.size), &sound(row.size));
    }
    run(
        table,
        |row| (row.name, row.source),
        |row, findings| {
            let range = row.range.replace("{huge}", &"9".repeat(300));
            let target = format!("/play/{}.mp3", row.size);
            ask(findings, &server, &target, &[("Range", &range)], &Served::mp3(&sound(row.size)), row.want);
        },
    );
}

#[test]
fn one_range() {
    check(&[
        row("first five", 11, "bytes=0-4", Part(0, 4), GO_FILE),
        row("from the third on", 11, "bytes=2-", Part(2, 10), GO_FILE),
        row("last five", 11, "bytes=-5", Part(6, 10), GO_FILE),
        row("in the middle", 11, "bytes=3-7", Part(3, 7), GO_FILE),
        row("end clamped", 11, "bytes=5-1000", Part(5, 10), GO_FILE),
        row("all but the last", 11, "bytes=0-9", Part(0, 9), GO_FILE),
        row("exactly all", 11, "bytes=0-10", Part(0, 10), GO_FILE),
        row("one more than all", 11, "bytes=0-11", Part(0, 10), GO_FILE),
        row("last one and one more", 11, "bytes=10-11", Part(10, 10), GO_FILE),
        row("last one, open", 11, "bytes=10-", Part(10, 10), GO_FILE),
        row("beyond the end, open", 11, "bytes=11-", Unsatisfiable, GO_FILE),
        row("beyond the end", 11, "bytes=11-12", Unsatisfiable, GO_FILE),
        row("further beyond the end", 11, "bytes=12-12", Unsatisfiable, GO_FILE),
        row("far beyond the end, open", 11, "bytes=100-", Unsatisfiable, GO_FILE),
        row("far beyond the end", 11, "bytes=100-1000", Unsatisfiable, GO_FILE),
        row("suffix longer than the file", 10, "bytes=-15", Part(0, 9), GO),
        row("suffix as long as the file", 10, "bytes=-10", Part(0, 9), RFC_BYTES),
        row("suffix of one", 10, "bytes=-1", Part(9, 9), RFC_BYTES),
        row("suffix of none", 10, "bytes=-0", Unsatisfiable, RFC_BYTES),
        row("suffix of none, many zeros", 10, "bytes=-000", Unsatisfiable, RFC_BYTES),
        row("first 500 of 10000", 10_000, "bytes=0-499", Part(0, 499), RFC_BYTES),
        row("second 500 of 10000", 10_000, "bytes=500-999", Part(500, 999), RFC_BYTES),
        row("last 500 of 10000", 10_000, "bytes=-500", Part(9500, 9999), RFC_BYTES),
        row("last 500 of 10000, open", 10_000, "bytes=9500-", Part(9500, 9999), RFC_BYTES),
        row("final ten", 1000, "bytes=-10", Part(990, 999), NGINX),
        row("more than the length", 1000, "bytes=990-1990", Part(990, 999), NGINX),
        row("too big a first position", 1000, "bytes=100000-", Unsatisfiable, NGINX),
        row("leading zeros", 10, "bytes=0000000000000000000000001-0000000000000000000000003", Part(1, 3), RFC_BYTES),
        row("Safari's probe", 10_000, "bytes=0-1", Part(0, 1), SAFARI),
        row("Safari's probe of one byte", 1, "bytes=0-1", Part(0, 0), SAFARI),
        row("Chromium's first request", 10_000, "bytes=0-", Part(0, 9999), CHROMIUM),
        row("Chromium's seek", 10_000, "bytes=6543-", Part(6543, 9999), CHROMIUM),
        row("one byte of one", 1, "bytes=0-0", Part(0, 0), RFC_BYTES),
        row("suffix of one byte", 1, "bytes=-1", Part(0, 0), RFC_BYTES),
        row("long suffix of one byte", 1, "bytes=-2", Part(0, 0), RFC_BYTES),
        row("after one byte", 1, "bytes=1-", Unsatisfiable, RFC_416),
        row("empty file, open", 0, "bytes=0-", Unsatisfiable, RFC_416),
        row("empty file, first byte", 0, "bytes=0-0", Unsatisfiable, RFC_416),
        row("empty file, Safari's probe", 0, "bytes=0-1", Unsatisfiable, RFC_416),
        row("empty file, suffix", 0, "bytes=-5", Whole, "RFC 9110 14.1.2 (a suffix of zero length is satisfiable)"),
        row("empty file, suffix beside another", 0, "bytes=7-,-5", Whole, RFC_BYTES),
        row("empty file, suffix of none", 0, "bytes=-0", Unsatisfiable, RFC_BYTES),
        row("empty file, malformed", 0, "bytes=", Whole, RFC_INVALID),
        row("up to a buffer's end", 700_000, "bytes=0-262143", Part(0, 262_143), HTTPD_4),
        row("over a buffer's end", 700_000, "bytes=262143-262144", Part(262_143, 262_144), HTTPD_4),
        row("from a buffer's end", 700_000, "bytes=262144-524288", Part(262_144, 524_288), HTTPD_4),
        row("over three buffers", 700_000, "bytes=1-699998", Part(1, 699_998), HTTPD_4),
    ]);
}

#[test]
fn numbers_of_any_size() {
    check(&[
        row("last is 2^63 - 1", 10, "bytes=5-9223372036854775807", Part(5, 9), RFC_BYTES),
        row("last is 2^63", 10, "bytes=5-9223372036854775808", Part(5, 9), RFC_BYTES),
        row("last is 2^64 - 1", 10, "bytes=0-18446744073709551615", Part(0, 9), RFC_BYTES),
        row("last is 2^64", 10, "bytes=0-18446744073709551616", Part(0, 9), RFC_BYTES),
        row("last has 300 digits", 10, "bytes=5-{huge}", Part(5, 9), RFC_BYTES),
        row("suffix of 2^63", 10, "bytes=-9223372036854775808", Part(0, 9), RFC_BYTES),
        row("suffix of 2^64", 10, "bytes=-18446744073709551616", Part(0, 9), RFC_BYTES),
        row("suffix of 300 digits", 10, "bytes=-{huge}", Part(0, 9), RFC_BYTES),
        row("first is 2^63", 10, "bytes=9223372036854775808-", Unsatisfiable, RFC_416),
        row("first is 2^64 - 1", 10, "bytes=18446744073709551615-", Unsatisfiable, RFC_416),
        row("first is 2^64", 10, "bytes=18446744073709551616-", Unsatisfiable, RFC_416),
        row("first has 300 digits", 10, "bytes={huge}-", Unsatisfiable, RFC_416),
        row("both have 300 digits", 10, "bytes={huge}-{huge}", Unsatisfiable, RFC_416),
        row("beyond u64, in order", 10, "bytes=18446744073709551616-18446744073709551617", Unsatisfiable, RFC_416),
        row("beyond u64, turned round", 10, "bytes=18446744073709551617-18446744073709551616", Whole, RFC_INVALID),
        row("300 digits, turned round", 10, "bytes=1{huge}-{huge}", Whole, RFC_INVALID),
        row("sums that overflow", 1000, "bytes=-1000,-9223372036854775000", Whole, "nginx CVE-2017-7529"),
        row("lengths that overflow", 1000, "bytes=0-18446744073709551615,1-{huge}", Whole, "nginx CVE-2017-7529"),
    ]);
}

#[test]
fn several_ranges() {
    check(&[
        row("first and last two", 11, "bytes=0-0,-2", Parts(&[(0, 0), (9, 10)]), GO_FILE),
        row("two in the middle", 11, "bytes=0-1,5-8", Parts(&[(0, 1), (5, 8)]), GO_FILE),
        row("the second open", 11, "bytes=0-1,5-", Parts(&[(0, 1), (5, 10)]), GO_FILE),
        row("suffix before open", 11, "bytes=-2 , 7-8", Parts(&[(9, 10), (7, 8)]), GO),
        row("three of three kinds", 11, "bytes=0-0 ,2-2, 7-", Parts(&[(0, 0), (2, 2), (7, 10)]), GO),
        row("first and last byte", 10_000, "bytes=0-0,-1", Parts(&[(0, 0), (9999, 9999)]), RFC_BYTES),
        row("neighbours", 10_000, "bytes=500-600,601-999", Parts(&[(500, 600), (601, 999)]), RFC_BYTES),
        row("overlapping", 10_000, "bytes=500-700,601-999", Parts(&[(500, 700), (601, 999)]), RFC_BYTES),
        row("with a suffix between", 1000, "bytes=0-9, -10, 10-19", Parts(&[(0, 9), (990, 999), (10, 19)]), NGINX),
        row("one too big among them", 1000, "bytes=0-9,-10,9999-", Parts(&[(0, 9), (990, 999)]), NGINX),
        row("the last one first", 10, "bytes=7-,0-1", Parts(&[(7, 9), (0, 1)]), "contract: in the order asked for"),
        row("both halves", 10, "bytes=0-4,5-9", Parts(&[(0, 4), (5, 9)]), RFC_MULTIPART),
        row("both halves, turned round", 10, "bytes=5-9,0-4", Parts(&[(5, 9), (0, 4)]), RFC_MULTIPART),
        row("clamped among others", 10, "bytes=0-1,8-{huge}", Parts(&[(0, 1), (8, 9)]), RFC_BYTES),
        row("two overlap, a third does not", 8000, "bytes=0-100,70-100,1000-1001", OVERLAP, HTTPD_6),
        row("the same twice", 8000, "bytes=1-10,1-10,99-99", Parts(&[(1, 10), (1, 10), (99, 99)]), HTTPD_6),
        row("overlap from below", 8000, "bytes=10-20,1-11,99-99", Parts(&[(10, 20), (1, 11), (99, 99)]), HTTPD_6),
        row("a long suffix not needed", 8000, "bytes=0-1,-1", Parts(&[(0, 1), (7999, 7999)]), HTTPD_6),
        row("two satisfiable of four", 40_000, "bytes=99999-,5-6,40000-,9-9", Parts(&[(5, 6), (9, 9)]), HTTPD_7),
        row("one satisfiable, the second", 40_000, "bytes=100000-110000,1000-2000", Part(1000, 2000), HTTPD_7),
        row("one satisfiable, the first", 10, "bytes=0-5,15-", Part(0, 5), RFC_MULTIPART),
        row("one satisfiable beside no suffix", 10, "bytes=-0,3-4", Part(3, 4), RFC_MULTIPART),
        row("none satisfiable", 40_000, "bytes=100000-110000,200000-", Unsatisfiable, HTTPD_7),
        row("one range in a list of one", 10, "bytes=3-4,", Part(3, 4), RFC_LIST),
        row("empty elements", 10, "bytes=,,3-4, ,8-8,", Parts(&[(3, 4), (8, 8)]), RFC_LIST),
        row("spaces as Apache has them", 11, "bytes=   1 -2   ,  4- 5, 7 - 8 , ,,", LAX, "Go ParseRangeTests (Apache)"),
        row("a tab after the comma", 10, "bytes=0-1,\t3-4", Parts(&[(0, 1), (3, 4)]), "RFC 9110 5.6.3"),
        row("large parts", 700_000, "bytes=0-299999,-300000", Parts(&[(0, 299_999), (400_000, 699_999)]), HTTPD_4),
        row("more than the whole", 10, "bytes=0-9,0-0", Whole, CAP),
        row("more than the whole by clamping", 1000, "bytes=0-10001, 0-0", Whole, NGINX),
        row("wasteful", 11, "bytes=0-,1-,2-,3-,4-", Whole, GO_FILE),
        row("three overlap a fourth", 10_000, "bytes=0-99,50-60,55-65,58-70", Whole, CAP),
        row("one byte twice", 1, "bytes=0-0,-1", Whole, CAP),
        row("Apache's killer", 1000, "bytes=0-,5-0,5-1,5-2,5-3,5-4", Whole, "Apache httpd CVE-2011-3192"),
    ]);
}

const OVERLAP: Want = Parts(&[(0, 100), (70, 100), (1000, 1001)]);
const LAX: Want = Parts(&[(1, 2), (4, 5), (7, 8)]);

#[test]
fn what_is_no_range() {
    check(&[
        row("nothing", 1000, "", Whole, GO),
        row("a word", 10, "foo", Whole, GO),
        row("no set", 10, "bytes=", Whole, GO),
        row("a number alone", 10, "bytes=7", Whole, GO),
        row("a number between spaces", 10, "bytes= 7 ", Whole, GO),
        row("turned round", 10, "bytes=5-4", Whole, GO),
        row("the second turned round", 10, "bytes=0-2,5-4", Whole, GO),
        row("both fit but one is turned round", 10, "bytes=2-5,4-3", Whole, GO),
        row("too many dashes", 10, "bytes=--5,4--3", Whole, GO),
        row("a letter", 10, "bytes=A-", Whole, GO),
        row("a letter and a space", 10, "bytes=A- ", Whole, GO),
        row("letters", 10, "bytes=A-Z", Whole, GO),
        row("a letter as suffix", 10, "bytes= -Z", Whole, GO),
        row("a letter as last", 10, "bytes=5-Z", Whole, GO),
        row("garbage", 10, "bytes=Ran-dom, garbage", Whole, GO),
        row("hexadecimal", 10, "bytes=0x01-0x02", Whole, GO),
        row("spaces", 10, "bytes=         ", Whole, GO),
        row("commas", 10, "bytes= , , ,   ", Whole, GO),
        row("no comma", 1000, "bytes=10-11 12-", Whole, NGINX),
        row("no hyphen", 1000, "bytes=10", Whole, NGINX),
        row("a word as last", 1000, "bytes=10-alpha", Whole, NGINX),
        row("a comma without unit", 40_000, ",", Whole, HTTPD_7),
        row("a range without unit", 40_000, "1-4,x", Whole, HTTPD_7),
        row("a good one and a word", 40_000, "bytes=1-4,x", Whole, HTTPD_7),
        row("beyond the end and turned round", 40_000, "bytes=100000-110000,5-2", Whole, HTTPD_7),
        row("a dash alone", 10, "bytes=-", Whole, RFC_INVALID),
        row("three numbers", 10, "bytes=0-1-2", Whole, RFC_INVALID),
        row("a sign", 10, "bytes=+1-2", Whole, RFC_INVALID),
        row("a fraction", 10, "bytes=1.0-2.0", Whole, RFC_INVALID),
        row("a digit of another script", 10, "bytes=\u{b2}-5", Whole, RFC_INVALID),
        row("an equals sign too many", 10, "bytes==0-4", Whole, RFC_INVALID),
        row("a colon", 10, "bytes: 0-4", Whole, RFC_INVALID),
        row("a space for the equals sign", 10, "bytes 0-4", Whole, RFC_INVALID),
        row("a parameter", 10, "bytes=0-4;q=1", Whole, RFC_INVALID),
        row("a number with a space in it", 10, "bytes=1 2-3", Whole, RFC_INVALID),
        row("as in an answer", 10, "bytes 0-4/10", Whole, RFC_INVALID),
        row("capital unit", 10, "Bytes=0-4", Part(0, 4), RFC_UNIT),
        row("shouted unit", 10, "BYTES=-3", Part(7, 9), RFC_UNIT),
        row("another unit", 10, "items=0-4", Whole, RFC_RANGE),
        row("seconds", 10, "seconds=0-4", Whole, RFC_RANGE),
        row("the unit none", 10, "none=0-4", Whole, RFC_RANGE),
        row("a unit that begins alike", 10, "bytess=0-4", Whole, RFC_RANGE),
        row("no unit", 10, "=0-4", Whole, RFC_RANGE),
    ]);
}

/// A row with a request of its own shape.
struct Lines {
    name: &'static str,
    headers: &'static [(&'static str, &'static str)],
    want: Want,
    source: &'static str,
}

const fn lines(
    name: &'static str,
    headers: &'static [(&'static str, &'static str)],
    want: Want,
    source: &'static str,
) -> Lines {
    Lines { name, headers, want, source }
}

#[test]
fn the_header_itself() {
    let server = TestServer::start();
    let bytes = sound(10);
    server.put("a.mp3", &bytes);
    run(
        &[
            lines("no Range", &[], Whole, "RFC 9110 15.3.1"),
            lines("two lines", &[("Range", "bytes=0-1"), ("Range", "bytes=5-6")], Whole, "RFC 9110 5.3, contract: 200"),
            lines("the same line twice", &[("Range", "bytes=0-1"), ("Range", "bytes=0-1")], Whole, "RFC 9110 5.3"),
            lines("a name in other letters", &[("rAnGe", "bytes=0-1")], Part(0, 1), "RFC 9110 5.1"),
            lines("spaces around the value", &[("Range", "  bytes=0-1 \t ")], Part(0, 1), "RFC 9110 5.5"),
            lines("the old name", &[("Request-Range", "bytes=0-1")], Whole, "RFC 9110 14.2 (no such header)"),
            lines("Content-Range in a request", &[("Content-Range", "bytes 0-1/10")], Whole, "RFC 9110 14.5"),
            lines("compression wanted", &[("Range", "bytes=1-2"), ("Accept-Encoding", "br, gzip")], Part(1, 2), {
                "RFC 9110 14.2 (ranges are of the representation sent), seed 002 Content-Length"
            }),
        ],
        |row| (row.name, row.source),
        |row, findings| ask(findings, &server, "/play/a.mp3", row.headers, &Served::mp3(&bytes), row.want),
    );
}

/// So many ranges of two bytes each, a hundred bytes apart.
struct Count {
    name: &'static str,
    ranges: u64,
    want: bool,
    source: &'static str,
}

#[test]
fn as_many_ranges_as_are_worth_it() {
    let server = TestServer::start();
    let bytes = sound(200_000);
    server.put("a.mp3", &bytes);
    let count = |name, ranges, want, source| Count { name, ranges, want, source };
    run(
        &[
            count("two", 2, true, HTTPD_7),
            count("ten", 10, true, HTTPD_7),
            count("fifty", 50, true, HTTPD_7),
            count("the most", 64, true, CAP),
            count("one too many", 65, false, CAP),
            count("a thousand", 1000, false, CAP),
        ],
        |row| (row.name, row.source),
        |row, findings| {
            let parts: Vec<_> = (0..row.ranges).map(|n| (n * 100, n * 100 + 1)).collect();
            let range = parts.iter().map(|(first, last)| format!("{first}-{last}")).collect::<Vec<_>>().join(",");
            // A table outlives its test; these rows are made by it.
            let want = if row.want { Parts(parts.leak()) } else { Whole };
            let headers = [("Range", format!("bytes={range}"))];
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            ask(findings, &server, "/play/a.mp3", &headers, &Served::mp3(&bytes), want);
        },
    );
}
