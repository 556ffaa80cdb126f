//! Sounds in memory, some of which cannot be read to their end.

use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex};

use audio::Source;
use audio::encoders::{Encoders, Patience};
use audio::mp3::Bitrate;
use audio::transcode::Recipe;
use audio::transcoder::Ffmpeg;
use audio::transcoding::{LiveSource, Outcome, Storage, Transcoding};

/// A WAV of one channel with a rising tone.
pub(crate) fn wav(seconds: u32) -> Vec<u8> {
    let samples = seconds * 44_100;
    let mut wav = b"RIFF".to_vec();
    wav.extend((samples * 2 + 36).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    for number in [44_100_u32, 88_200, 0x0010_0002, u32::from_le_bytes(*b"data"), samples * 2] {
        wav.extend(number.to_le_bytes());
    }
    wav.extend((0..samples).flat_map(|n| i16::try_from(n.wrapping_mul(n) % 9001).unwrap().to_le_bytes()));
    wav
}

/// What happens to reads beyond a place.
pub(crate) enum Beyond {
    Nothing,
    Panic,
    /// They wait for the gate.
    Wait(Arc<Gate>),
    Error(rustix::io::Errno),
}

/// Lets reads through once it is open.
#[derive(Default)]
pub(crate) struct Gate {
    state: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl Gate {
    pub(crate) fn open(&self) {
        self.state.lock().unwrap().0 = true;
        self.changed.notify_all();
    }

    /// Waits until so many reads wait.
    pub(crate) fn wait_for(&self, count: usize) {
        let state = self.state.lock().unwrap();
        drop(self.changed.wait_while(state, |(_, waiting)| *waiting < count).unwrap());
    }

    fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        self.changed.notify_all();
        drop(self.changed.wait_while(state, |(is_open, _)| !*is_open).unwrap());
    }
}

/// A WAV with this fate.
pub(crate) struct Sound {
    pub(crate) bytes: Vec<u8>,
    /// Where the trouble begins; the end of the file can be read, for tags may be there.
    pub(crate) from: u64,
    pub(crate) beyond: Beyond,
    /// Where it was read.
    pub(crate) reads: Mutex<Vec<u64>>,
    pub(crate) is_changed: bool,
}

impl Sound {
    pub(crate) fn new(seconds: u32, beyond: Beyond) -> Self {
        let bytes = wav(seconds);
        Self { bytes, from: 1000, beyond, reads: Mutex::default(), is_changed: false }
    }

    fn trouble(&self) -> std::ops::Range<u64> {
        self.from..self.len().saturating_sub(100_000)
    }
}

impl Source for Sound {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn is_unchanged(&self) -> bool {
        // Not while it is read: those panics are already caught around the decoder.
        let is_in_trouble = |reads: &[u64]| reads.iter().any(|place| self.trouble().contains(place));
        assert!(
            !matches!(self.beyond, Beyond::Panic) || !is_in_trouble(&self.reads.lock().unwrap()),
            "a worker in trouble"
        );
        !self.is_changed
    }

    fn read_now(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.reads.lock().unwrap().push(offset);
        // The decoder reads ahead by some 64 KiB.
        if self.trouble().contains(&(offset + buffer.len() as u64)) {
            match &self.beyond {
                Beyond::Nothing | Beyond::Panic => {}
                Beyond::Wait(gate) => gate.pass(),
                Beyond::Error(error) => return Err((*error).into()),
            }
        }
        let rest = self.bytes.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.read_now(buffer, offset)
    }
}

pub(crate) fn encoders() -> Encoders {
    Encoders::with_patience(NonZeroUsize::MIN, Patience::default()).unwrap()
}

/// A transcoding of a sound, whose head was read before its fate began.
pub(crate) fn transcoding(
    sound: &Arc<Sound>,
    storage: Option<Box<dyn Storage>>,
    encoders: &Encoders,
) -> Arc<Transcoding> {
    let recipe = |source: Arc<dyn Source>| Recipe::new(source, Some("wav".into()), Bitrate::Kbps128, Ffmpeg::Refused);
    let head: Arc<dyn Source> = Arc::new(Sound { bytes: sound.bytes.clone(), ..Sound::new(0, Beyond::Nothing) });
    let layout = recipe(head).layout().unwrap();
    let sound: Arc<dyn Source> = Arc::<Sound>::clone(sound);
    Arc::new(Transcoding::new(recipe(sound), layout, &[0; 16], storage, encoders.clone()))
}

/// Reads to the end, or to the error.
pub(crate) fn read(source: &LiveSource) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 10_000];
    while (bytes.len() as u64) < source.len() {
        let read = source.read_at(&mut buffer, bytes.len() as u64)?;
        assert!(read > 0, "nothing at {}", bytes.len());
        bytes.extend(&buffer[..read]);
    }
    Ok(bytes)
}

/// A disk with room.
pub(crate) struct Temporary;

impl Storage for Temporary {
    fn open(&self, _: u64) -> Result<File, String> {
        Ok(tempfile::tempfile().unwrap())
    }

    fn reserve(&self, _: u64) -> Result<(), String> {
        Ok(())
    }

    fn finish(&self, made: Outcome) -> Outcome {
        made
    }
}

/// A disk with room for 100,000 bytes.
pub(crate) struct FullDisk;

impl Storage for FullDisk {
    fn open(&self, _: u64) -> Result<File, String> {
        // A file that may not grow any more.
        let disk = rustix::fs::memfd_create("full", rustix::fs::MemfdFlags::ALLOW_SEALING).unwrap();
        rustix::fs::ftruncate(&disk, 100_000).unwrap();
        rustix::fs::fcntl_add_seals(&disk, rustix::fs::SealFlags::GROW).unwrap();
        Ok(disk.into())
    }

    fn reserve(&self, _: u64) -> Result<(), String> {
        Ok(())
    }

    fn finish(&self, made: Outcome) -> Outcome {
        made
    }
}

/// A disk that stores nothing, because it has too little room.
pub(crate) struct LowDisk;

impl Storage for LowDisk {
    fn open(&self, _: u64) -> Result<File, String> {
        Err("too little room".to_owned())
    }

    fn reserve(&self, _: u64) -> Result<(), String> {
        Ok(())
    }

    fn finish(&self, made: Outcome) -> Outcome {
        made
    }
}
