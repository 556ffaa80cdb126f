//! The soft drum kit: each stroke is a few tenths of a second of sine or filtered noise.
//! Rhythm is not made here; the patterns are in the scores.

use std::f32::consts::TAU;
use std::ops::Range;

use fastrand::Rng;

use super::filters::{HighPass, LowPass};
use super::voices::Note;

/// A felt beater on a bass drum: a sine that falls into place.
pub(super) fn kick(note: Note) -> Vec<f32> {
    let mut phase = 0.0;
    note.times(0.4)
        .map(|time| {
            phase += TAU * (48.0 + 75.0 * (-32.0 * time).exp()) / note.rate;
            phase.sin() * (-8.5 * time).exp() * (time / 0.002).min(1.0) * (1.0 - time / 0.4)
        })
        .collect()
}

/// Wire brushes on a snare drum.
pub(super) fn brush(note: Note, rng: &mut Rng) -> Vec<f32> {
    let drum = |time: f32| 0.25 * (TAU * 185.0 * time).sin() * (-22.0 * time).exp();
    Hiss { gain: 1.8, seconds: 0.3, band: 900.0..4200.0, attack: 0.006, decay: 15.0 }
        .play(note, rng)
        .into_iter()
        .zip(note.times(0.3))
        .map(|(wires, time)| wires + drum(time))
        .collect()
}

/// A closed hi-hat.
pub(super) fn hat(note: Note, rng: &mut Rng) -> Vec<f32> {
    Hiss { gain: 2.4, seconds: 0.12, band: 6500.0..11000.0, attack: 0.001, decay: 48.0 }.play(note, rng)
}

/// A shaker: the grains arrive over a moment, not at once.
pub(super) fn shaker(note: Note, rng: &mut Rng) -> Vec<f32> {
    Hiss { gain: 4.0, seconds: 0.16, band: 4200.0..9000.0, attack: 0.028, decay: 30.0 }.play(note, rng)
}

/// A stick on the rim: a wooden click.
pub(super) fn rim(note: Note) -> Vec<f32> {
    note.times(0.1)
        .map(|time| {
            let wood = (TAU * 820.0 * time).sin() + 0.5 * (TAU * 1710.0 * time).sin();
            0.6 * wood * (-75.0 * time).exp() * (1.0 - time / 0.1)
        })
        .collect()
}

/// Filtered noise.
struct Hiss {
    /// Makes up for what the filters take away.
    gain: f32,
    /// Its length in seconds.
    seconds: f32,
    /// The frequencies that are left, in Hz.
    band: Range<f32>,
    /// How long it rises, in seconds.
    attack: f32,
    /// How fast it falls: by so many times e in a second.
    decay: f32,
}

impl Hiss {
    fn play(self, note: Note, rng: &mut Rng) -> Vec<f32> {
        let Self { gain, seconds, band, attack, decay } = self;
        let (mut low, mut high) = (LowPass::default(), HighPass::default());
        let (above, below) = (HighPass::coefficient(band.start, note.rate), LowPass::coefficient(band.end, note.rate));
        note.times(seconds)
            .map(|time| {
                let noise = low.next(high.next(2.0 * rng.f32() - 1.0, above), below);
                gain * noise * (time / attack).min(1.0) * (-decay * time).exp() * (1.0 - time / seconds)
            })
            .collect()
    }
}
