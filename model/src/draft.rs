//! What an editor sends to have a mixtape saved, and the rules it must meet; the same here and in the browser.
//! Saving it, and choosing its address, is the business of `library`.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use crate::mixtape::one_line;
use crate::{GiftSettings, Mixtape, Revision, Slug, Timestamp, Track, limits};

/// A mixtape as an editor sends it, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Made once by the editor for each new tape. It tells a save that is tried again from a second tape; of tapes
    /// that are there already it changes nothing.
    #[serde(default)]
    pub client_id: Option<String>,
    /// The title; [`Mixtape::UNNAMED`] if there is none.
    #[serde(default)]
    pub title: String,
    /// Who made it; may be empty.
    #[serde(default)]
    pub creator_name: String,
    /// Markdown.
    #[serde(default)]
    pub liner_notes: String,
    /// What becomes of the cover.
    #[serde(default)]
    pub cover: CoverChoice,
    /// How it is given away.
    #[serde(default)]
    pub gift: GiftSettings,
    /// The tracks, in order.
    pub tracks: Vec<Track>,
}

/// What a save does to the cover.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverChoice {
    /// It stays as it is.
    #[default]
    Keep,
    /// There is to be none.
    None,
    /// This kept picture, by its file name below `/covers/`.
    File(String),
}

/// What an editor has before it when it saves a tape that is there already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// Which tape.
    pub slug: Slug,
    /// Which state of it. If another was saved since, the save is refused.
    pub revision: Revision,
}

/// A draft that meets all rules, with its texts tidied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedDraft(Draft);

/// Why a draft cannot be saved; displays as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DraftError {
    /// More than [`Mixtape::TITLE_MAX`] characters: so many.
    LongTitle(usize),
    /// More than [`Mixtape::CREATOR_MAX`] characters: so many.
    LongCreator(usize),
    /// More than [`Draft::NOTES_MAX`] bytes.
    LongNotes,
    /// There is no track.
    NoTracks,
    /// More than [`Draft::TRACKS_MAX`]: so many.
    TooManyTracks(usize),
    /// All texts together have more than [`limits::mixtapes::TEXT_BYTES`].
    TooMuchText,
    /// The path of this track, counted from 1, cannot be one in the music folder.
    BadPath(usize),
    /// The cover is not a file name.
    BadCover,
    /// The client id is empty, too long or has control characters.
    BadClientId,
}

impl fmt::Display for DraftError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LongTitle(length) => {
                write!(f, "The title has {length} characters; at most {} fit.", Mixtape::TITLE_MAX)
            }
            Self::LongCreator(length) => {
                write!(f, "The name of who made it has {length} characters; at most {} fit.", Mixtape::CREATOR_MAX)
            }
            Self::LongNotes => write!(f, "The liner notes are longer than {} kB.", Draft::NOTES_MAX / 1000),
            Self::NoTracks => f.write_str("A mixtape needs at least one track."),
            Self::TooManyTracks(count) => {
                write!(f, "A mixtape can have {} tracks; this one has {count}.", Draft::TRACKS_MAX)
            }
            Self::TooMuchText => write!(
                f,
                "The paths and names of its tracks have more than {} MB together. Make several mixtapes of it.",
                limits::mixtapes::TEXT_BYTES / 1_000_000
            ),
            Self::BadPath(number) => write!(f, "Track {number} does not name a file in the music folder."),
            Self::BadCover => f.write_str("The cover must be the name of a picture that was uploaded before."),
            Self::BadClientId => {
                write!(f, "The client id must have 1 to {} printable characters.", Draft::CLIENT_ID_MAX)
            }
        }
    }
}

impl std::error::Error for DraftError {}

impl Draft {
    /// The longest liner notes, in bytes.
    pub const NOTES_MAX: usize = limits::mixtapes::NOTES_BYTES;
    /// The most tracks.
    pub const TRACKS_MAX: usize = limits::mixtapes::TRACKS;
    /// The longest client id, in characters.
    pub const CLIENT_ID_MAX: usize = limits::mixtapes::CLIENT_ID_CHARS;

    /// The draft that changes nothing of this tape, for an editor to begin with.
    #[must_use]
    pub fn of(mixtape: &Mixtape) -> Self {
        Self {
            client_id: mixtape.client_id.clone(),
            title: mixtape.title.clone(),
            creator_name: mixtape.creator_name.clone(),
            liner_notes: mixtape.liner_notes.clone(),
            cover: CoverChoice::Keep,
            gift: mixtape.gift,
            tracks: mixtape.tracks.clone(),
        }
    }

    /// Tidies the texts and checks all rules.
    ///
    /// # Errors
    /// The first rule that is not met.
    pub fn check(mut self) -> Result<CheckedDraft, DraftError> {
        self.title = one_line(&self.title);
        self.creator_name = one_line(&self.creator_name);
        match self.title.chars().count() {
            0 => Mixtape::UNNAMED.clone_into(&mut self.title),
            length if length > Mixtape::TITLE_MAX => return Err(DraftError::LongTitle(length)),
            _ => {}
        }
        match self.creator_name.chars().count() {
            length if length > Mixtape::CREATOR_MAX => return Err(DraftError::LongCreator(length)),
            _ => {}
        }
        if self.liner_notes.len() > Self::NOTES_MAX {
            return Err(DraftError::LongNotes);
        }
        match self.tracks.len() {
            0 => return Err(DraftError::NoTracks),
            count if count > Self::TRACKS_MAX => return Err(DraftError::TooManyTracks(count)),
            _ => {}
        }
        for (number, track) in (1..).zip(&mut self.tracks) {
            if !track.path.is_sound() {
                return Err(DraftError::BadPath(number));
            }
            track.tidy();
        }
        let texts = |track: &Track| track.path.0.len() + track.title.len() + track.artist.len() + track.album.len();
        if self.tracks.iter().map(texts).sum::<usize>() > limits::mixtapes::TEXT_BYTES {
            return Err(DraftError::TooMuchText);
        }
        let is_file_name = |name: &str| !name.is_empty() && name.len() <= 255 && !name.contains(['/', '\\', '\0']);
        if matches!(&self.cover, CoverChoice::File(name) if !is_file_name(name)) {
            return Err(DraftError::BadCover);
        }
        let is_id =
            |id: &str| (1..=Self::CLIENT_ID_MAX).contains(&id.chars().count()) && !id.chars().any(char::is_control);
        if self.client_id.as_deref().is_some_and(|id| !is_id(id)) {
            return Err(DraftError::BadClientId);
        }
        Ok(CheckedDraft(self))
    }
}

