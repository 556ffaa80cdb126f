//! The instruments that carry a tune or a chord: each turns one note into samples.
//! Percussion is in `drums`; where a note sits in the mix is the business of `perform`.

use std::f32::consts::TAU;

use fastrand::Rng;

use super::drums;
use super::filters::{HighPass, LowPass};

/// An instrument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// Detuned saws behind a slow low-pass: the warm ground of a piece.
    Pad,
    /// An electric piano.
    Keys,
    /// A short, bright synthesizer note for running figures.
    Pluck,
    /// A nylon string.
    Guitar,
    /// A music box.
    Bell,
    /// A flute, or a whistle when it is high.
    Flute,
    /// A round bass, between an upright and a synthesizer.
    Bass,
    /// A soft bass drum.
    Kick,
    /// A brush on a snare drum.
    Brush,
    /// A closed hi-hat.
    Hat,
    /// A shaker.
    Shaker,
    /// A stick on the rim.
    Rim,
}

/// One note to be played.
#[derive(Debug, Clone, Copy)]
pub(super) struct Note {
    /// The pitch in Hz; drums ignore it.
    pub hz: f32,
    /// How long it is held, in seconds; it rings on after that.
    pub held: f32,
    /// Samples a second.
    pub rate: f32,
}

impl Note {
    /// The position in seconds of each sample of a sound of this length.
    pub(super) fn times(self, seconds: f32) -> impl Iterator<Item = f32> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a few seconds
        let samples = (seconds * self.rate) as usize;
        let step = self.rate.recip();
        (0..samples).map(move |index| index as f32 * step)
    }
}

impl Voice {
    /// Whether the two sides of the mix get a take of their own.
    pub(super) const fn wide(self) -> bool {
        matches!(self, Self::Pad | Self::Shaker)
    }

    /// How much later each next string of a chord is struck, in seconds.
    pub(super) const fn strum(self) -> f32 {
        match self {
            Self::Guitar => 0.017,
            Self::Keys => 0.006,
            _ => 0.0,
        }
    }

    /// The samples of a note, peaking near 1.
    pub(super) fn play(self, note: Note, rng: &mut Rng) -> Vec<f32> {
        match self {
            Self::Pad => pad(note, rng),
            Self::Keys => keys(note),
            Self::Pluck => pluck(note, rng),
            Self::Guitar => guitar(note, rng),
            Self::Bell => bell(note),
            Self::Flute => flute(note, rng),
            Self::Bass => bass(note),
            Self::Kick => drums::kick(note),
            Self::Brush => drums::brush(note, rng),
            Self::Hat => drums::hat(note, rng),
            Self::Shaker => drums::shaker(note, rng),
            Self::Rim => drums::rim(note),
        }
    }
}

/// Rises, stays while the note is held, and dies away; all in seconds.
fn envelope(time: f32, attack: f32, held: f32, release: f32) -> f32 {
    let rising = (time / attack).min(1.0);
    let falling = if time > held { (1.0 - (time - held) / release).max(0.0) } else { 1.0 };
    // Squared, the end is closer to how a string falls silent than a straight line.
    rising * falling * falling
}

/// A saw whose edge is rounded off (PolyBLEP), so that it does not ring with aliases.
struct Saw {
    phase: f32,
    step: f32,
}

impl Saw {
    fn new(hz: f32, cents: f32, rate: f32, rng: &mut Rng) -> Self {
        Self { phase: rng.f32(), step: hz * 2_f32.powf(cents / 1200.0) / rate }
    }

    fn next(&mut self) -> f32 {
        self.phase += self.step;
        if self.phase >= 1.0 {
            self.phase -= 1.0;
        }
        let mut value = 2.0 * self.phase - 1.0;
        if self.phase < self.step {
            let x = self.phase / self.step;
            value -= 2.0 * x - x * x - 1.0;
        } else if self.phase > 1.0 - self.step {
            let x = (self.phase - 1.0) / self.step;
            value -= x * x + 2.0 * x + 1.0;
        }
        value
    }
}

fn pad(note: Note, rng: &mut Rng) -> Vec<f32> {
    let attack = (note.held * 0.45).min(0.9);
    let release = 1.4;
    let mut saws = [-8.0, 0.5, 7.0].map(|cents| Saw::new(note.hz, cents + rng.f32() - 0.5, note.rate, rng));
    let (mut first, mut second) = (LowPass::default(), LowPass::default());
    note.times(note.held + release)
        .map(|time| {
            let level = envelope(time, attack, note.held, release);
            let coefficient = LowPass::coefficient(350.0 + 1100.0 * level, note.rate);
            let raw: f32 = saws.iter_mut().map(Saw::next).sum();
            second.next(first.next(raw, coefficient), coefficient) * level * 0.5
        })
        .collect()
}

fn pluck(note: Note, rng: &mut Rng) -> Vec<f32> {
    let release = 0.25;
    let mut saws = [-5.0, 5.0].map(|cents| Saw::new(note.hz, cents, note.rate, rng));
    let (mut first, mut second) = (LowPass::default(), LowPass::default());
    note.times(note.held + release)
        .map(|time| {
            let level = envelope(time, 0.004, note.held, release) * (-3.5 * time).exp();
            let coefficient = LowPass::coefficient(300.0 + 2600.0 * (-9.0 * time).exp(), note.rate);
            let raw: f32 = saws.iter_mut().map(Saw::next).sum();
            second.next(first.next(raw, coefficient), coefficient) * level * 0.8
        })
        .collect()
}

