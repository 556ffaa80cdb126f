//! The two simplest filters, 6 dB an octave, that everything warm in the demo is made of.
//! Whatever needs more is built from several of them where it is needed.

use std::f32::consts::TAU;

/// Lets low frequencies through.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LowPass {
    state: f32,
}

impl LowPass {
    /// The coefficient for a corner frequency in Hz.
    /// The bilinear approximation: an exponential for each sample of a moving filter would cost more than the filter.
    pub(super) fn coefficient(corner: f32, rate: f32) -> f32 {
        let w = TAU * corner / rate;
        w / (1.0 + w)
    }

    /// The next sample.
    pub(super) fn next(&mut self, input: f32, coefficient: f32) -> f32 {
        self.state += coefficient * (input - self.state);
        self.state
    }
}

/// Lets high frequencies through.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HighPass {
    low: LowPass,
}

impl HighPass {
    /// The coefficient for a corner frequency in Hz.
    pub(super) fn coefficient(corner: f32, rate: f32) -> f32 {
        LowPass::coefficient(corner, rate)
    }

    /// The next sample.
    pub(super) fn next(&mut self, input: f32, coefficient: f32) -> f32 {
        input - self.low.next(input, coefficient)
    }
}
