//! Writes files that were read, many in one transaction, after which all tables agree with each other.
//! Those of the search follow them.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::ScanReport;
use super::marks::Marks;
use super::read::TrackFields;
use super::session::{Session, saw_problem};
use super::wanted::{WantedFile, Written, WrittenFile};
use crate::Error;
use crate::index::writer;

/// Without OR FAIL, every row would keep a copy of all pages that it changes until it has succeeded; what fails here
/// takes the whole batch with it anyway.
const NEW_TRACK: &str = concat!("INSERT OR FAIL ", include_str!("track.sql"));
const KNOWN_TRACK: &str = concat!("INSERT ", include_str!("track.sql"), include_str!("known_track.sql"));
const SUMS: &str = include_str!("sums.sql");

impl Session {
    /// Writes a batch.
    pub(super) fn write(&mut self, batch: Vec<Written>, report: &mut ScanReport) -> Result<(), Error> {
        if batch.is_empty() {
            return Ok(());
        }
        let transaction = writer::write(&mut self.connection)?;
        let last_id: i64 = transaction.query_row("SELECT coalesce(max(id), 0) FROM tracks", [], |row| row.get(0))?;
        let mut batch_writer = BatchWriter {
            transaction: &transaction,
            was_empty: self.was_empty,
            seen: &mut self.seen,
            last_id,
            release: None,
            artists: HashMap::new(),
            touched: Touched::default(),
        };
        let (mut files, mut whole) = (0, Vec::new());
        for written in batch {
            whole.extend(written.whole);
            for file in written.files {
                file.count(report);
                if let Some(id) = file.file.moved_id {
                    self.moved.remove(&id);
                }
                batch_writer.file(file)?;
                files += 1;
            }
        }
        batch_writer.touched.sum(&transaction)?;
        {
            let mut state = transaction.prepare_cached("UPDATE releases SET state = ? WHERE folder = ?")?;
            for whole in whole {
                state.execute(params![whole.state, whole.folder])?;
            }
        }
        transaction.commit()?;
        tracing::debug!(files, "a batch of the scan is written");
        Ok(())
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
    pub(super) fn add(&mut self, transaction: &Transaction<'_>, track_id: i64) -> Result<(), Error> {
        let mut release = transaction.prepare_cached("SELECT release_id FROM tracks WHERE id = ?")?;
        self.releases.extend(release.query_row([track_id], |row| row.get::<_, i64>(0)).optional()?);
        let mut artists = transaction.prepare_cached("SELECT artist_id FROM track_artists WHERE track_id = ?")?;
        for artist in artists.query_map([track_id], |row| row.get(0))? {
            self.artists.insert(artist?);
        }
        Ok(())
    }

    /// Writes what releases and artists say of their tracks.
    pub(super) fn sum(&self, transaction: &Connection) -> Result<(), Error> {
        for (table, ids) in [("touched_releases", &self.releases), ("touched_artists", &self.artists)] {
            let mut insert = transaction.prepare_cached(&format!("INSERT INTO temp.{table} VALUES (?)"))?;
            for id in ids {
                insert.execute([id])?;
            }
        }
        Ok(transaction.execute_batch(SUMS)?)
    }
}

struct BatchWriter<'a> {
    transaction: &'a Transaction<'a>,
    was_empty: bool,
    seen: &'a mut Marks,
    last_id: i64,
    /// The last folder and the release in it: files of a folder follow each other.
    release: Option<(String, i64)>,
    /// Artists of this batch by their folded names.
    artists: HashMap<String, i64>,
    touched: Touched,
}