fn keys(note: Note) -> Vec<f32> {
    let release = 0.35;
    // Short strings lose their tone sooner.
    let decay = 0.9 * (note.hz / 260.0).sqrt();
    note.times(note.held + release)
        .map(|time| {
            let phase = TAU * note.hz * time;
            let hardness = 0.12 + 1.1 * (-4.5 * time).exp();
            let body = (phase + hardness * phase.sin()).sin();
            // The tine: the bright edge of the first moment.
            let tine = 0.08 * (-14.0 * time).exp() * (7.0 * phase).sin();
            (body + tine) * (-decay * time).exp() * envelope(time, 0.003, note.held, release) * 0.8
        })
        .collect()
}

/// A string after Karplus and Strong: a burst of noise that goes round in a loop and loses its edges there.
fn guitar(note: Note, rng: &mut Rng) -> Vec<f32> {
    let release = 0.5;
    let period = note.rate / note.hz;
    // The loop is a little shorter than the period: its filters below delay by the rest.
    let smoothing = 0.3;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a few hundred samples
    let length = (period - smoothing - 0.2) as usize;
    let rest = period - smoothing - length as f32;
    let tuning = (1.0 - rest) / (1.0 + rest);
    let mut softener = LowPass::default();
    let softness = LowPass::coefficient(2400.0, note.rate);
    let burst: Vec<f32> = (0..length).map(|_| softener.next(2.0 * rng.f32() - 1.0, softness)).collect();
    // Plucked at a fifth of its length, where a string is neither thin nor dull.
    let mut string: Vec<f32> = (0..length).map(|i| burst[i] - burst[(i + length / 5) % length]).collect();
    let mean = string.iter().sum::<f32>() / length as f32;
    for sample in &mut string {
        *sample -= mean;
    }
    // What is lost in each round trip, so that high and low strings ring for about as long.
    let sustain = (-1.5 / note.hz).exp();
    let (mut place, mut before, mut tuned, mut untuned) = (0, 0.0, 0.0, 0.0);
    note.times(note.held + release)
        .map(|time| {
            let out = string[place];
            let smooth = sustain * ((1.0 - smoothing) * out + smoothing * before);
            before = out;
            tuned = tuning * (smooth - tuned) + untuned;
            untuned = smooth;
            string[place] = tuned;
            place = (place + 1) % length;
            out * envelope(time, 0.001, note.held, release) * 1.3
        })
        .collect()
}

fn bell(note: Note) -> Vec<f32> {
    // Ratio, level and decay per second of the partials of a small metal tongue.
    const PARTIALS: [(f32, f32, f32); 3] = [(1.0, 0.75, 2.2), (3.01, 0.16, 5.0), (6.27, 0.07, 11.0)];
    note.times(note.held.max(1.6) + 0.6)
        .map(|time| {
            let tone: f32 = PARTIALS
                .iter()
                .map(|(ratio, level, decay)| level * (-decay * time).exp() * (TAU * note.hz * ratio * time).sin())
                .sum();
            tone * envelope(time, 0.002, note.held.max(1.6), 0.6)
        })
        .collect()
}

fn flute(note: Note, rng: &mut Rng) -> Vec<f32> {
    let release = 0.22;
    let (mut air_low, mut air_high) = (LowPass::default(), HighPass::default());
    let (above, below) = (HighPass::coefficient(note.hz, note.rate), LowPass::coefficient(3.0 * note.hz, note.rate));
    let mut phase = 0.0;
    note.times(note.held + release)
        .map(|time| {
            // The vibrato comes in only on notes that are held.
            let vibrato = 0.006 * ((time - 0.2) * 2.5).clamp(0.0, 1.0) * (TAU * 4.8 * time).sin();
            phase = (phase + TAU * note.hz * (1.0 + vibrato) / note.rate) % TAU;
            let tone = phase.sin() + 0.22 * (2.0 * phase).sin() + 0.07 * (3.0 * phase).sin();
            let air = air_low.next(air_high.next(2.0 * rng.f32() - 1.0, above), below);
            let breath = 0.05 + 0.2 * (-18.0 * time).exp();
            (0.65 * tone + breath * air) * envelope(time, 0.07, note.held, release)
        })
        .collect()
}

fn bass(note: Note) -> Vec<f32> {
    let release = 0.12;
    note.times(note.held + release)
        .map(|time| {
            let phase = TAU * note.hz * time;
            // The overtones are what a small speaker lets us hear of a low note.
            let tone = phase.sin()
                + (2.0 * phase).sin() * 0.45 * (-2.5 * time).exp()
                + (3.0 * phase).sin() * 0.2 * (-5.0 * time).exp();
            (1.2 * tone).tanh() * (-0.9 * time).exp() * envelope(time, 0.006, note.held, release) * 0.9
        })
        .collect()
}
