//! Changes of the music folder appear by themselves, and scans report how far they are.

use std::sync::Arc;
use std::time::Duration;

use audio::ProgressTracker;
use audio::progress::Listener;
use library::Store;
use model::Progress;
use model::progress::{LIBRARY, Status, Step};

use crate::harness::Library;

/// The last report of the next scan that comes to its end.
async fn scanned(listener: &mut Listener) -> Progress {
    let next = async {
        loop {
            let (_, report) = listener.next().await.expect("the tracker is open");
            if report.step == Step::Summary {
                return report;
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), next).await.expect("a scan")
}

#[tokio::test]
async fn changes_appear_by_themselves() {
    let library = Library::new().await;
    library.song("old/1.mp3", "A", "B");
    let progress = Arc::<ProgressTracker>::default();
    let mut listener = progress.listen(None, 0);
    let store = Store::open(&library.data()).await.unwrap();
    let (music, told) = (Arc::clone(&library.music), Arc::clone(&progress));
    let watching = tokio::spawn(library::watch::watch(library.index.clone(), store, music, told));
    let first = scanned(&mut listener).await;
    assert_eq!((first.task_id.as_str(), first.status, first.current), (LIBRARY, Status::Completed, 1));

    library.song("new/deep/2.mp3", "C", "D");
    scanned(&mut listener).await;
    assert_eq!(library.paths().await, ["new/deep/2.mp3", "old/1.mp3"]);

    let id = library.ask("SELECT CAST(id AS TEXT) FROM tracks WHERE path LIKE 'new%'").await;
    std::fs::rename(library.path("new"), library.path("newer")).unwrap();
    scanned(&mut listener).await;
    assert_eq!(library.ask("SELECT CAST(id AS TEXT) FROM tracks WHERE path = 'newer/deep/2.mp3'").await, id);

    std::fs::remove_dir_all(library.path("old")).unwrap();
    scanned(&mut listener).await;
    assert_eq!(library.paths().await, ["newer/deep/2.mp3"]);
    watching.abort();
}

#[tokio::test]
async fn a_scan_waits_for_another_and_both_come_to_their_end() {
    let library = Library::new().await;
    for number in 0..50 {
        library.song(&format!("{number}.mp3"), "A", "B");
    }
    let (first, second) = tokio::join!(library.scan(), library.scan());
    assert_eq!(first.added + second.added, 50);
    assert_eq!(library.paths().await.len(), 50);
}
