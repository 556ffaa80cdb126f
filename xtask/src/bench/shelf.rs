//! The owner's shelf: its page with few and with many mixtapes, and saving while tracks are made ready:
//! `cargo xtask bench shelf`. What the page shows and what a save keeps is for the tests of `server`.
//!
//! ## What is measured
//! - **The page** `/mixtapes` of a shelf with 2,000 mixtapes, beside that of one with 20: from the request to the last
//!   byte, over a connection of its own, uncompressed. The browser draws what it holds and asks for nothing else first.
//! - **A save** of a mixtape with 200 tracks while 200 others, each a minute long, are made ready in the background,
//!   beside the same save just before that began. The tape that is saved names files that are not there, so that it
//!   brings no work of its own; whether the background was busy until the last save is told.
//!
//! ## How
//! Two servers run at once and are asked in turns. The mixtapes are saved over HTTP, as the editor does it. Each minute
//! of music has a path of its own, so that each is encoded; the files are links to one.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use super::Result;
use super::folder::Folder;
use super::server::{Program, Server};
use super::table::{self, Rounds, Row, machine};

/// Mixtapes on the two shelves.
const SHELVES: [usize; 2] = [2_000, 20];

/// Tracks of a mixtape on a shelf, and of the one that is saved.
const TRACKS: [usize; 2] = [12, 200];

/// Turns for each.
const ROUNDS: usize = 40;

/// Samples of a track that is made ready, a minute of them.
const SAMPLES: usize = 44_100 * 60;

/// Runs the whole bench with `ferric`, the release build of the server, and prints the table.
///
/// # Errors
/// When a server does not start, or an answer is not the one that was asked for. A figure is never an error.
pub(crate) fn shelf(ferric: &Path) -> Result<()> {
    println!("{}\n", machine());
    let folder = Folder::create()?;
    make_music(&folder.music())?;
    let ferric = Program::Ferric(ferric.to_path_buf());
    let many = Shelf::fill(&ferric, &folder, SHELVES[0])?;
    let few = Shelf::fill(&ferric, &folder, SHELVES[1])?;
    let mut pages = Rounds::default();
    for _ in 0..ROUNDS {
        pages.push("page (ms)", [many.page()?, few.page()?]);
    }
    table::print(&["with 20"], &[Row::new("page with 2,000 mixtapes (ms)", "≤ 3", &pages)]);

    let mut saves = Vec::new();
    for _ in 0..ROUNDS {
        saves.push(many.save("saved", TRACKS[1], "nowhere")?);
    }
    many.save("made ready", TRACKS[1], "minute")?;
    let mut busy = Rounds::default();
    let used = many.server.cpu()?;
    for idle in saves {
        busy.push("save (ms)", [many.save("saved", TRACKS[1], "nowhere")?, idle]);
    }
    let (used, is_busy) = (many.server.cpu()? - used, !many.is_ready("made-ready")?);
    println!("\nthe background used {used:.1} s of processors meanwhile and was busy until the end: {is_busy}");
    table::print(&["idle"], &[Row::new("save of 200 tracks beside a batch (ms)", "", &busy)]);
    Ok(())
}

/// One file of noise under many names: noise takes an encoder the longest.
fn make_music(folder: &Path) -> Result<()> {
    let path = folder.join("minute-0.wav");
    let format = hound::WavSpec {
        channels: 2,
        sample_rate: 44_100,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavWriter::create(&path, format)?;
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..2 * SAMPLES {
        file.write_sample(random.i16(-8000..8000))?;
    }
    file.finalize()?;
    for number in 1..TRACKS[1] {
        fs::hard_link(&path, folder.join(format!("minute-{number}.wav")))?;
    }
    Ok(())
}

/// A server with mixtapes, and its owner's cookie.
struct Shelf {
    server: Server,
    cookie: String,
}

impl Shelf {
    fn fill(ferric: &Program, folder: &Folder, mixtapes: usize) -> Result<Self> {
        let server = Server::start(ferric, folder, &["/readyz"])?;
        let signed_in =
            ask(server.address(), "POST", "/login", "", ("application/x-www-form-urlencoded", "password=bench"))?;
        let cookie = signed_in.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
        let cookie = cookie.ok_or("the sign-in gave no cookie")?.to_owned();
        let shelf = Self { server, cookie };
        for number in 0..mixtapes {
            shelf.save(&format!("Mixtape number {number}"), TRACKS[0], "nowhere")?;
        }
        shelf.server.rest()?;
        Ok(shelf)
    }

    /// How long the page takes, in milliseconds.
    fn page(&self) -> Result<f64> {
        let begun = Instant::now();
        let page = ask(self.server.address(), "GET", "/mixtapes", &self.cookie, ("", ""))?;
        let elapsed = begun.elapsed();
        if !page.body.contains("Mixtape number") {
            return Err("the page shows no mixtapes".into());
        }
        Ok(elapsed.as_secs_f64() * 1000.0)
    }

    /// Saves a mixtape as a new one, or over its state of now, and answers how long that took, in milliseconds.
    fn save(&self, title: &str, tracks: usize, file: &str) -> Result<f64> {
        let track = |number: usize| json!({ "path": format!("{file}-{number}.wav"), "title": format!("Track {number}"), "artist": "Noise", "album": "", "duration": 60_000 });
        let tracks: Vec<_> = (0..tracks).map(track).collect();
        let slug = title.to_lowercase().replace(' ', "-");
        let now = ask(self.server.address(), "GET", &format!("/api/mixtape?slug={slug}"), &self.cookie, ("", ""))?;
        let now: Value = serde_json::from_str(&now.body)?;
        let revision = &now["mixtape"]["revision"];
        let basis = if revision.is_null() { Value::Null } else { json!({ "slug": slug, "revision": revision }) };
        let draft = json!({ "title": title, "client_id": slug, "tracks": tracks });
        let body = json!({ "draft": draft, "based_on": basis }).to_string();
        let begun = Instant::now();
        let saved = ask(self.server.address(), "POST", "/api/save", &self.cookie, ("application/json", &body))?;
        let elapsed = begun.elapsed();
        if saved.head.split(' ').nth(1) != Some("200") {
            return Err(format!("a save was refused: {}", saved.body).into());
        }
        Ok(elapsed.as_secs_f64() * 1000.0)
    }

    /// Whether all tracks of a mixtape are ready.
    fn is_ready(&self, slug: &str) -> Result<bool> {
        let stats = ask(self.server.address(), "GET", "/admin/cache/stats", &self.cookie, ("", ""))?;
        let files = serde_json::from_str::<Value>(&stats.body)?["cached_files"].as_u64();
        println!("{slug}: {} of {} tracks are ready", files.unwrap_or_default(), TRACKS[1]);
        Ok(files == Some(TRACKS[1] as u64))
    }
}

/// An answer to [`ask`].
pub(super) struct Answer {
    /// Status and headers.
    pub(super) head: String,
    /// The rest.
    pub(super) body: String,
}

/// One request on a connection of its own, answered to its end. HTTP/1.0, so that nothing comes in chunks.
pub(super) fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    cookie: &str,
    (kind, body): (&str, &str),
) -> Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let content = if kind.is_empty() {
        String::new()
    } else {
        format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len())
    };
    let cookie = if cookie.is_empty() { String::new() } else { format!("Cookie: {cookie}\r\n") };
    write!(stream, "{method} {path} HTTP/1.0\r\nHost: {address}\r\n{cookie}{content}\r\n{body}")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or("an answer without an end of its head")?;
    Ok(Answer { head: head.to_owned(), body: body.to_owned() })
}
