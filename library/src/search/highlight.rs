//! The places in a name that a query found, however either is written.
//! Whether the name is a hit at all was decided before.

use model::search::Piece;

use super::letters::{SEPARATOR, plain};
use super::query::Word;

/// One folded letter of a name, and which bytes of the name it comes from.
struct Letter {
    plain: char,
    start: usize,
    end: usize,
    begins_word: bool,
    follows_space: bool,
}

/// Cuts a name into what was found and what was not.
pub(crate) fn pieces<'a>(name: &str, words: impl Iterator<Item = &'a Word>) -> Vec<Piece> {
    let words: Vec<Vec<char>> = words.map(|word| word.joined().chars().collect()).collect();
    let letters = letters(name, plain);
    let mut ranges: Vec<_> = words.iter().flat_map(|word| places(&letters, word)).collect();
    if ranges.is_empty() {
        // As in P!nk.
        let aloud = self::letters(name, |sign| match sign {
            '!' => "i".into(),
            '$' => "s".into(),
            other => plain(other),
        });
        ranges.extend(words.iter().flat_map(|word| places(&aloud, word)));
    }
    if ranges.is_empty() {
        // "ac dc" in ACDC, and the other way round.
        let all = words.concat();
        ranges.extend(
            (!all.is_empty())
                .then(|| (0..letters.len()).find_map(|place| range(&letters, &all, place, true)))
                .flatten(),
        );
    }
    cut(name, ranges)
}

/// A name in which nothing was searched.
pub(crate) fn unmarked(name: String) -> Vec<Piece> {
    if name.is_empty() { Vec::new() } else { vec![Piece { text: name, is_hit: false }] }
}

fn letters(name: &str, plain: impl Fn(char) -> String) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(name.len());
    let (mut begins_word, mut follows_space) = (true, false);
    for (start, sign) in name.char_indices() {
        let end = start + sign.len_utf8();
        let folded = plain(sign);
        if let (true, Some(last)) = (folded.is_empty(), letters.last_mut()) {
            // An accent belongs to its letter.
            last.end = end;
        }
        for plain in folded.chars() {
            if plain == ' ' || plain == SEPARATOR {
                begins_word = true;
                follows_space |= plain == ' ';
            } else {
                letters.push(Letter { plain, start, end, begins_word, follows_space });
                (begins_word, follows_space) = (false, false);
            }
        }
    }
    letters
}

/// Where a word is: at the beginnings of words, or else inside of them.
fn places(letters: &[Letter], word: &[char]) -> Vec<(usize, usize)> {
    let find = |at: &dyn Fn(usize) -> bool| -> Vec<_> {
        (0..letters.len()).filter(|place| at(*place)).filter_map(|place| range(letters, word, place, false)).collect()
    };
    let beginnings = find(&|place| letters[place].begins_word);
    if beginnings.is_empty() && word.len() > 1 { find(&|_| true) } else { beginnings }
}

fn range(letters: &[Letter], word: &[char], place: usize, may_cross_spaces: bool) -> Option<(usize, usize)> {
    let found = letters.get(place..place + word.len())?;
    let is_found = found.iter().zip(word).all(|(letter, sign)| letter.plain == *sign)
        && (may_cross_spaces || found.iter().skip(1).all(|letter| !letter.follows_space));
    is_found.then(|| Some((found.first()?.start, found.last()?.end))).flatten()
}

fn cut(name: &str, mut ranges: Vec<(usize, usize)>) -> Vec<Piece> {
    ranges.sort_unstable();
    let mut pieces: Vec<Piece> = Vec::new();
    let mut done = 0;
    for (start, end) in ranges {
        if end <= done {
            continue;
        }
        if start > done {
            pieces.push(Piece { text: name[done..start].to_owned(), is_hit: false });
        }
        let text = &name[start.max(done)..end];
        match pieces.last_mut().filter(|piece| piece.is_hit) {
            Some(piece) => piece.text.push_str(text),
            None => pieces.push(Piece { text: text.to_owned(), is_hit: true }),
        }
        done = end;
    }
    pieces.extend(unmarked(name[done..].to_owned()));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::query::{Field, Query};

    #[test]
    fn hits_are_marked_as_they_are_written() {
        for (name, query, marked) in [
            ("Björk", "bjo", "[Bjö]rk"),
            ("Bjo\u{308}rk", "bjö", "[Bjo\u{308}]rk"),
            ("Love Is Love", "lov", "[Lov]e Is [Lov]e"),
            ("Beloved Love", "love", "Beloved [Love]"),
            ("Beloved", "love", "Be[love]d"),
            ("AC/DC", "acdc", "[AC/DC]"),
            ("AC/DC", "dc", "AC/[DC]"),
            ("ACDC", "ac dc", "[AC][DC]"),
            ("ACDC", "ac/dc", "[ACDC]"),
            ("The Beatles", "thebea", "[The Bea]tles"),
            ("P!nk", "pink", "[P!nk]"),
            ("Straße", "strass", "[Straß]e"),
            ("宇多田ヒカル", "ヒカル", "宇多田[ヒカル]"),
            ("Группа крови", "КРОВ", "Группа [кров]и"),
            ("Ελλάδα", "ελλαδ", "[Ελλάδ]α"),
            ("a b c", "x", "a b c"),
            ("lovelove", "love velo", "[lovelo]ve"),
            ("", "x", ""),
        ] {
            let query = Query::parse(query);
            let pieces = pieces(name, query.words_for(Field::Song));
            let shown: String = pieces
                .iter()
                .map(|piece| if piece.is_hit { format!("[{}]", piece.text) } else { piece.text.clone() })
                .collect();
            assert_eq!(shown.replace("][", ""), marked.replace("][", ""), "{query} in {name}");
            assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), name);
        }
    }
}
