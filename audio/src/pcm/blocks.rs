//! Sound of a decoder that remembers what it heard, made so that a place always sounds the same. Which decoder needs
//! it is known above.
//!
//! The sound is decoded in blocks of a fixed grid, each by a new decoder that has heard a little of what comes before.
//! Where two blocks meet, the one is faded into the other.

use super::decoded::Decoded;
use super::{Pcm, Planes, Shape, silence};
use crate::Error;

/// The length of a block in seconds. What a decoder hears before each is a twelfth of it, and all that the grid costs.
const BLOCK_SECONDS: u64 = 6;

/// A block of many channels at a high rate is shorter: samples of all channels.
const MAX_BLOCK: u64 = 1 << 22;

/// Blocks are faded into each other over this part of a second.
const FADE: u64 = 50;

/// A sound in blocks.
pub struct Blocks {
    decoded: Decoded,
    /// Samples in a block, and those at its end in which the next is faded in.
    length: u64,
    fade: u64,
    /// Blocks of even and of odd number, so that neighbours are kept together.
    kept: [Option<u64>; 2],
    planes: [Planes; 2],
}

impl Blocks {
    /// The sound that `decoded` has.
    #[must_use]
    pub fn new(decoded: Decoded) -> Self {
        let (rate, channels) = (u64::from(decoded.shape().rate), decoded.shape().speakers.count() as u64);
        let (length, fade) = ((rate * BLOCK_SECONDS).min(MAX_BLOCK / channels.max(1)), rate / FADE);
        Self { decoded, length, fade, kept: [None; 2], planes: [Planes::new(), Planes::new()] }
    }

    /// Where a block begins to be faded in, and where it ends.
    fn bounds(&self, block: u64) -> (u64, u64) {
        let end = ((block + 1) * self.length).min(self.decoded.shape().length);
        ((block * self.length).saturating_sub(self.fade), end)
    }

    /// The samples of a block.
    fn block(&mut self, block: u64) -> Result<&Planes, Error> {
        let slot = usize::from(block % 2 == 1);
        if self.kept[slot] != Some(block) {
            self.kept[slot] = None;
            let (start, end) = self.bounds(block);
            self.decoded.forget()?;
            let count = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
            self.decoded.read(start, count, &mut self.planes[slot])?;
            self.kept[slot] = Some(block);
        }
        Ok(&self.planes[slot])
    }
}

impl Pcm for Blocks {
    fn shape(&self) -> Shape {
        self.decoded.shape()
    }

    fn read(&mut self, first: u64, count: usize, out: &mut Planes) -> Result<(), Error> {
        let shape = self.shape();
        silence(out, shape.speakers.count(), count);
        let end = (first + count as u64).min(shape.length);
        if first >= end {
            return Ok(());
        }
        let (fade, index) = (self.fade as f32, |place: u64| usize::try_from(place).unwrap_or(usize::MAX));
        for block in first / self.length..=(end - 1 + self.fade) / self.length {
            let (start, to) = self.bounds(block);
            let (from, to) = (start.max(first), to.min(end));
            if from >= to {
                continue;
            }
            let is_faded_in = block > 0;
            for (out, plane) in out.iter_mut().zip(self.block(block)?) {
                let out = &mut out[index(from - first)..index(to - first)];
                for (place, (out, sample)) in (from - start..).zip(out.iter_mut().zip(&plane[index(from - start)..])) {
                    let weight = if is_faded_in { (place as f32 / fade).min(1.0) } else { 1.0 };
                    *out += (sample - *out) * weight;
                }
            }
        }
        Ok(())
    }
}
