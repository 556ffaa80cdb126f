//! Configuration: flags and environment variables, read once at start.
//! What the values mean is decided by the parts that get them.

mod cache;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use ipnet::IpNet;
use model::Quality;

pub use cache::{Cache, CacheCommand};

use crate::peer::parse_network;
use crate::state::{OnMiss, PlayAccess, Settings};

/// Ferric plays mixtapes from your own music library.
#[derive(Debug, Parser)]
#[command(name = "ferric", version, max_term_width = 100)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// How log lines look.
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value = "text", global = true)]
    pub log_format: LogFormat,
    /// Which log lines appear: error, warn, info, debug, trace, or per module as in `info,server=debug`.
    #[arg(long, env = "LOG", default_value = "info,symphonia=warn", global = true)]
    pub log: String,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the server.
    Serve(Box<Serve>),
    /// Take in the mixtapes of a backup, or of a Mixtape Society data folder.
    Import(Import),
    /// Write all mixtapes with their covers into one file, also while the server runs.
    Backup(Backup),
    /// Read the music folder into the index, as the server does by itself when it starts.
    Scan(Scan),
    /// Look at the transcoded files, or remove them.
    Cache(Cache),
}

/// Where things are kept; shared by all commands.
#[derive(Debug, Clone, Args)]
pub struct DataRoot {
    /// Folder for the database and covers; made if it is not there.
    // Global, so that it may also stand after the last word of `ferric cache stats`.
    #[arg(long = "data", env = "DATA_ROOT", value_name = "DIR", default_value = "collection-data", global = true)]
    pub path: PathBuf,
}

/// `ferric serve`.
#[derive(Debug, Clone, Args)]
pub struct Serve {
    /// Folder with the music; it is only read.
    #[arg(long = "music", env = "MUSIC_ROOT", value_name = "DIR")]
    pub music_root: PathBuf,
    /// Where things are kept.
    #[command(flatten)]
    pub data: DataRoot,
    /// Address and port to listen on.
    #[arg(long, env = "LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:5000")]
    pub listen: SocketAddr,
    /// The owner's password. Without one, the first start makes one and prints it.
    #[arg(long, env = "PASSWORD", hide_env_values = true, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub password: Option<String>,
    /// File with the owner's password in its first line, for those who keep secrets in files.
    #[arg(long, env = "PASSWORD_FILE", value_name = "FILE", conflicts_with = "password")]
    pub password_file: Option<PathBuf>,
    /// Refuse to start without a password, rather than making one and printing it.
    #[arg(long, env = "PRODUCTION", value_name = "BOOL", default_value_t = false, default_missing_value = "true", num_args = 0..=1, action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    pub production: bool,
    /// Proxies that are believed about a client's address and HTTPS, as in 127.0.0.1,10.0.0.0/8.
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "ADDRESSES", value_delimiter = ',', value_parser = parse_network)]
    pub trusted_proxies: Vec<IpNet>,
    /// Address under which listeners reach this server, as in https://tapes.example.org; for links in
    /// previews. Default: the address that the browser asked for.
    #[arg(long, env = "PUBLIC_URL", value_name = "URL", value_parser = parse_public_url)]
    pub public_url: Option<String>,
    /// Who may play a file of the library by its path: all who know the path, or only the owner, while listeners get
    /// signed addresses from the pages of mixtapes.
    #[arg(long, env = "PLAY_ACCESS", value_enum, default_value = "open")]
    pub play_access: PlayAccess,
    /// Quality for listeners who have not chosen one: original, high, medium or low.
    #[arg(long, env = "AUDIO_CACHE_DEFAULT_QUALITY", value_name = "QUALITY", default_value_t = Quality::Medium)]
    pub default_quality: Quality,
    /// Where transcoded files are kept.
    #[command(flatten)]
    pub cache: CacheFolder,
    /// How and when lower qualities are made.
    #[command(flatten)]
    pub transcoding: TranscodingOptions,
    /// Folder with the browser bundle. Default: `site` beside the program or one folder above it.
    #[arg(long = "site", env = "SITE_ROOT", value_name = "DIR")]
    pub site_root: Option<PathBuf>,
    /// How many seconds running streams may go on after the server was told to stop.
    #[arg(long, env = "SHUTDOWN_GRACE", value_name = "SECONDS", default_value = "30", value_parser = parse_seconds)]
    pub shutdown_grace: Duration,
}

