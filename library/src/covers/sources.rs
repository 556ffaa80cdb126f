//! Where the cover of a release may come from, the best first: pictures inside its files, then picture files beside
//! them. Which of them can be read is found out by `release`.

use std::ffi::OsString;
use std::fs::Metadata;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use audio::{MusicRoot, RelativePath, Source as _};
use sha2::{Digest, Sha256};

use super::embedded::{self, Wanted};
use super::{MAX_BYTES, Stem};
use crate::scan::path_names::disc_number;

/// Raised when pictures are found or made in another way, so that those that were kept are not used again.
const VERSION: u8 = 1;

/// Files with a picture inside that are tried; a release has one cover, not one a track.
pub(super) const MAX_TRACKS: u32 = 8;

/// Picture files that are tried.
const MAX_IMAGES: usize = 8;

/// The endings of picture files, those that are tried first in front.
const ENDINGS: [&str; 6] = ["jpg", "jpeg", "png", "webp", "gif", "bmp"];

/// The names of picture files without their endings, those that are tried first in front.
const NAMES: [&str; 9] =
    ["cover", "front", "folder", "album", "albumart", "artwork", "albumartlarge", "albumartsmall", "thumb"];

/// A file with a picture inside, as the index knows it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct ArtTrack {
    pub(super) path: String,
    size: i64,
    modified_ns: i64,
}

/// A place where a cover may be.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// Inside an audio file.
    Inside(String, Wanted),
    /// A picture file, given from the music folder on.
    Beside(PathBuf),
}

impl Source {
    /// The picture's bytes; none when there is no picture any more, or it is too large to be one.
    pub(super) fn read(&self, music: &MusicRoot) -> Result<Option<Vec<u8>>, String> {
        match self {
            Self::Inside(path, wanted) => embedded::read(music, path, *wanted),
            Self::Beside(path) => {
                let path = RelativePath::parse(path.clone().into_os_string().into_vec());
                let file = path.and_then(|path| music.open(&path)).map_err(|error| error.to_string())?;
                let len = usize::try_from(file.len()).unwrap_or(usize::MAX);
                if len > MAX_BYTES {
                    return Err(super::decode::Unreadable::TooManyBytes.to_string());
                }
                let mut bytes = vec![0; len];
                let read = file.read_at(&mut bytes, 0).map_err(|error| error.to_string())?;
                bytes.truncate(read);
                Ok(Some(bytes))
            }
        }
    }

    /// Where it is, for the log.
    pub(super) fn place(&self) -> &Path {
        match self {
            Self::Inside(path, _) => Path::new(path),
            Self::Beside(path) => path,
        }
    }
}

/// All places for one release.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) places: Vec<Source>,
    /// Another one for every change of one of the files.
    pub(super) state: Stem,
}

/// Looks for the places of a release: the folder is listed, and no file is opened.
pub(super) fn find(music: &MusicRoot, folder: &str, tracks: &[ArtTrack]) -> Sources {
    let images = images(music.path(), Path::new(folder));
    let mut state = Sha256::new_with_prefix([VERSION]);
    for track in tracks {
        note(&mut state, track.path.as_bytes(), track.size, i128::from(track.modified_ns));
    }
    state.update([0]);
    for (path, metadata) in &images {
        let modified = i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec());
        note(&mut state, path.as_os_str().as_encoded_bytes(), metadata.size().cast_signed(), modified);
    }
    let inside = |wanted| tracks.iter().map(move |track| Source::Inside(track.path.clone(), wanted));
    let beside = images.into_iter().map(|(path, _)| Source::Beside(path));
    let places = inside(Wanted::Front).chain(beside).chain(inside(Wanted::Any)).collect();
    Sources { places, state: Stem::of_hash(state) }
}

fn note(state: &mut Sha256, path: &[u8], size: i64, modified_ns: i128) {
    state.update(path.len().to_le_bytes());
    state.update(path);
    state.update(size.to_le_bytes());
    state.update(modified_ns.to_le_bytes());
}

