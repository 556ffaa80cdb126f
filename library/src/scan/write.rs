//! Writes files that were read, many in one transaction, after which all tables agree with each other. Those of the
//! search follow later, when `work` says so.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use super::ScanReport;
use super::marks::Marks;
use super::read::TrackFields;
use super::session::{Session, saw_problem};
use super::walk::{FolderState, Listed, Same};
use super::wanted::{WantedFile, Whole, Written, WrittenFile};
use crate::Error;

/// Without OR FAIL, every row would keep a copy of all pages that it changes until it has succeeded; what fails here
/// takes the whole batch with it anyway.
const NEW_TRACK: &str = concat!("INSERT OR FAIL ", include_str!("track.sql"));
const KNOWN_TRACK: &str = concat!("INSERT ", include_str!("track.sql"), include_str!("known_track.sql"));
const KNOWN_FOLDER: &str =
    "INSERT OR REPLACE INTO known_folders VALUES (?1, (SELECT id FROM releases WHERE folder = ?1), ?2, ?3, ?4)";
const SUMS: &str = include_str!("sums.sql");

/// So much is written in one transaction.
const MAX_FILES: usize = 10_000;
const MAX_TIME: Duration = Duration::from_secs(1);

/// What belongs to one transaction, and its rows do not say.
#[derive(Debug)]
pub(super) struct Batch {
    files: usize,
    begun: Instant,
    last_id: i64,
    /// The last folder and the release in it: files of a folder follow each other.
    release: Option<(String, i64)>,
    /// Artists by their folded names.
    artists: HashMap<String, i64>,
    touched: Touched,
    whole: Vec<Whole>,
}

impl Session {
    /// Writes files that were read, in a transaction that [`Session::commit`] brings to its end. Without that nothing is
    /// written.
    pub(super) fn write(&mut self, read: Vec<Written>, report: &mut ScanReport) -> Result<(), Error> {
        let Self { connection, was_empty, seen, moved, batch, .. } = self;
        let connection = &*connection;
        let mut writer = RowWriter {
            connection,
            was_empty: *was_empty,
            seen,
            batch: Batch::at_work(batch, connection)?,
            new_track: connection.prepare_cached(NEW_TRACK)?,
            heard: connection.prepare_cached("INSERT INTO track_artists VALUES (?, ?, ?)")?,
        };
        for written in read {
            writer.batch.files += written.files.len();
            writer.batch.whole.extend(written.whole);
            for file in written.files {
                file.count(report);
                if let Some(id) = file.file.moved_id {
                    moved.remove(&id);
                }
                writer.file(file)?;
            }
        }
        Ok(())
    }

    /// Notes that nothing has changed in these folders.
    pub(super) fn keep(&mut self, same: Vec<Same>) -> Result<(), Error> {
        for Same { release_id, listed, .. } in same {
            if let Some(id) = release_id {
                self.same.add(id);
            }
            if let Some((path, Listed { changed_ns, names })) = listed {
                Batch::at_work(&mut self.batch, &self.connection)?;
                let query = "UPDATE known_folders SET changed_ns = ?, names = ? WHERE path = ?";
                self.connection.prepare_cached(query)?.execute(params![changed_ns, names, path])?;
            }
        }
        Ok(())
    }

    /// When what was written must be committed, if there is any.
    pub(super) fn due(&self) -> Option<Instant> {
        self.batch.as_ref().map(|batch| if batch.files < MAX_FILES { batch.begun + MAX_TIME } else { batch.begun })
    }

    /// Commits what was written.
    pub(super) fn commit(&mut self) -> Result<(), Error> {
        let Some(Batch { files, touched, whole, .. }) = self.batch.take() else { return Ok(()) };
        touched.sum(&self.connection)?;
        let mut known = self.connection.prepare_cached(KNOWN_FOLDER)?;
        for Whole { folder, state: FolderState { sum, listed } } in whole {
            // Tracks that have gone go at the end of the scan. If it does not come to its end, the next one must look
            // at the folder again.
            if !self.was_empty && has_unseen(&self.connection, &self.seen, &folder)? {
                continue;
            }
            let (changed_ns, names) = listed.map(|listed| (listed.changed_ns, listed.names)).unzip();
            known.execute(params![folder, sum, changed_ns, names])?;
        }
        self.connection.execute_batch("COMMIT")?;
        tracing::debug!(files, "a batch of the scan is written");
        Ok(())
    }
}

