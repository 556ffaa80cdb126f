//! Views that pages share, and the islands that the browser wakes.
//! What the player decides is in `player`, what a page holds is in `pages`.

pub mod icon;
pub mod markup;
pub mod more;
pub mod player_bar;
pub mod quality;
pub mod reels;
pub mod share_sheet;
pub mod sound;
pub mod tape;
pub mod theme_switch;
pub mod track_list;
pub mod unwrap;

// The owner's pages have a bundle of their own, so that listeners need not load what is only in those.
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod cache_jobs;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod editor;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod finder;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod found;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod owner_share;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod preview;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod sharing_settings;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub mod shelf;

#[cfg(any(feature = "ssr", feature = "owner"))]
pub use cache_jobs::CacheJobs;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub use editor::Editor;
pub use share_sheet::ShareTape;
#[cfg(any(feature = "ssr", feature = "owner"))]
pub use shelf::Shelf;
pub use tape::Tape;
pub use theme_switch::ThemeSwitch;
pub use unwrap::Unwrap;
