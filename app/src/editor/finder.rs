//! Searching while typing: when a question is asked, which answer is shown, and how groups grow.
//! Asking is done by whoever holds the finder; how the library is searched is known to `library`.

use model::search::{Group, Page, Pages, SearchResults};

/// Fewer letters find too much to be of use.
pub const LETTERS_MIN: usize = 2;

/// A pause in typing, after which it is worth asking.
const PAUSE_MILLIS: u32 = 120;

/// Hits that come at once when more are wanted.
const MORE: u32 = 50;

/// A group of hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Artists.
    Artists,
    /// Releases.
    Releases,
    /// Tracks.
    Tracks,
}

/// What the field shows below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Nothing has been typed, or too little.
    Idle,
    /// A question is on its way; what was found before is still shown.
    Searching,
    /// The answer to what is typed is shown.
    Answered,
    /// There is no answer, and this is the reason.
    Failed(String),
}

/// Something to ask the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Goes back with the answer.
    pub number: u32,
    /// What was typed.
    pub text: String,
    /// Which hits are wanted.
    pub pages: Pages,
}

/// A wait before [`Finder::due`] is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// For [`Finder::due`].
    pub number: u32,
    /// How long.
    pub millis: u32,
}

/// The search field and what it has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finder {
    typed: String,
    /// Goes up with every change of what is typed; answers to older numbers come too late.
    number: u32,
    phase: Phase,
    results: SearchResults,
    /// The number of the question that `results` answers.
    shown: u32,
}

impl Default for Finder {
    fn default() -> Self {
        Self { typed: String::new(), number: 0, phase: Phase::Idle, results: SearchResults::default(), shown: 0 }
    }
}

impl Finder {
    /// What is typed, without the spaces around it.
    #[must_use]
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// What the field shows.
    #[must_use]
    pub const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// What was found last, and the number of that question.
    #[must_use]
    pub const fn results(&self) -> (u32, &SearchResults) {
        (self.shown, &self.results)
    }

    /// Whether nothing was found.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        let SearchResults { artists, releases, tracks, .. } = &self.results;
        artists.hits.is_empty() && releases.hits.is_empty() && tracks.hits.is_empty()
    }

    /// The text of the field has changed.
    pub fn change(&mut self, text: &str) -> Option<Wait> {
        let text = text.trim();
        if text == self.typed {
            return None;
        }
        text.clone_into(&mut self.typed);
        self.ask_anew(PAUSE_MILLIS)
    }

    /// The owner wants another attempt.
    pub fn retry(&mut self) -> Option<Wait> {
        self.ask_anew(0)
    }

    fn ask_anew(&mut self, millis: u32) -> Option<Wait> {
        self.number += 1;
        if self.typed.chars().count() < LETTERS_MIN {
            (self.phase, self.results) = (Phase::Idle, SearchResults::default());
            return None;
        }
        self.phase = Phase::Searching;
        Some(Wait { number: self.number, millis })
    }

    /// A wait is over: the question, unless the text has changed since.
    #[must_use]
    pub fn due(&self, number: u32) -> Option<Question> {
        (number == self.number).then(|| Question { number, text: self.typed.clone(), pages: Pages::default() })
    }

    /// The question that brings further hits of a group.
    #[must_use]
    pub fn more(&self, kind: Kind) -> Option<Question> {
        if self.phase != Phase::Answered {
            return None;
        }
        let none = Pages { artists: Page::NONE, releases: Page::NONE, tracks: Page::NONE };
        let further = |shown: usize| Page { offset: u32::try_from(shown).unwrap_or(u32::MAX), limit: MORE };
        let SearchResults { artists, releases, tracks, did_you_mean, hint: _ } = &self.results;
        let pages = match kind {
            Kind::Artists => Pages { artists: further(artists.hits.len()), ..none },
            Kind::Releases => Pages { releases: further(releases.hits.len()), ..none },
            Kind::Tracks => Pages { tracks: further(tracks.hits.len()), ..none },
        };
        let text = did_you_mean.as_ref().unwrap_or(&self.typed).clone();
        Some(Question { number: self.number, text, pages })
    }

    /// The answer to a question; one that comes too late is dropped.
    pub fn answer(&mut self, question: &Question, answer: Result<SearchResults, String>) {
        if question.number != self.number {
            return;
        }
        match answer {
            Ok(results) if question.pages == Pages::default() => {
                (self.phase, self.results, self.shown) = (Phase::Answered, results, question.number);
            }
            Ok(further) => {
                extend(&mut self.results.artists, further.artists, question.pages.artists);
                extend(&mut self.results.releases, further.releases, question.pages.releases);
                extend(&mut self.results.tracks, further.tracks, question.pages.tracks);
            }
            Err(reason) => self.phase = Phase::Failed(reason),
        }
    }
}

