//! Lists folders for one thread of the walk: which files in them are told, and which folders and links lead on.
//! Who lists what, and when, is decided by the walk.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, open, statat};

use super::folder::{FileState, Folder, FolderState, Gathering};
use super::known::{KnownFolder, KnownFolders, is_settled};
use super::{Same, Told, Walk, Walked, is_hidden};

/// The most files that are told as one; a folder with more is told in parts.
const MAX_FILES: usize = 1000;

/// What one thread has found.
pub(super) struct Listing<'a> {
    walk: &'a Walk<'a>,
    known: Option<KnownFolders>,
    /// To be told, and how many files and folders that is.
    folders: Vec<Folder>,
    same: Vec<Same>,
    pub(super) gathered: usize,
    /// The folder that is being listed, with what is in it.
    folder: PathBuf,
    files: Gathering,
    inner: Vec<PathBuf>,
    links: Vec<PathBuf>,
    /// Its files are all that a scan can find in it.
    is_whole: bool,
    /// When the names in it have changed, if these are kept for the next scan.
    changed_ns: Option<i64>,
}

impl<'a> Listing<'a> {
    pub(super) fn of(walk: &'a Walk<'a>, folder: &Path) -> Self {
        Self {
            walk,
            known: None,
            folders: Vec::new(),
            same: Vec::new(),
            gathered: 0,
            folder: folder.to_owned(),
            files: Gathering::default(),
            inner: Vec::new(),
            links: Vec::new(),
            is_whole: true,
            changed_ns: None,
        }
    }

    /// Lists folders with the help of what is known of them.
    pub(super) fn with(walk: &'a Walk<'a>, known: Option<KnownFolders>) -> Self {
        Self { known, ..Self::of(walk, Path::new("")) }
    }

    /// Everything in a folder.
    pub(super) fn list(&mut self, folder: PathBuf) -> Told {
        let known = self.known.as_mut().zip(folder.to_str()).and_then(|(known, folder)| known.get(folder));
        let path = self.walk.root.join(&folder);
        self.folder = folder;
        self.is_whole = true;
        self.changed_ns = None;
        if !known.as_ref().is_some_and(|known| self.recall(&path, known)) {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let opened = open(&path, flags, Mode::empty()).and_then(|fd| {
                let clock = self.walk.clock;
                // Asked for before the names are, for these may change in between.
                self.changed_ns =
                    clock.and_then(|clock| clock.changed_ns(&fstat(&fd).ok()?)).filter(|ns| is_settled(*ns));
                Dir::new(fd)
            });
            match opened {
                Ok(dir) => self.entries(dir)?,
                Err(error) => self.unseen(&self.folder.clone(), &error.into())?,
            }
        }
        self.finish(known.as_ref());
        Ok(())
    }

    /// Looks only at the files of a folder in which the names are the same as before. Answers whether they are.
    fn recall(&mut self, path: &Path, known: &KnownFolder) -> bool {
        let (Some(clock), Some(listed)) = (self.walk.clock, &known.listed) else { return false };
        let Ok(dir) = open(path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()) else {
            return false;
        };
        let changed_ns = fstat(&dir).ok().and_then(|folder| clock.changed_ns(&folder));
        if changed_ns != Some(listed.changed_ns) {
            return false;
        }
        for name in listed.files() {
            match statat(&dir, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(file) if FileType::from_raw_mode(file.st_mode) == FileType::RegularFile => {
                    self.files.add(name, Some(FileState::of(&file)));
                }
                // It has gone just now.
                _ => {
                    self.files.clear();
                    return false;
                }
            }
        }
        self.inner.extend(listed.folders().map(|name| self.folder.join(name)));
        self.changed_ns = changed_ns;
        true
    }

    /// What a walk begins with, which may be one file of a folder.
    pub(super) fn start(&mut self, name: &OsStr, metadata: &Metadata) -> Told {
        self.is_whole = false;
        let kind = FileType::from_raw_mode(metadata.mode());
        self.visit(name, kind, || Ok(Some(state_of(metadata))))?;
        self.finish(None);
        Ok(())
    }

