//! HTTP tests against the real server on a free port, spoken to over a plain socket, so that nothing between
//! the test and the wire is tidied up. One binary, one server builder.

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that stops has failed")]

mod admin;
mod audio_only;
mod cache;
mod client;
mod connections;
mod covers;
mod crash;
mod embed;
mod every_answer;
mod exchange;
#[cfg(target_os = "linux")]
mod full_disk;
mod gift;
mod harness;
mod headers;
mod logs;
mod making;
mod media_table;
mod music_folder;
mod pages;
mod privacy;
mod program;
mod qr;
mod quality;
mod rate_limit;
mod shutdown;
mod sign_in;
mod signed_media;
mod startup;
mod streams;
