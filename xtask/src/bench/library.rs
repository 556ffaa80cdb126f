//! The music library: scans beside mutagen, searches beside `LIKE`: `cargo xtask bench library`.
//! What a scan makes of a file, and what a search finds, is for the tests of `library`.
//!
//! ## What is measured
//! - **A cold scan**: 20,000 small tagged files (half of them MP3, a quarter FLAC, then MP4, Vorbis and Opus) into an
//!   index that is not there yet, by `ferric scan` on all cores. Beside it a Python script opens the same files with
//!   mutagen, one after the other, and keeps nothing of what it reads. Both tell themselves how long they took, without
//!   the start of their process; the files have been read before, so that they are in memory as far as it reaches.
//!   Ours is told twice: until every file is in the index, and until the search finds every one of them, too. A scan of
//!   a few seconds writes all its rows first; a longer one brings the search up to date on the way.
//! - **An unchanged rescan**: the same scan again, beside the cold one of the same turn.
//! - **The memory** of a cold scan of 200,000 files, beside one of 100,000. Pages of the index that are mapped belong to
//!   the system and are not counted. Queues, caches and what is gathered for the search are bounded, and full by then;
//!   after 20,000 files they are not, which is told, too.
//! - **Searches** in an index of 20,000, 200,000 and 1,000,000 made-up tracks: what people type, at some keystroke, 2,700
//!   times; beside it `LIKE '%…%'` over titles, artists and albums in the same database, for the first 100 of them.
//!
//! ## What was tried
//! - **Triggers that fold every name in SQL and write it to FTS5 at once**: 250 to 530 µs a track. Now they note what has
//!   changed, new tracks are those behind the last that was followed, and thousands are followed together: about 13 µs.
//! - **Rows and search in one transaction**: the thread that writes is what everybody waits for, 0.60 s until the index has
//!   20,000 files instead of 0.32; until the search finds them it is no sooner.
//! - **All endings of all words in a table**, for what is inside of words: six rows for each word. Now the words are one
//!   list in memory that is looked through, 2.5 MB and 0.2 ms at a million tracks.
//! - **FTS5 in the order of the rows**: two and a half times the time, for a rowid that is lower than the one before makes
//!   it write out what it has gathered. It does that before every statement of several rows, too.
//! - **Rows as JSON and through temporary tables, over a pool**: 58 µs of processor time for a file with all that belongs
//!   to it; 46 with a statement for each row on the thread that has the connection.
//! - **Prefixes of up to three letters in FTS5 instead of five**: in a trial of FTS5 alone 5 µs less for each track, but
//!   what begins with four is merged when it is asked for: on a busy machine the 95th percentile at a million tracks was 17
//!   times that at 20,000.
//! - **Prefixes of up to four letters**: 0.03 s less for 20,000 tracks, but the 95th percentile at a million was 3.2 times
//!   that at 20,000 instead of 2.9, although words that begin so are looked up in the list of words.
//! - **Pages of 4,050 bytes in FTS5**: what is in few names is looked up in the lists of what is in many, page by page; with
//!   1,000 the 95th percentile at a million tracks is a seventh less. 400 changed nothing more.
//! - **Two of the three groups of a search one after the other**, for cores are few: everything took longer.
//! - **As many threads that read as there are cores**, always: they take turns with the one that writes, which then goes
//!   on alone; 0.63 s instead of 0.56 for 20,000 files.
//! - **A query for every file of a rescan**: now a folder is compared as a whole, by a hash over its files' states.
//! - **Listing every folder of a rescan**: half of what the system takes for 20,000 files in 2,600 folders, 14 of 31 ms on
//!   both cores in a program of thirty lines in C. A folder that has the time of its last change has the same names, which
//!   are in the index: 22 ms, and nearly all of it for the states of the files.
//! - **mimalloc** for readers and writers, SQLite among them: 0.29 s until the index has 20,000 files instead of 0.33, and
//!   twice the memory.
//! - **16 MB of page cache for the connection that writes** instead of 8: no sooner done, and 8 MB more.

use std::path::Path;
use std::process::{Command, Stdio};

use super::Result;
use super::folder::Folder;
use super::table::{self, Rounds, Row, machine};
use crate::step::{cargo, run, step};

mod mutagen;
mod scan;

/// Files of a scan.
const FILES: usize = 20_000;

/// Files of scans whose memory is compared.
const MANY: [usize; 2] = [100_000, 200_000];

/// Turns for each.
const ROUNDS: usize = 3;

/// Tracks of an index that is searched.
const SIZES: [usize; 3] = [20_000, 200_000, 1_000_000];

