//! `ferric cache`: what lies in the cache and why a file is served from it or not, on the command line.
//! The cache itself is in `audio`.

use std::error::Error;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use audio::{AudioCache, MusicRoot, RelativePath};
use model::Quality;
use server::config::{Cache, CacheCommand};

/// Runs one of the commands.
///
/// # Errors
/// When the cache or the file cannot be read.
pub(crate) fn run(options: &Cache) -> Result<(), Box<dyn Error>> {
    let folder = options.data.path.join(&options.cache.audio_cache_dir);
    let cache = AudioCache::existing(&folder);
    let unreadable = |error| format!("{}: {error}", folder.display());
    match &options.command {
        CacheCommand::Stats => {
            let usage = cache.usage().map_err(unreadable)?;
            let megabytes = usage.bytes as f64 / f64::from(1 << 20);
            println!("{} files, {megabytes:.1} MiB in {}", usage.files, folder.display());
        }
        CacheCommand::Clear { older_than_days } => {
            let age = older_than_days.map(|days| Duration::from_hours(24) * days);
            println!("{} files removed", cache.clear(age).map_err(unreadable)?);
        }
        CacheCommand::Explain { music_root, file } => explain(&cache, music_root, file)?,
    }
    Ok(())
}

fn explain(cache: &AudioCache, music_root: &Path, path: &Path) -> Result<(), Box<dyn Error>> {
    let root = MusicRoot::new(music_root)?;
    let file = root.open(&RelativePath::parse(path.as_os_str().as_bytes().to_vec())?)?;
    println!("original   {}", file.path().display());
    if !audio::format::is_transcoded(&file)? {
        println!("It is served as it is in every quality: MP3, AAC and what is no sound are not transcoded.");
        return Ok(());
    }
    for quality in Quality::ALL {
        let Some(path) = cache.path(file.path(), quality) else { continue };
        let state = if cache.find(&file, quality).is_some() {
            "served from the cache"
        } else if path.exists() {
            "there, but made from another state of the original or by another version: it will be made again"
        } else {
            "not there yet: it will be made when somebody listens"
        };
        println!("{:<10} {}\n           {state}", quality.name(), path.display());
    }
    Ok(())
}
