//! ffmpeg, the other side of the bench: the commands that make the same MP3s, and what they take.
//! It also tells how long audio files are; what follows from the figures is decided elsewhere.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};

use super::Turn;
use super::music::Track;
use super::starts::Start;
use crate::bench::Result;
use crate::bench::cpu;
use crate::bench::memory::peak_kib;
use crate::step::{answer, install_debian};

/// How often the memory of a running ffmpeg is looked at: it tells its peak as long as it runs.
const PAUSE: Duration = Duration::from_millis(20);

/// Makes sure that there is an ffmpeg, where that is allowed by installing it, and answers its version.
///
/// # Errors
/// When it is missing and cannot be installed.
pub(super) fn ensure() -> Result<String> {
    let version = || {
        answer(Command::new("ffprobe").arg("-version"))?;
        answer(Command::new("ffmpeg").arg("-version"))
    };
    if version().is_none() {
        install_debian(&["ffmpeg"], "The bench needs ffmpeg to compare with, and to make the music")?;
    }
    let version = version().ok_or("ffmpeg does not run")?;
    Ok(version.split_whitespace().nth(2).unwrap_or("of unknown version").to_owned())
}

/// An ffmpeg that says no more than what goes wrong.
pub(super) fn ffmpeg() -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error"]).stdin(Stdio::null());
    command
}

/// Adds what is read, and as what it is written.
fn to_mp3<'command>(command: &'command mut Command, track: &Track) -> &'command mut Command {
    command.arg("-i").arg(&track.file).args(["-map", "0:a", "-c:a", "libmp3lame", "-b:a", "192k", "-f", "mp3"])
}

/// Encodes all tracks, as many at once as there are cores.
pub(super) fn encode(tracks: &[Track], room: &Path) -> Result<Turn> {
    let workers = available_parallelism().map_or(1, usize::from).min(tracks.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut peak = 0;
        while let Some(track) = tracks.get(next.fetch_add(1, Ordering::Relaxed)) {
            peak = peak.max(encode_one(track, room)?);
        }
        Ok::<_, io::Error>(peak)
    };
    let cpu = cpu::of_ended_children()?;
    let begun = Instant::now();
    let peak = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let ended = workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(io::Error::other("ffmpeg"))));
        ended.collect::<io::Result<Vec<u64>>>()
    })?;
    let wall = begun.elapsed().as_secs_f64();
    let peak = peak.into_iter().max().unwrap_or_default() as f64 / 1024.0;
    Ok(Turn { wall, cpu: cpu::of_ended_children()? - cpu, peak })
}

/// Encodes one track and answers the most memory that it took, in KiB.
fn encode_one(track: &Track, room: &Path) -> io::Result<u64> {
    let target = room.join(format!("{}-ffmpeg.mp3", track.name));
    let mut child = to_mp3(&mut ffmpeg(), track).arg("-y").arg(target).spawn()?;
    let process = child.id();
    thread::scope(|scope| {
        let watcher = scope.spawn(move || {
            let mut peak = 0;
            // A process that has ended has no memory to tell of.
            while let Ok(now) = peak_kib(process) {
                peak = now;
                thread::sleep(PAUSE);
            }
            peak
        });
        let status = child.wait()?;
        if !status.success() {
            return Err(io::Error::other(format!("ffmpeg failed, {status}")));
        }
        watcher.join().map_err(|_| io::Error::other("the memory of ffmpeg cannot be read"))
    })
}

/// Starts to encode from somewhere in a track.
pub(super) fn seek(track: &Track, percent: u32) -> Result<Start> {
    let seconds = track.seconds * percent / 100;
    let mut command = ffmpeg();
    let command = to_mp3(command.arg("-ss").arg(seconds.to_string()), track).arg("pipe:1").stdout(Stdio::piped());
    let begun = Instant::now();
    let mut child = command.spawn()?;
    let mut output = child.stdout.take().ok_or("ffmpeg has no output")?;
    let start = Start::take(begun, |buffer| match output.read(buffer)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        count => Ok(count),
    });
    child.kill()?;
    child.wait()?;
    Ok(start?)
}

/// Samples of each channel that a FLAC says it has.
pub(super) fn told_samples(file: &Path) -> Result<u64> {
    let mut probe = Command::new("ffprobe");
    probe.args(["-v", "error", "-show_entries", "stream=duration_ts", "-of", "csv=p=0"]).arg(file);
    let told = answer(&mut probe).and_then(|samples| samples.parse().ok());
    told.ok_or_else(|| format!("{} does not tell its length", file.display()).into())
}

/// Samples of each channel that a stereo file holds when all of it is decoded.
pub(super) fn decoded_samples(file: &Path) -> Result<u64> {
    let mut command = ffmpeg();
    let mut child = command.arg("-i").arg(file).args(["-f", "s16le", "pipe:1"]).stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().ok_or("ffmpeg has no output")?;
    let bytes = io::copy(&mut io::BufReader::with_capacity(1 << 20, output), &mut io::sink())?;
    if !child.wait()?.success() {
        return Err(format!("{} cannot be decoded", file.display()).into());
    }
    Ok(bytes / 4)
}