/// Whether the index has tracks in this folder that the scan has not found.
fn has_unseen(connection: &Connection, seen: &Marks, folder: &str) -> Result<bool, Error> {
    let query = "SELECT id FROM tracks WHERE release_id = (SELECT id FROM releases WHERE folder = ?)";
    let mut tracks = connection.prepare_cached(query)?;
    let mut rows = tracks.query([folder])?;
    while let Some(row) = rows.next()? {
        if !seen.has(row.get(0)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

impl Batch {
    /// The one that is being written, or a new one, with which a transaction begins.
    fn at_work<'a>(batch: &'a mut Option<Self>, connection: &Connection) -> Result<&'a mut Self, Error> {
        Ok(match batch {
            Some(batch) => batch,
            None => batch.insert(Self::begin(connection)?),
        })
    }

    fn begin(connection: &Connection) -> Result<Self, Error> {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        // Behind all that the search knows, also of tracks that have gone.
        let query = "SELECT max(track_id, coalesce((SELECT max(id) FROM tracks), 0)) FROM followed";
        let last_id = connection.query_row(query, [], |row| row.get(0))?;
        Ok(Self {
            files: 0,
            begun: Instant::now(),
            last_id,
            release: None,
            artists: HashMap::new(),
            touched: Touched::default(),
            whole: Vec::new(),
        })
    }
}

/// Releases and artists whose sums change.
#[derive(Debug, Default)]
pub(super) struct Touched {
    releases: HashSet<i64>,
    artists: HashSet<i64>,
}

impl Touched {
    /// Adds those of a track that is known.
    pub(super) fn add(&mut self, connection: &Connection, track_id: i64) -> Result<(), Error> {
        let mut release = connection.prepare_cached("SELECT release_id FROM tracks WHERE id = ?")?;
        self.releases.extend(release.query_row([track_id], |row| row.get::<_, i64>(0)).optional()?);
        let mut artists = connection.prepare_cached("SELECT artist_id FROM track_artists WHERE track_id = ?")?;
        for artist in artists.query_map([track_id], |row| row.get(0))? {
            self.artists.insert(artist?);
        }
        Ok(())
    }

    /// Writes what releases and artists say of their tracks.
    pub(super) fn sum(&self, connection: &Connection) -> Result<(), Error> {
        for (table, ids) in [("touched_releases", &self.releases), ("touched_artists", &self.artists)] {
            let mut insert = connection.prepare_cached(&format!("INSERT INTO temp.{table} VALUES (?)"))?;
            for id in ids {
                insert.execute([id])?;
            }
        }
        Ok(connection.execute_batch(SUMS)?)
    }
}

struct RowWriter<'a> {
    connection: &'a Connection,
    was_empty: bool,
    seen: &'a mut Marks,
    batch: &'a mut Batch,
    /// Looked up once, for every track needs them.
    new_track: CachedStatement<'a>,
    heard: CachedStatement<'a>,
}

