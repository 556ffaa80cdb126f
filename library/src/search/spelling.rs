//! What the vocabulary of all names knows of a word: the words that have it inside, and the one that was meant.
//! Which names have these words is asked in `search`.

use super::expression::Inside;
use super::query::{Query, Word};
use crate::{Error, Index};

/// So many words that have something inside are searched for at once.
const MAX_INSIDE: i64 = 40;
/// So many entries of the vocabulary are looked at for each piece of a misspelt word.
const MAX_LOOKED_AT: i64 = 2000;
/// Shorter words are like too many others.
const MIN_CORRECTED: usize = 4;
/// From this length on, in letters, two errors are forgiven.
const LONG: usize = 8;

impl Index {
    /// For the words of a query, the words that have them inside. Of several words only for those that begin no word:
    /// the others find enough.
    pub(crate) async fn inside(&self, query: &Query) -> Result<Inside, Error> {
        let mut inside = Inside::new();
        let words = query.terms.iter().filter(|term| !term.is_phrase).flat_map(|term| &term.words).map(Word::joined);
        let words: Vec<_> = words.collect();
        for word in words.iter().filter(|word| word.chars().count() >= if word.is_ascii() { 3 } else { 2 }) {
            let sql = "SELECT DISTINCT word FROM word_endings WHERE ending >= ?1 AND ending < ?2 \
                       AND (?3 OR NOT EXISTS (SELECT 1 FROM words WHERE words.word >= ?1 AND words.word < ?2)) LIMIT ?4";
            let found: Vec<String> = sqlx::query_scalar(sql)
                .bind(word)
                .bind(after(word))
                .bind(words.len() == 1)
                .bind(MAX_INSIDE)
                .fetch_all(&self.pool)
                .await?;
            if !found.is_empty() {
                inside.insert(word.clone(), found);
            }
        }
        Ok(inside)
    }

    /// The query with known words instead of unknown ones; nothing if no word is unknown or one is like no other.
    pub(crate) async fn corrected(&self, query: &Query) -> Result<Option<Query>, Error> {
        let mut corrected = query.clone();
        for term in &mut corrected.terms {
            let is_open = term.is_open;
            let last = term.words.len().saturating_sub(1);
            for (place, word) in term.words.iter_mut().enumerate() {
                let joined = word.joined();
                if self.is_known(&joined).await? {
                    continue;
                }
                match self.meant(&joined, is_open && place == last).await? {
                    Some(meant) => *word = Word(meant),
                    None => return Ok(None),
                }
            }
        }
        Ok((corrected != *query).then_some(corrected))
    }

    async fn is_known(&self, word: &str) -> Result<bool, Error> {
        let known = sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM words WHERE word >= ?1 AND word < ?2) \
             OR EXISTS (SELECT 1 FROM word_endings WHERE ending >= ?1 AND ending < ?2)",
        );
        Ok(known.bind(word).bind(after(word)).fetch_one(&self.pool).await?)
    }

    /// The known word that is most like this one; if it may go on, beginnings of words count too.
    async fn meant(&self, word: &str, is_open: bool) -> Result<Option<String>, Error> {
        let letters: Vec<char> = word.chars().collect();
        if letters.len() < MIN_CORRECTED {
            return Ok(None);
        }
        let errors = if letters.len() < LONG { 1 } else { 2 };
        let mut best: Option<(usize, bool, i64, String)> = None;
        for (known, uses) in self.alike(&letters, errors).await? {
            let known_letters: Vec<char> = known.chars().collect();
            let (whole, beginning) = distances(&letters, &known_letters);
            let distance = if is_open { beginning } else { whole };
            let rank = (distance, whole > distance, -uses, known);
            if distance <= errors && best.as_ref().is_none_or(|best| rank < *best) {
                best = Some(rank);
            }
        }
        Ok(best.map(|(.., known)| known))
    }

    /// Words that may be meant. Of one piece more than there are errors at least one has none, and is found in the
    /// vocabulary near its place; two letters that changed places may spoil two pieces and are put back instead.
    async fn alike(&self, letters: &[char], errors: usize) -> Result<Vec<(String, i64)>, Error> {
        let mut swapped = Vec::new();
        for place in 1..letters.len() {
            let mut other = letters.to_vec();
            other.swap(place - 1, place);
            swapped.push(other.into_iter().collect::<String>());
        }
        let mut found: Vec<(String, i64)> = sqlx::query_as(
            "SELECT word, uses FROM json_each(?) AS swapped JOIN words ON word >= value AND word < value || ? LIMIT ?",
        )
        .bind(serde_json::to_string(&swapped).unwrap_or_default())
        .bind(char::MAX.to_string())
        .bind(MAX_LOOKED_AT)
        .fetch_all(&self.pool)
        .await?;
        let length = letters.len().div_ceil(errors + 1);
        for (place, piece) in letters.chunks(length).enumerate() {
            let piece: String = piece.iter().collect();
            let start = i64::try_from(place * length).unwrap_or_default();
            let near: Vec<(String, i64)> = sqlx::query_as(
                "SELECT word, uses FROM ( \
                     SELECT word FROM (SELECT word FROM words WHERE ?3 <= ?4 AND word >= ?1 AND word < ?2 LIMIT ?5) \
                     UNION ALL \
                     SELECT word FROM (SELECT ending, word FROM word_endings WHERE ending >= ?1 AND ending < ?2 LIMIT ?5) \
                     WHERE abs(length(word) - length(ending) - ?3) <= ?4 \
                 ) JOIN words USING (word)",
            )
            .bind(&piece)
            .bind(after(&piece))
            .bind(start)
            .bind(i64::try_from(errors).unwrap_or_default())
            .bind(MAX_LOOKED_AT)
            .fetch_all(&self.pool)
            .await?;
            found.extend(near);
        }
        Ok(found)
    }
}

/// What is greater than all that begins so.
fn after(beginning: &str) -> String {
    format!("{beginning}{}", char::MAX)
}

/// How many letters are wrong, missing, too many or swapped with their neighbour: in the whole word, and in the
/// beginning of it that is most like what was typed.
fn distances(typed: &[char], known: &[char]) -> (usize, usize) {
    let mut rows: [Vec<usize>; 3] = [Vec::new(), Vec::new(), (0..=known.len()).collect()];
    for (line, sign) in typed.iter().enumerate() {
        rows.rotate_left(1);
        let mut row = vec![line + 1];
        for (place, other) in known.iter().enumerate() {
            let changed = rows[1][place] + usize::from(sign != other);
            let mut least = changed.min(rows[1][place + 1] + 1).min(row[place] + 1);
            let is_swapped = line > 0 && place > 0 && typed[line - 1] == *other && *sign == known[place - 1];
            if is_swapped && sign != other {
                least = least.min(rows[0][place - 1] + 1);
            }
            row.push(least);
        }
        rows[2] = row;
    }
    (rows[2][known.len()], rows[2].iter().copied().min().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::distances;

    #[test]
    fn errors_are_counted_as_people_make_them() {
        for (typed, known, whole, beginning) in [
            ("abba", "abba", 0, 0),
            ("metalica", "metallica", 1, 1),
            ("metali", "metallica", 3, 1),
            ("raidohead", "radiohead", 1, 1),
            ("rdiaohaed", "radiohead", 3, 3),
            ("beetles", "beatles", 1, 1),
            ("", "abc", 3, 0),
            ("abc", "", 3, 3),
        ] {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            assert_eq!(distances(&letters(typed), &letters(known)), (whole, beginning), "{typed} {known}");
        }
    }
}
