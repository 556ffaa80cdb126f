//! An index that is damaged or of another version makes way for a new one.

use library::Index;
use library::scan::Scope;

use crate::harness::Library;

#[tokio::test]
async fn a_damaged_index_is_set_aside_and_made_anew() {
    let library = Library::new().await;
    for number in 0..50 {
        library.song(&format!("{number}.mp3"), "A", "B");
    }
    library.scan().await;
    library.index.close().await;
    library.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let path = library.data().join("index.db");
    let mut holed = std::fs::read(&path).unwrap();
    holed[4096..].fill(0xaa);
    for (round, damaged) in [b"no database".repeat(100), holed].into_iter().enumerate() {
        std::fs::write(&path, &damaged).unwrap();
        let index = Index::open(&library.data()).await.unwrap();
        let message = index.statistics().await.unwrap().rebuilt.unwrap();
        let aside: Vec<_> = std::fs::read_dir(library.data())
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("index.db.corrupt-"))
            .filter(|entry| std::fs::read(entry.path()).unwrap() == damaged)
            .collect();
        assert_eq!(aside.len(), 1, "round {round}");
        assert!(message.contains(&*aside[0].file_name().to_string_lossy()), "{message}");
        let report = index.scan(&library.music, &Scope::Changes, |_| {}).await.unwrap();
        assert_eq!(report.added, 50);
        index.close().await;
    }
    let index = Index::open(&library.data()).await.unwrap();
    assert_eq!(index.statistics().await.unwrap().tracks, 50, "a sound one is kept");
}

#[tokio::test]
async fn an_index_of_another_version_is_thrown_away() {
    let library = Library::new().await;
    library.song("a.mp3", "A", "B");
    library.scan().await;
    library.execute("PRAGMA user_version = 999").await;
    library.index.close().await;
    let index = Index::open(&library.data()).await.unwrap();
    let statistics = index.statistics().await.unwrap();
    assert_eq!((statistics.tracks, statistics.rebuilt), (0, None));
}

#[tokio::test]
async fn of_damaged_ones_the_last_two_are_kept() {
    let library = Library::new().await;
    let data = library.around().join("other");
    std::fs::create_dir(&data).unwrap();
    let aside = || {
        let entries = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
        names.retain(|name| name.contains(".corrupt-"));
        names.sort_unstable();
        names
    };
    let mut before = Vec::new();
    for kept in [1, 2, 2, 2] {
        // In the place of the one before, for a connection that is still being closed must not make it whole.
        for companion in ["index.db", "index.db-wal", "index.db-shm"] {
            let _ = std::fs::remove_file(data.join(companion));
        }
        std::fs::write(data.join("index.db"), "this is no database".repeat(1000)).unwrap();
        Index::open(&data).await.unwrap().close().await;
        let now = aside();
        assert_eq!(now.len(), kept, "{now:?}");
        assert!(!before.contains(now.last().unwrap()), "the newest is among them: {now:?}");
        before = now;
    }
}
