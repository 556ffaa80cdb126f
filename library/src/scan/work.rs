//! One scan on a thread that may wait: takes what the walk tells, has it read by others, and writes what they have read.
//! Everything is under way at the same time, and bounded: the memory of a scan does not grow with the folder.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use audio::MusicRoot;

use super::progress::Counters;
use super::readers::Readers;
use super::session::Session;
use super::walk::{self, Before, Folder, Walked};
use super::{ScanReport, Scope};
use crate::{Error, Index};

/// So many files wait to be read or written, and no more.
const MAX_UNREAD: usize = 10_000;

/// What the walk has found and nobody has looked up, in messages.
const MAX_TOLD: usize = 8;

/// After so long it is asked again whether anybody waits for the end.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the search is brought up to date; the more at once, the less each file costs.
const FOLLOW_EVERY: Duration = Duration::from_secs(3);

/// Before a scan has taken so long, nobody wants to know how long it will take.
const ESTIMATE_AFTER: Duration = Duration::from_millis(500);

/// What one scan is about.
pub(super) struct Work {
    pub(super) index: Index,
    pub(super) music: Arc<MusicRoot>,
    pub(super) scope: Scope,
    pub(super) counters: Arc<Counters>,
    /// Nobody waits for the end.
    pub(super) is_given_up: Arc<AtomicBool>,
}

impl Work {
    /// Does it. What is written when it ends early stays.
    pub(super) fn run(&self) -> Result<ScanReport, Error> {
        let started = Instant::now();
        let (session, mut report) = self.read_all()?;
        session.finish(&self.scope.starts(), &mut report)?;
        Ok(ScanReport { files: self.counters.progress().seen, elapsed: started.elapsed(), ..report })
    }

    /// Reads and writes everything; what has gone is still to be forgotten.
    fn read_all(&self) -> Result<(Session, ScanReport), Error> {
        let mut session = Session::begin(&self.index, &self.music, self.scope == Scope::Full)?;
        let known = session.known_files()?;
        self.counters.expect(known.files);
        self.check_root(known.files > 0 && self.scope != Scope::Full)?;
        let starts = self.scope.starts();
        let mut report = ScanReport::default();
        let done = std::thread::scope(|scope| {
            let counters = &*self.counters;
            let (over, ended) = sync_channel::<()>(0);
            // There is something to estimate from where a scan has come to its end.
            if !known.is_complete {
                scope.spawn(move || {
                    if ended.recv_timeout(ESTIMATE_AFTER) == Err(RecvTimeoutError::Timeout) {
                        let is_over = || ended.try_recv() == Err(TryRecvError::Disconnected);
                        walk::count(self.music.path(), counters.counted(), &is_over);
                        counters.has_counted();
                    }
                });
            }
            let (sender, walked) = sync_channel(MAX_TOLD);
            let known = if session.reads_all { Before::Tracks } else { Before::Folders(&self.index) };
            let before = (!session.was_empty).then_some(known);
            let (root, starts) = (self.music.path(), &starts[..]);
            let walk = scope.spawn(move || walk::walk(root, starts, before, sender));
            let readers = Readers::start(scope, &self.music, counters);
            let done = self.bring_together(&mut session, &walked, readers, &mut report);
            // Whatever it would still tell is of no use.
            drop(walked);
            drop(over);
            // A walk that panicked has not seen everything.
            done.and(walk.join().map_err(|_| Error::ScanBroken))
        });
        done?;
        Ok((session, report))
    }

