//! HTTP tests against the real server on a free port, spoken to over a plain socket, so that nothing between
//! the test and the wire is tidied up. One binary, one server builder.

#![allow(unreachable_pub, reason = "a test binary has no outside")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that stops has failed")]

mod admin;
mod client;
mod covers;
mod crash;
mod embed;
mod exchange;
mod gift;
mod harness;
mod making;
mod media_table;
mod pages;
mod qr;
mod quality;
mod streams;
