//! From the address to the file: names, escapes, folders, links, the query, and what is refused on the way.
//! Every answer here is about a whole file; parts and conditions are in the other tables.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::process::Command;

use percent_encoding::percent_decode_str;

use super::Want::{Refused, Whole};
use super::{Findings, Served, Want, ask, run};
use crate::harness::TestServer;

const RFC_ESCAPE: &str = "RFC 3986 2.1";
const RFC_ONCE: &str = "RFC 3986 2.4 (decoded once)";
const RFC_DOTS: &str = "RFC 3986 5.2.4";
const SEED_INSIDE: &str = "seed 001 _resolve_and_validate_path: what resolves to the inside is served";
const SEED_OUTSIDE: &str = "seed 001 _resolve_and_validate_path: resolved first, outside 403";
const SEED_BLOCKED: &str = "seed 002 Path Validation (blocks ../), DESIGN 3: outside 403";
const SEED_TYPES: &str = "seed 002 MIME_TYPES";
const SEED_FALLBACK: &str = "seed 002 MIME Type Resolution (falls back to audio/mpeg)";
const SEED_NAME: &str = "seed 002 Filename Encoding, RFC 8187 3.2";
const EXACT: &str = "DESIGN 3: a file by its exact path";
const FOLDER: &str = "DESIGN 3: a directory 404";
const MISSING: &str = "DESIGN 3: not there 404";
const LINK_OUT: &str = "DESIGN 3: a symlink that leaves the root counts as outside";
const NO_FILE: &str = "seed 001: only files are streamed; Apache httpd answers no pipe, socket or device either";
const QUALITY: &str = "DESIGN 3: an unknown quality 400 with valid_qualities";
const AS_IT_IS: &str = "DESIGN 3: mp3 is served as it is";
const GO_DOTS: &str = "Go fs_test.go TestServeFile_DotDot";
const NGINX: &str = "nginx-tests http_uri.t";

/// A path, and the file that it means. In both, `{long}` stands for a name as long as a disk takes, without
/// its ending, `{deep}` for a hundred folders, `{path}` for more than a system takes; in the file, `{ff}`
/// stands for a byte that is no UTF-8.
struct Row {
    name: &'static str,
    target: &'static str,
    file: Option<&'static str>,
    want: Want,
    source: &'static str,
}

const fn file(name: &'static str, target: &'static str, file: &'static str, source: &'static str) -> Row {
    Row { name, target, file: Some(file), want: Whole, source }
}

const fn refused(name: &'static str, target: &'static str, status: u16, source: &'static str) -> Row {
    Row { name, target, file: None, want: Refused(status), source }
}

fn filled(text: &str) -> String {
    let text = text.replace("{long}", &"x".repeat(251)).replace("{deep}", &"d/".repeat(100));
    text.replace("{path}", &"d/".repeat(2500))
}

fn file_name(file: &str) -> Vec<u8> {
    filled(file).split("{ff}").map(str::as_bytes).collect::<Vec<_>>().join(&0xff_u8)
}

/// Every file has its own sound, but for the one without any. What has no ending of audio has content that is.
fn content(file: &str) -> Vec<u8> {
    let magic = if audio::format::has_audio_ending(std::path::Path::new(file)) { "" } else { "fLaC" };
    if file == "empty.mp3" { Vec::new() } else { format!("{magic}the sound of {file}").into_bytes() }
}

fn place(server: &TestServer, file: &str) {
    let path = server.music().join(OsStr::from_bytes(&file_name(file)));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content(file)).unwrap();
}

/// A library with a few files, and a secret beside it.
fn library() -> TestServer {
    let server = TestServer::start();
    for file in ["a.mp3", "a b.mp3", "album/a.mp3", "folder.mp3/a.mp3", "../secret.mp3", "../outside/secret.mp3"] {
        place(&server, file);
    }
    server
}

fn check(table: &[Row]) {
    check_on(&library(), table);
}

/// The files of the rows are put in place first.
fn check_on(server: &TestServer, table: &[Row]) {
    for file in table.iter().filter_map(|row| row.file) {
        place(server, file);
    }
    run(
        table,
        |row| (row.name, row.source),
        |row, findings| {
            let bytes = row.file.map(content).unwrap_or_default();
            ask(findings, server, &filled(row.target), &[], &Served::mp3(&bytes), row.want);
        },
    );
}

