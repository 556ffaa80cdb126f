//! FTS5 expressions: for a query and a table, what is asked of the database one after the other, the best hits first.
//! What comes back is put together in `search`.

use std::collections::HashMap;

use super::names::Speller;
use super::query::{Field, Query, Term, Word};

/// A table of names. Its column "whole" has the entire name as one word behind a '='.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) table: &'static str,
    /// Its columns; the first is the name of the thing itself.
    columns: &'static [(Field, &'static str)],
}

pub(crate) const ARTISTS: Names = Names { table: "find_artists", columns: &[(Field::Artist, "name")] };
pub(crate) const RELEASES: Names =
    Names { table: "find_releases", columns: &[(Field::Album, "title"), (Field::Artist, "artist")] };
pub(crate) const TRACKS: Names = Names {
    table: "find_tracks",
    columns: &[(Field::Song, "title"), (Field::Artist, "artist"), (Field::Album, "album")],
};

/// For words of a query, known words that stand for them as well.
pub(crate) type Others = HashMap<String, Vec<String>>;

/// What the vocabulary says of the words of a query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Known<'a> {
    /// All words that begin with the long ones, for FTS5 would put them together first.
    pub(crate) beginning: &'a Others,
    /// Words that have one inside, if these are searched for, too.
    pub(crate) inside: Option<&'a Others>,
}

/// What is asked for, the best hits first.
#[derive(Debug, Default)]
pub(crate) struct Stages {
    /// The name itself, and names that begin so.
    pub(crate) whole: Vec<String>,
    /// All words in the name of the thing itself.
    pub(crate) own: Option<String>,
    /// All words somewhere, those found by `own` among them.
    pub(crate) all: Option<String>,
}

impl Names {
    /// What finds names with the words of the query at the beginnings of their words. Nothing if none here can match.
    pub(crate) fn stages(&self, query: &Query, known: Known<'_>) -> Stages {
        if let Some(signs) = &query.signs {
            let whole = format!("\"={}\"", hex::encode(signs));
            return Stages { whole: vec![whole.clone(), whole + "*"], ..Stages::default() };
        }
        if !self.has_columns_for(query) {
            return Stages::default();
        }
        let (own, others): (Vec<_>, Vec<_>) =
            query.terms.iter().partition(|term| term.field.is_none_or(|field| self.column(field) == Some(self.name())));
        let mut stages = Stages { all: Some(self.all_terms(query, known)), ..Stages::default() };
        if let Some(last) = own.last() {
            let whole: String = own.iter().flat_map(|term| &term.words).map(Word::joined).collect();
            let others: String = others.iter().flat_map(|term| [" AND ".to_owned(), self.term(term, known)]).collect();
            stages.whole.push(format!("\"={whole}\"{others}"));
            if last.is_open {
                stages.whole.push(format!("\"={whole}\"*{others}"));
            }
            if self.columns.len() > 1 {
                let words: Vec<_> = own.iter().map(|term| format!("({})", term_anywhere(term, known))).collect();
                stages.own = Some(format!("{} : ({}){others}", self.name(), words.join(" AND ")));
            }
        }
        if let Some(excluded) = self.excluded(query) {
            let without = |stage: String| format!("({stage}) NOT ({excluded})");
            stages.whole = stages.whole.into_iter().map(without).collect();
            stages.own = stages.own.map(without);
            stages.all = stages.all.map(without);
        }
        stages
    }

    /// What finds names that have the words of the query also inside of their words.
    pub(crate) fn inside(&self, query: &Query, known: Known<'_>) -> Option<String> {
        let has_any = known.inside.is_some_and(|inside| !inside.is_empty());
        if !has_any || !self.has_columns_for(query) {
            return None;
        }
        let all = self.all_terms(query, known);
        Some(match self.excluded(query) {
            Some(excluded) => format!("({all}) NOT ({excluded})"),
            None => all,
        })
    }

    /// What no hit may have. A field that this table does not have leaves nothing out.
    fn excluded(&self, query: &Query) -> Option<String> {
        let known = Known { beginning: &Others::new(), inside: None };
        let has_column = |term: &&Term| term.field.is_none_or(|field| self.column(field).is_some());
        let terms: Vec<_> = query.excluded.iter().filter(has_column).map(|term| self.term(term, known)).collect();
        (!terms.is_empty()).then(|| terms.join(" OR "))
    }

    fn all_terms(&self, query: &Query, known: Known<'_>) -> String {
        query.terms.iter().map(|term| self.term(term, known)).collect::<Vec<_>>().join(" AND ")
    }

    fn term(&self, term: &Term, known: Known<'_>) -> String {
        let words = term_anywhere(term, known);
        match term.field.and_then(|field| self.column(field)) {
            Some(column) => format!("{column} : ({words})"),
            None => format!("({words})"),
        }
    }

    fn has_columns_for(&self, query: &Query) -> bool {
        let fields = query.terms.iter().filter_map(|term| term.field);
        !query.terms.is_empty() && fields.into_iter().all(|field| self.column(field).is_some())
    }

