//! Transcoding speed, memory and seeks beside ffmpeg on the same machine: `cargo xtask bench transcode`.
//! The length of every MP3 is checked, and once what it decodes to; how it sounds is for the tests of `audio`.
//!
//! ## What is measured
//! Ours is asked for `quality=medium` over 127.0.0.1 and answers from an empty cache; Debian's ffmpeg encodes the
//! same FLAC with libmp3lame at the same 192 kbit/s.
//!
//! - **A track** of four minutes, whole. **Wall** is the time from the request to the last byte, for ffmpeg from its
//!   start to its end. **CPU** is the processor time of all threads in that interval, user and system, and holds what
//!   ours does for the cache meanwhile.
//! - **Two hours** in one file, whole: the same, and the **peak memory** of the process, its start included.
//! - **Twelve tracks** of about four minutes, by twelve listeners at once until the last has everything, and by as
//!   many ffmpegs at once as there are cores.
//! - **The first byte** of the two hours from 0, 50 and 95 % on: from sending a request with `Range: bytes=N-` until
//!   the first byte of the body has been read, against the time from starting ffmpeg with `-ss` and `pipe:1` until
//!   its first byte. The places are shares of the length that a HEAD has told, and of the time.
//! - **256 KiB** from there on, eleven seconds of sound, in the same turn: what a player fetches before it plays.
//! - **95 % to 0 %**: how much later the same comes near the end than at the beginning, each beside itself. An MP3 of
//!   ours begins with a frame that holds no sound and is there before anything is encoded, so the first byte at 0 %
//!   says nothing of the encoder; the first KiB has some of the first frame with sound in it.
//!
//! ## How
//! The music is the demo library's, one piece after the other, again and again: 16 bits, stereo, 44,100 Hz, each of
//! the tracks a hundredth faster than the one before. It is made once, and has been read once when the first turn
//! begins.
//!
//! Ours is started afresh for each turn, with an empty data folder, and is left alone until it rests; with first
//! bytes that holds for each place. After a turn it is killed, so that it does not go on filling its cache while
//! ffmpeg is measured. The listener shares the cores with it, and writes what it gets to a file as ffmpeg does. The
//! start of a process is in ffmpeg's figures and not in ours: it is what one pays who has ffmpeg make a stream.
//!
//! Wall times want cores that have nothing else to do. Ours makes nine tenths of a lone track in the threads that
//! fill the cache, whose low priority (`nice` 10) gives way to any other program, and ffmpeg's does not: beside a
//! compiler that is a loss of its own. CPU time and memory do not mind.

use std::path::Path;

use super::Result;
use super::client::length;
use super::folder::Folder;
use super::server::Program;
use super::table::{self, Rounds, Row, machine};
use music::Track;

mod ferric;
mod ffmpeg;
mod music;
mod starts;

/// What the table calls the other.
const PEERS: [&str; 1] = ["ffmpeg"];

/// What is transcoded from its beginning to its end.
struct Whole<'music> {
    name: &'static str,
    tracks: &'music [Track],
    /// Turns for each.
    rounds: usize,
    /// What the ratios of wall and CPU time should be.
    targets: [&'static str; 2],
    /// What the peak of memory should be, where it is looked at.
    memory: Option<&'static str>,
}

/// What a turn took.
#[derive(Clone, Copy)]
struct Turn {
    /// Seconds on the clock.
    wall: f64,
    /// Seconds of processors.
    cpu: f64,
    /// The most memory of a process, in MiB.
    peak: f64,
}

/// What is read from a turn, and how it is called.
type Figure = (&'static str, fn(Turn) -> f64);

const FIGURES: [Figure; 3] =
    [("wall (s)", |turn| turn.wall), ("CPU (s)", |turn| turn.cpu), ("peak memory (MiB)", |turn| turn.peak)];

/// Runs the whole bench with `ferric`, the release build of the server, and prints the table. The music comes from
/// the demo library in `demo`.
///
/// # Errors
/// When the server does not start, or an MP3 is not as long as its source. A figure is never an error.
pub(crate) fn transcode(ferric: &Path, demo: &Path) -> Result<()> {
    let version = ffmpeg::ensure()?;
    println!("{}, ffmpeg {version}; the listeners share the cores with ours\n", machine());
    let folder = Folder::create()?;
    let room = folder.room("mp3")?;
    let ferric = Program::Ferric(ferric.to_path_buf());
    let mut tracks = music::make(demo, &folder)?;
    let server = ferric::start(&ferric, &folder)?;
    for track in &mut tracks {
        track.mp3_bytes = length(server.address(), &track.path)?;
    }
    server.kill()?;
    // The last is the long one.
    let Some((long, tracks)) = tracks.split_last() else { return Err("there is no music".into()) };
    println!();

    let wholes = [
        Whole {
            name: "a track of 4 min", tracks: &tracks[..1], rounds: 5, targets: ["≤ 0.6", "≤ 1.1"], memory: None
        },
        Whole {
            name: "2 hours",
            tracks: std::slice::from_ref(long),
            rounds: 2,
            targets: ["≤ 0.6", "≤ 1.1"],
            memory: Some("ours < 64"),
        },
        Whole { name: "12 tracks at once", tracks, rounds: 3, targets: ["", ""], memory: None },
    ];
    let mut rows = Vec::new();
    for whole in &wholes {
        rows.extend(whole.measure(&ferric, &folder, &room)?);
    }
    rows.extend(starts::measure(&ferric, &folder, long)?);
    println!();
    table::print(&PEERS, &rows);
    Ok(())
}

impl Whole<'_> {
    /// A row for wall time, one for CPU time, and one for memory if that is wanted.
    fn measure(&self, ferric: &Program, folder: &Folder, room: &Path) -> Result<Vec<Row>> {
        let targets = self.targets.into_iter().chain(self.memory);
        let mut wanted: Vec<_> = FIGURES
            .into_iter()
            .zip(targets)
            .map(|((figure, of), target)| (format!("{}, {figure}", self.name), of, target, Rounds::default()))
            .collect();
        for round in 0..self.rounds {
            let turns = [ferric::fetch(ferric, folder, self.tracks, room)?, ffmpeg::encode(self.tracks, room)?];
            for (name, of, _, rounds) in &mut wanted {
                rounds.push(name, turns.map(*of));
            }
            if round == 0 {
                self.check(room)?;
            }
        }
        Ok(wanted.iter().map(|(name, _, target, rounds)| Row::new(name, target, rounds)).collect())
    }

    /// Whether the MP3s of ours hold as many samples as their sources.
    fn check(&self, room: &Path) -> Result<()> {
        for track in self.tracks {
            let decoded = ffmpeg::decoded_samples(&ferric::target(track, room))?;
            if decoded != track.samples {
                return Err(format!("{}: {decoded} samples instead of {}", track.path, track.samples).into());
            }
        }
        Ok(())
    }
}
