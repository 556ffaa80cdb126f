//! The mixtape store over real databases: saving, addresses, the bin, lists, sharing, importing, and
//! tapes beside a real library.
//! The rules of a draft by itself are tested in `model`.

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that stops has failed")]

mod addresses;
mod bin;
mod full_disk;
mod importing;
mod listing;
mod media;
#[allow(dead_code, reason = "half of it is for the tests of the index")]
#[path = "../index/harness.rs"]
mod music;
mod refreshing;
mod saving;
mod sharing;
mod shelf;