/// Runs the whole bench with `ferric`, the release build of the server, and prints the tables.
///
/// # Errors
/// When something does not run. A figure is never an error.
pub(crate) fn library(ferric: &Path) -> Result<()> {
    let python = mutagen::ensure()?;
    let made_up = build()?;
    println!("{}, mutagen {}\n", machine(), mutagen::version(&python)?);
    let folder = Folder::create()?;
    step("making the files", || make(&made_up, &folder.music(), FILES))?;
    scans(ferric, &python, &made_up, &folder)?;
    searches(&made_up, &folder)
}

fn scans(ferric: &Path, python: &Path, made_up: &Path, folder: &Folder) -> Result<()> {
    // From here on the page cache has what it can.
    mutagen::read(python, &folder.music())?;
    let (mut indexed, mut found) = <(Rounds<2>, Rounds<2>)>::default();
    let (mut again, mut memory) = <(Rounds<2>, Rounds<2>)>::default();
    let mut peak = 0.0;
    for round in 0..ROUNDS {
        let theirs = mutagen::read(python, &folder.music())?;
        let data = folder.room(&format!("data-{round}"))?;
        let cold = scan::scan(ferric, &folder.music(), &data)?;
        let unchanged = scan::scan(ferric, &folder.music(), &data)?;
        let rate = |seconds: f64| FILES as f64 / seconds;
        indexed.push("cold scan, files in the index a second", [rate(cold.indexed), rate(theirs)]);
        found.push("cold scan, files found by the search a second", [rate(cold.found), rate(theirs)]);
        again.push("unchanged rescan, files a second", [rate(unchanged.found), rate(cold.found)]);
        peak = f64::max(peak, cold.peak);
    }
    let [half, all] = MANY.map(|files| -> Result<f64> {
        let many = folder.room(&format!("many-{files}"))?;
        step(&format!("making {files} files"), || make(made_up, &many, files))?;
        let cold = scan::scan(ferric, &many, &folder.room(&format!("data-{files}"))?)?;
        std::fs::remove_dir_all(many)?;
        Ok(cold.peak)
    });
    memory.push("memory of 200,000 files, of 100,000 (MiB)", [all?, half?]);
    println!("  of {FILES} files {peak:.1} MiB");
    println!();
    let row = |name, target, rounds| Row::new(name, target, rounds);
    table::print(
        &["mutagen"],
        &[
            row("cold scan, in the index (files/s)", "≥ 10", &indexed),
            row("cold scan, found by the search (files/s)", "≥ 10", &found),
        ],
    );
    println!();
    table::print(&["cold"], &[row("unchanged rescan (files/s)", "≥ 20", &again)]);
    println!();
    table::print(&["100,000"], &[row("memory of 200,000 files (MiB)", "near 1", &memory)]);
    println!();
    Ok(())
}

fn searches(made_up: &Path, folder: &Folder) -> Result<()> {
    let mut rows = Vec::new();
    let mut small = None;
    for tracks in SIZES {
        let data = folder.room(&format!("index-{tracks}"))?;
        let told = step(&format!("filling and searching an index of {tracks} tracks"), || {
            let mut search = Command::new(made_up);
            let output = search.arg("search").arg(&data).arg(tracks.to_string()).stderr(Stdio::inherit()).output()?;
            if !output.status.success() {
                return Err("the index was not searched".into());
            }
            Ok(String::from_utf8(output.stdout)?)
        })?;
        let [p50, p95] = percentiles(&told, "search")?;
        let [like_p50, like_p95] = percentiles(&told, "like")?;
        let row = |name: &str, target, figures: [f64; 2]| {
            Row::new(&format!("{tracks} tracks, {name}"), target, &Rounds::from_iter([figures]))
        };
        rows.push(row("median (ms)", "", [p50, like_p50]));
        rows.push(row("95th percentile (ms)", "< 0.05", [p95, like_p95]));
        let before = *small.get_or_insert(p95);
        println!("  the 95th percentile is {:.2} times that of {} tracks", p95 / before, SIZES[0]);
        std::fs::remove_dir_all(data)?;
    }
    println!();
    table::print(&["LIKE"], &rows);
    Ok(())
}

/// Milliseconds of the line that begins with `name`.
fn percentiles(told: &str, name: &str) -> Result<[f64; 2]> {
    let line = told.lines().find_map(|line| line.strip_prefix(name)).ok_or("no figures were told")?;
    let figures: Vec<f64> = line.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
    match figures[..] {
        [p50, p95] => Ok([p50, p95].map(|microseconds| microseconds / 1e3)),
        _ => Err(format!("these are no figures: {line}").into()),
    }
}

/// Builds the program that makes libraries up, and answers where it is.
fn build() -> Result<std::path::PathBuf> {
    step("compiling the made-up library", || {
        run(cargo().args(["build", "--locked", "--release", "--package", "library", "--example", "made_up"]))
    })?;
    Ok(crate::repository().join("target/release/examples/made_up"))
}

fn make(made_up: &Path, folder: &Path, count: usize) -> Result<()> {
    run(Command::new(made_up).arg("files").arg(folder).arg(count.to_string()))
}
