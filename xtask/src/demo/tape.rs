//! The last station of every piece: it goes through a tape machine and leaves at a common loudness.
//! What was played, and in what room, was decided before.

use std::f32::consts::TAU;

use super::filters::{HighPass, LowPass};
use super::stereo::{Stereo, samples};

/// The loudness of every piece, as the root mean square of its samples (-19.2 dBFS).
const LOUDNESS: f32 = 0.11;

/// No sample is louder than this (-2.2 dBFS): lossy codecs overshoot, and must not clip when they do.
const CEILING: f32 = 0.775;

/// Below this (-8 dBFS) the tape is linear.
const KNEE: f32 = 0.4;

/// The farthest the tape runs ahead or behind, in seconds, at a wow of 1.
const WOW: f32 = 0.0011;

/// Sends a recording through the machine: unsteady speed, softened treble, a common loudness, rounded peaks,
/// and a fade at either end (in seconds).
pub(super) fn record(sound: &mut Stereo, wow: f32, fade_in: f32, fade_out: f32) {
    unsteady(sound, wow);
    let rate = sound.hertz();
    let (treble, rumble) = (LowPass::coefficient(11_000.0, rate), HighPass::coefficient(28.0, rate));
    for channel in sound.channels() {
        let (mut low, mut high) = (LowPass::default(), HighPass::default());
        for sample in channel.iter_mut() {
            *sample = high.next(low.next(*sample, treble), rumble);
        }
    }
    fade(sound, fade_in, fade_out);
    let energy: f64 = sound.left.iter().chain(&sound.right).map(|sample| f64::from(sample * sample)).sum();
    #[allow(clippy::cast_possible_truncation)] // a ratio near 1
    let gain = LOUDNESS / ((energy / (2 * sound.len()).max(1) as f64).sqrt() as f32).max(1e-6);
    for channel in sound.channels() {
        for sample in channel.iter_mut() {
            *sample = saturate(*sample * gain);
        }
    }
}

/// Rounds off what is above the knee, and never passes the ceiling.
fn saturate(sample: f32) -> f32 {
    let size = sample.abs();
    if size <= KNEE {
        return sample;
    }
    let room = CEILING - KNEE;
    (KNEE + room * ((size - KNEE) / room).tanh()).copysign(sample)
}

/// Wow (the reel, slow) and flutter (the capstan, fast): the recording is read a little early or late.
fn unsteady(sound: &mut Stereo, wow: f32) {
    let (depth, rate) = (wow * WOW * sound.hertz(), sound.hertz());
    let shift = |index: usize| {
        let time = index as f32 / rate;
        depth
            * (1.0
                + 0.7 * (TAU * 0.43 * time).sin()
                + 0.28 * (TAU * 1.1 * time).sin()
                + 0.02 * (TAU * 6.7 * time).sin())
    };
    // So slow a movement is straight between points a hundredth of a second apart.
    let stride = 441;
    let length = sound.len();
    let points: Vec<f32> = (0..=length / stride + 1).map(|point| shift(point * stride)).collect();
    for channel in sound.channels() {
        // From the end, because every sample is read from before its place.
        for index in (0..length).rev() {
            let (point, between) = (index / stride, (index % stride) as f32 / stride as f32);
            let back = points[point] + between * (points[point + 1] - points[point]);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not negative, at most a hundred
            let (whole, part) = (back as usize, back.fract());
            let read = |back: usize| index.checked_sub(back).map_or(0.0, |at| channel[at]);
            channel[index] = read(whole) + part * (read(whole + 1) - read(whole));
        }
    }
}

/// Fades in and out along a quarter of a sine.
fn fade(sound: &mut Stereo, fade_in: f32, fade_out: f32) {
    let (rise, fall) = (samples(fade_in, sound.rate), samples(fade_out, sound.rate));
    for channel in sound.channels() {
        let curve = |index: usize, length: usize| (TAU / 4.0 * index as f32 / length as f32).sin();
        for (index, sample) in channel.iter_mut().take(rise).enumerate() {
            *sample *= curve(index, rise);
        }
        for (index, sample) in channel.iter_mut().rev().take(fall).enumerate() {
            *sample *= curve(index, fall);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_stay_below_the_ceiling_and_quiet_samples_as_they_are() {
        assert_eq!(saturate(-0.3).to_bits(), (-0.3_f32).to_bits());
        for loud in [0.41, 0.9, 5.0] {
            assert!(saturate(loud) <= CEILING);
            assert!(saturate(-loud) >= -CEILING);
        }
    }
}
