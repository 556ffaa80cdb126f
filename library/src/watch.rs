//! Keeps the index up to date while the program runs: a scan at start, then one for each change on the disk, and one
//! when another disk is mounted. Where a file system reports no changes, everything is scanned every ten minutes. What
//! a scan does is not decided here.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use audio::{MusicRoot, ProgressTracker};
use model::progress::{LIBRARY, Status, Step};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::scan::Scope;
use crate::{Index, Store};

/// Changes come in flocks; when none has come for so long, they are looked at.
const QUIET: Duration = Duration::from_secs(2);

/// A change is looked at after so long even if others keep coming.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often everything is looked at where changes are not told.
const POLL_EVERY: Duration = Duration::from_mins(10);

/// When a scan that has failed is tried again, if nothing changes.
const RETRY_AFTER: Duration = Duration::from_mins(1);

/// How often it is checked which folder is at the path of the music folder.
const CHECK_FOLDER_EVERY: Duration = Duration::from_secs(5);

/// Changed paths that are told apart; of more only the folders are.
const MAX_PATHS: usize = 1000;

/// Scans the music folder, then what changes in it, and reports as the task [`LIBRARY`]. Runs until it is dropped.
pub async fn watch(index: Index, store: Store, music: Arc<MusicRoot>, progress: Arc<ProgressTracker>) {
    // Before the first scan, so that nothing changes unseen between the two.
    let mut watched = Watched::start(music.path()).await;
    let mut scope = Scope::Changes;
    loop {
        let succeeded = scan(&index, &store, &music, &progress, &scope).await;
        let next = async {
            if !succeeded {
                timeout(RETRY_AFTER, watched.changes.next()).await.unwrap_or(Scope::Changes)
            } else if watched.notices_all() {
                watched.changes.next().await
            } else {
                timeout(POLL_EVERY, watched.changes.next()).await.unwrap_or(Scope::Changes)
            }
        };
        let next = tokio::select! {
            next = next => Some(next),
            () = replaced(music.path(), watched.folder) => None,
        };
        scope = match next {
            Some(next) if succeeded => next,
            Some(_) => Scope::Changes,
            None => {
                tracing::info!(folder = %music.path().display(), "another folder is in the place of the music folder");
                watched = Watched::start(music.path()).await;
                Scope::Changes
            }
        };
    }
}

/// Does the scans that the owner requests, one after the other; see [`Index::request_scan`]. Runs until it is dropped.
pub async fn scan_on_request(index: Index, store: Store, music: Arc<MusicRoot>, progress: Arc<ProgressTracker>) {
    loop {
        let scope = index.scan_requests.next().await;
        scan(&index, &store, &music, &progress, &scope).await;
    }
}

/// A folder that is watched, until this is dropped.
struct Watched {
    changes: Arc<Changes>,
    watcher: Option<RecommendedWatcher>,
    /// Which folder it is; another one may be mounted in its place, of which the watcher knows nothing.
    folder: Option<FolderId>,
}

/// The numbers of its device and inode.
type FolderId = (u64, u64);

impl Watched {
    async fn start(root: &Path) -> Self {
        let changes = Arc::new(Changes::default());
        let (root, noticed) = (root.to_owned(), Arc::clone(&changes));
        // One look at every folder.
        let started = tokio::task::spawn_blocking(move || (folder_id(&root), start_watcher(&root, &noticed)));
        let (folder, watcher) = started.await.unwrap_or_default();
        Self { changes, watcher, folder }
    }

    fn notices_all(&self) -> bool {
        self.watcher.is_some() && !self.changes.lock().has_lost_some
    }
}

/// `None` when nothing is there that can be looked at.
fn folder_id(root: &Path) -> Option<FolderId> {
    root.metadata().ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Waits until another folder than this one is there, or the first.
async fn replaced(root: &Path, known: Option<FolderId>) {
    loop {
        tokio::time::sleep(CHECK_FOLDER_EVERY).await;
        let root = root.to_owned();
        if tokio::task::spawn_blocking(move || folder_id(&root)).await.is_ok_and(|found| found != known) {
            return;
        }
    }
}

/// Scans, has the mixtapes follow their files, and reports as the task [`LIBRARY`]; answers whether that went well.
pub async fn scan(
    index: &Index,
    store: &Store,
    music: &Arc<MusicRoot>,
    progress: &Arc<ProgressTracker>,
    scope: &Scope,
) -> bool {
    let task = progress.create_task(LIBRARY, 0);
    let tell = |so_far: &crate::scan::ScanProgress| {
        task.report(Step::Scanning, so_far.to_string(), so_far.seen, so_far.total.unwrap_or(0));
    };
    match index.scan(music, scope, tell).await {
        Ok(report) => {
            if report.has_changes() {
                tracing::info!(%report, "the music folder was scanned");
            }
            // A process that died between the two made the changes that this scan does not see.
            if report.has_changes() || !matches!(scope, Scope::Below(_)) {
                refresh(index, store).await;
            }
            task.end(Status::Completed, report.to_string(), report.files);
            true
        }
        Err(error) => {
            tracing::error!(%error, "the music folder could not be scanned");
            task.end(Status::Failed, error.to_string(), 0);
            false
        }
    }
}

/// What could not be written now is written when the mixtape is next read.
async fn refresh(index: &Index, store: &Store) {
    match store.refresh(index).await {
        Ok(0) => {}
        Ok(tracks) => tracing::info!(tracks, "tracks of mixtapes were brought up to date"),
        Err(error) => tracing::error!(%error, "the tracks of the mixtapes could not be brought up to date"),
    }
}

/// What has changed since it was last asked.
#[derive(Debug, Default)]
struct Changes {
    pending: Mutex<Pending>,
    told: Notify,
}

#[derive(Debug, Default)]
struct Pending {
    /// From the music folder on.
    paths: BTreeSet<PathBuf>,
    everything: bool,
    /// Changes may happen that are not told.
    has_lost_some: bool,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.paths.is_empty() && !self.everything
    }

    fn add(&mut self, path: PathBuf) {
        self.paths.insert(path);
        if self.paths.len() > MAX_PATHS {
            let parents = std::mem::take(&mut self.paths).into_iter();
            self.paths = parents.filter_map(|path| Some(path.parent()?.to_owned())).collect();
            self.everything |= self.paths.len() > MAX_PATHS / 2;
        }
    }
}

