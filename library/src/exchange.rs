//! Mixtapes in and out: playlists that other programs read and write, the audio of a tape as one file, and backups.
//! The store itself is in `mixtapes`; folders of the original application are read in `import`.

mod archive;
mod audio_zip;
mod backup;
pub(crate) mod bounded;
mod file_names;
mod jspf;
mod locations;
mod m3u;
mod matching;
mod playlist;
mod restore;
mod spool;
mod xspf;

pub use archive::{Archive, ArchiveStream};
pub use audio_zip::AudioZip;
pub use file_names::file_name;
pub use playlist::{Locations, Playlist};
