//! The FLACs that are transcoded: a dozen tracks and a file of two hours, made from the demo library.
//! They are the same in every run of the bench; what becomes of them is not known here.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::ffmpeg::{ffmpeg, told_samples};
use crate::bench::Result;
use crate::bench::client::Resource;
use crate::bench::folder::Folder;
use crate::step::{run, step};

/// How many tracks there are.
const TRACKS: u32 = 12;

/// How long the first track is, in seconds; each of the others is one second longer than the one before.
const TRACK_SECONDS: u32 = 4 * 60;

/// How long the long file is, in seconds.
const LONG_SECONDS: u32 = 2 * 60 * 60;

/// Samples in a second, of all files.
const RATE: u32 = 44_100;

/// A FLAC, and where the server has it as MP3.
pub(super) struct Track {
    /// Without an ending.
    pub(super) name: String,
    /// The FLAC.
    pub(super) file: PathBuf,
    /// What to ask the server for.
    pub(super) path: String,
    /// How long it is.
    pub(super) seconds: u32,
    /// The same in samples of each channel, as the FLAC tells it.
    pub(super) samples: u64,
    /// The length of the MP3, once the server has told it.
    pub(super) mp3_bytes: u64,
}

impl Track {
    /// The MP3.
    pub(super) fn resource(&self) -> Resource<'_> {
        Resource { path: &self.path, bytes: self.mp3_bytes }
    }
}

/// Makes the tracks and, as the last, the long file in the music folder.
pub(super) fn make(demo: &Path, folder: &Folder) -> Result<Vec<Track>> {
    let medley = folder.room("medley")?.join("medley.wav");
    step("making the music", || {
        join(&lossless(&demo.join("music"))?, &medley)?;
        let mut tracks = Vec::new();
        for number in 0..TRACKS {
            let name = format!("track-{:02}", number + 1);
            tracks.push(encode(&medley, folder, name, TRACK_SECONDS + number, RATE + number * RATE / 100)?);
        }
        tracks.push(encode(&medley, folder, "two-hours".to_owned(), LONG_SECONDS, RATE)?);
        for track in &tracks {
            // From here on the page cache has all of it.
            io::copy(&mut File::open(&track.file)?, &mut io::sink())?;
        }
        Ok(tracks)
    })
}

/// The lossless files below a folder, in the order of their paths: an MP3 has lost what an encoder has to think about.
fn lossless(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().and_then(OsStr::to_str).is_some_and(|ending| matches!(ending, "flac" | "wav")) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Writes all pieces into one WAV, one after the other.
fn join(pieces: &[PathBuf], medley: &Path) -> Result<()> {
    let mut command = ffmpeg();
    for piece in pieces {
        command.arg("-i").arg(piece);
    }
    let input = |number: usize| format!("[{number}:a]aresample={RATE},aformat=sample_fmts=s16:channel_layouts=stereo");
    let formats: Vec<String> = (0..pieces.len()).map(|number| format!("{}[{number}];", input(number))).collect();
    let inputs: Vec<String> = (0..pieces.len()).map(|number| format!("[{number}]")).collect();
    let joined = format!("{}{}concat=n={}:v=0:a=1", formats.concat(), inputs.concat(), pieces.len());
    command.arg("-filter_complex").arg(joined);
    run(command.arg(medley))
}

/// Repeats the medley, played as if it had `rate` samples a second, until the track is full.
fn encode(medley: &Path, folder: &Folder, name: String, seconds: u32, rate: u32) -> Result<Track> {
    let file = folder.music().join(format!("{name}.flac"));
    let mut command = ffmpeg();
    command.args(["-stream_loop", "-1", "-i"]).arg(medley).args(["-t", &seconds.to_string()]);
    command.arg("-af").arg(format!("asetrate={rate},aresample={RATE}"));
    command.args(["-ac", "2", "-sample_fmt", "s16", "-c:a", "flac", "-compression_level", "5"]);
    run(command.arg(&file))?;
    let samples = told_samples(&file)?;
    if samples != u64::from(seconds) * u64::from(RATE) {
        return Err(format!("{} has {samples} samples, which are not {seconds} s", file.display()).into());
    }
    Ok(Track { path: format!("/play/{name}.flac?quality=medium"), name, file, seconds, samples, mp3_bytes: 0 })
}
