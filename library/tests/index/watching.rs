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

/// As when a disk is mounted over the folder, or another one than before.
#[tokio::test]
async fn another_folder_in_the_place_of_the_music_folder_is_read_and_watched() {
    let library = Library::new().await;
    library.song("old.mp3", "A", "B");
    let progress = Arc::<ProgressTracker>::default();
    let mut listener = progress.listen(None, 0);
    let store = Store::open(&library.data()).await.unwrap();
    let (music, tracker) = (Arc::clone(&library.music), Arc::clone(&progress));
    let watching = tokio::spawn(library::watch::watch(library.index.clone(), store, music, tracker));
    scanned(&mut listener).await;
    assert_eq!(library.paths().await, ["old.mp3"]);

    let (old, new) = (library.around().join("old"), library.around().join("new"));
    std::fs::create_dir(&new).unwrap();
    std::fs::copy(library.path("old.mp3"), new.join("new.mp3")).unwrap();
    std::fs::rename(library.music.path(), &old).unwrap();
    std::fs::rename(&new, library.music.path()).unwrap();
    while library.paths().await != ["new.mp3"] {
        scanned(&mut listener).await;
    }
    assert_eq!(library.problems().await, [""; 0]);

    library.song("newer.mp3", "A", "B");
    while library.paths().await != ["new.mp3", "newer.mp3"] {
        scanned(&mut listener).await;
    }
    watching.abort();
}

#[tokio::test]
async fn scans_that_are_asked_for_while_one_waits_are_one() {
    let library = Library::new().await;
    for number in 0..50 {
        library.song(&format!("{number}.mp3"), "A", "B");
    }
    let progress = Arc::<ProgressTracker>::default();
    let mut listener = progress.listen(None, 0);
    let store = Store::open(&library.data()).await.unwrap();
    (0..20).for_each(|_| library.index.request_scan(false));
    library.index.request_scan(true);
    let (music, tracker) = (Arc::clone(&library.music), Arc::clone(&progress));
    let scanning = tokio::spawn(library::watch::scan_on_request(library.index.clone(), store, music, tracker));
    assert_eq!(scanned(&mut listener).await.current, 50);
    // None of the others came after it: the next one is this.
    library.song("50.mp3", "A", "B");
    library.index.request_scan(false);
    assert_eq!(scanned(&mut listener).await.current, 51);
    scanning.abort();
}
