//! Random-access transcoding: any piece, made by itself, is the bytes of the whole. Sounds are made here.

#![allow(clippy::unwrap_used, reason = "a test that stops has failed")]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "samples and seconds of short sounds")]

use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use audio::mp3::Bitrate;
use audio::pcm::Pcm;
use audio::pcm::decoded::Decoded;
use audio::transcode::{Recipe, Run, pieces};
use audio::transcoder::{Ffmpeg, Overwrite, Transcoded};
use audio::{AudioCache, AudioFile, MusicRoot, RelativePath, Source, Transcoder};
use flacenc::component::BitRepr;
use flacenc::error::Verify;
use model::Quality;
use tempfile::TempDir;

struct Memory(Vec<u8>);

impl Source for Memory {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_now(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = self.0.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.read_now(buffer, offset)
    }
}

/// A WAV of 16 bits.
fn wav(rate: u32, channels: u16, samples: &[[f32; 2]]) -> Memory {
    let data = u32::try_from(samples.len()).unwrap() * u32::from(channels) * 2;
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend((36 + data).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0");
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(channels) * 2).to_le_bytes());
    file.extend((channels * 2).to_le_bytes());
    file.extend(b"\x10\0data");
    file.extend(data.to_le_bytes());
    for sample in samples {
        for side in &sample[..usize::from(channels)] {
            file.extend(((side * 32_767.0) as i16).to_le_bytes());
        }
    }
    Memory(file)
}

fn noise(state: &mut u32) -> f32 {
    *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    (*state >> 8) as f32 / 8_388_608.0 - 1.0
}

/// Sounds that are hard on an encoder in different ways.
fn sounds(rate: u32, seconds: f32) -> Vec<(&'static str, Vec<[f32; 2]>)> {
    let count = (rate as f32 * seconds) as usize;
    let time = |n: usize| n as f32 / rate as f32;
    let tone = |n: usize, hz: f32| (time(n) * hz * std::f32::consts::TAU).sin();
    let mut state = 1;
    let mut make = |sound: &mut dyn FnMut(usize, f32) -> [f32; 2]| -> Vec<[f32; 2]> {
        (0..count).map(|n| sound(n, noise(&mut state))).collect()
    };
    vec![
        (
            "chord",
            make(&mut |n, _| {
                let swell = 0.5 + 0.5 * tone(n, 0.3);
                let chord = tone(n, 220.0) + tone(n, 277.2) + tone(n, 329.6);
                [chord * 0.2 * swell, chord * 0.15]
            }),
        ),
        ("loud noise", make(&mut |_, noise| [noise * 0.9, noise * -0.4])),
        ("quiet noise", make(&mut |_, noise| [noise * 0.0005, noise * 0.0004])),
        (
            "fade to silence",
            make(&mut |n, noise| {
                let level = (1.0 - time(n) / 5.0).max(0.0).powi(3);
                [(tone(n, 440.0) * 0.5 + noise * 0.1) * level, tone(n, 441.0) * 0.5 * level]
            }),
        ),
        (
            "clicks",
            make(&mut |n, noise| {
                let click = (-((n % (rate as usize / 3)) as f32) / 200.0).exp();
                [noise * click, noise * click * 0.7]
            }),
        ),
        (
            "silence, then loud",
            make(&mut |n, noise| if time(n) < 6.0 { [0.0; 2] } else { [noise * 0.8, tone(n, 1000.0) * 0.8] }),
        ),
        ("silence", make(&mut |_, _| [0.0; 2])),
    ]
}

fn recipe(source: Memory, bitrate: Bitrate) -> Recipe {
    Recipe::new(Arc::new(source), Some("wav".to_owned()), bitrate, Ffmpeg::Allowed)
}

fn all(recipe: &Recipe, from: u64) -> Vec<Vec<u8>> {
    let mut run = Run::start(recipe, from).unwrap();
    std::iter::from_fn(|| run.next_piece().unwrap()).collect()
}

/// Compares runs from the start, the middle and the end, of a few pieces each, with the whole.
fn check(rate: u32, channels: u16, bitrate: Bitrate) {
    for (name, sound) in sounds(rate, 14.0) {
        let recipe = recipe(wav(rate, channels, &sound), bitrate);
        let layout = recipe.layout().unwrap();
        let whole = all(&recipe, 0);
        assert_eq!(whole.len() as u64, pieces(&layout));
        assert_eq!(
            layout.info_frame(&[0; 16]).len() as u64 + whole.iter().map(|piece| piece.len() as u64).sum::<u64>(),
            layout.len()
        );
        for from in [1, 3, pieces(&layout) / 2, pieces(&layout) - 2, pieces(&layout) - 1] {
            let mut run = Run::start(&recipe, from).unwrap();
            for piece in whole.iter().skip(usize::try_from(from).unwrap()).take(2) {
                let made = run.next_piece().unwrap().unwrap();
                assert!(
                    &made == piece,
                    "{name}, {rate} Hz, {channels} channels, {} kbit/s, from {from}",
                    bitrate.kbps()
                );
            }
        }
    }
}

