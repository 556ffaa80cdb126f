//! Brings the search tables up to date with the tables of the index: thousands of changes together cost a tenth of
//! what they cost one by one. What has changed is noted by the triggers of `index/search.sql`; new tracks are those
//! behind the last that was followed.

use std::collections::HashMap;

use rusqlite::types::ToSql;
use rusqlite::{Connection, Row};

use super::expression::{ARTISTS as FIND_ARTISTS, RELEASES as FIND_RELEASES, TRACKS as FIND_TRACKS};
use super::names::{Speller, Spellings};
use super::vocabulary;
use crate::index::writer;
use crate::{Error, Index};

/// Changes that are followed at once.
const AT_ONCE: u32 = 10_000;

const TRACK_COLUMNS: &str = "title, artist, album, whole";

/// Titles of which so much is the same are in no order.
const MAX_LENGTH: i64 = 255;

impl Index {
    /// Lets the search find what others than a scan have written, which does so itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follow(&self) -> Result<(), Error> {
        self.write(|connection| Follower::default().follow(connection)).await
    }

    /// Puts the search tables in order after many changes: they grow in layers, each of which every search reads. Takes
    /// seconds for a million tracks, in which nothing else can be written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle(&self) -> Result<(), Error> {
        let settle = |connection: &mut Connection| {
            let transaction = writer::write(connection)?;
            vocabulary::add(&transaction, std::iter::empty(), true)?;
            for table in [FIND_ARTISTS, FIND_RELEASES, FIND_TRACKS].map(|names| names.table) {
                transaction.execute(&format!("INSERT INTO {table} ({table}) VALUES ('optimize')"), [])?;
            }
            Ok(transaction.commit()?)
        };
        self.write(settle).await
    }

    /// Writes over a connection of its own.
    async fn write(
        &self,
        what: impl FnOnce(&mut Connection) -> Result<(), Error> + Send + 'static,
    ) -> Result<(), Error> {
        let index = self.clone();
        let written = tokio::task::spawn_blocking(move || what(&mut index.writer()?));
        written.await.map_err(|_| Error::ScanBroken)?
    }
}

/// Follows changes; it remembers what serves the next time, too.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    speller: Speller,
    /// In how many more names words are than before.
    uses: HashMap<String, i64>,
    runs: [Run; 2],
}

/// The same name several times: tracks of a release follow each other.
#[derive(Debug, Default)]
struct Run {
    text: String,
    spellings: Spellings,
    names: i64,
}

/// Places of runs.
const ARTIST: usize = 0;
const ALBUM: usize = 1;

/// The next changes, in the order of their ids.
const ARTISTS: &str = "
    SELECT c.id, c.found, c.name, (1048575 - a.track_count) << 40 | a.id, a.name
    FROM changed_artists c LEFT JOIN artists a ON a.id = c.id ORDER BY c.id LIMIT ?";
const RELEASES: &str = "
    SELECT c.id, c.found, c.title, c.artist, min(length(r.title), 255) << 40 | r.id, r.title, r.artist
    FROM changed_releases c LEFT JOIN releases r ON r.id = c.id ORDER BY c.id LIMIT ?";
const TRACKS: &str = "
    SELECT t.id, t.title, t.artist, t.album, c.id, c.found, c.title, c.artist, c.album
    FROM changed_tracks c LEFT JOIN tracks t ON t.id = c.id ORDER BY c.id LIMIT ?";
const NEW_TRACKS: &str = "
    SELECT id, title, artist, album FROM tracks WHERE id > (SELECT track_id FROM followed) ORDER BY id LIMIT ?";

/// A text of a row, if there is one.
fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>, Error> {
    row.get_ref(column)?.as_str_or_null().map_err(|_| Error::Corrupt("the names to be found"))
}

