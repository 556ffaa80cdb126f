//! Files of an archive that are made before it is sent: written one after the other to an unnamed file on the disk,
//! which is gone when its last reader is dropped. What is in them is not known here.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use crate::Error;

/// What was written so far.
pub(super) struct Spool {
    file: Arc<File>,
    length: u64,
    folder: std::path::PathBuf,
}

/// One of the files.
#[derive(Debug, Clone)]
pub(super) struct Part {
    file: Arc<File>,
    start: u64,
    size: u64,
}

impl Spool {
    /// Begins one on the disk of this folder.
    pub(super) async fn new(folder: &Path) -> Result<Self, Error> {
        let folder = folder.to_owned();
        let made = {
            let folder = folder.clone();
            tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await
        };
        let file = made.map_err(io::Error::other).and_then(|made| made).map_err(Error::file(&folder))?;
        Ok(Self { file: Arc::new(file), length: 0, folder })
    }

    /// Writes a file behind the others.
    pub(super) async fn write(&mut self, bytes: Vec<u8>) -> Result<Part, Error> {
        let part = Part { file: Arc::clone(&self.file), start: self.length, size: bytes.len() as u64 };
        let (file, start) = (Arc::clone(&self.file), self.length);
        let written = tokio::task::spawn_blocking(move || file.write_all_at(&bytes, start)).await;
        written.map_err(io::Error::other).and_then(|written| written).map_err(Error::file(&self.folder))?;
        self.length += part.size;
        Ok(part)
    }
}

impl Part {
    /// Its length in bytes.
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// The file on the disk, and where this one begins in it.
    pub(super) fn place(&self) -> (Arc<File>, u64) {
        (Arc::clone(&self.file), self.start)
    }
}
