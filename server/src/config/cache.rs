//! The flags of `ferric cache`.
//! What its commands do is in the program's `cache`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use model::Quality;

use super::{CacheFolder, DataRoot, parse_lower_quality};

/// `ferric cache`.
#[derive(Debug, Clone, Args)]
pub struct Cache {
    /// Where things are kept.
    #[command(flatten)]
    pub data: DataRoot,
    /// Where transcoded files are kept.
    #[command(flatten)]
    pub cache: CacheFolder,
    /// What to do with them.
    #[command(subcommand)]
    pub command: CacheCommand,
}

/// What can be done with the cache.
#[derive(Debug, Clone, Subcommand)]
pub enum CacheCommand {
    /// Say how many files there are, and how large.
    Stats,
    /// Remove the files.
    Clear {
        /// Only those made more than so many days ago.
        #[arg(long, value_name = "DAYS")]
        older_than_days: Option<u32>,
        /// Only those of this quality: high, medium or low.
        #[arg(long, value_name = "QUALITY", value_parser = parse_lower_quality)]
        quality: Option<Quality>,
    },
    /// Transcode files now, before they are played.
    Fill {
        /// Folder with the music.
        #[arg(long = "music", env = "MUSIC_ROOT", value_name = "DIR")]
        music_root: PathBuf,
        /// Which qualities, as in low,medium.
        #[arg(long, env = "AUDIO_CACHE_PRECACHE_QUALITIES", value_name = "QUALITIES", value_delimiter = ',', default_value = "medium", value_parser = parse_lower_quality)]
        quality: Vec<Quality>,
        /// Make also those again that are there and up to date.
        #[arg(long)]
        overwrite: bool,
        /// The files, from the music folder on.
        #[arg(value_name = "PATH", required = true)]
        files: Vec<PathBuf>,
    },
    /// Look at every file beside its original: whole, up to date, still wanted.
    Verify {
        /// Folder with the music.
        #[arg(long = "music", env = "MUSIC_ROOT", value_name = "DIR")]
        music_root: PathBuf,
        /// Remove what is not.
        #[arg(long)]
        remove: bool,
    },
    /// Show where the qualities of a file would lie, and why they are served or not.
    Explain {
        /// Folder with the music.
        #[arg(long = "music", env = "MUSIC_ROOT", value_name = "DIR")]
        music_root: PathBuf,
        /// The file, from the music folder on.
        #[arg(value_name = "PATH")]
        file: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use crate::config::{Command, CommandLine};

    #[test]
    fn flags_of_the_whole_command_may_stand_before_and_after_the_subcommand() {
        for arguments in [
            ["cache", "--data", "d", "--audio-cache-dir", "c", "--log", "warn", "stats"],
            ["cache", "stats", "--data", "d", "--audio-cache-dir", "c", "--log", "warn"],
            ["cache", "--data", "d", "--log", "warn", "stats", "--audio-cache-dir", "c"],
            ["--log", "warn", "cache", "--audio-cache-dir", "c", "stats", "--data", "d"],
        ] {
            let read = CommandLine::read(["ferric"].iter().chain(&arguments).map(OsString::from));
            let read = read.unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
            assert_eq!(read.log, "warn");
            let Command::Cache(cache) = read.command else { panic!("another command") };
            assert_eq!(cache.data.path, Path::new("d"));
            assert_eq!(cache.cache.audio_cache_dir, Path::new("c"));
        }
    }
}
