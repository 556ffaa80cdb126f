//! The folder of finished MP3s: their names, whether one is still good, and how a new one gets in.
//! Making them is left to `transcoding`.

mod space;

use std::ffi::OsStr;
use std::fs::{self, File, FileTimes, Metadata, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use md5::{Digest, Md5};
use model::{Quality, QualityUsage};
pub use space::{DiskSpace, Measure};
use space::{Reservation, Space};

use crate::mp3::layout::{INFO_BYTES, Info};
use crate::{AudioFile, Source};

/// Raised when the same sound gives other bytes, so that older files are made again.
const ENCODER_VERSION: u32 = 3;

/// The ending of files that are not finished.
const PART: &str = "part";

/// Numbers them, for each has a name of its own: while a file is made, its original may be replaced and made again.
static PARTS: AtomicU64 = AtomicU64::new(0);

/// A use is noted again after so long; more often would be a write for every request.
const NOTED_FOR: Duration = Duration::from_hours(1);

/// The cache of transcoded files.
#[derive(Debug, Clone)]
pub struct AudioCache {
    folder: PathBuf,
    space: Arc<Space>,
}

/// A finished file, as its folder lists it.
pub(crate) struct Entry {
    pub(crate) path: PathBuf,
    pub(crate) quality: Quality,
    pub(crate) len: u64,
    made: SystemTime,
    used: SystemTime,
}

impl AudioCache {
    /// Opens the folder, makes it if it is not there, and clears away what an earlier process has left unfinished.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open(folder: &Path, limit: Option<u64>) -> io::Result<Self> {
        Self::open_on(folder, limit, Box::new(DiskSpace::of))
    }

    /// The same with another way to measure the disk.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub fn open_on(folder: &Path, limit: Option<u64>, measure: Measure) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == PART) {
                fs::remove_file(path)?;
            }
        }
        let cache = Self { folder: folder.to_owned(), space: Arc::new(Space::new(limit, measure)) };
        cache.usage()?;
        cache.evict()?;
        Ok(cache)
    }

    /// A cache to look at, which another process may be writing to.
    #[must_use]
    pub fn existing(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), space: Arc::new(Space::new(None, Box::new(DiskSpace::of))) }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a file of this quality lies in the cache; none for the original. The name is the MD5 of the absolute path
    /// with all links followed, the quality and the bitrate.
    #[must_use]
    pub fn path(&self, original: &Path, quality: Quality) -> Option<PathBuf> {
        let hash = hex(Md5::digest(original.as_os_str().as_bytes()).into());
        Some(self.folder.join(format!("{hash}_{quality}_{}k.mp3", quality.bitrate()?)))
    }

    /// The finished file, when it was made from this state of the original.
    #[must_use]
    pub fn find(&self, original: &AudioFile, quality: Quality) -> Option<CachedFile> {
        let (file, info, metadata) = open_finished(&self.path(original.path(), quality)?)?;
        let len = metadata.len();
        // Systems that note every use by themselves are rare.
        if metadata.accessed().ok().and_then(|used| used.elapsed().ok()).is_some_and(|since| since > NOTED_FOR) {
            let _ = file.set_times(FileTimes::new().set_accessed(SystemTime::now()));
        }
        (info.is_whole(len) && info.mark == mark(original, quality)).then_some(CachedFile { file, len })
    }

    /// A new file of this many bytes for a transcoding that has just begun, not visible until it is finished. The least
    /// recently used files are removed to make room for it.
    ///
    /// # Errors
    /// The reason for the refusal, as a sentence.
    pub fn begin(&self, original: &Path, quality: Quality, len: u64) -> Result<Part, String> {
        let failed = |error: io::Error| {
            tracing::error!(%error, folder = ?self.folder, "the cache cannot be written; nothing is kept");
            format!("The cache folder cannot be written ({error}).")
        };
        let finished = self.path(original, quality).ok_or("The original is not cached.")?;
        let reservation = self.space.reserve(&self.folder, len)?;
        self.evict().map_err(failed)?;
        let number = PARTS.fetch_add(1, Ordering::Relaxed);
        let path = finished.with_extension(format!("{}-{number}.{PART}", std::process::id()));
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path).map_err(failed)?;
        Ok(Part { file, path, finished, reservation })
    }

    /// What it holds of each quality, best first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn usage(&self) -> io::Result<Vec<QualityUsage>> {
        let entries = self.entries()?;
        // Another process may have added or removed some.
        self.space.set_finished(entries.iter().map(|entry| entry.len).sum());
        let of = |quality| {
            let lengths = entries.iter().filter(|entry| entry.quality == quality).map(|entry| entry.len);
            QualityUsage { quality, files: lengths.clone().count() as u64, bytes: lengths.sum() }
        };
        Ok(Quality::ALL.into_iter().filter(|quality| quality.bitrate().is_some()).map(of).collect())
    }

    /// Bytes that it may hold, when there is a limit.
    #[must_use]
    pub fn limit(&self) -> Option<u64> {
        self.space.limit
    }

    /// Bytes that may be added before files have to be removed or the disk is too full; unfinished files are counted.
    ///
    /// # Errors
    /// When the disk cannot be measured.
    pub fn room(&self) -> io::Result<u64> {
        self.space.room(&self.folder)
    }

    /// Its disk, and whether that has so little free that nothing more is kept.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn disk(&self) -> io::Result<(DiskSpace, bool)> {
        self.space.disk(&self.folder)
    }

    /// Removes finished files; answers how many. With `older_than` only those that were made longer ago, with
    /// `quality` only those of that quality.
    ///
    /// # Errors
    /// When the folder cannot be read, or a file cannot be removed.
    pub fn clear(&self, older_than: Option<Duration>, quality: Option<Quality>) -> io::Result<u64> {
        let is_meant = |entry: &Entry| {
            older_than.is_none_or(|age| entry.made.elapsed().is_ok_and(|since| since > age))
                && quality.is_none_or(|quality| entry.quality == quality)
        };
        let mut removed = 0;
        for entry in self.entries()?.into_iter().filter(is_meant) {
            removed += u64::from(self.remove(&entry)?);
        }
        Ok(removed)
    }

    /// Removes the least recently used files until the rest is within the limit, unfinished files counted. Readers of a
    /// removed file can still read it to the end.
    ///
    /// # Errors
    /// When the folder cannot be read, or a file cannot be removed.
    pub fn evict(&self) -> io::Result<()> {
        if self.space.excess() == 0 {
            return Ok(());
        }
        let mut entries = self.entries()?;
        self.space.set_finished(entries.iter().map(|entry| entry.len).sum());
        entries.sort_by_key(|entry| entry.used);
        for entry in entries {
            if self.space.excess() == 0 {
                break;
            }
            if self.remove(&entry)? {
                tracing::info!(file = ?entry.path, "removed from the cache, to keep within its limit");
            }
        }
        Ok(())
    }

    /// Removes a finished file; false when it was already gone.
    fn remove(&self, entry: &Entry) -> io::Result<bool> {
        match fs::remove_file(&entry.path) {
            Ok(()) => self.space.removed(entry.len),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        }
        Ok(true)
    }

    /// The finished files, none without a folder; nothing else that may lie in the folder is touched.
    pub(crate) fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        let folder = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(entries),
            folder => folder?,
        };
        for entry in folder {
            let entry = entry?;
            // Another process may have removed it since.
            let Ok(metadata) = entry.metadata() else { continue };
            if let Some(quality) = quality_of(&entry.file_name()) {
                let made = metadata.modified()?;
                let used = metadata.accessed().unwrap_or(made).max(made);
                entries.push(Entry { path: entry.path(), quality, len: metadata.len(), made, used });
            }
        }
        Ok(entries)
    }
}

