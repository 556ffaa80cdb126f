//! Constant-bitrate MP3 of which every part can be made by itself: where each frame lies, and the frames.
//! Where the sound comes from and where the bytes go is not known here.

pub mod encoder;
pub mod layout;

pub use encoder::Encoder;
pub use layout::{Bitrate, Channels, Layout, OutputRate};
