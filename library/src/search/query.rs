//! What was typed, understood: `artist:`, `album:` and `song:` with a word or a "quoted phrase", free words, and any of
//! these behind a minus, to be left out. There are no malformed queries; what means nothing special is a word.

use std::fmt;

use super::letters::{SEPARATOR, plain};

/// Longer queries are cut here, in characters and in words; nobody types them.
const MAX_LENGTH: usize = 300;
const MAX_WORDS: usize = 16;

/// A query, ready to be searched for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    pub(crate) terms: Vec<Term>,
    /// What no hit may have, as whole words: else nearly everything would be gone before a word is typed to its end.
    pub(crate) excluded: Vec<Term>,
    /// The query, trimmed, if it has neither letters nor digits: there is a band "!!!" and an album "÷".
    pub(crate) signs: Option<String>,
}

/// Where a term must be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Artist,
    Album,
    Song,
}

impl Field {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_lowercase().as_str() {
            "artist" => Self::Artist,
            "album" => Self::Album,
            "song" | "track" => Self::Song,
            _ => return None,
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Artist => "artist",
            Self::Album => "album",
            Self::Song => "song",
        }
    }
}

/// One word, or a phrase of several in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) field: Option<Field>,
    pub(crate) words: Vec<Word>,
    pub(crate) is_phrase: bool,
    /// The last word may go on: it stands without quotes, or the closing one is not typed yet.
    pub(crate) is_open: bool,
}

/// A folded word, with [`SEPARATOR`] where it had punctuation inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) String);

impl Word {
    /// The words between the punctuation.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split(SEPARATOR).filter(|part| !part.is_empty())
    }

    /// The word as if it had no punctuation.
    pub(crate) fn joined(&self) -> String {
        self.0.replace(SEPARATOR, "")
    }
}

impl Query {
    /// Reads what was typed.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text: String = text.chars().take(MAX_LENGTH).collect();
        let mut query = Self::default();
        let mut words = 0;
        let (mut rest, mut field, mut is_excluded) = (text.trim_start(), None, false);
        while !rest.is_empty() && words < MAX_WORDS {
            if let Some(after) = rest.strip_prefix('-')
                && after.starts_with(|sign: char| !sign.is_whitespace())
            {
                (rest, is_excluded) = (after, true);
            }
            if let Some(quoted) = rest.strip_prefix(is_quote) {
                let (phrase, after) = quoted.split_once(is_quote).map_or((quoted, None), |(a, b)| (a, Some(b)));
                let is_open = after.is_none();
                words += query.push(std::mem::take(&mut is_excluded), field.take(), phrase, true, is_open);
                rest = after.unwrap_or_default().trim_start();
                continue;
            }
            let end = rest.find(|sign: char| sign.is_whitespace() || is_quote(sign)).unwrap_or(rest.len());
            let (mut word, after) = rest.split_at(end);
            rest = after.trim_start();
            if let Some((name, value)) = word.split_once(':')
                && let Some(named) = Field::named(name)
            {
                field = Some(named);
                word = value;
            }
            if !word.is_empty() {
                words += query.push(std::mem::take(&mut is_excluded), field.take(), word, false, true);
            }
        }
        if query.terms.is_empty() && query.excluded.is_empty() && field.is_none() && !text.trim().is_empty() {
            query.signs = Some(text.trim().to_owned());
        }
        query
    }

    /// These words, each of them anywhere in this field.
    pub(crate) fn exactly(field: Field, text: &str) -> Self {
        let mut query = Self::default();
        for word in text.split_whitespace().take(MAX_WORDS) {
            query.push(false, Some(field), word, true, false);
        }
        query
    }

    /// Whether there is nothing to search for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.signs.is_none()
    }

    /// Whether it only says what to leave out.
    #[must_use]
    pub const fn only_excludes(&self) -> bool {
        self.is_empty() && !self.excluded.is_empty()
    }

    /// The words that may be found in this field.
    pub(crate) fn words_for(&self, field: Field) -> impl Iterator<Item = &Word> {
        self.terms
            .iter()
            .filter(move |term| term.field.is_none_or(|wanted| wanted == field))
            .flat_map(|term| &term.words)
    }

    fn push(&mut self, is_excluded: bool, field: Option<Field>, text: &str, is_phrase: bool, is_open: bool) -> usize {
        let folded: String = text.chars().map(plain).collect();
        let words = folded.split(' ').map(|word| word.trim_matches(SEPARATOR)).filter(|word| !word.is_empty());
        let words: Vec<_> = words.take(MAX_WORDS).map(|word| Word(word.to_owned())).collect();
        let count = words.len();
        if count > 0 && is_excluded {
            self.excluded.push(Term { field, words, is_phrase, is_open: false });
        } else if count > 0 {
            self.terms.push(Term { field, words, is_phrase, is_open });
        }
        count
    }
}

