//! The end of a scan: what was not seen is forgotten.
//! What has been written stays as it is.

use std::path::PathBuf;
use std::time::Instant;

use rusqlite::{Transaction, params};

use super::ScanReport;
use super::marks::Marks;
use super::session::{Session, range};
use super::write::Touched;
use crate::Error;
use crate::index::{LAST_SCAN, writer};

/// Removes the tracks in temp.gone.
const FORGET: &str = "
    DELETE FROM track_artists WHERE track_id IN (SELECT track_id FROM temp.gone);
    DELETE FROM tracks WHERE id IN (SELECT track_id FROM temp.gone);
    DELETE FROM temp.gone;
";

/// Folders without files that may have gone, too; if they have not, they will be known again.
const LEADS_NOWHERE: &str = "
    DELETE FROM known_folders AS k WHERE release_id IS NULL AND path <> '' AND NOT EXISTS (
        SELECT 1 FROM releases WHERE folder > k.path || '/' AND folder < k.path || '0'
    )";

impl Session {
    /// Forgets what was not seen at and below these paths.
    pub(super) fn finish(mut self, starts: &[PathBuf], report: &mut ScanReport) -> Result<(), Error> {
        let transaction = writer::write(&mut self.connection)?;
        for start in starts {
            let (from, to) = range(start);
            let start = start.to_string_lossy();
            // All that is in an index that was empty was written just now.
            if !self.was_empty {
                report.removed += find_gone(&transaction, &self.same, &self.seen, [&start, &from, &to])?;
            }
            let solved = "DELETE FROM problems
                WHERE (path = ? OR (path > ? AND path < ?)) AND path NOT IN (SELECT path FROM temp.seen_problems)";
            transaction.execute(solved, params![start, from, to])?;
        }
        if report.removed > 0 {
            forget(&transaction)?;
        }
        if report.removed + report.moved > 0 {
            transaction.execute(LEADS_NOWHERE, [])?;
        }
        if starts.iter().any(|start| start.as_os_str().is_empty()) {
            let query = "INSERT INTO facts (key, value) VALUES (?, unixepoch())
                ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            transaction.execute(query, [LAST_SCAN])?;
        }
        let problems: i64 = transaction.query_row("SELECT count(*) FROM temp.seen_problems", [], |row| row.get(0))?;
        report.problems = problems.cast_unsigned();
        transaction.commit()?;
        let begun = Instant::now();
        self.follow()?;
        report.search = begun.elapsed();
        Ok(())
    }
}

/// Writes down which tracks at or below a path were not seen, and counts them.
fn find_gone(
    transaction: &Transaction<'_>,
    same: &Marks,
    seen: &Marks,
    [start, from, to]: [&str; 3],
) -> Result<u64, Error> {
    let mut releases =
        transaction.prepare_cached("SELECT id FROM releases WHERE folder = ? OR (folder > ? AND folder < ?)")?;
    let mut tracks = transaction.prepare_cached("SELECT id FROM tracks WHERE release_id = ?")?;
    let mut track = transaction.prepare_cached("SELECT id FROM tracks WHERE path = ?")?;
    let mut gone = transaction.prepare_cached("INSERT OR IGNORE INTO temp.gone VALUES (?)")?;
    let mut count = 0;
    let mut forget = |id: i64| -> Result<(), Error> {
        if !seen.has(id) {
            count += gone.execute([id])? as u64;
        }
        Ok(())
    };
    let mut rows = releases.query([start, from, to])?;
    while let Some(row) = rows.next()? {
        let release: i64 = row.get(0)?;
        if same.has(release) {
            continue;
        }
        for id in tracks.query_map([release], |row| row.get(0))? {
            forget(id?)?;
        }
    }
    for id in track.query_map([start], |row| row.get(0))? {
        forget(id?)?;
    }
    Ok(count)
}

fn forget(transaction: &Transaction<'_>) -> Result<(), Error> {
    let mut touched = Touched::default();
    let mut gone = transaction.prepare("SELECT track_id FROM temp.gone")?;
    for id in gone.query_map([], |row| row.get(0))? {
        touched.add(transaction, id?)?;
    }
    transaction.execute_batch(FORGET)?;
    touched.sum(transaction)
}
