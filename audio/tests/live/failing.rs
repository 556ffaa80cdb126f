//! Files and disks that fail: everybody gets an answer, and the next file plays.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use audio::encoders::{Encoders, Patience};
use audio::transcoding::{LiveSource, Storage, Transcoding};

use crate::sources::{Beyond, FullDisk, Gate, LowDisk, Sound, Temporary, encoders, read, transcoding};

fn good(encoders: &Encoders) -> Vec<u8> {
    let sound = Arc::new(Sound::new(30, Beyond::Nothing));
    read(&LiveSource::new(transcoding(&sound, None, encoders))).unwrap()
}

#[test]
fn a_decoder_that_panics_is_an_error_of_its_file_and_costs_no_thread() {
    let encoders = encoders();
    // More than there are threads, of both kinds.
    for number in 0..2 * thread::available_parallelism().unwrap().get() + 2 {
        let sound = Arc::new(Sound { from: 500_000, ..Sound::new(60, Beyond::Panic) });
        let live = transcoding(&sound, Some(Box::new(Temporary)), &encoders);
        if number % 2 == 0 {
            live.fill();
            assert!(live.wait().unwrap_err().contains("a worker in trouble"));
        }
        let error = read(&LiveSource::new(Arc::clone(&live))).unwrap_err();
        assert!(error.to_string().contains("a worker in trouble"), "{error}");
        assert!(live.wait().is_err());
    }
    good(&encoders);
}

#[test]
fn a_decoder_that_hangs_is_given_up_and_another_thread_takes_its_place() {
    let patience = Duration::from_millis(300);
    let encoders = Encoders::with_patience(NonZeroUsize::MIN, Patience { readers: patience, cache: patience }).unwrap();
    let gate = Arc::new(Gate::default());
    for number in 0..3 {
        let sound = Arc::new(Sound { from: 500_000, ..Sound::new(60, Beyond::Wait(Arc::clone(&gate))) });
        let live = transcoding(&sound, Some(Box::new(Temporary)), &encoders);
        let error = if number == 0 {
            live.fill();
            live.wait().unwrap_err()
        } else {
            read(&LiveSource::new(Arc::clone(&live))).unwrap_err().to_string()
        };
        assert_eq!(error, "The decoder made no progress at this file.");
        assert!(live.is_hung());
    }
    good(&encoders);
    gate.open();
}

#[test]
fn a_source_that_fails_or_changes_on_the_way_ends_the_stream_with_the_reason() {
    for (beyond, is_changed, reason) in [
        (Beyond::Error(rustix::io::Errno::IO), false, "The file could not be read."),
        (Beyond::Nothing, true, "The file was changed while it was read."),
    ] {
        let sound = Arc::new(Sound { from: 2_000_000, is_changed, ..Sound::new(60, beyond) });
        let live = transcoding(&sound, Some(Box::new(Temporary)), &encoders());
        let error = read(&LiveSource::new(Arc::clone(&live))).unwrap_err();
        assert_eq!(error.to_string(), reason);
        assert_eq!(live.wait(), Err(reason.to_owned()), "nor is it kept");
    }
}

#[test]
fn when_the_disk_is_full_or_low_the_stream_goes_on() {
    let encoders = encoders();
    // Longer than what is kept in memory.
    let sound = Arc::new(Sound::new(150, Beyond::Nothing));
    let whole = read(&LiveSource::new(transcoding(&sound, Some(Box::new(Temporary)), &encoders))).unwrap();
    for (storage, reason) in
        [(Box::new(FullDisk) as Box<dyn Storage>, "disk may be full"), (Box::new(LowDisk), "too little room")]
    {
        let live: Arc<Transcoding> = transcoding(&sound, Some(storage), &encoders);
        let source = LiveSource::new(Arc::clone(&live));
        assert!(read(&source).unwrap() == whole);
        assert!(live.wait().unwrap_err().contains(reason));
        assert!(read(&source).unwrap() == whole, "again, with what is on disk and what has to be made anew");
    }
}
