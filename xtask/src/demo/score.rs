//! The form in which the demo's pieces are written down: tempo, chords, and who plays what.
//! The pieces themselves are with their releases; how they sound is the business of `perform` and `voices`.

use super::voices::Voice;

/// A piece for a few voices over a row of chords.
#[derive(Clone, Copy)]
pub(super) struct Score {
    /// Beats a minute.
    pub tempo: f32,
    /// Beats in a bar.
    pub beats: usize,
    /// Steps of the grid in a beat; patterns and tunes count in these.
    pub grid: usize,
    /// How late every second step comes, as a share of a step.
    pub swing: f32,
    /// Chord symbols, one a bar; two that share a bar are joined with a comma.
    pub chords: &'static str,
    /// Who plays.
    pub parts: &'static [Part],
    /// The time after the last bar in which everything dies away, in seconds.
    pub tail: f32,
    /// The level of the reverb, 0 to 1.
    pub room: f32,
    /// Steps between echoes; 0 for none.
    pub echo: usize,
    /// How unsteady the tape runs: 0 is a studio machine, 1 a cassette from the back seat.
    pub wow: f32,
}

impl Score {
    /// Four-four in sixteenths in a small room; the pieces say where they differ.
    pub(super) const PLAIN: Self = Self {
        tempo: 90.0,
        beats: 4,
        grid: 4,
        swing: 0.0,
        chords: "",
        parts: &[],
        tail: 4.0,
        room: 0.35,
        echo: 3,
        wow: 0.3,
    };

    /// Steps in a bar.
    pub(super) const fn bar(&self) -> usize {
        self.beats * self.grid
    }

    /// The length of a step in seconds.
    pub(super) fn step(&self) -> f32 {
        60.0 / self.tempo / self.grid as f32
    }

    /// When a step sounds, in seconds after the first.
    pub(super) fn time(&self, step: usize) -> f32 {
        let late = if step % 2 == 1 { self.swing } else { 0.0 };
        (step as f32 + late) * self.step()
    }
}

/// One player.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// The instrument.
    pub voice: Voice,
    /// What it plays.
    pub line: Line,
    /// Its loudness in the mix, 0 to 1.
    pub level: f32,
    /// Its place in the mix: -1 is left, 1 is right.
    pub pan: f32,
    /// How much of it goes to echo and reverb, 0 to 1.
    pub wet: f32,
    /// The bar in which it enters, from 0.
    pub enter: usize,
    /// Semitones by which everything is shifted.
    pub shift: i32,
}

impl Part {
    /// A part that plays from the first bar, in the middle.
    pub(super) const fn new(voice: Voice, line: Line, level: f32) -> Self {
        Self { voice, line, level, pan: 0.0, wet: 0.4, enter: 0, shift: 0 }
    }

    /// The same part to the left (negative) or right.
    pub(super) const fn pan(self, pan: f32) -> Self {
        Self { pan, ..self }
    }

    /// The same part with more or less echo and reverb.
    pub(super) const fn wet(self, wet: f32) -> Self {
        Self { wet, ..self }
    }

    /// The same part, silent until this bar.
    pub(super) const fn enter(self, enter: usize) -> Self {
        Self { enter, ..self }
    }

    /// The same part, shifted by semitones.
    pub(super) const fn shift(self, shift: i32) -> Self {
        Self { shift, ..self }
    }
}

/// What a part plays. In patterns every character is a step, `-` holds the note before it and `.` is a rest;
/// spaces are for the eye, and a pattern starts again when it is over.
#[derive(Clone, Copy)]
pub(super) enum Line {
    /// The whole chord at every `x`.
    Chords(&'static str),
    /// Single tones of the chord: `0` is its bass, `1` to `4` its voices from below, `5` to `8` the same
    /// an octave higher, `9` the fifth above the bass.
    Figure(&'static str),
    /// A drum: `x` is a stroke, `o` a soft one.
    Beat(&'static str),
    /// A melody, played once: `F#5/3` is a note of three steps, `-/4` a rest of four.
    Tune(&'static str),
}
