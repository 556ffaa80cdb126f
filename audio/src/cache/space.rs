//! How much the cache may hold: its own limit, the room that its disk must keep free, and what unfinished files will
//! still need. Which files have to go is decided in `cache`.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::cache_stats::readable_bytes;
use model::limits::disk::{FREE_BYTES, FREE_SHARE};

/// A disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskSpace {
    /// What may still be written.
    pub free: u64,
    /// Its size.
    pub total: u64,
}

impl DiskSpace {
    /// The disk on which a folder lies; while there is no folder, the one on which it would be made.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn of(folder: &Path) -> io::Result<Self> {
        let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
        let disk = rustix::fs::statvfs(there)?;
        Ok(Self {
            free: disk.f_bavail.saturating_mul(disk.f_frsize),
            total: disk.f_blocks.saturating_mul(disk.f_frsize),
        })
    }

    /// What has to stay free, for the databases that lie on the same disk.
    #[must_use]
    pub const fn floor(self) -> u64 {
        let share = self.total / FREE_SHARE;
        if share < FREE_BYTES { share } else { FREE_BYTES }
    }
}

/// How a disk is measured; tests have disks of their own.
pub type Measure = Box<dyn Fn(&Path) -> io::Result<DiskSpace> + Send + Sync>;

/// Bytes in the cache.
#[derive(Debug, Default, Clone, Copy)]
struct Totals {
    finished: u64,
    /// What unfinished files will have once they are finished.
    parts: u64,
    /// What of that is not on the disk yet.
    unwritten: u64,
}

/// See the module.
pub(super) struct Space {
    pub(super) limit: Option<u64>,
    measure: Measure,
    totals: Mutex<Totals>,
    is_low: AtomicBool,
}

impl std::fmt::Debug for Space {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Space").field("limit", &self.limit).field("totals", &*self.lock()).finish_non_exhaustive()
    }
}

impl Space {
    pub(super) fn new(limit: Option<u64>, measure: Measure) -> Self {
        Self { limit, measure, totals: Mutex::default(), is_low: AtomicBool::new(false) }
    }

    fn lock(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The disk, and whether it has less free than it must; a change of that is logged.
    pub(super) fn disk(&self, folder: &Path) -> io::Result<(DiskSpace, bool)> {
        let disk = (self.measure)(folder)?;
        let is_low = disk.free < disk.floor();
        if self.is_low.swap(is_low, Ordering::Relaxed) != is_low {
            let (free, floor) = (readable_bytes(disk.free), readable_bytes(disk.floor()));
            if is_low {
                tracing::warn!(free, floor, "the disk of the cache is almost full; nothing more is cached");
            } else {
                tracing::info!(free, floor, "the disk of the cache has room again");
            }
        }
        Ok((disk, is_low))
    }

    /// Bytes that may be added before something has to go or the disk is too full.
    pub(super) fn room(&self, folder: &Path) -> io::Result<u64> {
        let (disk, _) = self.disk(folder)?;
        let totals = *self.lock();
        let on_disk = disk.free.saturating_sub(totals.unwritten).saturating_sub(disk.floor());
        let limit = self.limit.map_or(u64::MAX, |limit| limit.saturating_sub(totals.finished + totals.parts));
        Ok(limit.min(on_disk))
    }

    /// What is above the limit, unfinished files counted.
    pub(super) fn excess(&self) -> u64 {
        let totals = *self.lock();
        self.limit.map_or(0, |limit| (totals.finished + totals.parts).saturating_sub(limit))
    }

    /// What the finished files have, as a look into the folder has shown.
    pub(super) fn set_finished(&self, bytes: u64) {
        self.lock().finished = bytes;
    }

    pub(super) fn removed(&self, bytes: u64) {
        let mut totals = self.lock();
        totals.finished = totals.finished.saturating_sub(bytes);
    }

    /// Reserves room for a new file.
    ///
    /// # Errors
    /// A sentence, when it would be too large for the limit or the disk.
    pub(super) fn reserve(self: &Arc<Self>, folder: &Path, len: u64) -> Result<Reservation, String> {
        let mut totals = self.lock();
        if self.limit.is_some_and(|limit| len > limit.saturating_sub(totals.parts)) {
            return Err("There is no room for it within the limit of the cache.".to_owned());
        }
        totals.parts += len;
        totals.unwritten += len;
        let unwritten = totals.unwritten;
        drop(totals);
        let reservation = Reservation { space: Arc::clone(self), len, unwritten: Mutex::new(len) };
        match self.disk(folder) {
            Ok((disk, _)) if disk.free.saturating_sub(unwritten) < disk.floor() => Err(too_full()),
            // If the disk cannot be measured, writing reports when it is full.
            _ => Ok(reservation),
        }
    }
}

fn too_full() -> String {
    "The disk of the cache has too little free space; nothing more is kept there.".to_owned()
}

/// Room reserved for a file; released on drop.
#[derive(Debug)]
pub(super) struct Reservation {
    space: Arc<Space>,
    pub(super) len: u64,
    unwritten: Mutex<u64>,
}

impl Reservation {
    /// Records that this many bytes of it are about to be written.
    ///
    /// # Errors
    /// A sentence, when the disk has become too full meanwhile.
    pub(super) fn write(&self, folder: &Path, len: u64) -> Result<(), String> {
        if let Ok((disk, _)) = self.space.disk(folder)
            && disk.free.saturating_sub(len) < disk.floor()
        {
            return Err(too_full());
        }
        let mut unwritten = self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        let written = len.min(*unwritten);
        *unwritten -= written;
        self.space.lock().unwritten -= written;
        Ok(())
    }

    /// The file is finished, in place of another of so many bytes.
    pub(super) fn finished(&self, replaced: u64) {
        let mut totals = self.space.lock();
        totals.finished = totals.finished.saturating_sub(replaced).saturating_add(self.len);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let unwritten = *self.unwritten.lock().unwrap_or_else(PoisonError::into_inner);
        let mut totals = self.space.lock();
        totals.parts -= self.len;
        totals.unwritten -= unwritten;
    }
}
