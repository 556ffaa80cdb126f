//! The program itself, killed in the middle of a batch: what is served afterwards is whole, and the batch is done.
//! Everything that does not need a process of its own is tested elsewhere.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use audio::verify::{Verdict, verify};
use audio::{AudioCache, MusicRoot};
use library::Index;
use library::search::Query;
use model::search::Pages;

use crate::admin::tape;
use crate::harness::{TestServer, wav};

/// The program with a log to read.
struct Ferric {
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Ferric {
    fn start(server: &TestServer) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ferric"))
            .env_clear()
            // Where ffmpeg is.
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .args(["serve", "--listen", "127.0.0.1:0", "--password", "x", "--music"])
            .arg(server.music())
            .arg("--data")
            .arg(server.folder().join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        Self { child, log }
    }

    /// Reads the log until a line with these words comes.
    fn wait_for(&mut self, words: &str) -> String {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert!(self.log.read_line(&mut line).unwrap() > 0, "it ended without “{words}”");
        }
        line
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Ferric {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The program as it reads the music folder, with a log of every batch.
fn scanning(server: &TestServer, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ferric"));
    command.env_clear().args(["scan", "--log", "debug", "--music"]).arg(server.music()).arg("--data").arg(data);
    command
}

#[test]
fn a_scan_that_is_killed_keeps_what_it_has_written_and_the_next_one_reads_only_the_rest() {
    // More than are written in one transaction.
    const FILES: u64 = 24_000;
    let server = TestServer::start();
    for number in 0..FILES {
        server.put(&format!("{}/{number}.wav", number % 50), &wav(10));
    }
    let data = server.folder().join("scanned");
    let mut child = scanning(&server, &data).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let log = BufReader::new(child.stderr.take().unwrap());
    let mut first = Ferric { child, log };
    first.wait_for("a batch of the scan is written");
    first.kill();

    let index = server.block_on(Index::open(&data)).unwrap();
    let statistics = server.block_on(index.statistics()).unwrap();
    server.block_on(index.close());
    let written = statistics.tracks;
    assert!(written > 0 && written < FILES, "killed in the middle: {written}");
    assert_eq!((statistics.last_scan, statistics.rebuilt), (None, None));

    let second = scanning(&server, &data).output().unwrap();
    assert!(second.status.success());
    let summary = String::from_utf8(second.stdout).unwrap();
    let rest = format!("{FILES} files, {} added, in ", FILES - written);
    assert!(summary.starts_with(&rest), "{summary}");
    assert!(summary.contains(&format!("50 releases and {FILES} tracks")), "{summary}");

    // Also those that were written before the search knew of them.
    let index = server.block_on(Index::open(&data)).unwrap();
    for number in (1000..FILES).step_by(1000) {
        let query = Query::parse(&format!("song:\"{number}\""));
        let found = server.block_on(index.search(&query, &Pages::default())).unwrap();
        assert_eq!(found.tracks.count, 1, "{number}");
    }
    server.block_on(index.close());
}

fn verdicts(cache: &Path, music: &Path) -> Vec<Verdict> {
    let verified = verify(&AudioCache::existing(cache), &MusicRoot::new(music).unwrap()).unwrap();
    verified.into_iter().map(|file| file.verdict).collect()
}

#[test]
fn a_batch_that_is_killed_leaves_nothing_half_made_and_is_finished_after_a_restart() {
    let server = TestServer::start();
    let names: Vec<_> = (0..12).map(|number| format!("{number}.wav")).collect();
    tape(&server, "tape", &names.iter().map(String::as_str).collect::<Vec<_>>());
    let cache = server.folder().join("data/cache/audio");

    let mut first = Ferric::start(&server);
    first.wait_for(" cached ");
    first.kill();
    let whole = verdicts(&cache, &server.music());
    assert!(!whole.is_empty() && whole.len() < names.len(), "killed in the middle: {whole:?}");
    assert!(whole.iter().all(|verdict| *verdict == Verdict::Good));

    let mut second = Ferric::start(&server);
    second.wait_for("taken up again");
    let done = second.wait_for("cache job done");
    assert!(done.contains("failed: 0"), "{done}");
    assert_eq!(verdicts(&cache, &server.music()), [Verdict::Good; 12]);
    let left_over = std::fs::read_dir(&cache)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|ending| ending == "part"));
    assert_eq!(left_over.count(), 0);
}

/// Whether another process has a file on its standard input, as ffmpeg has what it decodes.
fn is_decoded(path: &Path) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.into_iter().any(|process| {
        let is_other = process.file_name().to_str().is_some_and(|id| id.parse::<u32>().is_ok());
        is_other && std::fs::read_link(process.path().join("fd/0")).is_ok_and(|input| input == path)
    })
}

#[test]
fn an_ffmpeg_does_not_outlive_the_server_that_is_killed() {
    let server = TestServer::start();
    tape(&server, "tape", &["a.wma"]);
    let path = server.music().join("a.wma");
    let made = Command::new("ffmpeg")
        .args(["-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", "sine=d=3600", "-c:a", "wmav2"])
        .arg(&path)
        .status()
        .expect("ffmpeg is installed by `cargo xtask test`");
    assert!(made.success());
    let mut ferric = Ferric::start(&server);
    let eventually = |what: &str, is_so: &dyn Fn() -> bool| {
        let started = std::time::Instant::now();
        while !is_so() {
            assert!(started.elapsed() < std::time::Duration::from_secs(20), "{what}");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    };
    eventually("the file is decoded for the cache", &|| is_decoded(&path));
    ferric.kill();
    eventually("its ffmpeg ends, too", &|| !is_decoded(&path));
}

#[test]
fn in_production_there_is_no_start_without_a_password() {
    let (music, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ferric"));
        let output = command.env_clear().args(["serve", "--production", "--music"]).arg(music.path()).arg("--data");
        output.arg(folder.path().join("data")).args(arguments).output().unwrap()
    };
    let refused = run(&["--listen", "127.0.0.1:0"]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("PASSWORD"), "{refused:?}");
    // With one it gets as far as an address that is nobody's.
    let started = run(&["--listen", "192.0.2.1:1", "--password", "x"]);
    assert!(String::from_utf8_lossy(&started.stderr).contains("LISTEN"), "{started:?}");
}
