//! One damaged file after the other, in a child process: what the server does with a file is done to it, and the time
//! and memory that it takes are measured. Who started this is not known here.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use audio::mp3::Bitrate;
use audio::transcode::{Recipe, Run, bounds, pieces};
use audio::transcoder::Ffmpeg;
use audio::{Error, MusicRoot, RelativePath, Source, probe};

use crate::mutate::mutate;
use crate::sources::Memory;

/// What a case may take beyond what the process had before.
const MEMORY_KIB: u64 = 256 * 1024;

/// The most processor time of a case; of this thread alone, so that a busy machine changes nothing.
const PROCESSOR_SECONDS: f64 = 10.0;

/// The address space of a child, so that a case that grows without end ends the child and not the machine.
const ADDRESSES: u64 = 3 << 30;

/// Formats that another program decodes: it is started for each, so they have their turn less often.
const FOREIGN: [&str; 6] = ["wv", "tta", "mka", "wma", "dsf", "mov"];

/// One in so many cases is of a foreign format.
const FOREIGN_EVERY: u64 = 40;

/// Runs the cases of a batch, written as `folder first end`, and says on the standard output what it is at.
pub(crate) fn run(batch: &str) {
    let mut words = batch.rsplitn(3, ' ');
    let [end, first] = [(); 2].map(|()| words.next().unwrap().parse::<u64>().unwrap());
    let folder = Path::new(words.next().unwrap());
    let limit = rustix::process::Rlimit { current: Some(ADDRESSES), maximum: Some(ADDRESSES) };
    rustix::process::setrlimit(rustix::process::Resource::As, limit).unwrap();
    // Caught panics are not reported.
    set_hook(Box::new(|_| {}));
    let work = tempfile::tempdir().unwrap();
    let (foreign, own): (Vec<_>, Vec<_>) =
        names(folder).into_iter().partition(|path| FOREIGN.contains(&path.extension().unwrap().to_str().unwrap()));
    let (mut most, mut longest) = (0, 0.0_f64);
    for seed in first..end {
        let among = if seed % FOREIGN_EVERY == 0 { &foreign } else { &own };
        let original = &among[(seed / FOREIGN_EVERY * 7 + seed) as usize % among.len()];
        let name = original.file_name().unwrap().to_str().unwrap();
        println!("at {seed} {name}");
        let bytes = mutate(&fs::read(original).unwrap(), seed);
        fs::write(work.path().join(name), &bytes).unwrap();
        let (before, started) = (memory("VmRSS:"), processor_seconds());
        // Resets the peak of memory use.
        fs::write("/proc/self/clear_refs", "5").unwrap();
        let is_foreign = seed % FOREIGN_EVERY == 0;
        let outcome = catch_unwind(AssertUnwindSafe(|| one(work.path(), name, bytes, is_foreign)));
        let (taken, seconds) = (memory("VmHWM:").saturating_sub(before), processor_seconds() - started);
        (most, longest) = (most.max(taken), longest.max(seconds));
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(wrong)) => println!("wrong {seed} {name}: {wrong}"),
            Err(_) => println!("wrong {seed} {name}: a panic got out"),
        }
        if taken > MEMORY_KIB {
            println!("wrong {seed} {name}: it took {} MiB", taken / 1024);
        }
        if seconds > PROCESSOR_SECONDS {
            println!("wrong {seed} {name}: it took {seconds} s");
        }
        fs::remove_file(work.path().join(name)).unwrap();
    }
    println!("done {most} {longest}");
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    names
}

/// Everything that is done with a file before it is played.
fn one(folder: &Path, name: &str, bytes: Vec<u8>, is_foreign: bool) -> Result<(), String> {
    let (root, len) = (MusicRoot::new(folder).unwrap(), bytes.len() as u64);
    let file = root.open(&RelativePath::parse(name.as_bytes().to_vec()).unwrap()).unwrap();
    let _ = probe::probe(&file);
    let source: Arc<dyn Source> = if is_foreign { Arc::new(file) } else { Arc::new(Memory(bytes)) };
    let extension = name.rsplit('.').next().map(str::to_owned);
    let recipe = Recipe::new(source, extension, Bitrate::Kbps128, Ffmpeg::Allowed);
    // The other program may be ended because it takes too much.
    let is_answer = |error: &Error| match error {
        Error::Unsupported(_) => true,
        Error::Hung | Error::Io(_) => is_foreign,
        _ => false,
    };
    let layout = match recipe.layout() {
        Ok(layout) => layout,
        Err(error) if is_answer(&error) => return Ok(()),
        Err(error) => return Err(error.to_string()),
    };
    // A silent frame of the most compact codec; what another program decodes has a length of its own.
    if !is_foreign && layout.samples / 12 > len * 6_554 {
        return Err(format!("{} samples in {len} bytes", layout.samples));
    }
    let last = pieces(&layout).saturating_sub(1);
    let mut places = vec![0, last / 2, last];
    places.dedup();
    for place in places {
        let made = Run::start(&recipe, place).and_then(|mut run| run.next_piece());
        let (start, end) = bounds(&layout, place);
        match made {
            Ok(Some(piece)) if piece.len() as u64 == end - start => {}
            Ok(piece) => return Err(format!("segment {place} has {:?} bytes", piece.map(|piece| piece.len()))),
            Err(error) if is_answer(&error) => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Ok(())
}

/// A figure of this process in KiB.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// How long this thread has run.
fn processor_seconds() -> f64 {
    let line = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    line.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}
