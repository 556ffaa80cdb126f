//! Walks the music folder and tells what lies there, a batch of files at a time.
//! No file is opened here, and nothing is remembered of those already told.

use std::collections::HashSet;
use std::fs::{DirEntry, FileType, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;
use tokio::sync::mpsc;

/// Files told at once, and written in one transaction.
pub(super) const BATCH: usize = 1000;

/// A file with the ending of an audio file, and the state in which it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Found {
    /// Relative to the root.
    pub(super) path: String,
    pub(super) size: i64,
    pub(super) modified_ns: i64,
    pub(super) inode: i64,
}

/// What the walk tells.
#[derive(Debug)]
pub(super) enum Walked {
    Files(Vec<Found>),
    /// What is at or below this path could not be seen; that says nothing about whether it is there.
    Hidden {
        path: String,
    },
    Problem {
        path: String,
        reason: String,
    },
}

/// Whoever listened is gone.
struct NobodyListens;

type Told = Result<(), NobodyListens>;

/// Walks these files and folders, given from the root on, with all below them. What is not there is not told.
/// Runs until the end or until nobody listens.
pub(super) fn walk(root: &Path, starts: &[PathBuf], sender: mpsc::Sender<Walked>) {
    let mut walk = Walk { root, sender, batch: Vec::new(), pending: Vec::new(), followed: HashSet::new() };
    // It ends early when the scan was given up.
    let _ = starts.iter().try_for_each(|start| walk.start(start)).and_then(|()| walk.flush());
}

struct Walk<'a> {
    root: &'a Path,
    sender: mpsc::Sender<Walked>,
    batch: Vec<Found>,
    /// Folders still to be listed.
    pending: Vec<PathBuf>,
    /// Where links have led, as device and inode, so that none leads there twice or in a circle.
    followed: HashSet<(u64, u64)>,
}

impl Walk<'_> {
    fn start(&mut self, path: &Path) -> Told {
        if path.iter().any(|name| is_hidden(name.as_bytes())) {
            return Ok(());
        }
        match self.root.join(path).symlink_metadata() {
            Ok(metadata) => self.visit(path.to_owned(), metadata.file_type(), || Ok(metadata))?,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(error) => self.unseen(path, &error)?,
        }
        self.run()
    }

    fn run(&mut self) -> Told {
        while let Some(folder) = self.pending.pop() {
            match std::fs::read_dir(self.root.join(&folder)) {
                Ok(entries) => {
                    for entry in entries {
                        match entry {
                            Ok(entry) => self.entry(&folder, &entry)?,
                            Err(error) => self.unseen(&folder, &error)?,
                        }
                    }
                }
                Err(error) => self.unseen(&folder, &error)?,
            }
        }
        Ok(())
    }

    fn entry(&mut self, folder: &Path, entry: &DirEntry) -> Told {
        let name = entry.file_name();
        if is_hidden(name.as_bytes()) {
            return Ok(());
        }
        let path = folder.join(&name);
        match entry.file_type() {
            Ok(kind) => self.visit(path, kind, || entry.metadata()),
            Err(error) => self.unseen(&path, &error),
        }
    }

    fn visit(&mut self, path: PathBuf, kind: FileType, metadata: impl FnOnce() -> io::Result<Metadata>) -> Told {
        if kind.is_symlink() {
            return self.link(path);
        }
        if kind.is_dir() {
            return if path.to_str().is_some() {
                self.pending.push(path);
                Ok(())
            } else {
                self.problem(&path, "The name of this folder is not UTF-8, so nothing in it can be played.")
            };
        }
        if !kind.is_file() || !audio::format::has_audio_ending(&path) {
            return Ok(());
        }
        match metadata() {
            Ok(metadata) => self.file(&path, &metadata),
            Err(error) => self.unseen(&path, &error),
        }
    }

    /// A link is followed only where that shows what is not found anyway, in hidden folders or under other endings.
    fn link(&mut self, path: PathBuf) -> Told {
        let is_audio = audio::format::has_audio_ending(&path);
        let target = match self.root.join(&path).canonicalize() {
            Ok(target) => target,
            Err(_) if is_audio => return self.problem(&path, "This is a link to a file that is not there."),
            Err(_) => return Ok(()),
        };
        let Ok(metadata) = target.metadata() else { return Ok(()) };
        if !(metadata.is_dir() || metadata.is_file() && is_audio) {
            return Ok(());
        }
        let Ok(inside) = target.strip_prefix(self.root) else {
            return self.problem(&path, "This is a link that leads out of the music folder, so it is not followed.");
        };
        let is_visible = !inside.iter().any(|name| is_hidden(name.as_bytes()));
        let is_found_anyway = is_visible && (metadata.is_dir() || audio::format::has_audio_ending(inside));
        if is_found_anyway || !self.followed.insert((metadata.dev(), metadata.ino())) {
            return Ok(());
        }
        if metadata.is_dir() {
            self.pending.push(path);
            return Ok(());
        }
        self.file(&path, &metadata)
    }

    fn file(&mut self, path: &Path, metadata: &Metadata) -> Told {
        let Some(path) = path.to_str() else {
            return self.problem(path, "The name of this file is not UTF-8, so it cannot be played.");
        };
        let modified_ns = metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec());
        // Only compared, so that numbers beyond the range of the database may wrap around.
        let (size, inode) = (metadata.len().cast_signed(), metadata.ino().cast_signed());
        self.batch.push(Found { path: path.to_owned(), size, modified_ns, inode });
        if self.batch.len() == BATCH { self.flush() } else { Ok(()) }
    }

    /// Something that could not be looked at. What has gone since its folder was listed is no problem.
    fn unseen(&mut self, path: &Path, error: &io::Error) -> Told {
        if error.kind() != io::ErrorKind::NotFound {
            self.problem(path, &format!("This could not be read: {error}"))?;
        }
        self.tell(Walked::Hidden { path: path.to_string_lossy().into_owned() })
    }

    fn problem(&mut self, path: &Path, reason: &str) -> Told {
        self.tell(Walked::Problem { path: path.to_string_lossy().into_owned(), reason: reason.to_owned() })
    }

    fn flush(&mut self) -> Told {
        let files = std::mem::take(&mut self.batch);
        if files.is_empty() { Ok(()) } else { self.tell(Walked::Files(files)) }
    }

    fn tell(&self, walked: Walked) -> Told {
        self.sender.blocking_send(walked).map_err(|_| NobodyListens)
    }
}

fn is_hidden(name: &[u8]) -> bool {
    name.starts_with(b".")
}

/// Counts the files that a walk would tell of, by their names alone: for an estimate, ahead of a first scan.
pub(super) fn count(root: &Path, count: &AtomicU64, is_given_up: &dyn Fn() -> bool) {
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
