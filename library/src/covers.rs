//! Covers: of mixtapes, kept below DATA_ROOT/covers and named after their content, so that an address never changes its
//! picture; and of releases, found in the music folder and kept below DATA_ROOT/cache/covers, where everything may be
//! thrown away and made again. How pictures are sent is not known here.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use image::RgbImage;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use crate::{Error, Store};

mod composite;
mod decode;
mod embedded;
mod encode;
mod fallback;
mod generated;
mod preview;
mod print;
mod release;
mod sources;
mod titled;
mod unused;
mod upload;

pub use composite::MAX_GRID;
pub use encode::Encoding;
pub use preview::{PREVIEW_HEIGHT, PREVIEW_WIDTH};
pub use release::{Cover, Covers, ReleaseCover};
pub use titled::preview_version;

/// The largest picture that is read or kept, in bytes.
pub const MAX_BYTES: usize = 20_000_000;

/// The widest and highest cover of a release that is kept, in pixels.
const MAIN_SIDE: u32 = 800;

/// The widest and highest cover of a mixtape that is kept, in pixels (original-data.md, `cover`).
const MIXTAPE_SIDE: u32 = 1200;

/// Pictures that are worked on at once, in the whole process: this bounds the memory for it, see `decode`.
static WORKING: Semaphore = Semaphore::const_new(2);

/// A name made from content: 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Stem(String);

impl Stem {
    fn of(content: &[u8]) -> Self {
        Self::of_hash(Sha256::new_with_prefix(content))
    }

    fn of_hash(hash: Sha256) -> Self {
        Self(hex::encode(&hash.finalize()[..16]))
    }

    fn parse(text: &str) -> Option<Self> {
        let is_one = text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_one.then(|| Self(text.to_owned()))
    }
}

/// The pictures that are kept, by their first bytes: ending and MIME type.
const KINDS: [(&str, &str); 4] =
    [("jpg", "image/jpeg"), ("png", "image/png"), ("webp", "image/webp"), ("avif", "image/avif")];

/// The file ending that fits a picture's first bytes.
fn ending(picture: &[u8]) -> Option<&'static str> {
    match picture {
        [0xff, 0xd8, 0xff, ..] => Some("jpg"),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => Some("avif"),
        _ => None,
    }
}

/// The MIME type of a picture by its first bytes, if it is one that is kept.
pub(crate) fn mime_of(picture: &[u8]) -> Option<&'static str> {
    let ending = ending(picture)?;
    KINDS.iter().find(|(known, _)| *known == ending).map(|(_, mime)| *mime)
}

/// The MIME type of a kept cover by its file name; `None` for names that no cover has.
#[must_use]
pub fn mime_type(file_name: &str) -> Option<&'static str> {
    let (stem, ending) = file_name.split_once('.')?;
    Stem::parse(stem)?;
    KINDS.iter().find(|(known, _)| *known == ending).map(|(_, mime)| *mime)
}

impl Store {
    /// Keeps a picture as it is and answers its file name below `/covers/`. Keeping the same picture twice is one file.
    /// What comes from outside goes through [`Store::keep_upload`].
    ///
    /// # Errors
    /// [`Error::NotAPicture`] and [`Error::PictureTooLarge`] for what is refused, [`Error::File`] when it
    /// cannot be written.
    pub async fn keep_cover(&self, picture: &[u8]) -> Result<String, Error> {
        if picture.len() > MAX_BYTES {
            return Err(Error::PictureTooLarge);
        }
        let ending = ending(picture).ok_or(Error::NotAPicture)?;
        let name = format!("{}.{ending}", Stem::of(picture).0);
        let (target, picture) = (self.covers_folder().join(&name), picture.to_vec());
        let written = blocking(move || {
            // One that is there counts as new again, for it may be old and about to be removed.
            let renewed = std::fs::File::open(&target).and_then(|file| file.set_modified(SystemTime::now()));
            if renewed.is_ok() { Ok(()) } else { write_whole(&target, &picture).map_err(Error::file(&target)) }
        });
        written.await?.map(|()| name)
    }

    /// The path of a kept cover; `None` for names that no cover has, so nothing else can be reached.
    #[must_use]
    pub fn cover_path(&self, file_name: &str) -> Option<PathBuf> {
        mime_type(file_name).map(|_| self.covers_folder().join(file_name))
    }
}

/// A kept cover as upright pixels, at most `side` across and down. `None` for what cannot be read: whatever it was for
/// is made without it. Blocks.
#[must_use]
pub fn pixels(path: &Path, side: u32) -> Option<RgbImage> {
    let read = std::fs::read(path).map_err(|error| error.to_string());
    let picture = read.and_then(|bytes| decode::decode(&bytes, side).map_err(|error| error.to_string()));
    picture.inspect_err(|reason| tracing::warn!(path = %path.display(), reason, "a cover could not be read")).ok()
}

/// Runs something on a thread that may wait.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::WorkBroken)
}

/// Works on pictures on a thread that may wait, when it is its turn.
async fn worked_on<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    // Never closed.
    let place = WORKING.acquire().await.map_err(|_| Error::WorkBroken)?;
    let work = move || {
        // Also when whoever waits for it has gone.
        let _held = place;
        work()
    };
    blocking(work).await
}

/// Writes beside the target and renames, so that a half-written file is never seen.
fn write_whole(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = target.with_extension(format!("{:016x}.part", rand::random::<u64>()));
    let write = || {
        let mut file = std::fs::File::create_new(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, target)
    };
    write().inspect_err(|_| {
        // The error that matters is the first one.
        let _ = std::fs::remove_file(&beside);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cover_is_kept_once_under_the_name_of_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let picture = [0xff, 0xd8, 0xff, 0xe0, 1, 2, 3];
        let name = store.keep_cover(&picture).await.unwrap();
        assert_eq!(store.keep_cover(&picture).await.unwrap(), name);
        assert_eq!(mime_type(&name), Some("image/jpeg"));
        assert_eq!(std::fs::read(store.cover_path(&name).unwrap()).unwrap(), picture);
        assert_eq!(std::fs::read_dir(store.covers_folder()).unwrap().count(), 1);
        assert!(matches!(store.keep_cover(b"<svg onload=x>").await, Err(Error::NotAPicture)));
        assert!(matches!(store.keep_cover(&vec![0xff; MAX_BYTES + 1]).await, Err(Error::PictureTooLarge)));
    }

    #[test]
    fn only_names_of_covers_are_covers() {
        let stem = "0123456789abcdef0123456789abcdef";
        assert_eq!(mime_type(&format!("{stem}.png")), Some("image/png"));
        for name in ["x.jpg", "../mixtapes.db", &format!("{stem}.html"), &format!("{stem}.jpg.part"), stem, ""] {
            assert_eq!(mime_type(name), None, "{name}");
        }
    }
}