    /// A link to a file that is found nowhere else.
    pub(super) fn link(&mut self, name: &OsStr, metadata: &Metadata) -> Told {
        self.is_whole = false;
        self.file(name, || Ok(Some(state_of(metadata))))?;
        self.finish(None);
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
            let state = || if self.walk.before.is_some() { Ok(Some(FileState::of(&stat()?))) } else { Ok(None) };
            self.visit(name, kind, state)?;
        }
        Ok(())
    }

    fn visit(&mut self, name: &OsStr, kind: FileType, state: impl FnOnce() -> io::Result<Option<FileState>>) -> Told {
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
            FileType::Directory => {
                self.is_whole = false;
                self.walk.problem(
                    &self.folder.join(name),
                    "The name of this folder is not UTF-8, so nothing in it can be played.",
                )
            }
            FileType::RegularFile if audio::format::has_audio_ending(Path::new(name)) => self.file(name, state),
            _ => Ok(()),
        }
    }

    fn file(&mut self, name: &OsStr, state: impl FnOnce() -> io::Result<Option<FileState>>) -> Told {
        let state = match state() {
            Ok(state) => state,
            Err(error) => return self.unseen(&self.folder.join(name), &error),
        };
        let Some(name) = name.to_str() else {
            self.is_whole = false;
            let path = self.folder.join(name);
            return self.walk.problem(&path, "The name of this file is not UTF-8, so it cannot be played.");
        };
        self.files.add(name, state);
        if self.files.len() < MAX_FILES {
            return Ok(());
        }
        self.is_whole = false;
        self.gather(None);
        self.tell()
    }

    fn unseen(&mut self, path: &Path, error: &io::Error) -> Told {
        self.is_whole = false;
        self.walk.unseen(path, error)
    }

    /// The end of a folder.
    fn finish(&mut self, known: Option<&KnownFolder>) {
        self.gather(known);
        if !self.inner.is_empty() || !self.links.is_empty() {
            let mut pending = self.walk.lock();
            pending.folders.append(&mut self.inner);
            pending.links.append(&mut self.links);
        }
    }

    fn gather(&mut self, known: Option<&KnownFolder>) {
        let files = self.files.len();
        // A folder without files is told only so that it need not be listed again.
        if files == 0 && (self.changed_ns.is_none() || !self.is_whole) {
            return;
        }
        self.files.sort();
        let sum = if self.is_whole { self.files.sum() } else { None };
        let known = known.filter(|known| sum == Some(known.sum));
        let known_ns = known.and_then(|known| known.listed.as_ref()).map(|listed| listed.changed_ns);
        let listed = self.changed_ns.filter(|ns| known_ns != Some(*ns));
        let listed = listed.map(|ns| self.files.listed(names(&self.inner), ns));
        if files == 0 && known.is_some() && listed.is_none() {
            return;
        }
        self.gathered += files + 1;
        let path = || self.folder.to_string_lossy().into_owned();
        if let Some(known) = known {
            let listed = listed.map(|listed| (path(), listed));
            self.same.push(Same { release_id: known.release_id, files, listed });
            self.files.clear();
        } else {
            let state = self.is_whole.then_some(FolderState { sum, listed });
            self.folders.push(self.files.take(path(), state));
        }
    }

    pub(super) fn tell(&mut self) -> Told {
        self.gathered = 0;
        let (folders, same) = (std::mem::take(&mut self.folders), std::mem::take(&mut self.same));
        if !same.is_empty() {
            self.walk.tell(Walked::Same(same))?;
        }
        if folders.is_empty() { Ok(()) } else { self.walk.tell(Walked::Folders(folders)) }
    }
}

/// The names of folders, which are UTF-8.
fn names(folders: &[PathBuf]) -> impl Iterator<Item = &str> {
    folders.iter().filter_map(|folder| folder.file_name()?.to_str())
}

fn state_of(metadata: &Metadata) -> FileState {
    let modified_ns = i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec());
    FileState::new(metadata.len(), modified_ns, metadata.ino())
}