/// A finished file with what it tells of itself; none when it is not there or no MP3 of ours.
pub(crate) fn open_finished(path: &Path) -> Option<(File, Info, Metadata)> {
    let file = File::open(path).ok()?;
    let mut head = [0; INFO_BYTES];
    file.read_exact_at(&mut head, 0).ok()?;
    let metadata = file.metadata().ok()?;
    Some((file, Info::read(&head)?, metadata))
}

/// The quality of a name that [`AudioCache::path`] gives; none for all other names.
fn quality_of(name: &OsStr) -> Option<Quality> {
    let (hash, rest) = name.to_str()?.split_once('_')?;
    let (quality, rest) = rest.split_once('_')?;
    let quality: Quality = quality.parse().ok()?;
    let is_hash = hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hash && rest == format!("{}k.mp3", quality.bitrate()?)).then_some(quality)
}

/// A file on its way into the cache; it is removed unless it is finished.
#[derive(Debug)]
pub struct Part {
    file: File,
    path: PathBuf,
    finished: PathBuf,
    reservation: Reservation,
}

impl Part {
    /// A handle to write to and to read from; it stays good when the file has got its name.
    ///
    /// # Errors
    /// When there are no file descriptors left.
    pub fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Checks whether this many bytes may be written now.
    ///
    /// # Errors
    /// A sentence, when the disk has become too full meanwhile.
    pub fn reserve(&self, len: u64) -> Result<(), String> {
        self.reservation.write(self.finished.parent().unwrap_or(&self.finished), len)
    }

    /// Puts the complete file in its place. What is there was written to the disk before, so that a power cut leaves
    /// the old or the new one.
    ///
    /// # Errors
    /// When the disk reports one.
    pub fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        let replaced = fs::metadata(&self.finished).map_or(0, |metadata| metadata.len());
        fs::rename(&self.path, &self.finished)?;
        self.reservation.finished(replaced);
        File::open(self.finished.parent().unwrap_or(&self.finished))?.sync_all()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // After `finish` it has another name.
        let _ = fs::remove_file(&self.path);
    }
}

/// A finished file of the cache.
#[derive(Debug)]
pub struct CachedFile {
    file: File,
    len: u64,
}

impl Source for CachedFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_now(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        crate::source::read_file_now(&self.file, buffer, offset)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        crate::source::read_file_at(&self.file, buffer, offset)
    }
}

/// What tells an MP3 of this state of a file, of this quality and of this encoder from all others.
#[must_use]
pub fn mark(original: &AudioFile, quality: Quality) -> [u8; 16] {
    let id = original.id();
    let mut hash = Md5::new();
    hash.update(ENCODER_VERSION.to_le_bytes());
    hash.update(id.len.to_le_bytes());
    hash.update(id.modified_ns.to_le_bytes());
    hash.update(quality.bitrate().unwrap_or(0).to_le_bytes());
    hash.finalize().into()
}

/// Sixteen bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(bytes))
}
