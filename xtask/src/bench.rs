//! `cargo xtask bench`: Ferric beside a peer on the same machine, and what its benches share.
//! They print figures to compare and never fail because of one; what is measured, and how, stands in each of them.
//!
//! Nothing but a ratio taken within the same minute means anything on a shared machine, so the contestants take
//! turns, and each figure is the median of its rounds; a ratio is the median of the rounds' ratios, not the ratio
//! of the medians.

use std::error::Error;

pub(crate) use flood::flood;
pub(crate) use library::library;
pub(crate) use shelf::shelf;
pub(crate) use stream::stream;
pub(crate) use transcode::transcode;

mod client;
mod cpu;
mod flood;
mod folder;
mod library;
mod memory;
mod server;
mod shelf;
mod stream;
mod table;
mod transcode;

/// What any step of a bench may report to the terminal.
type Result<T> = std::result::Result<T, Box<dyn Error>>;
