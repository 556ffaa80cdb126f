//! Heads that claim more sound than there are bytes for, and files that break off: their length is that of what is
//! there. What is damaged in the middle is for the other tests.

use audio::Error;

use crate::sources::wave;
use crate::{folder, make, open, place_decides, tones, whole};

/// A file of a second in a format.
fn made(name: &str, options: &[&str]) -> Vec<u8> {
    let (folder, _) = folder();
    make(folder.path(), name, options);
    std::fs::read(folder.path().join(name)).unwrap()
}

#[test]
fn a_small_wave_file_that_claims_gigabytes_is_small() {
    let sound = tones(8_000, 1, 0.25);
    let mut bytes = wave(8_000, 16, false, &sound);
    for claim in [u32::MAX, u32::MAX - 1, 1 << 31, 4_004] {
        let data = bytes.windows(4).position(|bytes| bytes == b"data").unwrap() + 4;
        bytes[4..8].copy_from_slice(&claim.saturating_add(60).to_le_bytes());
        bytes[data..data + 4].copy_from_slice(&claim.to_le_bytes());
        assert_eq!(open(&bytes, "wav").unwrap().shape().length, 2_000, "{claim}");
        assert_eq!(place_decides(&|| open(&bytes, "wav").unwrap())[0].len(), 2_000);
    }
}

#[test]
fn flac_that_claims_days_is_as_long_as_its_frames() {
    let mut bytes = made("a.flac", &[]);
    let length = open(&bytes, "flac").unwrap().shape().length;
    let whole = whole(open(&bytes, "flac").unwrap().as_mut());
    // In STREAMINFO: 36 bits after 20 of the rate, 3 of the channels and 5 of the depth.
    for claim in [(1_u64 << 36) - 1, 1 << 35, length * 10, length + 1] {
        bytes[21] = bytes[21] & 0xf0 | (claim >> 32) as u8;
        bytes[22..26].copy_from_slice(&(claim as u32).to_be_bytes());
        let is_believed = claim == length + 1;
        let found = open(&bytes, "flac").unwrap().shape().length;
        assert!(found == length || is_believed && found == claim, "{claim} gave {found}, not {length}");
        if !is_believed {
            assert!(place_decides(&|| open(&bytes, "flac").unwrap()) == whole);
        }
    }
}

#[test]
fn files_that_break_off_end_where_they_break_off() {
    for (name, options, is_exact) in [
        ("a.wav", ["-c:a", "pcm_s24le"].as_slice(), true),
        ("float.wav", ["-c:a", "pcm_f32le"].as_slice(), true),
        ("law.wav", ["-c:a", "pcm_mulaw"].as_slice(), true),
        ("ms.wav", ["-c:a", "adpcm_ms"].as_slice(), true),
        ("ima.wav", ["-c:a", "adpcm_ima_wav"].as_slice(), true),
        ("a.flac", &[], true),
        ("a.ogg", ["-c:a", "libvorbis"].as_slice(), false),
    ] {
        let bytes = made(name, options);
        let original = whole(open(&bytes, name).unwrap().as_mut());
        let length = original[0].len();
        for part in [3, 5, 9] {
            let bytes = &bytes[..=bytes.len() * part / 10];
            println!("{name}, {part} tenths");
            let heard = place_decides(&|| open(bytes, name).unwrap());
            let expected = length * part / 10;
            assert!(heard[0].len().abs_diff(expected) < length / 10, "{name}: {} for {expected}", heard[0].len());
            if is_exact {
                for (heard, original) in heard.iter().zip(&original) {
                    assert!(heard[..] == original[..heard.len()], "{name}");
                    assert!(heard[heard.len() - 300..].iter().any(|sample| *sample != 0.0), "{name} ends in silence");
                }
            }
        }
    }
}

#[test]
fn a_seek_in_adpcm_lands_where_it_should() {
    for (name, codec) in [("ms.wav", "adpcm_ms"), ("ima.wav", "adpcm_ima_wav")] {
        let bytes = made(name, &["-c:a", codec, "-ac", "1", "-ar", "48000"]);
        let heard = place_decides(&|| open(&bytes, name).unwrap());
        assert!(heard[0].len() > 480_000 && heard[0][470_000..].iter().any(|sample| *sample > 0.1), "{name}");
    }
}

#[test]
fn a_table_of_mpeg_4_that_claims_more_than_its_packets_is_not_believed() {
    let mut bytes = made("a.m4a", ["-c:a", "alac"].as_slice());
    let length = open(&bytes, "m4a").unwrap().shape().length;
    // The duration of the sound, which the heads of the track and of the media have.
    let claim = (length as u32).to_be_bytes();
    let places: Vec<usize> = (0..bytes.len() - 4).filter(|place| bytes[*place..place + 4] == claim).collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place..place + 4].copy_from_slice(&0x7000_0000_u32.to_be_bytes());
    }
    assert!(open(&bytes, "m4a").unwrap().shape().length <= length + 4096);
}

#[test]
fn monkeys_audio_has_no_more_frames_than_its_table_has_places_for() {
    let bytes = std::fs::read("tests/files/fast.ape").unwrap();
    let length = open(&bytes, "ape").unwrap().shape().length;
    // Of the head, which follows 52 bytes: blocks of a frame, those of the last, frames, bits, channels.
    for (place, value) in
        [(56, u32::MAX), (56, 10_000_000), (60, u32::MAX), (64, u32::MAX), (64, 1_000_000), (8, 1 << 31)]
    {
        let mut bytes = bytes.clone();
        bytes[place..place + 4].copy_from_slice(&value.to_le_bytes());
        match open(&bytes, "ape") {
            Ok(pcm) => assert!(pcm.shape().length <= length + 73_728 * 4, "{place}: {}", pcm.shape().length),
            Err(error) => assert!(matches!(error, Error::Unsupported(_)), "{error}"),
        }
    }
}
