//! What the owner's shelf decides, in plain Rust: when it asks for tapes, which answer it shows, and what a deleted tape
//! leaves behind. Asking and drawing is done by whoever holds the shelf.

use model::shelf::{ListQuery, MixtapePage};
use model::{MixtapeSummary, Slug};

/// A pause in typing, after which it is worth asking.
const PAUSE_MILLIS: u32 = 150;

/// Something to ask the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Goes back with the answer.
    pub number: u32,
    /// Which tapes are wanted.
    pub query: ListQuery,
}

/// A wait before [`Shelf::due`] is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// For [`Shelf::due`].
    pub number: u32,
    /// How long.
    pub millis: u32,
}

/// The tapes that are shown, and the wish behind them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    query: ListQuery,
    page: MixtapePage,
    /// Goes up with every change of the wish; answers to older numbers come too late.
    number: u32,
    is_waiting: bool,
    trouble: Option<String>,
    /// The tape that was deleted last, and where it stood.
    deleted: Option<(usize, MixtapeSummary)>,
}

impl Shelf {
    /// A shelf that shows the answer to this query.
    #[must_use]
    pub const fn new(query: ListQuery, page: MixtapePage) -> Self {
        Self { query, page, number: 0, is_waiting: false, trouble: None, deleted: None }
    }

    /// Which tapes are wanted.
    #[must_use]
    pub const fn query(&self) -> &ListQuery {
        &self.query
    }

    /// The tapes that are shown.
    #[must_use]
    pub fn tapes(&self) -> &[MixtapeSummary] {
        &self.page.mixtapes
    }

    /// How many there are, shown or not.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.page.count
    }

    /// Whether there are further ones.
    #[must_use]
    pub const fn has_more(&self) -> bool {
        (self.page.mixtapes.len() as u64) < self.page.count
    }

    /// Whether an answer is awaited.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.is_waiting
    }

    /// Why there is no answer.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// The tape that can be taken out of the bin again.
    #[must_use]
    pub fn deleted(&self) -> Option<&MixtapeSummary> {
        self.deleted.as_ref().map(|(_, tape)| tape)
    }

    /// Changes the wish. Typing waits for a pause, everything else for nothing.
    pub fn change(&mut self, change: impl FnOnce(&mut ListQuery)) -> Option<Wait> {
        let before = self.query.clone();
        change(&mut self.query);
        self.query.offset = 0;
        if self.query == before {
            return None;
        }
        let millis = if self.query.search == before.search { 0 } else { PAUSE_MILLIS };
        self.number += 1;
        self.is_waiting = true;
        Some(Wait { number: self.number, millis })
    }

    /// A wait is over: the question, unless the wish has changed since.
    #[must_use]
    pub fn due(&self, number: u32) -> Option<Question> {
        (number == self.number).then(|| Question { number, query: self.query.clone() })
    }

    /// The question that brings further tapes.
    #[must_use]
    pub fn more(&self) -> Option<Question> {
        let offset = u32::try_from(self.page.mixtapes.len()).ok().filter(|_| self.has_more() && !self.is_waiting)?;
        Some(Question { number: self.number, query: ListQuery { offset, ..self.query.clone() } })
    }

    /// The answer to a question; one that comes too late is dropped.
    pub fn answer(&mut self, question: &Question, answer: Result<MixtapePage, String>) {
        if question.number != self.number {
            return;
        }
        self.is_waiting = false;
        self.trouble = None;
        match answer {
            Ok(page) if question.query.offset == 0 => self.page = page,
            Ok(further) => {
                // A button can be pressed twice, and the shelf can change between two pages.
                if question.query.offset as usize == self.page.mixtapes.len() {
                    let known: Vec<_> = self.page.mixtapes.iter().map(|tape| tape.slug.clone()).collect();
                    let new = further.mixtapes.into_iter().filter(|tape| !known.contains(&tape.slug));
                    self.page.mixtapes.extend(new);
                    self.page.count = further.count;
                }
            }
            Err(reason) => self.trouble = Some(reason),
        }
    }

    /// A tape went into the bin.
    pub fn delete(&mut self, slug: &Slug) {
        if let Some(place) = self.page.mixtapes.iter().position(|tape| tape.slug == *slug) {
            self.deleted = Some((place, self.page.mixtapes.remove(place)));
            self.page.count -= 1;
        }
    }

    /// The tape that was deleted last is out of the bin again.
    pub fn restore(&mut self) {
        if let Some((place, tape)) = self.deleted.take() {
            self.page.mixtapes.insert(place.min(self.page.mixtapes.len()), tape);
            self.page.count += 1;
        }
    }

    /// Something did not work, for this reason.
    pub fn fail(&mut self, reason: String) {
        self.trouble = Some(reason);
    }
}

