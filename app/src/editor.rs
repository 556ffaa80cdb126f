//! What the editor decides, in plain Rust: searching while typing, and what is on the tape. It knows no browser and no
//! server, so every rule here has a native test.

pub mod finder;

pub use finder::Finder;
