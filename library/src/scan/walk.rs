//! Walks the music folder and tells what lies there, a folder at a time, on as many threads as there are cores.
//! No file is opened here, and nothing is remembered of those already told.

use std::collections::HashSet;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::Index;

mod count;
mod folder;
mod known;
mod listing;
#[cfg(test)]
mod tests;

pub(super) use self::count::count;
pub(super) use self::folder::{FileState, Folder, FolderState, Found, Listed, sum};
use self::known::{Clock, KnownFolders};
use self::listing::Listing;

/// Files that a thread gathers before it tells of them.
const AT_ONCE: usize = 250;

/// What the walk tells.
#[derive(Debug)]
pub(super) enum Walked {
    Folders(Vec<Folder>),
    /// Folders in which nothing has changed since all their files were in the index.
    Same(Vec<Same>),
    /// What is at or below this path could not be seen; that says nothing about whether it is there.
    Hidden {
        path: String,
    },
    Problem {
        path: String,
        reason: String,
    },
}

/// A folder in which nothing has changed.
#[derive(Debug)]
pub(super) struct Same {
    /// None if it has no files.
    pub(super) release_id: Option<i64>,
    pub(super) files: usize,
    /// Its path, and its names that are to be known from now on.
    pub(super) listed: Option<(String, Listed)>,
}

/// Whoever listened is gone.
struct NobodyListens;

type Told = Result<(), NobodyListens>;

/// What a scan knows of the files before it begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Before<'a> {
    /// Tracks that may be told again by the states of their files; everything is read again.
    Tracks,
    /// Folders, too, in which nothing may have changed.
    Folders(&'a Index),
}

impl Before<'_> {
    fn folders(self) -> Option<KnownFolders> {
        match self {
            Self::Tracks => None,
            Self::Folders(index) => KnownFolders::open(index).ok(),
        }
    }
}

/// Walks these files and folders, given from the root on, with all below them. What is not there is not told. Runs until
/// the end or until nobody listens.
pub(super) fn walk(root: &Path, starts: &[PathBuf], before: Option<Before<'_>>, sender: SyncSender<Walked>) {
    let walk = Walk { root, clock: Clock::of(root), before, sender, pending: Mutex::default(), more: Condvar::new() };
    // It ends early when the scan was given up.
    let _ = walk.all(starts);
}

/// What the threads share.
struct Walk<'a> {
    root: &'a Path,
    clock: Option<Clock>,
    /// What was known before, if anything.
    before: Option<Before<'a>>,
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
                let (folder, name) = (path.parent().unwrap_or(path), path.file_name().unwrap_or_default());
                let mut listing = Listing::of(self, folder);
                listing.start(name, &metadata)?;
                listing.tell()
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(()),
            Err(error) => self.unseen(path, &error),
        }
    }

    /// Lists folders until there are none, as one of several threads.
    fn list_all(&self) {
        let mut listing = Listing::with(self, self.before.and_then(Before::folders));
        if self.list_with(&mut listing).is_err() {
            self.lock().is_given_up = true;
            self.more.notify_all();
        }
    }

    /// Returns only from a wait that found nothing more to list, and nothing is held back while waiting.
    fn list_with(&self, listing: &mut Listing<'_>) -> Told {
        loop {
            let mut next = self.lock().take();
            if next.is_none() {
                listing.tell()?;
                next = self.next();
            }
            let Some(folder) = next else { return Ok(()) };
            let busy = Busy(self);
            listing.list(folder)?;
            drop(busy);
            if listing.gathered >= AT_ONCE {
                listing.tell()?;
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
            if let Some(folder) = pending.take() {
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
        let target = self.root.join(&path).canonicalize();
        let (target, metadata) = match target.and_then(|target| Ok((target.metadata()?, target))) {
            Ok((metadata, target)) => (target, metadata),
            // A disk that fails for a moment must not cost the tracks behind the link.
            Err(error) if !leads_nowhere(&error) => return self.unseen(&path, &error),
            Err(_) if is_audio => return self.problem(&path, "This is a link to a file that is not there."),
            Err(_) => return Ok(()),
        };
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
        listing.link(path.file_name().unwrap_or_default(), &metadata)?;
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

impl Pending {
    /// A folder that waits to be listed, which the caller does from now on.
    fn take(&mut self) -> Option<PathBuf> {
        let folder = self.folders.pop().filter(|_| !self.is_given_up)?;
        self.busy += 1;
        Some(folder)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.lock().busy -= 1;
        self.0.more.notify_all();
    }
}

/// Whether this says that there is nothing behind a link, rather than that it cannot be seen.
fn leads_nowhere(error: &io::Error) -> bool {
    use rustix::io::Errno;
    matches!(Errno::from_io_error(error), Some(Errno::NOENT | Errno::NOTDIR | Errno::LOOP))
}

fn is_hidden(name: &[u8]) -> bool {
    name.starts_with(b".")
}