impl RowWriter<'_> {
    fn file(&mut self, file: WrittenFile) -> Result<(), Error> {
        let WrittenFile { file: WantedFile { found, known_id, moved_id }, state, track, problem, is_kept } = file;
        let mut id = moved_id.or(known_id);
        if id.is_none() && !self.was_empty {
            let mut known = self.connection.prepare_cached("SELECT id FROM tracks WHERE path = ?")?;
            id = known.query_row([&found.path], |row| row.get(0)).optional()?;
        }
        // What was known before decides, too, whose sums change.
        if let Some(id) = id {
            self.batch.touched.add(self.connection, id)?;
        }
        let folder = found.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let release_id = self.release(folder, track.is_some())?;
        self.batch.touched.releases.extend(release_id);
        // What is no fault of the file is tried again every time.
        let inode = state.filter(|_| !is_kept).map(|state| state.inode);
        if let (Some(track), Some(release_id), Some(state)) = (track, release_id, state) {
            let mut known_track;
            let statement = if let Some(id) = id {
                self.connection.prepare_cached("DELETE FROM track_artists WHERE track_id = ?")?.execute([id])?;
                known_track = self.connection.prepare_cached(KNOWN_TRACK)?;
                &mut known_track
            } else {
                &mut self.new_track
            };
            let new_id = id.unwrap_or(self.batch.last_id + 1);
            self.batch.last_id = self.batch.last_id.max(new_id);
            let TrackFields { title, artist, album, album_artist, genre, codec, .. } = &*track;
            #[rustfmt::skip]
            statement.execute(params![
                new_id, found.path, release_id, state.size, state.modified_ns, state.inode,
                title, artist, album, album_artist, track.disc_number, track.track_number, track.year, genre,
                track.duration.and_then(|length| i64::try_from(length).ok()), track.bitrate, codec,
                track.track_gain, track.album_gain, track.has_art, track.is_compilation,
            ])?;
            self.heard(new_id, track.artists)?;
            self.see(new_id);
        } else if let Some(id) = id.filter(|_| is_kept) {
            self.see(id);
        }
        let (size, modified_ns) = state.map(|state| (state.size, state.modified_ns)).unzip();
        self.problem(&found.path, problem.as_deref(), [size, modified_ns, inode])
    }

    fn see(&mut self, id: i64) {
        if !self.was_empty {
            self.seen.add(id);
        }
    }

    /// The release in a folder, which is made for a track.
    fn release(&mut self, folder: &str, is_made: bool) -> Result<Option<i64>, Error> {
        if let Some((known, id)) = &self.batch.release
            && known == folder
        {
            return Ok(Some(*id));
        }
        let mut known = self.connection.prepare_cached("SELECT id FROM releases WHERE folder = ?")?;
        let mut id = known.query_row([folder], |row| row.get(0)).optional()?;
        if id.is_none() && is_made {
            let new = "INSERT INTO releases (folder, title, artist) VALUES (?, '', '')";
            id = Some(self.connection.prepare_cached(new)?.insert([folder])?);
        }
        self.batch.release = id.map(|id| (folder.to_owned(), id));
        Ok(id)
    }

    /// Writes the artists of a track.
    fn heard(&mut self, track_id: i64, artists: Vec<(String, String)>) -> Result<(), Error> {
        for (position, (name, folded)) in (0_i64..).zip(artists) {
            let artist_id = if let Some(id) = self.batch.artists.get(&folded) {
                *id
            } else {
                let id = artist(self.connection, &name, &folded)?;
                self.batch.artists.insert(folded, id);
                id
            };
            self.heard.execute([track_id, artist_id, position])?;
            self.batch.touched.artists.insert(artist_id);
        }
        Ok(())
    }

    /// Writes what is wrong with a file, if something is.
    fn problem(&self, path: &str, reason: Option<&str>, state: [Option<i64>; 3]) -> Result<(), Error> {
        let Some(reason) = reason else {
            if !self.was_empty {
                self.connection.prepare_cached("DELETE FROM problems WHERE path = ?")?.execute([path])?;
            }
            return Ok(());
        };
        let problem = "INSERT INTO problems (path, reason, size, modified_ns, inode) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (path) DO UPDATE SET
            reason = excluded.reason, size = excluded.size, modified_ns = excluded.modified_ns, inode = excluded.inode";
        let [size, modified_ns, inode] = state;
        self.connection.prepare_cached(problem)?.execute(params![path, reason, size, modified_ns, inode])?;
        saw_problem(self.connection, path)
    }
}

/// The id of an artist, who may be new.
fn artist(connection: &Connection, name: &str, folded: &str) -> Result<i64, Error> {
    let mut known = connection.prepare_cached("SELECT id FROM artists WHERE folded = ?")?;
    if let Some(id) = known.query_row([folded], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    let new = "INSERT INTO artists (name, folded) VALUES (?, ?)";
    Ok(connection.prepare_cached(new)?.insert([name, folded])?)
}
