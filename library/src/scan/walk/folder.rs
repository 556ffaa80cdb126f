//! The files of one folder, as the walk tells them: a few allocations for a whole folder, for most are compared with what
//! is known as a whole and forgotten.

use rustix::fs::Stat;
use sha2::{Digest, Sha256};

/// A file with the ending of an audio file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scan) struct Found {
    /// Relative to the root.
    pub(in crate::scan) path: String,
    /// None where nothing is known that it could be compared with: then it is read in any case, which tells it, too.
    pub(in crate::scan) state: Option<FileState>,
}

/// What tells one state of a file from another; the numbers are only compared, so that those beyond the range of the
/// database may wrap around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scan) struct FileState {
    pub(in crate::scan) size: i64,
    pub(in crate::scan) modified_ns: i64,
    pub(in crate::scan) inode: i64,
}

impl FileState {
    #[allow(clippy::unnecessary_cast, reason = "the types of these fields differ between systems")]
    pub(super) fn of(stat: &Stat) -> Self {
        let modified_ns = i128::from(stat.st_mtime) * 1_000_000_000 + i128::from(stat.st_mtime_nsec);
        Self::new((stat.st_size as i64).cast_unsigned(), modified_ns, stat.st_ino as u64)
    }

    /// From bytes, nanoseconds since 1970 and the number of the inode.
    pub(in crate::scan) fn new(size: u64, modified_ns: i128, inode: u64) -> Self {
        let modified_ns = i64::try_from(modified_ns).unwrap_or(if modified_ns < 0 { i64::MIN } else { i64::MAX });
        Self { size: size.cast_signed(), modified_ns, inode: inode.cast_signed() }
    }
}

/// What a scan has seen of a whole folder.
#[derive(Debug)]
pub(in crate::scan) struct FolderState {
    /// None where the states of its files are not told.
    pub(in crate::scan) sum: Option<Sum>,
    /// None where the system does not say when its names have changed, or they have just now.
    pub(in crate::scan) listed: Option<Listed>,
}

/// What all files of a folder and their states come down to: for every other state another sum.
pub(in crate::scan) type Sum = [u8; 16];

/// The sum of files in the order of their names.
pub(in crate::scan) fn sum<'a>(files: impl Iterator<Item = (&'a str, FileState)>) -> Sum {
    let mut hash = Sha256::new();
    for (name, FileState { size, modified_ns, inode }) in files {
        hash.update(name);
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
    files: Vec<(usize, usize, Option<FileState>)>,
}

impl Folder {
    /// Of how many files it tells.
    pub(in crate::scan) const fn len(&self) -> usize {
        self.files.len()
    }

    /// The files in the order of their names.
    pub(in crate::scan) fn found(&self) -> impl Iterator<Item = Found> {
        let Self { path, names, files, .. } = self;
        files.iter().map(move |&(start, end, state)| {
            let name = &names[start..end];
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
            Found { path, state }
        })
    }
}

/// Files of a folder that are being gathered.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    names: String,
    files: Vec<(usize, usize, Option<FileState>)>,
}

impl Gathering {
    pub(super) const fn len(&self) -> usize {
        self.files.len()
    }

    pub(super) fn add(&mut self, name: &str, state: Option<FileState>) {
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

    /// The sum of the files, if all their states are told.
    pub(super) fn sum(&self) -> Option<Sum> {
        let is_told = self.files.iter().all(|(.., state)| state.is_some());
        let files = self.files.iter().filter_map(|&(start, end, state)| Some((&self.names[start..end], state?)));
        is_told.then(|| sum(files))
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
    use super::Gathering;

    #[test]
    fn the_names_in_a_folder_are_read_as_they_were_written() {
        for (files, folders) in [(&["a.mp3", "b c.flac"][..], &["CD 1", "CD 2"][..]), (&["a.mp3"], &[]), (&[], &["x"])]
        {
            let mut gathering = Gathering::default();
            files.iter().rev().for_each(|name| gathering.add(name, None));
            gathering.sort();
            let listed = gathering.listed(folders.iter().copied(), 5);
            assert_eq!(listed.files().collect::<Vec<_>>(), files);
            assert_eq!(listed.folders().collect::<Vec<_>>(), folders);
        }
    }
}
