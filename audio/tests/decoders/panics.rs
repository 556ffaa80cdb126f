//! A panic in what reads or decodes a file is an error of that file, and of no other. Who asks for the file again, gets
//! it.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use audio::pcm::ffmpeg::Kept;
use audio::pcm::{self, Planes};
use audio::{Error, Source};

use crate::sources::wave;
use crate::{open, tones, whole};

/// A file that panics at one of its reads, as a decoder does at a place that it did not expect.
struct Panicking {
    bytes: Vec<u8>,
    reads_until: AtomicU64,
}

impl Source for Panicking {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_now(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.read_at(buffer, offset)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        assert!(self.reads_until.fetch_sub(1, Ordering::Relaxed) != 1, "a panic of the test");
        let rest = usize::try_from(offset).ok().and_then(|offset| self.bytes.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// Reads a file of which one read panics, for each of its reads in turn; says how many of them failed.
fn with_each_read_panicking(bytes: &[u8], extension: &str) -> usize {
    let expected = whole(open(bytes, extension).unwrap().as_mut());
    let mut failed = 0;
    for reads in 2.. {
        let panicking = Arc::new(Panicking { bytes: bytes.to_vec(), reads_until: AtomicU64::new(reads) });
        let source: Arc<dyn Source> = Arc::<Panicking>::clone(&panicking);
        let mut planes = Planes::new();
        let read = pcm::open(&source, Some(extension), &Kept::default())
            .and_then(|mut pcm| pcm.read(0, expected[0].len(), &mut planes));
        if (1..u64::MAX / 2).contains(&panicking.reads_until.load(Ordering::Relaxed)) {
            assert!(read.is_ok() && planes == expected, "there are {reads} reads at most");
            return failed;
        }
        failed += usize::from(match read {
            Ok(()) => false,
            Err(Error::Unsupported(_)) => true,
            Err(error) => panic!("{error}"),
        });
        let again = pcm::open(&source, Some(extension), &Kept::default())
            .and_then(|mut pcm| pcm.read(0, expected[0].len(), &mut planes));
        assert!(again.is_ok() && planes == expected, "it can be read again after a panic at read {reads}");
    }
    failed
}

#[test]
fn a_panic_while_a_file_is_read_is_an_error_of_that_file() {
    assert!(with_each_read_panicking(&wave(44_100, 16, false, &tones(44_100, 2, 1.0)), "wav") > 0);
    for name in ["noise.m4a", "surround.opus"] {
        let bytes = std::fs::read(format!("tests/files/{name}")).unwrap();
        assert!(with_each_read_panicking(&bytes, name) > 0);
    }
    // A damaged frame of Monkey's Audio is silent, whatever its decoder does.
    with_each_read_panicking(&std::fs::read("tests/files/fast.ape").unwrap(), "ape");
}
