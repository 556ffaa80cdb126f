//! Jobs for the cache and their reports, with real files: what is made, what is left alone, and what outlives a crash.

#![allow(clippy::unwrap_used, reason = "a test that stops has failed")]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use audio::jobs::{Job, JobFolder, JobTrack, Pace, Wish};
use audio::progress::Numbered;
use audio::{AudioCache, CacheWorker, MusicRoot, ProgressTracker, Transcoder};
use model::progress::{Status, Step};
use model::{Progress, Quality, TrackPath};
use tempfile::TempDir;

/// A music folder and a cache.
struct House {
    folder: TempDir,
    progress: Arc<ProgressTracker>,
}

impl House {
    fn new(files: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("music")).unwrap();
        let house = Self { folder, progress: Arc::default() };
        for file in files {
            house.put(file, 40_000);
        }
        house
    }

    /// A WAV of one channel with a rising tone.
    fn put(&self, name: &str, samples: u32) {
        let mut wav = b"RIFF".to_vec();
        wav.extend((samples * 2 + 36).to_le_bytes());
        wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
        for number in [44_100_u32, 88_200, 0x0010_0002, u32::from_le_bytes(*b"data"), samples * 2] {
            wav.extend(number.to_le_bytes());
        }
        wav.extend((0..samples).flat_map(|n| i16::try_from(n.wrapping_mul(n) % 9001).unwrap().to_le_bytes()));
        std::fs::write(self.folder.path().join("music").join(name), wav).unwrap();
    }

    fn cache_folder(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    fn worker(&self, limit: Option<u64>) -> CacheWorker {
        let cache = AudioCache::open(&self.cache_folder(), limit).unwrap();
        let transcoder = Arc::new(Transcoder::start(Some(cache), NonZeroUsize::MAX).unwrap());
        let music = Arc::new(MusicRoot::new(&self.folder.path().join("music")).unwrap());
        let progress = Arc::clone(&self.progress);
        let jobs = self.cache_folder().join("jobs");
        CacheWorker::start(music, transcoder, progress, &jobs, NonZeroUsize::new(3).unwrap()).unwrap()
    }

    /// The finished files and when they were made.
    fn cached(&self) -> Vec<(PathBuf, SystemTime)> {
        let entries = std::fs::read_dir(self.cache_folder()).unwrap().map(|entry| entry.unwrap());
        let files = entries.filter(|entry| entry.metadata().unwrap().is_file());
        let mut files: Vec<_> = files.map(|file| (file.path(), file.metadata().unwrap().modified().unwrap())).collect();
        files.sort();
        files
    }

    fn hear(&self, task: &str, after: u64) -> Vec<Numbered> {
        let mut listener = self.progress.listen(Some(task), after);
        let mut heard = Vec::new();
        block_on(async {
            while let Some(report) = tokio::time::timeout(Duration::from_mins(1), listener.next()).await.unwrap() {
                heard.push(report);
            }
        });
        assert!(listener.has_heard_all());
        heard
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
}

fn job(task: &str, names: &[&str], pace: Pace, wish: Wish) -> Job {
    let track = |name: &&str| JobTrack { path: TrackPath((*name).to_owned()), title: (*name).to_owned() };
    Job {
        task_id: task.to_owned(),
        tracks: names.iter().map(track).collect(),
        qualities: vec![Quality::Medium, Quality::Low],
        pace,
        wish,
    }
}

fn last(heard: &[Numbered]) -> &Progress {
    &heard.last().unwrap().1
}

#[test]
fn every_track_is_reported_as_made_skipped_or_failed() {
    for pace in [Pace::InOrder, Pace::Parallel] {
        let house = House::new(&["a.wav", "b.wav", "c.mp3"]);
        let worker = house.worker(None);
        let names = ["a.wav", "b.wav", "c.mp3", "gone.wav", "a.wav"];
        worker.schedule(job("tape", &names, pace, Wish::Missing)).unwrap();
        let heard = house.hear("tape", 0);
        assert_eq!(house.cached().len(), 4, "two files in two qualities");

        assert!(heard.is_sorted_by_key(|(number, report)| (*number, report.current)));
        assert_eq!((heard[0].1.status, heard[0].1.current, heard[0].1.total), (Status::Pending, 0, 5));
        let count = |step| heard.iter().filter(|(_, report)| report.step == step).count();
        // The same file twice at once may be made once or found.
        assert_eq!(count(Step::TrackCached) + count(Step::TrackSkipped), 4);
        assert!(count(Step::TrackCached) >= 2);
        let said = |step, words: &str| heard.iter().any(|(_, report)| report.step == step && report.message == words);
        assert!(said(Step::Caching, "Caching track 5 of 5"));
        assert!(said(Step::TrackCached, "“b.wav” is ready"));
        assert!(said(Step::TrackSkipped, "“c.mp3”: is small already and served as it is"));
        assert!(said(Step::TrackFailed, "“gone.wav”: There is no such file in the music library."));
        let end = last(&heard);
        assert_eq!((end.step, end.status, end.current), (Step::Summary, Status::Completed, 5));
        assert!(end.message.ends_with("1 failed"), "{}", end.message);

        let ready = names.map(|name| TrackPath(name.to_owned()));
        assert_eq!(worker.verify(&ready, Quality::Low), [true, true, true, false, true]);
        assert_eq!(worker.verify(&ready, Quality::High), [false, false, true, false, false]);
        assert!(JobFolder::open(&house.cache_folder().join("jobs")).unwrap().unfinished().unwrap().is_empty());
    }
}

#[test]
fn a_report_has_the_fields_of_the_documents() {
    let house = House::new(&["a.wav"]);
    let worker = house.worker(None);
    worker.schedule(job("summer-vibes", &["a.wav"], Pace::InOrder, Wish::Missing)).unwrap();
    let heard = house.hear("summer-vibes", 0);
    let json = serde_json::to_value(&heard[1].1).unwrap();
    let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["current", "message", "status", "step", "task_id", "timestamp", "total"]);
    assert_eq!((&json["task_id"], &json["step"]), (&"summer-vibes".into(), &"caching".into()));
    assert_eq!((&json["status"], &json["message"]), (&"in_progress".into(), &"Caching track 1 of 1".into()));
    let time = json["timestamp"].as_str().unwrap();
    assert!(
        time.len() == "2024-09-28T12:34:56.789012Z".len() && time.starts_with("20") && time.ends_with('Z'),
        "{time}"
    );

    // Who comes late hears all of it; who was there hears the rest.
    assert_eq!(house.hear("summer-vibes", 0), heard);
    assert_eq!(house.hear("summer-vibes", heard[2].0), heard[3..]);
    assert_eq!(house.progress.latest(), [last(&heard).clone()]);
    house.progress.close();
    assert!(house.progress.listen(Some("never begun"), 0).has_heard_all());
}

