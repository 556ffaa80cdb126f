//! Brings the search tables up to date with the tables of the index: thousands of changes together cost a tenth of
//! what they cost one by one. What has changed is noted by the triggers of `index/search.sql`.

use std::collections::HashMap;

use rusqlite::types::ToSql;
use rusqlite::{Connection, Row, Transaction, params};

use super::names::{Speller, Spellings};
use crate::index::writer;
use crate::{Error, Index};

/// Changes that are followed at once.
const AT_ONCE: u32 = 10_000;

impl Index {
    /// Lets the search find what others than a scan have written, which does so itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follow(&self) -> Result<(), Error> {
        let index = self.clone();
        let followed = tokio::task::spawn_blocking(move || {
            let mut connection = index.writer()?;
            let transaction = writer::write(&mut connection)?;
            Follower::default().follow(&transaction)?;
            Ok(transaction.commit()?)
        });
        followed.await.map_err(|_| Error::ScanBroken)?
    }
}

/// Follows changes; it remembers what serves the next time, too.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    speller: Speller,
    /// In how many more names words are than before.
    uses: HashMap<String, i64>,
}

/// The next changes, in the order of their ids.
const ARTISTS: &str = "
    SELECT c.id, c.found, c.name, (1048575 - a.track_count) << 40 | a.id, a.name
    FROM changed_artists c LEFT JOIN artists a ON a.id = c.id ORDER BY c.id LIMIT ?";
const RELEASES: &str = "
    SELECT c.id, c.found, c.title, c.artist, min(length(r.title), 255) << 40 | r.id, r.title, r.artist
    FROM changed_releases c LEFT JOIN releases r ON r.id = c.id ORDER BY c.id LIMIT ?";
const TRACKS: &str = "
    SELECT c.id, c.found, c.title, min(length(t.title), 255) << 40 | t.id, t.title, t.artist, t.album
    FROM changed_tracks c LEFT JOIN tracks t ON t.id = c.id ORDER BY c.id LIMIT ?";

/// A text of a row, if there is one.
fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>, Error> {
    row.get_ref(column)?.as_str_or_null().map_err(|_| Error::Corrupt("the names to be found"))
}

impl Follower {
    /// Follows all changes, in the transaction that makes them.
    pub(crate) fn follow(&mut self, transaction: &Transaction<'_>) -> Result<(), Error> {
        while self.artists(transaction)? {}
        while self.releases(transaction)? {}
        while self.tracks(transaction)? {}
        self.words(transaction)
    }

    fn artists(&mut self, connection: &Connection) -> Result<bool, Error> {
        let mut changes = Changes::<2>::default();
        let mut query = connection.prepare_cached(ARTISTS)?;
        let mut rows = query.query([AT_ONCE])?;
        while let Some(row) = rows.next()? {
            changes.take(row)?;
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
            changes.take(row)?;
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
        let mut changes = Changes::<4>::default();
        // Tracks of a release follow each other.
        let (mut artist_before, mut album_before) = <(Remembered, Remembered)>::default();
        let mut query = connection.prepare_cached(TRACKS)?;
        let mut rows = query.query([AT_ONCE])?;
        while let Some(row) = rows.next()? {
            changes.take(row)?;
            self.give_up(text(row, 2)?);
            if let (Ok(rowid), Some(title), Some(artist), Some(album)) =
                (row.get(3), text(row, 4)?, text(row, 5)?, text(row, 6)?)
            {
                let Spellings { words, whole } = self.learn(title);
                // The words of these are counted with artists and releases.
                let artist = artist_before.spell(&mut self.speller, artist);
                let album = album_before.spell(&mut self.speller, album);
                changes.added.push((rowid, [words, artist, album, whole]));
            }
        }
        changes.write(connection, "find_tracks", "title, artist, album, whole")?;
        changes.done(connection, "changed_tracks")
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
        let mut uses: Vec<_> = self.uses.drain().filter(|(_, uses)| *uses != 0).collect();
        if uses.is_empty() {
            return Ok(());
        }
        // In the order of the tables, so that writing goes through each of them once.
        uses.sort_unstable();
        let mut known = connection.prepare_cached("UPDATE words SET uses = uses + ? WHERE word = ?")?;
        let mut new = connection.prepare_cached("INSERT INTO words VALUES (?, ?)")?;
        let mut endings = Vec::new();
        for (word, uses) in &uses {
            if known.execute(params![uses, word])? == 0 {
                new.execute(params![word, uses])?;
                endings.extend(endings_of(word));
            }
        }
        endings.sort_unstable();
        let mut new = connection.prepare_cached("INSERT INTO word_endings VALUES (?, ?)")?;
        for (ending, word) in endings {
            new.execute([ending, word])?;
        }
        let mut forgotten = connection.prepare_cached("DELETE FROM words WHERE word = ? AND uses <= 0")?;
        let mut ending = connection.prepare_cached("DELETE FROM word_endings WHERE ending = ? AND word = ?")?;
        for (word, _) in uses.iter().filter(|(_, uses)| *uses < 0) {
            if forgotten.execute([word])? > 0 {
                for (end, word) in endings_of(word) {
                    ending.execute([end, word])?;
                }
            }
        }
        Ok(())
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
    /// A row that begins with the id of the change and the rowid that the search knows.
    fn take(&mut self, row: &Row<'_>) -> Result<(), Error> {
        self.end = Some(row.get(0)?);
        self.lost.extend(row.get::<_, Option<i64>>(1)?);
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

/// What begins inside of a word and has two letters or more, with the word.
fn endings_of(word: &str) -> impl Iterator<Item = (&str, &str)> {
    let starts = word.char_indices().map(|(start, _)| start).skip(1);
    starts.map(move |start| (&word[start..], word)).filter(|(ending, _)| ending.chars().nth(1).is_some())
}

/// A text that was spelt before, for the next is often the same.
#[derive(Default)]
struct Remembered {
    text: String,
    words: String,
}

impl Remembered {
    fn spell(&mut self, speller: &mut Speller, text: &str) -> String {
        if self.text != text || self.words.is_empty() {
            self.words = speller.spell(text).words;
            text.clone_into(&mut self.text);
        }
        self.words.clone()
    }
}