#[test]
fn a_run_from_anywhere_makes_the_bytes_of_the_whole() {
    check(44_100, 2, Bitrate::Kbps128);
    check(44_100, 2, Bitrate::Kbps192);
    check(44_100, 2, Bitrate::Kbps256);
}

#[test]
fn so_does_one_at_other_rates_and_of_one_channel() {
    check(44_100, 1, Bitrate::Kbps128);
    check(48_000, 2, Bitrate::Kbps192);
    check(32_000, 1, Bitrate::Kbps256);
}

#[test]
fn so_does_one_of_resampled_sound() {
    check(22_050, 2, Bitrate::Kbps192);
    check(96_000, 2, Bitrate::Kbps128);
    check(37_800, 1, Bitrate::Kbps192);
}

#[test]
fn the_shortest_sounds_have_whole_files_too() {
    for samples in [0, 1, 575, 576, 577, 1151, 1152, 1153, 56_447, 56_448, 56_449] {
        let recipe = recipe(wav(44_100, 2, &vec![[0.5, -0.5]; samples]), Bitrate::Kbps192);
        let layout = recipe.layout().unwrap();
        let made: usize = all(&recipe, 0).iter().map(Vec::len).sum();
        assert_eq!((layout.info_frame(&[0; 16]).len() + made) as u64, layout.len(), "{samples}");
        assert_eq!(layout.samples, samples as u64);
    }
}

/// The same sound as FLAC.
fn flac(rate: u32, samples: &[[f32; 2]]) -> Memory {
    let samples: Vec<i32> = samples.as_flattened().iter().map(|side| i32::from((side * 32_767.0) as i16)).collect();
    let config = flacenc::config::Encoder::default().into_verified().unwrap();
    let source = flacenc::source::MemSource::from_samples(&samples, 2, 16, rate as usize);
    let mut stream = flacenc::encode_with_fixed_block_size(&config, source, config.block_size).unwrap();
    stream.stream_info_mut().set_block_sizes(config.block_size, config.block_size).unwrap();
    let mut bytes = flacenc::bitsink::ByteSink::new();
    stream.write(&mut bytes).unwrap();
    Memory(bytes.as_slice().to_vec())
}

#[test]
fn a_seek_in_flac_is_exact_to_the_sample() {
    let (_, sound) = sounds(44_100, 20.0).swap_remove(0);
    let [wav, flac] = [wav(44_100, 2, &sound), flac(44_100, &sound)].map(|file| recipe(file, Bitrate::Kbps192));
    let layout = wav.layout().unwrap();
    assert_eq!(flac.layout().unwrap(), layout);
    let whole = all(&wav, 0);
    for from in (0..pieces(&layout)).rev() {
        let made = Run::start(&flac, from).unwrap().next_piece().unwrap().unwrap();
        assert!(made == whole[usize::try_from(from).unwrap()], "from {from}");
    }
}

/// A music folder with one file in it, and room for a cache.
struct Folder {
    folder: TempDir,
}

impl Folder {
    fn with(sound: &[[f32; 2]]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("music")).unwrap();
        std::fs::write(folder.path().join("music/a.wav"), wav(44_100, 2, sound).0).unwrap();
        Self { folder }
    }

    fn file(&self) -> Arc<AudioFile> {
        let root = MusicRoot::new(&self.folder.path().join("music")).unwrap();
        Arc::new(root.open(&RelativePath::parse(b"a.wav".to_vec()).unwrap()).unwrap())
    }

    fn cache(&self) -> AudioCache {
        AudioCache::open(&self.folder.path().join("cache"), None).unwrap()
    }

    fn transcoder(&self) -> Arc<Transcoder> {
        Arc::new(Transcoder::start(Some(self.cache()), NonZeroUsize::MAX).unwrap())
    }

    fn cached(&self) -> Vec<std::path::PathBuf> {
        std::fs::read_dir(self.folder.path().join("cache")).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

/// Reads like a body does: what is there at once, or waiting.
fn read(source: &dyn Source, from: u64, to: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut buffer = vec![0; 10_000];
    while from + (bytes.len() as u64) < to {
        let place = from + bytes.len() as u64;
        let count = usize::try_from(to - place).unwrap().min(buffer.len());
        let read = match source.read_now(&mut buffer[..count], place) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                source.read_at(&mut buffer[..count], place).unwrap()
            }
            read => read.unwrap(),
        };
        assert!(read > 0, "nothing at {place}");
        bytes.extend(&buffer[..read]);
    }
    bytes
}

/// Waits until the file is in the cache.
fn finished(transcoder: &Arc<Transcoder>, file: &Arc<AudioFile>, quality: Quality) -> Arc<dyn Source> {
    transcoder.make(Arc::clone(file), quality, Overwrite::No, None).unwrap();
    Arc::new(transcoder.cached(file, quality).unwrap())
}

