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

/// What a scan has seen of a whole folder.
#[derive(Debug)]
pub(in crate::scan) struct FolderState {
    pub(in crate::scan) sum: Sum,
    /// None where the system does not say when its names have changed, or they have just now.
    pub(in crate::scan) listed: Option<Listed>,
}

/// What all files of a folder and their states come down to: for every other state another sum.
pub(in crate::scan) type Sum = [u8; 16];

/// The names in a folder, which are the same for as long as nothing has changed there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scan) struct Listed {
    /// When something came, went or got another name, in nanoseconds since 1970.
    pub(in crate::scan) changed_ns: i64,
    /// Files in the order of their names, each with a slash behind it, and folders, each with one before it: no name has
    /// any.
    pub(in crate::scan) names: String,
}

impl Listed {
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.names.split('/').take_while(|name| !name.is_empty())
    }

    pub(super) fn folders(&self) -> impl Iterator<Item = &str> {
        self.names.split('/').skip_while(|name| !name.is_empty()).filter(|name| !name.is_empty())
    }
}

/// Files of one folder.
#[derive(Debug)]
pub(in crate::scan) struct Folder {
    /// Relative to the root.
    pub(in crate::scan) path: String,
    /// None where the files are not all that a scan can find in the folder.
    pub(in crate::scan) state: Option<FolderState>,
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

    /// Puts the files in the order of their names.
    pub(super) fn sort(&mut self) {
        let Self { names, files } = self;
        files.sort_unstable_by(|one, other| names[one.0..one.1].cmp(&names[other.0..other.1]));
    }

    /// The names of the files, and of these folders.
    pub(super) fn listed<'a>(&self, folders: impl Iterator<Item = &'a str>, changed_ns: i64) -> Listed {
        let mut names = String::with_capacity(self.names.len() + self.files.len() + 2);
        for (start, end, _) in &self.files {
            names.push_str(&self.names[*start..*end]);
            names.push('/');
        }
        for folder in folders {
            names.push('/');
            names.push_str(folder);
        }
        Listed { changed_ns, names }
    }

    /// What the files, in their order, and their states come down to.
    pub(super) fn sum(&self) -> Sum {
        let mut hash = Sha256::new();
        for (start, end, FileState { size, modified_ns, inode }) in &self.files {
            hash.update(&self.names[*start..*end]);
            let mut numbers = [0; 25];
            // No name holds the sign before them.
            for (place, number) in [size, modified_ns, inode].into_iter().enumerate() {
                numbers[1 + place * 8..][..8].copy_from_slice(&number.to_le_bytes());
            }
            hash.update(numbers);
        }
        let mut sum = Sum::default();
        sum.copy_from_slice(&hash.finalize()[..size_of::<Sum>()]);
        sum
    }

    /// What was gathered, and nothing is left.
    pub(super) fn take(&mut self, path: String, state: Option<FolderState>) -> Folder {
        // The folder has its size, and the next one finds room here.
        let (names, files) = (self.names.as_str().to_owned(), self.files.as_slice().to_vec());
        self.clear();
        Folder { path, state, names, files }
    }

    pub(super) fn clear(&mut self) {
        self.names.clear();
        self.files.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{FileState, Gathering};

    #[test]
    fn the_names_in_a_folder_are_read_as_they_were_written() {
        let state = FileState { size: 1, modified_ns: 2, inode: 3 };
        for (files, folders) in [(&["a.mp3", "b c.flac"][..], &["CD 1", "CD 2"][..]), (&["a.mp3"], &[]), (&[], &["x"])]
        {
            let mut gathering = Gathering::default();
            files.iter().rev().for_each(|name| gathering.add(name, state));
            gathering.sort();
            let listed = gathering.listed(folders.iter().copied(), 5);
            assert_eq!(listed.files().collect::<Vec<_>>(), files);
            assert_eq!(listed.folders().collect::<Vec<_>>(), folders);
        }
    }
}
