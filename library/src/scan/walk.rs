//! Walks the music folder and tells what lies there, a folder at a time, on as many threads as there are cores.
//! No file is opened here, and nothing is remembered of those already told.

use std::collections::HashSet;
use std::fs::{DirEntry, FileType, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use sha2::{Digest, Sha256};

/// The most files that are told as one; a folder with more is told in parts.
pub(super) const MAX_FILES: usize = 1000;

/// Files that a thread gathers before it tells of them.
const AT_ONCE: usize = 250;

/// A file with the ending of an audio file, and the state in which it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Found {
    /// Relative to the root.
    pub(super) path: String,
    pub(super) size: i64,
    pub(super) modified_ns: i64,
    pub(super) inode: i64,
}

/// Files of one folder.
#[derive(Debug)]
pub(super) struct Folder {
    /// Relative to the root.
    pub(super) path: String,
    pub(super) files: Vec<Found>,
    /// What all files of the folder and their states come down to. None where these are not all, or where the folder
    /// has links, for what they lead to does not lie here.
    pub(super) state: Option<String>,
}

/// What the walk tells.
#[derive(Debug)]
pub(super) enum Walked {
    Folders(Vec<Folder>),
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
pub(super) fn walk(root: &Path, starts: &[PathBuf], sender: SyncSender<Walked>) {
    let walk = Walk { root, sender, pending: Mutex::default(), more: Condvar::new() };
    // It ends early when the scan was given up.
    let _ = walk.all(starts);
}

/// What the threads share.
struct Walk<'a> {
    root: &'a Path,
    sender: SyncSender<Walked>,
    pending: Mutex<Pending>,
    /// There is more to list, or nothing will come any more.
    more: Condvar,
}

#[derive(Default)]
struct Pending {
    /// Folders still to be listed.
    folders: Vec<PathBuf>,
    /// Threads that list one, and may find more.
    busy: usize,
    /// Links that were met, to be followed when all else has been seen.
    links: Vec<PathBuf>,
    is_given_up: bool,
}