impl BatchWriter<'_> {
    fn file(&mut self, file: WrittenFile) -> Result<(), Error> {
        let WrittenFile { file: WantedFile { found, known_id, moved_id }, track, problem, is_kept } = file;
        let mut id = moved_id.or(known_id);
        if id.is_none() && !self.was_empty {
            let mut known = self.transaction.prepare_cached("SELECT id FROM tracks WHERE path = ?")?;
            id = known.query_row([&found.path], |row| row.get(0)).optional()?;
        }
        // What was known before decides, too, whose sums change.
        if let Some(id) = id {
            self.touched.add(self.transaction, id)?;
        }
        let folder = found.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let release_id = self.release(folder, track.is_some())?;
        self.touched.releases.extend(release_id);
        // What is no fault of the file is tried again every time.
        let inode = (!is_kept).then_some(found.inode);
        if let Some((track, release_id)) = track.zip(release_id) {
            let statement = if let Some(id) = id {
                self.transaction.prepare_cached("DELETE FROM track_artists WHERE track_id = ?")?.execute([id])?;
                KNOWN_TRACK
            } else {
                NEW_TRACK
            };
            let new_id = id.unwrap_or(self.last_id + 1);
            self.last_id = self.last_id.max(new_id);
            let TrackFields { title, artist, album, album_artist, genre, codec, .. } = &*track;
            #[rustfmt::skip]
            self.transaction.prepare_cached(statement)?.execute(params![
                new_id, found.path, release_id, found.size, found.modified_ns, inode,
                title, artist, album, album_artist, track.disc_number, track.track_number, track.year, genre,
                track.duration.and_then(|length| i64::try_from(length).ok()), track.bitrate, codec,
                track.track_gain, track.album_gain, track.has_art, track.is_compilation,
            ])?;
            self.heard(new_id, track.artists)?;
            self.see(new_id);
        } else if let Some(id) = id.filter(|_| is_kept) {
            self.see(id);
        }
        self.problem(&found.path, problem.as_deref(), [Some(found.size), Some(found.modified_ns), inode])
    }

    fn see(&mut self, id: i64) {
        if !self.was_empty {
            self.seen.add(id);
        }
    }

    /// The release in a folder, which is made for a track.
    fn release(&mut self, folder: &str, is_made: bool) -> Result<Option<i64>, Error> {
        if let Some((known, id)) = &self.release
            && known == folder
        {
            return Ok(Some(*id));
        }
        let mut known = self.transaction.prepare_cached("SELECT id FROM releases WHERE folder = ?")?;
        let mut id = known.query_row([folder], |row| row.get(0)).optional()?;
        if id.is_none() && is_made {
            let new = "INSERT INTO releases (folder, title, artist) VALUES (?, '', '')";
            id = Some(self.transaction.prepare_cached(new)?.insert([folder])?);
        }
        self.release = id.map(|id| (folder.to_owned(), id));
        Ok(id)
    }

    /// Writes the artists of a track.
    fn heard(&mut self, track_id: i64, artists: Vec<(String, String)>) -> Result<(), Error> {
        let mut heard = self.transaction.prepare_cached("INSERT INTO track_artists VALUES (?, ?, ?)")?;
        for (position, (name, folded)) in (0_i64..).zip(artists) {
            let artist_id = if let Some(id) = self.artists.get(&folded) {
                *id
            } else {
                let id = artist(self.transaction, &name, &folded)?;
                self.artists.insert(folded, id);
                id
            };
            heard.execute([track_id, artist_id, position])?;
            self.touched.artists.insert(artist_id);
        }
        Ok(())
    }

    /// Writes what is wrong with a file, if something is.
    fn problem(&self, path: &str, reason: Option<&str>, state: [Option<i64>; 3]) -> Result<(), Error> {
        let Some(reason) = reason else {
            if !self.was_empty {
                self.transaction.prepare_cached("DELETE FROM problems WHERE path = ?")?.execute([path])?;
            }
            return Ok(());
        };
        let problem = "INSERT INTO problems (path, reason, size, modified_ns, inode) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (path) DO UPDATE SET
            reason = excluded.reason, size = excluded.size, modified_ns = excluded.modified_ns, inode = excluded.inode";
        let [size, modified_ns, inode] = state;
        self.transaction.prepare_cached(problem)?.execute(params![path, reason, size, modified_ns, inode])?;
        saw_problem(self.transaction, path)
    }
}

/// The id of an artist, who may be new.
fn artist(transaction: &Transaction<'_>, name: &str, folded: &str) -> Result<i64, Error> {
    let mut known = transaction.prepare_cached("SELECT id FROM artists WHERE folded = ?")?;
    if let Some(id) = known.query_row([folded], |row| row.get(0)).optional()? {
        return Ok(id);
    }
    let new = "INSERT INTO artists (name, folded) VALUES (?, ?)";
    Ok(transaction.prepare_cached(new)?.insert([name, folded])?)
}
