//! What the editor decides, in plain Rust: searching while typing, what is on the tape, and when it is saved. It knows
//! no browser and no server, so every rule here has a native test.

pub mod finder;
pub mod readiness;
pub mod saving;
pub mod tape;

pub use finder::Finder;
pub use readiness::Readiness;
pub use saving::Saving;
pub use tape::{Cassette, Tape};
