//! Where the sound comes out: this page's audio element, or a loudspeaker elsewhere. The player speaks to all
//! of them through one trait; what they do with it is their business.

use model::Quality;

/// Something that plays one track at a time.
pub trait Output {
    /// Takes in a track, counted from 0, in this quality, and stands at this place, in seconds.
    fn load(&self, track: usize, quality: Quality, at: f64);
    /// Starts or goes on.
    fn play(&self);
    /// Stands still.
    fn pause(&self);
    /// Goes to a place, in seconds.
    fn seek(&self, to: f64);
    /// Sets the volume, 0 to 1.
    fn set_volume(&self, level: f64, muted: bool);
}

/// Why an output cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The browser wants the listener to press something first.
    NotAllowed,
    /// The data did not come.
    Network,
    /// What came is damaged.
    Damaged,
    /// The file is missing, or of a kind that this output does not play.
    Unplayable,
}

impl Failure {
    /// What happened, as the second half of "“Song” …".
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotAllowed => "waits for you to press play.",
            Self::Network => "did not arrive. Check your connection and press play.",
            Self::Damaged => "is damaged and cannot be played to its end.",
            Self::Unplayable => "cannot be played in this browser.",
        }
    }
}
