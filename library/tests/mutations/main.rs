//! Damaged documents: none of them crashes or hangs the process that reads it, or takes much memory. Each kind is read
//! in a process of its own; the parent process reports the seed of the damage. `MUTATIONS=100000 SEED=7 cargo test
//! --release -p library --test mutations` tries more of them, beginning with seed 7.

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that stops has failed")]

mod bombs;
mod documents;
#[path = "../../../audio/tests/mutations/mutate.rs"]
mod mutate;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use documents::{Kind, Reader};
use rustix::process::{Resource, Rlimit, setrlimit};

/// Damaged documents of each kind, unless the environment says otherwise.
const USUAL: u64 = 10_000;

/// The longest that reading one may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Address space of the process that reads, in bytes: whatever goes wrong stays there.
const MAX_ADDRESSES: u64 = 4 << 30;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn main() {
    if let Ok(kind) = std::env::var("MUTATED_KIND") {
        return read(Kind::named(&kind).expect("a kind"));
    }
    // Test runners may list tests; there is only this one.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    let failures: Vec<_> = Kind::ALL.into_iter().filter_map(|kind| watch(kind).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Starts the process that reads documents of a kind, and watches it.
fn watch(kind: Kind) -> Result<(), String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env("MUTATED_KIND", kind.name())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, lines) = mpsc::channel();
    let output = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let mut errors = child.stderr.take().unwrap();
    let errors = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = errors.read_to_end(&mut text);
        String::from_utf8_lossy(&text)
            .chars()
            .rev()
            .take(2_000)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect::<String>()
    });
    let mut last = "nothing".to_owned();
    let ended = loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(line) => last = line,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                child.kill().unwrap();
                break Err(format!("took longer than {} s", PATIENCE.as_secs()));
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break Ok(()),
        }
    };
    let status = child.wait().unwrap();
    let errors = errors.join().unwrap();
    match ended {
        Ok(()) if status.success() => {
            println!("{}: {last}", kind.name());
            Ok(())
        }
        Ok(()) => Err(format!("{}, seed {last}: {status}\n{errors}", kind.name())),
        Err(reason) => Err(format!("{}, seed {last}: {reason}\n{errors}", kind.name())),
    }
}

/// Reads damaged documents of a kind and says before each which one it is.
fn read(kind: Kind) {
    let limit = Rlimit { current: Some(MAX_ADDRESSES), maximum: Some(MAX_ADDRESSES) };
    setrlimit(Resource::As, limit).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (first, count) = (number("SEED").unwrap_or(1), number("MUTATIONS").unwrap_or(USUAL));
        let mut reader = Reader::new(kind).await;
        let before = peak();
        let mut out = std::io::stdout();
        let (mut understood, mut most) = (0, 0);
        let count = kind.count(count);
        for seed in first..first + count {
            writeln!(out, "{seed}").unwrap();
            forget_peak();
            understood += u64::from(reader.read(seed).await);
            let added = peak().saturating_sub(before);
            most = most.max(added);
            assert!(added < kind.max_kib(), "reading it took {} MiB", added >> 10);
        }
        writeln!(out, "{count} read, {understood} understood, at most {} MiB", most >> 10).unwrap();
    });
}

/// The most memory that this process has had at once, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Has the peak counted from now on (proc(5), `clear_refs`); where that is not allowed, it is counted from the start.
pub fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
