//! What everybody else waits while very many listeners want files that are not in the cache: `cargo xtask bench flood`.
//! That streams are whole and right is for the tests of `server`.
//!
//! ## What is measured
//! Beside each flood, and just before it on the idle server: a sign-in, an original that was not played before, the
//! page of a mixtape, a cover in a size not asked for before, and a save; each from the request to the last byte, over
//! a connection of its own. **Median** and **worst** of the rounds are reported, and the ratio of the medians.
//! - **96 files for ffmpeg**: as many listeners, each with a file of ten minutes of its own, read as fast as they can.
//! - **280 seeks**: as many listeners in two files of an hour, each at a place of its own.
//!
//! Then all leave, and five seconds later a stream that is not in the cache begins: the time to its first byte of
//! sound.
//!
//! ## How
//! The listeners and those who ask share the cores with the server. Nothing is judged; the aim is 1 s for each answer
//! and 200 ms for the stream.

mod listeners;

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use listeners::Listeners;
use serde_json::{Value, json};

use super::Result;
use super::folder::Folder;
use super::server::{Program, Server};
use super::shelf::ask;
use super::table::{self, Rounds, Row, machine};
use crate::step::{install_debian, step};

/// Listeners of files that only ffmpeg decodes.
const FFMPEG_LISTENERS: usize = 96;

/// Listeners who seek.
const SEEKS: usize = 280;

/// Rounds of asking, idle and beside a flood.
const ROUNDS: usize = 10;

/// Files that were not played before.
const FRESH: usize = 64;

/// A pause between two rounds, and between the end of a flood and the stream after it.
const PAUSE: Duration = Duration::from_millis(700);
const AFTER: Duration = Duration::from_secs(5);

/// What is asked beside a flood.
const ASKED: [&str; 5] = ["sign-in", "original", "page", "cover", "save"];

/// Runs the whole bench with `ferric`, the release build of the server, and prints the tables.
///
/// # Errors
/// When a server does not start, or an answer is not the one that was asked for. A figure is never an error.
pub(crate) fn flood(ferric: &Path) -> Result<()> {
    if Command::new("ffmpeg").arg("-version").output().is_err() {
        install_debian(&["ffmpeg"], "The bench needs ffmpeg to make files that only ffmpeg decodes")?;
    }
    println!("{}\n", machine());
    let folder = Folder::create()?;
    step("making the music", || make_music(&folder.music()))?;
    let ferric = Program::Ferric(ferric.to_path_buf());
    let wma: Vec<_> = (0..FFMPEG_LISTENERS).map(|number| (format!("/play/{number}.wma?quality=low"), 0)).collect();
    let bytes = 3600 * 16_000;
    let seeks: Vec<_> = (0..SEEKS)
        .map(|number| (format!("/play/long-{}.wav?quality=low", number % 2), (number * bytes / SEEKS) as u64))
        .collect();
    for (name, targets) in [("96 files for ffmpeg", wma), ("280 seeks", seeks)] {
        let mut owner = Owner::start(&ferric, &folder)?;
        let idle = owner.rounds()?;
        let listeners = Listeners::start(owner.server.address(), targets);
        thread::sleep(Duration::from_secs(2));
        let busy = owner.rounds()?;
        let (bytes, refused) = listeners.leave();
        println!("\n{name}: {} MB heard, {refused} answered with 503", bytes >> 20);
        let rows: Vec<_> = (0..ASKED.len())
            .flat_map(|asked| {
                let pairs = busy.iter().zip(&idle).map(|(busy, idle)| [busy[asked], idle[asked]]);
                let worst = |of: &[[f64; 5]]| of.iter().map(|round| round[asked]).fold(0.0, f64::max);
                let worst: Rounds<2> = [[worst(&busy), worst(&idle)]].into_iter().collect();
                let median: Rounds<2> = pairs.collect();
                [
                    Row::new(&format!("{}, median (ms)", ASKED[asked]), "", &median),
                    Row::new(&format!("{}, worst (ms)", ASKED[asked]), "≤ 1000", &worst),
                ]
            })
            .collect();
        table::print(&["idle"], &rows);
        thread::sleep(AFTER);
        let mut starts = Vec::new();
        for number in 0..5 {
            starts.push(first_sound(owner.server.address(), &format!("/play/cold-{number}.wav?quality=medium"))?);
            thread::sleep(PAUSE);
        }
        println!("5 s after they have left, streams begin after {starts:.0?} ms (≤ 200)\n");
    }
    Ok(())
}

