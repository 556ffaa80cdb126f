//! What the vocabulary of all names makes of a query: the words that have its words inside, and the ones that were meant.
//! Which names have these words is asked in `search`.

use std::cmp::Reverse;

use super::expression::Others;
use super::query::{Query, Word};
use super::vocabulary::Vocabulary;

/// A single letter is inside of nearly every word.
const MIN_INSIDE: usize = 2;
/// So many words that have something inside are searched for at once, those in the most names.
const MAX_INSIDE: usize = 40;
/// The longest beginnings of words of which `index/search.sql` has FTS5 keep lists, in letters.
const LONGEST_PREFIX: usize = 5;
/// So many words that have the same beginning are searched for one by one.
const MAX_BEGINNING: usize = 32;
/// Shorter words are like too many others.
const MIN_CORRECTED: usize = 4;
/// From this length on, in letters, two errors are forgiven.
const LONG: usize = 8;

/// Whether FTS5 has no list of what begins with this word: then it puts one together, however much that is.
pub(super) fn is_long(word: &str) -> bool {
    word.chars().nth(LONGEST_PREFIX).is_some()
}

impl Vocabulary {
    /// For the long words of a query, all words that begin so; none where these are many.
    pub(super) fn beginnings(&self, query: &Query) -> Others {
        let words = query.terms.iter().flat_map(|term| &term.words).map(Word::joined).filter(|word| is_long(word));
        let known = words.map(|word| {
            let known = self.beginning(&word).into_iter().map(|(word, _)| word.to_owned()).collect();
            (word, known)
        });
        known.filter(|(_, known): &(String, Vec<String>)| known.len() <= MAX_BEGINNING).collect()
    }

    /// For the words of a query, the words that have them inside. Of several words only for those that begin no word:
    /// the others find enough.
    pub(super) fn inside(&self, query: &Query) -> Others {
        let mut inside = Others::new();
        let words = query.terms.iter().filter(|term| !term.is_phrase).flat_map(|term| &term.words).map(Word::joined);
        let words: Vec<_> = words.collect();
        for word in words.iter().filter(|word| word.chars().nth(MIN_INSIDE - 1).is_some()) {
            if words.len() > 1 && self.has_beginning(word) {
                continue;
            }
            let mut found = self.with(word, |before| !before.is_empty());
            if found.len() > MAX_INSIDE {
                found.select_nth_unstable_by_key(MAX_INSIDE, |(word, uses)| (Reverse(*uses), *word));
                found.truncate(MAX_INSIDE);
            }
            if !found.is_empty() {
                inside.insert(word.clone(), found.into_iter().map(|(word, _)| word.to_owned()).collect());
            }
        }
        inside
    }

    /// The query with known words instead of unknown ones; nothing if no word is unknown or one is like no other.
    pub(super) fn corrected(&self, query: &Query) -> Option<Query> {
        let mut corrected = query.clone();
        for term in &mut corrected.terms {
            let is_open = term.is_open;
            let last = term.words.len().saturating_sub(1);
            for (place, word) in term.words.iter_mut().enumerate() {
                let joined = word.joined();
                if !self.is_known(&joined) {
                    *word = Word(self.meant(&joined, is_open && place == last)?);
                }
            }
        }
        (corrected != *query).then_some(corrected)
    }

    fn is_known(&self, word: &str) -> bool {
        self.has_beginning(word) || !self.with(word, |_| true).is_empty()
    }

    /// The known word that is most like this one; if it may go on, beginnings of words count too.
    fn meant(&self, word: &str, is_open: bool) -> Option<String> {
        let letters: Vec<char> = word.chars().collect();
        if letters.len() < MIN_CORRECTED {
            return None;
        }
        let errors = if letters.len() < LONG { 1 } else { 2 };
        let mut comparison = Comparison::new(&letters, errors);
        let mut best = None;
        for (known, uses) in self.alike(&letters, errors) {
            let Some(Distances { whole, beginning }) = comparison.with(known) else { continue };
            let distance = if is_open { beginning } else { whole };
            let rank = (distance, whole > distance, Reverse(uses), known);
            if distance <= errors && best.as_ref().is_none_or(|best| rank < *best) {
                best = Some(rank);
            }
        }
        best.map(|(.., known)| known.to_owned())
    }