/// As it would be typed.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let terms = self.terms.iter().map(|term| ("", term)).chain(self.excluded.iter().map(|term| ("-", term)));
        for (place, (sign, term)) in terms.enumerate() {
            f.write_str(if place > 0 { " " } else { "" })?;
            f.write_str(sign)?;
            if let Some(field) = term.field {
                write!(f, "{}:", field.name())?;
            }
            let words = term.words.iter().map(|word| word.0.as_str()).collect::<Vec<_>>().join(" ");
            let quote = if term.is_phrase || term.words.len() > 1 { "\"" } else { "" };
            write!(f, "{quote}{words}{quote}")?;
        }
        f.write_str(self.signs.as_deref().unwrap_or_default())
    }
}

const fn is_quote(sign: char) -> bool {
    matches!(sign, '"' | '“' | '”' | '„' | '«' | '»')
}

#[cfg(test)]
mod tests {
    use super::{Query, Term};

    /// Each term as `field/words`, in brackets if it is a phrase, with a star if it may go on; those to be left out
    /// last, with a minus.
    fn understood(text: &str) -> String {
        let query = Query::parse(text);
        let written = |sign: &str, term: &Term| {
            let words = term.words.iter().map(|word| word.0.as_str()).collect::<Vec<_>>().join(" ");
            let words = if term.is_phrase { format!("[{words}]") } else { words };
            let field = term.field.map_or(String::new(), |field| format!("{}/", field.name()));
            format!("{sign}{field}{words}{}", if term.is_open { "*" } else { "" })
        };
        let terms = query.terms.iter().map(|term| written("", term));
        terms.chain(query.excluded.iter().map(|term| written("-", term))).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn fields_phrases_and_free_words_mix() {
        for (text, terms) in [
            ("Love me", "love* me*"),
            ("artist:\"The Beatles\" help", "artist/[the beatles] help*"),
            ("ARTIST:Björk Song:Jóga", "artist/bjork* song/joga*"),
            ("track:x album:\"a b\"", "song/x* album/[a b]"),
            ("artist: queen", "artist/queen*"),
            ("artist: “Sigur Rós” ( )", "artist/[sigur ros]"),
            ("\"abbey road\"artist:beatles", "[abbey road] artist/beatles*"),
            ("AC/DC don't", "ac-dc* don-t*"),
            ("宇多田 ヒカル", "宇多田* ヒカル*"),
        ] {
            assert_eq!(understood(text), terms, "{text}");
        }
    }

    #[test]
    fn nothing_is_malformed() {
        for (text, terms) in [
            ("", ""),
            ("\"", ""),
            ("artist:", ""),
            ("artist:\"rad", "artist/[rad]*"),
            ("\"ok comp", "[ok comp]*"),
            (":", ""),
            ("a : b", "a* b*"),
            (":b", "b*"),
            ("genre:rock", "genre-rock*"),
            ("this AND that OR NOT (x)", "this* and* that* or* not* x*"),
            ("NEAR(a b, 2) ^c* +e", "near-a* b* 2* c* e*"),
            ("one - two", "one* two*"),
            ("-", ""),
            ("-\"\" a", "a*"),
            ("a --b", "a* -b"),
            ("a-ha", "a-ha*"),
            ("artist:album:x", "artist/album-x*"),
            ("12\" mix", "12* [mix]*"),
        ] {
            assert_eq!(understood(text), terms, "{text}");
        }
        assert!(Query::parse(" \t").is_empty());
        assert!(Query::parse("artist:").is_empty());
        assert!(!Query::parse("!!!").is_empty());
        assert_eq!(Query::parse(&"a ".repeat(5000)).terms.len(), 16);
    }

    #[test]
    fn what_stands_behind_a_minus_is_left_out() {
        for (text, terms) in [
            ("love -live", "love* -live"),
            ("-live love", "love* -live"),
            ("love -\"long way\" me", "love* me* -[long way]"),
            ("love -artist:nina", "love* -artist/nina"),
            ("love -artist:\"nina simone\" do", "love* do* -artist/[nina simone]"),
            ("love -artist: nina do", "love* do* -artist/nina"),
            ("-a -b", "-a -b"),
        ] {
            assert_eq!(understood(text), terms, "{text}");
        }
        let only = Query::parse("-live");
        assert!(only.is_empty() && only.only_excludes() && !Query::parse("a -live").only_excludes());
        assert!(!Query::parse("").only_excludes() && !Query::parse("!!!").only_excludes());
    }

    #[test]
    fn a_query_is_written_as_it_is_typed() {
        for text in ["love me", "artist:\"the beatles\" help", "song:joga \"a b\"", "!!!", "a -b -song:\"c d\""] {
            assert_eq!(Query::parse(text).to_string(), text);
        }
    }
}
