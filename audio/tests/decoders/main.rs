//! Every decoder: the length is exact, samples are those of the original, a place always sounds the same, and what is
//! damaged is silent at worst. Sounds are made here, or lie in `files`.

#![allow(clippy::unwrap_used, reason = "a test that stops has failed")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "samples and seconds of short sounds"
)]

use std::f32::consts::TAU;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use audio::pcm::ffmpeg::{Kept, is_installed};
use audio::pcm::{self, Pcm, Planes, Speakers};
use audio::{Error, MusicRoot, RelativePath, Source};

mod claims;
mod panics;
mod sources;
mod values;

use sources::{Memory, noise, opus_file, wave};

fn open(bytes: &[u8], extension: &str) -> Result<Box<dyn Pcm>, Error> {
    let source: Arc<dyn Source> = Arc::new(Memory(bytes.to_vec()));
    pcm::open(&source, Some(extension), &Kept::default())
}

fn read(pcm: &mut dyn Pcm, first: u64, count: usize) -> Planes {
    let mut planes = Planes::new();
    pcm.read(first, count, &mut planes).unwrap();
    assert!(planes.len() == pcm.shape().speakers.count() && planes.iter().all(|plane| plane.len() == count));
    planes
}

/// Reads all of it in order, in steps that divide nothing.
fn whole(pcm: &mut dyn Pcm) -> Planes {
    let length = pcm.shape().length;
    let mut planes = vec![Vec::new(); pcm.shape().speakers.count()];
    for first in (0..length).step_by(9973) {
        let count = usize::try_from(length - first).unwrap().min(9973);
        for (plane, more) in planes.iter_mut().zip(read(pcm, first, count)) {
            plane.extend(more);
        }
    }
    planes
}

/// Reads in any order give what reading in order does, by one decoder and by a new one; beyond the end is silence.
fn place_decides(open: &dyn Fn() -> Box<dyn Pcm>) -> Planes {
    let mut pcm = open();
    let length = pcm.shape().length;
    let planes = whole(pcm.as_mut());
    let mut state = 5;
    let mut starts: Vec<u64> = (0..12).map(|_| (noise(&mut state).abs() * length as f32) as u64).collect();
    starts.extend([0, 1, length / 2, length.saturating_sub(1), length, length + 7]);
    for (n, first) in starts.into_iter().enumerate() {
        if n % 4 == 3 {
            pcm = open();
        }
        for (plane, part) in planes.iter().zip(read(pcm.as_mut(), first, 3000)) {
            let from = usize::try_from(first).unwrap().min(plane.len());
            let known = (plane.len() - from).min(3000);
            assert!(part[..known] == plane[from..from + known], "at {first} of {length}");
            assert!(part[known..].iter().all(|sample| *sample == 0.0), "beyond {length}");
        }
    }
    planes
}

