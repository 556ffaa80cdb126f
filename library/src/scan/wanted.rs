//! What is handed from the look-up to the readers, and from them to whoever writes: files by folder.
//! What is wanted is decided in `look_up`, and how it is read in `read`.

use super::ScanReport;
use super::read::{Reading, TrackFields};
use super::walk::{FileState, FolderState, Found, sum};

/// Files of a folder that are to be read, and written in one transaction.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) files: Vec<WantedFile>,
    pub(super) whole: Option<Whole>,
}

/// A file to be read.
#[derive(Debug)]
pub(super) struct WantedFile {
    pub(super) found: Found,
    /// The track that this path is known as.
    pub(super) known_id: Option<i64>,
    /// The track that this file was under another path.
    pub(super) moved_id: Option<i64>,
}

/// A folder that is wholly in the index, once the files are that come with this.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) folder: String,
    pub(super) state: FolderState,
}

/// Files that were read, or were not to be read.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) files: Vec<WrittenFile>,
    pub(super) whole: Option<Whole>,
}

/// What reading has made of a file.
#[derive(Debug)]
pub(super) struct WrittenFile {
    pub(super) file: WantedFile,
    /// In which it was read; none if it could not be opened, and nobody has looked at it before.
    pub(super) state: Option<FileState>,
    pub(super) track: Option<Box<TrackFields>>,
    pub(super) problem: Option<String>,
    /// It is the system's fault that it could not be read.
    pub(super) is_kept: bool,
}

impl WantedFile {
    pub(super) const fn new(found: Found) -> Self {
        Self { found, known_id: None, moved_id: None }
    }
}

impl Written {
    /// What reading has made of the files.
    pub(super) fn new(wanted: Wanted, mut read: impl FnMut(&Found) -> (Reading, Option<FileState>)) -> Self {
        let files = wanted.files.into_iter().map(|file| {
            let (reading, state) = read(&file.found);
            let is_kept = matches!(reading, Reading::Unreadable(_));
            let (track, problem) = match reading {
                Reading::Track(track) => (Some(track), None),
                Reading::Untagged(track, reason) => (Some(track), Some(reason)),
                Reading::Unusable(reason) | Reading::Unreadable(reason) => (None, Some(reason)),
            };
            WrittenFile { file, state, track, problem, is_kept }
        });
        let files: Vec<_> = files.collect();
        let mut whole = wanted.whole.filter(|_| files.iter().all(|file| file.problem.is_none()));
        // Then all its files are here.
        if let Some(state) = whole.as_mut().map(|whole| &mut whole.state).filter(|state| state.sum.is_none()) {
            state.sum = Some(sum(files.iter().filter_map(|file| Some((file.name(), file.state?)))));
        }
        Self { files, whole }
    }

    pub(super) const fn len(&self) -> usize {
        self.files.len()
    }
}

impl WrittenFile {
    fn name(&self) -> &str {
        let path = &self.file.found.path;
        path.rsplit_once('/').map_or(path, |(_, name)| name)
    }

    pub(super) fn count(&self, report: &mut ScanReport) {
        match (&self.track, self.file.moved_id, self.file.known_id) {
            (None, ..) => {}
            (_, Some(_), _) => report.moved += 1,
            (_, _, Some(_)) => report.changed += 1,
            _ => report.added += 1,
        }
    }
}