#[test]
fn names() {
    check(&[
        file("plain", "/play/a.mp3", "a.mp3", EXACT),
        file("empty", "/play/empty.mp3", "empty.mp3", "RFC 9110 8.6 (Content-Length: 0)"),
        file("in folders", "/play/artist/album/track.mp3", "artist/album/track.mp3", EXACT),
        file("a space", "/play/Artist/01%20-%20Song.mp3", "Artist/01 - Song.mp3", "seed 002 Route Definitions"),
        file("a plus", "/play/a+b.mp3", "a+b.mp3", "RFC 3986 2.2 (a plus is itself)"),
        file("a plus, encoded", "/play/a%2Bb.mp3", "a+b.mp3", RFC_ESCAPE),
        file("a composed umlaut", "/play/Gr%C3%BCn.mp3", "Gr\u{fc}n.mp3", "Unicode UAX 15 (NFC)"),
        file("a decomposed umlaut", "/play/Gru%CC%88n.mp3", "Gru\u{308}n.mp3", "Unicode UAX 15 (NFD)"),
        file("small hexadecimal", "/play/gr%c3%bcn.mp3", "gr\u{fc}n.mp3", "RFC 3986 6.2.2.1"),
        file("not encoded", "/play/Grün.mp3", "Gr\u{fc}n.mp3", "curl sends it as it was typed"),
        file("CJK", "/play/%E5%A4%9C.mp3", "夜.mp3", "tower-http access_cjk_percent_encoded_uri_path"),
        file("an emoji", "/play/%F0%9F%8C%BB.mp3", "🌻.mp3", RFC_ESCAPE),
        file("everything encoded", "/play/%61%2E%6d%70%33", "a.mp3", "RFC 3986 6.2.2.2"),
        file("a slash, encoded", "/play/artist%2Falbum%2Ftrack.mp3", "artist/album/track.mp3", SEED_INSIDE),
        file("no UTF-8", "/play/%FF.mp3", "{ff}.mp3", "POSIX Filename: any byte but NUL and slash"),
        file("a percent sign", "/play/100%25.mp3", "100%.mp3", RFC_ESCAPE),
        file("an escape as a name", "/play/%2541.mp3", "%41.mp3", RFC_ONCE),
        file("a question mark", "/play/why%3F.mp3", "why?.mp3", RFC_ESCAPE),
        file("quotes", "/play/%22it's%22.mp3", "\"it's\".mp3", RFC_ESCAPE),
        file("a backslash", "/play/AC%5CDC.mp3", "AC\\DC.mp3", "POSIX Filename"),
        file("a line break", "/play/a%0Ab.mp3", "a\nb.mp3", "POSIX Filename"),
        file("signs of the query", "/play/a&b=c;d,e:f@g!$.mp3", "a&b=c;d,e:f@g!$.mp3", "RFC 3986 3.3 (pchar)"),
        file("dots at the end", "/play/a..", "a..", GO_DOTS),
        file("a scheme", "/play/http:/x.mp3", "http:/x.mp3", "RFC 3986 3.3"),
        file("a tilde", "/play/~/x.mp3", "~/x.mp3", "RFC 3986 2.3"),
        file("the longest name", "/play/{long}.mp3", "{long}.mp3", "POSIX NAME_MAX"),
        file("a hundred folders", "/play/{deep}a.mp3", "{deep}a.mp3", "POSIX PATH_MAX"),
        file("a dot", "/play/./a.mp3", "a.mp3", RFC_DOTS),
        file("two slashes within", "/play/album//a.mp3", "album/a.mp3", "POSIX Pathname Resolution"),
        file("there and back", "/play/artist/../a.mp3", "a.mp3", SEED_INSIDE),
        file("there and back, encoded", "/play/artist/%2e%2E/a.mp3", "a.mp3", SEED_INSIDE),
    ]);
}

