//! The index of a real folder of real files, scanned and watched. What a tag or a path means by itself is tested where
//! it is read.

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that stops has failed")]

mod changes;
mod formats;
mod harness;
mod health;
mod hostile;
mod known;
mod links;
mod stress;
mod sums;
mod watching;