impl Walk<'_> {
    fn all(&self, starts: &[PathBuf]) -> Told {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        starts.iter().try_for_each(|start| self.start(start))?;
        let mut followed = HashSet::new();
        loop {
            std::thread::scope(|scope| {
                for _ in 1..threads {
                    scope.spawn(|| self.list_all());
                }
                self.list_all();
            });
            let mut links = std::mem::take(&mut self.lock().links);
            if links.is_empty() {
                return Ok(());
            }
            // Where several lead to the same place, the first by its name wins in every scan.
            links.sort_unstable();
            links.into_iter().try_for_each(|link| self.follow(link, &mut followed))?;
        }
    }

    fn start(&self, path: &Path) -> Told {
        if path.iter().any(|name| is_hidden(name.as_bytes())) {
            return Ok(());
        }
        match self.root.join(path).symlink_metadata() {
            Ok(metadata) => {
                let mut listing = Listing::of(self, path.parent().unwrap_or(path));
                listing.visit(path.to_owned(), metadata.file_type(), || Ok(metadata))?;
                listing.is_whole = false;
                listing.finish();
                listing.tell()
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
            Err(error) => self.unseen(path, &error),
        }
    }

    /// Lists folders until there are none, as one of several threads.
    fn list_all(&self) {
        let mut listing = Listing::of(self, Path::new(""));
        while let Some(folder) = self.next() {
            let busy = Busy(self);
            let mut told = listing.list(folder);
            drop(busy);
            // Before it waits for others, it tells what it has.
            if told.is_ok() && (listing.gathered >= AT_ONCE || self.lock().folders.is_empty()) {
                told = listing.tell();
            }
            if told.is_err() {
                self.lock().is_given_up = true;
                self.more.notify_all();
            }
        }
    }

    /// The next folder to be listed, as soon as there is one; none when all have been.
    fn next(&self) -> Option<PathBuf> {
        let mut pending = self.lock();
        loop {
            if pending.is_given_up {
                return None;
            }
            if let Some(folder) = pending.folders.pop() {
                pending.busy += 1;
                return Some(folder);
            }
            if pending.busy == 0 {
                return None;
            }
            pending = self.more.wait(pending).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A link is followed only where that shows what is not found anyway, in hidden folders or under other endings.
    /// Where others have led is remembered as device and inode, so that none leads there twice or in a circle.
    fn follow(&self, path: PathBuf, followed: &mut HashSet<(u64, u64)>) -> Told {
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
        if is_found_anyway || !followed.insert((metadata.dev(), metadata.ino())) {
            return Ok(());
        }
        if metadata.is_dir() {
            self.lock().folders.push(path);
            return Ok(());
        }
        let mut listing = Listing::of(self, path.parent().unwrap_or(&path));
        listing.is_whole = false;
        listing.file(&path, &metadata)?;
        listing.finish();
        listing.tell()
    }

    /// Something that could not be looked at. What has gone since its folder was listed is no problem.
    fn unseen(&self, path: &Path, error: &io::Error) -> Told {
        if error.kind() != io::ErrorKind::NotFound {
            self.problem(path, &format!("This could not be read: {error}"))?;
        }
        self.tell(Walked::Hidden { path: path.to_string_lossy().into_owned() })
    }

    fn problem(&self, path: &Path, reason: &str) -> Told {
        self.tell(Walked::Problem { path: path.to_string_lossy().into_owned(), reason: reason.to_owned() })
    }

    fn tell(&self, walked: Walked) -> Told {
        self.sender.send(walked).map_err(|_| NobodyListens)
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that lists a folder; the others wait for what it finds.
struct Busy<'a>(&'a Walk<'a>);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.lock().busy -= 1;
        self.0.more.notify_all();
    }
}

/// What one thread has found.
struct Listing<'a> {
    walk: &'a Walk<'a>,
    /// To be told, and how many files that is.
    folders: Vec<Folder>,
    gathered: usize,
    /// The folder that is being listed, with what is in it.
    folder: PathBuf,
    files: Vec<Found>,
    inner: Vec<PathBuf>,
    links: Vec<PathBuf>,
    /// Its files are all that a scan can find in it.
    is_whole: bool,
}

impl<'a> Listing<'a> {
    fn of(walk: &'a Walk<'a>, folder: &Path) -> Self {
        Self {
            walk,
            folders: Vec::new(),
            gathered: 0,
            folder: folder.to_owned(),
            files: Vec::new(),
            inner: Vec::new(),
            links: Vec::new(),
            is_whole: true,
        }
    }

    fn list(&mut self, folder: PathBuf) -> Told {
        self.folder = folder;
        self.is_whole = true;
        match std::fs::read_dir(self.walk.root.join(&self.folder)) {
            Ok(entries) => {
                for entry in entries {
                    match entry {
                        Ok(entry) => self.entry(&entry)?,
                        Err(error) => self.unseen(&self.folder.clone(), &error)?,
                    }
                }
            }
            Err(error) => self.unseen(&self.folder.clone(), &error)?,
        }
        self.finish();
        Ok(())
    }

    fn entry(&mut self, entry: &DirEntry) -> Told {
        let name = entry.file_name();
        if is_hidden(name.as_bytes()) {
            return Ok(());
        }
        let path = self.folder.join(&name);
        match entry.file_type() {
            Ok(kind) => self.visit(path, kind, || entry.metadata()),
            Err(error) => self.unseen(&path, &error),
        }
    }

    fn visit(&mut self, path: PathBuf, kind: FileType, metadata: impl FnOnce() -> io::Result<Metadata>) -> Told {
        if kind.is_symlink() {
            self.links.push(path);
            // What a link leads to may change without a change here.
            self.is_whole = false;
            return Ok(());
        }
        if kind.is_dir() {
            return if path.to_str().is_some() {
                self.inner.push(path);
                Ok(())
            } else {
                self.walk.problem(&path, "The name of this folder is not UTF-8, so nothing in it can be played.")
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

    fn file(&mut self, path: &Path, metadata: &Metadata) -> Told {
        let Some(path) = path.to_str() else {
            return self.walk.problem(path, "The name of this file is not UTF-8, so it cannot be played.");
        };
        let modified_ns = metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec());
        // Only compared, so that numbers beyond the range of the database may wrap around.
        let (size, inode) = (metadata.len().cast_signed(), metadata.ino().cast_signed());
        self.files.push(Found { path: path.to_owned(), size, modified_ns, inode });
        if self.files.len() < MAX_FILES {
            return Ok(());
        }
        self.is_whole = false;
        self.gather();
        self.tell()
    }

    fn unseen(&mut self, path: &Path, error: &io::Error) -> Told {
        self.is_whole = false;
        self.walk.unseen(path, error)
    }

    /// The end of a folder.
    fn finish(&mut self) {
        self.gather();
        if !self.inner.is_empty() || !self.links.is_empty() {
            let mut pending = self.walk.lock();
            pending.folders.append(&mut self.inner);
            pending.links.append(&mut self.links);
        }
    }

    fn gather(&mut self) {
        if self.files.is_empty() {
            return;
        }
        let mut files = std::mem::take(&mut self.files);
        files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        let state = self.is_whole.then(|| state(&files));
        self.gathered += files.len();
        self.folders.push(Folder { path: self.folder.to_string_lossy().into_owned(), files, state });
    }

    fn tell(&mut self) -> Told {
        self.gathered = 0;
        let folders = std::mem::take(&mut self.folders);
        if folders.is_empty() { Ok(()) } else { self.walk.tell(Walked::Folders(folders)) }
    }
}

/// What these files and their states come down to: for every other state another text.
fn state(files: &[Found]) -> String {
    let mut hash = Sha256::new();
    for Found { path, size, modified_ns, inode } in files {
        hash.update(path.as_bytes());
        // No path holds this sign.
        hash.update([0]);
        for number in [size, modified_ns, inode] {
            hash.update(number.to_le_bytes());
        }
    }
    hex::encode(&hash.finalize()[..16])
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