#[test]
fn what_is_not_there() {
    check(&[
        refused("nothing of the name", "/play/none.mp3", 404, MISSING),
        refused("a plus for a space", "/play/a+b.mp3", 404, "RFC 3986 2.2 (a plus is itself)"),
        refused("a question mark, encoded", "/play/a.mp3%3Fquality=low", 404, RFC_ESCAPE),
        refused("encoded twice", "/play/%2561.mp3", 404, RFC_ONCE),
        refused("a space after it", "/play/a.mp3%20", 404, EXACT),
        refused("a dot after it", "/play/a.mp3.", 404, EXACT),
        refused("too long a name", "/play/{long}x.mp3", 404, "POSIX NAME_MAX"),
        refused("too long a path", "/play/{path}a.mp3", 404, "POSIX PATH_MAX"),
        refused("no path", "/play", 404, FOLDER),
        refused("the root", "/play/", 404, FOLDER),
        refused("the root, there and back", "/play/album/..", 404, FOLDER),
        refused("a folder", "/play/album", 404, FOLDER),
        refused("a folder and a slash", "/play/album/", 404, FOLDER),
        refused("a folder with an ending", "/play/folder.mp3", 404, FOLDER),
        refused("a file and a slash", "/play/a.mp3/", 404, "POSIX Pathname Resolution (asks for a folder)"),
        refused("a file and a slash, encoded", "/play/a.mp3%2F", 404, "POSIX Pathname Resolution"),
        refused("a file and a dot", "/play/a.mp3/.", 404, "POSIX Pathname Resolution"),
        refused("a file as a folder", "/play/a.mp3/b.mp3", 404, "tower-http not_found_when_not_a_directory"),
        refused("a percent sign", "/play/100%.mp3", 400, NGINX),
        refused("no hexadecimal", "/play/%zz.mp3", 400, RFC_ESCAPE),
        refused("an escape of IIS", "/play/%u0061.mp3", 400, RFC_ESCAPE),
        refused("an escape in an escape", "/play/%%361.mp3", 400, RFC_ESCAPE),
        refused("NUL", "/play/%00", 400, "tower-http calls_fallback_on_null; nginx answers 400"),
        refused("NUL after the name", "/play/a.mp3%00.jpg", 400, "PHP CVE-2006-7243"),
    ]);
}

#[test]
fn ways_out() {
    check(&[
        refused("up", "/play/../secret.mp3", 403, SEED_BLOCKED),
        refused("up, nothing there", "/play/../none.mp3", 403, "seed 001: 403 before 404, so nothing is told"),
        refused("up from a folder", "/play/album/../../secret.mp3", 403, SEED_BLOCKED),
        refused("up from no folder", "/play/none/../../secret.mp3", 403, SEED_BLOCKED),
        refused("only up", "/play/..", 403, GO_DOTS),
        refused("up and back", "/play/../music/a.mp3", 403, "seed 002 (blocks ../), so no folder's name is told"),
        refused("far up", "/play/../../../../../../../../etc/passwd", 403, SEED_BLOCKED),
        refused("up, encoded", "/play/%2e%2e/secret.mp3", 403, SEED_BLOCKED),
        refused("up, a slash encoded", "/play/..%2Fsecret.mp3", 403, SEED_BLOCKED),
        refused("up, all encoded", "/play/%2E%2E%2Fsecret.mp3", 403, SEED_BLOCKED),
        refused("up, half encoded", "/play/.%2e/secret.mp3", 403, "Apache httpd CVE-2021-41773"),
        refused("up, escapes in escapes", "/play/%%32%65%%32%65/secret.mp3", 400, "Apache httpd CVE-2021-42013"),
        refused("up, encoded twice", "/play/%252e%252e/secret.mp3", 404, RFC_ONCE),
        refused("up, all encoded twice", "/play/%252e%252e%252fsecret.mp3", 404, RFC_ONCE),
        refused("up, overlong UTF-8", "/play/%c0%ae%c0%ae/secret.mp3", 404, "IIS CVE-2000-0884"),
        refused("a backslash", "/play/..%5csecret.mp3", 404, "POSIX Filename (part of the name)"),
        refused("four dots", "/play/....//secret.mp3", 404, "RFC 3986 5.2.4 (no dot segment)"),
        refused("a parameter", "/play/..;/secret.mp3", 404, "Tomcat path parameters; RFC 3986 3.3"),
        refused("from the top", "/play//etc/passwd", 403, "seed 001: MUSIC_ROOT / an absolute path is outside"),
        refused("from the top, encoded", "/play/%2Fetc%2Fpasswd", 403, "seed 001, as above"),
        refused("a file's own address", "/play/file:%2F%2F%2Fetc/passwd", 404, MISSING),
    ]);
    let server = library();
    let elsewhere = ["/play../secret.mp3", "/play..%2Fsecret.mp3", "/playa.mp3", "/PLAY/a.mp3", "//play/a.mp3"];
    run(
        &elsewhere,
        |target| (*target, "nginx alias without a slash"),
        |target, findings| {
            let reply = server.get(target);
            findings.same("status", reply.status, 404);
            findings.holds("no sound", !reply.text().contains("the sound of"));
        },
    );
}

