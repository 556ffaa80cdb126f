//! What the owner keeps: mixtapes with their covers and liner notes, settings and sessions, and the index of the
//! music, in SQLite and in files below DATA_ROOT; and pictures made of it. No HTTP and no pages; audio is only looked
//! at, never played, here.

pub mod card;
pub mod covers;
mod database;
pub mod drawing;
pub mod error;
pub mod exchange;
pub mod fold;
mod health;
pub mod import;
pub mod index;
pub mod lettering;
pub mod media;
pub mod mixtapes;
pub mod notes;
pub mod owner;
mod password_hash;
pub mod plays;
pub mod preferences;
pub mod qr;
mod reserve;
pub mod scan;
pub mod search;
pub mod secret;
pub mod sharing;
pub mod store;
pub mod watch;

pub use error::Error;
pub use index::Index;
pub use store::Store;
