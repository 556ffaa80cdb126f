//! Copies of the mixtapes, made before a migration changes their tables.
//! Putting one back is for the owner, who is told where they are.

use std::path::{Path, PathBuf};

use sqlx::SqlitePool;
use sqlx::migrate::Migrator;

use crate::{Error, health};

/// How many are kept.
const KEPT: usize = 5;

/// The folder of the backups.
pub(super) fn folder(data_root: &Path) -> PathBuf {
    data_root.join("backups")
}

/// Copies the database if a migration has something to do to it, and forgets all but the last five copies.
pub(super) async fn before_migration(pool: &SqlitePool, migrator: &Migrator, data_root: &Path) -> Result<(), Error> {
    let is_new = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations')";
    if sqlx::query_scalar(is_new).fetch_one(pool).await? {
        return Ok(());
    }
    let done: Vec<i64> = sqlx::query_scalar("SELECT version FROM _sqlx_migrations").fetch_all(pool).await?;
    if migrator.iter().all(|migration| done.contains(&migration.version)) {
        return Ok(());
    }
    let folder = folder(data_root);
    tokio::fs::create_dir_all(&folder).await.map_err(Error::file(&folder))?;
    let backup = folder.join(format!("mixtapes-{}.db", health::time_stamp()));
    let part = backup.with_extension("part");
    let part_name = part.to_str().ok_or(Error::Corrupt("the path of the data folder"))?;
    sqlx::query("VACUUM INTO ?").bind(part_name).execute(pool).await?;
    let finished = tokio::task::spawn_blocking(move || {
        std::fs::File::open(&part).and_then(|file| file.sync_all()).map_err(Error::file(&part))?;
        std::fs::rename(&part, &backup).map_err(Error::file(&backup))?;
        tracing::info!(backup = %backup.display(), "the mixtapes were copied before their tables change");
        keep_last(&folder).map_err(Error::file(&folder))
    });
    finished.await.map_err(|_| Error::Corrupt("the backups"))?
}

/// The names begin with the time, so that they sort by age. Halves of copies that were broken off go, too.
fn keep_last(folder: &Path) -> std::io::Result<()> {
    let names = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    let ours = names.into_iter().filter(|path| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("mixtapes-"))
    });
    let (mut backups, halves): (Vec<_>, Vec<_>) =
        ours.partition(|path| path.extension().is_some_and(|ending| ending == "db"));
    backups.sort_unstable();
    backups.truncate(backups.len().saturating_sub(KEPT));
    backups.iter().chain(&halves).try_for_each(std::fs::remove_file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    async fn forget_last_migration(store: &Store) {
        let query = "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
        sqlx::query(query).execute(&store.pool).await.unwrap();
    }

    #[tokio::test]
    async fn a_migration_with_something_to_do_leaves_a_whole_copy_and_only_the_last_five_stay() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        store.set_setting("colour", "rust").await.unwrap();
        let migrator = sqlx::migrate!();
        before_migration(&store.pool, &migrator, data.path()).await.unwrap();
        assert!(!folder(data.path()).exists(), "nothing to do, nothing to copy");

        forget_last_migration(&store).await;
        std::fs::create_dir(folder(data.path())).unwrap();
        std::fs::write(folder(data.path()).join("mixtapes-half.part"), "half").unwrap();
        std::fs::write(folder(data.path()).join("notes.txt"), "not ours").unwrap();
        for _ in 0..7 {
            before_migration(&store.pool, &migrator, data.path()).await.unwrap();
        }
        let mut names: Vec<_> =
            std::fs::read_dir(folder(data.path())).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        assert_eq!(names.len(), 6, "{names:?}");
        let copy = SqlitePool::connect(&format!("sqlite:{}", names[4].display())).await.unwrap();
        assert_eq!(health::damage(&copy).await.unwrap(), None);
        let value: String =
            sqlx::query_scalar("SELECT value FROM settings WHERE key = 'colour'").fetch_one(&copy).await.unwrap();
        assert_eq!(value, "rust");
    }

    #[tokio::test]
    async fn damaged_mixtapes_are_an_error_that_says_where_the_backups_are() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&store.pool).await.unwrap();
        store.close().await;
        let path = data.path().join("mixtapes.db");
        let whole = std::fs::read(&path).unwrap();
        // Not a database at all, and one whose inner pages are gone.
        let mut holed = whole.clone();
        holed[4096..].fill(0xaa);
        for damaged in [b"these are no mixtapes".repeat(100), holed] {
            std::fs::write(&path, &damaged).unwrap();
            let error = Store::open(data.path()).await.unwrap_err();
            assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
            assert!(error.to_string().contains("backups"), "{error}");
            assert_eq!(std::fs::read(&path).unwrap(), damaged, "the owner's file is left as it is");
        }
        std::fs::write(&path, whole).unwrap();
        Store::open(data.path()).await.unwrap();
    }
}
