//! Child processes that try the cases, as many as there are cores, and what became of them. A child that dies or hangs
//! is one wrong case; the next child goes on after it.

use std::io::{BufRead, BufReader};
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use std::{env, thread};

use crate::{BATCH, NAME};

/// Cases that one child tries, so that memory which is not given back shows.
const BATCH_CASES: u64 = 500;

/// A child that says nothing for so long hangs, however busy the machine is.
const SILENCE: Duration = Duration::from_mins(1);

/// The run stops after this many failed cases.
const ENOUGH: usize = 40;

/// What a case took at most: KiB of memory, and seconds of a processor.
static MOST: Mutex<(u64, f64)> = Mutex::new((0, 0.0));

/// Tries the cases with these seeds and says which went wrong.
pub(crate) fn run(folder: &Path, seeds: Range<u64>) -> Vec<String> {
    let (next, failures) = (Mutex::new(seeds.start), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while failures.lock().unwrap().len() < ENOUGH {
                    let batch = {
                        let mut next = next.lock().unwrap();
                        let first = *next;
                        *next = (first + BATCH_CASES).min(seeds.end);
                        first..*next
                    };
                    if batch.is_empty() {
                        break;
                    }
                    try_all(folder, batch, &failures);
                }
            });
        }
    });
    let most = MOST.lock().unwrap();
    println!("the most memory of a case: {} MiB, the most time: {:.1} s", most.0 / 1024, most.1);
    failures.into_inner().unwrap()
}

/// Tries a batch, with a new child after each that ends early.
fn try_all(folder: &Path, mut batch: Range<u64>, failures: &Mutex<Vec<String>>) {
    while !batch.is_empty() && failures.lock().unwrap().len() < ENOUGH {
        let mut child = Command::new(env::current_exe().unwrap())
            .args([NAME, "--exact", "--nocapture"])
            .env(BATCH, format!("{} {} {}", folder.display(), batch.start, batch.end))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        let reader = thread::spawn(move || output.lines().map_while(Result::ok).all(|line| sender.send(line).is_ok()));
        let last = follow(&lines, failures);
        if last.is_none() {
            child.wait().unwrap();
            reader.join().unwrap();
            return;
        }
        // It has ended, or does now.
        let _ = child.kill();
        let status = child.wait().unwrap();
        reader.join().unwrap();
        let last = last.unwrap_or_default();
        let seed = last.split(' ').next().and_then(|seed| seed.parse().ok()).unwrap_or(batch.start);
        failures.lock().unwrap().push(format!("{last}: the process ended or hung ({status})"));
        batch.start = seed + 1;
    }
}

/// Reads what a child says until it is done; else the case at which it ended or fell silent.
fn follow(lines: &Receiver<String>, failures: &Mutex<Vec<String>>) -> Option<String> {
    let mut at = String::new();
    while let Ok(line) = lines.recv_timeout(SILENCE) {
        if let Some(figures) = line.strip_prefix("done ") {
            let (memory, seconds) = figures.split_once(' ').unwrap();
            let mut most = MOST.lock().unwrap();
            most.0 = most.0.max(memory.parse().unwrap());
            most.1 = most.1.max(seconds.parse().unwrap());
            return None;
        }
        if let Some(case) = line.find("at ").filter(|place| *place == 0 || line.starts_with("test ")) {
            line[case + 3..].clone_into(&mut at);
        } else if let Some(wrong) = line.strip_prefix("wrong ") {
            failures.lock().unwrap().push(wrong.to_owned());
        }
    }
    Some(at)
}
