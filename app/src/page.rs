//! What the server hands over to have a page rendered.
//! Reading it from the store is done before, drawing it after.

use model::{CacheStats, LibraryProblem, LibraryStats, Mixtape, MixtapeSummary, Progress, Quality};

use crate::Assets;

/// One page with its data.
#[derive(Debug, Clone)]
pub enum Page {
    /// What this is.
    Landing,
    /// A mixtape for its listener.
    Share(Box<SharedTape>),
    /// The owner's way in.
    Login {
        /// Why the last attempt was refused, as a sentence.
        refusal: Option<String>,
    },
    /// The owner's mixtapes.
    Mixtapes(Vec<MixtapeSummary>),
    /// The owner's view of the cache.
    Admin(Box<AdminPage>),
    /// The owner's view of the music library.
    Library(Box<LibraryPage>),
    /// Nothing is at this address.
    NotFound,
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

/// A mixtape as its listener sees it.
#[derive(Debug, Clone)]
pub struct SharedTape {
    /// The tape.
    pub mixtape: Mixtape,
    /// The liner notes as safe HTML.
    pub notes_html: String,
    /// The first words of the liner notes, without markup.
    pub summary: String,
    /// The quality for a listener who has not chosen one.
    pub quality: Quality,
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
