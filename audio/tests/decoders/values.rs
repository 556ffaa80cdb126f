//! Samples that are no sensible numbers, and rates and channels that are none: nothing of it reaches the resampler or
//! the encoder. What LAME does at all is for the tests of transcoding.

use std::sync::Arc;

use audio::mp3::Bitrate;
use audio::transcode::{Recipe, Run};
use audio::transcoder::Ffmpeg;
use audio::{Error, pcm};

use crate::sources::{Memory, opus_file, wave};
use crate::{folder, make, open, place_decides, tones, whole};

/// Makes all of a file, as a listener would have it.
fn encode(bytes: &[u8], extension: &str) -> usize {
    let recipe =
        Recipe::new(Arc::new(Memory(bytes.to_vec())), Some(extension.to_owned()), Bitrate::Kbps128, Ffmpeg::Allowed);
    let mut run = Run::start(&recipe, 0).unwrap();
    std::iter::from_fn(|| run.next_piece().unwrap()).map(|piece| piece.len()).sum()
}

#[test]
fn floats_that_are_no_samples_do_no_harm() {
    for rate in [22_050, 44_100, 48_000, 96_000] {
        for bits in [32, 64] {
            for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e20, -1e20, 1e38, f32::MAX, f32::MIN_POSITIVE] {
                let mut sound = tones(rate, 2, 0.2);
                sound[0][1000] = bad;
                sound[1][2000..2100].fill(bad);
                let bytes = wave(rate, bits, true, &sound);
                let heard = whole(open(&bytes, "wav").unwrap().as_mut());
                let greatest = heard.iter().flatten().map(|sample| sample.abs()).fold(0.0, f32::max);
                assert!(heard.iter().flatten().all(|sample| sample.is_finite()) && greatest <= 4.0, "{bad}");
                assert!(heard[0][..1000] == sound[0][..1000] && heard[0][1001..] == sound[0][1001..], "the others");
                assert!(encode(&bytes, "wav") > 0);
            }
        }
    }
}

#[test]
fn so_do_those_of_other_containers() {
    let (folder, _) = folder();
    for (name, options) in [
        ("32.aiff", ["-c:a", "pcm_f32be"].as_slice()),
        ("64.aiff", ["-c:a", "pcm_f64be"].as_slice()),
        ("32.caf", ["-c:a", "pcm_f32le"].as_slice()),
        ("64.caf", ["-c:a", "pcm_f64be"].as_slice()),
    ] {
        make(folder.path(), name, options);
        let mut bytes = std::fs::read(folder.path().join(name)).unwrap();
        // Ones in every bit are NaN in either order of bytes.
        let middle = (bytes.len() / 2) & !7;
        bytes[middle..middle + 64].fill(0xff);
        let heard = whole(open(&bytes, name).unwrap().as_mut());
        assert!(heard.iter().flatten().all(|sample| sample.is_finite() && sample.abs() <= 4.0), "{name}");
        assert!(encode(&bytes, name) > 0, "{name}");
    }
    // 128 dB louder than the sound.
    assert!(encode(&opus_file(&tones(48_000, 1, 1.0), i16::MAX), "opus") > 0);
}

#[test]
fn lame_is_built_without_assertions() {
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let has = |text: &str| program.windows(text.len()).any(|part| part == text.as_bytes());
    // The text of one in psymodel.c, put together so that it is not in this test.
    assert!(!has(&["ebb ", ">= 0"].concat()), "see CPPFLAGS in .cargo/config.toml; `cargo clean -p mp3lame-sys` helps");
    // LAME is in here, and so would be its assertions.
    assert!(has("LAME3.") || has("3.100"));
}

#[test]
fn the_shortest_sounds_of_every_codec_are_encoded() {
    let (folder, _) = folder();
    for samples in [1, 2, 3, 600] {
        for rate in [8_000, 22_255, 44_100, 96_000] {
            let sound = vec![vec![0.5; samples]; 2];
            std::fs::write(folder.path().join("original.wav"), wave(rate, 16, false, &sound)).unwrap();
            assert!(encode(&wave(rate, 32, true, &sound), "wav") > 0);
            for name in ["a.flac", "a.m4a", "a.aiff", "a.caf"] {
                let codec = if name == "a.m4a" { ["-c:a", "alac"].as_slice() } else { &[] };
                make(folder.path(), name, codec);
                let bytes = std::fs::read(folder.path().join(name)).unwrap();
                assert!(encode(&bytes, name) > 0, "{samples} samples of {rate} Hz in {name}");
                assert_eq!(open(&bytes, name).unwrap().shape().length, samples as u64, "{name}");
            }
        }
        std::fs::write(folder.path().join("original.wav"), wave(44_100, 16, false, &[vec![0.5; samples]])).unwrap();
        for name in ["a.mp3", "a.ogg", "a.opus", "a.m4a"] {
            make(folder.path(), name, &[]);
            let bytes = std::fs::read(folder.path().join(name)).unwrap();
            assert!(open(&bytes, name).is_err() || encode(&bytes, name) > 0, "{samples} samples in {name}");
        }
    }
    assert!(encode(&wave(44_100, 16, false, &[Vec::new()]), "wav") > 0, "no samples at all");
}

/// A WAVE file with another rate or number of channels in its head.
fn head(rate: u32, channels: u16) -> Vec<u8> {
    let mut bytes = wave(8_000, 16, false, &tones(8_000, 1, 0.5));
    bytes[22..24].copy_from_slice(&channels.to_le_bytes());
    bytes[24..28].copy_from_slice(&rate.to_le_bytes());
    bytes
}

#[test]
fn rates_and_channels_that_are_none_are_refused() {
    for rate in [0, 1, 3_999, 768_001, 10_000_019, 100_000_007, 2_147_527_748, u32::MAX] {
        assert!(matches!(open(&head(rate, 1), "wav"), Err(Error::Unsupported(_))), "{rate} Hz");
    }
    for channels in [0, 33, 255, 32_767, 65_535] {
        assert!(matches!(open(&head(8_000, channels), "wav"), Err(Error::Unsupported(_))), "{channels} channels");
    }
    let mut ape = std::fs::read("tests/files/fast.ape").unwrap();
    let rate = ape.windows(4).position(|bytes| bytes == 44_100_u32.to_le_bytes()).unwrap();
    for hz in [0_u32, 3_999, 768_001, 2_890_137_668] {
        ape[rate..rate + 4].copy_from_slice(&hz.to_le_bytes());
        assert!(matches!(open(&ape, "ape"), Err(Error::Unsupported(_))), "{hz} Hz");
    }
}

#[test]
fn odd_rates_are_played() {
    for rate in [4_000, 4_001, 22_255, 47_999, 48_001, 99_991, 191_999, 767_999, 768_000] {
        let sound = tones(rate, 1, 0.3);
        let bytes = wave(rate, 16, false, &sound);
        let mp3 = pcm::for_mp3(open(&bytes, "wav").unwrap()).unwrap();
        let (shape, out) = (mp3.0.shape(), mp3.1.hz());
        assert_eq!(shape.length, (sound[0].len() as u64 * u64::from(out)).div_ceil(rate.into()));
        let heard = place_decides(&|| pcm::for_mp3(open(&bytes, "wav").unwrap()).unwrap().0);
        let original = tones(out, 1, 0.3);
        let middle = heard[0].len() / 4..heard[0].len() * 3 / 4;
        let wrong = crate::difference(&heard[0][middle.clone()], &original[0][middle]);
        assert!(wrong < 0.01, "{rate} Hz is off by {wrong}");
    }
}
