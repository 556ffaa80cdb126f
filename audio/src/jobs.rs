//! Work for the cache that outlives the process: each job is a small file until it is done.
//! Doing the work is left to `worker`.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};
use model::{Quality, TrackPath};
use serde::{Deserialize, Serialize};

use crate::cache::hex;

/// Tracks to be made ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// Whose work this is: the slug of a mixtape, or [`model::progress::ALL_MIXTAPES`].
    pub task_id: String,
    /// The tracks, the most urgent first.
    pub tracks: Vec<JobTrack>,
    /// The qualities to make of each.
    pub qualities: Vec<Quality>,
    /// How many tracks at once.
    pub pace: Pace,
    /// Which of them.
    pub wish: Wish,
}

/// A track of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobTrack {
    /// The file, from the music root on.
    pub path: TrackPath,
    /// Its name in reports.
    pub title: String,
}

/// How many tracks of a job are worked on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// One after the other.
    InOrder,
    /// Several (`AUDIO_CACHE_MAX_WORKERS`).
    Parallel,
}

/// Which files a job makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// All that are not there, also when others have to make room.
    Missing,
    /// All that are not there, as long as there is room.
    MissingWithRoom,
    /// All of them, also those that are there and up to date.
    All,
}

/// The folder with the files of the jobs.
#[derive(Debug)]
pub struct JobFolder(PathBuf);

impl JobFolder {
    /// Opens the folder, and makes it if it is not there.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            // What a process that was killed has left unfinished.
            if path.extension().is_some_and(|extension| extension == "part") {
                fs::remove_file(path)?;
            }
        }
        Ok(Self(folder.to_owned()))
    }

    /// The jobs that an earlier process has not finished, oldest first. What is no job is left out.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn unfinished(&self) -> io::Result<Vec<Job>> {
        let mut jobs = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let path = entry?.path();
            if path.extension().is_none_or(|ending| ending != "json") {
                continue;
            }
            let read = || -> io::Result<_> {
                Ok((fs::metadata(&path)?.modified()?, serde_json::from_slice(&fs::read(&path)?)?))
            };
            match read() {
                Ok((written, job)) => jobs.push((written, job)),
                Err(error) => tracing::warn!(file = ?path, %error, "is no job, left out"),
            }
        }
        jobs.sort_by_key(|(written, _)| *written);
        Ok(jobs.into_iter().map(|(_, job)| job).collect())
    }

    /// Writes a job down, in place of an earlier one with the same task; it is on the disk when this returns.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep(&self, job: &Job) -> io::Result<()> {
        let path = self.path(&job.task_id);
        let beside = path.with_extension("part");
        let mut file = File::create(&beside)?;
        file.write_all(&serde_json::to_vec(job)?)?;
        file.sync_all()?;
        fs::rename(&beside, &path)?;
        File::open(&self.0)?.sync_all()
    }

    /// Forgets a job that is done.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn forget(&self, task_id: &str) -> io::Result<()> {
        fs::remove_file(self.path(task_id))
    }

    fn path(&self, task_id: &str) -> PathBuf {
        self.0.join(format!("{}.json", hex(Md5::digest(task_id).into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kill_has_left_half_written_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let jobs = JobFolder::open(folder.path()).unwrap();
        let job = Job {
            task_id: "tape".to_owned(),
            tracks: vec![],
            qualities: vec![],
            pace: Pace::InOrder,
            wish: Wish::Missing,
        };
        jobs.keep(&job).unwrap();
        fs::write(folder.path().join("0123.part"), "{").unwrap();
        assert_eq!(JobFolder::open(folder.path()).unwrap().unfinished().unwrap(), [job]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
