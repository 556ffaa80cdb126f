//! The music root: turns a path that a stranger sent into an open file, and never leaves the root.
//! Percent-decoding and status codes are for the caller; what the bytes mean is for the decoders.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{Mode, OFlags};

use crate::source::{read_file_at, read_file_now};
use crate::{Error, Source};

/// A path below the music root whose text does not lead out of it. Links may still do so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelativePath {
    path: PathBuf,
    /// Names only, one slash between each: without links on the way this is where the file is.
    is_plain: bool,
    is_hidden: bool,
}

impl RelativePath {
    /// Checks a decoded path. Any byte but NUL is a legal part of a file name on Unix.
    ///
    /// # Errors
    /// [`Error::MalformedPath`] for a NUL byte, [`Error::OutsideRoot`] for an absolute path or one whose `..` climb
    /// above the root, even if they come back.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Error> {
        if bytes.contains(&0) {
            return Err(Error::MalformedPath);
        }
        if bytes.starts_with(b"/") {
            return Err(Error::OutsideRoot);
        }
        let (mut depth, mut is_plain, mut is_hidden) = (0_usize, true, false);
        for part in bytes.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." => depth = depth.checked_sub(1).ok_or(Error::OutsideRoot)?,
                _ => depth += 1,
            }
            let is_name = !matches!(part, b"" | b"." | b"..");
            is_plain &= is_name;
            is_hidden |= is_name && part.starts_with(b".");
        }
        Ok(Self { path: PathBuf::from(OsString::from_vec(bytes)), is_plain, is_hidden })
    }

    /// The path as the system sees it.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        &self.path
    }

    /// The file's name, the last component.
    #[must_use]
    pub fn file_name(&self) -> &OsStr {
        self.path.file_name().unwrap_or_default()
    }

    /// A name with a dot at its start is another program's, and a trailing slash, which `Path` drops, asks for a
    /// folder.
    fn names_no_file(&self) -> bool {
        let bytes = self.path.as_os_str().as_bytes();
        self.is_hidden || bytes.is_empty() || bytes.ends_with(b"/")
    }
}

/// What tells one state of a file from another: which file it is, and when and how long it last was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileId {
    /// Device number.
    pub device: u64,
    /// Inode number.
    pub inode: u64,
    /// Length in bytes.
    pub len: u64,
    /// Last modification, nanoseconds since 1970; negative before.
    pub modified_ns: i128,
}

impl FileId {
    fn of(metadata: &Metadata) -> Self {
        let modified_ns = i128::from(metadata.mtime()) * 1_000_000_000 + i128::from(metadata.mtime_nsec());
        Self { device: metadata.dev(), inode: metadata.ino(), len: metadata.len(), modified_ns }
    }
}

/// An open regular file below the music root.
#[derive(Debug)]
pub struct AudioFile {
    file: File,
    id: FileId,
    /// When its content, name or attributes last changed, as the system notes by itself: taggers may set the time of
    /// modification back.
    changed: (i64, i64),
    path: PathBuf,
}

impl AudioFile {
    fn new(fd: OwnedFd, path: PathBuf) -> Result<Self, Error> {
        let file = File::from(fd);
        let metadata = file.metadata().map_err(Error::Io)?;
        if !metadata.is_file() {
            return Err(Error::NotFound);
        }
        Ok(Self { file, id: FileId::of(&metadata), changed: (metadata.ctime(), metadata.ctime_nsec()), path })
    }

    /// Which state of which file this is.
    #[must_use]
    pub const fn id(&self) -> FileId {
        self.id
    }

    /// Where it is: absolute, with every link on the way followed.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// When it was last modified.
    #[must_use]
    pub fn modified(&self) -> SystemTime {
        let ns = self.id.modified_ns;
        let seconds = u64::try_from(ns.unsigned_abs() / 1_000_000_000).unwrap_or(0);
        let nanos = u32::try_from(ns.unsigned_abs() % 1_000_000_000).unwrap_or(0);
        let since = Duration::new(seconds, nanos);
        let time =
            if ns < 0 { SystemTime::UNIX_EPOCH.checked_sub(since) } else { SystemTime::UNIX_EPOCH.checked_add(since) };
        time.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// A second handle on the same open file, for a reader that needs one of its own.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub fn try_clone_file(&self) -> io::Result<File> {
        self.file.try_clone()
    }
}