/// Adds the next page, unless it has been added before: a button can be pressed twice.
fn extend<T>(group: &mut Group<T>, further: Group<T>, page: Page) {
    if page.limit == 0 || group.hits.len() != page.offset as usize {
        return;
    }
    if further.hits.is_empty() {
        // The last page: what was counted has changed, or nobody counts so far.
        group.count = page.offset;
        group.is_capped = false;
        return;
    }
    group.hits.extend(further.hits);
    (group.count, group.is_capped) = (further.count, further.is_capped);
}

#[cfg(test)]
mod tests {
    use model::search::ArtistHit;

    use super::*;

    fn found(names: &[i64], count: u32) -> SearchResults {
        let hits = names.iter().map(|id| ArtistHit { id: *id, name: vec![], release_count: 1, track_count: 1 });
        let artists = Group { hits: hits.collect(), count, is_capped: false };
        SearchResults { artists, ..SearchResults::default() }
    }

    fn ids(finder: &Finder) -> Vec<i64> {
        finder.results().1.artists.hits.iter().map(|hit| hit.id).collect()
    }

    /// A finder that has asked for this text.
    fn asked(finder: &mut Finder, text: &str) -> Question {
        let wait = finder.change(text).unwrap();
        finder.due(wait.number).unwrap()
    }

    #[test]
    fn one_letter_is_too_few_and_spaces_do_not_count() {
        let mut finder = Finder::default();
        assert_eq!(finder.change(" a "), None);
        assert_eq!(finder.phase(), &Phase::Idle);
        assert!(finder.change("ab").is_some());
        assert_eq!(finder.change(" ab "), None, "nothing has changed");
        assert_eq!(finder.phase(), &Phase::Searching);
    }

    #[test]
    fn only_the_last_of_several_letters_in_a_row_is_asked_for() {
        let mut finder = Finder::default();
        let first = finder.change("ta").unwrap();
        let second = finder.change("tal").unwrap();
        assert_eq!(finder.due(first.number), None);
        assert_eq!(finder.due(second.number).unwrap().text, "tal");
    }

    #[test]
    fn an_answer_that_was_overtaken_is_dropped_and_the_old_one_stays_meanwhile() {
        let mut finder = Finder::default();
        let old = asked(&mut finder, "ta");
        finder.answer(&old, Ok(found(&[1], 1)));
        let slow = asked(&mut finder, "tal");
        let fast = asked(&mut finder, "talk");
        assert_eq!((finder.phase(), ids(&finder)), (&Phase::Searching, vec![1]));
        finder.answer(&fast, Ok(found(&[3], 1)));
        finder.answer(&slow, Ok(found(&[2], 1)));
        assert_eq!((finder.phase(), ids(&finder)), (&Phase::Answered, vec![3]));
    }

    #[test]
    fn an_emptied_field_shows_nothing_and_takes_no_late_answer() {
        let mut finder = Finder::default();
        let question = asked(&mut finder, "talk");
        finder.change("");
        finder.answer(&question, Ok(found(&[1], 1)));
        assert_eq!((finder.phase(), finder.is_empty()), (&Phase::Idle, true));
    }

    #[test]
    fn further_hits_come_after_the_first_once() {
        let mut finder = Finder::default();
        let question = asked(&mut finder, "talk");
        assert_eq!(finder.more(Kind::Artists), None, "there is nothing yet to have more of");
        finder.answer(&question, Ok(found(&[1, 2], 3)));
        let more = finder.more(Kind::Artists).unwrap();
        assert_eq!((more.pages.artists.offset, more.pages.tracks.limit), (2, 0));
        finder.answer(&more, Ok(found(&[3], 3)));
        finder.answer(&more, Ok(found(&[3], 3)));
        assert_eq!(ids(&finder), [1, 2, 3]);
    }

    #[test]
    fn further_hits_of_a_corrected_query_are_those_of_the_correction() {
        let mut finder = Finder::default();
        let question = asked(&mut finder, "tlak");
        let corrected = SearchResults { did_you_mean: Some("talk".into()), ..found(&[1], 2) };
        finder.answer(&question, Ok(corrected));
        assert_eq!(finder.more(Kind::Artists).unwrap().text, "talk");
    }

    #[test]
    fn a_failure_is_told_and_can_be_tried_again() {
        let mut finder = Finder::default();
        let question = asked(&mut finder, "talk");
        finder.answer(&question, Err("The server cannot be reached.".into()));
        assert_eq!(finder.phase(), &Phase::Failed("The server cannot be reached.".into()));
        let wait = finder.retry().unwrap();
        assert_eq!(wait.millis, 0);
        let again = finder.due(wait.number).unwrap();
        finder.answer(&again, Ok(found(&[1], 1)));
        assert_eq!(finder.phase(), &Phase::Answered);
    }
}
