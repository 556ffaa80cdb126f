//! What the player decides, in plain Rust: events go in, effects come out. It knows no browser, so every
//! rule here has a native test.

pub mod output;
pub mod retry;
pub mod sides;
pub mod substitute;

use model::Quality;
pub use output::{Failure, Output};

/// Seconds after which "previous" restarts the track instead of going back; the common habit.
const RESTART_AFTER: f64 = 3.0;

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The listener pressed play or pause.
    Toggle,
    /// The listener asked for the next track.
    Next,
    /// The listener asked for the previous track, or for the start of this one.
    Previous,
    /// The listener picked a track of the list, counted from 0.
    Choose(usize),
    /// The listener moved to a place in the track, in seconds.
    Seek(f64),
    /// The listener set the volume, 0 to 1.
    Volume(f64),
    /// The listener muted or unmuted.
    ToggleMute,
    /// The listener chose a quality, now or on an earlier visit.
    Quality(Quality),
    /// Sound comes out.
    Playing,
    /// The output stands still, by our wish or by somebody else's (a headset, another tab).
    Paused,
    /// The output waits for data.
    Waiting,
    /// The track is over.
    Ended,
    /// Where the output is in the track, in seconds.
    Position(f64),
    /// How long the track is, in seconds; not finite while unknown.
    Duration(f64),
    /// Up to where, from the position on, data has arrived, in seconds.
    Buffered(f64),
    /// The output cannot go on.
    Failed(Failure),
    /// The pause before another attempt is over; carries the number of that attempt.
    RetryDue(u32),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Put this track, counted from 0, into the output, in this quality, at this place in seconds.
    Load { track: usize, quality: Quality, at: f64 },
    /// Start or go on.
    Play,
    /// Stand still.
    Pause,
    /// Go to this place, in seconds.
    Seek(f64),
    /// Set the volume, 0 to 1.
    Volume { level: f64, muted: bool },
    /// Keep this as what the listener wants, also on other tapes.
    RememberQuality(Quality),
    /// Send [`Event::RetryDue`] with this number after a while.
    Retry { attempt: u32, after_millis: u32 },
}

/// What the player is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Standing still, ready to go on.
    Paused,
    /// Meant to play, but no sound yet: loading, seeking or short of data.
    Waiting,
    /// Sound comes out.
    Playing,
    /// The last track is over.
    Finished,
    /// This track cannot be played, and there is none to go on with.
    Failed(Failure),
}

/// What the listener should know about a track that was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Skipped {
    /// Which track, counted from 0.
    pub track: usize,
    /// Why.
    pub failure: Failure,
}

/// The player of one tape.
#[derive(Debug, Clone, PartialEq)]
pub struct Player {
    tracks: usize,
    current: usize,
    phase: Phase,
    position: f64,
    duration: Option<f64>,
    buffered: f64,
    volume: f64,
    muted: bool,
    quality: Quality,
    /// For a listener who has chosen nothing.
    default: Quality,
    /// What the current track plays in because the browser does not play its original.
    substitute: Option<Quality>,
    attempt: u32,
    failed_in_a_row: usize,
    skipped: Option<Skipped>,
}

impl Player {
    /// A player with the first of `tracks` in its output, in this quality, standing still.
    #[must_use]
    pub fn new(tracks: usize, quality: Quality) -> Self {
        Self {
            tracks,
            current: 0,
            phase: Phase::Paused,
            position: 0.0,
            duration: None,
            buffered: 0.0,
            volume: 1.0,
            muted: false,
            quality,
            default: quality,
            substitute: None,
            attempt: 0,
            failed_in_a_row: 0,
            skipped: None,
        }
    }

    /// The track in the output, counted from 0.
    #[must_use]
    pub fn current(&self) -> usize {
        self.current
    }

    /// What the player is doing.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether the listener wants sound: then the button says "pause".
    #[must_use]
    pub fn wants_sound(&self) -> bool {
        matches!(self.phase, Phase::Playing | Phase::Waiting)
    }

