//! Decoded sound as it comes out of ffmpeg, in order, with a little of what went before. Where to start is decided
//! above.

use std::io;
use std::path::Path;

use super::process::{BOUNDS, INPUT, Process, command};
use crate::pcm::Planes;
use crate::{AudioFile, Error, watchdog};

/// Seconds that are kept of what went before: a run begins less than one before the end of the run before it.
const KEPT_SECONDS: usize = 2;

/// What is kept at most, in samples of all channels together: 16 MiB.
const MOST_KEPT: usize = 4 << 20;

/// Bytes that are read at once: as many as a pipe holds.
const PULLED: usize = 64 * 1024;

/// See the module.
pub(super) struct Stream {
    /// None once the sound has ended.
    process: Option<Process>,
    complaint: Option<String>,
    channels: usize,
    /// Where the window ends, in samples from the start of the sound.
    position: u64,
    /// The last samples, of all channels in turn.
    window: Vec<f32>,
    kept: usize,
    /// The start of a sample that has not come as a whole.
    rest: Vec<u8>,
    buffer: Vec<u8>,
}

impl Stream {
    /// Decodes a file from so many seconds on; only where its container says exactly where its samples are, these are
    /// those of decoding from the start.
    pub(super) fn start(
        program: &Path,
        file: &AudioFile,
        rate: u32,
        channels: usize,
        seconds: u64,
    ) -> Result<Self, Error> {
        let mut command = command(program);
        command.args(BOUNDS);
        if seconds > 0 {
            command.args(["-ss", &seconds.to_string()]);
        }
        command
            .args(INPUT)
            .args(["-map", "0:a:0", "-map_metadata", "-1", "-c:a", "pcm_f32le"])
            // Rate and channels stay as announced, even if they change in the file.
            .args(["-ar", &rate.to_string(), "-ac", &channels.to_string()])
            .args(["-f", "f32le", "pipe:1"]);
        let input = file.try_clone_file().map_err(Error::Io)?;
        let process = Process::start(command, input).map_err(Error::Io)?;
        let kept = (rate as usize * channels * KEPT_SECONDS).min(MOST_KEPT / channels * channels);
        Ok(Self {
            process: Some(process),
            complaint: None,
            channels,
            position: seconds * u64::from(rate),
            window: Vec::new(),
            kept,
            rest: Vec::new(),
            buffer: vec![0; PULLED],
        })
    }

    pub(super) const fn is_ended(&self) -> bool {
        self.process.is_none()
    }

    /// Where the window ends: the next sample that comes.
    pub(super) const fn position(&self) -> u64 {
        self.position
    }

    pub(super) fn start_of_window(&self) -> u64 {
        self.position.saturating_sub((self.window.len() / self.channels) as u64)
    }

    /// The last thing that ffmpeg said.
    pub(super) fn complaint(&self) -> Option<String> {
        self.complaint.clone()
    }

    /// Copies up to `count` samples from `place` on to the place `to` of `out`; none when they have not come.
    pub(super) fn copy(&self, place: u64, count: usize, to: usize, out: &mut Planes) -> usize {
        let Some(behind) = place.checked_sub(self.start_of_window()) else { return 0 };
        let there = self.position.saturating_sub(place);
        let count = usize::try_from(there).map_or(count, |there| there.min(count));
        let from = usize::try_from(behind).unwrap_or(usize::MAX).saturating_mul(self.channels);
        let samples = self.window.get(from..from.saturating_add(count * self.channels)).unwrap_or_default();
        for (channel, plane) in out.iter_mut().enumerate() {
            let of_channel = samples.iter().skip(channel).step_by(self.channels);
            for (to, sample) in plane[to..to + count].iter_mut().zip(of_channel) {
                *to = *sample;
            }
        }
        count
    }

    /// Waits for more sound; false at the end.
    pub(super) fn pull(&mut self) -> Result<bool, Error> {
        let Some(process) = &mut self.process else { return Ok(false) };
        let read = match process.read(&mut self.buffer) {
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return Err(Error::Hung),
            read => read.map_err(Error::Io)?,
        };
        watchdog::beat();
        if read == 0 {
            let was_killed = process.was_killed();
            self.complaint = process.complaint();
            self.process = None;
            return if was_killed { Err(Error::Io(io::Error::other("ffmpeg was killed"))) } else { Ok(false) };
        }
        self.rest.extend(&self.buffer[..read]);
        let whole = self.rest.len() / (4 * self.channels) * 4 * self.channels;
        // What is kept is cut only when it has doubled, for it has to be moved.
        if self.window.len() >= 2 * self.kept {
            self.window.drain(..self.window.len() - self.kept);
        }
        let samples = self.rest[..whole].as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        self.window.extend(samples);
        self.position += (whole / (4 * self.channels)) as u64;
        self.rest.drain(..whole);
        Ok(true)
    }
}
