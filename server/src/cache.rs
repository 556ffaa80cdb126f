//! `ferric cache`: what lies in the cache and why a file is served from it or not, on the command line.
//! The cache itself is in `audio`.

use std::error::Error;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use audio::transcoder::{Made, Overwrite};
use audio::verify::Verdict;
use audio::{AudioCache, MusicRoot, RelativePath, Transcoder};
use model::Quality;
use model::cache_stats::readable_bytes;
use server::config::{Cache, CacheCommand};

/// Runs one of the commands. A folder that is not there is an empty cache.
///
/// # Errors
/// When the cache or the file cannot be read.
pub(crate) fn run(options: &Cache) -> Result<(), Box<dyn Error>> {
    let folder = options.data.path.join(&options.cache.audio_cache_dir);
    let cache = AudioCache::existing(&folder);
    let unreadable = |error| format!("{}: {error}", folder.display());
    match &options.command {
        CacheCommand::Stats => stats(&cache).map_err(unreadable)?,
        CacheCommand::Clear { older_than_days, quality } => {
            let age = older_than_days.map(|days| Duration::from_hours(24) * days);
            say!("{} removed", files(cache.clear(age, *quality).map_err(unreadable)?));
        }
        CacheCommand::Fill { music_root, quality, overwrite, files } => {
            let overwrite = if *overwrite { Overwrite::Yes } else { Overwrite::No };
            std::fs::create_dir_all(&folder).map_err(unreadable)?;
            fill(cache, &MusicRoot::new(music_root)?, files, quality, overwrite)?;
        }
        CacheCommand::Verify { music_root, remove } => verify(&cache, music_root, *remove)?,
        CacheCommand::Explain { music_root, file } => explain(&cache, music_root, file)?,
    }
    Ok(())
}

fn stats(cache: &AudioCache) -> std::io::Result<()> {
    let usage = cache.usage()?;
    let (count, bytes) = usage.iter().fold((0, 0), |(count, bytes), of| (count + of.files, bytes + of.bytes));
    say!("{}, {} in {}", files(count), readable_bytes(bytes), cache.folder().display());
    for of in usage {
        say!("{:<10} {}, {}", of.quality.name(), files(of.files), readable_bytes(of.bytes));
    }
    say!("{} free on its disk", readable_bytes(cache.disk()?.0.free));
    Ok(())
}

/// Transcodes files one after the other, each on all cores.
fn fill(
    cache: AudioCache,
    music: &MusicRoot,
    paths: &[PathBuf],
    qualities: &[Quality],
    overwrite: Overwrite,
) -> Result<(), Box<dyn Error>> {
    let cores = std::thread::available_parallelism()?;
    let transcoder = Arc::new(Transcoder::start(Some(cache), cores)?);
    let fill = |path: &Path, quality| -> Result<&str, audio::Error> {
        let file = Arc::new(music.open(&RelativePath::parse(path.as_os_str().as_bytes().to_vec())?)?);
        if !audio::format::is_transcoded(&file).map_err(audio::Error::Io)? {
            return Ok("is served as it is");
        }
        Ok(match transcoder.make(file, quality, overwrite, None)? {
            Made::New => "made",
            Made::AlreadyThere => "is there already",
            Made::NoRoom => "the cache has no room left",
        })
    };
    let mut failed = 0;
    for path in paths {
        for &quality in qualities {
            let outcome = fill(path, quality).map_or_else(
                |error| {
                    failed += 1;
                    error.to_string()
                },
                str::to_owned,
            );
            say!("{:<10} {}: {outcome}", quality.name(), path.display());
        }
    }
    if failed > 0 { Err(format!("{} could not be made", files(failed)).into()) } else { Ok(()) }
}

fn verify(cache: &AudioCache, music_root: &Path, remove: bool) -> Result<(), Box<dyn Error>> {
    let verified = audio::verify::verify(cache, &MusicRoot::new(music_root)?)?;
    for (verdict, words) in [
        (Verdict::Good, "whole and up to date"),
        (Verdict::Outdated, "made from another state of the original, or by another version"),
        (Verdict::Orphaned, "without an original in this music folder"),
        (Verdict::Damaged, "not whole"),
    ] {
        let of = || verified.iter().filter(|file| file.verdict == verdict);
        let bytes = of().map(|file| file.len).sum();
        say!("{}, {} {words}", files(of().count() as u64), readable_bytes(bytes));
        for file in of().filter(|_| verdict != Verdict::Good) {
            say!("    {}", file.path.display());
            if remove {
                std::fs::remove_file(&file.path)?;
            }
        }
    }
    let bad = verified.iter().filter(|file| file.verdict != Verdict::Good).count() as u64;
    match (bad, remove) {
        (0, _) => {}
        (_, true) => say!("{} removed", files(bad)),
        (_, false) => say!("None of these is served. To remove them, add --remove."),
    }
    Ok(())
}

fn files(count: u64) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

fn explain(cache: &AudioCache, music_root: &Path, path: &Path) -> Result<(), Box<dyn Error>> {
    let root = MusicRoot::new(music_root)?;
    let file = root.open(&RelativePath::parse(path.as_os_str().as_bytes().to_vec())?)?;
    say!("original   {}", file.path().display());
    if !audio::format::is_transcoded(&file)? {
        say!("It is served as it is in every quality: MP3, AAC and what is no sound are not transcoded.");
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
        say!("{:<10} {}\n           {state}", quality.name(), path.display());
    }
    Ok(())
}
