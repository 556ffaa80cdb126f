//! How often and how fast a broken stream is asked for again.
//! What counts as broken is decided by the player.

/// Pauses before the attempts, in milliseconds: a hiccup passes unheard, a tunnel takes longer.
const DELAYS_MILLIS: [u32; 5] = [250, 1_000, 3_000, 8_000, 15_000];

/// Tracks passed over before the player stops: a dead server must not run through the whole tape.
pub const MAX_SKIPS: usize = 3;

/// The pause before the next attempt after `made` attempts, in milliseconds; `None`: give up.
#[must_use]
pub fn delay_millis(made: u32) -> Option<u32> {
    usize::try_from(made).ok().and_then(|made| DELAYS_MILLIS.get(made)).copied()
}
