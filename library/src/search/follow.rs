//! Brings the search tables up to date with the tables of the index: thousands of changes together cost a tenth of
//! what they cost one by one. What has changed is noted by the triggers of `index/search.sql`.

use std::collections::HashMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{Executor, SqliteConnection};

use super::names::{Speller, Spellings};
use crate::rows::insert;
use crate::{Error, Index};

/// Changes that are followed at once.
const AT_ONCE: u32 = 20_000;

impl Index {
    /// Lets the search find what others than a scan have written, which does so itself.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn follow(&self) -> Result<(), Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        follow(&mut transaction).await?;
        Ok(transaction.commit().await?)
    }
}

/// Follows all changes. To be called in the transaction that makes them.
pub(crate) async fn follow(connection: &mut SqliteConnection) -> Result<(), Error> {
    let mut follower = Follower { connection, speller: Speller::default(), uses: HashMap::new() };
    while follower.artists().await? {}
    while follower.releases().await? {}
    while follower.tracks().await? {}
    follower.words().await
}

struct Follower<'a> {
    connection: &'a mut SqliteConnection,
    speller: Speller,
    /// In how many more names words are than before.
    uses: HashMap<String, i64>,
}

impl Follower<'_> {
    async fn artists(&mut self) -> Result<bool, Error> {
        type Changed = (i64, Option<i64>, Option<String>, Option<i64>, Option<String>);
        let changes: Vec<Changed> = self
            .changes(
                "SELECT json_group_array(json_array(id, found, known, \
                     (1048575 - track_count) << 40 | id, name)) \
                 FROM (SELECT c.id, c.found, c.name AS known, a.track_count, a.name \
                       FROM changed_artists c LEFT JOIN artists a ON a.id = c.id ORDER BY c.id LIMIT ?)",
            )
            .await?;
        let Some(end) = changes.last().map(|change| change.0) else { return Ok(false) };
        let (mut lost, mut added) = (Vec::new(), Vec::new());
        for (_, found, known, rowid, name) in changes {
            lost.extend(found);
            self.give_up(known);
            if let Some((rowid, name)) = rowid.zip(name) {
                let Spellings { words, whole } = self.learn(&name);
                added.push((rowid, words, whole));
            }
        }
        added.sort_unstable_by_key(|row| row.0);
        self.replace("find_artists", &["name", "whole"], &lost, &added).await?;
        self.done("changed_artists", end).await
    }

    async fn releases(&mut self) -> Result<bool, Error> {
        type Names = (Option<String>, Option<String>);
        type Changed = (i64, Option<i64>, Names, Option<i64>, Names);
        let changes: Vec<Changed> = self
            .changes(
                "SELECT json_group_array(json_array(id, found, json_array(known, known_artist), \
                     min(length(title), 255) << 40 | id, json_array(title, artist))) \
                 FROM (SELECT c.id, c.found, c.title AS known, c.artist AS known_artist, r.title, r.artist \
                       FROM changed_releases c LEFT JOIN releases r ON r.id = c.id ORDER BY c.id LIMIT ?)",
            )
            .await?;
        let Some(end) = changes.last().map(|change| change.0) else { return Ok(false) };
        let (mut lost, mut added) = (Vec::new(), Vec::new());
        for (_, found, (known_title, known_artist), rowid, (title, artist)) in changes {
            lost.extend(found);
            self.give_up(known_title);
            self.give_up(known_artist);
            if let (Some(rowid), Some(title), Some(artist)) = (rowid, title, artist) {
                let Spellings { words, whole } = self.learn(&title);
                let artist = self.learn(&artist).words;
                added.push((rowid, words, artist, whole));
            }
        }
        added.sort_unstable_by_key(|row| row.0);
        self.replace("find_releases", &["title", "artist", "whole"], &lost, &added).await?;
        self.done("changed_releases", end).await
    }

    async fn tracks(&mut self) -> Result<bool, Error> {
        type Names = (Option<String>, Option<String>, Option<String>);
        type Changed = (i64, Option<i64>, Option<String>, Option<i64>, Names);
        let changes: Vec<Changed> = self
            .changes(
                "SELECT json_group_array(json_array(id, found, known, \
                     min(length(title), 255) << 40 | id, json_array(title, artist, album))) \
                 FROM (SELECT c.id, c.found, c.title AS known, t.title, t.artist, t.album \
                       FROM changed_tracks c LEFT JOIN tracks t ON t.id = c.id ORDER BY c.id LIMIT ?)",
            )
            .await?;
        let Some(end) = changes.last().map(|change| change.0) else { return Ok(false) };
        let (mut lost, mut added) = (Vec::new(), Vec::new());
        // Tracks of a release follow each other.
        let (mut artist_before, mut album_before) = <(Remembered, Remembered)>::default();
        for (_, found, known, rowid, (title, artist, album)) in changes {
            lost.extend(found);
            self.give_up(known);
            if let (Some(rowid), Some(title), Some(artist), Some(album)) = (rowid, title, artist, album) {
                let Spellings { words, whole } = self.learn(&title);
                // The words of these are counted with artists and releases.
                let artist = artist_before.spell(&mut self.speller, artist);
                let album = album_before.spell(&mut self.speller, album);
                added.push((rowid, words, artist, album, whole));
            }
        }
        added.sort_unstable_by_key(|row| row.0);
        self.replace("find_tracks", &["title", "artist", "album", "whole"], &lost, &added).await?;
        self.done("changed_tracks", end).await
    }

    /// The next changes, in the order of their ids.
    async fn changes<T: DeserializeOwned>(&mut self, query: &str) -> Result<Vec<T>, Error> {
        let changes: String = sqlx::query_scalar(query).bind(AT_ONCE).fetch_one(&mut *self.connection).await?;
        serde_json::from_str(&changes).map_err(|_| Error::Corrupt("the names to be found"))
    }

    fn learn(&mut self, name: &str) -> Spellings {
        let spellings = self.speller.spell(name);
        self.count(&spellings, 1);
        spellings
    }

    fn give_up(&mut self, name: Option<String>) {
        if let Some(name) = name {
            let spellings = self.speller.spell(&name);
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

    /// Takes rowids out of a table and puts rows in: each a rowid and the columns, in the order of the rowids. One that
    /// is lower than the one before makes FTS5 write out all that it has gathered, and so does every statement.
    async fn replace(
        &mut self,
        table: &str,
        columns: &[&str],
        lost: &[i64],
        added: &[impl Serialize],
    ) -> Result<(), Error> {
        if !lost.is_empty() {
            let sql = format!("DELETE FROM {table} WHERE rowid IN (SELECT value FROM json_each(?))");
            sqlx::query(&sql).bind(json(lost)).execute(&mut *self.connection).await?;
        }
        if !added.is_empty() {
            let values: Vec<_> = (0..=columns.len()).map(|place| format!("value ->> {place}")).collect();
            let values = values.join(", ");
            let columns = columns.join(", ");
            let sql = format!("INSERT INTO {table} (rowid, {columns}) SELECT {values} FROM json_each(?)");
            sqlx::query(&sql).bind(json(added)).execute(&mut *self.connection).await?;
        }
        Ok(())
    }

    async fn done(&mut self, changes: &str, end: i64) -> Result<bool, Error> {
        let sql = format!("DELETE FROM {changes} WHERE id <= ?");
        sqlx::query(&sql).bind(end).execute(&mut *self.connection).await?;
        Ok(true)
    }

    /// Brings the vocabulary up to date.
    async fn words(&mut self) -> Result<(), Error> {
        let mut uses: Vec<_> = std::mem::take(&mut self.uses).into_iter().filter(|(_, uses)| *uses != 0).collect();
        if uses.is_empty() {
            return Ok(());
        }
        // In the order of the tables, so that writing goes through each of them once.
        uses.sort_unstable();
        let fewer: Vec<_> = uses.iter().filter(|(_, uses)| *uses < 0).map(|(word, _)| word.clone()).collect();
        let into = "INSERT INTO words (word, uses)";
        let known = "ON CONFLICT (word) DO UPDATE SET uses = uses + excluded.uses";
        insert(self.connection, into, known, uses, |row, (word, uses)| {
            row.push(word);
            row.push(uses);
        })
        .await?;

        let new: String =
            sqlx::query_scalar("SELECT json_group_array(word) FROM new_words").fetch_one(&mut *self.connection).await?;
        let new: Vec<String> = serde_json::from_str(&new).map_err(|_| Error::Corrupt("the words of names"))?;
        let mut endings: Vec<_> = new.iter().flat_map(|word| endings_of(word)).collect();
        endings.sort_unstable();
        let into = "INSERT INTO word_endings (ending, word)";
        insert(self.connection, into, "", endings, |row, (ending, word)| {
            row.push(ending.to_owned());
            row.push(word.to_owned());
        })
        .await?;
        self.connection.execute("DELETE FROM new_words").await?;

        if !fewer.is_empty() {
            for sql in [
                // Its endings come from the word itself.
                "DELETE FROM word_endings WHERE (ending, word) IN (
                    WITH RECURSIVE gone (ending, word) AS (
                        SELECT substr(word, 2), word FROM words
                        WHERE uses <= 0 AND length(word) > 2 AND word IN (SELECT value FROM json_each(?1))
                        UNION ALL
                        SELECT substr(ending, 2), word FROM gone WHERE length(ending) > 2
                    )
                    SELECT * FROM gone
                )",
                "DELETE FROM words WHERE uses <= 0 AND word IN (SELECT value FROM json_each(?1))",
            ] {
                let fewer = json(&fewer);
                sqlx::query(sql).bind(fewer).execute(&mut *self.connection).await?;
            }
        }
        Ok(())
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
    fn spell(&mut self, speller: &mut Speller, text: String) -> String {
        if self.text != text || self.words.is_empty() {
            self.words = speller.spell(&text).words;
            self.text = text;
        }
        self.words.clone()
    }
}

fn json<T: Serialize>(rows: &[T]) -> String {
    serde_json::to_string(rows).unwrap_or_default()
}