#[test]
fn a_second_job_finds_everything_ready_and_an_outdated_one_makes_only_what_changed() {
    let house = House::new(&["a.wav", "b.wav", "c.wav"]);
    let worker = house.worker(None);
    worker.schedule(job("t", &["a.wav", "b.wav"], Pace::InOrder, Wish::Missing)).unwrap();
    house.hear("t", 0);
    let before = house.cached();
    house.put("b.wav", 50_000);
    for (wish, summary) in [
        (Wish::Outdated, "1 track made ready, 2 needed nothing"),
        (Wish::Missing, "1 track made ready, 2 needed nothing"),
    ] {
        worker.schedule(job("t", &["a.wav", "b.wav", "c.wav"], Pace::InOrder, wish)).unwrap();
        assert_eq!(last(&house.hear("t", 0)).message, summary, "{wish:?}");
    }
    let after = house.cached();
    assert_eq!(after.len(), 6);
    let same = before.iter().filter(|file| after.contains(file)).count();
    assert_eq!(same, 2, "what was up to date was left alone");
}

#[test]
fn what_is_made_ahead_needs_room_and_makes_none() {
    let house = House::new(&["a.wav", "b.wav"]);
    let one = |name: &str, wish| Job { qualities: vec![Quality::Low], ..job("t", &[name], Pace::InOrder, wish) };
    let worker = house.worker(Some(20_000));
    for (name, wish, summary) in [
        ("a.wav", Wish::MissingWithRoom, "1 track made ready"),
        ("b.wav", Wish::MissingWithRoom, "0 tracks made ready, 1 needed nothing"),
        ("b.wav", Wish::Missing, "1 track made ready"),
    ] {
        worker.schedule(one(name, wish)).unwrap();
        assert_eq!(last(&house.hear("t", 0)).message, summary, "{wish:?}");
        assert_eq!(house.cached().len(), 1);
    }
}

#[test]
fn an_interrupted_job_is_taken_up_again() {
    let house = House::new(&["a.wav", "b.wav"]);
    let folder = JobFolder::open(&house.cache_folder().join("jobs")).unwrap();
    let unfinished = job("tape", &["a.wav", "b.wav"], Pace::Parallel, Wish::Missing);
    folder.keep(&unfinished).unwrap();
    std::fs::write(house.cache_folder().join("jobs/0.json"), "no job").unwrap();
    assert_eq!(folder.unfinished().unwrap(), [unfinished]);
    let _worker = house.worker(None);
    assert_eq!(last(&house.hear("tape", 0)).message, "2 tracks made ready");
    assert_eq!(house.cached().len(), 4);
    assert!(folder.unfinished().unwrap().is_empty());
}

#[test]
fn a_later_job_takes_the_place_of_an_earlier_one() {
    let house = House::new(&["a.wav", "b.wav"]);
    let worker = house.worker(None);
    let many = ["a.wav"; 200];
    worker.schedule(job("tape", &many, Pace::InOrder, Wish::Missing)).unwrap();
    worker.schedule(job("tape", &["b.wav"], Pace::InOrder, Wish::Missing)).unwrap();
    let heard = house.hear("tape", 0);
    assert!(heard.iter().all(|(_, report)| report.total == 1), "nothing of the first is heard any more");
    assert_eq!(last(&heard).message, "1 track made ready");
}
