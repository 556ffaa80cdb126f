//! What is known of the files that were found, which decides whether they are read.
//! Nothing is written here but what was seen.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, params};

use super::marks::Marks;
use super::session::{Session, saw_problem};
use super::walk::{FileState, Folder, Found};
use super::wanted::{Wanted, WantedFile, Whole};
use crate::Error;

/// The row of a path: its id, and whether it is of this state of the file.
const KNOWN: &str = "SELECT id, size = ? AND modified_ns = ? AND inode = ? FROM tracks WHERE path = ?";

/// Whether this state of the file was read in vain.
const PROBLEM: &str =
    "SELECT EXISTS (SELECT 1 FROM problems WHERE size = ? AND modified_ns = ? AND inode = ? AND path = ?)";

/// Tracks that were this file.
const ELSEWHERE: &str = "SELECT id, path FROM tracks WHERE size = ? AND modified_ns = ? AND inode = ?";

/// What is known of a file.
struct Looked {
    is_known_problem: bool,
    /// To be read.
    wanted: Option<WantedFile>,
}

impl Session {
    /// Marks the files that are as they were, and returns the others.
    pub(super) fn look_up(&mut self, folders: Vec<Folder>) -> Result<Vec<Wanted>, Error> {
        if self.was_empty {
            let wanted = folders.into_iter().map(|folder| Wanted {
                files: folder.found().map(WantedFile::new).collect(),
                whole: folder.state.map(|state| Whole { folder: folder.path, state }),
            });
            return Ok(wanted.collect());
        }
        let mut all = Vec::new();
        let Self { connection, seen, moved, root, reads_all, .. } = self;
        // One transaction, for beginning one costs more than a question.
        let transaction = connection.savepoint()?;
        for folder in folders {
            let mut files = Vec::new();
            let mut is_whole = true;
            for found in folder.found() {
                let looked = look_up(&transaction, found, *reads_all, seen, |id, path| {
                    // One file may be several tracks that have gone, as hard links are.
                    has_gone(&root.join(path)) && moved.insert(id)
                })?;
                is_whole &= !looked.is_known_problem;
                files.extend(looked.wanted);
            }
            let state = folder.state.filter(|_| is_whole);
            let whole = state.map(|state| Whole { folder: folder.path, state });
            if !files.is_empty() || whole.is_some() {
                all.push(Wanted { files, whole });
            }
        }
        transaction.commit()?;
        Ok(all)
    }
}

fn look_up(
    connection: &Connection,
    found: Found,
    reads_all: bool,
    seen: &mut Marks,
    mut has_moved: impl FnMut(i64, &str) -> bool,
) -> Result<Looked, Error> {
    let Found { path, state: Some(FileState { size, modified_ns, inode }) } = &found else {
        return Ok(Looked { is_known_problem: false, wanted: Some(WantedFile::new(found)) });
    };
    let state = params![size, modified_ns, inode, path];
    let known: Option<(i64, bool)> =
        connection.prepare_cached(KNOWN)?.query_row(state, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let is_same = known.is_some_and(|(_, is_same)| is_same && !reads_all);
    if let Some((id, _)) = known.filter(|_| is_same) {
        seen.add(id);
    }
    // A file whose names come from its path for its tags are broken is a track and a problem.
    let is_known_problem = !reads_all && connection.prepare_cached(PROBLEM)?.query_row(state, |row| row.get(0))?;
    if is_known_problem {
        saw_problem(connection, path)?;
    }
    if is_same || is_known_problem {
        return Ok(Looked { is_known_problem, wanted: None });
    }
    let mut moved_id = None;
    if known.is_none() {
        let mut elsewhere = connection.prepare_cached(ELSEWHERE)?;
        let mut rows = elsewhere.query(params![size, modified_ns, inode])?;
        while let Some(row) = rows.next()? {
            let id = row.get(0)?;
            if has_moved(id, row.get_ref(1)?.as_str().unwrap_or_default()) {
                moved_id = Some(id);
                break;
            }
        }
    }
    let wanted = WantedFile { known_id: known.map(|(id, _)| id), moved_id, found };
    Ok(Looked { is_known_problem, wanted: Some(wanted) })
}

fn has_gone(path: &Path) -> bool {
    path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}
