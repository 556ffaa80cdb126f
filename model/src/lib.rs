//! The types that browser and server both speak: mixtapes and their drafts, tracks, qualities, times, progress, kinds
//! of error.
//! No I/O, no rendering and no rules of playback live here.

pub mod cache_stats;
pub mod cover;
pub mod draft;
pub mod error_kind;
pub mod gift;
pub mod library_stats;
pub mod limits;
pub mod media;
pub mod mixtape;
pub mod playlist;
pub mod preferences;
pub mod progress;
pub mod quality;
pub mod search;
pub mod sharing;
pub mod shelf;
pub mod slug;
pub mod time;
pub mod track;

pub use cache_stats::{CacheCleared, CacheStats, MixtapeCached, QualityUsage, SetAside};
pub use cover::CoverSize;
pub use draft::{Basis, CheckedDraft, CoverChoice, Draft, DraftError};
pub use error_kind::ErrorKind;
pub use gift::GiftWords;
pub use library_stats::{LibraryProblem, LibraryStats};
pub use media::{MediaAddress, PlayTrack, TrackName};
pub use mixtape::{GiftSettings, Mixtape, MixtapeView, Revision, UnwrapStyle};
pub use playlist::{MatchedBy, PlaylistEntry, PlaylistFormat, PlaylistMatch, PlaylistReport};
pub use preferences::Preferences;
pub use progress::Progress;
pub use quality::Quality;
pub use sharing::{Access, AccessChange, ShareAccess, Shared, Sharing, SharingChange};
pub use shelf::{ListQuery, MixtapePage, MixtapeSummary, SortBy, SortOrder};
pub use slug::Slug;
pub use time::{Millis, Timestamp};
pub use track::{Track, TrackPath};