    fn column(&self, field: Field) -> Option<&'static str> {
        self.columns.iter().find(|(own, _)| *own == field).map(|(_, column)| *column)
    }

    fn name(&self) -> &'static str {
        self.columns[0].1
    }
}

/// What finds tracks with exactly this title, of an artist with all these words if there are any.
pub(crate) fn songs(title: &str, artist: &str) -> String {
    let spellings = Speller::default().spell(title);
    let whole = spellings.whole.split(' ').next().unwrap_or_default();
    let artist =
        TRACKS.all_terms(&Query::exactly(Field::Artist, artist), Known { beginning: &Others::new(), inside: None });
    let and = if artist.is_empty() { "" } else { " AND " };
    format!("whole : \"{whole}\"{and}{artist}")
}

fn term_anywhere(term: &Term, known: Known<'_>) -> String {
    let star = if term.is_open { "*" } else { "" };
    let joined: Vec<_> = term.words.iter().map(Word::joined).collect();
    let parts: Vec<_> = term.words.iter().flat_map(Word::parts).collect();
    let others = |others: &'_ Others| -> Vec<String> {
        let words = others.get(&joined[0]).filter(|_| joined.len() == 1);
        words.into_iter().flatten().map(|word| format!("\"{word}\"")).collect()
    };
    let mut spellings = others(known.beginning);
    if spellings.is_empty() || !term.is_open {
        spellings = vec![format!("\"{}\"{star}", joined.join(" "))];
    }
    if parts != joined {
        spellings.push(format!("\"{}\"{star}", parts.join(" ")));
    }
    spellings.extend(known.inside.map(others).unwrap_or_default());
    spellings.join(" OR ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_come_first() {
        let others = " AND artist : (\"queen\"*)";
        assert_eq!(
            stages(&TRACKS, "artist:queen it's"),
            [
                format!("\"=its\"{others}"),
                format!("\"=its\"*{others}"),
                format!("title : ((\"its\"* OR \"it s\"*)){others}"),
                "artist : (\"queen\"*) AND (\"its\"* OR \"it s\"*)".to_owned(),
            ]
        );
        assert_eq!(
            stages(&ARTISTS, "artist:queen it's"),
            ["\"=queenits\"", "\"=queenits\"*", "name : (\"queen\"*) AND (\"its\"* OR \"it s\"*)"]
        );
    }

    fn stages(names: &Names, text: &str) -> Vec<String> {
        let stages = names.stages(&Query::parse(text), Known { beginning: &Others::new(), inside: None });
        stages.whole.into_iter().chain(stages.own).chain(stages.all).collect()
    }

    #[test]
    fn known_words_stand_for_those_that_are_typed() {
        let others = |typed: &str, words: &[&str]| {
            Others::from([(typed.to_owned(), words.iter().map(|w| (*w).into()).collect())])
        };
        let (beginning, inside) = (others("metall", &["metal", "metallica"]), others("ab", &["cab"]));
        let mut known = Known { beginning: &beginning, inside: None };
        let query = Query::parse("metall ab");
        let all = "(\"metal\" OR \"metallica\") AND (\"ab\"*)";
        assert_eq!(ARTISTS.stages(&query, known).all.as_deref(), Some(all));
        assert_eq!(ARTISTS.inside(&query, known), None);
        known.inside = Some(&inside);
        let inside = "(\"metal\" OR \"metallica\") AND (\"ab\"* OR \"cab\")";
        assert_eq!(ARTISTS.inside(&query, known).as_deref(), Some(inside));
        let phrase = Query::parse("\"metall\"");
        let stages = ARTISTS.stages(&phrase, known);
        assert_eq!((stages.whole, stages.all), (vec!["\"=metall\"".to_owned()], Some("(\"metall\")".to_owned())));
    }

    #[test]
    fn what_is_left_out_is_left_out_of_every_stage() {
        let without = "NOT ((\"live\") OR artist : (\"nina simone\"))";
        assert_eq!(
            stages(&RELEASES, "x -live -artist:\"nina simone\" -song:y"),
            ["\"=x\"", "\"=x\"*", "title : ((\"x\"*))", "(\"x\"*)"].map(|stage| format!("({stage}) {without}"))
        );
        let inside = Others::from([("ab".to_owned(), vec!["cab".to_owned()])]);
        let known = Known { beginning: &Others::new(), inside: Some(&inside) };
        let inside = ARTISTS.inside(&Query::parse("ab -cd"), known);
        assert_eq!(inside.as_deref(), Some("((\"ab\"* OR \"cab\")) NOT ((\"cd\"))"));
        assert!(stages(&TRACKS, "-x").is_empty());
    }

    #[test]
    fn artists_have_no_albums_and_albums_no_songs() {
        assert!(stages(&ARTISTS, "album:x").is_empty());
        assert!(stages(&RELEASES, "song:x artist:y").is_empty());
        assert_eq!(stages(&RELEASES, "artist:y"), ["artist : (\"y\"*)"]);
        assert!(stages(&TRACKS, "").is_empty());
    }
}
