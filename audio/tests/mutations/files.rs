//! Good files of every format, small ones. What is done to them is not known here.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::sources::{opus_file, wave};

/// What ffmpeg makes of a second of sound: names, and the options for them.
const BY_FFMPEG: [(&str, &str); 30] = [
    ("16.aiff", "-c:a pcm_s16be"),
    ("float.aiff", "-c:a pcm_f32be"),
    ("double.aiff", "-c:a pcm_f64be"),
    ("little.aiff", "-c:a pcm_s16le"),
    ("pcm.caf", "-c:a pcm_s24be"),
    ("float.caf", "-c:a pcm_f32le"),
    ("alac.caf", "-c:a alac"),
    ("a.flac", "-c:a flac"),
    ("24.flac", "-c:a flac -sample_fmt s32 -ar 96000"),
    ("vorbis.ogg", "-c:a libvorbis -q:a 3"),
    ("flac.ogg", "-c:a flac"),
    ("a.opus", "-c:a libopus -b:a 48k"),
    ("cbr.mp3", "-c:a libmp3lame -b:a 64k"),
    ("vbr.mp3", "-c:a libmp3lame -q:a 5 -ar 22050"),
    ("bare.mp3", "-c:a libmp3lame -b:a 128k -write_xing 0 -id3v2_version 0"),
    ("a.mp2", "-c:a mp2 -b:a 128k"),
    ("a.aac", "-c:a aac -b:a 64k"),
    ("aac.m4a", "-c:a aac -b:a 64k"),
    ("alac.m4a", "-c:a alac"),
    ("fragments.m4a", "-c:a aac -b:a 64k -movflags frag_keyframe+empty_moov -frag_duration 200000"),
    ("ms.wav", "-c:a adpcm_ms"),
    ("ima.wav", "-c:a adpcm_ima_wav"),
    ("law.wav", "-c:a pcm_mulaw"),
    ("ima.mov", "-c:a adpcm_ima_qt"),
    ("odd.wav", "-c:a pcm_s24le -ar 37800"),
    ("a.wv", "-c:a wavpack"),
    ("float.wv", "-c:a wavpack -sample_fmt fltp"),
    ("a.tta", "-c:a tta"),
    ("a.mka", "-c:a flac"),
    ("a.wma", "-c:a wmav2"),
];

/// A folder with the files, of which only `ferric`'s own tests need to know the names.
pub(crate) fn make() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let sound = |rate: u32, channels: usize, seconds: f32| -> Vec<Vec<f32>> {
        let tone = |hz: f32| {
            (0..(rate as f32 * seconds) as usize)
                .map(move |n| (n as f32 / rate as f32 * hz * std::f32::consts::TAU).sin() * 0.6)
        };
        (0..channels).map(|channel| tone(200.0 + 110.0 * channel as f32).collect()).collect()
    };
    for (name, rate, bits, is_float, channels) in [
        ("8.wav", 11_025, 8, false, 1),
        ("16.wav", 44_100, 16, false, 2),
        ("24.wav", 96_000, 24, false, 2),
        ("32.wav", 48_000, 32, false, 6),
        ("float.wav", 44_100, 32, true, 2),
        ("float96.wav", 96_000, 32, true, 1),
        ("double.wav", 48_000, 64, true, 2),
    ] {
        fs::write(path.join(name), wave(rate, bits, is_float, &sound(rate, channels, 0.3))).unwrap();
    }
    // Longer than a segment, so that there is a middle.
    fs::write(path.join("long.wav"), wave(8_000, 16, false, &sound(8_000, 1, 5.0))).unwrap();
    fs::write(path.join("own.opus"), opus_file(&sound(48_000, 1, 0.5), 0)).unwrap();
    fs::write(path.join("a.dsf"), dsf()).unwrap();
    for entry in ["tests/files", "../library/tests/files"].iter().flat_map(|folder| fs::read_dir(folder).unwrap()) {
        let entry = entry.unwrap().path();
        let name = entry.file_name().unwrap().to_str().unwrap();
        if entry.extension().is_none_or(|ending| ending != "md" && ending != "jpg") {
            fs::copy(&entry, path.join(name)).unwrap();
        }
    }
    fs::write(path.join("original"), wave(44_100, 16, false, &sound(44_100, 2, 1.0))).unwrap();
    for (name, options) in BY_FFMPEG {
        by_ffmpeg(path, name, options);
    }
    fs::remove_file(path.join("original")).unwrap();
    folder
}

fn by_ffmpeg(folder: &Path, name: &str, options: &str) {
    let made = Command::new("ffmpeg")
        .args(["-loglevel", "error", "-y", "-i", "original", "-metadata", "title=A title", "-write_id3v2", "0"])
        .args(options.split(' '))
        .arg(name)
        .current_dir(folder)
        .status();
    assert!(made.is_ok_and(|status| status.success()), "{name}: this test makes its files with ffmpeg, which failed");
}

/// A file of DSD: 64 × 44.1 kHz, one channel, one block of silence.
fn dsf() -> Vec<u8> {
    const BLOCK: usize = 4096;
    let total = 28 + 52 + 12 + BLOCK as u64;
    let mut file = b"DSD ".to_vec();
    file.extend(28_u64.to_le_bytes());
    file.extend(total.to_le_bytes());
    file.extend(0_u64.to_le_bytes());
    file.extend(b"fmt ");
    file.extend(52_u64.to_le_bytes());
    for number in [1_u32, 0, 1, 1, 2_822_400, 1] {
        file.extend(number.to_le_bytes());
    }
    file.extend((8 * BLOCK as u64).to_le_bytes());
    file.extend((BLOCK as u32).to_le_bytes());
    file.extend(0_u32.to_le_bytes());
    file.extend(b"data");
    file.extend((12 + BLOCK as u64).to_le_bytes());
    file.resize(file.len() + BLOCK, 0x69);
    file
}