/// The picture files for a folder, the best first: those with usual names in it, those in the folder above if it is
/// that of one disc of several, and one with another name if that is the only one.
fn images(root: &Path, folder: &Path) -> Vec<(PathBuf, Metadata)> {
    let own = listed(root, folder);
    let is_disc = folder.file_name().and_then(|name| name.to_str()).is_some_and(|name| disc_number(name).is_some());
    let above = folder.parent().filter(|_| is_disc).map(|above| listed(root, above)).unwrap_or_default();
    let mut found = ranked(&own);
    found.extend(ranked(&above));
    if let [only] = own.as_slice()
        && found.is_empty()
    {
        found.push(only.clone());
    }
    found.truncate(MAX_IMAGES);
    let with_metadata =
        |path: PathBuf| Some((path.clone(), root.join(&path).metadata().ok().filter(Metadata::is_file)?));
    found.into_iter().filter_map(with_metadata).collect()
}

/// The names of the picture files in a folder, with the folder before them.
fn listed(root: &Path, folder: &Path) -> Vec<PathBuf> {
    let list = || -> io::Result<Vec<OsString>> {
        root.join(folder).read_dir()?.map(|entry| entry.map(|entry| entry.file_name())).collect()
    };
    let names = list().unwrap_or_default();
    let mut names: Vec<_> = names.into_iter().filter(|name| ending(Path::new(name)).is_some()).collect();
    names.sort_unstable();
    names.into_iter().map(|name| folder.join(name)).collect()
}

/// Those with usual names, the best first.
fn ranked(images: &[PathBuf]) -> Vec<PathBuf> {
    let mut ranked: Vec<_> = images.iter().filter_map(|path| Some((rank(path)?, path))).collect();
    ranked.sort();
    ranked.into_iter().map(|(_, path)| path.clone()).collect()
}

/// Where a picture file stands among others by its name; `None` for names that tell nothing, or of something else.
fn rank(path: &Path) -> Option<(usize, usize)> {
    let ending = ending(path)?;
    let stem = path.file_stem()?.to_string_lossy().to_lowercase();
    let letters: String = stem.chars().filter(|sign| sign.is_alphanumeric()).collect();
    let name = NAMES.iter().position(|name| *name == letters).or_else(|| {
        // `Artist - Album (front)`, `cover_large`, `AlbumArt_{…}_Large`.
        let has = |word: &str| stem.contains(word);
        let is_other = has("back") || has("inside") || has("inlay") || has("disc");
        ((has("front") || has("cover") || has("albumart")) && !is_other).then_some(NAMES.len())
    })?;
    Some((name, ending))
}

/// Which ending of a picture the name has. Hidden files are none: other systems leave `._cover.jpg` behind.
fn ending(name: &Path) -> Option<usize> {
    let is_hidden = name.file_name()?.as_encoded_bytes().starts_with(b".");
    let extension = name.extension()?.to_str()?.to_ascii_lowercase();
    ENDINGS.iter().position(|ending| !is_hidden && *ending == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[&str], folder: &str) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let images = images(root.path(), Path::new(folder));
        images.into_iter().map(|(path, _)| path.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn usual_names_come_first_however_they_are_written() {
        let files = ["a/back.jpg", "a/Folder.JPG", "a/COVER.png", "a/Cover.jpeg", "a/01.mp3", "a/._cover.jpg"];
        assert_eq!(found(&files, "a"), ["a/Cover.jpeg", "a/COVER.png", "a/Folder.JPG"]);
        let files =
            ["AlbumArt_{1F}_Large.jpg", "Artist - Album (Front).png", "scan-back-cover.jpg", "AlbumArtSmall.jpg"];
        assert_eq!(found(&files, ""), ["AlbumArtSmall.jpg", "AlbumArt_{1F}_Large.jpg", "Artist - Album (Front).png"]);
    }

    #[test]
    fn a_disc_has_the_cover_of_the_folder_above_and_other_folders_do_not() {
        let files = ["a/cover.jpg", "a/odd.jpg", "a/CD1/x.mp3", "a/disc 2/front.png", "a/Bonus/x.mp3"];
        assert_eq!(found(&files, "a/CD1"), ["a/cover.jpg"]);
        assert_eq!(found(&files, "a/disc 2"), ["a/disc 2/front.png", "a/cover.jpg"]);
        assert!(found(&files, "a/Bonus").is_empty());
    }

    #[test]
    fn one_picture_with_any_name_is_the_cover_and_two_are_none() {
        assert_eq!(found(&["a/IMG_1234.png", "a/x.mp3"], "a"), ["a/IMG_1234.png"]);
        assert!(found(&["a/IMG_1.png", "a/IMG_2.png"], "a").is_empty());
        assert!(found(&["a/x.txt"], "a").is_empty() && found(&[], "nothing").is_empty());
    }
}