#[test]
fn links_and_what_is_no_file() {
    let server = library();
    let music = server.music();
    let (inside, outside) = (music.join("album/a.mp3"), music.parent().unwrap().join("outside"));
    symlink(inside, music.join("absolute.mp3")).unwrap();
    symlink(outside.join("secret.mp3"), music.join("absolute-out.mp3")).unwrap();
    symlink(outside, music.join("out-folder")).unwrap();
    for (target, link) in [
        ("album/a.mp3", "in.mp3"),
        ("in.mp3", "in-in.mp3"),
        ("../music/album/a.mp3", "out-and-back.mp3"),
        ("../album/a.mp3", "album/up.mp3"),
        ("album", "folder"),
        (".", "self"),
        ("../secret.mp3", "out.mp3"),
        ("out.mp3", "in-out.mp3"),
        ("/dev/zero", "zero.mp3"),
        ("/proc/self/environ", "environ.mp3"),
        ("none.mp3", "dangling.mp3"),
        ("../none.mp3", "dangling-out.mp3"),
        ("pong.mp3", "ping.mp3"),
        ("ping.mp3", "pong.mp3"),
        ("pipe.mp3", "to-pipe.mp3"),
    ] {
        symlink(target, music.join(link)).unwrap();
    }
    fs::hard_link(music.join("album/a.mp3"), music.join("hard.mp3")).unwrap();
    assert!(Command::new("mkfifo").arg(music.join("pipe.mp3")).status().unwrap().success());
    let _socket = UnixListener::bind(music.join("socket.mp3")).unwrap();
    let sound_of_a = "album/a.mp3";
    let mut table = vec![
        file("inside", "/play/in.mp3", sound_of_a, SEED_INSIDE),
        file("to a link", "/play/in-in.mp3", sound_of_a, SEED_INSIDE),
        file("inside, absolute", "/play/absolute.mp3", sound_of_a, SEED_INSIDE),
        file("out and back", "/play/out-and-back.mp3", sound_of_a, SEED_INSIDE),
        file("up, but inside", "/play/album/up.mp3", sound_of_a, SEED_INSIDE),
        file("a folder", "/play/folder/a.mp3", sound_of_a, SEED_INSIDE),
        file("the root in itself", "/play/self/self/album/a.mp3", sound_of_a, SEED_INSIDE),
        file("a hard link", "/play/hard.mp3", sound_of_a, "POSIX link() (a name like any other)"),
        refused("outside", "/play/out.mp3", 403, LINK_OUT),
        refused("a link to the outside", "/play/in-out.mp3", 403, LINK_OUT),
        refused("outside, absolute", "/play/absolute-out.mp3", 403, LINK_OUT),
        refused("a device without end", "/play/zero.mp3", 403, LINK_OUT),
        refused("the server's own state", "/play/environ.mp3", 403, LINK_OUT),
        refused("a folder outside", "/play/out-folder", 403, LINK_OUT),
        refused("in a folder outside", "/play/out-folder/secret.mp3", 403, LINK_OUT),
        refused("missing in a folder outside", "/play/out-folder/none.mp3", 403, SEED_OUTSIDE),
        refused("up from a folder outside", "/play/out-folder/../secret.mp3", 403, SEED_OUTSIDE),
        refused("to nothing", "/play/dangling.mp3", 404, MISSING),
        refused("to nothing outside", "/play/dangling-out.mp3", 403, SEED_OUTSIDE),
        refused("in a ring", "/play/ping.mp3", 404, "POSIX ELOOP"),
        refused("a pipe without a writer", "/play/pipe.mp3", 404, NO_FILE),
        refused("a link to a pipe", "/play/to-pipe.mp3", 404, NO_FILE),
        refused("a socket", "/play/socket.mp3", 404, NO_FILE),
    ];
    place(&server, "locked.mp3");
    let locked = music.join("locked.mp3");
    fs::set_permissions(&locked, Permissions::from_mode(0o000)).unwrap();
    // The administrator may read everything.
    if File::open(locked).is_err() {
        table.push(refused("unreadable", "/play/locked.mp3", 500, "seed 001 Error Handling (IO/system error)"));
    }
    check_on(&server, &table);
}