impl Follower {
    /// Follows all changes, in transactions of its own.
    pub(crate) fn follow(&mut self, connection: &mut Connection) -> Result<(), Error> {
        let mut is_behind = true;
        while is_behind {
            let transaction = writer::write(connection)?;
            while self.artists(&transaction)? {}
            while self.releases(&transaction)? {}
            while self.tracks(&transaction)? {}
            is_behind = self.new_tracks(&transaction)?;
            self.words(&transaction)?;
            transaction.commit()?;
        }
        Ok(())
    }

    fn artists(&mut self, connection: &Connection) -> Result<bool, Error> {
        let mut changes = Changes::<2>::default();
        let mut query = connection.prepare_cached(ARTISTS)?;
        let mut rows = query.query([AT_ONCE])?;
        while let Some(row) = rows.next()? {
            changes.take(row, 0)?;
            self.give_up(text(row, 2)?);
            if let Some((rowid, name)) = row.get(3).ok().zip(text(row, 4)?) {
                let Spellings { words, whole } = self.learn(name);
                changes.added.push((rowid, [words, whole]));
            }
        }
        changes.write(connection, "find_artists", "name, whole")?;
        changes.done(connection, "changed_artists")
    }

    fn releases(&mut self, connection: &Connection) -> Result<bool, Error> {
        let mut changes = Changes::<3>::default();
        let mut query = connection.prepare_cached(RELEASES)?;
        let mut rows = query.query([AT_ONCE])?;
        while let Some(row) = rows.next()? {
            changes.take(row, 0)?;
            self.give_up(text(row, 2)?);
            self.give_up(text(row, 3)?);
            if let (Ok(rowid), Some(title), Some(artist)) = (row.get(4), text(row, 5)?, text(row, 6)?) {
                let Spellings { words, whole } = self.learn(title);
                let artist = self.learn(artist).words;
                changes.added.push((rowid, [words, artist, whole]));
            }
        }
        changes.write(connection, "find_releases", "title, artist, whole")?;
        changes.done(connection, "changed_releases")
    }

    fn tracks(&mut self, connection: &Connection) -> Result<bool, Error> {
        let mut changes = Changes::default();
        let mut query = connection.prepare_cached(TRACKS)?;
        let mut rows = query.query([AT_ONCE])?;
        while let Some(row) = rows.next()? {
            changes.take(row, 4)?;
            for column in 6..9 {
                self.give_up(text(row, column)?);
            }
            if let Some(id) = row.get(0)? {
                changes.added.push(self.track(id, row)?);
            }
        }
        changes.write(connection, "find_tracks", TRACK_COLUMNS)?;
        changes.done(connection, "changed_tracks")
    }

