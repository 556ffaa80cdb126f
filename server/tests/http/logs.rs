//! What the log says of streams: what was asked for, what was served, and whether it came out of the cache.

use crate::harness::wav;
use crate::program::Program;

/// The lines of this level with these words.
fn lines(server: &Program, level: &str, words: &str) -> Vec<String> {
    let is_meant = |line: &String| line.contains(&format!(" {level} ")) && line.contains(words);
    server.log_until_now().into_iter().filter(is_meant).collect()
}

#[test]
fn a_miss_is_one_warning_a_stream_and_a_hit_names_the_file_in_the_cache() {
    let server = Program::start(&[]);
    server.put("Zwei Töne.wav", &wav(160_000));
    let target = "/play/Zwei%20T%C3%B6ne.wav?quality=low";
    let ask = |method: &str, range: Option<&str>| {
        let range = range.map(|range| ("Range", range));
        let reply = server.request(method, target, range.as_slice(), "");
        assert!(matches!(reply.status, 200 | 206), "{}", reply.status);
    };
    ask("HEAD", None);
    ask("GET", Some("bytes=0-1"));
    assert_eq!(lines(&server, "WARN", "Cache miss"), [""; 0]);
    ask("GET", Some("bytes=0-"));
    for range in ["bytes=1000-1999", "bytes=5000-", "bytes=-10"] {
        ask("GET", Some(range));
    }
    ask("HEAD", None);
    let misses = lines(&server, "WARN", "Cache miss");
    assert_eq!(misses.len(), 1, "{misses:?}");
    for part in ["request=\"/play/Zwei%20T%C3%B6ne.wav\"", "music/Zwei Töne.wav\"", "quality=low"] {
        assert!(misses[0].contains(part), "{part} in {}", misses[0]);
    }

    server.wait_for(" cached ");
    ask("HEAD", None);
    ask("GET", Some("bytes=0-1"));
    ask("GET", Some("bytes=100-"));
    assert_eq!(lines(&server, "INFO", "Cache hit"), [""; 0]);
    ask("GET", None);
    let hits = lines(&server, "INFO", "Cache hit");
    assert_eq!(hits.len(), 1, "{hits:?}");
    for part in ["request=\"/play/Zwei%20T%C3%B6ne.wav\"", "cache/audio/", "_low_128k.mp3\"", "quality=low"] {
        assert!(hits[0].contains(part), "{part} in {}", hits[0]);
    }
    let started = lines(&server, "INFO", "stream starts");
    assert_eq!(started.len(), 2, "{started:?}");
    assert!(started[1].contains("_low_128k.mp3\""), "{}", started[1]);
}

#[test]
fn ranges_that_cannot_be_met_are_warnings_and_sound_that_cannot_be_decoded_is_an_error() {
    let server = Program::start(&[]);
    server.put("a.wav", &wav(800));
    server.put("broken.flac", b"no music");
    let get = |target: &str, range: &str| server.request("GET", target, &[("Range", range)], "").status;
    assert_eq!(get("/play/a.wav", "bytes=100000-"), 416);
    let refused = lines(&server, "WARN", "range cannot be satisfied");
    assert_eq!(refused.len(), 1, "{refused:?}");
    for part in ["request=\"/play/a.wav\"", "music/a.wav\"", "bytes=100000-"] {
        assert!(refused[0].contains(part), "{part} in {}", refused[0]);
    }
    assert_eq!(get("/play/a.wav", "bytes=5-2"), 200);
    let ignored = lines(&server, "WARN", "range header ignored");
    assert!(ignored[0].contains("request=\"/play/a.wav\"") && ignored[0].contains("music/a.wav\""), "{ignored:?}");

    assert_eq!(get("/play/broken.flac?quality=low", "bytes=0-"), 206);
    assert_eq!(get("/play/broken.flac?quality=low", "bytes=3-"), 206);
    let failed = lines(&server, "ERROR", "cannot be decoded");
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert!(failed[0].contains("request=\"/play/broken.flac\"") && failed[0].contains("music/broken.flac\""));
}

#[test]
fn a_name_cannot_write_a_line_of_its_own() {
    let server = Program::start(&["--log", "trace"]);
    let forged = "a\n1999-01-01T00:00:00.000000Z  INFO the owner signed in client=192.0.2.1.wav";
    server.put(forged, &wav(800));
    let encoded = forged.replace('\n', "%0A").replace(' ', "%20");
    assert_eq!(server.request("GET", &format!("/play/{encoded}?quality=low"), &[], "").status, 200);
    assert_eq!(server.request("GET", &format!("/play/nobody{encoded}"), &[], "").status, 404);
    server.wait_for(" cached ");
    let log = server.log();
    assert!(log.iter().any(|line| line.contains("the owner signed in")), "the name is in the log");
    assert!(!log.iter().any(|line| line.starts_with("1999-01-01")), "{log:#?}");
}
