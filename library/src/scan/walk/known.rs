//! What the index knows of folders: with it, a folder in which nothing has changed need not be listed, nor its files told.
//! What is remembered of a folder is written by the scan, once all its files are in the index.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OptionalExtension};
use rustix::fs::Stat;

use super::folder::{Listed, Sum};
use crate::{Error, Index};

const KNOWN: &str = "SELECT release_id, sum, changed_ns, names FROM known_folders WHERE path = ?";

/// So many questions are asked in one transaction, for beginning one costs more than a question.
const AT_ONCE: u32 = 250;

/// Names that have changed so short a time ago may do so again within one tick of the system's clock, which has ten
/// milliseconds at most. (updatedb has the same rule, with seconds.)
const TICKS: Duration = Duration::from_millis(100);

/// A folder as a scan has left it.
#[derive(Debug)]
pub(super) struct KnownFolder {
    /// None if it has no files.
    pub(super) release_id: Option<i64>,
    pub(super) sum: Sum,
    pub(super) listed: Option<Listed>,
}

/// The folders of the index, over a connection of their own.
#[derive(Debug)]
pub(super) struct KnownFolders {
    connection: Connection,
    asked: u32,
}

impl KnownFolders {
    /// # Errors
    /// When the database cannot be opened.
    pub(super) fn open(index: &Index) -> Result<Self, Error> {
        Ok(Self { connection: index.reader()?, asked: 0 })
    }

    /// What is known of a folder. Where the index fails, nothing: whoever writes it will tell.
    pub(super) fn get(&mut self, folder: &str) -> Option<KnownFolder> {
        if self.asked.is_multiple_of(AT_ONCE) {
            let renew = if self.asked == 0 { "BEGIN" } else { "COMMIT; BEGIN" };
            self.connection.execute_batch(renew).ok()?;
        }
        self.asked += 1;
        let mut known = self.connection.prepare_cached(KNOWN).ok()?;
        let folder = known.query_row([folder], |row| {
            let listed = row.get::<_, Option<i64>>(2)?.zip(row.get(3)?);
            Ok(KnownFolder {
                release_id: row.get(0)?,
                sum: row.get(1)?,
                listed: listed.map(|(changed_ns, names)| Listed { changed_ns, names }),
            })
        });
        folder.optional().ok()?
    }
}

/// The file system whose word is taken for when the names in a folder have changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    device: u64,
}

impl Clock {
    /// That of the music folder, if it is one of those that keep to POSIX in this. Others are listed every time: FAT,
    /// for what another system writes there; networks and unions of folders, for they ask others.
    #[cfg(target_os = "linux")]
    #[allow(clippy::unnecessary_cast, reason = "the types of these fields differ between systems")]
    pub(super) fn of(root: &std::path::Path) -> Option<Self> {
        // The numbers are those of statfs(2).
        const EXT: i64 = 0xef53;
        const XFS: i64 = 0x5846_5342;
        const BTRFS: i64 = 0x9123_683e;
        const BCACHEFS: i64 = 0xca45_1a4e;
        const F2FS: i64 = 0xf2f5_2010;
        const ZFS: i64 = 0x2fc1_2fc1;
        const TMPFS: i64 = 0x0102_1994;
        // Where it has 32 bits, some of these are below zero.
        let kind = rustix::fs::statfs(root).ok()?.f_type as i64 & 0xffff_ffff;
        let keeps_time = [EXT, XFS, BTRFS, BCACHEFS, F2FS, ZFS, TMPFS].contains(&kind);
        let folder = rustix::fs::stat(root).ok()?;
        keeps_time.then_some(Self { device: folder.st_dev as u64 })
    }

    /// Nothing is known of the file systems here.
    #[cfg(not(target_os = "linux"))]
    pub(super) const fn of(_root: &std::path::Path) -> Option<Self> {
        None
    }

    /// When the names in a folder have changed, in nanoseconds since 1970. None on other file systems, and on those that
    /// only know seconds.
    #[allow(clippy::unnecessary_cast, reason = "the types of these fields differ between systems")]
    pub(super) fn changed_ns(self, folder: &Stat) -> Option<i64> {
        let nanoseconds = i64::try_from(folder.st_ctime_nsec).ok().filter(|ns| *ns > 0)?;
        let is_here = folder.st_dev as u64 == self.device;
        is_here.then(|| (folder.st_ctime as i64).saturating_mul(1_000_000_000).saturating_add(nanoseconds))
    }
}

/// Whether names that have changed then will have another time with the next change.
pub(super) fn is_settled(changed_ns: i64) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let changed = Duration::from_nanos(changed_ns.try_into().unwrap_or_default());
    now.checked_sub(changed).is_some_and(|since| since > TICKS)
}
