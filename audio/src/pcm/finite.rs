//! Limits samples to finite values of a sensible size, whatever the file contains. Everything after a decoder relies on
//! it: the resampler and the encoder compute squares, and an overflow there is audible for seconds, or aborts the
//! process.

use model::limits::sound::AMPLITUDE;

use super::{Pcm, Planes, Shape};
use crate::Error;

/// A sound without NaN, infinity and absurd loudness.
pub(super) struct Finite(pub(super) Box<dyn Pcm>);

impl Pcm for Finite {
    fn shape(&self) -> Shape {
        self.0.shape()
    }

    fn read(&mut self, first: u64, count: usize, out: &mut Planes) -> Result<(), Error> {
        self.0.read(first, count, out)?;
        for sample in out.iter_mut().flatten() {
            *sample = finite(*sample);
        }
        Ok(())
    }
}

/// NaN becomes silence, and values that are too large are clamped. Not to ±1: floating-point files exceed full scale at
/// peaks, and so do decoders of lossy formats.
fn finite(sample: f32) -> f32 {
    if sample.is_nan() { 0.0 } else { sample.clamp(-AMPLITUDE, AMPLITUDE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_damage_is_changed() {
        for (sample, expected) in [
            (f32::NAN, 0.0),
            (-f32::NAN, 0.0),
            (f32::INFINITY, AMPLITUDE),
            (f32::NEG_INFINITY, -AMPLITUDE),
            (1e20, AMPLITUDE),
            (-1e38, -AMPLITUDE),
            (1.5, 1.5),
            (-0.25, -0.25),
        ] {
            assert!((finite(sample) - expected).abs() < f32::EPSILON, "{sample}");
        }
    }
}
