//! Counts files ahead of a first scan, so that there is something to estimate from.
//! Links are not followed and nothing is told but a number.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::is_hidden;

/// Counts the files that a walk would tell of, by their names alone: for an estimate, ahead of a first scan.
pub(in crate::scan) fn count(root: &Path, count: &AtomicU64, is_given_up: &dyn Fn() -> bool) {
    let mut pending = vec![root.to_owned()];
    while let Some(folder) = pending.pop() {
        if is_given_up() {
            return;
        }
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if is_hidden(entry.file_name().as_bytes()) {
                continue;
            }
            if kind.is_dir() {
                pending.push(entry.path());
            } else if kind.is_file() && audio::format::has_audio_ending(Path::new(&entry.file_name())) {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}
