//! All words of all names, with the number of names that have them: what is inside of words, and what typing errors are
//! compared with. Which names have a word is known to the tables of FTS5.
//!
//! They are kept as lists whose numbers add up. What changes is added as one more list, which takes in those before it
//! that are not much larger: so there are few, and none is written often.

use std::sync::{Arc, Mutex, PoisonError};

use memchr::{memchr, memmem, memrchr};
use rusqlite::{Connection, params};

use crate::{Error, Index};

/// A word, and in how many names it is; less than none in a list of what has gone.
type Uses<'a> = (&'a str, i64);

/// The digits of numbers and their sign: no word has control characters.
const ZERO: u8 = 0x10;
const MINUS: u8 = 0x1f;

/// Words in the order of their bytes, each behind a line break and before its number, and a line break at the end.
#[derive(Debug, Default)]
pub(crate) struct WordList(String);

impl WordList {
    /// A list of words that are given in their order.
    fn of<'a>(words: impl Iterator<Item = Uses<'a>>) -> Self {
        let mut text = String::new();
        for (word, uses) in words.filter(|(_, uses)| *uses != 0) {
            text.push('\n');
            text.push_str(word);
            text.extend(
                uses.to_string()
                    .bytes()
                    .map(|sign| char::from(if sign == b'-' { MINUS } else { ZERO + (sign - b'0') })),
            );
        }
        if !text.is_empty() {
            text.push('\n');
        }
        Self(text)
    }

    /// The first byte of the word that has this byte, or whose number or line break has it.
    fn start(&self, byte: usize) -> usize {
        memrchr(b'\n', &self.0.as_bytes()[..byte]).map_or(0, |line_break| line_break + 1)
    }

    /// The word that begins at this byte, and where the next one does.
    fn word(&self, start: usize) -> Option<(Uses<'_>, usize)> {
        let line = &self.0.as_bytes()[start..];
        let end = memchr(b'\n', line)?;
        let letters = line[..end].iter().position(|byte| *byte < b' ')?;
        let (is_less, digits) = match &line[letters..end] {
            [MINUS, digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        let number =
            digits.iter().fold(0_i64, |number, digit| number.saturating_mul(10).saturating_add(i64::from(digit & 0xf)));
        Some(((&self.0[start..start + letters], if is_less { -number } else { number }), start + end + 1))
    }

    /// All words from this byte on, which begins one.
    fn words(&self, mut start: usize) -> impl Iterator<Item = Uses<'_>> {
        std::iter::from_fn(move || {
            let (word, next) = self.word(start)?;
            start = next;
            Some(word)
        })
    }

    fn all(&self) -> impl Iterator<Item = Uses<'_>> {
        self.words(usize::from(!self.0.is_empty()))
    }

    /// Words that begin so.
    fn beginning(&self, beginning: &str) -> impl Iterator<Item = Uses<'_>> {
        let (mut from, mut to) = (usize::from(!self.0.is_empty()), self.0.len());
        while from < to {
            let middle = self.start(from.midpoint(to));
            match self.word(middle) {
                Some(((word, _), next)) if word < beginning => from = next,
                _ => to = middle,
            }
        }
        self.words(from).take_while(move |(word, _)| word.starts_with(beginning))
    }

    /// Words that have a piece behind letters that `is_there` approves of.
    fn with(&self, piece: &str, is_there: impl Fn(&str) -> bool) -> impl Iterator<Item = Uses<'_>> {
        let (finder, mut from) = (memmem::Finder::new(piece).into_owned(), 0);
        std::iter::from_fn(move || {
            loop {
                let place = from + finder.find(&self.0.as_bytes()[from..])?;
                let start = self.start(place);
                if is_there(&self.0[start..place]) {
                    let (word, next) = self.word(start)?;
                    from = next - 1;
                    return Some(word);
                }
                from = place + 1;
            }
        })
    }

    /// Both lists as one.
    fn and(&self, other: &Self) -> Self {
        let (mut own, mut others) = (self.all().peekable(), other.all().peekable());
        Self::of(std::iter::from_fn(move || {
            let (Some((word, uses)), Some((other, further))) = (own.peek(), others.peek()) else {
                return own.next().or_else(|| others.next());
            };
            match word.cmp(other) {
                std::cmp::Ordering::Less => own.next(),
                std::cmp::Ordering::Greater => others.next(),
                std::cmp::Ordering::Equal => {
                    let sum = uses + further;
                    others.next();
                    own.next().map(|(word, _)| (word, sum))
                }
            }
        }))
    }
}

/// The words of the index at one time.
#[derive(Debug, Default)]
pub(super) struct Vocabulary(Vec<Arc<WordList>>);

impl Vocabulary {
    /// Whether there is a word that begins so.
    pub(super) fn has_beginning(&self, beginning: &str) -> bool {
        match &self.0[..] {
            [list] => list.beginning(beginning).next().is_some(),
            _ => !self.beginning(beginning).is_empty(),
        }
    }

