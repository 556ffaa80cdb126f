//! Lower qualities over HTTP: made while they are sent, or out of the cache, with the same bytes and headers.
//! That pieces fit together is tested in `audio`.

use server::state::OnMiss;

use crate::client::Reply;
use crate::harness::{TestServer, wav};

/// Twenty seconds.
const SAMPLES: u32 = 160_000;

fn library(on_miss: OnMiss) -> TestServer {
    let server = TestServer::start_with(on_miss);
    server.put("Zwei Töne.wav", &wav(SAMPLES));
    server
}

const TARGET: &str = "/play/Zwei%20T%C3%B6ne.wav?quality=low";

/// What must not depend on whether a file was cached.
fn lasting(reply: &Reply) -> Vec<(String, String)> {
    reply.headers.iter().filter(|(name, _)| name != "date").cloned().collect()
}

/// Asks until the file is in the cache.
fn cached(server: &TestServer) {
    let folder = server.folder().join("cache");
    let is_finished = || {
        let names = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.into_iter().any(|name| name.ends_with("_low_128k.mp3"))
    };
    for _ in 0..3000 {
        if is_finished() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("nothing was cached")
}

#[test]
fn a_file_never_transcoded_before_has_its_length_and_every_range() {
    let server = library(OnMiss::Transcode);
    let size = server.request("HEAD", TARGET, &[]).header("content-length").unwrap().parse::<usize>().unwrap();
    let made = std::fs::read_dir(server.folder().join("cache")).unwrap();
    assert!(made.map(|entry| entry.unwrap().path()).all(|path| path.is_dir()), "HEAD makes nothing");

    // The end first, of a file that nobody has begun.
    let end = server.request("GET", TARGET, &[("Range", "bytes=-5000")]);
    assert_eq!(end.status, 206);
    assert_eq!(end.header("content-range"), Some(format!("bytes {}-{}/{size}", size - 5000, size - 1).as_str()));
    let parts = server.request("GET", TARGET, &[("Range", "bytes=0-9,100000-100009")]);
    assert_eq!(parts.status, 206);

    let whole = server.get(TARGET);
    assert_eq!((whole.status, whole.body.len()), (200, size));
    assert_eq!(whole.header("content-type"), Some("audio/mpeg"));
    assert_eq!(whole.header("x-audio-bitrate"), Some("128"));
    assert_eq!(whole.header("x-audio-duration"), Some("20.000"));
    let name = "inline; filename=\"Zwei Tne.mp3\"; filename*=UTF-8''Zwei%20T%C3%B6ne.mp3";
    assert_eq!(whole.header("content-disposition"), Some(name));
    assert!(whole.body.starts_with(b"\xff\xfb"));
    assert_eq!(end.body, whole.body[size - 5000..]);
    let holds = |part: &[u8]| parts.body.windows(part.len()).any(|window| window == part);
    assert!(holds(&whole.body[..10]) && holds(&whole.body[100_000..100_010]));
    assert_eq!(server.request("GET", TARGET, &[("Range", &format!("bytes={size}-"))]).status, 416);

    cached(&server);
    let again = server.get(TARGET);
    assert_eq!(lasting(&again), lasting(&whole));
    assert!(again.body == whole.body);
    let tag = whole.header("etag").unwrap();
    assert_eq!(server.request("GET", TARGET, &[("If-None-Match", tag)]).status, 304);
    let resumed = server.request("GET", TARGET, &[("Range", "bytes=70000-"), ("If-Range", tag)]);
    assert_eq!((resumed.status, resumed.body), (206, whole.body[70_000..].to_vec()));
}

#[test]
fn every_quality_is_a_file_of_its_own() {
    let server = library(OnMiss::Transcode);
    let tags: Vec<_> = ["original", "high", "medium", "low"]
        .map(|quality| {
            let reply = server.request("HEAD", &TARGET.replace("low", quality), &[]);
            let mime = if quality == "original" { "audio/wav" } else { "audio/mpeg" };
            assert_eq!(reply.header("content-type"), Some(mime));
            reply.header("etag").unwrap().to_owned()
        })
        .into();
    assert_eq!(tags.iter().collect::<std::collections::HashSet<_>>().len(), 4);
}

#[test]
fn on_a_miss_the_original_may_be_served_and_the_cache_filled() {
    let server = library(OnMiss::Original);
    assert_eq!(server.get(TARGET).header("content-type"), Some("audio/wav"));
    cached(&server);
    assert_eq!(server.get(TARGET).header("content-type"), Some("audio/mpeg"));
}

#[test]
fn a_changed_file_is_heard_at_once() {
    let server = library(OnMiss::Transcode);
    let old = server.get(TARGET);
    cached(&server);
    server.put("Zwei Töne.wav", &wav(SAMPLES / 2));
    let new = server.get(TARGET);
    assert!(new.body.len() < old.body.len() * 6 / 10);
    assert_ne!(new.header("etag"), old.header("etag"));
}

#[test]
fn what_cannot_be_transcoded_is_served_as_it_is() {
    let server = TestServer::start();
    server.put("broken.flac", b"no music");
    server.put("a.mp3", b"music");
    for (target, mime, bytes) in
        [("/play/broken.flac", "audio/flac", &b"no music"[..]), ("/play/a.mp3", "audio/mpeg", b"music")]
    {
        let reply = server.get(&format!("{target}?quality=medium"));
        assert_eq!((reply.status, reply.header("content-type"), reply.body.as_slice()), (200, Some(mime), bytes));
    }
}
