//! The database's side of one scan: what is known of the files found, and writing down what was read.
//! Every batch is one transaction, after which all tables agree with each other.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use audio::MusicRoot;
use serde_json::json;
use sqlx::{ConnectOptions, Connection, Executor, Row, SqliteConnection};

use super::ScanReport;
use super::read::Reading;
use super::walk::Found;
use crate::index::LAST_SCAN;
use crate::{Error, Index};

const SESSION: &str = include_str!("session.sql");
const LOOK_UP: &str = include_str!("look_up.sql");
const WRITE: &str = include_str!("write.sql");
const FORGET: &str = include_str!("forget.sql");
const SUMS: &str = include_str!("sums.sql");

/// A file to be read.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) found: Found,
    /// The track that this path is known as.
    is_known: bool,
    /// The track that this file was under another path.
    moved_id: Option<i64>,
}

/// A file that was read, or was not to be read.
#[derive(Debug)]
pub(super) struct Written {
    row: serde_json::Value,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Added,
    Changed,
    Moved,
    Unread,
}

impl Written {
    pub(super) fn new(wanted: &Wanted, reading: Reading) -> Self {
        let Wanted { found, is_known, moved_id } = wanted;
        let is_kept = matches!(reading, Reading::Unreadable(_));
        let (track, problem) = match reading {
            Reading::Track(track) => (Some(track), None),
            Reading::Untagged(track, reason) => (Some(track), Some(reason)),
            Reading::Unusable(reason) | Reading::Unreadable(reason) => (None, Some(reason)),
        };
        let kind = match (&track, moved_id, is_known) {
            (None, ..) => Kind::Unread,
            (_, Some(_), _) => Kind::Moved,
            (_, _, true) => Kind::Changed,
            _ => Kind::Added,
        };
        // What is no fault of the file is tried again every time.
        let inode = (!is_kept).then_some(found.inode);
        let folder = found.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let row = json!([moved_id, found.path, folder, found.size, found.modified_ns, inode, track, problem, is_kept]);
        Self { row, kind }
    }
}

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
    connection: SqliteConnection,
    reads_all: bool,
    /// Tracks that have moved in the last batch, which may not be written yet.
    moved: HashSet<i64>,
    root: PathBuf,
}

impl Session {
    pub(super) async fn begin(index: &Index, music: &MusicRoot, reads_all: bool) -> Result<Self, Error> {
        let mut connection = index.pool.connect_options().connect().await?;
        connection.execute(SESSION).await?;
        Ok(Self { connection, reads_all, moved: HashSet::new(), root: music.path().to_owned() })
    }

    pub(super) async fn known_files(&mut self) -> Result<Known, Error> {
        let query = "SELECT (SELECT count(*) FROM tracks), EXISTS (SELECT 1 FROM facts WHERE key = ?)";
        let (files, is_complete): (i64, bool) =
            sqlx::query_as(query).bind(LAST_SCAN).fetch_one(&mut self.connection).await?;
        Ok(Known { files: files.cast_unsigned(), is_complete })
    }

    /// Marks the files that are as they were, and returns the others.
    pub(super) async fn look_up(&mut self, found: Vec<Found>) -> Result<Vec<Wanted>, Error> {
        let rows: Vec<_> = found.iter().map(|file| (&file.path, file.size, file.modified_ns, file.inode)).collect();
        let rows = serde_json::to_string(&rows).map_err(|_| Error::ScanBroken)?;
        let fill = "INSERT INTO temp.found
            SELECT e.key, e.path, e.size, e.modified_ns, e.inode, t.id,
                ?2 AND (t.size, t.modified_ns, t.inode) = (e.size, e.modified_ns, e.inode),
                ?2 AND (p.size, p.modified_ns, p.inode) = (e.size, e.modified_ns, e.inode)
            FROM (
                SELECT key, value ->> 0 AS path, value ->> 1 AS size, value ->> 2 AS modified_ns, value ->> 3 AS inode
                FROM json_each(?1)
            ) e
            LEFT JOIN tracks t ON t.path = e.path
            LEFT JOIN problems p ON p.path = e.path";
        let changed = "SELECT f.place, f.track_id IS NOT NULL, m.id, m.path
            FROM temp.found f
            LEFT JOIN tracks m ON f.track_id IS NULL
                AND (m.inode, m.size, m.modified_ns) = (f.inode, f.size, f.modified_ns)
            WHERE NOT coalesce(f.is_same, 0) AND NOT coalesce(f.is_known_problem, 0)
            ORDER BY f.place";
        let mut transaction = self.connection.begin().await?;
        sqlx::query(fill).bind(rows).bind(!self.reads_all).execute(&mut *transaction).await?;
        transaction.execute(LOOK_UP).await?;
        let changed: Vec<(i64, bool, Option<i64>, Option<String>)> =
            sqlx::query_as(changed).fetch_all(&mut *transaction).await?;
        sqlx::query("DELETE FROM temp.found").execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(self.wanted(found, changed))
    }