    /// The words that begin so.
    pub(super) fn beginning(&self, beginning: &str) -> Vec<Uses<'_>> {
        self.added_up(self.0.iter().flat_map(|list| list.beginning(beginning)))
    }

    /// The words that have a piece behind letters that `is_there` approves of.
    pub(super) fn with(&self, piece: &str, is_there: impl Fn(&str) -> bool + Copy) -> Vec<Uses<'_>> {
        self.added_up(self.0.iter().flat_map(|list| list.with(piece, is_there)))
    }

    /// Each word once.
    fn added_up<'a>(&self, words: impl Iterator<Item = Uses<'a>>) -> Vec<Uses<'a>> {
        let mut words: Vec<_> = words.collect();
        if self.0.len() > 1 {
            words.sort_unstable();
            words.dedup_by(|next, before| {
                let is_same = next.0 == before.0;
                before.1 += if is_same { next.1 } else { 0 };
                is_same
            });
            words.retain(|word| word.1 > 0);
        }
        words
    }
}

/// The lists that were read last.
pub(crate) type KnownLists = Arc<Mutex<Vec<(i64, Arc<WordList>)>>>;

impl Index {
    /// The vocabulary as it is now. Only lists that are new are read.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn vocabulary(&self) -> Result<Vocabulary, Error> {
        let known = self.vocabulary.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let ids: Vec<i64> = known.iter().map(|list| list.0).collect();
        let query = "SELECT id, iif(id IN (SELECT value FROM json_each(?)), NULL, words) FROM vocabulary ORDER BY id";
        let rows: Vec<(i64, Option<String>)> =
            sqlx::query_as(query).bind(serde_json::to_string(&ids).unwrap_or_default()).fetch_all(&self.pool).await?;
        let list = |(id, words): (i64, Option<String>)| {
            let known = || known.iter().find(|list| list.0 == id).map(|list| Arc::clone(&list.1));
            (id, words.map(|words| Arc::new(WordList(words))).or_else(known).unwrap_or_default())
        };
        let lists: Vec<_> = rows.into_iter().map(list).collect();
        let vocabulary = Vocabulary(lists.iter().map(|list| Arc::clone(&list.1)).collect());
        *self.vocabulary.lock().unwrap_or_else(PoisonError::into_inner) = lists;
        Ok(vocabulary)
    }
}

/// Adds a list: words in their order, and in how many more names they are than before. It takes in the lists before it
/// that are at most twice as large, or all of them.
///
/// # Errors
/// When the database fails.
pub(super) fn add<'a>(
    connection: &Connection,
    words: impl Iterator<Item = Uses<'a>>,
    takes_in_all: bool,
) -> Result<(), Error> {
    let mut new = WordList::of(words);
    let mut last = connection.prepare_cached(
        "SELECT id, words FROM vocabulary
         WHERE id = (SELECT max(id) FROM vocabulary) AND (?1 OR octet_length(words) <= ?2)",
    )?;
    let mut remove = connection.prepare_cached("DELETE FROM vocabulary WHERE id = ?")?;
    loop {
        let mut rows = last.query(params![takes_in_all, new.0.len() * 2])?;
        let Some(row) = rows.next()? else { break };
        let (id, words): (i64, String) = (row.get(0)?, row.get(1)?);
        new = WordList(words).and(&new);
        drop(rows);
        remove.execute([id])?;
    }
    if !new.0.is_empty() {
        connection.prepare_cached("INSERT INTO vocabulary (words) VALUES (?)")?.execute([new.0])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &[Uses<'_>]) -> Arc<WordList> {
        Arc::new(WordList::of(words.iter().copied()))
    }

    #[test]
    fn words_are_found_by_their_beginning_and_inside() {
        let words = [("abba", 1), ("beatles", 120), ("beloved", 2), ("björk", 30), ("love", 400), ("lovelove", 3)];
        let vocabulary = Vocabulary(vec![list(&words)]);
        for (beginning, found) in [("", &words[..]), ("be", &words[1..3]), ("love", &words[4..]), ("a", &words[..1])] {
            assert_eq!(vocabulary.beginning(beginning), found, "{beginning}");
            assert!(vocabulary.has_beginning(beginning));
        }
        for unknown in ["c", "lovely", "zz", "0"] {
            assert!(!vocabulary.has_beginning(unknown), "{unknown}");
        }
        assert_eq!(vocabulary.with("love", |before| !before.is_empty()), [words[2], words[5]]);
        assert_eq!(vocabulary.with("rk", |before| before == "bjö"), [words[3]]);
        assert_eq!(vocabulary.with("ve", |_| true), [words[2], words[4], words[5]]);
        assert!(Vocabulary::default().beginning("").is_empty());
        assert!(Vocabulary(vec![list(&[])]).with("a", |_| true).is_empty());
    }

    #[test]
    fn the_numbers_of_lists_add_up() {
        let lists = [list(&[("a", 5), ("ab", 12), ("c", 1)]), list(&[("ab", -12), ("b", 7)]), list(&[("a", -2)])];
        let sum = [("a", 3), ("b", 7), ("c", 1)];
        assert_eq!(lists[0].and(&lists[1]).and(&lists[2]).all().collect::<Vec<_>>(), sum);
        let vocabulary = Vocabulary(lists.into());
        assert_eq!(vocabulary.beginning(""), sum);
        assert_eq!(vocabulary.with("b", |_| true), [("b", 7)]);
        assert!(!vocabulary.has_beginning("ab"));
    }
}
