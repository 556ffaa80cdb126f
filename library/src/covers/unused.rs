//! Removes unused covers: every picture that is uploaded or drawn in the editor is a file, and only one of them becomes
//! the cover. Covers of mixtapes in the trash are in use.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::{blocking, mime_type};
use crate::{Error, Store};

/// How long a cover is kept that no mixtape has: a draft that uses it may wait in a browser.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// Writing a cover takes far less; what is older and still unfinished was left by a process that was killed.
const WRITING: Duration = Duration::from_hours(1);

/// The clock of a file system is a few ticks late.
const TICKS: Duration = Duration::from_millis(100);

impl Store {
    /// Removes covers that no mixtape has and that were not kept anew for 30 days, and files that were left unfinished
    /// before this process has started. Answers how many covers that were.
    ///
    /// # Errors
    /// When the database fails or the folder cannot be read.
    pub async fn remove_unused_covers(&self, now: SystemTime, started: SystemTime) -> Result<u64, Error> {
        let (covers, cache) = (self.covers_folder(), self.data_root.join("cache").join("covers"));
        let unfinished_before = (started - TICKS).max(now - WRITING);
        let (folder, made) = (covers.clone(), cache.clone());
        let listed = blocking(move || {
            remove_unfinished(&made, unfinished_before, 1)?;
            remove_unfinished(&folder, unfinished_before, 0)?;
            older_than(&folder, now - KEPT)
        });
        let old = listed.await?.map_err(Error::file(&covers))?;
        if old.is_empty() {
            return Ok(0);
        }
        // Nothing is saved meanwhile, so that no mixtape gets a cover that is about to be removed.
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let query = "SELECT DISTINCT cover FROM mixtapes WHERE cover IS NOT NULL";
        let used: HashSet<String> = sqlx::query_scalar(query).fetch_all(&mut *transaction).await?.into_iter().collect();
        let folder = covers.clone();
        let removed = blocking(move || {
            let mut removed = 0;
            for name in old.into_iter().filter(|name| !used.contains(name)) {
                let file = folder.join(&name);
                if is_older(&file, now - KEPT)? {
                    ignore_missing(std::fs::remove_file(&file))?;
                    remove_made(&cache, &name)?;
                    removed += 1;
                }
            }
            Ok::<u64, io::Error>(removed)
        });
        let removed = removed.await?.map_err(Error::file(&covers))?;
        transaction.rollback().await?;
        Ok(removed)
    }
}

/// The names of the covers in a folder that were last kept before this time.
fn older_than(folder: &Path, time: SystemTime) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string()
            && mime_type(&name).is_some()
            && is_older(&entry.path(), time)?
        {
            names.push(name);
        }
    }
    Ok(names)
}

/// False for what is not there.
fn is_older(file: &Path, time: SystemTime) -> io::Result<bool> {
    match file.metadata().and_then(|metadata| metadata.modified()) {
        Ok(modified) => Ok(modified < time),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Removes what was written beside a cover and never became one, so many folders deep.
fn remove_unfinished(folder: &Path, before: SystemTime, depth: u32) -> io::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            if depth > 0 {
                remove_unfinished(&entry.path(), before, depth - 1)?;
            }
        } else if entry.path().extension().is_some_and(|ending| ending == "part") && is_older(&entry.path(), before)? {
            ignore_missing(std::fs::remove_file(entry.path()))?;
        }
    }
    Ok(())
}

/// Removes the smaller pictures that were made of a cover.
fn remove_made(cache: &Path, name: &str) -> io::Result<()> {
    let Some((stem, _)) = name.split_once('.') else { return Ok(()) };
    let folder: PathBuf = cache.join(&stem[..2]);
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(stem) {
            ignore_missing(std::fs::remove_file(entry.path()))?;
        }
    }
    Ok(())
}

fn ignore_missing(result: io::Result<()>) -> io::Result<()> {
    result.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

#[cfg(test)]
mod tests {
    use model::Timestamp;

    use super::*;
    use crate::mixtapes::tests::tape_of;

    const LONG_AGO: Duration = Duration::from_hours(31 * 24);

    #[tokio::test]
    async fn covers_go_when_no_mixtape_has_them_and_drafts_have_had_their_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let now = SystemTime::now();
        let age = |name: &str| {
            let file = std::fs::File::options().write(true).open(store.covers_folder().join(name)).unwrap();
            file.set_modified(now - LONG_AGO).unwrap();
        };
        let mut names = Vec::new();
        for number in 0..5 {
            names.push(store.keep_cover(&[0xff, 0xd8, 0xff, number]).await.unwrap());
        }
        for (slug, cover) in [("shown", &names[0]), ("deleted", &names[1])] {
            let tape = model::Mixtape { cover: Some(cover.clone()), ..tape_of(slug, 1, &["a"]) };
            store.take_in(&tape).await.unwrap();
        }
        store.delete(&"deleted".parse().unwrap(), Timestamp(2)).await.unwrap();
        // The last one is new, and the one before it is drawn once more.
        names[..4].iter().for_each(|name| age(name));
        assert_eq!(store.keep_cover(&[0xff, 0xd8, 0xff, 3]).await.unwrap(), names[3]);
        let stem = names[2].split('.').next().unwrap();
        let made = folder.path().join("cache/covers").join(&stem[..2]);
        std::fs::create_dir_all(&made).unwrap();
        std::fs::write(made.join(format!("{stem}-96.webp")), "small").unwrap();
        for unfinished in [made.join("x.0123.part"), store.covers_folder().join("y.0123.part")] {
            std::fs::write(&unfinished, "half").unwrap();
        }

        assert_eq!(store.remove_unused_covers(now, now - WRITING).await.unwrap(), 1);
        let there = |name: &String| store.covers_folder().join(name).exists();
        assert_eq!(names.iter().map(there).collect::<Vec<_>>(), [true, true, false, true, true]);
        assert!(std::fs::read_dir(&made).unwrap().all(|entry| entry.unwrap().path().ends_with("x.0123.part")));
        assert!(store.covers_folder().join("y.0123.part").exists(), "this process may be writing it");

        let restarted = SystemTime::now() + TICKS * 2;
        assert_eq!(store.remove_unused_covers(restarted, restarted).await.unwrap(), 0);
        assert_eq!(std::fs::read_dir(&made).unwrap().count(), 0);
        assert_eq!(std::fs::read_dir(store.covers_folder()).unwrap().count(), 4);
    }
}
