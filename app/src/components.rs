//! Views that pages share, and the islands that the browser wakes.
//! What the player decides is in `player`, what a page holds is in `pages`.

pub mod cache_jobs;
pub mod icon;
pub mod markup;
pub mod more;
pub mod player_bar;
pub mod quality;
pub mod reels;
pub mod tape;
pub mod theme_switch;
pub mod track_list;

pub use cache_jobs::CacheJobs;
pub use tape::Tape;
pub use theme_switch::ThemeSwitch;