impl CheckedDraft {
    /// The mixtape that this is the whole of, without a cover.
    #[must_use]
    pub fn into_mixtape(self, slug: Slug, created_at: Timestamp, updated_at: Timestamp) -> Mixtape {
        let Draft { client_id, title, creator_name, liner_notes, cover: _, gift, tracks } = self.0;
        Mixtape {
            slug,
            client_id,
            revision: Revision::default(),
            title,
            creator_name,
            liner_notes,
            cover: None,
            gift,
            created_at,
            updated_at,
            tracks,
        }
    }

    /// Whether saving it would leave the tape as it is. Names and lengths of tracks come from the library and are
    /// nothing that an editor changes.
    #[must_use]
    pub fn changes_nothing_of(&self, mixtape: &Mixtape) -> bool {
        let same_cover = match &self.cover {
            CoverChoice::Keep => true,
            CoverChoice::None => mixtape.cover.is_none(),
            CoverChoice::File(name) => mixtape.cover.as_ref() == Some(name),
        };
        same_cover
            && self.title == mixtape.title
            && self.creator_name == mixtape.creator_name
            && self.liner_notes == mixtape.liner_notes
            && self.gift == mixtape.gift
            && self.tracks.iter().map(|track| &track.path).eq(mixtape.tracks.iter().map(|track| &track.path))
    }
}

impl Deref for CheckedDraft {
    type Target = Draft;

    fn deref(&self) -> &Draft {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Millis, TrackPath};

    fn draft() -> Draft {
        let track = Track {
            path: TrackPath("a/b.flac".into()),
            title: " ".into(),
            artist: "A\nB".into(),
            album: String::new(),
            duration: Some(Millis(u64::MAX)),
        };
        let gift = GiftSettings::default();
        let (title, creator_name) = ("  For\tyou\u{7}  ".into(), String::new());
        let cover = CoverChoice::Keep;
        Draft { client_id: None, title, creator_name, liner_notes: String::new(), cover, gift, tracks: vec![track] }
    }

    #[test]
    fn texts_are_tidied_and_what_is_missing_is_named() {
        let checked = draft().check().unwrap();
        assert_eq!(checked.title, "For you");
        assert_eq!((checked.tracks[0].title.as_str(), checked.tracks[0].artist.as_str()), ("b", "A B"));
        assert_eq!(checked.tracks[0].duration, None, "no track lasts for ages");
        assert_eq!(Draft { title: " \n".into(), ..draft() }.check().unwrap().title, Mixtape::UNNAMED);
    }

    #[test]
    fn each_rule_has_its_sentence() {
        let with_path = |path: &str| {
            let mut draft = draft();
            draft.tracks[0].path = TrackPath(path.into());
            draft
        };
        let tracks = vec![draft().tracks.remove(0); Draft::TRACKS_MAX + 1];
        let long = Track { artist: "x".repeat(limits::mixtapes::TEXT_BYTES / 2), ..draft().tracks.remove(0) };
        for (draft, part) in [
            (Draft { title: "ä".repeat(201), ..draft() }, "201 characters; at most 200"),
            (Draft { creator_name: "x".repeat(101), ..draft() }, "101 characters; at most 100"),
            (Draft { liner_notes: "x".repeat(100_001), ..draft() }, "100 kB"),
            (Draft { tracks: Vec::new(), ..draft() }, "at least one track"),
            (Draft { tracks, ..draft() }, "10000 tracks; this one has 10001"),
            (Draft { tracks: vec![long.clone(), long], ..draft() }, "16 MB together"),
            (Draft { cover: CoverChoice::File("../x.jpg".into()), ..draft() }, "cover"),
            (Draft { client_id: Some(String::new()), ..draft() }, "client id"),
            (with_path("../secret.flac"), "Track 1"),
            (with_path("/etc/passwd"), "Track 1"),
            (with_path("a//b.flac"), "Track 1"),
            (with_path(""), "Track 1"),
            (with_path("a\0"), "Track 1"),
        ] {
            let error = draft.check().unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        assert!(Draft { title: "ä".repeat(200), ..draft() }.check().is_ok());
    }

    #[test]
    fn a_request_may_leave_out_what_has_a_usual_value() {
        let json = r#"{"tracks": [{"path": "a.mp3", "title": "A", "artist": "", "album": "", "duration": null}]}"#;
        let draft: Draft = serde_json::from_str(json).unwrap();
        assert_eq!((draft.cover, draft.gift), (CoverChoice::Keep, GiftSettings::default()));
        let file: CoverChoice = serde_json::from_str(r#"{"file": "a.jpg"}"#).unwrap();
        assert_eq!(file, CoverChoice::File("a.jpg".into()));
        assert!(serde_json::from_str::<GiftSettings>(r#"{"unwrap_style": "loud"}"#).is_err());
    }
}