/// Files that differ, because whatever is known of one must not help another.
fn make_music(folder: &Path) -> Result<()> {
    let make = |name: &str, seconds: u32, options: &[&str]| -> Result<()> {
        let sound = format!("aevalsrc=0.3*sin(2*PI*(200+t)*t)+0.1*random(0):s=22050:d={seconds}");
        let made = Command::new("ffmpeg")
            .args(["-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", &sound])
            .args(options)
            .arg(folder.join(name))
            .status()?;
        if made.success() { Ok(()) } else { Err(format!("ffmpeg did not make {name}").into()) }
    };
    make("0.wma", 600, &["-c:a", "wmav2", "-b:a", "32k"])?;
    for number in 1..FFMPEG_LISTENERS {
        fs::copy(folder.join("0.wma"), folder.join(format!("{number}.wma")))?;
    }
    for number in 0..2 {
        make(&format!("long-{number}.wav"), 3600, &["-c:a", "pcm_s16le"])?;
    }
    make("fresh-0.wav", 5, &["-c:a", "pcm_s16le"])?;
    for number in 1..FRESH {
        fs::copy(folder.join("fresh-0.wav"), folder.join(format!("fresh-{number}.wav")))?;
    }
    for number in 0..5 {
        make(&format!("cold-{number}.wav"), 240, &["-c:a", "pcm_s16le"])?;
    }
    Ok(())
}

/// A server with its owner, who goes on working.
struct Owner {
    server: Server,
    cookie: String,
    fresh: usize,
    saves: u64,
}

impl Owner {
    fn start(ferric: &Program, folder: &Folder) -> Result<Self> {
        let server = Server::start(ferric, folder, &["/readyz"])?;
        let cookie = sign_in(server.address())?;
        let mut owner = Self { server, cookie, fresh: 0, saves: 0 };
        owner.save()?;
        owner.server.rest()?;
        Ok(owner)
    }

    /// So many milliseconds for each of what is asked, round by round.
    fn rounds(&mut self) -> Result<Vec<[f64; 5]>> {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let address = self.server.address();
            let signed_in = timed(|| sign_in(address).map(drop))?;
            let original = format!("/play/fresh-{}.wav", self.fresh);
            let size = 200 + self.fresh;
            self.fresh += 1;
            let original = timed(|| self.get(&original))?;
            let page = timed(|| self.get("/editor"))?;
            let cover = timed(|| self.get(&format!("/qr/flooded.png?size={size}")))?;
            let save = timed(|| self.save())?;
            rounds.push([signed_in, original, page, cover, save]);
            thread::sleep(PAUSE);
        }
        Ok(rounds)
    }

    fn get(&self, path: &str) -> Result<()> {
        let answer = ask(self.server.address(), "GET", path, &self.cookie, ("", ""))?;
        if answer.head.split(' ').nth(1) == Some("200") {
            Ok(())
        } else {
            Err(format!("{path}: {}", answer.head).into())
        }
    }

    /// Saves a mixtape as a new one, or over its state of now.
    fn save(&mut self) -> Result<()> {
        let address = self.server.address();
        let now = ask(address, "GET", "/api/mixtape?slug=flooded", &self.cookie, ("", ""))?;
        let now: Value = serde_json::from_str(&now.body)?;
        let revision = &now["mixtape"]["revision"];
        let basis = if revision.is_null() { Value::Null } else { json!({ "slug": "flooded", "revision": revision }) };
        self.saves += 1;
        let track = json!({
            "path": "nowhere.wav", "title": format!("Save {}", self.saves), "artist": "Noise", "album": "", "duration": 60_000
        });
        let draft = json!({ "title": "Flooded", "client_id": "flooded", "tracks": [track] });
        let body = json!({ "draft": draft, "based_on": basis }).to_string();
        let saved = ask(address, "POST", "/api/save", &self.cookie, ("application/json", &body))?;
        if saved.head.split(' ').nth(1) == Some("200") {
            Ok(())
        } else {
            Err(format!("a save was refused: {}", saved.body).into())
        }
    }
}

fn sign_in(address: SocketAddr) -> Result<String> {
    let form = ("application/x-www-form-urlencoded", "password=bench");
    let signed_in = ask(address, "POST", "/login", "", form)?;
    let cookie = signed_in.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    Ok(cookie.ok_or_else(|| format!("the sign-in gave no cookie: {}", signed_in.head))?.to_owned())
}

/// How long something takes, in milliseconds.
fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let begun = Instant::now();
    work()?;
    Ok(begun.elapsed().as_secs_f64() * 1000.0)
}

/// How long a stream takes until its first byte of sound is there, in milliseconds: the first frame has none.
fn first_sound(address: SocketAddr, path: &str) -> Result<f64> {
    const FIRST_FRAME: u64 = 2000;
    let begun = Instant::now();
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\nRange: bytes={FIRST_FRAME}-\r\n\r\n")?;
    let mut received = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer)?;
        received.extend_from_slice(&buffer[..read]);
        let end = received.windows(4).position(|window| window == b"\r\n\r\n");
        if end.is_some_and(|end| received.len() > end + 4) {
            return Ok(begun.elapsed().as_secs_f64() * 1000.0);
        }
        if read == 0 {
            return Err(format!("{path}: {}", String::from_utf8_lossy(&received)).into());
        }
    }
}
