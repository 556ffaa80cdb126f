//! The soft drum kit: each stroke is a few tenths of a second of sine or filtered noise.
//! Rhythm is not made here; the patterns are in the scores.

use std::f32::consts::TAU;

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
    hiss(note, rng, 0.3, 900.0..4200.0, 0.006, 15.0)
        .into_iter()
        .zip(note.times(0.3))
        .map(|(wires, time)| wires + drum(time))
        .collect()
}

/// A closed hi-hat.
pub(super) fn hat(note: Note, rng: &mut Rng) -> Vec<f32> {
    hiss(note, rng, 0.12, 6500.0..11000.0, 0.001, 48.0)
}

/// A shaker: the grains arrive over a moment, not at once.
pub(super) fn shaker(note: Note, rng: &mut Rng) -> Vec<f32> {
    hiss(note, rng, 0.16, 4200.0..9000.0, 0.028, 30.0)
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

/// Noise between two frequencies (Hz) that rises within `attack` seconds and falls by `decay` a second.
fn hiss(note: Note, rng: &mut Rng, seconds: f32, band: std::ops::Range<f32>, attack: f32, decay: f32) -> Vec<f32> {
    let (mut low, mut high) = (LowPass::default(), HighPass::default());
    let (above, below) =
        (HighPass::coefficient(band.start, note.rate), LowPass::coefficient(band.end, note.rate));
    note.times(seconds)
        .map(|time| {
            let noise = low.next(high.next(2.0 * rng.f32() - 1.0, above), below);
            noise * (time / attack).min(1.0) * (-decay * time).exp() * (1.0 - time / seconds)
        })
        .collect()
}
