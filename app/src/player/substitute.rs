//! When MP3 is requested instead of an original that this browser does not play.
//! The request itself, once for each track, is made by the player.

use model::Quality;

use super::Failure;

/// What the listener reads meanwhile, as the second half of "“Song” …".
pub const SENTENCE: &str = "is not playable here as original, playing as MP3.";

/// The quality to continue in after this failure; `None` when another quality would not help. `default` is the quality
/// for listeners who have not chosen one.
#[must_use]
pub fn instead_of(chosen: Quality, default: Quality, failure: Failure) -> Option<Quality> {
    if chosen != Quality::Original || !matches!(failure, Failure::Damaged | Failure::Unplayable) {
        return None;
    }
    Some(if default == Quality::Original { Quality::Medium } else { default })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_original_that_cannot_be_decoded_is_replaced() {
        use Quality::{High, Low, Medium, Original};
        for (chosen, default, failure, instead) in [
            (Original, Low, Failure::Unplayable, Some(Low)),
            (Original, Medium, Failure::Damaged, Some(Medium)),
            (Original, Original, Failure::Unplayable, Some(Medium)),
            (Original, Medium, Failure::Network, None),
            (Original, Medium, Failure::NotAllowed, None),
            (High, Medium, Failure::Unplayable, None),
        ] {
            assert_eq!(instead_of(chosen, default, failure), instead, "{chosen} {default} {failure:?}");
        }
    }
}
