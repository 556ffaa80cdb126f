//! What is handed from the look-up to the readers, and from them to whoever writes: files by folder.
//! What is wanted is decided in `look_up`, and how it is read in `read`.

use super::ScanReport;
use super::read::{Reading, TrackFields};
use super::walk::{FolderState, Found};

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
    pub(super) fn new(wanted: Wanted, mut read: impl FnMut(&Found) -> Reading) -> Self {
        let files = wanted.files.into_iter().map(|file| {
            let reading = read(&file.found);
            let is_kept = matches!(reading, Reading::Unreadable(_));
            let (track, problem) = match reading {
                Reading::Track(track) => (Some(track), None),
                Reading::Untagged(track, reason) => (Some(track), Some(reason)),
                Reading::Unusable(reason) | Reading::Unreadable(reason) => (None, Some(reason)),
            };
            WrittenFile { file, track, problem, is_kept }
        });
        let files: Vec<_> = files.collect();
        let whole = wanted.whole.filter(|_| files.iter().all(|file| file.problem.is_none()));
        Self { files, whole }
    }

    pub(super) const fn len(&self) -> usize {
        self.files.len()
    }
}

impl WrittenFile {
    pub(super) fn count(&self, report: &mut ScanReport) {
        match (&self.track, self.file.moved_id, self.file.known_id) {
            (None, ..) => {}
            (_, Some(_), _) => report.moved += 1,
            (_, _, Some(_)) => report.changed += 1,
            _ => report.added += 1,
        }
    }
}