    /// Follows tracks that are new, and answers whether there may be more.
    fn new_tracks(&mut self, connection: &Connection) -> Result<bool, Error> {
        let mut changes = Changes::default();
        let mut last = None;
        let mut query = connection.prepare_cached(NEW_TRACKS)?;
        let mut rows = query.query([AT_ONCE])?;
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            changes.added.push(self.track(id, row)?);
            last = Some(id);
        }
        let Some(last) = last else { return Ok(false) };
        let count = changes.added.len();
        changes.write(connection, "find_tracks", TRACK_COLUMNS)?;
        connection.prepare_cached("UPDATE followed SET track_id = ?")?.execute([last])?;
        Ok(count >= AT_ONCE as usize)
    }

    /// The rowid and the columns of a track, from a row in which its names come second.
    fn track(&mut self, id: i64, row: &Row<'_>) -> Result<(i64, [String; 4]), Error> {
        let title = text(row, 1)?.unwrap_or_default();
        let Spellings { words, whole } = self.learn(title);
        let artist = self.run(ARTIST, text(row, 2)?.unwrap_or_default());
        let album = self.run(ALBUM, text(row, 3)?.unwrap_or_default());
        let length = title.chars().zip(1..=MAX_LENGTH).last().map_or(0, |(_, length)| length);
        Ok((length << 40 | id, [words, artist, album, whole]))
    }

    /// The words of a name that is often the one before.
    fn run(&mut self, run: usize, text: &str) -> String {
        if self.runs[run].text != text {
            self.end(run);
            self.runs[run] = Run { text: text.to_owned(), spellings: self.speller.spell(text), names: 0 };
        }
        self.runs[run].names += 1;
        self.runs[run].spellings.words.clone()
    }

    /// Counts the names of a run.
    fn end(&mut self, run: usize) {
        let Run { spellings, names, .. } = std::mem::take(&mut self.runs[run]);
        if names > 0 {
            self.count(&spellings, names);
        }
    }

    fn learn(&mut self, name: &str) -> Spellings {
        let spellings = self.speller.spell(name);
        self.count(&spellings, 1);
        spellings
    }

    fn give_up(&mut self, name: Option<&str>) {
        if let Some(name) = name {
            let spellings = self.speller.spell(name);
            self.count(&spellings, -1);
        }
    }

    fn count(&mut self, spellings: &Spellings, names: i64) {
        for word in spellings.vocabulary() {
            match self.uses.get_mut(word) {
                Some(uses) => *uses += names,
                None => drop(self.uses.insert(word.to_owned(), names)),
            }
        }
    }

    /// Brings the vocabulary up to date.
    fn words(&mut self, connection: &Connection) -> Result<(), Error> {
        for run in [ARTIST, ALBUM] {
            self.end(run);
        }
        if self.uses.is_empty() {
            return Ok(());
        }
        let mut uses: Vec<_> = self.uses.drain().collect();
        uses.sort_unstable();
        vocabulary::add(connection, uses.iter().map(|(word, uses)| (word.as_str(), *uses)), false)
    }
}

/// Changes of one table that are followed together.
#[derive(Debug)]
struct Changes<const COLUMNS: usize> {
    /// The id of the last one.
    end: Option<i64>,
    /// Rowids that the search does not have any more.
    lost: Vec<i64>,
    /// Rowids that are new to it, with their columns.
    added: Vec<(i64, [String; COLUMNS])>,
}

impl<const COLUMNS: usize> Default for Changes<COLUMNS> {
    fn default() -> Self {
        Self { end: None, lost: Vec::new(), added: Vec::new() }
    }
}

impl<const COLUMNS: usize> Changes<COLUMNS> {
    /// A row with the id of a change, and after it the rowid that the search knows.
    fn take(&mut self, row: &Row<'_>, column: usize) -> Result<(), Error> {
        self.end = Some(row.get(column)?);
        self.lost.extend(row.get::<_, Option<i64>>(column + 1)?);
        Ok(())
    }

    /// Takes rowids out of a table and puts rows in, in the order of the rowids. One that is lower than the one before
    /// makes FTS5 write out all that it has gathered, and so does every statement that changes several rows.
    fn write(&mut self, connection: &Connection, table: &str, columns: &str) -> Result<(), Error> {
        if !self.lost.is_empty() {
            let lost = serde_json::to_string(&self.lost).unwrap_or_default();
            let sql = format!("DELETE FROM {table} WHERE rowid IN (SELECT value FROM json_each(?))");
            connection.prepare_cached(&sql)?.execute([lost])?;
        }
        self.added.sort_unstable_by_key(|row| row.0);
        let places = vec!["?"; COLUMNS + 1].join(", ");
        let sql = format!("INSERT INTO {table} (rowid, {columns}) VALUES ({places})");
        let mut insert = connection.prepare_cached(&sql)?;
        for (rowid, texts) in &self.added {
            let values = std::iter::once(rowid as &dyn ToSql).chain(texts.iter().map(|text| text as &dyn ToSql));
            insert.execute(rusqlite::params_from_iter(values))?;
        }
        Ok(())
    }

    /// Answers whether there was anything to do, and so whether there may be more.
    fn done(self, connection: &Connection, changes: &str) -> Result<bool, Error> {
        let Some(end) = self.end else { return Ok(false) };
        connection.prepare_cached(&format!("DELETE FROM {changes} WHERE id <= ?"))?.execute([end])?;
        Ok(true)
    }
}