impl Serve {
    /// The owner's password, if one is configured.
    ///
    /// # Errors
    /// A sentence that names the setting when the file with it cannot be read or is empty.
    pub fn configured_password(&self) -> Result<Option<String>, String> {
        let Some(path) = &self.password_file else { return Ok(self.password.clone()) };
        let failed = |why: String| format!("--password-file (PASSWORD_FILE) {}: {why}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let password = text.lines().next().unwrap_or_default();
        if password.is_empty() {
            return Err(failed("its first line must be the password, and is empty".to_owned()));
        }
        Ok(Some(password.to_owned()))
    }
}

/// How and when lower qualities are made.
#[derive(Debug, Clone, Args)]
pub struct TranscodingOptions {
    /// Whether lower qualities are made at all; without, every quality is the original.
    #[arg(long, env = "AUDIO_CACHE_ENABLED", value_name = "BOOL", default_value_t = true, action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    pub audio_cache_enabled: bool,
    /// How large the cache may grow, as in 500M or 20G; what was used longest ago makes room. Default: no limit.
    #[arg(long, env = "AUDIO_CACHE_MAX_SIZE", value_name = "SIZE", value_parser = parse_size)]
    pub audio_cache_max_size: Option<u64>,
    /// What a listener gets when a file is not in the cache.
    #[arg(long, env = "AUDIO_CACHE_ON_MISS", value_enum, default_value = "transcode")]
    pub audio_cache_on_miss: OnMiss,
    /// How many tracks of a mixtape are made ready at once, and how many cores that may take.
    #[arg(long, env = "AUDIO_CACHE_MAX_WORKERS", value_name = "COUNT", default_value = "4")]
    pub audio_cache_max_workers: NonZeroUsize,
    /// Whether the tracks of a mixtape are made ready when it is saved.
    #[arg(long, env = "AUDIO_CACHE_PRECACHE_ON_UPLOAD", value_name = "BOOL", default_value_t = true, action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    pub audio_cache_precache_on_upload: bool,
    /// Which qualities are made ready, as in low,medium.
    #[arg(long, env = "AUDIO_CACHE_PRECACHE_QUALITIES", value_name = "QUALITIES", value_delimiter = ',', default_value = "medium", value_parser = parse_lower_quality)]
    pub audio_cache_precache_qualities: Vec<Quality>,
    /// Whether the tracks of all mixtapes are made ready when the server starts and every night at three, the most
    /// played first, as long as the cache has room.
    #[arg(long, env = "AUDIO_CACHE_WARM", value_name = "BOOL", default_value_t = true, action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    pub audio_cache_warm: bool,
}

impl TranscodingOptions {
    /// The part that the transcoder needs while the server runs.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            on_miss: self.audio_cache_on_miss,
            at_once: self.audio_cache_max_workers,
            precache_on_save: self.audio_cache_precache_on_upload,
            qualities: self.audio_cache_precache_qualities.clone(),
        }
    }
}

/// Where transcoded files are kept.
#[derive(Debug, Clone, Args)]
pub struct CacheFolder {
    /// Folder for transcoded files, below the data folder unless it is absolute.
    #[arg(long, env = "AUDIO_CACHE_DIR", value_name = "DIR", default_value = "cache/audio", global = true)]
    pub audio_cache_dir: PathBuf,
}

/// `ferric import`.
#[derive(Debug, Clone, Args)]
pub struct Import {
    /// The backup; or a Mixtape Society data folder, or the `mixtapes` folder in it. It is only read.
    #[arg(value_name = "PATH")]
    pub from: PathBuf,
    /// Where things are kept.
    #[command(flatten)]
    pub data: DataRoot,
}

/// `ferric backup`.
#[derive(Debug, Clone, Args)]
pub struct Backup {
    /// The file that is written, as in mixtapes.zip; one that is there is replaced.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where things are kept.
    #[command(flatten)]
    pub data: DataRoot,
}

/// `ferric scan`.
#[derive(Debug, Clone, Args)]
pub struct Scan {
    /// Folder with the music; it is only read.
    #[arg(long = "music", env = "MUSIC_ROOT", value_name = "DIR")]
    pub music_root: PathBuf,
    /// Where things are kept.
    #[command(flatten)]
    pub data: DataRoot,
    /// Read every file again, also those that have not changed.
    #[arg(long)]
    pub full: bool,
}

/// The look of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people in a terminal.
    Text,
    /// One JSON object a line.
    Json,
}

impl CommandLine {
    /// Reads flags and environment.
    ///
    /// # Errors
    /// An error whose text names the flag and, if the value came from there, the environment variable. It is
    /// also how `--help` and `--version` end.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(arguments).map_err(|error| name_variable(error, &command))?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

/// clap names the flag alone; who set a variable never typed a flag.
fn name_variable(mut error: clap::Error, command: &clap::Command) -> clap::Error {
    if !matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue) {
        return error;
    }
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return error };
    let long = flag.trim_start_matches("--").split([' ', '=']).next().unwrap_or_default();
    let variable = command
        .get_subcommands()
        .chain([command])
        .flat_map(clap::Command::get_arguments)
        .find(|argument| argument.get_long() == Some(long))
        .and_then(|argument| argument.get_env());
    if let Some(variable) = variable.filter(|name| std::env::var_os(name).is_some()) {
        let named = format!("{flag} (environment variable {})", variable.to_string_lossy());
        error.insert(ContextKind::InvalidArg, ContextValue::String(named));
    }
    error
}

fn parse_size(text: &str) -> Result<u64, String> {
    let wanted = || "a size like 500M or 20G is needed".to_owned();
    let digits = text.trim_end_matches(|sign: char| sign.is_ascii_alphabetic());
    let factor = match text[digits.len()..].to_ascii_uppercase().trim_end_matches('B') {
        "" => 1,
        "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        "T" => 1_u64 << 40,
        _ => return Err(wanted()),
    };
    digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).ok_or_else(wanted)
}

