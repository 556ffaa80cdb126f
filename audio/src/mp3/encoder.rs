//! LAME behind a safe face: samples in, whole frames out. Where a frame lies in a file is known to `layout`.
//!
//! Unsafe here, and only here, because LAME is C. Its handle is owned by one [`Encoder`] and freed with it, every
//! buffer handed over is a slice whose length goes along, and LAME keeps none of them after a call.
#![allow(unsafe_code)]

use std::os::raw::c_int;
use std::ptr::NonNull;

use mp3lame_sys as lame;

use super::layout::{Channels, Layout};
use crate::Error;

/// A running encoder. It holds some frames back until it has heard what follows them.
#[derive(Debug)]
pub struct Encoder {
    handle: NonNull<lame::lame_global_flags>,
    channels: Channels,
}

// SAFETY: a handle is a heap object without thread-local parts; it is only used through `&mut`.
unsafe impl Send for Encoder {}

impl Encoder {
    /// An encoder for files of this shape, without bit reservoir and without a tag of its own.
    ///
    /// # Errors
    /// [`Error::Encoder`] when LAME has no memory or refuses the parameters.
    pub fn new(layout: &Layout) -> Result<Self, Error> {
        // SAFETY: no arguments; null means that there is no memory.
        let handle = NonNull::new(unsafe { lame::lame_init() }).ok_or(Error::Encoder("lame_init", 0))?;
        let encoder = Self { handle, channels: layout.channels };
        let rate = number(u64::from(layout.rate.hz()));
        let (count, mode) = match layout.channels {
            Channels::Mono => (1, lame::MPEG_mode::MONO),
            Channels::Stereo => (2, lame::MPEG_mode::JOINT_STEREO),
        };
        let flags = handle.as_ptr();
        // SAFETY: the handle is valid, and these set plain numbers.
        let results = unsafe {
            [
                lame::lame_set_in_samplerate(flags, rate),
                lame::lame_set_out_samplerate(flags, rate),
                lame::lame_set_num_channels(flags, count),
                lame::lame_set_mode(flags, mode),
                lame::lame_set_VBR(flags, lame::vbr_mode::vbr_off),
                lame::lame_set_brate(flags, number(u64::from(layout.bitrate.kbps()))),
                lame::lame_set_quality(flags, QUALITY),
                // A frame must not borrow bytes from the ones before it.
                lame::lame_set_disable_reservoir(flags, 1),
                lame::lame_set_bWriteVbrTag(flags, 0),
                // The hearing threshold must not follow what was loud a minute ago: a frame depends on the sound near
                // it alone. Measured on fades and quiet noise, this changes the noise by 0.3 dB at most.
                lame::lame_set_athaa_type(flags, 0),
                lame::lame_init_params(flags),
            ]
        };
        match results.into_iter().find(|result| *result < 0) {
            Some(result) => Err(Error::Encoder("lame_init_params", result)),
            None => Ok(encoder),
        }
    }

    /// Encodes samples between −1 and 1, one slice for each channel of the same length, and appends the frames that
    /// are finished by them to `out`.
    ///
    /// # Errors
    /// [`Error::Encoder`] when LAME runs out of memory.
    pub fn encode(&mut self, left: &[f32], right: &[f32], out: &mut Vec<u8>) -> Result<(), Error> {
        debug_assert!(left.len() == right.len() || self.channels == Channels::Mono);
        let right = if self.channels == Channels::Mono { left } else { right };
        for (left, right) in left.chunks(AT_ONCE).zip(right.chunks(AT_ONCE)) {
            let samples = left.len().min(right.len());
            let flags = self.handle.as_ptr();
            append(out, |space, size| {
                // SAFETY: both slices have `samples` numbers, and `space` has `size` bytes.
                unsafe {
                    lame::lame_encode_buffer_ieee_float(
                        flags,
                        left.as_ptr(),
                        right.as_ptr(),
                        number(samples as u64),
                        space,
                        size,
                    )
                }
            })?;
        }
        Ok(())
    }

    /// Ends the sound: appends the frames that were held back, filled up with silence.
    ///
    /// # Errors
    /// [`Error::Encoder`] when LAME runs out of memory.
    pub fn finish(self, out: &mut Vec<u8>) -> Result<(), Error> {
        let flags = self.handle.as_ptr();
        // SAFETY: `space` has `size` bytes; the handle is dropped, and so freed, afterwards.
        append(out, |space, size| unsafe { lame::lame_encode_flush(flags, space, size) })
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: made by `lame_init`, and freed once.
        unsafe { lame::lame_close(self.handle.as_ptr()) };
    }
}

/// LAME's effort, from 0 (slow) to 9: the one that `ffmpeg` and LAME's own front end use by default is 3 to 5.
const QUALITY: c_int = 4;

/// Samples handed over in one call: eight frames.
const AT_ONCE: usize = 8 * 1152;

/// What one call may write at most, as `lame.h` has it: 1.25 · samples + 7200 bytes.
const MOST_BYTES: usize = AT_ONCE * 5 / 4 + 7200;

fn append(out: &mut Vec<u8>, call: impl FnOnce(*mut u8, c_int) -> c_int) -> Result<(), Error> {
    let before = out.len();
    out.resize(before + MOST_BYTES, 0);
    let written = call(out[before..].as_mut_ptr(), number(MOST_BYTES as u64));
    out.truncate(before + usize::try_from(written).unwrap_or(0));
    if written < 0 { Err(Error::Encoder("lame_encode", written)) } else { Ok(()) }
}

/// Rates, bitrates and lengths of this module are far below the limit.
fn number(value: u64) -> c_int {
    c_int::try_from(value).unwrap_or(c_int::MAX)
}
