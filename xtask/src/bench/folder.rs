//! The temporary folder of a bench: music for the contestants, and room for each of them.
//! What music there is, and what becomes of it, is for the bench to say.

use std::fs;
use std::io;
use std::path::PathBuf;

/// The folder; it is removed when this is dropped.
pub(super) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Makes it, with no music in it.
    pub(super) fn create() -> io::Result<Self> {
        let root = std::env::temp_dir().join(format!("ferric-bench-{}", std::process::id()));
        // From here on whatever has been made is removed on the way out.
        let folder = Self { root };
        fs::create_dir_all(folder.music())?;
        Ok(folder)
    }

    /// The music folder that all contestants read.
    pub(super) fn music(&self) -> PathBuf {
        self.root.join("music")
    }

    /// Makes an empty folder for one contestant.
    pub(super) fn room(&self, name: &str) -> io::Result<PathBuf> {
        let room = self.root.join(name);
        fs::create_dir(&room)?;
        Ok(room)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.root) {
            eprintln!("{} is left behind: {error}", self.root.display());
        }
    }
}
