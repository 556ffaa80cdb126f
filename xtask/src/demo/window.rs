//! Ten minutes by the window: seven tape loops of unequal length that drift against each other, and rain.
//! Made for seeking in a long track, so it is exactly as long as its name says; everything shorter is a score.

use std::f32::consts::TAU;

use fastrand::Rng;

use super::Failure;
use super::effects;
use super::filters::{HighPass, LowPass};
use super::harmony;
use super::stereo::Stereo;
use super::tape;
use super::voices::{Note, Voice};

/// The length of the piece in seconds.
const LENGTH: f32 = 600.0;

/// The time that notes and reverb get to die away over the seam of a loop, in seconds.
const OVERLAP: f32 = 9.0;

/// How long a layer takes to come in, in seconds.
const ENTRANCE: f32 = 14.0;

/// A loop of tape: a few notes and much silence.
struct Loop {
    /// Its length in seconds. No two are in a simple ratio, so the loops never meet in the same way again.
    seconds: f32,
    voice: Voice,
    level: f32,
    /// When it is first heard, in seconds.
    enter: f32,
    /// The time from one swell of its loudness to the next, in seconds.
    swell: f32,
    /// Begin and length in seconds, and the pitch.
    notes: &'static [(f32, f32, &'static str)],
}

/// All of it is in D flat, with neither a G nor a C that lasts: whatever meets, agrees.
const LOOPS: [Loop; 7] = [
    Loop {
        seconds: 53.9,
        voice: Voice::Pad,
        level: 0.34,
        enter: 0.0,
        swell: 310.0,
        notes: &[
            (0.0, 15.0, "Db3"),
            (0.0, 15.0, "Ab3"),
            (1.0, 14.0, "F4"),
            (18.0, 14.0, "Gb2"),
            (18.0, 14.0, "Db4"),
            (19.0, 13.0, "F4"),
            (35.5, 15.0, "Bb2"),
            (35.5, 15.0, "F3"),
            (36.5, 14.0, "Ab4"),
        ],
    },
    Loop {
        seconds: 41.3,
        voice: Voice::Pad,
        level: 0.20,
        enter: 55.0,
        swell: 170.0,
        notes: &[(2.0, 11.0, "Ab4"), (3.0, 10.0, "Eb5"), (22.0, 12.0, "Bb4"), (23.0, 11.0, "Db5")],
    },
    Loop {
        seconds: 23.7,
        voice: Voice::Bell,
        level: 0.26,
        enter: 12.0,
        swell: 130.0,
        notes: &[(0.5, 2.0, "F5"), (1.6, 2.0, "Ab5"), (9.0, 2.0, "Eb5"), (15.2, 2.0, "Db6"), (16.0, 2.0, "Bb5")],
    },
    Loop {
        seconds: 37.1,
        voice: Voice::Keys,
        level: 0.36,
        enter: 28.0,
        swell: 210.0,
        notes: &[
            (1.0, 3.0, "Db4"),
            (1.7, 3.0, "F4"),
            (2.4, 4.0, "Ab4"),
            (3.5, 5.0, "Eb5"),
            (14.0, 3.0, "Bb3"),
            (14.8, 3.0, "F4"),
            (15.6, 5.0, "Db5"),
            (27.0, 3.0, "Ab3"),
            (27.8, 5.0, "Eb4"),
            (29.0, 4.0, "F4"),
        ],
    },
    Loop {
        seconds: 47.3,
        voice: Voice::Flute,
        level: 0.17,
        enter: 95.0,
        swell: 190.0,
        notes: &[
            (3.0, 3.2, "Ab4"),
            (6.3, 1.6, "Bb4"),
            (8.0, 4.5, "Db5"),
            (24.0, 2.0, "F5"),
            (26.1, 1.5, "Eb5"),
            (27.7, 5.0, "Bb4"),
        ],
    },
    Loop {
        seconds: 29.3,
        voice: Voice::Guitar,
        level: 0.34,
        enter: 150.0,
        swell: 150.0,
        notes: &[
            (0.4, 4.0, "Db3"),
            (1.1, 4.0, "Ab3"),
            (1.8, 4.0, "Eb4"),
            (2.5, 5.0, "F4"),
            (12.0, 3.0, "Ab4"),
            (13.1, 4.0, "Db5"),
            (20.5, 4.0, "Bb3"),
            (21.3, 5.0, "F4"),
        ],
    },
    Loop {
        seconds: 61.7,
        voice: Voice::Bass,
        level: 0.18,
        enter: 40.0,
        swell: 260.0,
        notes: &[(0.0, 7.0, "Db2"), (20.0, 7.0, "Gb2"), (41.0, 7.0, "Bb1"), (50.0, 6.0, "Ab1")],
    },
];

