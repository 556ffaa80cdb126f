//! What the server hands over to have a page rendered.
//! Reading it from the store is done before, drawing it after.

use model::playlist::TakenIn;
use model::shelf::{ListQuery, MixtapePage};
use model::{
    Access, CacheStats, GiftWords, LibraryProblem, LibraryStats, Mixtape, MixtapeSummary, MixtapeView, PlayTrack,
    Preferences, Progress, Quality, Slug, UnwrapStyle,
};

use crate::Assets;

/// One page with its data.
#[derive(Debug, Clone)]
pub enum Page {
    /// What this is.
    Landing,
    /// A mixtape for its listener.
    Share(Box<SharedTape>),
    /// A mixtape inside somebody else's page.
    Embed(EmbedPage),
    /// A mixtape that is not open to this listener.
    Locked(Box<LockedPage>),
    /// The owner's way in.
    Login {
        /// Why the last attempt was refused, as a sentence.
        refusal: Option<String>,
    },
    /// The owner's mixtapes.
    Mixtapes(Box<ShelfPage>),
    /// What has become of a playlist that the owner has taken in.
    TakenIn(Box<TakenInPage>),
    /// What new mixtapes begin with, and backups.
    Preferences(Box<PreferencesPage>),
    /// Where the owner makes a mixtape.
    Editor(Box<EditorPage>),
    /// The owner's view of the cache.
    Admin(Box<AdminPage>),
    /// The owner's view of the music library.
    Library(Box<LibraryPage>),
    /// Nothing is at this address.
    NotFound,
}

impl Page {
    /// Whether only the owner sees it.
    #[must_use]
    pub const fn is_owners(&self) -> bool {
        match self {
            Self::Mixtapes(_)
            | Self::TakenIn(_)
            | Self::Preferences(_)
            | Self::Editor(_)
            | Self::Admin(_)
            | Self::Library(_) => true,
            Self::Landing | Self::Share(_) | Self::Embed(_) | Self::Locked(_) | Self::Login { .. } | Self::NotFound => {
                false
            }
        }
    }

    /// Whether other sites may show it inside of theirs. Nothing on such a page changes anything.
    #[must_use]
    pub const fn is_for_frames(&self) -> bool {
        matches!(self, Self::Embed(_))
    }
}

/// The owner's mixtapes.
#[derive(Debug, Clone)]
pub struct ShelfPage {
    /// What was asked for.
    pub query: ListQuery,
    /// The answer.
    pub answer: MixtapePage,
}

/// A playlist that did not become a mixtape without more ado.
#[derive(Debug, Clone)]
pub enum TakenInPage {
    /// Songs of it are not in the library.
    Incomplete(TakenIn),
    /// It could not be taken in, for this reason.
    Refused(String),
}

/// What new mixtapes begin with, and backups.
#[derive(Debug, Clone)]
pub struct PreferencesPage {
    /// As they are now.
    pub preferences: Preferences,
    /// They have just been changed.
    pub is_saved: bool,
    /// The last report of taking in a backup.
    pub jobs: Vec<Progress>,
}

/// A mixtape as its owner makes it.
#[derive(Debug, Clone)]
pub struct EditorPage {
    /// The tape; none for a new one.
    pub tape: Option<MixtapeView>,
    /// What a new tape begins with.
    pub preferences: Preferences,
    /// Tells a new tape from all others.
    pub client_id: String,
    /// The quality in which tracks are heard beforehand.
    pub quality: Quality,
}

/// The cache as its owner sees it.
#[derive(Debug, Clone)]
pub struct AdminPage {
    /// What it holds.
    pub stats: CacheStats,
    /// The last report of each task, the newest first.
    pub jobs: Vec<Progress>,
    /// What can be made ready.
    pub mixtapes: Vec<MixtapeSummary>,
    /// What the owner has just done, as a sentence.
    pub notice: Option<String>,
    /// Whether lower qualities are made at all.
    pub is_enabled: bool,
}

/// The music library as its owner sees it.
#[derive(Debug, Clone)]
pub struct LibraryPage {
    /// What it holds.
    pub stats: LibraryStats,
    /// When all of it was last read, as people write it.
    pub last_scan: Option<String>,
    /// Some of the files that could not be read.
    pub problems: Vec<LibraryProblem>,
    /// The number of the first of these, from 0.
    pub first: u64,
    /// The last report of the reading.
    pub jobs: Vec<Progress>,
}

/// A mixtape that is not open to a listener.
#[derive(Debug, Clone)]
pub struct LockedPage {
    /// Why it is not open.
    pub access: Access,
    /// Why the last attempt was refused, as a sentence.
    pub refusal: Option<String>,
}

/// A mixtape as its listener sees it.
#[derive(Debug, Clone)]
pub struct SharedTape {
    /// The tape.
    pub mixtape: Mixtape,
    /// Its tracks as the player has them, in order.
    pub tracks: Vec<PlayTrack>,
    /// Whether the tracks have their names.
    pub names: TrackNames,
    /// Only its owner sees this page.
    pub is_private: bool,
    /// The liner notes as safe HTML.
    pub notes_html: String,
    /// The first words of the liner notes, without markup.
    pub summary: String,
    /// The quality for a listener who has not chosen one.
    pub quality: Quality,
    /// Whether listeners may keep its files.
    pub may_keep: bool,
    /// It is a gift that this listener has not unwrapped yet.
    pub wrapping: Option<Wrapping>,
    /// The listener has just opened it, and it plays at once.
    pub starts: bool,
}

/// The names of the tracks on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackNames {
    /// Everybody sees them.
    Public,
    /// They are shown once the tape was played to its end.
    Secret,
    /// They were a secret, until this browser played the tape to its end.
    Revealed,
}

impl TrackNames {
    /// Whether the page has them.
    #[must_use]
    pub fn are_shown(self) -> bool {
        self != Self::Secret
    }

    /// Whether they are, or were, a secret.
    #[must_use]
    pub fn begin_secret(self) -> bool {
        self != Self::Public
    }
}

/// What is around a gift.
#[derive(Debug, Clone)]
pub struct Wrapping {
    /// Its look.
    pub style: UnwrapStyle,
    /// What is written on it.
    pub words: GiftWords,
}

/// A mixtape inside somebody else's page.
#[derive(Debug, Clone)]
pub enum EmbedPage {
    /// It plays there.
    Tape(Box<SharedTape>),
    /// It is not for everybody; its own page says more.
    Closed(Slug),
    /// There is no such tape.
    Nothing,
}

/// What every page needs to know about where it is.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The bundle's files.
    pub assets: Assets,
    /// Scheme and host as listeners know them, without a slash at the end; may be empty.
    pub origin: String,
    /// The page's own path.
    pub path: String,
}
