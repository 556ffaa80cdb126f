//! What is on the tape while it is made: its tracks in order, moved, removed and brought back, and how they fit on the
//! two sides of a cassette. Texts, cover and saving are not known here.

use std::collections::HashMap;

use model::{Millis, Track, TrackPath};

/// How many changes can be taken back.
const UNDO_DEPTH: usize = 100;

/// A track in its place. The key stays with it wherever it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Unlike all others of this tape.
    pub key: u32,
    /// The track.
    pub track: Track,
    /// Its file is not in the library at the moment.
    pub is_missing: bool,
}

/// The tracks of a tape in the making.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tape {
    items: Vec<Item>,
    next_key: u32,
    /// What the list was before each of the last changes, and what that change was called.
    past: Vec<(Vec<Item>, String)>,
}

impl Tape {
    /// A tape with these tracks; each says whether its file is missing.
    #[must_use]
    pub fn new(tracks: impl IntoIterator<Item = (Track, bool)>) -> Self {
        let mut tape = Self::default();
        tape.replace(tracks);
        tape
    }

    /// Lays other tracks on the tape; each says whether its file is missing. Nothing of before can be taken back, and no
    /// key is used again.
    pub fn replace(&mut self, tracks: impl IntoIterator<Item = (Track, bool)>) {
        let keyed = (self.next_key..).zip(tracks);
        self.items = keyed.map(|(key, (track, is_missing))| Item { key, track, is_missing }).collect();
        self.next_key += u32::try_from(self.items.len()).unwrap_or(0);
        self.past.clear();
    }

    /// The tracks in order.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The tracks alone.
    #[must_use]
    pub fn tracks(&self) -> Vec<Track> {
        self.items.iter().map(|item| item.track.clone()).collect()
    }

    /// The sum of the known lengths.
    #[must_use]
    pub fn total(&self) -> Millis {
        self.items.iter().filter_map(|item| item.track.duration).sum()
    }

    /// Where a track stands, counted from 0.
    #[must_use]
    pub fn place_of(&self, key: u32) -> Option<usize> {
        self.items.iter().position(|item| item.key == key)
    }

    /// Puts tracks in front of the one at `place`, or at the end; answers what a screen reader should say.
    pub fn insert(&mut self, place: Option<usize>, tracks: Vec<Track>) -> Option<String> {
        let (first, count) = (tracks.first()?.title.clone(), tracks.len());
        let place = place.unwrap_or(usize::MAX).min(self.items.len());
        let what = if count == 1 { format!("“{first}”") } else { format!("{count} tracks") };
        self.remember(format!("{what} put on the tape"));
        let keys = self.next_key..;
        self.next_key += u32::try_from(count).unwrap_or(0);
        let new = keys.zip(tracks).map(|(key, track)| Item { key, track, is_missing: false });
        self.items.splice(place..place, new);
        Some(format!("{what} is number {} of {}", place + 1, self.items.len()))
    }

    /// Moves a track in front of the one that is at `place` now, or to the end; answers what should be said.
    pub fn move_to(&mut self, key: u32, place: usize) -> Option<String> {
        let from = self.place_of(key)?;
        let to = if place > from { place - 1 } else { place }.min(self.items.len() - 1);
        if to == from {
            return None;
        }
        let title = self.items[from].track.title.clone();
        self.remember(format!("“{title}” moved"));
        let item = self.items.remove(from);
        self.items.insert(to, item);
        Some(format!("“{title}” is number {} of {}", to + 1, self.items.len()))
    }

    /// Moves a track up or down by this many places, as far as there are any.
    pub fn shift(&mut self, key: u32, by: isize) -> Option<String> {
        let from = self.place_of(key)?;
        let to = from.saturating_add_signed(by).min(self.items.len() - 1);
        self.move_to(key, if to > from { to + 1 } else { to })
    }

    /// Takes a track off the tape; answers what should be said.
    pub fn remove(&mut self, key: u32) -> Option<String> {
        let place = self.place_of(key)?;
        let words = format!("“{}” taken off the tape", self.items[place].track.title);
        self.remember(words.clone());
        self.items.remove(place);
        Some(words)
    }

    /// What [`Tape::undo`] would take back.
    #[must_use]
    pub fn last_change(&self) -> Option<&str> {
        self.past.last().map(|(_, words)| words.as_str())
    }

