//! How bytes of known length become an HTTP response: ranges, conditions, headers and a body that waits for
//! its reader. It does not know where the bytes come from, only that they are an `audio::Source`.

pub mod body;
pub mod buffers;
pub mod conditional;
pub mod date;
pub mod disposition;
pub mod range;
pub mod respond;

pub use respond::{Representation, respond};