/// The finished recording. The same seed makes the same recording.
pub(super) fn perform(rate: u32, seed: u64) -> Result<Stereo, Failure> {
    let mut rng = Rng::with_seed(seed);
    let mut whole = Stereo::silence(LENGTH, rate);
    for tape in &LOOPS {
        let turn = record(tape, rate, &mut rng)?;
        lay(&mut whole, &turn, tape.enter, tape.swell);
    }
    lay(&mut whole, &rain(rate, &mut rng), 0.0, 230.0);
    tape::record(&mut whole, 0.4, 3.0, 24.0);
    Ok(whole)
}

/// One turn of a loop, with all that still sounds at its end laid over its beginning.
fn record(tape: &Loop, rate: u32, rng: &mut Rng) -> Result<Stereo, Failure> {
    let mut dry = Stereo::silence(tape.seconds + OVERLAP, rate);
    for (start, held, name) in tape.notes {
        let pitch = harmony::parse_note(name).ok_or_else(|| format!("no note is called “{name}”"))?;
        let note = Note { hz: harmony::frequency(pitch), held: *held, rate: rate as f32 };
        for side in [-0.6, 0.6] {
            let sound = tape.voice.play(note, rng);
            dry.add(&sound, *start, tape.level * 0.7, side);
        }
    }
    let mut room = dry.clone();
    effects::echo(&mut room, 0.73);
    effects::reverb(&mut room, 5.0);
    dry.add_all(&room, 0.6);
    close(&mut dry, tape.seconds);
    Ok(dry)
}

/// Makes a loop of the first `seconds`: what comes after them is mixed into the beginning.
fn close(sound: &mut Stereo, seconds: f32) {
    let length = super::stereo::samples(seconds, sound.rate);
    for channel in sound.channels() {
        let rest = channel.split_off(length);
        for (out, sample) in channel.iter_mut().zip(rest) {
            *out += sample;
        }
    }
}

/// Lays a loop under the whole piece, in slow swells.
fn lay(whole: &mut Stereo, turn: &Stereo, enter: f32, swell: f32) {
    // The loudness moves so slowly that a step a thousandth of a second long is not heard.
    let block = (whole.rate / 1000) as usize;
    let rate = whole.hertz();
    let from = super::stereo::samples(enter, whole.rate);
    for (channel, turn) in whole.channels().into_iter().zip([&turn.left, &turn.right]) {
        let mut samples = turn.iter().cycle();
        for (index, block_samples) in channel[from..].chunks_mut(block).enumerate() {
            let time = (index * block) as f32 / rate;
            // Begins in the middle of a swell, on its way up.
            let level = (time / ENTRANCE).min(1.0) * (0.68 + 0.32 * (TAU * time / swell).sin());
            for (out, sample) in block_samples.iter_mut().zip(&mut samples) {
                *out += level * sample;
            }
        }
    }
}

/// Rain on the pane: a breath of noise, and drops.
fn rain(rate: u32, rng: &mut Rng) -> Stereo {
    const SECONDS: f32 = 19.9;
    let mut rain = Stereo::silence(SECONDS + 0.5, rate);
    let (above, below) = (HighPass::coefficient(700.0, rate as f32), LowPass::coefficient(3200.0, rate as f32));
    let length = rain.len();
    // Half a second at either end, where the loop is closed.
    let seam = length as f32 * 0.5 / (SECONDS + 0.5);
    for channel in rain.channels() {
        let (mut low, mut high) = (LowPass::default(), HighPass::default());
        for (index, sample) in channel.iter_mut().enumerate() {
            let edge = (index.min(length - index) as f32 / seam).min(1.0);
            *sample = 0.006 * edge.sqrt() * low.next(high.next(2.0 * rng.f32() - 1.0, above), below);
        }
    }
    for _ in 0..150 {
        let note = Note { hz: 900.0 + 1600.0 * rng.f32(), held: 0.0, rate: rate as f32 };
        let drop: Vec<f32> = note.times(0.03).map(|t| (TAU * note.hz * t).sin() * (-180.0 * t).exp()).collect();
        let (start, level) = (SECONDS * rng.f32(), 0.003 + 0.014 * rng.f32() * rng.f32());
        rain.add(&drop, start, level, 2.0 * rng.f32() - 1.0);
    }
    close(&mut rain, SECONDS);
    rain
}
