//! Lists folders for one thread of the walk: which files in them are told, and which folders and links lead on.
//! Who lists what, and when, is decided by the walk.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, open, statat};

use super::folder::{FileState, Folder, Gathering};
use super::{Told, Walk, Walked, is_hidden};

/// The most files that are told as one; a folder with more is told in parts.
const MAX_FILES: usize = 1000;

/// What one thread has found.
pub(super) struct Listing<'a> {
    walk: &'a Walk<'a>,
    /// To be told, and how many files that is.
    folders: Vec<Folder>,
    pub(super) gathered: usize,
    /// The folder that is being listed, with what is in it.
    folder: PathBuf,
    files: Gathering,
    inner: Vec<PathBuf>,
    links: Vec<PathBuf>,
    /// Its files are all that a scan can find in it.
    is_whole: bool,
}

impl<'a> Listing<'a> {
    pub(super) fn of(walk: &'a Walk<'a>, folder: &Path) -> Self {
        Self {
            walk,
            folders: Vec::new(),
            gathered: 0,
            folder: folder.to_owned(),
            files: Gathering::default(),
            inner: Vec::new(),
            links: Vec::new(),
            is_whole: true,
        }
    }

    /// Everything in a folder.
    pub(super) fn list(&mut self, folder: PathBuf) -> Told {
        self.folder = folder;
        self.is_whole = true;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match open(self.walk.root.join(&self.folder), flags, Mode::empty()).and_then(Dir::new) {
            Ok(dir) => self.entries(dir)?,
            Err(error) => self.unseen(&self.folder.clone(), &error.into())?,
        }
        self.finish();
        Ok(())
    }

    /// What a walk begins with, which may be one file of a folder.
    pub(super) fn start(&mut self, name: &OsStr, metadata: &Metadata) -> Told {
        self.is_whole = false;
        let kind = FileType::from_raw_mode(metadata.mode());
        self.visit(name, kind, || Ok(state_of(metadata)))?;
        self.finish();
        Ok(())
    }

    /// A link to a file that is found nowhere else.
    pub(super) fn link(&mut self, name: &OsStr, metadata: &Metadata) -> Told {
        self.is_whole = false;
        self.file(name, || Ok(state_of(metadata)))?;
        self.finish();
        Ok(())
    }

    fn entries(&mut self, mut dir: Dir) -> Told {
        while let Some(entry) = dir.read() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.unseen(&self.folder.clone(), &error.into())?;
                    break;
                }
            };
            let name = entry.file_name();
            // This and the folder above are among them.
            if is_hidden(name.to_bytes()) {
                continue;
            }
            let stat = || -> io::Result<Stat> { Ok(statat(dir.fd()?, name, AtFlags::SYMLINK_NOFOLLOW)?) };
            let name = OsStr::from_bytes(name.to_bytes());
            let mut kind = entry.file_type();
            // Not every file system tells it here.
            if kind == FileType::Unknown {
                match stat() {
                    Ok(stat) => kind = FileType::from_raw_mode(stat.st_mode),
                    Err(error) => {
                        self.unseen(&self.folder.join(name), &error)?;
                        continue;
                    }
                }
            }
            self.visit(name, kind, || Ok(FileState::of(&stat()?)))?;
        }
        Ok(())
    }

    fn visit(&mut self, name: &OsStr, kind: FileType, state: impl FnOnce() -> io::Result<FileState>) -> Told {
        match kind {
            FileType::Symlink => {
                self.links.push(self.folder.join(name));
                // What a link leads to may change without a change here.
                self.is_whole = false;
                Ok(())
            }
            FileType::Directory if name.to_str().is_some() => {
                self.inner.push(self.folder.join(name));
                Ok(())
            }
            FileType::Directory => self.walk.problem(
                &self.folder.join(name),
                "The name of this folder is not UTF-8, so nothing in it can be played.",
            ),
            FileType::RegularFile if audio::format::has_audio_ending(Path::new(name)) => self.file(name, state),
            _ => Ok(()),
        }
    }

    fn file(&mut self, name: &OsStr, state: impl FnOnce() -> io::Result<FileState>) -> Told {
        let state = match state() {
            Ok(state) => state,
            Err(error) => return self.unseen(&self.folder.join(name), &error),
        };
        let Some(name) = name.to_str() else {
            let path = self.folder.join(name);
            return self.walk.problem(&path, "The name of this file is not UTF-8, so it cannot be played.");
        };
        self.files.add(name, state);
        if self.files.len() < MAX_FILES {
            return Ok(());
        }
        self.is_whole = false;
        self.gather();
        self.tell()
    }

    fn unseen(&mut self, path: &Path, error: &io::Error) -> Told {
        self.is_whole = false;
        self.walk.unseen(path, error)
    }

    /// The end of a folder.
    fn finish(&mut self) {
        self.gather();
        if !self.inner.is_empty() || !self.links.is_empty() {
            let mut pending = self.walk.lock();
            pending.folders.append(&mut self.inner);
            pending.links.append(&mut self.links);
        }
    }

    fn gather(&mut self) {
        if self.files.len() > 0 {
            self.gathered += self.files.len();
            let path = self.folder.to_string_lossy().into_owned();
            self.folders.push(self.files.take(path, self.is_whole));
        }
    }

    pub(super) fn tell(&mut self) -> Told {
        self.gathered = 0;
        let folders = std::mem::take(&mut self.folders);
        if folders.is_empty() { Ok(()) } else { self.walk.tell(Walked::Folders(folders)) }
    }
}

fn state_of(metadata: &Metadata) -> FileState {
    FileState {
        size: metadata.len().cast_signed(),
        modified_ns: metadata.mtime().saturating_mul(1_000_000_000).saturating_add(metadata.mtime_nsec()),
        inode: metadata.ino().cast_signed(),
    }
}
