//! Whether a database file is whole, and moving one out of the way that is not.
//! What is lost with it, and whether it can be made again, is known to its owner.

use std::io;
use std::path::{Path, PathBuf};

use sqlx::SqlitePool;
use time::OffsetDateTime;
use time::macros::format_description;

/// What SQLite keeps beside a database.
const COMPANIONS: [&str; 3] = ["", "-wal", "-shm"];

/// So many that were set aside are kept.
const KEPT_ASIDE: usize = 2;

/// Looks through a database; the reason if it is damaged.
///
/// # Errors
/// Whatever else keeps the database from being read.
pub(crate) async fn damage(pool: &SqlitePool) -> Result<Option<String>, sqlx::Error> {
    match sqlx::query_scalar::<_, String>("PRAGMA quick_check(1)").fetch_one(pool).await {
        Ok(verdict) if verdict == "ok" => Ok(None),
        Ok(verdict) => Ok(Some(verdict)),
        Err(error) => damage_in(error).map(Some),
    }
}

/// The damage that an error speaks of, or the error if it is another.
pub(crate) fn damage_in(error: sqlx::Error) -> Result<String, sqlx::Error> {
    const CORRUPT: u32 = 11;
    const NOT_A_DATABASE: u32 = 26;
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
    // The lower byte is the kind, the others tell more of it.
    match code.map(|code| code & 0xff) {
        Some(CORRUPT | NOT_A_DATABASE) => Ok(error.to_string()),
        _ => Err(error),
    }
}

/// Renames a database with all that belongs to it; returns the new name. The one set aside before it is kept, older ones
/// are removed: a disk that fails would be filled with them.
pub(crate) fn set_aside(database: &Path) -> io::Result<PathBuf> {
    let start = with_ending(database, ".corrupt-");
    let aside = with_ending(&start, &time_stamp());
    for companion in COMPANIONS {
        ignore_missing(std::fs::rename(with_ending(database, companion), with_ending(&aside, companion)))?;
    }
    let mut older: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(database.parent().unwrap_or(database))? {
        let path = entry?.path();
        let name = path.as_os_str().as_encoded_bytes();
        // The companions go with theirs.
        if name.starts_with(start.as_os_str().as_encoded_bytes())
            && !name.ends_with(b"-wal")
            && !name.ends_with(b"-shm")
        {
            older.push(path);
        }
    }
    older.sort_unstable();
    older.truncate(older.len().saturating_sub(KEPT_ASIDE));
    older.iter().try_for_each(|path| remove(path))?;
    Ok(aside)
}

/// Removes a database with all that belongs to it.
pub(crate) fn remove(database: &Path) -> io::Result<()> {
    COMPANIONS.iter().try_for_each(|companion| ignore_missing(std::fs::remove_file(with_ending(database, companion))))
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Now, for names of files: later ones sort behind earlier ones.
pub(crate) fn time_stamp() -> String {
    let format = format_description!("[year][month][day]-[hour][minute][second]-[subsecond digits:3]");
    OffsetDateTime::now_utc().format(format).unwrap_or_default()
}
