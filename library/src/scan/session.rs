//! The database's side of one scan: what is known of the files found, and writing down what was read.
//! Every batch is one transaction, after which all tables agree with each other; those of the search follow them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use audio::MusicRoot;
use sqlx::{ConnectOptions, Connection, Executor, Row, SqliteConnection};

use super::ScanReport;
use super::read::{Reading, TrackFields};
use super::walk::{Folder, Found};
use crate::index::LAST_SCAN;
use crate::rows::{Values, insert};
use crate::{Error, Index, search};

const SESSION: &str = include_str!("session.sql");
const LOOK_UP: &str = include_str!("look_up.sql");
const WRITE: &str = include_str!("write.sql");
const FORGET: &str = include_str!("forget.sql");
const SUMS: &str = include_str!("sums.sql");

/// Files of a folder that are to be read, and written in one transaction.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) files: Vec<WantedFile>,
    whole: Option<Whole>,
}

/// A file to be read.
#[derive(Debug)]
pub(super) struct WantedFile {
    pub(super) found: Found,
    /// The track that this path is known as.
    known_id: Option<i64>,
    /// The track that this file was under another path.
    moved_id: Option<i64>,
}

/// A folder that is wholly in the index, once the files are that come with this.
#[derive(Debug)]
struct Whole {
    folder: String,
    state: String,
}

/// Files that were read, or were not to be read.
#[derive(Debug)]
pub(super) struct Written {
    files: Vec<WrittenFile>,
    whole: Option<Whole>,
}

#[derive(Debug)]
struct WrittenFile {
    file: WantedFile,
    track: Option<Box<TrackFields>>,
    problem: Option<String>,
    /// It is the system's fault that it could not be read.
    is_kept: bool,
}

impl Written {
    /// What reading has made of the files.
    pub(super) fn new(wanted: Wanted, mut read: impl FnMut(&Found) -> Reading) -> Self {
        let files = wanted.files.into_iter().map(|file| {
            let reading = read(&file.found);
            let is_kept = matches!(reading, Reading::Unreadable(_));
            let (track, problem) = match reading {
                Reading::Track(track) => (Some(track), None),
                Reading::Untagged(track, reason) => (Some(track), Some(reason)),
                Reading::Unusable(reason) | Reading::Unreadable(reason) => (None, Some(reason)),
            };
            WrittenFile { file, track, problem, is_kept }
        });
        let files: Vec<_> = files.collect();
        let whole = wanted.whole.filter(|_| files.iter().all(|file| file.problem.is_none()));
        Self { files, whole }
    }

    pub(super) const fn len(&self) -> usize {
        self.files.len()
    }
}

impl WrittenFile {
    fn count(&self, report: &mut ScanReport) {
        match (&self.track, self.file.moved_id, self.file.known_id) {
            (None, ..) => {}
            (_, Some(_), _) => report.moved += 1,
            (_, _, Some(_)) => report.changed += 1,
            _ => report.added += 1,
        }
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
    /// There was nothing in the index, so nothing needs to be looked up.
    was_empty: bool,
    /// Folders in which nothing has changed.
    same: Vec<i64>,
    /// Tracks that have moved, which may not be written yet.
    moved: HashSet<i64>,
    root: PathBuf,
}

impl Session {
    pub(super) async fn begin(index: &Index, music: &MusicRoot, reads_all: bool) -> Result<Self, Error> {
        let mut connection = index.pool.connect_options().connect().await?;
        connection.execute(SESSION).await?;
        let query = "SELECT NOT EXISTS (SELECT 1 FROM releases) AND NOT EXISTS (SELECT 1 FROM problems)";
        let was_empty = sqlx::query_scalar(query).fetch_one(&mut connection).await?;
        let (same, moved) = (Vec::new(), HashSet::new());
        Ok(Self { connection, reads_all, was_empty, same, moved, root: music.path().to_owned() })
    }

    pub(super) async fn known_files(&mut self) -> Result<Known, Error> {
        let query = "SELECT (SELECT count(*) FROM tracks), EXISTS (SELECT 1 FROM facts WHERE key = ?)";
        let (files, is_complete): (i64, bool) =
            sqlx::query_as(query).bind(LAST_SCAN).fetch_one(&mut self.connection).await?;
        Ok(Known { files: files.cast_unsigned(), is_complete })
    }

