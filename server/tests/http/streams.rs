//! Streams over time: huge files, listeners that leave or pause, files that shrink, a server that is stopped.
//! Single requests and their rules are in the media table.

use std::fs::File;
use std::io::Read;
use std::thread;
use std::time::Duration;

use crate::client::Client;
use crate::harness::{TestServer, sound, wav};

/// Beyond every 32-bit length.
const HUGE: u64 = 5 * 1024 * 1024 * 1024;

/// Whether this process (the server lives in it) has a file open.
fn is_open(path: &std::path::Path) -> bool {
    let files = std::fs::read_dir("/proc/self/fd").unwrap();
    files.flatten().any(|file| std::fs::read_link(file.path()).is_ok_and(|target| target == path))
}

/// Waits for something that happens soon, and fails when it does not.
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if is_so() {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("{what}: not within 10 s");
}

#[test]
fn files_beyond_four_gibibytes_are_served_at_every_place() {
    let server = TestServer::start();
    // Sparse: it takes no room on the disk.
    File::create(server.music().join("huge.wav")).unwrap().set_len(HUGE).unwrap();
    let head = server.request("HEAD", "/play/huge.wav", &[]);
    assert_eq!((head.status, head.header("content-length")), (200, Some(HUGE.to_string().as_str())));

    let range = format!("bytes={}-{}", HUGE - 10, HUGE - 1);
    let end = server.request("GET", "/play/huge.wav", &[("Range", &range)]);
    assert_eq!((end.status, end.body.len()), (206, 10));
    assert_eq!(end.header("content-range"), Some(format!("bytes {}-{}/{HUGE}", HUGE - 10, HUGE - 1).as_str()));
    let beyond = server.request("GET", "/play/huge.wav", &[("Range", &format!("bytes={HUGE}-"))]);
    assert_eq!(beyond.status, 416);
}

