//! Two channels of samples, and how to put sounds into them.
//! Everything that changes the sound as a whole is in `effects` and `tape`.

/// Samples of the left and the right channel; 1 is full scale.
#[derive(Debug, Clone)]
pub(super) struct Stereo {
    /// Samples a second.
    pub rate: u32,
    /// The left channel.
    pub left: Vec<f32>,
    /// The right channel, of the same length.
    pub right: Vec<f32>,
}

impl Stereo {
    /// Silence.
    pub(super) fn silence(seconds: f32, rate: u32) -> Self {
        let length = samples(seconds, rate);
        Self { rate, left: vec![0.0; length], right: vec![0.0; length] }
    }

    /// The length in samples.
    pub(super) fn len(&self) -> usize {
        self.left.len()
    }

    /// The length in seconds.
    pub(super) fn seconds(&self) -> f64 {
        self.len() as f64 / f64::from(self.rate)
    }

    /// The rate as the filters want it.
    pub(super) const fn hertz(&self) -> f32 {
        self.rate as f32
    }

    /// Mixes a sound in, `start` seconds from the beginning; what reaches past the end is dropped.
    /// `pan` is -1 for left to 1 for right, at equal power.
    pub(super) fn add(&mut self, sound: &[f32], start: f32, level: f32, pan: f32) {
        let angle = (pan + 1.0) * std::f32::consts::FRAC_PI_4;
        let start = samples(start, self.rate);
        for (channel, gain) in [(&mut self.left, angle.cos() * level), (&mut self.right, angle.sin() * level)] {
            for (out, sample) in channel.iter_mut().skip(start).zip(sound) {
                *out += gain * sample;
            }
        }
    }

    /// Mixes another recording of the same length in.
    pub(super) fn add_all(&mut self, other: &Self, level: f32) {
        for (channel, addend) in [(&mut self.left, &other.left), (&mut self.right, &other.right)] {
            for (out, sample) in channel.iter_mut().zip(addend) {
                *out += level * sample;
            }
        }
    }

    /// Both channels.
    pub(super) fn channels(&mut self) -> [&mut Vec<f32>; 2] {
        [&mut self.left, &mut self.right]
    }
}

/// Seconds as a number of samples; what lies before the beginning counts as the beginning.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not negative, and at most a few minutes
pub(super) fn samples(seconds: f32, rate: u32) -> usize {
    (f64::from(seconds.max(0.0)) * f64::from(rate)).round() as usize
}
