//! What a name becomes in the search tables: all the spellings that somebody may type.
//! What is asked of the tables is put together in `expression`.

use std::collections::HashMap;

use super::letters::{SEPARATOR, plain};

/// Of longer names only the beginning is indexed, in characters.
const MAX_CHARS: usize = 300;

/// Shorter words are not in the vocabulary, in characters.
const MIN_WORD: usize = 2;

/// A name as the search tables have it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Spellings {
    /// "AC/DC" as "ac dc" and "acdc", and "P!nk" as "p nk", "pnk" and "pink".
    pub(super) words: String,
    /// The entire name as one word behind a '='; once more without its article, and once as it is read aloud.
    pub(super) whole: String,
}

/// Folds names; it remembers signs that it has seen, for folding one costs more than the rest of its name.
#[derive(Debug, Default)]
pub(super) struct Speller(HashMap<char, String>);

impl Speller {
    pub(super) fn spell(&mut self, name: &str) -> Spellings {
        let mut folded = String::with_capacity(name.len() + 8);
        name.chars().take(MAX_CHARS).for_each(|sign| self.fold(sign, &mut folded));
        let folded = if name.is_ascii() && !folded.contains(SEPARATOR) { folded } else { folded.replace(" - ", " ") };
        let has_separator = folded.contains(SEPARATOR);
        let mut spellings = Spellings { words: folded.replace(SEPARATOR, " "), whole: String::new() };
        if folded.bytes().all(|byte| byte == b' ' || byte == b'-') {
            spellings.whole = format!("={}", hex::encode(name.trim_matches(' ')));
        } else {
            spellings.add_whole(&folded);
            if let Some(rest) = folded.strip_prefix("the ").filter(|rest| !rest.is_empty()) {
                spellings.add_whole(rest);
            }
        }
        if has_separator {
            spellings.add_words(&folded.replace(SEPARATOR, ""));
        }
        if let Some(aloud) = read_aloud(name) {
            let mut folded = String::with_capacity(aloud.len());
            aloud.chars().for_each(|sign| self.fold(sign, &mut folded));
            spellings.add_words(&folded.replace(SEPARATOR, " "));
            spellings.add_whole(&folded);
        }
        spellings
    }

    fn fold(&mut self, sign: char, folded: &mut String) {
        match sign {
            'a'..='z' | '0'..='9' | ' ' => folded.push(sign),
            'A'..='Z' => folded.push(sign.to_ascii_lowercase()),
            _ => folded.push_str(self.0.entry(sign).or_insert_with(|| plain(sign))),
        }
    }
}

impl Spellings {
    fn add_words(&mut self, words: &str) {
        self.words.push(' ');
        self.words.push_str(words);
    }

    fn add_whole(&mut self, folded: &str) {
        self.whole.push_str(if self.whole.is_empty() { "=" } else { " =" });
        self.whole.extend(folded.chars().filter(|sign| !matches!(*sign, ' ' | SEPARATOR)));
    }

    /// Its words, each once, that the vocabulary knows.
    pub(super) fn vocabulary(&self) -> Vec<&str> {
        let mut words: Vec<&str> = self.words.split(' ').filter(|word| is_known(word)).collect();
        words.sort_unstable();
        words.dedup();
        words
    }
}

fn is_known(word: &str) -> bool {
    word.chars().nth(MIN_WORD - 1).is_some()
}

/// "Ke$ha" as "Kesha": a name in which one of these signs stands for a letter before another.
fn read_aloud(name: &str) -> Option<String> {
    let is_read =
        name.as_bytes().windows(2).any(|pair| matches!(pair[0], b'!' | b'$') && pair[1].is_ascii_alphabetic());
    is_read.then(|| name.chars().take(MAX_CHARS).collect::<String>().replace('!', "i").replace('$', "s"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelt_in_every_way_that_somebody_may_type() {
        let mut speller = Speller::default();
        for (name, words, whole) in [
            ("Love Me Do", "love me do", "=lovemedo"),
            ("AC/DC", "ac dc acdc", "=acdc"),
            ("The Beatles", "the beatles", "=thebeatles =beatles"),
            ("Ke$ha", "ke ha keha kesha", "=keha =kesha"),
            ("One - Two", "one two", "=onetwo"),
            ("Björk & Þór", "bjork thor", "=bjorkthor"),
            ("!!!", "   ", "=212121"),
            ("", "", "="),
        ] {
            let spellings = speller.spell(name);
            assert_eq!(spellings.whole, whole, "{name}");
            let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(squeezed(&spellings.words), squeezed(words), "{name}");
        }
        assert_eq!(speller.spell("a bb a-c ac bb").vocabulary(), ["ac", "bb"]);
    }
}
