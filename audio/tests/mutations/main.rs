//! Damaged files of every format: none of them crashes the process, or takes too much time or memory. Audio files are
//! created here, damaged in ways that a seed decides, and opened, measured and transcoded in child processes; the
//! parent reports the seed of a case that failed. Undamaged files are covered by the other tests.
//!
//! `MUTATIONS=1000000 cargo test --release -p audio --test mutations` tries as many cases as that, and
//! `MUTATIONS_FIRST=123 MUTATIONS=1` repeats the one with seed 123.

#![allow(clippy::unwrap_used, reason = "a test that stops has failed")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "samples and seconds of short sounds"
)]

mod case;
mod files;
mod mutate;
mod parent;
#[allow(dead_code, reason = "it has more for the tests of decoders")]
#[path = "../decoders/sources.rs"]
mod sources;

/// Cases of a normal test run: about a minute on two cores.
const CASES: u64 = 6_000;

/// In a child process, this variable holds its batch of cases.
const BATCH: &str = "MUTATIONS_BATCH";

/// The child processes run this same test.
const NAME: &str = "damaged_files_of_every_format_stop_nothing";

#[test]
fn damaged_files_of_every_format_stop_nothing() {
    if let Ok(batch) = std::env::var(BATCH) {
        case::run(&batch);
        return;
    }
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let (first, count) = (number("MUTATIONS_FIRST").unwrap_or(0), number("MUTATIONS").unwrap_or(CASES));
    let folder = files::make();
    let failures = parent::run(folder.path(), first..first + count);
    assert!(failures.is_empty(), "{} of {count} cases:\n{}", failures.len(), failures.join("\n"));
}
