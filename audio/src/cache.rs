//! The folder of finished MP3s: their names, whether one is still good, and how a new one gets in.
//! Making them is the business of `transcoding`.

use std::ffi::OsStr;
use std::fs::{self, File, FileTimes, Metadata, OpenOptions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use md5::{Digest, Md5};
use model::{Quality, QualityUsage};

use crate::mp3::layout::{INFO_BYTES, Info};
use crate::{AudioFile, Source};

/// Raised when the same sound gives other bytes, so that older files are made again.
const ENCODER_VERSION: u32 = 1;

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
    /// Bytes that it may hold.
    limit: Option<u64>,
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
        fs::create_dir_all(folder)?;
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|ending| ending == PART) {
                fs::remove_file(path)?;
            }
        }
        let cache = Self { folder: folder.to_owned(), limit };
        cache.evict()?;
        Ok(cache)
    }

    /// A cache to look at, which another process may be writing to.
    #[must_use]
    pub fn existing(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), limit: None }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where a file of this quality lies in the cache; none for the original. The name is the MD5 of the absolute path
    /// with all links followed, the quality and the bitrate (seed 004).
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

    /// A new file for a transcoding that has just begun, out of everybody's sight.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn begin(&self, original: &Path, quality: Quality) -> io::Result<Part> {
        let finished = self.path(original, quality).ok_or(io::ErrorKind::InvalidInput)?;
        let number = PARTS.fetch_add(1, Ordering::Relaxed);
        let path = finished.with_extension(format!("{}-{number}.{PART}", std::process::id()));
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
        Ok(Part { file, path, finished })
    }

    /// What it holds of each quality, best first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn usage(&self) -> io::Result<Vec<QualityUsage>> {
        let entries = self.entries()?;
        let of = |quality| {
            let lengths = entries.iter().filter(|entry| entry.quality == quality).map(|entry| entry.len);
            QualityUsage { quality, files: lengths.clone().count() as u64, bytes: lengths.sum() }
        };
        Ok(Quality::ALL.into_iter().filter(|quality| quality.bitrate().is_some()).map(of).collect())
    }

    /// Bytes that it may hold, when there is a limit.
    #[must_use]
    pub const fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// Bytes that may be added before something has to go; none without a limit.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn room(&self) -> io::Result<Option<u64>> {
        let Some(limit) = self.limit else { return Ok(None) };
        let held = self.usage()?.iter().map(|usage| usage.bytes).sum();
        Ok(Some(limit.saturating_sub(held)))
    }

    /// Bytes free on its disk.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn free_disk(&self) -> io::Result<u64> {
        let disk = rustix::fs::statvfs(&self.folder)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Removes finished files, or those that were made longer ago than `older_than`; answers how many.
    ///
    /// # Errors
    /// When the folder cannot be read, or a file cannot be removed.
    pub fn clear(&self, older_than: Option<Duration>) -> io::Result<u64> {
        let is_old = |entry: &Entry| older_than.is_none_or(|age| entry.made.elapsed().is_ok_and(|since| since > age));
        let old: Vec<_> = self.entries()?.into_iter().filter(is_old).collect();
        for entry in &old {
            fs::remove_file(&entry.path)?;
        }
        Ok(old.len() as u64)
    }

    /// Removes what was used longest ago until the rest is within the limit. Whoever hears such a file still hears it
    /// to the end.
    ///
    /// # Errors
    /// When the folder cannot be read, or a file cannot be removed.
    pub fn evict(&self) -> io::Result<()> {
        let Some(limit) = self.limit else { return Ok(()) };
        let mut entries = self.entries()?;
        entries.sort_by_key(|entry| entry.used);
        let mut bytes: u64 = entries.iter().map(|entry| entry.len).sum();
        for entry in entries {
            if bytes <= limit {
                break;
            }
            fs::remove_file(&entry.path)?;
            tracing::info!(file = %entry.path.display(), "removed from the cache, to keep within its limit");
            bytes -= entry.len;
        }
        Ok(())
    }

    /// The finished files; nothing else that may lie in the folder is touched.
    pub(crate) fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
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
}

impl Part {
    /// A handle to write to and to read from; it stays good when the file has got its name.
    ///
    /// # Errors
    /// When there are no file descriptors left.
    pub fn file(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Puts the complete file in its place. What is there was written to the disk before, so that a power cut leaves
    /// the old or the new one.
    ///
    /// # Errors
    /// When the disk reports one.
    pub fn finish(self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, &self.finished)?;
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
