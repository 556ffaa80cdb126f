//! Live transcoding under bad conditions: decoders that panic or hang, disks that are full, listeners who leave.
//! That the bytes are right is tested in `transcode`.

#![allow(clippy::unwrap_used, reason = "a test that stops has failed")]

mod failing;
mod leaving;
mod sources;
