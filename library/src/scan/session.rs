//! The database's side of one scan: what it remembers, and what the walk tells it that is no file to be read.
//! Looking files up, writing them and forgetting others are rooms of their own.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use audio::MusicRoot;
use rusqlite::{Connection, params};

use super::marks::Marks;
use super::write::Batch;
use crate::index::LAST_SCAN;
use crate::search::Follower;
use crate::{Error, Index};

const SESSION: &str = include_str!("session.sql");

/// What the index knew before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) files: u64,
    /// A scan has come to its end once.
    pub(super) is_complete: bool,
}

/// A connection with the tables of `session.sql`.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) connection: Connection,
    pub(super) reads_all: bool,
    /// There was nothing in the index, so nothing needs to be looked up.
    pub(super) was_empty: bool,
    /// Tracks that were found again or written, and may stay; unless the index was empty.
    pub(super) seen: Marks,
    /// Releases in whose folder nothing has changed: all their tracks may stay.
    pub(super) same: Marks,
    /// Tracks that have moved, which may not be written yet.
    pub(super) moved: HashSet<i64>,
    pub(super) root: PathBuf,
    follower: Follower,
    /// What is written and not committed.
    pub(super) batch: Option<Batch>,
}

impl Session {
    pub(super) fn begin(index: &Index, music: &MusicRoot, reads_all: bool) -> Result<Self, Error> {
        let connection = index.writer()?;
        connection.execute_batch(SESSION)?;
        let query = "SELECT NOT EXISTS (SELECT 1 FROM releases) AND NOT EXISTS (SELECT 1 FROM problems)";
        let was_empty = connection.query_row(query, [], |row| row.get(0))?;
        let mut session = Self {
            connection,
            reads_all,
            was_empty,
            seen: Marks::default(),
            same: Marks::default(),
            moved: HashSet::new(),
            root: music.path().to_owned(),
            follower: Follower::default(),
            batch: None,
        };
        // The scan before this one may have been killed; ids that it has freed are given again.
        session.follow()?;
        Ok(session)
    }

    pub(super) fn known_files(&self) -> Result<Known, Error> {
        let query =
            "SELECT (SELECT coalesce(sum(track_count), 0) FROM releases), EXISTS (SELECT 1 FROM facts WHERE key = ?)";
        let (files, is_complete) =
            self.connection.query_row(query, [LAST_SCAN], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
        Ok(Known { files: files.cast_unsigned(), is_complete })
    }

    /// Lets the search find what was committed.
    pub(super) fn follow(&mut self) -> Result<(), Error> {
        self.follower.follow(&mut self.connection)
    }

    /// Writes down what the walk could not look at, or not make sense of.
    pub(super) fn problem(&self, path: &str, reason: &str) -> Result<(), Error> {
        let query = "INSERT INTO problems (path, reason) VALUES (?, ?)
            ON CONFLICT (path) DO UPDATE SET reason = excluded.reason";
        self.connection.execute(query, [path, reason])?;
        self.saw_problem(path)
    }

    /// Keeps a problem that is known.
    pub(super) fn saw_problem(&self, path: &str) -> Result<(), Error> {
        saw_problem(&self.connection, path)
    }

    /// Keeps what is known of a path and all below it, for it could not be looked at.
    pub(super) fn keep_below(&mut self, path: &str) -> Result<(), Error> {
        let (from, to) = range(Path::new(path));
        let query = "SELECT id FROM tracks WHERE path = ? OR (path > ? AND path < ?)";
        let mut ids = self.connection.prepare_cached(query)?;
        for id in ids.query_map(params![path, from, to], |row| row.get(0))? {
            self.seen.add(id?);
        }
        let query = "INSERT OR IGNORE INTO temp.seen_problems
            SELECT path FROM problems WHERE path = ? OR (path > ? AND path < ?)";
        self.connection.execute(query, params![path, from, to])?;
        Ok(())
    }
}

pub(super) fn saw_problem(connection: &Connection, path: &str) -> Result<(), Error> {
    connection.prepare_cached("INSERT OR IGNORE INTO temp.seen_problems VALUES (?)")?.execute([path])?;
    Ok(())
}

/// The paths below a folder are those between these two.
pub(super) fn range(folder: &Path) -> (String, String) {
    let folder = folder.to_string_lossy();
    // The sign after the slash; for the root, the last of all signs.
    if folder.is_empty() {
        (String::new(), "\u{10ffff}".to_owned())
    } else {
        (format!("{folder}/"), format!("{folder}0"))
    }
}
