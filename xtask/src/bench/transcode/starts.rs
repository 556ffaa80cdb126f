//! How soon sound comes from somewhere in a file of two hours that nobody has transcoded before.
//! How each side is asked for it is known to `ferric` and `ffmpeg`.

use std::io;
use std::time::Instant;

use super::music::Track;
use super::{ferric, ffmpeg};
use crate::bench::Result;
use crate::bench::client::BUFFER_BYTES;
use crate::bench::folder::Folder;
use crate::bench::server::Program;
use crate::bench::table::Row;

/// Turns for each at each place.
const ROUNDS: usize = 5;

/// Where in the file, in percent.
const PLACES: [u32; 3] = [0, 50, 95];

/// More than the frame at the beginning that holds no sound, and less than that and the next, in bytes.
const SOUND_BYTES: usize = 1024;

/// What a player fetches before it plays, in bytes.
const FILL_BYTES: usize = 256 * 1024;

/// How soon a stream started, in milliseconds.
#[derive(Clone, Copy, Default)]
pub(super) struct Start {
    /// Until the first byte.
    first: f64,
    /// Until [`SOUND_BYTES`] were there.
    sound: f64,
    /// Until [`FILL_BYTES`] were there.
    filled: f64,
}

impl Start {
    /// Takes the bytes that `receive` puts into a buffer; it answers how many, which may be none.
    pub(super) fn take(begun: Instant, mut receive: impl FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<Self> {
        let mut buffer = vec![0; BUFFER_BYTES];
        let (mut start, mut before) = (Self::default(), 0);
        while before < FILL_BYTES {
            let taken = before + receive(&mut buffer)?;
            let now = begun.elapsed().as_secs_f64() * 1e3;
            let marks = [(1, &mut start.first), (SOUND_BYTES, &mut start.sound), (FILL_BYTES, &mut start.filled)];
            for (bytes, mark) in marks {
                if before < bytes && taken >= bytes {
                    *mark = now;
                }
            }
            before = taken;
        }
        Ok(start)
    }
}

/// How a figure is called, what it is, and the target of its ratio.
type Figure = (&'static str, fn(Start) -> f64, &'static str);

/// What is measured at each place.
const AT_PLACES: [Figure; 2] =
    [("first byte at", |start| start.first, "≤ 1.0"), ("256 KiB from", |start| start.filled, "")];

/// What is compared between the last place and the first of the same side.
const FAR_TO_NEAR: [Figure; 2] = [
    ("first sound, 95 % to 0 %", |start| start.sound, "ours ≤ 1.5"),
    ("256 KiB, 95 % to 0 %", |start| start.filled, ""),
];

/// A row for each of [`AT_PLACES`] at each of the [`PLACES`], and one for each of [`FAR_TO_NEAR`].
pub(super) fn measure(ferric: &Program, folder: &Folder, track: &Track) -> Result<Vec<Row>> {
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let mut starts = [[Start::default(); 2]; PLACES.len()];
        for (start, percent) in starts.iter_mut().zip(PLACES) {
            *start = [ferric::seek(ferric, folder, track, percent)?, ffmpeg::seek(track, percent)?];
        }
        println!("starts in 2 hours, round {} of {ROUNDS}", round + 1);
        rounds.push(starts);
    }
    let mut rows = Vec::new();
    for (name, of, target) in AT_PLACES {
        for (place, percent) in PLACES.into_iter().enumerate() {
            let figures = rounds.iter().map(|starts| starts[place].map(of)).collect();
            rows.push(Row::new(&format!("{name} {percent} % (ms)"), target, &figures));
        }
    }
    for (name, of, target) in FAR_TO_NEAR {
        let ratio = |[near, _, far]: &[[Start; 2]; 3]| [0, 1].map(|side| of(far[side]) / of(near[side]));
        rows.push(Row::new(name, target, &rounds.iter().map(ratio).collect()));
    }
    Ok(rows)
}
