//! `ferric scan`: reads the music folder into the index, with a line of progress in the terminal.
//! The scan itself is in `library`.

use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use audio::MusicRoot;
use library::scan::{ScanProgress, Scope};
use library::{Index, Store};
use model::LibraryStats;
use model::cache_stats::readable_bytes;
use server::config::Scan;

/// Problems that are listed at the end.
const LISTED: u32 = 20;

/// Without a terminal there is no line to write over, so it is written less often.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Runs the command.
///
/// # Errors
/// When the folders or the database cannot be used.
pub(crate) async fn run(options: &Scan) -> Result<(), Box<dyn std::error::Error>> {
    let music = MusicRoot::new(&options.music_root)
        .map_err(|error| format!("--music (MUSIC_ROOT) {}: {error}", options.music_root.display()))?;
    let index = Index::open(&options.data.path)
        .await
        .map_err(|error| format!("--data (DATA_ROOT) {}: {error}", options.data.path.display()))?;
    let scope = if options.full { Scope::Full } else { Scope::Changes };
    let line = Line { is_terminal: std::io::stderr().is_terminal(), last: Cell::default() };
    let scanned = index.scan(&Arc::new(music), &scope, |progress| line.show(progress)).await;
    line.end();
    say!("{}", scanned?);
    let store = Store::open(&options.data.path).await?;
    match store.refresh(&index).await? {
        0 => {}
        1 => say!("1 track of the mixtapes was brought up to date"),
        tracks => say!("{tracks} tracks of the mixtapes were brought up to date"),
    }
    store.close().await;
    summary(&index.statistics().await?);
    let problems = index.problems(LISTED, 0).await?;
    for problem in &problems {
        say!("    {}: {}", problem.path, problem.reason);
    }
    index.close().await;
    Ok(())
}

fn summary(library: &LibraryStats) {
    say!(
        "The library has {} artists, {} releases and {} tracks: {}, {}",
        library.artists,
        library.releases,
        library.tracks,
        library.duration,
        readable_bytes(library.bytes)
    );
    for (codec, tracks) in &library.formats {
        say!("{codec:<10} {tracks}");
    }
    match library.problems {
        0 => {}
        problems if problems > u64::from(LISTED) => say!("{problems} files with problems, the first {LISTED}:"),
        problems => say!("{problems} {} with problems:", if problems == 1 { "file" } else { "files" }),
    }
}

/// The line of progress, on standard error.
struct Line {
    is_terminal: bool,
    /// When it was last written, since the start.
    last: Cell<Duration>,
}

impl Line {
    fn show(&self, progress: &ScanProgress) {
        if self.is_terminal {
            eprint!("\r{} {progress}\x1b[K", bar(progress));
            let _ = std::io::stderr().flush();
        } else if progress.elapsed >= self.last.get() + LINE_EVERY {
            self.last.set(progress.elapsed);
            eprintln!("{progress}");
        }
    }

    fn end(&self) {
        if self.is_terminal {
            eprintln!();
        }
    }
}

fn bar(progress: &ScanProgress) -> String {
    const WIDTH: u64 = 24;
    let total = progress.total.unwrap_or(0).max(progress.seen).max(1);
    let full = progress.total.map_or(0, |_| progress.seen.saturating_mul(WIDTH) / total);
    (0..WIDTH).map(|place| if place < full { '█' } else { '░' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_as_full_as_the_work_is_done() {
        let bar_at = |seen, total| {
            let progress = ScanProgress { seen, read: 0, total, problems: 0, elapsed: Duration::ZERO };
            bar(&progress).chars().filter(|sign| *sign == '█').count()
        };
        assert_eq!([bar_at(0, None), bar_at(7, None), bar_at(0, Some(10)), bar_at(5, Some(10))], [0, 0, 0, 12]);
        assert_eq!([bar_at(10, Some(10)), bar_at(11, Some(10)), bar_at(0, Some(0))], [24, 24, 0]);
    }
}
