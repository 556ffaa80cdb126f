//! Which files the cache worker has started and not finished, recorded before it starts: a file that crashes or hangs
//! the server repeatedly is skipped. What a file is transcoded to is not known here.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use md5::{Digest, Md5};
use model::TrackPath;
use model::limits::transcoding::ATTEMPTS;
use serde::{Deserialize, Serialize};

use crate::cache::hex;

/// Why a file was not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unfinished {
    /// The process ended meanwhile.
    ServerEnded,
    /// Its decoder made no progress.
    Hung,
}

impl Unfinished {
    /// The same in words.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ServerEnded => "The server ended twice while it was made ready.",
            Self::Hung => "Its decoder hung twice.",
        }
    }
}

/// The record of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The file, from the music root on.
    pub path: TrackPath,
    /// Identifies this state of the file.
    pub fingerprint: String,
    /// How often it was started and not finished.
    pub count: u32,
    /// The outcome of the last attempt.
    pub unfinished: Unfinished,
}

impl Attempt {
    const fn is_set_aside(&self) -> bool {
        self.count >= ATTEMPTS
    }
}

/// The folder of the records, one small file each.
#[derive(Debug)]
pub struct Attempts {
    folder: PathBuf,
    /// The files in progress.
    at_work: Mutex<Vec<Attempt>>,
}

impl Attempts {
    /// Opens the folder, and makes it if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned(), at_work: Mutex::default() })
    }

    /// Records on disk that a file is started; `Ok(Err(reason))` when it is to be skipped.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(&self, path: &TrackPath, fingerprint: &str) -> io::Result<Result<(), Unfinished>> {
        let before = Self::read(&self.place(path)).filter(|before| before.fingerprint == fingerprint);
        if let Some(before) = before.as_ref().filter(|before| before.is_set_aside()) {
            return Ok(Err(before.unfinished));
        }
        let count = before.map_or(0, |before| before.count) + 1;
        let unfinished = Unfinished::ServerEnded;
        let attempt = Attempt { path: path.clone(), fingerprint: fingerprint.to_owned(), count, unfinished };
        self.write(&attempt)?;
        self.at_work().push(attempt);
        Ok(Ok(()))
    }

    /// Records that a file is finished, successfully or with an error; for one that hung, the attempt stays.
    pub fn end(&self, path: &TrackPath, has_hung: bool) {
        let mut at_work = self.at_work();
        let Some(index) = at_work.iter().position(|attempt| attempt.path == *path) else { return };
        let attempt = at_work.swap_remove(index);
        let noted = if has_hung {
            self.write(&Attempt { unfinished: Unfinished::Hung, ..attempt })
        } else {
            fs::remove_file(self.place(path))
        };
        if let Err(error) = noted {
            tracing::warn!(%error, file = path.0, "the record of an attempt could not be changed");
        }
    }

    /// Withdraws the attempts in progress, because the process is shutting down in order.
    pub fn interrupt(&self) {
        for mut attempt in std::mem::take(&mut *self.at_work()) {
            attempt.count -= 1;
            let place = self.place(&attempt.path);
            let noted = if attempt.count == 0 { fs::remove_file(place) } else { self.write(&attempt) };
            if let Err(error) = noted {
                tracing::warn!(%error, file = attempt.path.0, "the record of an attempt could not be changed");
            }
        }
    }

    /// Files that were started and not finished before, but are not skipped yet: each may have crashed the server.
    #[must_use]
    pub fn suspects(&self) -> HashSet<TrackPath> {
        let all = self.all().into_iter();
        all.filter(|(_, attempt)| !attempt.is_set_aside()).map(|(_, attempt)| attempt.path).collect()
    }

    /// Files that are skipped, ordered by path.
    #[must_use]
    pub fn set_aside(&self) -> Vec<Attempt> {
        let all = self.all().into_iter();
        let mut aside: Vec<_> = all.map(|(_, attempt)| attempt).filter(Attempt::is_set_aside).collect();
        aside.sort_by(|one, other| one.path.0.cmp(&other.path.0));
        aside
    }

    /// Lets skipped files be started again; returns how many they are.
    ///
    /// # Errors
    /// When a record cannot be removed.
    pub fn retry(&self) -> io::Result<usize> {
        let aside: Vec<_> = self.all().into_iter().filter(|(_, attempt)| attempt.is_set_aside()).collect();
        for (place, _) in &aside {
            fs::remove_file(place)?;
        }
        Ok(aside.len())
    }

    fn at_work(&self) -> MutexGuard<'_, Vec<Attempt>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> Vec<(PathBuf, Attempt)> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let places = entries.flatten().map(|entry| entry.path());
        let records = places.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        records.filter_map(|place| Some((place.clone(), Self::read(&place)?))).collect()
    }

    fn read(place: &Path) -> Option<Attempt> {
        serde_json::from_slice(&fs::read(place).ok()?).ok()
    }

    /// It is on the disk when this returns.
    fn write(&self, attempt: &Attempt) -> io::Result<()> {
        let place = self.place(&attempt.path);
        let beside = place.with_extension("part");
        let mut file = File::create(&beside)?;
        file.write_all(&serde_json::to_vec(attempt)?)?;
        file.sync_all()?;
        fs::rename(&beside, &place)?;
        File::open(&self.folder)?.sync_all()
    }

    fn place(&self, path: &TrackPath) -> PathBuf {
        self.folder.join(format!("{}.json", hex(Md5::digest(&path.0).into())))
    }
}