#[cfg(test)]
mod tests {
    use model::shelf::SortBy;
    use model::{Millis, Sharing, Timestamp};

    use super::*;

    fn tape(slug: &str) -> MixtapeSummary {
        MixtapeSummary {
            slug: slug.parse().unwrap(),
            title: slug.to_owned(),
            creator_name: String::new(),
            cover: None,
            track_count: 1,
            total: Millis(1),
            sharing: Sharing::NEW,
            plays: 0,
            created_at: Timestamp(1),
            updated_at: Timestamp(1),
            deleted_at: None,
        }
    }

    fn page(slugs: &str, count: u64) -> MixtapePage {
        MixtapePage { mixtapes: slugs.chars().map(|slug| tape(&slug.to_string())).collect(), count }
    }

    fn shown(shelf: &Shelf) -> String {
        shelf.tapes().iter().map(|tape| tape.slug.as_str()).collect()
    }

    #[test]
    fn typing_waits_sorting_does_not_and_late_answers_are_dropped() {
        let mut shelf = Shelf::new(ListQuery::default(), page("ab", 2));
        let typed = shelf.change(|query| query.search = "x".into()).unwrap();
        let sorted = shelf.change(|query| query.sort_by = SortBy::Title).unwrap();
        assert!(typed.millis > 0 && sorted.millis == 0);
        assert_eq!(shelf.change(|query| query.sort_by = SortBy::Title), None);
        assert_eq!(shelf.due(typed.number), None);
        let question = shelf.due(sorted.number).unwrap();
        shelf.answer(&Question { number: typed.number, ..question.clone() }, Ok(page("c", 1)));
        assert_eq!((shown(&shelf).as_str(), shelf.is_waiting()), ("ab", true));
        shelf.answer(&question, Ok(page("d", 1)));
        assert_eq!((shown(&shelf).as_str(), shelf.is_waiting()), ("d", false));
    }

    #[test]
    fn further_tapes_come_once() {
        let mut shelf = Shelf::new(ListQuery::default(), page("ab", 4));
        let more = shelf.more().unwrap();
        assert_eq!(more.query.offset, 2);
        shelf.answer(&more, Ok(page("bc", 4)));
        shelf.answer(&more, Ok(page("bc", 4)));
        assert_eq!(shown(&shelf), "abc");
        let whole = Shelf::new(ListQuery::default(), page("ab", 2));
        assert_eq!(whole.more(), None);
    }

    #[test]
    fn a_deleted_tape_comes_back_to_its_place() {
        let mut shelf = Shelf::new(ListQuery::default(), page("abc", 3));
        shelf.delete(&"b".parse().unwrap());
        assert_eq!((shown(&shelf).as_str(), shelf.count()), ("ac", 2));
        assert_eq!(shelf.deleted().map(|tape| tape.slug.as_str()), Some("b"));
        shelf.restore();
        shelf.restore();
        assert_eq!((shown(&shelf).as_str(), shelf.count()), ("abc", 3));
    }

    #[test]
    fn trouble_is_told_until_an_answer_comes() {
        let mut shelf = Shelf::new(ListQuery::default(), page("a", 1));
        let wait = shelf.change(|query| query.search = "x".into()).unwrap();
        let question = shelf.due(wait.number).unwrap();
        shelf.answer(&question, Err("The server cannot be reached.".into()));
        assert_eq!((shelf.trouble(), shown(&shelf).as_str()), (Some("The server cannot be reached."), "a"));
        shelf.answer(&question, Ok(page("", 0)));
        assert_eq!((shelf.trouble(), shown(&shelf).as_str()), (None, ""));
    }
}
