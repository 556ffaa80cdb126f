//! What no decoder here reads, decoded by ffmpeg where that is installed: once and whole, into a file without a name,
//! for only then is its length known to the sample. That file is FLAC, and read as any other.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use crate::root::FileId;
use crate::source::{read_file_at, read_file_now};
use crate::{Error, Source};

/// The containers that ffmpeg may see in a file. None of them leads it to other files, as playlists do.
const CONTAINERS: &str = "aac,aiff,ape,asf,caf,dsf,flac,iff,matroska,mov,mp3,mpc,mpc8,ogg,tta,w64,wav,wv";

/// Bytes that a decoded file may have: some ten hours of music.
const MAX_BYTES: u64 = 8 << 30;

/// An ffmpeg that writes nothing for so long does not go on.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often ffmpeg is looked after.
const GLANCE: Duration = Duration::from_millis(20);

static PROGRAM: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join("ffmpeg")).find(|program| program.is_file())
});

/// What is decoded and in use. The lock is held while one is made: one ffmpeg at a time is enough for a machine, and
/// who comes second finds what the first has waited for.
static DECODED: Mutex<Vec<(FileId, Weak<Decoded>)>> = Mutex::new(Vec::new());

/// What ffmpeg has made of a file, for all who open it by the same recipe.
#[derive(Clone, Default)]
pub struct Kept(Arc<OnceLock<Arc<Decoded>>>);

/// Whether there is an ffmpeg.
#[must_use]
pub fn is_installed() -> bool {
    PROGRAM.is_some()
}

/// A file in FLAC with the sound of `source`, made now or kept from before.
///
/// # Errors
/// [`Error::Unsupported`] when ffmpeg is not installed or does not know the file either, and [`Error::Io`].
pub fn decode(source: &dyn Source, kept: &Kept) -> Result<Arc<dyn Source>, Error> {
    if let Some(decoded) = kept.0.get() {
        return Ok(Arc::<Decoded>::clone(decoded));
    }
    let program = PROGRAM.as_ref().ok_or_else(|| unsupported("it needs ffmpeg, which is not installed"))?;
    let file = source.as_file().ok_or_else(|| unsupported("it is no file that ffmpeg could read"))?;
    let mut table = DECODED.lock().unwrap_or_else(PoisonError::into_inner);
    table.retain(|(_, decoded)| decoded.strong_count() > 0);
    let known = table.iter().find(|(id, _)| *id == file.id()).and_then(|(_, decoded)| decoded.upgrade());
    let decoded = if let Some(decoded) = known {
        decoded
    } else {
        let decoded = Arc::new(run(Command::new(program), file.try_clone_file().map_err(Error::Io)?)?);
        table.push((file.id(), Arc::downgrade(&decoded)));
        decoded
    };
    Ok(Arc::clone(kept.0.get_or_init(|| decoded)) as Arc<dyn Source>)
}

fn unsupported(reason: &str) -> Error {
    Error::Unsupported(reason.to_owned())
}

/// Decodes `input`. It is handed over opened, so that its name can be taken neither for an option nor for an address.
fn run(mut command: Command, input: File) -> Result<Decoded, Error> {
    let (output, complaints) = (tempfile::tempfile().map_err(Error::Io)?, tempfile::tempfile().map_err(Error::Io)?);
    let started = Instant::now();
    command
        .args(["-nostdin", "-hide_banner", "-loglevel", "error"])
        .args(["-protocol_whitelist", "file", "-format_whitelist", CONTAINERS, "-i", "file:/dev/stdin"])
        .args(["-map", "0:a:0", "-map_metadata", "-1", "-c:a", "flac", "-compression_level", "0"])
        // Written as a file and not as a pipe, for the length is put into the head at last.
        .args(["-fs", &MAX_BYTES.to_string(), "-f", "flac", "-y", "file:/dev/stdout"])
        .env_remove("FFREPORT")
        .stdin(input)
        .stdout(output.try_clone().map_err(Error::Io)?)
        .stderr(complaints.try_clone().map_err(Error::Io)?);
    let status = Running(command.spawn().map_err(Error::Io)?).wait(&output).map_err(Error::Io)?;
    let len = output.metadata().map_err(Error::Io)?.len();
    let reason = match status {
        None => "ffmpeg hangs at it".to_owned(),
        Some(_) if len >= MAX_BYTES => "it is too long to be decoded by ffmpeg".to_owned(),
        Some(status) if !status.success() || len == 0 => {
            format!("ffmpeg cannot decode it either ({})", last_line(complaints).unwrap_or_else(|| status.to_string()))
        }
        Some(_) => {
            tracing::info!(bytes = len, elapsed = ?started.elapsed(), "decoded by ffmpeg");
            return Ok(Decoded { file: output, len });
        }
    };
    Err(Error::Unsupported(reason))
}

/// A process that ends when nobody waits for it any more.
struct Running(Child);

impl Running {
    /// How it ended; none when it had to be ended, for it wrote nothing for too long.
    fn wait(mut self, output: &File) -> io::Result<Option<ExitStatus>> {
        let (mut len, mut grown) = (0, Instant::now());
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(Some(status));
            }
            let now = output.metadata()?.len();
            if now != len {
                (len, grown) = (now, Instant::now());
            } else if grown.elapsed() > PATIENCE {
                return Ok(None);
            }
            thread::sleep(GLANCE);
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended by itself, or ends now; there is nobody to tell of more.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a program that failed said at last.
fn last_line(mut complaints: File) -> Option<String> {
    /// Of a file that is damaged everywhere there may be a lot.
    const ENOUGH: u64 = 2000;
    let len = complaints.metadata().ok()?.len();
    complaints.seek(io::SeekFrom::Start(len.saturating_sub(ENOUGH))).ok()?;
    let mut text = Vec::new();
    complaints.take(ENOUGH).read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).lines().rev().find(|line| !line.trim().is_empty())?.trim().to_owned())
}

/// A decoded file.
struct Decoded {
    file: File,
    len: u64,
}

impl Source for Decoded {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_now(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        read_file_now(&self.file, buffer, offset)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        read_file_at(&self.file, buffer, offset)
    }
}