/// Files that break off and files with wrong bytes are heard as far as they go, always in the same way.
fn survives_damage(bytes: &[u8], extension: &str) {
    let mut state = 3;
    let mut damaged: Vec<Vec<u8>> = [0, 1, 30, bytes.len() / 3, bytes.len() / 2, bytes.len() - 1]
        .map(|count| bytes[..count.min(bytes.len())].to_vec())
        .into();
    for wrong in [1, 5, 50] {
        for _ in 0..4 {
            let mut bytes = bytes.to_vec();
            for _ in 0..wrong {
                let place = (noise(&mut state).abs() * (bytes.len() - 1) as f32) as usize;
                bytes[place] = (noise(&mut state).abs() * 255.0) as u8;
            }
            damaged.push(bytes);
        }
    }
    for bytes in damaged {
        match open(&bytes, extension) {
            // A wrong byte may well claim years of sound.
            Ok(pcm) if pcm.shape().length < 10_000_000 => {
                place_decides(&|| open(&bytes, extension).unwrap());
            }
            Ok(_) | Err(Error::Unsupported(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// The greatest difference.
fn difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// How much louder the sound is than what differs, in decibels.
fn signal_to_noise(decoded: &[f32], original: &[f32]) -> f32 {
    assert_eq!(decoded.len(), original.len());
    let power = |samples: &mut dyn Iterator<Item = f32>| samples.map(|sample| sample * sample).sum::<f32>();
    let wrong = power(&mut decoded.iter().zip(original).map(|(a, b)| a - b));
    10.0 * (power(&mut original.iter().copied()) / wrong.max(f32::MIN_POSITIVE)).log10()
}

fn tones(rate: u32, channels: usize, seconds: f32) -> Planes {
    let tone =
        |hz: f32| (0..(rate as f32 * seconds) as usize).map(move |n| (n as f32 / rate as f32 * hz * TAU).sin() * 0.4);
    (0..channels).map(|channel| tone(220.0 + 90.0 * channel as f32).collect()).collect()
}

#[test]
fn wave_of_every_depth_and_rate() {
    for rate in [8000, 11_025, 22_050, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000] {
        for (bits, is_float) in [(8, false), (16, false), (24, false), (32, false), (32, true), (64, true)] {
            for channels in [1, 2, 6] {
                let sound = tones(rate, channels, 0.2);
                let bytes = wave(rate, bits, is_float, &sound);
                let pcm = open(&bytes, "wav").unwrap();
                assert_eq!((pcm.shape().rate, pcm.shape().length), (rate, sound[0].len() as u64));
                assert_eq!(pcm.shape().speakers.count(), channels);
                let heard = place_decides(&|| open(&bytes, "wav").unwrap());
                let step = if is_float { 0.0 } else { 2.0_f32.powi(1 - bits.min(25)) };
                for (heard, sound) in heard.iter().zip(&sound) {
                    assert!(difference(heard, sound) <= step, "{rate} Hz, {bits} bits, {channels} channels");
                }
            }
        }
    }
    survives_damage(&wave(44_100, 24, false, &tones(44_100, 2, 0.5)), "wav");
}

#[test]
fn opus_of_one_channel_and_two() {
    for channels in [1, 2] {
        let sound = tones(48_000, channels, 14.3);
        let bytes = opus_file(&sound, 0);
        assert_eq!(open(&bytes, "mp3").unwrap().shape().length, sound[0].len() as u64);
        let heard = place_decides(&|| open(&bytes, "opus").unwrap());
        for (heard, sound) in heard.iter().zip(&sound) {
            assert!(signal_to_noise(heard, sound) > 25.0, "{}", signal_to_noise(heard, sound));
            // No click, also where blocks meet.
            let step = |samples: &[f32]| samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
            assert!(step(heard) < step(sound) * 1.5, "{}", step(heard));
        }
        survives_damage(&bytes, "opus");
    }
}

#[test]
fn the_gain_of_an_opus_file_counts_and_short_ones_are_whole() {
    for samples in [1, 960, 48_000, 48_001] {
        let sound = vec![tones(48_000, 1, 2.0)[0][..samples].to_vec()];
        let (plain, quiet) = (opus_file(&sound, 0), opus_file(&sound, -6 * 256));
        assert_eq!(open(&plain, "opus").unwrap().shape().length, samples as u64);
        let [plain, quiet] = [plain, quiet].map(|bytes| place_decides(&|| open(&bytes, "opus").unwrap()));
        let halved: Vec<f32> = plain[0].iter().map(|sample| sample * 10.0_f32.powf(-6.0 / 20.0)).collect();
        assert!(difference(&quiet[0], &halved) < 1e-6);
    }
}

#[test]
fn the_channels_of_surround_opus_are_in_the_order_of_wave() {
    let bytes = std::fs::read("tests/files/surround.opus").unwrap();
    let shape = open(&bytes, "opus").unwrap().shape();
    assert_eq!((shape.length, shape.speakers), (24_000, Speakers::Positions(0x3f)));
    let heard = place_decides(&|| open(&bytes, "opus").unwrap());
    for (channel, hz) in [300.0, 400.0, 500.0, 60.0, 700.0, 800.0].into_iter().enumerate() {
        let tone: Vec<f32> = (0..24_000).map(|n| (n as f32 / 48_000.0 * hz * TAU).sin() * 0.5).collect();
        let own: f32 = heard[channel].iter().zip(&tone).map(|(a, b)| a * b).sum();
        let all: f32 = tone.iter().map(|sample| sample * sample).sum();
        assert!(own / all > 0.8, "channel {channel}: {}", own / all);
    }
    survives_damage(&bytes, "opus");
}

/// Silence and then steps of whole numbers, from which the files of Monkey's Audio were made.
fn steps(bits: u32, channels: usize, silent: usize, sounding: usize) -> Planes {
    let mut state = 1_u32;
    let mut planes = vec![vec![0.0; silent]; channels];
    for n in silent..silent + sounding {
        for (channel, plane) in planes.iter_mut().enumerate() {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = ((n * (3 + channel) % 200) as i32 - 100) * 20 + (state >> 26).cast_signed();
            plane.push(match bits {
                8 => (value >> 8) as f32 / 128.0,
                16 => value as f32 / 32_768.0,
                _ => (value * 256 + (value & 15)) as f32 / 8_388_608.0,
            });
        }
    }
    planes
}

#[test]
fn monkeys_audio_of_every_level_is_exact() {
    for (name, rate, bits, channels, silent, sounding) in [
        ("fast", 44_100, 16, 2, 73_728, 6000),
        ("normal", 44_100, 8, 2, 0, 9001),
        ("high", 96_000, 24, 1, 0, 5000),
        ("extra", 48_000, 16, 1, 294_912, 8000),
        ("insane", 48_000, 24, 2, 0, 2500),
    ] {
        let bytes = std::fs::read(format!("tests/files/{name}.ape")).unwrap();
        let shape = open(&bytes, "flac").unwrap().shape();
        assert_eq!((shape.rate, shape.length), (rate, silent as u64 + sounding as u64), "{name}");
        let heard = place_decides(&|| open(&bytes, "ape").unwrap());
        assert!(heard == steps(bits, channels, silent, sounding), "{name}");
        survives_damage(&bytes, "ape");
    }
}

#[test]
fn a_damaged_frame_of_monkeys_audio_is_silent_and_harms_no_other() {
    let mut bytes = std::fs::read("tests/files/fast.ape").unwrap();
    // In the frame with the sound, the second.
    let place = bytes.len() - 2000;
    bytes[place] ^= 0x55;
    let heard = place_decides(&|| open(&bytes, "ape").unwrap());
    assert!(heard.iter().all(|plane| plane.len() == 79_728 && plane.iter().all(|sample| *sample == 0.0)));
}

#[test]
fn noise_that_the_decoder_of_aac_makes_up_is_the_same_at_a_place() {
    let bytes = std::fs::read("tests/files/noise.m4a").unwrap();
    let heard = place_decides(&|| open(&bytes, "m4a").unwrap());
    assert!(heard[0].len() > 13 * 16_000 && heard[0].iter().any(|sample| sample.abs() > 0.1));
    survives_damage(&bytes, "m4a");
}

/// Runs ffmpeg, as the tests do to make files.
fn make(folder: &Path, name: &str, options: &[&str]) {
    let made = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-y", "-i", "original.wav"])
        .args(options)
        .arg(name)
        .current_dir(folder)
        .status()
        .unwrap();
    assert!(made.success(), "{name}");
}

/// A folder with ten seconds of sound in it, in two channels of 16 bits.
fn folder() -> (tempfile::TempDir, Planes) {
    assert!(is_installed(), "this test makes its files with ffmpeg, which is not installed");
    let folder = tempfile::tempdir().unwrap();
    let bytes = wave(44_100, 16, false, &tones(44_100, 2, 10.1));
    std::fs::write(folder.path().join("original.wav"), &bytes).unwrap();
    (folder, whole(open(&bytes, "wav").unwrap().as_mut()))
}

#[test]
fn vorbis_and_alac_by_symphonia() {
    let (folder, original) = folder();
    for (name, options, ratio) in [
        ("a.ogg", ["-c:a", "libvorbis", "-q:a", "6"].as_slice(), 20.0),
        ("a.m4a", ["-c:a", "alac"].as_slice(), f32::INFINITY),
    ] {
        make(folder.path(), name, options);
        let bytes = std::fs::read(folder.path().join(name)).unwrap();
        let heard = place_decides(&|| open(&bytes, "").unwrap());
        for (heard, original) in heard.iter().zip(&original) {
            assert_eq!(heard.len(), original.len(), "{name}");
            assert!(heard == original || signal_to_noise(heard, original) > ratio, "{name}");
        }
        survives_damage(&bytes, name);
    }
}

#[test]
fn what_only_ffmpeg_knows_is_decoded_by_it() {
    let (folder, original) = folder();
    let root = MusicRoot::new(folder.path()).unwrap();
    for (name, options, is_exact) in [
        ("a.wv", ["-c:a", "wavpack", "-f", "wv"], true),
        ("-i b.tta", ["-c:a", "tta", "-f", "tta"], true),
        ("a.mka", ["-c:a", "flac", "-f", "matroska"], true),
        ("http: c.wma", ["-c:a", "wmav2", "-f", "asf"], false),
    ] {
        // Names that must not be taken for options or addresses.
        make(folder.path(), "made", &options);
        std::fs::rename(folder.path().join("made"), folder.path().join(name)).unwrap();
        let file: Arc<dyn Source> =
            Arc::new(root.open(&RelativePath::parse(name.as_bytes().to_vec()).unwrap()).unwrap());
        let kept = Kept::default();
        let heard = place_decides(&|| pcm::open(&file, None, &kept).unwrap());
        for (heard, original) in heard.iter().zip(&original) {
            if is_exact {
                assert!(heard == original, "{name}");
            } else {
                // Windows Media tells neither how late its sound is nor where it ends in the last frame.
                let loudness = |samples: &[f32]| samples.iter().map(|sample| sample.abs()).sum::<f32>();
                assert!(heard.len().abs_diff(original.len()) < 8192, "{}", heard.len());
                assert!((loudness(heard) / loudness(original) - 1.0).abs() < 0.05, "{}", loudness(heard));
            }
        }
    }
}

#[test]
fn ffmpeg_follows_no_playlist_and_says_why_it_fails() {
    let (folder, _) = folder();
    let root = MusicRoot::new(folder.path()).unwrap();
    let list = "ffconcat version 1.0\nfile original.wav\n";
    let m3u = "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\noriginal.wav\n#EXT-X-ENDLIST\n";
    for content in [list, m3u, "no sound"] {
        std::fs::write(folder.path().join("a.wma"), content).unwrap();
        let file: Arc<dyn Source> = Arc::new(root.open(&RelativePath::parse(b"a.wma".to_vec()).unwrap()).unwrap());
        let error = pcm::open(&file, Some("wma"), &Kept::default()).err().unwrap();
        assert!(
            matches!(&error, Error::Unsupported(reason) if reason.contains("ffmpeg cannot decode it either")),
            "{error}"
        );
    }
}
