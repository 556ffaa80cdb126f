//! Much at once, and the same again and again. `SCANS=10000` and `STRESS_ROUNDS=5000` make it a trial; with the other
//! tests it takes some seconds.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use audio::ProgressTracker;
use library::Store;
use library::scan::{ScanReport, Scope};
use library::search::Query;
use model::search::Pages;
use model::{Basis, CoverChoice, Draft, GiftSettings, Mixtape, Timestamp, Track, TrackPath};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::watch;

use crate::harness::{Library, fixture};

/// How often something is done, unless this variable of the environment says otherwise.
fn rounds(variable: &str, usual: u32) -> u32 {
    std::env::var(variable).map_or(usual, |rounds| rounds.parse().unwrap())
}

#[tokio::test]
async fn scans_of_folders_that_do_not_change_forget_nothing() {
    const FILES: usize = 40;
    let library = Library::new().await;
    for number in 0..FILES {
        library.write(&format!("{}/{}/{number}/song.mp3", number % 3, number % 7), fixture("silence.mp3"));
    }
    let first = library.scan().await;
    assert_eq!((first.added, library.paths().await.len()), (FILES as u64, FILES));
    for scan in 0..rounds("SCANS", 300) {
        let ScanReport { files, added, changed, moved, removed, problems, .. } = library.scan().await;
        assert_eq!((files, added + changed + moved + removed + problems), (FILES as u64, 0), "in scan {scan}");
    }
    assert_eq!(library.paths().await.len(), FILES);
}

/// Files below a folder, from the music folder on.
fn files_below(root: &Path, folder: &Path) -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            files.extend(files_below(root, &entry.path())?);
        } else {
            files.push(entry.path().strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
    files.sort();
    Ok(files)
}

fn files(library: &Library) -> io::Result<Vec<String>> {
    files_below(library.music.path(), library.music.path())
}

/// Adds, renames and removes files, and moves folders.
fn change(library: &Library, round: u32, random: &mut StdRng) {
    let files = files(library).unwrap();
    let folder = format!("{}/{}", random.random_range(0..3), random.random_range(0..5));
    for number in 0..random.random_range(1..6) {
        library.write(&format!("{folder}/{round} {number}.mp3"), fixture("silence.mp3"));
    }
    let chosen = &files[random.random_range(0..files.len())];
    let is_spare = chosen != "always.mp3";
    match random.random_range(0..4) {
        0 if is_spare => std::fs::remove_file(library.path(chosen)).unwrap(),
        1 if is_spare => std::fs::rename(library.path(chosen), library.path(&format!("renamed {round}.mp3"))).unwrap(),
        2 => {
            let target = library.path(&format!("{}/moved {round}", random.random_range(0..3)));
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::rename(library.path(&folder), target).unwrap();
        }
        3 if files.len() > 100 => std::fs::remove_dir_all(library.path(&folder)).unwrap(),
        _ => {}
    }
}

fn draft(title: String, paths: &[String]) -> Draft {
    let track = |path: &String| Track {
        path: TrackPath(path.clone()),
        title: path.clone(),
        artist: String::new(),
        album: String::new(),
        duration: None,
    };
    Draft {
        client_id: None,
        title,
        creator_name: String::new(),
        liner_notes: String::new(),
        cover: CoverChoice::Keep,
        gift: GiftSettings::default(),
        tracks: paths.iter().take(20).map(track).collect(),
    }
}

/// Saves one revision after the other, and returns the last one that was acknowledged.
async fn save_again_and_again(store: Store, library: Arc<Library>, name: u32, is_over: Arc<AtomicBool>) -> Mixtape {
    let mut saved: Option<Mixtape> = None;
    let mut number = 0;
    while saved.is_none() || !is_over.load(Ordering::Relaxed) {
        // A folder may go while it is listed.
        let Ok(paths) = files(&library) else { continue };
        let basis = saved.map(|before| Basis { slug: before.slug, revision: before.revision });
        let draft = draft(format!("Tape {name}, take {number}"), &paths).check().unwrap();
        let now = store.save(&draft, basis.as_ref(), Timestamp(number)).await.unwrap().mixtape;
        assert_eq!(now.revision.0, basis.map_or(1, |basis| basis.revision.0 + 1));
        assert_eq!(store.mixtape(&now.slug).await.unwrap().unwrap().title, draft.title);
        saved = Some(now);
        number += 1;
    }
    saved.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn scans_a_watcher_saves_and_pages_side_by_side() {
    let library = Arc::new(Library::new().await);
    library.write("always.mp3", fixture("silence.mp3"));
    let store = Store::open(&library.data()).await.unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let (music, progress) = (Arc::clone(&library.music), Arc::<ProgressTracker>::default());
    let watching = tokio::spawn(library::watch::watch(library.index.clone(), store.clone(), music, progress));
    let (count, mut scans) = watch::channel(0_u32);
    let scanning = tokio::spawn({
        let (library, is_over) = (Arc::clone(&library), Arc::clone(&is_over));
        async move {
            while !is_over.load(Ordering::Relaxed) {
                let scope = if *count.borrow() % 10 == 9 { Scope::Full } else { Scope::Changes };
                library.scan_only(scope).await;
                count.send_modify(|count| *count += 1);
            }
        }
    });
    let saving: Vec<_> = (0..3)
        .map(|name| tokio::spawn(save_again_and_again(store.clone(), Arc::clone(&library), name, Arc::clone(&is_over))))
        .collect();
    let reading = tokio::spawn({
        let (library, store, is_over) = (Arc::clone(&library), store.clone(), Arc::clone(&is_over));
        async move {
            while !is_over.load(Ordering::Relaxed) {
                for summary in store.mixtapes().await.unwrap() {
                    let tape = store.mixtape(&summary.slug).await.unwrap().unwrap();
                    store.view(tape, &library.index).await.unwrap();
                }
                library.index.search(&Query::parse("renamed"), &Pages::default()).await.unwrap();
                library.index.statistics().await.unwrap();
            }
        }
    });

    let mut random = StdRng::seed_from_u64(7);
    for round in 0..rounds("STRESS_ROUNDS", 100) {
        change(&library, round, &mut random);
        // Some changes fall into a scan, others between two.
        if round % 2 == 0 {
            scans.changed().await.unwrap();
        }
    }
    is_over.store(true, Ordering::Relaxed);
    scanning.await.unwrap();
    reading.await.unwrap();
    let mut last = Vec::new();
    for tape in saving {
        last.push(tape.await.unwrap());
    }
    watching.abort();

    library.scan().await;
    assert_eq!(library.paths().await, files(&library).unwrap());
    assert_eq!(library.problems().await, [""; 0]);
    assert_eq!(library.ask("PRAGMA quick_check").await, ["ok"]);
    let wrong = "SELECT folder FROM releases WHERE track_count <> \
                 (SELECT count(*) FROM tracks WHERE release_id = releases.id)";
    assert_eq!(library.ask(wrong).await, [""; 0]);
    for saved in last {
        let there = store.mixtape(&saved.slug).await.unwrap().unwrap();
        assert_eq!((there.revision, there.title), (saved.revision, saved.title));
    }
}
