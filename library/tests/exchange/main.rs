//! Mixtapes in and out: playlists against a real library, archives that another program reads, backups and what is
//! wrong with some of them.

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that stops has failed")]

mod archives;
mod backups;
#[allow(dead_code, reason = "half of it is for the tests of the index")]
#[path = "../index/harness.rs"]
mod music;
mod playlists;
#[allow(dead_code, reason = "half of it is for the tests of the store")]
#[path = "../mixtapes/shelf.rs"]
mod shelf;