#[test]
fn ranges_in_any_order_by_many_listeners_are_those_of_the_finished_file() {
    let (_, sound) = sounds(44_100, 60.0).swap_remove(0);
    let folder = Folder::with(&sound);
    let transcoder = folder.transcoder();
    let mut ranges = Vec::new();
    let Transcoded { source, is_cached } = transcoder.open(folder.file(), Quality::Medium, Ffmpeg::Allowed).unwrap();
    assert!(!is_cached);
    let len = source.len();
    thread::scope(|scope| {
        let listeners: Vec<_> = (0..4_u64)
            .map(|listener| {
                let source = transcoder.open(folder.file(), Quality::Medium, Ffmpeg::Allowed).unwrap().source;
                scope.spawn(move || {
                    let mut state = 7 + u32::try_from(listener).unwrap();
                    let mut heard = Vec::new();
                    for _ in 0..12 {
                        let from = (noise(&mut state).abs() * (len - 1) as f32) as u64;
                        let to = (from + 1 + (noise(&mut state).abs() * 80_000.0) as u64).min(len);
                        heard.push((from, read(source.as_ref(), from, to)));
                    }
                    heard
                })
            })
            .collect();
        ranges.extend(listeners.into_iter().flat_map(|listener| listener.join().unwrap()));
    });
    let whole = finished(&transcoder, &folder.file(), Quality::Medium);
    let whole = read(whole.as_ref(), 0, len);
    for (from, bytes) in ranges {
        let from = usize::try_from(from).unwrap();
        assert!(bytes == whole[from..from + bytes.len()], "from {from}");
    }
    assert_eq!(folder.cached().len(), 1);
    assert!(transcoder.open(folder.file(), Quality::Medium, Ffmpeg::Allowed).unwrap().is_cached);
}

#[test]
fn the_finished_file_decodes_to_as_many_samples() {
    for samples in [44_100 * 3, 44_100 * 3 + 517, 1153] {
        let folder = Folder::with(&sounds(44_100, 4.0).swap_remove(0).1[..samples]);
        let transcoder = folder.transcoder();
        let Transcoded { source, .. } = transcoder.open(folder.file(), Quality::Low, Ffmpeg::Allowed).unwrap();
        let file = Memory(read(source.as_ref(), 0, source.len()));
        assert_eq!(
            Decoded::open(&(Arc::new(file) as Arc<dyn Source>), Some("mp3")).unwrap().shape().length,
            samples as u64
        );
    }
}

#[test]
fn a_replaced_original_is_made_again_and_an_unfinished_file_is_never_served() {
    let folder = Folder::with(&sounds(44_100, 3.0).swap_remove(0).1);
    let transcoder = folder.transcoder();
    transcoder.prepare(folder.file(), Quality::Low, Ffmpeg::Allowed).unwrap();
    finished(&transcoder, &folder.file(), Quality::Low);

    // Another sound, with the time of the old one but another length; and then the same with another time.
    let path = folder.file().path().to_owned();
    let modified = path.metadata().unwrap().modified().unwrap();
    std::fs::write(&path, wav(44_100, 2, &sounds(44_100, 2.0).swap_remove(1).1).0).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    assert!(transcoder.cached(&folder.file(), Quality::Low).is_none());
    transcoder.prepare(folder.file(), Quality::Low, Ffmpeg::Allowed).unwrap();
    finished(&transcoder, &folder.file(), Quality::Low);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    assert!(transcoder.cached(&folder.file(), Quality::Low).is_none());

    // What a killed process leaves behind.
    let [cached] = folder.cached().try_into().unwrap();
    std::fs::rename(&cached, cached.with_extension("part")).unwrap();
    assert!(folder.transcoder().cached(&folder.file(), Quality::Low).is_none());
    assert!(folder.cached().is_empty());
}

#[test]
fn looking_at_a_file_makes_nothing() {
    let folder = Folder::with(&sounds(44_100, 3.0).swap_remove(0).1);
    let transcoder = folder.transcoder();
    let opened = transcoder.open(folder.file(), Quality::High, Ffmpeg::Allowed).unwrap();
    assert!(opened.source.len() > 90_000);
    drop(opened);
    assert!(folder.cached().is_empty());
}

#[test]
fn without_a_cache_everything_is_still_heard() {
    let folder = Folder::with(&sounds(44_100, 20.0).swap_remove(0).1);
    let [kept, not_kept] =
        [folder.transcoder(), Arc::new(Transcoder::start(None, NonZeroUsize::MAX).unwrap())].map(|transcoder| {
            let source = transcoder.open(folder.file(), Quality::Medium, Ffmpeg::Allowed).unwrap().source;
            [read(source.as_ref(), 300_000, source.len()), read(source.as_ref(), 0, 300_000)]
        });
    assert!(kept == not_kept);
}

#[test]
fn what_is_no_sound_is_an_error() {
    let folder = Folder::with(&[]);
    std::fs::write(folder.file().path(), b"not a sound").unwrap();
    let error = folder.transcoder().open(folder.file(), Quality::Low, Ffmpeg::Allowed).err().unwrap();
    assert!(matches!(error, audio::Error::Unsupported(_)), "{error}");
}
