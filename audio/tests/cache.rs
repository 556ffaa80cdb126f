//! What the cache may hold: its limit, the room that its disk must keep, and what is being made. Files are made by
//! hand.

#![allow(clippy::unwrap_used, reason = "a test that stops has failed")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use audio::AudioCache;
use audio::cache::{DiskSpace, Measure};
use model::Quality;

#[test]
fn the_cache_keeps_within_its_limit_what_was_used_last() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["low_128k", "medium_192k", "high_256k"].map(|ending| format!("{:032x}_{ending}.mp3", 7));
    let other = folder.path().join("notes.txt");
    std::fs::write(&other, [0; 5000]).unwrap();
    for (age, name) in (1..).zip(&names) {
        let path = folder.path().join(name);
        std::fs::write(&path, [0; 1000]).unwrap();
        let then = std::time::SystemTime::now() - std::time::Duration::from_secs(age * 86_400);
        let times = std::fs::FileTimes::new().set_accessed(then).set_modified(then);
        std::fs::File::options().write(true).open(path).unwrap().set_times(times).unwrap();
    }
    let left = || names.iter().filter(|name| folder.path().join(name).exists()).count();
    let cache = AudioCache::open(folder.path(), Some(2000)).unwrap();
    let held: u64 = cache.usage().unwrap().iter().map(|usage| usage.bytes).sum();
    assert_eq!((left(), held), (2, 2000));
    assert!(!folder.path().join(&names[2]).exists(), "the one used longest ago has gone");
    assert_eq!(cache.clear(Some(std::time::Duration::from_hours(36)), None).unwrap(), 1);
    assert_eq!(cache.clear(None, None).unwrap(), 1);
    assert!(other.exists());
}

/// A disk of 100 GB with so many bytes free.
fn disk(free: &Arc<AtomicU64>) -> Measure {
    let free = Arc::clone(free);
    Box::new(move |_: &Path| Ok(DiskSpace { free: free.load(Ordering::Relaxed), total: 100_000_000_000 }))
}

const FLOOR: u64 = 2 << 30;

#[test]
fn a_share_of_the_disk_stays_free_and_what_is_being_made_counts() {
    let folder = tempfile::tempdir().unwrap();
    let free = Arc::new(AtomicU64::new(FLOOR + 10_000));
    let cache = AudioCache::open_on(folder.path(), None, disk(&free)).unwrap();
    assert_eq!(cache.room().unwrap(), 10_000);
    assert!(!cache.disk().unwrap().1);

    let part = cache.begin(Path::new("/a"), Quality::Low, 6000).unwrap();
    assert_eq!(cache.room().unwrap(), 4000, "nothing of it is on the disk yet");
    let refusal = cache.begin(Path::new("/b"), Quality::Low, 5000).unwrap_err();
    assert!(refusal.contains("too little free space"), "{refusal}");
    part.reserve(6000).unwrap();
    free.store(FLOOR + 4000, Ordering::Relaxed);
    assert_eq!(cache.room().unwrap(), 4000, "now all of it is");

    // Somebody else fills the disk meanwhile.
    free.store(FLOOR - 1, Ordering::Relaxed);
    assert!(part.reserve(1).is_err());
    assert!(cache.begin(Path::new("/c"), Quality::Low, 1).is_err());
    assert!(cache.disk().unwrap().1);
    free.store(FLOOR + 10_000, Ordering::Relaxed);
    assert!(cache.begin(Path::new("/c"), Quality::Low, 1).is_ok());
    drop(part);
    assert_eq!(cache.room().unwrap(), 10_000);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "what was not finished has gone");
}

#[test]
fn a_small_disk_keeps_a_twentieth_free() {
    assert_eq!(DiskSpace { free: 0, total: 1_000_000 }.floor(), 50_000);
    assert_eq!(DiskSpace { free: 0, total: u64::MAX }.floor(), FLOOR);
}

#[test]
fn what_is_being_made_counts_for_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let cache = AudioCache::open(folder.path(), Some(10_000)).unwrap();
    let finish = |name: &str, len: u64| {
        let part = cache.begin(Path::new(name), Quality::Low, len).unwrap();
        part.file().unwrap().set_len(len).unwrap();
        part.finish().unwrap();
    };
    finish("/a", 4000);
    finish("/b", 4000);
    assert_eq!(cache.room().unwrap(), 2000);
    finish("/b", 2000);
    assert_eq!(cache.room().unwrap(), 4000, "one file took the place of another");
    let part = cache.begin(Path::new("/c"), Quality::Low, 6000).unwrap();
    let held: u64 = cache.usage().unwrap().iter().map(|usage| usage.bytes).sum();
    assert!(held <= 4000, "{held} bytes and 6000 that are being made");
    assert!(cache.begin(Path::new("/d"), Quality::Low, 5000).unwrap_err().contains("limit"));
    drop(part);
    finish("/d", 5000);
}

#[test]
fn many_may_clear_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let cache = AudioCache::open(folder.path(), None).unwrap();
    for number in 0..500 {
        std::fs::write(folder.path().join(format!("{number:032x}_low_128k.mp3")), [0; 100]).unwrap();
    }
    let removed: u64 = thread::scope(|scope| {
        let clearing: Vec<_> = (0..8).map(|_| scope.spawn(|| cache.clear(None, None).unwrap())).collect();
        clearing.into_iter().map(|clearing| clearing.join().unwrap()).sum()
    });
    assert_eq!(removed, 500);
}