impl Source for AudioFile {
    fn len(&self) -> u64 {
        self.id.len
    }

    fn is_unchanged(&self) -> bool {
        let is_same = |metadata: Metadata| {
            FileId::of(&metadata) == self.id && (metadata.ctime(), metadata.ctime_nsec()) == self.changed
        };
        self.file.metadata().is_ok_and(is_same)
    }

    fn as_file(&self) -> Option<&AudioFile> {
        Some(self)
    }

    fn read_now(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        read_file_now(&self.file, buffer, offset)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        read_file_at(&self.file, buffer, offset)
    }
}

/// The folder below which all music lies. It is opened anew for every file: one that is kept open would hide a disk
/// that is mounted there later, and keep an old one from being unmounted.
#[derive(Debug)]
pub struct MusicRoot {
    /// Canonical.
    path: PathBuf,
}

/// Opening a pipe or a device must not wait for its other end.
const OPEN_FLAGS: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// A folder that is only a place from which others are opened.
#[cfg(target_os = "linux")]
const FOLDER_FLAGS: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
const FOLDER_FLAGS: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl MusicRoot {
    /// Finds the root itself.
    ///
    /// # Errors
    /// [`Error::Root`] when the folder is not there, is not a folder or may not be read.
    pub fn new(path: &Path) -> Result<Self, Error> {
        let path = path.canonicalize().map_err(Error::Root)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        rustix::fs::open(&path, flags, Mode::empty()).map_err(|error| Error::Root(error.into()))?;
        Ok(Self { path })
    }

    /// The one path below the root that stands for all paths by which an open file can be asked for: where the asked
    /// one goes up, or stays on the spot, it is where the file is.
    #[must_use]
    pub fn plain_path<'a>(&self, asked: &'a RelativePath, file: &'a AudioFile) -> Option<&'a Path> {
        if asked.is_plain { Some(asked.as_path()) } else { file.path().strip_prefix(&self.path).ok() }
    }

    /// The canonical path of the root.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a file if that needs no disk access, because the kernel remembers every folder on the way.
    /// `None`: call [`MusicRoot::open`] on a thread that may wait.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn open_now(&self, path: &RelativePath) -> Option<Result<AudioFile, Error>> {
        use rustix::fs::ResolveFlags;
        if path.names_no_file() {
            return Some(Err(Error::NotFound));
        }
        // Without links and dots the path needs no resolving; the others take the longer way.
        let fd = path
            .is_plain
            .then(|| self.open_beneath(path.as_path(), ResolveFlags::CACHED | ResolveFlags::NO_SYMLINKS).ok())??;
        Some(AudioFile::new(fd, self.path.join(path.as_path())))
    }

    /// Opens a file if that needs no disk access; this system cannot tell, so never.
    #[cfg(not(target_os = "linux"))]
    #[must_use]
    pub fn open_now(&self, _: &RelativePath) -> Option<Result<AudioFile, Error>> {
        None
    }

    /// Opens a file, waiting for the disk where needed. A link is followed as long as it stays inside.
    ///
    /// # Errors
    /// [`Error::OutsideRoot`] when a link leaves the root, [`Error::NotFound`] for a missing file, for whatever is
    /// not a regular file and for paths with a name that begins with a dot, [`Error::Io`] for the rest.
    pub fn open(&self, path: &RelativePath) -> Result<AudioFile, Error> {
        if path.names_no_file() {
            return Err(Error::NotFound);
        }
        let requested = self.path.join(path.as_path());
        let resolved = match requested.canonicalize().map_err(not_found_or_io) {
            // Whether anything is there must not be told of places outside.
            Err(Error::NotFound) if leads_to(&requested).is_some_and(|place| !place.starts_with(&self.path)) => {
                return Err(Error::OutsideRoot);
            }
            resolved => resolved?,
        };
        let inside = resolved.strip_prefix(&self.path).map_err(|_| Error::OutsideRoot)?;
        let fd = self.open_resolved(inside)?;
        AudioFile::new(fd, resolved)
    }

    /// A link put on the way after the check above must not lead out either, so the kernel checks again.
    #[cfg(target_os = "linux")]
    fn open_resolved(&self, inside: &Path) -> Result<OwnedFd, Error> {
        use rustix::fs::ResolveFlags;
        use rustix::io::Errno;
        match self.open_beneath(inside, ResolveFlags::empty()) {
            Err(Errno::XDEV) => Err(Error::OutsideRoot),
            // Kernels before 5.6 and some sandboxes do not know the call.
            Err(Errno::NOSYS | Errno::PERM | Errno::AGAIN) => self.open_plain(inside),
            result => result.map_err(|error| not_found_or_io(error.into())),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn open_resolved(&self, inside: &Path) -> Result<OwnedFd, Error> {
        self.open_plain(inside)
    }

    /// Opens a path that has no links, one folder after the other, so that none that was put there meanwhile is
    /// followed.
    fn open_plain(&self, inside: &Path) -> Result<OwnedFd, Error> {
        let open = || {
            let mut place = rustix::fs::open(&self.path, FOLDER_FLAGS | OFlags::NOFOLLOW, Mode::empty())?;
            for folder in inside.parent().into_iter().flatten() {
                place = rustix::fs::openat(&place, folder, FOLDER_FLAGS | OFlags::NOFOLLOW, Mode::empty())?;
            }
            let name = inside.file_name().unwrap_or_else(|| OsStr::new("."));
            rustix::fs::openat(&place, name, OPEN_FLAGS | OFlags::NOFOLLOW, Mode::empty())
        };
        open().map_err(|error: rustix::io::Errno| not_found_or_io(error.into()))
    }

    #[cfg(target_os = "linux")]
    fn open_beneath(&self, path: &Path, more: rustix::fs::ResolveFlags) -> rustix::io::Result<OwnedFd> {
        use rustix::fs::ResolveFlags;
        // The path of the root leads through no links, so that what holds below it holds for it.
        let folder = rustix::fs::openat2(rustix::fs::CWD, &self.path, FOLDER_FLAGS, Mode::empty(), more)?;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | more;
        rustix::fs::openat2(&folder, path, OPEN_FLAGS, Mode::empty(), resolve)
    }
}

/// The place that a path stands for although nothing is there; `None` when its links go round in a ring.
fn leads_to(path: &Path) -> Option<PathBuf> {
    /// As many as Linux follows.
    const MAX_LINKS: usize = 40;
    let mut links = 0;
    let mut place = PathBuf::new();
    let mut ahead: Vec<PathBuf> = vec![path.to_owned()];
    while let Some(rest) = ahead.pop() {
        let mut components = rest.components();
        let Some(component) = components.next() else { continue };
        ahead.push(components.as_path().to_owned());
        match component {
            Component::RootDir | Component::Prefix(_) => place = PathBuf::from("/"),
            Component::CurDir => {}
            Component::ParentDir => {
                place.pop();
            }
            Component::Normal(name) => match place.join(name).read_link() {
                Ok(target) => {
                    links += 1;
                    if links > MAX_LINKS {
                        return None;
                    }
                    ahead.push(target);
                }
                Err(_) => place.push(name),
            },
        }
    }
    Some(place)
}

/// Names that are too long, loops of links, files used as folders and sockets are all "not there".
fn not_found_or_io(error: io::Error) -> Error {
    use rustix::io::Errno;
    match Errno::from_io_error(&error) {
        Some(Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG | Errno::LOOP | Errno::NXIO | Errno::NODEV) => {
            Error::NotFound
        }
        _ => Error::Io(error),
    }
}

#[cfg(test)]
mod tests;
