//! Looks through the whole cache beside the whole music folder: which finished files are good, and which are not.
//! What is done about them is decided by the owner.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use model::Quality;

use crate::cache::open_finished;
use crate::{AudioCache, MusicRoot, RelativePath, format};

/// What is to be said of a finished file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is whole and up to date.
    Good,
    /// It was made from another state of its original, or by another version.
    Outdated,
    /// Nothing in the music folder belongs to it.
    Orphaned,
    /// It is not whole.
    Damaged,
}

/// A finished file and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The file.
    pub path: PathBuf,
    /// Its length in bytes.
    pub len: u64,
    /// What is to be said.
    pub verdict: Verdict,
}

/// Looks at every finished file.
///
/// # Errors
/// When the cache folder cannot be read. What cannot be read in the music folder counts as not there.
pub fn verify(cache: &AudioCache, music: &MusicRoot) -> io::Result<Vec<Verified>> {
    let originals = originals(cache, music.path());
    let verified = cache.entries()?.into_iter().map(|entry| {
        let verdict = match open_finished(&entry.path) {
            Some((_, info, metadata)) if info.is_whole(metadata.len()) => match originals.get(&entry.path) {
                Some(original) if is_current(cache, music, original, entry.quality) => Verdict::Good,
                Some(_) => Verdict::Outdated,
                None => Verdict::Orphaned,
            },
            _ => Verdict::Damaged,
        };
        Verified { path: entry.path, len: entry.len, verdict }
    });
    Ok(verified.collect())
}

fn is_current(cache: &AudioCache, music: &MusicRoot, original: &Path, quality: Quality) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let relative = original.strip_prefix(music.path()).ok().map(|path| path.as_os_str().as_bytes().to_vec());
    let path = relative.and_then(|path| RelativePath::parse(path).ok());
    path.and_then(|path| music.open(&path).ok()).is_some_and(|file| cache.find(&file, quality).is_some())
}

/// Every file below a folder, by the cache files that it may have. Links lead to files that are found at their own
/// place, or outside.
fn originals(cache: &AudioCache, folder: &Path) -> HashMap<PathBuf, PathBuf> {
    let mut originals = HashMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            let path = entry.path();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && format::is_transcoded(&path) {
                for quality in Quality::ALL {
                    originals.extend(cache.path(&path, quality).map(|cached| (cached, path.clone())));
                }
            }
        }
    }
    originals
}