#[test]
fn a_listener_who_leaves_frees_the_file() {
    let server = TestServer::start();
    let path = server.music().join("long.wav");
    File::create(&path).unwrap().set_len(HUGE).unwrap();
    let mut client = Client::connect(server.address);
    client.send("GET", "/play/long.wav", &[], "");
    assert_eq!(client.read_head().status, 200);
    let mut some = vec![0; 100_000];
    client.read_some(&mut some).unwrap();
    assert!(is_open(&path), "it is being sent");
    drop(client);
    eventually("the file is closed", || !is_open(&path));
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn a_listener_who_pauses_gets_the_rest_later() {
    let server = TestServer::start();
    let bytes = sound(20_000_000);
    let path = server.put("paused.wav", &bytes);
    let mut client = Client::connect(server.address);
    client.send("GET", "/play/paused.wav", &[], "");
    client.read_head();
    let mut received = vec![0; 1000];
    let read = client.read_some(&mut received).unwrap();
    received.truncate(read);
    // Others are served meanwhile, the stream stays open, and then goes on where it stood.
    for _ in 0..20 {
        assert_eq!(server.request("GET", "/play/paused.wav", &[("Range", "bytes=5-9")]).body, bytes[5..10]);
    }
    assert!(is_open(&path));
    let mut rest = vec![0; bytes.len() - received.len()];
    let mut filled = 0;
    while filled < rest.len() {
        let read = client.read_some(&mut rest[filled..]).unwrap();
        assert_ne!(read, 0, "the stream ended early");
        filled += read;
    }
    received.extend(rest);
    assert!(received == bytes, "every byte in its place");
}

#[test]
fn a_file_that_shrinks_while_it_is_sent_ends_the_response_early() {
    let server = TestServer::start();
    let path = server.put("shrinking.wav", &[]);
    File::options().write(true).open(&path).unwrap().set_len(HUGE).unwrap();
    let mut client = Client::connect(server.address);
    client.send("GET", "/play/shrinking.wav", &[], "");
    client.read_head();
    File::options().write(true).open(&path).unwrap().set_len(1000).unwrap();
    let mut buffer = vec![0; 1 << 16];
    let mut total = 0_u64;
    // Either the end or an error; what must not come is the whole length.
    while let Ok(read) = client.read_some(&mut buffer) {
        if read == 0 {
            break;
        }
        total += read as u64;
    }
    assert!(total < HUGE, "{total} bytes of a file that no longer has them");
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn a_file_that_is_written_over_in_place_while_it_is_sent_ends_the_response_early() {
    let server = TestServer::start();
    let old = sound(20_000_000);
    let new: Vec<u8> = old.iter().map(|byte| !byte).collect();
    let range = "bytes=100-19999999";
    let parts = "bytes=0-9999999,10000010-19999999";
    for (name, range, keeps_time) in [
        ("a.wav", None, false),
        ("b.wav", Some(range), false),
        ("c.wav", Some(parts), false),
        // As taggers do that set the time back.
        ("d.wav", None, true),
    ] {
        let path = server.put(name, &old);
        let modified = path.metadata().unwrap().modified().unwrap();
        let mut client = Client::connect(server.address);
        let headers: Vec<_> = range.map(|range| ("Range", range)).into_iter().collect();
        client.send("GET", &format!("/play/{name}"), &headers, "");
        let head = client.read_head();
        assert_eq!(head.status, if range.is_some() { 206 } else { 200 });
        let length: usize = head.header("content-length").unwrap().parse().unwrap();
        let mut buffer = vec![0; 1 << 16];
        let mut received = client.read_some(&mut buffer).unwrap();

        let file = File::options().write(true).open(&path).unwrap();
        std::os::unix::fs::FileExt::write_all_at(&file, &new, 0).unwrap();
        if keeps_time {
            file.set_modified(modified).unwrap();
        }
        while let Ok(read @ 1..) = client.read_some(&mut buffer) {
            received += read;
        }
        assert!(received < length, "{name}: {received} of {length}, of two files");
        assert!(server.get(&format!("/play/{name}")).body == new, "{name}");
    }
}

#[test]
fn many_listeners_at_once_each_get_their_own_bytes() {
    let server = TestServer::start();
    let files: Vec<Vec<u8>> = (0..4).map(|n| sound(3_000_000 + n * 7919)).collect();
    for (n, bytes) in files.iter().enumerate() {
        server.put(&format!("{n}.wav"), bytes);
    }
    thread::scope(|scope| {
        for listener in 0..48 {
            let (server, files) = (&server, &files);
            scope.spawn(move || {
                let n = listener % files.len();
                assert!(server.get(&format!("/play/{n}.wav")).body == files[n], "listener {listener}");
            });
        }
    });
}

#[test]
fn one_connection_carries_many_requests_also_when_they_come_together() {
    let server = TestServer::start();
    let bytes = sound(300_000);
    server.put("a.wav", &bytes);
    let mut client = Client::connect(server.address);
    for start in [0_usize, 100_000, 299_999] {
        client.send("GET", "/play/a.wav", &[("Range", &format!("bytes={start}-"))], "");
    }
    client.send("HEAD", "/play/a.wav", &[], "");
    client.send("GET", "/play/none.wav", &[], "");
    for start in [0_usize, 100_000, 299_999] {
        assert!(client.read_reply("GET").body == bytes[start..]);
    }
    assert_eq!(client.read_reply("HEAD").status, 200);
    assert_eq!(client.read_reply("GET").status, 404);
}

#[test]
fn a_stopped_server_lets_streams_end_and_takes_no_new_listeners() {
    let mut server = TestServer::start();
    let bytes = sound(30_000_000);
    server.put("long.wav", &bytes);
    let mut client = Client::connect(server.address);
    client.send("GET", "/play/long.wav", &[], "");
    client.read_head();
    let mut first = vec![0; 10_000];
    let read = client.read_some(&mut first).unwrap();

    server.ask_to_stop();
    eventually("new connections are refused", || std::net::TcpStream::connect(server.address).is_err());
    let mut rest: Vec<u8> = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    while rest.len() < bytes.len() - read {
        let read = client.read_some(&mut buffer).unwrap();
        assert_ne!(read, 0, "the stream was cut off");
        rest.extend(&buffer[..read]);
    }
    assert!(first[..read] == bytes[..read] && rest == bytes[read..]);
    assert!(server.has_stopped_within(Duration::from_secs(10)));
    assert!(matches!(client.read_some(&mut buffer), Ok(0) | Err(_)), "the connection is closed after its stream");
}

#[test]
fn a_request_head_that_never_ends_is_refused() {
    let server = TestServer::start();
    let mut client = Client::connect(server.address);
    client.send("GET", &format!("/play/{}", "a".repeat(100_000)), &[], "");
    let reply = client.read_head();
    assert!(matches!(reply.status, 414 | 431), "{}", reply.status);
    assert_eq!(server.get("/healthz").status, 200);
}

#[test]
fn the_sound_has_no_short_period() {
    // Else a chunk sent twice, or in the wrong place, would pass for the right one.
    let bytes = sound(300_000);
    let mut reader = bytes.as_slice();
    let mut chunk = [0; 16_384];
    reader.read_exact(&mut chunk).unwrap();
    assert!(bytes[16_384..].windows(chunk.len()).step_by(4096).all(|other| other != chunk));
}

#[test]
fn length_and_bitrate_are_told_where_the_file_knows_them() {
    let server = TestServer::start();
    server.put("second.wav", &wav(8000));
    server.put("noise.wav", &[7; 5000]);
    let told = |target| {
        let reply = server.request("HEAD", target, &[]);
        ["x-audio-duration", "x-audio-bitrate"].map(|name| reply.header(name).map(str::to_owned))
    };
    assert_eq!(told("/play/second.wav"), [Some("1.000".to_owned()), Some("128".to_owned())]);
    assert_eq!(told("/play/noise.wav"), [None, None]);
}