    fn bring_together(
        &self,
        session: &mut Session,
        walked: &Receiver<Walked>,
        mut readers: Readers,
        report: &mut ScanReport,
    ) -> Result<(), Error> {
        let mut is_walking = true;
        let mut followed = Instant::now();
        while is_walking || readers.unread > 0 {
            if self.is_given_up.load(Ordering::Relaxed) {
                return Err(Error::ScanBroken);
            }
            // The readers come first, for they can work while something is written here.
            while is_walking && readers.unread < MAX_UNREAD {
                match walked.try_recv() {
                    Ok(told) => self.told(told, session, &mut readers)?,
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => is_walking = false,
                }
            }
            let patience = session.due().map_or(PATIENCE, |due| due.saturating_duration_since(Instant::now()));
            if patience.is_zero() {
                session.commit()?;
                if followed.elapsed() >= FOLLOW_EVERY {
                    session.follow()?;
                    followed = Instant::now();
                }
            } else if readers.unread > 0 {
                if let Some(read) = readers.next(patience)? {
                    session.write(read, report)?;
                }
            } else if is_walking {
                match walked.recv_timeout(patience) {
                    Ok(told) => self.told(told, session, &mut readers)?,
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => is_walking = false,
                }
            }
        }
        session.commit()
    }

    fn told(&self, told: Walked, session: &mut Session, readers: &mut Readers) -> Result<(), Error> {
        match told {
            Walked::Folders(folders) => {
                self.counters.seen(folders.iter().map(Folder::len).sum());
                let wanted = session.look_up(folders)?;
                self.counters.will_read(wanted.iter().map(|wanted| wanted.files.len()).sum());
                readers.send(wanted);
                Ok(())
            }
            Walked::Same(same) => {
                self.counters.seen(same.iter().map(|folder| folder.files).sum());
                session.keep(same)
            }
            Walked::Problem { path, reason } => session.problem(&path, &reason),
            Walked::Hidden { path } => session.keep_below(&path),
        }
    }

    /// A disk that is not mounted looks like an empty folder, and must not cost the owner the index.
    fn check_root(&self, must_have_entries: bool) -> Result<(), Error> {
        let root = self.music.path();
        let mut entries = std::fs::read_dir(root).map_err(Error::file(root))?;
        if must_have_entries && entries.next().is_none() {
            return Err(Error::EmptyMusicFolder(root.to_owned()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const SONG: &[u8] = include_bytes!("../../tests/files/silence.mp3");

    fn files_below(folder: &Path, root: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                files_below(&entry.path(), root, found);
            } else {
                found.push(entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
        found.sort();
    }

    /// All batches are committed and the end of the scan never comes, as when the process is killed there.
    #[tokio::test]
    async fn a_scan_that_is_killed_before_its_end_leaves_no_track_of_a_file_that_has_gone() {
        const KILLS: usize = 20;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("music");
        for number in 0..12 {
            let album = root.join(format!("{}/{}", number % 2, number % 4));
            std::fs::create_dir_all(&album).unwrap();
            std::fs::write(album.join(format!("{number}.mp3")), SONG).unwrap();
        }
        let index = Index::open(&folder.path().join("data")).await.unwrap();
        let music = Arc::new(MusicRoot::new(&root).unwrap());
        let work = || Work {
            index: index.clone(),
            music: Arc::clone(&music),
            scope: Scope::Changes,
            counters: Arc::default(),
            is_given_up: Arc::default(),
        };
        work().run().unwrap();
        for round in 0..KILLS {
            let mut files = Vec::new();
            files_below(&root, &root, &mut files);
            let file = root.join(&files[round % files.len()]);
            match round % 3 {
                0 => std::fs::remove_file(&file).unwrap(),
                1 => std::fs::rename(&file, root.join(format!("moved {round}.mp3"))).unwrap(),
                // Its folder has no file any more, then one that is new.
                _ => {
                    let album = file.parent().unwrap().to_owned();
                    std::fs::remove_dir_all(&album).unwrap();
                    std::fs::create_dir_all(&album).unwrap();
                    std::fs::write(album.join(format!("new {round}.mp3")), [SONG, &[0]].concat()).unwrap();
                    std::fs::write(root.join(format!("also new {round}.mp3")), SONG).unwrap();
                }
            }
            drop(work().read_all().unwrap());
            work().run().unwrap();
            let mut files = Vec::new();
            files_below(&root, &root, &mut files);
            let reader = index.reader().unwrap();
            let mut tracks = reader.prepare("SELECT path FROM tracks ORDER BY path").unwrap();
            let tracks: Vec<String> = tracks.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            assert_eq!(tracks, files, "after kill {round}");
        }
    }
}
