//! Clients that hold connections and send nothing: each is closed after a while, and all of them together do not lock
//! out others. Which connection is closed for which is tested in `server::connections`.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use server::state::OnMiss;

use crate::admin::{FORM, owner};
use crate::client::Client;
use crate::harness::{TestServer, wav};
use crate::program::Program;
use crate::rate_limit::locked;

const HALF_A_FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\npassword=x";

#[test]
fn a_body_that_does_not_come_is_answered_with_408_and_the_connection_closed() {
    let server = TestServer::start_limited(OnMiss::Transcode, |_, limits| {
        limits.body_pause = Duration::from_millis(300);
    });
    let cookie = owner(&server);
    locked(&server, "locked", "known");
    let form = "Content-Type: multipart/form-data; boundary=X\r\n";
    let part = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhalf";
    for (target, head, body) in [
        ("/login", "Content-Type: application/x-www-form-urlencoded\r\n", "password=x"),
        ("/share/locked", "Content-Type: application/x-www-form-urlencoded\r\n", "password=x"),
        ("/editor/preferences", "Content-Type: application/x-www-form-urlencoded\r\n", "creator_name=x"),
        ("/api/save", "Content-Type: application/json\r\n", "{\"draft\":"),
        ("/editor/cover", "", "half a picture"),
        ("/mixtapes/restore", form, part),
        ("/mixtapes/playlist", form, part),
    ] {
        for length in ["Content-Length: 1000\r\n", "Transfer-Encoding: chunked\r\n"] {
            let body =
                if length.starts_with('C') { body.to_owned() } else { format!("{:x}\r\n{body}\r\n", body.len()) };
            let mut client = Client::connect(server.address);
            // The owner needs no password of a mixtape.
            let cookie = if target.starts_with("/share/") { "" } else { &cookie };
            client.send_text(&format!(
                "POST {target} HTTP/1.1\r\nHost: ferric.test\r\nCookie: {cookie}\r\n{head}{length}\r\n{body}"
            ));
            let reply = client.read_reply("POST");
            assert_eq!((reply.status, reply.header("connection")), (408, Some("close")), "{target} {length}");
            assert_eq!(reply.error(), "The request did not arrive whole in time. Send it again.");
            assert!(client.is_closed(), "{target} {length}");
        }
    }
    // A body that goes on coming, slower in all than one pause, is taken.
    let mut client = Client::connect(server.address);
    client
        .send_text("POST /login HTTP/1.1\r\nHost: ferric.test\r\nContent-Type: application/x-www-form-urlencoded\r\n");
    client.send_text("Content-Length: 20\r\n\r\n");
    for piece in ["password", "=", "no no no ", "no"] {
        client.send_text(piece);
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(client.read_reply("POST").status, 401);
}

#[test]
fn four_hundred_half_sent_requests_at_256_descriptors_keep_nobody_out() {
    let program = Program::start_in(tempfile::tempdir().unwrap(), "ulimit -n 256", &[]);
    program.put("a.wav", &wav(1000));
    let cookie = program.owner();
    for half in [
        format!("POST /login HTTP/1.1\r\nHost: ferric.test\r\n{HALF_A_FORM}"),
        "GET /login HTTP/1.1\r\nHost: ferric.te".to_owned(),
        String::new(),
    ] {
        let held: Vec<TcpStream> = (0..400)
            .map(|_| {
                let mut stream = TcpStream::connect(program.address).unwrap();
                // The server may have closed it already to make place for the next.
                let _ = stream.write_all(half.as_bytes());
                stream
            })
            .collect();
        let page = program.request("GET", "/mixtapes", &[("Cookie", &cookie), ("Accept", "text/html")], "");
        assert_eq!(page.status, 200);
        assert_eq!(program.request("GET", "/play/a.wav", &[], "").body.len(), 2044);
        assert_eq!(program.request("POST", "/login", &[FORM], "password=wrong").status, 401);
        drop(held);
    }
    let log = program.log();
    assert!(!log.iter().any(|line| line.contains("could not be accepted")), "{log:#?}");
}

#[test]
fn listeners_who_have_paused_make_place_and_whoever_plays_does_not() {
    const LENGTH: usize = 60_000_000;
    let server = TestServer::start_limited(OnMiss::Transcode, |_, limits| limits.connections = 8);
    let mut bytes = wav(1);
    bytes.resize(LENGTH, 7);
    server.put("long.wav", &bytes);
    let listen = || {
        let mut client = Client::connect(server.address);
        client.send("GET", "/play/long.wav", &[], "");
        client.read_head();
        client
    };
    let mut buffer = vec![0; 1 << 16];
    let mut paused: Vec<_> = (0..7).map(|_| listen()).collect();
    let (mut playing, mut heard) = (listen(), 0);
    // More than the buffers of a socket hold, so that the server has to go on sending.
    for until in (1..=6).map(|turn| turn * 8_000_000) {
        while heard < until {
            let read = playing.read_some(&mut buffer).unwrap();
            assert!(read > 0, "cut off after {heard} bytes");
            heard += read;
        }
        assert_eq!(server.get("/healthz").status, 200);
    }
    while heard < LENGTH {
        heard += playing.read_some(&mut buffer).unwrap();
    }
    let cut_off = paused.iter_mut().filter_map(|client| {
        let mut rest = 0;
        while rest < LENGTH
            && let Ok(read @ 1..) = client.read_some(&mut buffer)
        {
            rest += read;
        }
        (rest < LENGTH).then_some(())
    });
    assert!(cut_off.count() > 0);
}

#[test]
fn a_server_that_stops_waits_for_no_request_that_has_not_come() {
    let mut server = TestServer::start();
    let mut half_a_head = Client::connect(server.address);
    half_a_head.send_text("GET / HTTP/1.1\r\nHost: ferr");
    let mut half_a_second_head = Client::connect(server.address);
    half_a_second_head.send("GET", "/healthz", &[], "");
    assert_eq!(half_a_second_head.read_reply("GET").status, 200);
    half_a_second_head.send_text("GET / HTTP/1.1\r\nHost: ferr");
    let mut idle = Client::connect(server.address);
    idle.send("GET", "/healthz", &[], "");
    assert_eq!(idle.read_reply("GET").status, 200);
    // Answered by the same thread, so what was sent before has arrived there.
    assert_eq!(server.get("/healthz").status, 200);
    server.ask_to_stop();
    // The grace is 20 seconds.
    assert!(server.has_stopped_within(Duration::from_secs(10)));
    for client in [&mut half_a_head, &mut half_a_second_head, &mut idle] {
        assert!(client.is_closed());
    }
}