#[test]
fn types() {
    let server = TestServer::start();
    place(&server, "song.flac");
    symlink("song.flac", server.music().join("link.mp3")).unwrap();
    let of = |name, content_type, source| (name, name, content_type, source);
    run(
        &[
            of("a.mp3", "audio/mpeg", SEED_TYPES),
            of("a.flac", "audio/flac", SEED_TYPES),
            of("a.wav", "audio/wav", SEED_TYPES),
            of("a.m4a", "audio/mp4", SEED_TYPES),
            of("a.wma", "audio/x-ms-wma", SEED_TYPES),
            of("a.wv", "audio/x-wavpack", SEED_TYPES),
            of("a.ogg", "audio/ogg", SEED_TYPES),
            of("a.opus", "audio/opus", SEED_TYPES),
            of("a.aac", "audio/aac", "seed 001 _guess_mime_type"),
            of("a.aiff", "audio/aiff", "seed 003 formats"),
            of("a.ape", "audio/x-ape", "seed 003 formats"),
            of("A.FLAC", "audio/flac", "seed 002 MIME Type Resolution (lowercase)"),
            of("a.mp3.flac", "audio/flac", "seed 002 MIME Type Resolution (splitext)"),
            of("a.flac.mp3", "audio/mpeg", "seed 002 MIME Type Resolution (splitext)"),
            of("flac", "audio/mpeg", SEED_FALLBACK),
            of("a.flac.", "audio/mpeg", SEED_FALLBACK),
            of("page.html", "audio/mpeg", SEED_FALLBACK),
            of("drawing.svg", "audio/mpeg", SEED_FALLBACK),
            ("link.mp3", "song.flac", "audio/flac", "seed 001: the type is guessed from the resolved path"),
        ],
        |row| (row.0, row.3),
        |(name, file, content_type, _), findings| {
            if name == file {
                place(&server, file);
            }
            let bytes = content(file);
            ask(findings, &server, &format!("/play/{name}"), &[], &Served { bytes: &bytes, content_type }, Whole);
        },
    );
}