    /// Words that may be meant. Of one piece more than there are errors at least one has none, and is found in the
    /// vocabulary near its place; two letters that changed places may spoil two pieces and are put back instead.
    fn alike(&self, letters: &[char], errors: usize) -> Vec<(&str, i64)> {
        let mut found = Vec::new();
        for place in 1..letters.len() {
            let mut other = letters.to_vec();
            other.swap(place - 1, place);
            found.extend(self.beginning(&other.into_iter().collect::<String>()));
        }
        let length = letters.len().div_ceil(errors + 1);
        for (place, piece) in letters.chunks(length).enumerate() {
            let piece: String = piece.iter().collect();
            let is_near = |before: &str| before.chars().count().abs_diff(place * length) <= errors;
            found.extend(self.with(&piece, is_near));
        }
        found
    }
}

/// How many letters are wrong, missing, too many or swapped with their neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Distances {
    /// In the whole word.
    whole: usize,
    /// In the beginning of it that is most like what was typed.
    beginning: usize,
}

/// Compares one word with many others, and gives up where they are not alike.
struct Comparison<'a> {
    typed: &'a [char],
    errors: usize,
    known: Vec<char>,
    /// For the last letters of what was typed, the distances of what came before to each beginning of the known word.
    rows: [Vec<usize>; 3],
}

impl<'a> Comparison<'a> {
    fn new(typed: &'a [char], errors: usize) -> Self {
        Self { typed, errors, known: Vec::new(), rows: <[Vec<usize>; 3]>::default() }
    }

    /// Nothing if there are more errors than are forgiven.
    fn with(&mut self, known: &str) -> Option<Distances> {
        let Self { typed, errors, known: letters, rows } = self;
        // What stands further behind is too much in any case.
        letters.clear();
        letters.extend(known.chars().take(typed.len() + *errors + 1));
        if letters.len() + *errors < typed.len() {
            return None;
        }
        rows[2].clear();
        rows[2].extend(0..=letters.len());
        for (line, sign) in typed.iter().enumerate() {
            rows.rotate_left(1);
            let [before, above, row] = &mut *rows;
            row.clear();
            row.push(line + 1);
            let mut left = line + 1;
            let mut least_of_row = left;
            for (place, other) in letters.iter().enumerate() {
                let changed = above[place] + usize::from(sign != other);
                let mut least = changed.min(above[place + 1] + 1).min(left + 1);
                let is_swapped = line > 0 && place > 0 && typed[line - 1] == *other && *sign == letters[place - 1];
                if is_swapped && sign != other {
                    least = least.min(before[place - 1] + 1);
                }
                row.push(least);
                left = least;
                least_of_row = least_of_row.min(least);
            }
            // Two letters that are swapped may make up for one more.
            if least_of_row > *errors + 1 {
                return None;
            }
        }
        let whole = *rows[2].last()?;
        let beginning = *rows[2].iter().min()?;
        (beginning <= *errors).then_some(Distances { whole, beginning })
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Distances};

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
            let typed: Vec<_> = typed.chars().collect();
            let distances = Comparison::new(&typed, 3).with(known);
            assert_eq!(distances, Some(Distances { whole, beginning }), "{typed:?} {known}");
            if beginning > 0 {
                assert_eq!(Comparison::new(&typed, beginning - 1).with(known), None, "{typed:?} {known}");
            }
        }
    }

    #[test]
    fn the_rest_of_a_long_word_makes_no_difference() {
        let typed = ['r', 'a', 'd', 'o'];
        let mut comparison = Comparison::new(&typed, 1);
        assert_eq!(comparison.with("radiohead").map(|distances| distances.beginning), Some(1));
        assert!(comparison.with("radiohead").is_some_and(|distances| distances.whole > 1));
        assert_eq!(comparison.with("rod"), None);
        assert_eq!(comparison.with("rad"), Some(Distances { whole: 1, beginning: 1 }));
    }
}