    /// Where we are in the track, in seconds.
    #[must_use]
    pub fn position(&self) -> f64 {
        self.position
    }

    /// The length of the track as the output knows it, in seconds.
    #[must_use]
    pub fn duration(&self) -> Option<f64> {
        self.duration
    }

    /// Up to where data has arrived, in seconds.
    #[must_use]
    pub fn buffered(&self) -> f64 {
        self.buffered
    }

    /// The volume, 0 to 1.
    #[must_use]
    pub fn volume(&self) -> f64 {
        self.volume
    }

    /// Whether the sound is off.
    #[must_use]
    pub fn muted(&self) -> bool {
        self.muted
    }

    /// The quality that was chosen.
    #[must_use]
    pub fn quality(&self) -> Quality {
        self.quality
    }

    /// The track that was passed over last, until the listener chooses one.
    #[must_use]
    pub fn skipped(&self) -> Option<Skipped> {
        self.skipped
    }

    /// What the listener should know: which track, and the second half of "“Song” …".
    #[must_use]
    pub fn notice(&self) -> Option<(usize, &'static str)> {
        match self.phase {
            Phase::Failed(failure) => Some((self.current, failure.sentence())),
            _ if self.substitute.is_some() => Some((self.current, substitute::SENTENCE)),
            _ => self.skipped.map(|skipped| (skipped.track, skipped.failure.sentence())),
        }
    }

    /// Whether there is a track after this one.
    #[must_use]
    pub fn has_next(&self) -> bool {
        self.current + 1 < self.tracks
    }

