//! One process of ffmpeg or ffprobe: started so that it can read nothing but its file, read through pipes with a
//! time-out, and killed when its handle is dropped. It also ends with this program, because its output pipe is closed
//! then.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::{Duration, Instant};

use model::limits::transcoding::STALLED_READER;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;

/// The containers that ffmpeg may see in a file. None of them leads it to other files, as playlists do.
const CONTAINERS: &str = "aac,aiff,ape,asf,caf,dsf,flac,iff,matroska,mov,mp3,mpc,mpc8,ogg,tta,w64,wav,wv";

/// Processor time of one process in seconds: more than a day of music takes.
const MAX_SECONDS: &str = "3600";

/// What is kept of the messages, in bytes: of a file that is damaged everywhere there may be a lot.
const COMPLAINT: usize = 2000;

/// How long a process whose output has ended may take to end itself.
const ENDING: Duration = Duration::from_secs(2);

static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Reaps processes that were killed, so that no other thread has to wait for them.
static REAPER: LazyLock<Sender<Child>> = LazyLock::new(|| {
    let (sender, receiver) = mpsc::channel::<Child>();
    let reap = move || {
        for mut child in receiver {
            let _ = child.wait();
            RUNNING.fetch_sub(1, Ordering::Relaxed);
        }
    };
    if let Err(error) = thread::Builder::new().name("reaper".to_owned()).spawn(reap) {
        tracing::error!(%error, "processes that have ended stay in the table");
    }
    sender
});

/// How many there are.
pub(super) fn running() -> usize {
    RUNNING.load(Ordering::Relaxed)
}

/// A process; it is ended when this is dropped.
pub(super) struct Process {
    child: Option<Child>,
    output: ChildStdout,
    complaints: Option<ChildStderr>,
    tail: Vec<u8>,
}

/// A command that reads `file:/dev/stdin` and nothing else, up to its input.
pub(super) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(["-hide_banner", "-loglevel", "error"])
        .args(["-protocol_whitelist", "file", "-format_whitelist", CONTAINERS])
        .env_remove("FFREPORT");
    command
}

/// The options that make `file:/dev/stdin` the input.
pub(super) const INPUT: [&str; 2] = ["-i", "file:/dev/stdin"];

/// Options of ffmpeg alone that bound what it takes.
pub(super) const BOUNDS: [&str; 5] = ["-nostdin", "-timelimit", MAX_SECONDS, "-threads", "1"];

impl Process {
    /// Starts a command. Its file is handed over opened, so that its name can be taken neither for an option nor for an
    /// address.
    pub(super) fn start(mut command: Command, input: File) -> io::Result<Self> {
        let mut child = command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        RUNNING.fetch_add(1, Ordering::Relaxed);
        let (output, complaints) = (child.stdout.take(), child.stderr.take());
        match output {
            Some(output) => Ok(Self { child: Some(child), output, complaints, tail: Vec::new() }),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// Reads output; nothing at its end.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.wait_for_output()? {
                match self.output.read(buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    read => return read,
                }
            }
        }
    }

    /// Waits for output or messages, and takes the messages; whether there is output.
    fn wait_for_output(&mut self) -> io::Result<bool> {
        let limit = Timespec { tv_sec: STALLED_READER.as_secs().cast_signed(), tv_nsec: 0 };
        let mut ready = Vec::with_capacity(2);
        ready.push(PollFd::new(&self.output, PollFlags::IN));
        ready.extend(self.complaints.as_ref().map(|complaints| PollFd::new(complaints, PollFlags::IN)));
        match rustix::event::poll(&mut ready, Some(&limit)) {
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Err(Errno::INTR) => return Ok(false),
            result => result.map(drop)?,
        }
        let is_ready = |index: usize| ready.get(index).is_some_and(|fd| !fd.revents().is_empty());
        let (has_output, has_complaints) = (is_ready(0), is_ready(1));
        drop(ready);
        if has_complaints {
            self.take_complaint();
        }
        Ok(has_output)
    }

    fn take_complaint(&mut self) {
        let mut buffer = [0; 4096];
        match self.complaints.as_mut().map(|complaints| complaints.read(&mut buffer)) {
            Some(Ok(0) | Err(_)) => self.complaints = None,
            Some(Ok(read)) => {
                self.tail.extend(&buffer[..read]);
                self.tail.drain(..self.tail.len().saturating_sub(COMPLAINT));
            }
            None => {}
        }
    }

    /// After the end of the output: whether the process was killed, as when memory runs out, so that its output may
    /// not be all there is.
    pub(super) fn was_killed(&mut self) -> bool {
        let started = Instant::now();
        while let Some(complaints) = &self.complaints {
            let left = ENDING.saturating_sub(started.elapsed());
            let left = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
            let mut ready = [PollFd::new(complaints, PollFlags::IN)];
            match rustix::event::poll(&mut ready, Some(&left)) {
                Ok(1..) => self.take_complaint(),
                Err(Errno::INTR) => {}
                _ => break,
            }
        }
        let Some(child) = &mut self.child else { return false };
        while started.elapsed() < ENDING {
            match child.try_wait() {
                Ok(Some(status)) => return status.signal().is_some(),
                Ok(None) => thread::sleep(Duration::from_millis(2)),
                Err(_) => return false,
            }
        }
        true
    }

    /// The last thing that it said.
    pub(super) fn complaint(&self) -> Option<String> {
        let text = String::from_utf8_lossy(&self.tail);
        Some(text.lines().rev().find(|line| !line.trim().is_empty())?.trim().to_owned())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It has ended by itself, or ends now.
            let _ = child.kill();
            let _ = REAPER.send(child);
        }
    }
}
