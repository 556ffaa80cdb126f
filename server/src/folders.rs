//! The configured folders: which must not lie inside each other, and which must not be readable by other users of the
//! machine. Their content is the concern of `library` and `audio`.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::Mode;

/// A folder, and the flag and the variable that name it.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The folder.
    pub path: &'a Path,
    /// As in `--music (MUSIC_ROOT)`.
    pub setting: &'static str,
}

impl<'a> Named<'a> {
    /// The folder with the music.
    #[must_use]
    pub const fn music(path: &'a Path) -> Self {
        Self { path, setting: "--music (MUSIC_ROOT)" }
    }

    /// The folder with the database.
    #[must_use]
    pub const fn data(path: &'a Path) -> Self {
        Self { path, setting: "--data (DATA_ROOT)" }
    }

    /// The folder with the transcoded files.
    #[must_use]
    pub const fn cache(path: &'a Path) -> Self {
        Self { path, setting: "--audio-cache-dir (AUDIO_CACHE_DIR)" }
    }
}

/// Refuses a folder that lies inside the music folder, or the other way round: what is below the music folder is
/// served to everybody.
///
/// # Errors
/// A sentence that names both settings.
pub fn refuse_overlap(music: Named<'_>, other: Named<'_>) -> Result<(), String> {
    let (inner, outer) = (resolved(music.path), resolved(other.path));
    if inner.starts_with(&outer) || outer.starts_with(&inner) {
        return Err(format!(
            "{} {} and {} {} must not lie inside each other: listeners could read what is kept there. Choose another \
             folder for one of them.",
            music.setting,
            music.path.display(),
            other.setting,
            other.path.display()
        ));
    }
    Ok(())
}

/// Where a path leads, also when its last parts are still to be made.
fn resolved(path: &Path) -> PathBuf {
    let mut real = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        if part == Component::ParentDir {
            real.pop();
        } else {
            real.push(part);
            real = real.canonicalize().unwrap_or(real);
        }
    }
    real
}

/// From now on, files that the program creates are accessible to its own user only.
pub fn make_files_private() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Removes other users' access to an existing data folder, and to the databases in it, which contain password hashes.
pub fn make_private(data: &Path) {
    let backups = data.join("backups");
    let databases =
        [data, backups.as_path()].into_iter().flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten());
    let databases = databases.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        path.is_file() && [".db", ".db-wal", ".db-shm"].iter().any(|ending| name.ends_with(ending))
    });
    // The databases first: the folder alone would hide them, but they may be copied elsewhere as they are.
    for path in databases.chain([data.to_owned()]).collect::<Vec<_>>() {
        match tighten(&path) {
            Ok(false) => {}
            Ok(true) => tracing::info!(path = %path.display(), "other users of this machine can no longer read it"),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "other users of this machine may be able to read it");
            }
        }
    }
}

/// What group and all others may do with a file.
const OTHERS: u32 = 0o077;

/// Answers whether something was changed.
fn tighten(path: &Path) -> io::Result<bool> {
    let mode = match fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode() & 0o7777,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let private = mode & !OTHERS;
    if mode == private {
        return Ok(false);
    }
    fs::set_permissions(path, fs::Permissions::from_mode(private))?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_inside_each_other_are_refused_whatever_they_are_called() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        fs::create_dir_all(at("music/sub")).unwrap();
        fs::create_dir_all(at("data")).unwrap();
        std::os::unix::fs::symlink(at("music/sub"), at("link")).unwrap();
        let refusal = |music: &str, data: &str| {
            refuse_overlap(Named::music(&at(music)), Named::data(&at(data))).err().unwrap_or_default()
        };
        for (music, data) in [
            ("music", "music"),
            ("music", "music/sub"),
            ("music", "music/sub/../new/er"),
            ("music", "music/new"),
            ("music/sub", "music"),
            ("music", "link/data"),
            ("link", "music"),
            ("music", "data/../music/."),
        ] {
            let refusal = refusal(music, data);
            assert!(refusal.contains("--music") && refusal.contains("--data"), "{music} {data}: {refusal}");
        }
        for (music, data) in [("music", "data"), ("music", "music-data"), ("music/sub", "music/data"), ("link", "data")]
        {
            assert_eq!(refusal(music, data), "", "{music} {data}");
        }
    }
}