    /// Takes an event and answers what is to be done, in order.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Toggle => self.toggle(),
            Event::Next if self.has_next() => self.choose(self.current + 1),
            Event::Previous if self.position <= RESTART_AFTER && self.current > 0 => self.choose(self.current - 1),
            Event::Previous => self.seek(0.0),
            Event::Choose(track) if track == self.current => self.toggle(),
            Event::Choose(track) if track < self.tracks => self.choose(track),
            Event::Seek(to) => self.seek(to),
            Event::Volume(level) => {
                self.volume = level.clamp(0.0, 1.0);
                self.muted = false;
                vec![self.volume_effect()]
            }
            Event::ToggleMute => {
                self.muted = !self.muted;
                vec![self.volume_effect()]
            }
            Event::Quality(quality) if quality != self.quality => self.change_quality(quality),
            Event::RetryDue(attempt) if attempt == self.attempt && self.phase == Phase::Waiting => {
                vec![self.load_effect(), Effect::Play]
            }
            // No track there, the quality it has, or a retry of a track that has been left since.
            Event::Next | Event::Choose(_) | Event::Quality(_) | Event::RetryDue(_) => vec![],
            Event::Ended => self.ended(),
            Event::Failed(failure) => self.failed(failure),
            report => {
                self.note(report);
                vec![]
            }
        }
    }

    /// Reports of the output that change what is shown, and call for nothing.
    fn note(&mut self, report: Event) {
        match report {
            Event::Playing => {
                self.phase = Phase::Playing;
                (self.attempt, self.failed_in_a_row) = (0, 0);
            }
            // An element pauses itself at the end of a track and when it fails; that is not a wish.
            Event::Paused if self.phase == Phase::Playing => self.phase = Phase::Paused,
            Event::Waiting if self.phase == Phase::Playing => self.phase = Phase::Waiting,
            Event::Position(position) if position.is_finite() => self.position = position,
            Event::Duration(duration) => self.duration = (duration.is_finite() && duration > 0.0).then_some(duration),
            Event::Buffered(until) if until.is_finite() => self.buffered = until,
            _ => {}
        }
    }

    fn toggle(&mut self) -> Vec<Effect> {
        match self.phase {
            Phase::Playing | Phase::Waiting => {
                self.phase = Phase::Paused;
                vec![Effect::Pause]
            }
            Phase::Paused => {
                self.phase = Phase::Waiting;
                vec![Effect::Play]
            }
            Phase::Finished => self.choose(0),
            Phase::Failed(_) => {
                self.failed_in_a_row = 0;
                self.load(self.current, self.position)
            }
        }
    }

    fn choose(&mut self, track: usize) -> Vec<Effect> {
        self.skipped = None;
        self.failed_in_a_row = 0;
        self.load(track, 0.0)
    }

    fn load(&mut self, track: usize, at: f64) -> Vec<Effect> {
        if track != self.current {
            (self.duration, self.substitute) = (None, None);
        }
        (self.current, self.position, self.buffered, self.attempt) = (track, at, 0.0, 0);
        self.phase = Phase::Waiting;
        vec![self.load_effect(), Effect::Play]
    }

    fn seek(&mut self, to: f64) -> Vec<Effect> {
        let end = self.duration.unwrap_or(f64::INFINITY);
        let to = if to.is_finite() { to.clamp(0.0, end) } else { 0.0 };
        self.position = to;
        match self.phase {
            // The output may have nothing to seek in; the next start begins there.
            Phase::Failed(_) => vec![],
            Phase::Finished => {
                self.phase = Phase::Paused;
                vec![Effect::Seek(to)]
            }
            _ => vec![Effect::Seek(to)],
        }
    }

    fn ended(&mut self) -> Vec<Effect> {
        if self.has_next() {
            return self.load(self.current + 1, 0.0);
        }
        self.phase = Phase::Finished;
        vec![]
    }

    fn failed(&mut self, failure: Failure) -> Vec<Effect> {
        if self.substitute.is_none()
            && let Some(quality) = substitute::instead_of(self.quality, self.default, failure)
        {
            self.substitute = Some(quality);
            return self.reload();
        }
        match failure {
            // The browser wants a press first; the button waits for it.
            Failure::NotAllowed => {
                self.phase = Phase::Paused;
                vec![]
            }
            Failure::Network if self.wants_sound() && retry::delay_millis(self.attempt).is_some() => {
                let after_millis = retry::delay_millis(self.attempt).unwrap_or_default();
                self.attempt += 1;
                self.phase = Phase::Waiting;
                vec![Effect::Retry { attempt: self.attempt, after_millis }]
            }
            _ => self.give_up(failure),
        }
    }

    /// Goes on with the next track, unless nothing plays at all.
    fn give_up(&mut self, failure: Failure) -> Vec<Effect> {
        if self.wants_sound() {
            self.failed_in_a_row += 1;
            if self.has_next() && self.failed_in_a_row < retry::MAX_SKIPS {
                self.skipped = Some(Skipped { track: self.current, failure });
                return self.load(self.current + 1, 0.0);
            }
        }
        self.phase = Phase::Failed(failure);
        vec![]
    }

    fn change_quality(&mut self, quality: Quality) -> Vec<Effect> {
        (self.quality, self.substitute, self.failed_in_a_row) = (quality, None, 0);
        let mut effects = vec![Effect::RememberQuality(quality)];
        effects.extend(self.reload());
        effects
    }

    /// The same track goes on from the same place: with sound only if there was sound. A track that failed
    /// waits for a press, for it may work now.
    fn reload(&mut self) -> Vec<Effect> {
        (self.buffered, self.attempt) = (0.0, 0);
        let mut effects = vec![self.load_effect()];
        match self.phase {
            Phase::Playing | Phase::Waiting => {
                self.phase = Phase::Waiting;
                effects.push(Effect::Play);
            }
            Phase::Failed(_) => self.phase = Phase::Paused,
            Phase::Paused | Phase::Finished => {}
        }
        effects
    }

    fn load_effect(&self) -> Effect {
        Effect::Load { track: self.current, quality: self.substitute.unwrap_or(self.quality), at: self.position }
    }

    fn volume_effect(&self) -> Effect {
        Effect::Volume { level: self.volume, muted: self.muted }
    }
}

#[cfg(test)]
mod tests;