    /// Marks the files that are as they were, and returns the others.
    pub(super) async fn look_up(&mut self, folders: Vec<Folder>) -> Result<Vec<Wanted>, Error> {
        if self.was_empty {
            let wanted = folders.into_iter().map(|folder| Wanted {
                whole: folder.state.map(|state| Whole { folder: folder.path, state }),
                files: folder.files.into_iter().map(WantedFile::new).collect(),
            });
            return Ok(wanted.collect());
        }
        let folders = if self.reads_all { folders } else { self.changed(folders).await? };
        if folders.is_empty() { Ok(Vec::new()) } else { self.look_up_files(folders).await }
    }

    /// The folders without those in which nothing has changed.
    async fn changed(&mut self, folders: Vec<Folder>) -> Result<Vec<Folder>, Error> {
        let rows: Vec<_> = folders.iter().map(|folder| (&folder.path, &folder.state)).collect();
        let query = "SELECT json_group_array(json_array(f.key, r.id)) FROM json_each(?) f
            CROSS JOIN releases r ON r.folder = f.value ->> 0 AND r.state = f.value ->> 1";
        let same: String = sqlx::query_scalar(query).bind(json(&rows)?).fetch_one(&mut self.connection).await?;
        let same: Vec<(usize, i64)> = serde_json::from_str(&same).map_err(|_| Error::Corrupt("the releases"))?;
        let mut is_same = vec![false; folders.len()];
        for (place, id) in same {
            is_same[place] = true;
            self.same.push(id);
        }
        Ok(folders.into_iter().zip(is_same).filter_map(|(folder, is_same)| (!is_same).then_some(folder)).collect())
    }

    async fn look_up_files(&mut self, folders: Vec<Folder>) -> Result<Vec<Wanted>, Error> {
        let found = folders.iter().flat_map(|folder| &folder.files);
        let rows: Vec<_> = found.map(|file| (&file.path, file.size, file.modified_ns, file.inode)).collect();
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
        let others = "SELECT f.place, f.track_id, coalesce(f.is_known_problem, 0), m.id, m.path
            FROM temp.found f
            LEFT JOIN tracks m ON f.track_id IS NULL AND NOT coalesce(f.is_known_problem, 0)
                AND (m.inode, m.size, m.modified_ns) = (f.inode, f.size, f.modified_ns)
            WHERE NOT coalesce(f.is_same, 0) OR coalesce(f.is_known_problem, 0)
            ORDER BY f.place";
        let mut transaction = self.connection.begin().await?;
        sqlx::query(fill).bind(json(&rows)?).bind(!self.reads_all).execute(&mut *transaction).await?;
        transaction.execute(LOOK_UP).await?;
        let others: Vec<Other> = sqlx::query_as(others).fetch_all(&mut *transaction).await?;
        sqlx::query("DELETE FROM temp.found").execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(self.wanted(folders, others))
    }

    fn wanted(&mut self, folders: Vec<Folder>, others: Vec<Other>) -> Vec<Wanted> {
        let mut others = others.into_iter().peekable();
        let mut place = 0;
        let mut all = Vec::new();
        for folder in folders {
            let mut wanted =
                Wanted { files: Vec::new(), whole: folder.state.map(|state| Whole { folder: folder.path, state }) };
            for found in folder.files {
                let mut file = WantedFile::new(found);
                let mut is_wanted = false;
                // One file may be several tracks that have gone, as hard links are.
                while let Some(other) = others.next_if(|other| other.0 == place) {
                    let (_, known_id, is_known_problem, moved) = (other.0, other.1, other.2, other.3.zip(other.4));
                    if is_known_problem {
                        wanted.whole = None;
                        continue;
                    }
                    is_wanted = true;
                    file.known_id = known_id;
                    if let Some((id, path)) = moved
                        && file.moved_id.is_none()
                        && !self.moved.contains(&id)
                        && has_gone(&self.root.join(path))
                    {
                        self.moved.insert(id);
                        file.moved_id = Some(id);
                    }
                }
                if is_wanted {
                    wanted.files.push(file);
                }
                place += 1;
            }
            if !wanted.files.is_empty() || wanted.whole.is_some() {
                all.push(wanted);
            }
        }
        all
    }