/// A quality that is made; without brackets and quotation marks, which the original's configuration had.
fn parse_lower_quality(text: &str) -> Result<Quality, String> {
    let word = text.trim_matches(|sign: char| sign.is_whitespace() || "[]\"'".contains(sign));
    match word.parse() {
        Ok(Quality::Original) | Err(_) => {
            Err("high, medium or low is needed, or several of them as in low,medium".into())
        }
        Ok(quality) => Ok(quality),
    }
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    text.parse().map(Duration::from_secs).map_err(|_| "a whole number of seconds is needed".to_owned())
}

fn parse_public_url(text: &str) -> Result<String, String> {
    let wanted = "an address like https://tapes.example.org is needed, without a path";
    let uri: http::Uri = text.parse().map_err(|_| wanted.to_owned())?;
    let http = matches!(uri.scheme_str(), Some("http" | "https"));
    let bare = uri.query().is_none() && matches!(uri.path(), "" | "/");
    if http && bare && uri.authority().is_some_and(|authority| !authority.as_str().contains('@')) {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(wanted.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<CommandLine, clap::Error> {
        CommandLine::read(["ferric"].iter().chain(arguments).map(OsString::from))
    }

    #[test]
    fn every_command_is_read() {
        // clap's own check of the definitions is left out of release builds.
        for arguments in [
            vec!["serve", "--music", "m"],
            vec!["serve", "--music", "m", "--production", "--trusted-proxies", "127.0.0.1, 10.0.0.0/8"],
            vec!["serve", "--music", "m", "--audio-cache-enabled", "off", "--audio-cache-max-size", "20G"],
            vec!["import", "folder", "--data", "d"],
            vec!["backup", "mixtapes.zip", "--data", "d"],
            vec!["scan", "--music", "m", "--data", "d", "--full"],
            vec!["cache", "stats"],
            vec!["cache", "verify", "--music", "m", "--remove"],
            vec!["cache", "--data", "d", "clear", "--older-than-days", "3", "--quality", "low"],
            vec!["cache", "explain", "--music", "m", "a/b.flac"],
        ] {
            assert!(read(&arguments).is_ok(), "{arguments:?}: {}", read(&arguments).unwrap_err());
        }
    }

    #[test]
    fn qualities_to_make_ready_are_a_list() {
        for (text, qualities) in [
            ("low", vec![Quality::Low]),
            ("low,high", vec![Quality::Low, Quality::High]),
            ("[\"low\", 'medium']", vec![Quality::Low, Quality::Medium]),
        ] {
            let read = read(&["serve", "--music", "m", "--audio-cache-precache-qualities", text]).unwrap();
            let Command::Serve(serve) = read.command else { panic!("another command") };
            assert_eq!(serve.transcoding.settings().qualities, qualities);
        }
    }

    #[test]
    fn sizes_have_units() {
        let sizes = ["0", "512", "500M", "20G", "1kb", "2TB"].map(|text| parse_size(text).unwrap());
        assert_eq!(sizes, [0, 512, 500 << 20, 20 << 30, 1 << 10, 2 << 40]);
        for text in ["", "G", "-1", "1.5G", "20 G", "99999999999T"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn bad_values_are_errors_that_name_their_flag() {
        for (arguments, flag) in [
            (vec!["serve", "--music", "m", "--listen", "nowhere"], "--listen"),
            (vec!["serve", "--music", "m", "--default-quality", "best"], "--default-quality"),
            (vec!["serve", "--music", "m", "--public-url", "example.org"], "--public-url"),
            (vec!["serve", "--music", "m", "--public-url", "https://a.example/b"], "--public-url"),
            (vec!["serve", "--music", "m", "--password", ""], "--password"),
            (vec!["serve", "--music", "m", "--shutdown-grace", "soon"], "--shutdown-grace"),
            (vec!["serve", "--music", "m", "--log-format", "xml"], "--log-format"),
            (vec!["serve", "--music", "m", "--audio-cache-max-size", "much"], "--audio-cache-max-size"),
            (vec!["serve", "--music", "m", "--trusted-proxies", "localhost"], "--trusted-proxies"),
            (vec!["serve", "--music", "m", "--audio-cache-on-miss", "wait"], "--audio-cache-on-miss"),
            (vec!["serve", "--music", "m", "--play-access", "closed"], "--play-access"),
            (vec!["serve", "--music", "m", "--audio-cache-max-workers", "0"], "--audio-cache-max-workers"),
            (vec!["cache", "clear", "--quality", "original"], "--quality"),
            (vec!["cache", "fill", "--music", "m", "a.flac", "--quality", "best"], "--quality"),
            (
                vec!["serve", "--music", "m", "--audio-cache-precache-qualities", "original"],
                "--audio-cache-precache-qualities",
            ),
        ] {
            let error = read(&arguments).expect_err("a bad value").to_string();
            assert!(error.contains(flag), "{error}");
        }
    }
}
