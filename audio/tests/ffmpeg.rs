//! Files that only ffmpeg decodes: in order, through a pipe, as far as they are read. ffmpeg also creates them, so it
//! has to be installed (`cargo xtask test` does that).

#![allow(clippy::unwrap_used, reason = "a test that stops has failed")]

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use audio::pcm::ffmpeg::{Kept, is_installed, processes};
use audio::pcm::{self, Pcm, Planes};
use audio::transcoder::Ffmpeg;
use audio::{AudioFile, Error, MusicRoot, RelativePath, Source, Transcoder};
use model::Quality;
use tempfile::TempDir;

/// The tests count processes, so they take turns.
static TURN: Mutex<()> = Mutex::new(());

struct Music {
    folder: TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Music {
    fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(is_installed(), "ffmpeg is not installed; `cargo xtask test` installs it");
        Self { folder: tempfile::tempdir().unwrap(), _turn: turn }
    }

    /// A file with so many seconds of noise and tones.
    fn make(&self, name: &str, seconds: &str, options: &[&str]) -> PathBuf {
        let path = self.folder.path().join(name);
        let sound = format!(
            "aevalsrc=0.3*sin(2*PI*(200+t*7)*t)+0.1*random(0)|0.3*sin(2*PI*(300+t*5)*t)+0.1*random(1):s=44100:d={seconds}"
        );
        let made = Command::new("ffmpeg")
            .args(["-loglevel", "error", "-y", "-f", "lavfi", "-i", &sound])
            .args(options)
            .arg(&path)
            .stdin(Stdio::null())
            .status()
            .unwrap();
        assert!(made.success(), "{name}");
        path
    }

    fn file(&self, name: &str) -> Arc<AudioFile> {
        let root = MusicRoot::new(self.folder.path()).unwrap();
        Arc::new(root.open(&RelativePath::parse(name.as_bytes().to_vec()).unwrap()).unwrap())
    }

    fn open(&self, name: &str) -> Box<dyn Pcm> {
        let source: Arc<dyn Source> = self.file(name);
        pcm::open(&source, None, &Kept::default()).unwrap()
    }
}

fn read(pcm: &mut dyn Pcm, first: u64, count: usize) -> Planes {
    let mut planes = Planes::new();
    pcm.read(first, count, &mut planes).unwrap();
    planes
}

/// What another ffmpeg decodes, in one go.
fn reference(path: &Path) -> Vec<f32> {
    let decoded = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-i"])
        .arg(path)
        .args(["-f", "f32le", "pipe:1"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(decoded.status.success());
    decoded.stdout.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn every_place_has_the_samples_of_decoding_in_one_go() {
    let music = Music::new();
    for (name, options) in [
        ("a.wv", ["-c:a", "wavpack", "-sample_fmt", "s16p"].as_slice()),
        ("b.tta", ["-c:a", "tta", "-sample_fmt", "s16"].as_slice()),
        ("c.wma", ["-c:a", "wmav2", "-b:a", "192k"].as_slice()),
        ("d.mka", ["-c:a", "flac"].as_slice()),
    ] {
        let samples = reference(&music.make(name, "70.123", options));
        let mut pcm = music.open(name);
        let length = pcm.shape().length;
        assert!(length.abs_diff(samples.len() as u64 / 2) < 8192, "{name}: {length}");
        // Far on, a little back, far back, in order, and beyond the end.
        for first in [0, 3_000_000, 2_990_000, 100_000, 109_216, 118_432, 1_500_000, 2_000_000, length - 5000, length] {
            let planes = read(pcm.as_mut(), first, 9216);
            for (n, (left, right)) in planes[0].iter().zip(&planes[1]).enumerate() {
                let place = usize::try_from(first).unwrap() + n;
                let is_there = place < usize::try_from(length).unwrap();
                let expected = samples.get(2 * place..2 * place + 2).filter(|_| is_there).unwrap_or(&[0.0; 2]);
                let same = left.to_bits() == expected[0].to_bits() && right.to_bits() == expected[1].to_bits();
                assert!(same, "{name}, sample {place} read from {first}");
            }
        }
    }
}

#[test]
fn a_file_always_has_the_same_length_also_when_its_head_says_none() {
    let music = Music::new();
    let path = music.make("a.mka", "20", &["-c:a", "flac"]);
    // Written to a pipe, its header cannot be updated with the length.
    let piped = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-i"])
        .arg(&path)
        .args(["-c", "copy", "-f", "matroska", "pipe:1"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    std::fs::write(music.folder.path().join("b.mka"), piped.stdout).unwrap();
    for name in ["a.mka", "b.mka"] {
        assert_eq!(music.open(name).shape().length, 20 * 44_100, "{name}");
        assert_eq!(music.open(name).shape().length, 20 * 44_100, "{name}, again");
    }
}

#[test]
fn the_first_bytes_come_before_the_rest_is_decoded_and_whoever_leaves_ends_it() {
    let music = Music::new();
    music.make("a.wma", "900", &["-c:a", "wmav2"]);
    let transcoder = Transcoder::start(None, NonZeroUsize::MIN).unwrap();
    let refused = transcoder.open(music.file("a.wma"), Quality::Low, Ffmpeg::Refused);
    assert!(matches!(refused, Err(Error::NeedsFfmpeg)));
    assert_eq!(processes(), 0);
    let opened = transcoder.open(music.file("a.wma"), Quality::Low, Ffmpeg::Allowed).unwrap().source;
    assert!(opened.len().abs_diff(900 * 16_000) < 20_000, "{}", opened.len());
    let mut buffer = [0; 10_000];
    assert!(opened.read_at(&mut buffer, 5000).unwrap() > 0);
    assert_eq!(processes(), 1, "it waits where the listener is");
    // What is known of the file is known without it.
    assert!(transcoder.open(music.file("a.wma"), Quality::High, Ffmpeg::Refused).is_ok());
    drop(opened);
    eventually("it is ended", || processes() == 0);
}

#[test]
fn parked_processes_are_few() {
    let music = Music::new();
    music.make("a.wma", "60", &["-c:a", "wmav2"]);
    let files: Vec<_> = (0..40)
        .map(|number| {
            let name = format!("{number}.wma");
            std::fs::copy(music.folder.path().join("a.wma"), music.folder.path().join(&name)).unwrap();
            let (kept, source) = (Kept::default(), music.file(&name) as Arc<dyn Source>);
            drop(pcm::open(&source, None, &kept).unwrap());
            (kept, source)
        })
        .collect();
    let most = model::limits::transcoding::FFMPEG_PARKED;
    eventually("the others are ended", || processes() <= most);
    let mut again = pcm::open(&files[0].1, None, &files[0].0).unwrap();
    assert!(read(again.as_mut(), 1000, 1000)[0].iter().any(|sample| *sample != 0.0));
    drop((again, files));
    eventually("all are ended", || processes() == 0);
}