    fn wanted(&mut self, found: Vec<Found>, changed: Vec<(i64, bool, Option<i64>, Option<String>)>) -> Vec<Wanted> {
        let mut found: Vec<_> = found.into_iter().map(Some).collect();
        let before = std::mem::take(&mut self.moved);
        let mut wanted: Vec<(i64, Wanted)> = Vec::new();
        for (place, is_known, other_id, other_path) in changed {
            let other = other_id.zip(other_path).filter(|(id, path)| {
                !before.contains(id) && !self.moved.contains(id) && has_gone(&self.root.join(path))
            });
            let moved_id = other.map(|(id, _)| id);
            self.moved.extend(moved_id);
            // One file may be several tracks that have gone, as hard links are.
            if let Some((_, last)) = wanted.last_mut().filter(|(last, _)| *last == place) {
                last.moved_id = last.moved_id.or(moved_id);
            } else if let Some(found) = usize::try_from(place).ok().and_then(|place| found.get_mut(place)?.take()) {
                wanted.push((place, Wanted { found, is_known, moved_id }));
            }
        }
        wanted.into_iter().map(|(_, wanted)| wanted).collect()
    }

    /// Writes a batch, in a transaction.
    pub(super) async fn write(&mut self, written: Vec<Written>, report: &mut ScanReport) -> Result<(), Error> {
        if written.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = written.iter().map(|written| &written.row).collect();
        let rows = serde_json::to_string(&rows).map_err(|_| Error::ScanBroken)?;
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        let fill = "INSERT OR REPLACE INTO temp.files
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, nullif(value -> 6, 'null'),
                value ->> 7, value ->> 8
            FROM json_each(?)";
        sqlx::query(fill).bind(rows).execute(&mut *transaction).await?;
        transaction.execute(WRITE).await?;
        transaction.execute(SUMS).await?;
        transaction.commit().await?;
        tracing::debug!(files = written.len(), "a batch of the scan is written");
        for written in written {
            match written.kind {
                Kind::Added => report.added += 1,
                Kind::Changed => report.changed += 1,
                Kind::Moved => report.moved += 1,
                Kind::Unread => {}
            }
        }
        Ok(())
    }

    /// Writes down what the walk could not look at, or not make sense of.
    pub(super) async fn problem(&mut self, path: &str, reason: &str) -> Result<(), Error> {
        let query = "INSERT INTO problems (path, reason) VALUES (?, ?)
            ON CONFLICT (path) DO UPDATE SET reason = excluded.reason";
        sqlx::query(query).bind(path).bind(reason).execute(&mut self.connection).await?;
        let query = "INSERT OR IGNORE INTO temp.seen_problems VALUES (?)";
        sqlx::query(query).bind(path).execute(&mut self.connection).await?;
        Ok(())
    }

    /// Keeps what is known of a path and all below it, for it could not be looked at.
    pub(super) async fn keep_below(&mut self, path: &str) -> Result<(), Error> {
        let (from, to) = range(Path::new(path));
        for query in [
            "INSERT OR IGNORE INTO temp.seen SELECT id FROM tracks WHERE path = ? OR (path > ? AND path < ?)",
            "INSERT OR IGNORE INTO temp.seen_problems SELECT path FROM problems WHERE path = ? OR (path > ? AND path < ?)",
        ] {
            sqlx::query(query).bind(path).bind(&from).bind(&to).execute(&mut self.connection).await?;
        }
        Ok(())
    }

    /// Forgets what was not seen at and below these paths, and closes the connection.
    pub(super) async fn finish(mut self, starts: &[PathBuf], report: &mut ScanReport) -> Result<(), Error> {
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        for start in starts {
            let (from, to) = range(start);
            let start = start.to_string_lossy();
            let gone = "INSERT OR IGNORE INTO temp.gone SELECT id FROM tracks
                WHERE (path = ? OR (path > ? AND path < ?)) AND id NOT IN (SELECT track_id FROM temp.seen)";
            let gone = sqlx::query(gone).bind(&start).bind(&from).bind(&to).execute(&mut *transaction).await?;
            report.removed += gone.rows_affected();
            let solved = "DELETE FROM problems
                WHERE (path = ? OR (path > ? AND path < ?)) AND path NOT IN (SELECT path FROM temp.seen_problems)";
            sqlx::query(solved).bind(&start).bind(&from).bind(&to).execute(&mut *transaction).await?;
        }
        if report.removed > 0 {
            transaction.execute(FORGET).await?;
            transaction.execute(SUMS).await?;
        }
        if starts.iter().any(|start| start.as_os_str().is_empty()) {
            let query = "INSERT INTO facts (key, value) VALUES (?, unixepoch())
                ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            sqlx::query(query).bind(LAST_SCAN).execute(&mut *transaction).await?;
        }
        let problems = sqlx::query("SELECT count(*) FROM temp.seen_problems").fetch_one(&mut *transaction).await?;
        report.problems = problems.get::<i64, _>(0).cast_unsigned();
        transaction.commit().await?;
        self.connection.close().await?;
        Ok(())
    }
}

/// The paths below a folder are those between these two.
fn range(folder: &Path) -> (String, String) {
    let folder = folder.to_string_lossy();
    // The sign after the slash; for the root, the last of all signs.
    if folder.is_empty() {
        (String::new(), "\u{10ffff}".to_owned())
    } else {
        (format!("{folder}/"), format!("{folder}0"))
    }
}

fn has_gone(path: &Path) -> bool {
    path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}
