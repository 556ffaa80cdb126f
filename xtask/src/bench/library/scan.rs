//! Our side of the scans: `ferric scan`, and what it tells of itself.
//! What is scanned, and how often, is decided elsewhere.

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::bench::Result;
use crate::bench::memory::anonymous_kib;

/// How often the memory is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// What a scan took.
pub(super) struct Scan {
    /// Seconds until every file was in the index.
    pub(super) indexed: f64,
    /// Seconds until the search found every file.
    pub(super) found: f64,
    /// The most memory, without the mapped pages of the index, in MiB.
    pub(super) peak: f64,
}

/// Scans a folder into the index in `data`.
pub(super) fn scan(ferric: &Path, music: &Path, data: &Path) -> Result<Scan> {
    let mut command = Command::new(ferric);
    command.args(["scan", "--log", "error", "--music"]).arg(music).arg("--data").arg(data);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let process = child.id();
    let watcher = thread::spawn(move || {
        let mut peak = 0_u64;
        // A process that has ended has no memory to tell of.
        while let Ok(now) = anonymous_kib(process) {
            peak = peak.max(now);
            thread::sleep(PAUSE);
        }
        peak as f64 / 1024.0
    });
    let output = child.wait_with_output()?;
    let peak = watcher.join().map_err(|_| "the memory of a scan cannot be read")?;
    let told = String::from_utf8(output.stdout)?;
    let (found, search) = seconds(&told).filter(|_| output.status.success()).ok_or("the scan has failed")?;
    Ok(Scan { indexed: found - search, found, peak })
}

/// The seconds of "20000 files, 20000 added, in 1.05 s with 0.450 s for the search", and those for the search.
fn seconds(told: &str) -> Option<(f64, f64)> {
    let (_, time) = told.lines().next()?.rsplit_once(", in ")?;
    let mut seconds = time.split(" s").filter_map(|text| text.rsplit(' ').next()?.parse().ok());
    Some((seconds.next()?, seconds.next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_times_are_read() {
        let told = "20000 files, 20000 added, in 1.05 s with 0.450 s for the search\nThe library has";
        assert_eq!(seconds(told), Some((1.05, 0.45)));
        assert_eq!(seconds("20000 files, 3 with problems, in 0.078 s\n"), Some((0.078, 0.0)));
        assert_eq!(seconds("nothing"), None);
    }
}