    /// Writes a batch, in a transaction.
    pub(super) async fn write(&mut self, batch: Vec<Written>, report: &mut ScanReport) -> Result<(), Error> {
        if batch.is_empty() {
            return Ok(());
        }
        let (mut files, mut heard, mut whole) = (Vec::new(), Vec::new(), Vec::new());
        for written in batch {
            whole.extend(written.whole.map(|whole| (whole.folder, whole.state)));
            for mut file in written.files {
                file.count(report);
                if let Some(id) = file.file.moved_id {
                    self.moved.remove(&id);
                }
                let place = i64::try_from(files.len()).unwrap_or_default();
                let artists = file.track.as_mut().map(|track| std::mem::take(&mut track.artists)).unwrap_or_default();
                heard.extend((0_i64..).zip(artists).map(|(position, artist)| (place, position, artist)));
                files.push(file);
            }
        }
        let count = files.len();
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        if count > 0 {
            let mut place = 0_i64;
            insert(&mut transaction, "INSERT INTO temp.files", "", files, |row, file| {
                row.push(place);
                file.push_to(row);
                place += 1;
            })
            .await?;
            insert(&mut transaction, "INSERT INTO temp.heard", "", heard, |row, (place, position, (name, folded))| {
                row.push(place);
                row.push(position);
                row.push(name);
                row.push(folded);
            })
            .await?;
            transaction.execute(WRITE).await?;
            transaction.execute(SUMS).await?;
        }
        if !whole.is_empty() {
            let query = "UPDATE releases SET state = value ->> 1 FROM json_each(?) WHERE folder = value ->> 0";
            sqlx::query(query).bind(json(&whole)?).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        tracing::debug!(files = count, "a batch of the scan is written");
        Ok(())
    }

    /// Lets the search find what was written.
    pub(super) async fn follow(&mut self, report: &mut ScanReport) -> Result<(), Error> {
        let begun = Instant::now();
        let mut transaction = self.connection.begin_with("BEGIN IMMEDIATE").await?;
        search::follow(&mut transaction).await?;
        transaction.commit().await?;
        report.search += begun.elapsed();
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
        let same = "INSERT OR IGNORE INTO temp.seen_releases SELECT value FROM json_each(?)";
        sqlx::query(same).bind(json(&self.same)?).execute(&mut *transaction).await?;
        for start in starts {
            let (from, to) = range(start);
            let start = start.to_string_lossy();
            for gone in [
                "INSERT OR IGNORE INTO temp.gone SELECT t.id
                FROM (
                    SELECT id FROM releases
                    WHERE (folder = ? OR (folder > ? AND folder < ?)) AND id NOT IN (SELECT id FROM temp.seen_releases)
                ) r
                CROSS JOIN tracks t ON t.release_id = r.id
                WHERE t.id NOT IN (SELECT track_id FROM temp.seen)",
                "INSERT OR IGNORE INTO temp.gone SELECT id FROM tracks
                WHERE path = ? AND id NOT IN (SELECT track_id FROM temp.seen)",
            ] {
                let gone = sqlx::query(gone).bind(&start).bind(&from).bind(&to).execute(&mut *transaction).await?;
                report.removed += gone.rows_affected();
            }
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
        self.follow(report).await?;
        self.connection.close().await?;
        Ok(())
    }
}

/// Its place, the track of its path, whether it is a known problem, and a track that was this file, with its path.
type Other = (i64, Option<i64>, bool, Option<i64>, Option<String>);

impl WantedFile {
    const fn new(found: Found) -> Self {
        Self { found, known_id: None, moved_id: None }
    }
}

impl WrittenFile {
    /// The columns of `temp.files` from the second on.
    fn push_to(self, row: &mut Values) {
        let Self { file: WantedFile { found, known_id, moved_id }, track, problem, is_kept } = self;
        let folder = found.path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        // What is no fault of the file is tried again every time.
        let inode = (!is_kept).then_some(found.inode);
        row.push(moved_id.or(known_id));
        row.push(found.path);
        row.push(folder);
        row.push(found.size);
        row.push(found.modified_ns);
        row.push(inode);
        row.push(problem);
        row.push(is_kept);
        let (is_track, track) = (track.is_some(), track.map(|track| *track).unwrap_or_default());
        let title = is_track.then_some(track.title);
        row.push(title);
        row.push(track.artist);
        row.push(track.album);
        row.push(track.album_artist);
        row.push(track.disc_number);
        row.push(track.track_number);
        row.push(track.year);
        row.push(track.genre);
        row.push(track.duration.and_then(|length| i64::try_from(length).ok()));
        row.push(track.bitrate);
        row.push(track.codec);
        row.push(track.track_gain);
        row.push(track.album_gain);
        row.push(track.has_art);
        row.push(track.is_compilation);
        row.push(None::<i64>);
    }
}

fn json(rows: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(rows).map_err(|_| Error::ScanBroken)
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