    /// Takes the last change back; answers what should be said.
    pub fn undo(&mut self) -> Option<String> {
        let (items, words) = self.past.pop()?;
        self.items = items;
        Some(format!("Taken back: {words}"))
    }

    /// The numbers, from 1, at which the same song stands already before each track, by the key of the later one.
    /// The same song is the same file, or the same title by the same artist.
    #[must_use]
    pub fn duplicates(&self) -> HashMap<u32, usize> {
        let mut files = HashMap::<&TrackPath, usize>::new();
        let mut names = HashMap::<(String, String), usize>::new();
        let mut found = HashMap::new();
        for (number, item) in (1..).zip(&self.items) {
            let Track { path, title, artist, .. } = &item.track;
            let name = (title.to_lowercase(), artist.to_lowercase());
            let by_name = (!artist.is_empty()).then(|| names.get(&name).copied()).flatten();
            if let Some(first) = files.get(path).copied().or(by_name) {
                found.insert(item.key, first);
            }
            files.entry(path).or_insert(number);
            names.entry(name).or_insert(number);
        }
        found
    }

    fn remember(&mut self, words: String) {
        if self.past.len() == UNDO_DEPTH {
            self.past.remove(0);
        }
        self.past.push((self.items.clone(), words));
    }
}

/// A cassette of the usual lengths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cassette {
    /// 23 minutes a side.
    C46,
    /// 30 minutes a side.
    C60,
    /// 45 minutes a side.
    C90,
}

impl Cassette {
    /// All lengths, the shortest first.
    pub const ALL: [Self; 3] = [Self::C46, Self::C60, Self::C90];

    /// What is printed on it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::C46 => "C46",
            Self::C60 => "C60",
            Self::C90 => "C90",
        }
    }

    /// The cassette with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cassette| cassette.name() == name)
    }

    /// How much fits on one side.
    #[must_use]
    pub const fn side(self) -> Millis {
        Millis(
            match self {
                Self::C46 => 23,
                Self::C60 => 30,
                Self::C90 => 45,
            } * 60_000,
        )
    }

    /// Where tracks of these lengths go: side A takes what fits on it whole, side B the rest.
    #[must_use]
    pub fn sides(self, lengths: &[Option<Millis>]) -> Sides {
        let side = self.side().0;
        let mut used = 0;
        let mut turn = lengths.len();
        for (place, length) in lengths.iter().enumerate() {
            let length = length.map_or(0, |length| length.0);
            // A song that is longer than a side is cut off anyway; it stays on this one.
            if used + length > side && place > 0 {
                turn = place;
                break;
            }
            used += length;
        }
        let sum = |lengths: &[Option<Millis>]| lengths.iter().flatten().copied().sum::<Millis>();
        let (a, b) = (sum(&lengths[..turn]), sum(&lengths[turn..]));
        Sides { turn, a, b, over: Millis(a.0.saturating_sub(side) + b.0.saturating_sub(side)) }
    }
}

