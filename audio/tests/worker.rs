//! Jobs for the cache and their reports, with real files: what is made, what is left alone, and what outlives a crash.

#![allow(clippy::unwrap_used, reason = "a test that stops has failed")]

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use audio::attempts::{Attempts, Unfinished};
use audio::cache::{hex, mark};
use audio::jobs::{Job, JobFolder, JobTrack, Pace, Wish};
use audio::progress::Numbered;
use audio::{AudioCache, CacheWorker, MusicRoot, ProgressTracker, RelativePath, Transcoder};
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
        let house = House::new(&["a.wav", "b.wav"]);
        std::fs::write(house.folder.path().join("music/c.mp3"), b"\xff\xfb\x90\x64 and so on").unwrap();
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
    assert_eq!(keys, ["current", "id", "message", "run", "status", "step", "task_id", "timestamp", "total"]);
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
fn a_second_job_makes_what_has_changed_and_one_that_overwrites_makes_everything() {
    let house = House::new(&["a.wav", "b.wav", "c.wav"]);
    let worker = house.worker(None);
    worker.schedule(job("t", &["a.wav", "b.wav"], Pace::InOrder, Wish::Missing)).unwrap();
    house.hear("t", 0);
    let first = house.cached();
    house.put("b.wav", 50_000);
    let again = |wish| {
        let before = house.cached();
        worker.schedule(job("t", &["a.wav", "b.wav", "c.wav"], Pace::InOrder, wish)).unwrap();
        let summary = last(&house.hear("t", 0)).message.clone();
        let after = house.cached();
        (summary, before.iter().filter(|file| after.contains(file)).count())
    };
    assert_eq!(again(Wish::Missing), ("2 tracks made ready, 1 needed nothing".to_owned(), first.len() / 2));
    assert_eq!(again(Wish::Missing), ("0 tracks made ready, 3 needed nothing".to_owned(), 6));
    assert_eq!(again(Wish::All), ("3 tracks made ready".to_owned(), 0), "not one file is the old one");
    assert_eq!(house.cached().len(), 6);
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

#[test]
fn a_file_that_makes_its_decoder_panic_fails_and_the_worker_lives_on() {
    let house = House::new(&["b.wav"]);
    // So many channels are more than the decoder was written for.
    let mut wav = std::fs::read(house.folder.path().join("music/b.wav")).unwrap();
    wav[22..24].copy_from_slice(&u16::MAX.to_le_bytes());
    std::fs::write(house.folder.path().join("music/a.wav"), wav).unwrap();
    let worker = house.worker(None);
    for pace in [Pace::InOrder, Pace::Parallel] {
        worker.schedule(job("tape", &["a.wav", "a.wav", "a.wav", "a.wav", "b.wav"], pace, Wish::Missing)).unwrap();
        let heard = house.hear("tape", 0);
        assert_eq!(heard.iter().filter(|(_, report)| report.step == Step::TrackFailed).count(), 4);
        assert!(last(&heard).message.ends_with("4 failed"), "{}", last(&heard).message);
    }
    assert_eq!(house.cached().len(), 2);
}

/// Starts files and ends without finishing them, like a process that one of them crashes.
fn crash(house: &House, names: &[&str]) {
    let attempts = Attempts::open(&house.cache_folder().join("jobs/attempts")).unwrap();
    let root = MusicRoot::new(&house.folder.path().join("music")).unwrap();
    for name in names {
        let file = root.open(&RelativePath::parse(name.as_bytes().to_vec()).unwrap()).unwrap();
        let begun = attempts.begin(&TrackPath((*name).to_owned()), &hex(mark(&file, Quality::High))).unwrap();
        assert_eq!(begun, Ok(()));
    }
}

#[test]
fn a_file_that_has_ended_the_server_twice_is_set_aside_until_it_changes_or_is_tried_again() {
    let house = House::new(&["a.wav", "b.wav", "c.wav"]);
    let names = ["a.wav", "b.wav", "c.wav"];
    let run = |worker: &CacheWorker| {
        worker.schedule(job("tape", &names, Pace::Parallel, Wish::Missing)).unwrap();
        house.hear("tape", 0)
    };
    // Two were at work when the server ended; the next time each is alone, and one of them ends it again.
    crash(&house, &["a.wav", "b.wav"]);
    crash(&house, &["b.wav"]);
    let worker = house.worker(None);
    let heard = run(&worker);
    assert_eq!(last(&heard).message, "2 tracks made ready, 1 failed");
    let reason = "“b.wav”: Set aside: The server ended twice while it was made ready.";
    assert!(heard.iter().any(|(_, report)| report.step == Step::TrackFailed && report.message == reason), "{heard:?}");
    let aside = |worker: &CacheWorker| worker.set_aside().into_iter().map(|it| it.path.0).collect::<Vec<_>>();
    assert_eq!(aside(&worker), ["b.wav"]);

    // Also after a restart; and another state of the file is another file.
    drop(worker);
    let worker = house.worker(None);
    assert_eq!(last(&run(&worker)).message, "0 tracks made ready, 2 needed nothing, 1 failed");
    house.put("b.wav", 50_000);
    assert_eq!(last(&run(&worker)).message, "1 track made ready, 2 needed nothing");
    assert!(aside(&worker).is_empty());

    house.put("b.wav", 60_000);
    crash(&house, &["b.wav"]);
    crash(&house, &["b.wav"]);
    assert_eq!((aside(&worker), worker.retry_set_aside().unwrap()), (vec!["b.wav".to_owned()], 1));
    assert_eq!(last(&run(&worker)).message, "1 track made ready, 2 needed nothing");
}

#[test]
fn an_orderly_end_is_no_attempt() {
    let house = House::new(&["a.wav"]);
    let folder = house.cache_folder().join("jobs/attempts");
    let path = TrackPath("a.wav".to_owned());
    for _ in 0..5 {
        let attempts = Attempts::open(&folder).unwrap();
        assert_eq!(attempts.begin(&path, "1").unwrap(), Ok(()));
        attempts.interrupt();
        attempts.end(&path, false);
    }
    let attempts = Attempts::open(&folder).unwrap();
    for _ in 0..2 {
        assert_eq!(attempts.begin(&path, "1").unwrap(), Ok(()));
        attempts.end(&path, true);
    }
    assert_eq!(attempts.begin(&path, "1").unwrap(), Err(Unfinished::Hung));
    assert_eq!(attempts.begin(&path, "2").unwrap(), Ok(()));
}