/// Each file with its address and its name in ASCII, as old clients see it.
#[test]
fn names_to_save_under() {
    let server = TestServer::start();
    run(
        &[
            ("01 - Song.mp3", "/play/01%20-%20Song.mp3", "01 - Song.mp3", SEED_NAME),
            ("Gr\u{fc}n.mp3", "/play/Gr%C3%BCn.mp3", "Grn.mp3", SEED_NAME),
            ("Gru\u{308}n.mp3", "/play/Gru%CC%88n.mp3", "Grun.mp3", SEED_NAME),
            ("🌻 夜.mp3", "/play/%F0%9F%8C%BB%20%E5%A4%9C.mp3", " .mp3", SEED_NAME),
            ("artist/\u{c4}.mp3", "/play/artist/%C3%84.mp3", ".mp3", SEED_NAME),
            ("it's; a, (b) = [c].mp3", "/play/it's;%20a,%20(b)%20=%20[c].mp3", "it's; a, (b) = [c].mp3", SEED_NAME),
            ("100% 'UTF-8''x.mp3", "/play/100%25%20'UTF-8''x.mp3", "100% 'UTF-8''x.mp3", "RFC 8187 3.2.1"),
            ("a\"; filename=\"b.mp3", "/play/a%22;%20filename=%22b.mp3", "a_; filename=_b.mp3", "RFC 9110 5.6.4"),
            ("AC\\DC.mp3", "/play/AC%5CDC.mp3", "AC_DC.mp3", "RFC 9110 5.6.4"),
            ("a\r\nX-Evil: 1.mp3", "/play/a%0D%0AX-Evil:%201.mp3", "aX-Evil: 1.mp3", "CWE-113 response splitting"),
            ("a\tb\u{7f}\u{1}.mp3", "/play/a%09b%7F%01.mp3", "ab.mp3", "RFC 9110 5.5"),
            ("{ff}.mp3", "/play/%FF.mp3", ".mp3", "RFC 8187 3.2.1 (the value is UTF-8)"),
        ],
        |row| (row.0, row.3),
        |(file, target, fallback, _), findings| {
            place(&server, file);
            let reply = server.request("HEAD", target, &[]);
            findings.same("status", reply.status, 200);
            findings.same("a header of the name's own", reply.header("x-evil"), None);
            let disposition = reply.header("content-disposition").unwrap_or_default();
            let start = format!("inline; filename=\"{fallback}\"; filename*=UTF-8''");
            let Some(encoded) = disposition.strip_prefix(start.as_str()) else {
                return findings.holds(&format!("{disposition:?} begins with {start:?}"), false);
            };
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~%".contains(&byte);
            findings.holds(&format!("{encoded:?} has no other signs"), encoded.bytes().all(is_plain));
            let name = file.rsplit('/').next().unwrap_or_default();
            let name = String::from_utf8_lossy(&file_name(name)).into_owned();
            findings.same("name", percent_decode_str(encoded).decode_utf8_lossy().into_owned(), name);
        },
    );
}

#[test]
fn queries() {
    let server = library();
    let bytes = content("a.mp3");
    run(
        &[
            ("the original", "?quality=original", Whole, "seed 003 Quality Parameter"),
            ("high", "?quality=high", Whole, AS_IT_IS),
            ("medium", "?quality=medium", Whole, AS_IT_IS),
            ("low", "?quality=low", Whole, AS_IT_IS),
            ("encoded", "?%71uality=%6Cow", Whole, "WHATWG URL 5.1"),
            ("among others", "?x=1&quality=low&", Whole, "WHATWG URL 5.1"),
            ("nothing", "?", Whole, "DESIGN 3: without quality the original"),
            ("others only", "?download=1", Whole, "DESIGN 3: without quality the original"),
            ("another case of the name", "?Quality=best", Whole, "WHATWG URL 5.1 (names are exact)"),
            ("twice, the first known", "?quality=low&quality=best", Whole, "Flask request.args.get: the first"),
            ("twice, the second known", "?quality=best&quality=low", Refused(400), "Flask request.args.get: the first"),
            ("unknown", "?quality=best", Refused(400), QUALITY),
            ("another case", "?quality=HIGH", Refused(400), QUALITY),
            ("empty", "?quality=", Refused(400), QUALITY),
            ("no value", "?quality", Refused(400), QUALITY),
            ("a space", "?quality=low+", Refused(400), QUALITY),
            ("a semicolon", "?quality=low;x=1", Refused(400), "WHATWG URL 5.1 (only & parts)"),
            ("no UTF-8", "?quality=%FF", Refused(400), QUALITY),
            ("a broken escape", "?quality=%zz", Refused(400), QUALITY),
        ],
        |row| (row.0, row.3),
        |(_, query, want, _), findings| {
            let target = format!("/play/a.mp3{query}");
            ask(findings, &server, &target, &[], &Served::mp3(&bytes), *want);
            if matches!(want, Refused(_)) {
                lists_the_qualities(findings, &server.get(&target).body);
            }
        },
    );
}

fn lists_the_qualities(findings: &mut Findings, body: &[u8]) {
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let known = serde_json::json!(["original", "high", "medium", "low"]);
    findings.same("valid_qualities", &json["valid_qualities"], &known);
}
