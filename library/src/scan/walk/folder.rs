//! The files of one folder, as the walk tells them: a few allocations for a whole folder, for most are compared with what
//! is known as a whole and forgotten.

use rustix::fs::Stat;
use sha2::{Digest, Sha256};

/// A file with the ending of an audio file, and the state in which it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scan) struct Found {
    /// Relative to the root.
    pub(in crate::scan) path: String,
    pub(in crate::scan) size: i64,
    pub(in crate::scan) modified_ns: i64,
    pub(in crate::scan) inode: i64,
}

/// What tells one state of a file from another; the numbers are only compared, so that those beyond the range of the
/// database may wrap around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileState {
    pub(super) size: i64,
    pub(super) modified_ns: i64,
    pub(super) inode: i64,
}

impl FileState {
    #[allow(clippy::unnecessary_cast, reason = "the types of these fields differ between systems")]
    pub(super) fn of(stat: &Stat) -> Self {
        let nanoseconds = i64::try_from(stat.st_mtime_nsec).unwrap_or_default();
        let modified_ns = (stat.st_mtime as i64).saturating_mul(1_000_000_000).saturating_add(nanoseconds);
        Self { size: stat.st_size as i64, modified_ns, inode: (stat.st_ino as u64).cast_signed() }
    }
}

/// Files of one folder.
#[derive(Debug)]
pub(in crate::scan) struct Folder {
    /// Relative to the root.
    pub(in crate::scan) path: String,
    /// What all files of the folder and their states come down to. None where these are not all, or where the folder
    /// has links, for what they lead to does not lie here.
    pub(in crate::scan) state: Option<String>,
    /// One name after the other.
    names: String,
    /// In the order of their names: where each begins and ends, and the state of its file.
    files: Vec<(usize, usize, FileState)>,
}

impl Folder {
    /// Of how many files it tells.
    pub(in crate::scan) const fn len(&self) -> usize {
        self.files.len()
    }

    /// The files in the order of their names.
    pub(in crate::scan) fn found(&self) -> impl Iterator<Item = Found> {
        let Self { path, names, files, .. } = self;
        files.iter().map(move |&(start, end, FileState { size, modified_ns, inode })| {
            let name = &names[start..end];
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            Found { path, size, modified_ns, inode }
        })
    }
}

/// Files of a folder that are being gathered.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    names: String,
    files: Vec<(usize, usize, FileState)>,
}

impl Gathering {
    pub(super) const fn len(&self) -> usize {
        self.files.len()
    }

    pub(super) fn add(&mut self, name: &str, state: FileState) {
        let start = self.names.len();
        self.names.push_str(name);
        self.files.push((start, self.names.len(), state));
    }

    /// What was gathered, and nothing is left; `is_whole` says that it is all that is in the folder.
    pub(super) fn take(&mut self, path: String, is_whole: bool) -> Folder {
        // The folder has its size, and the next one finds room here.
        let (names, mut files) = (self.names.as_str().to_owned(), self.files.as_slice().to_vec());
        self.names.clear();
        self.files.clear();
        files.sort_unstable_by(|one, other| names[one.0..one.1].cmp(&names[other.0..other.1]));
        let state = is_whole.then(|| state(&names, &files));
        Folder { path, state, names, files }
    }
}

/// What these files and their states come down to: for every other state another text.
fn state(names: &str, files: &[(usize, usize, FileState)]) -> String {
    let mut hash = Sha256::new();
    for (start, end, FileState { size, modified_ns, inode }) in files {
        hash.update(&names[*start..*end]);
        let mut numbers = [0; 25];
        // No name holds the sign before them.
        for (place, number) in [size, modified_ns, inode].into_iter().enumerate() {
            numbers[1 + place * 8..][..8].copy_from_slice(&number.to_le_bytes());
        }
        hash.update(numbers);
    }
    hex::encode(&hash.finalize()[..16])
}