/// How a tape lies on a cassette.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sides {
    /// How many tracks are on side A.
    pub turn: usize,
    /// The length of side A.
    pub a: Millis,
    /// The length of side B.
    pub b: Millis,
    /// What does not fit.
    pub over: Millis,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(title: &str) -> Track {
        Track {
            path: TrackPath(format!("{title}.flac")),
            title: title.into(),
            artist: "A".into(),
            album: String::new(),
            duration: Some(Millis(60_000)),
        }
    }

    fn tape(titles: &str) -> Tape {
        Tape::new(titles.chars().map(|title| (track(&title.to_string()), false)))
    }

    fn titles(tape: &Tape) -> String {
        tape.items().iter().map(|item| item.track.title.as_str()).collect()
    }

    #[test]
    fn tracks_come_at_the_end_or_where_they_are_dropped() {
        let mut tape = tape("ab");
        assert_eq!(tape.insert(None, vec![track("c")]).unwrap(), "“c” is number 3 of 3");
        tape.insert(Some(1), vec![track("d"), track("e")]);
        tape.insert(Some(99), vec![track("f")]);
        assert_eq!(titles(&tape), "adebcf");
        assert_eq!(tape.insert(None, vec![]), None);
        let mut keys: Vec<u32> = tape.items().iter().map(|item| item.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 6, "each has a key of its own");
    }

    #[test]
    fn other_tracks_have_other_keys() {
        let mut tape = tape("ab");
        tape.remove(0);
        tape.replace([(track("c"), true)]);
        assert_eq!((titles(&tape).as_str(), tape.undo()), ("c", None));
        assert!(tape.items().iter().all(|item| item.key > 1 && item.is_missing));
    }

    #[test]
    fn a_track_goes_in_front_of_the_one_it_is_dropped_on() {
        for (key, place, expected) in [
            (0, 0, None),
            (0, 1, None),
            (0, 2, Some("bacd")),
            (0, 4, Some("bcda")),
            (3, 0, Some("dabc")),
            (1, 3, Some("acbd")),
        ] {
            let mut tape = tape("abcd");
            assert_eq!(tape.move_to(key, place).is_some(), expected.is_some(), "{key} to {place}");
            assert_eq!(titles(&tape), expected.unwrap_or("abcd"));
        }
    }

    #[test]
    fn by_keyboard_a_track_goes_place_by_place_and_stops_at_the_ends() {
        let mut tape = tape("abc");
        assert_eq!(tape.shift(0, 1).unwrap(), "“a” is number 2 of 3");
        assert_eq!(tape.shift(0, isize::MAX).unwrap(), "“a” is number 3 of 3");
        assert_eq!(tape.shift(0, 1), None);
        assert_eq!(tape.shift(0, isize::MIN).unwrap(), "“a” is number 1 of 3");
        assert_eq!(tape.shift(0, -1), None);
        assert_eq!(tape.shift(77, 1), None);
        assert_eq!(titles(&tape), "abc");
    }

    #[test]
    fn each_change_can_be_taken_back() {
        let mut tape = tape("abc");
        tape.remove(1);
        tape.shift(0, 1);
        tape.insert(None, vec![track("d")]);
        assert_eq!(titles(&tape), "cad");
        assert_eq!(tape.last_change(), Some("“d” put on the tape"));
        for expected in ["ca", "ac", "abc"] {
            tape.undo();
            assert_eq!(titles(&tape), expected);
        }
        assert_eq!(tape.undo(), None);
        let key = tape.insert(None, vec![track("e")]).and_then(|_| tape.items().last().map(|item| item.key));
        assert!(key.is_some_and(|key| tape.items()[..3].iter().all(|item| item.key != key)));
    }

    #[test]
    fn the_same_song_twice_is_pointed_out_by_file_and_by_name() {
        let other_file = Track { path: TrackPath("live/a.mp3".into()), title: "A".into(), ..track("a") };
        let nobody = |path: &str| Track { path: TrackPath(path.into()), artist: String::new(), ..track("intro") };
        let tracks = [track("a"), track("b"), track("a"), other_file, nobody("1"), nobody("2")];
        let tape = Tape::new(tracks.into_iter().map(|track| (track, false)));
        let mut duplicates: Vec<_> = tape.duplicates().into_iter().collect();
        duplicates.sort_unstable();
        assert_eq!(duplicates, [(2, 1), (3, 1)]);
    }

    #[test]
    fn side_a_takes_what_fits_whole() {
        let minutes = |lengths: &[u64]| -> Vec<_> { lengths.iter().map(|n| Some(Millis(n * 60_000))).collect() };
        let sides = |cassette: Cassette, lengths: &[u64]| {
            let Sides { turn, a, b, over } = cassette.sides(&minutes(lengths));
            (turn, a.0 / 60_000, b.0 / 60_000, over.0 / 60_000)
        };
        assert_eq!(sides(Cassette::C60, &[10, 10, 10, 5]), (3, 30, 5, 0));
        assert_eq!(sides(Cassette::C60, &[10, 10, 11, 5]), (2, 20, 16, 0));
        assert_eq!(sides(Cassette::C46, &[20, 20, 20]), (1, 20, 40, 17));
        assert_eq!(sides(Cassette::C46, &[40, 5]), (1, 40, 5, 17));
        assert_eq!(sides(Cassette::C90, &[]), (0, 0, 0, 0));
        assert_eq!(Cassette::C90.sides(&[None, None]).turn, 2);
    }
}
