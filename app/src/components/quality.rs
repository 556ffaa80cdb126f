//! The words for quality levels, wherever people read them.
//! Names in addresses and configuration belong to `model`.

use model::Quality;

/// The name of a level.
#[must_use]
pub const fn name_of(quality: Quality) -> &'static str {
    match quality {
        Quality::Original => "Original",
        Quality::High => "High",
        Quality::Medium => "Medium",
        Quality::Low => "Low",
    }
}