impl Changes {
    /// Waits until something has changed and things have calmed down.
    async fn next(&self) -> Scope {
        while self.lock().is_empty() {
            self.told.notified().await;
        }
        // Copying a whole library does not calm down for hours.
        let patience = Instant::now() + PATIENCE;
        while Instant::now() < patience && timeout(QUIET, self.told.notified()).await.is_ok() {}
        let mut pending = self.lock();
        let paths = std::mem::take(&mut pending.paths);
        if std::mem::take(&mut pending.everything) { Scope::Changes } else { Scope::Below(paths.into_iter().collect()) }
    }

    fn hear(&self, root: &Path, event: notify::Result<notify::Event>) {
        let mut pending = self.lock();
        match event {
            Ok(event) => {
                pending.everything |= event.need_rescan();
                if concerns_us(event.kind) {
                    let inside = |path: PathBuf| path.strip_prefix(root).map(Path::to_owned).ok();
                    event.paths.into_iter().filter_map(inside).for_each(|path| pending.add(path));
                }
            }
            Err(error) => {
                pending.everything = true;
                lose_some(&mut pending, &error);
            }
        }
        let is_empty = pending.is_empty();
        drop(pending);
        if !is_empty {
            self.told.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reading changes nothing; the end of writing does.
fn concerns_us(kind: EventKind) -> bool {
    use notify::event::{AccessKind, AccessMode};
    !matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}

/// Says once that changes may be missed.
fn lose_some(pending: &mut Pending, reason: &dyn std::fmt::Display) {
    if !std::mem::replace(&mut pending.has_lost_some, true) {
        tracing::warn!(
            %reason,
            "not all changes of the music folder are told to this program, so it is looked through every ten minutes"
        );
    }
}

fn start_watcher(root: &Path, changes: &Arc<Changes>) -> Option<RecommendedWatcher> {
    if is_remote(root) {
        lose_some(&mut changes.lock(), &"its disk is a remote one");
    }
    let (told, below) = (Arc::clone(changes), root.to_owned());
    let configuration = notify::Config::default().with_follow_symlinks(false);
    let started = RecommendedWatcher::new(move |event| told.hear(&below, event), configuration);
    let mut watcher = started.map_err(|error| lose_some(&mut changes.lock(), &error)).ok()?;
    // Where the system's watches run out on the way, those already set stay.
    if let Err(error) = watcher.watch(root, RecursiveMode::Recursive) {
        lose_some(&mut changes.lock(), &error);
    }
    Some(watcher)
}

/// Whether others can change these files without this machine's knowing.
#[cfg(target_os = "linux")]
fn is_remote(root: &Path) -> bool {
    // NFS, SMB (three kinds), FUSE, 9P, Ceph, AFS.
    const KINDS: [u32; 8] =
        [0x6969, 0x517b, 0xff53_4d42, 0xfe53_4d42, 0x6573_5546, 0x0102_1997, 0x00c3_6400, 0x5346_414f];
    let kind = rustix::fs::statfs(root).ok().and_then(|found| u32::try_from(found.f_type & 0xffff_ffff).ok());
    kind.is_some_and(|kind| KINDS.contains(&kind))
}

#[cfg(not(target_os = "linux"))]
fn is_remote(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_changes_become_those_of_folders_and_then_of_everything() {
        let mut pending = Pending::default();
        (0..5000).for_each(|number| pending.add(PathBuf::from(format!("a/b/{number}.mp3"))));
        assert!(!pending.everything && pending.paths.contains(Path::new("a/b")) && pending.paths.len() <= MAX_PATHS);
        (0..5000).for_each(|number| pending.add(PathBuf::from(format!("{number}/a.mp3"))));
        assert!(pending.everything && pending.paths.len() <= MAX_PATHS);
    }

    #[test]
    fn losses_are_remembered_and_call_for_a_look_at_everything() {
        let changes = Changes::default();
        changes.hear(Path::new("/music"), Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch)));
        let pending = changes.lock();
        assert!(pending.everything && pending.has_lost_some);
    }
}
