//! The memory that audio passes through between the disk and a listener: how much each stream may hold, and
//! buffers that are used again. What is read into them, and when, is decided by the body.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

/// The sizes of chunks, in bytes. The largest is as much as a fast connection takes at once, and fits into a
/// core's cache between the read and the write; a smaller one than the smallest is not worth a system call.
const SIZES: [usize; 3] = [16 * 1024, 64 * 1024, 256 * 1024];

/// The largest chunk, in bytes.
pub const LARGEST_CHUNK: usize = SIZES[2];

/// What all streams together should hold, in bytes, so that 64 of them may have the largest chunk. It matters when
/// the kernel runs short of memory for sockets: then it takes a part of every listener's chunk, and the rest
/// stays here.
const BUDGET: usize = 64 * LARGEST_CHUNK;

/// Idle buffers of each size kept by each thread; more are given back to the system.
const KEPT: usize = 8;

/// How many streams there are in this process.
static STREAMS: AtomicUsize = AtomicUsize::new(0);

/// One stream's share of the budget; it counts as a stream while it lives.
#[derive(Debug)]
pub struct Share(());

impl Share {
    /// Takes part in the budget.
    #[must_use]
    pub fn take() -> Self {
        STREAMS.fetch_add(1, Ordering::Relaxed);
        Self(())
    }

    /// The largest chunk that this stream may have now, when its connection has `room` for so many bytes.
    #[must_use]
    pub fn chunk(&self, room: usize) -> usize {
        chunk(room, STREAMS.load(Ordering::Relaxed))
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        STREAMS.fetch_sub(1, Ordering::Relaxed);
    }
}

fn chunk(room: usize, streams: usize) -> usize {
    let limit = room.min(BUDGET / streams.max(1));
    SIZES.into_iter().rfind(|size| *size <= limit).unwrap_or(SIZES[0])
}

thread_local! {
    /// By size. Of each thread its own, because a buffer that another core has filled is cold here.
    static IDLE: RefCell<[Vec<Box<[u8]>>; SIZES.len()]> = const { RefCell::new([const { Vec::new() }; SIZES.len()]) };
}

/// Memory for one chunk that goes back to the pool when it is dropped: fresh memory costs a page fault every 4 KiB.
#[derive(Debug)]
pub struct Buffer(Box<[u8]>);

impl Buffer {
    /// A buffer for at least `len` bytes, and at most [`LARGEST_CHUNK`], with whatever its last user left in it.
    #[must_use]
    pub fn take(len: usize) -> Self {
        let size = SIZES.iter().position(|size| *size >= len).unwrap_or(SIZES.len() - 1);
        let idle = IDLE.with_borrow_mut(|idle| idle[size].pop());
        Self(idle.unwrap_or_else(|| vec![0; SIZES[size]].into_boxed_slice()))
    }

    /// The first `len` bytes, to read into.
    pub fn space(&mut self, len: usize) -> &mut [u8] {
        &mut self.0[..len]
    }

    /// The first `len` bytes, to send; the buffer returns to the pool once they are sent.
    #[must_use]
    pub fn into_bytes(self, len: usize) -> Bytes {
        Bytes::from_owner(Filled { buffer: self, len })
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.0);
        let Some(size) = SIZES.iter().position(|size| *size == buffer.len()) else { return };
        // A thread that is ending has no list any more, and the buffer is just freed.
        let _ = IDLE.try_with(|idle| {
            let idle = &mut idle.borrow_mut()[size];
            if idle.len() < KEPT {
                idle.push(buffer);
            }
        });
    }
}

struct Filled {
    buffer: Buffer,
    len: usize,
}

impl AsRef<[u8]> for Filled {
    fn as_ref(&self) -> &[u8] {
        &self.buffer.0[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_fits_the_room_and_all_of_them_the_budget() {
        assert_eq!(chunk(usize::MAX, 1), LARGEST_CHUNK);
        assert_eq!(chunk(usize::MAX, 64), LARGEST_CHUNK);
        assert_eq!(chunk(usize::MAX, 65), SIZES[1]);
        assert_eq!(chunk(100_000, 1), SIZES[1]);
        assert_eq!(chunk(0, 1_000_000), SIZES[0]);
        for streams in (1..1000).step_by(7) {
            assert!(chunk(usize::MAX, streams) * streams <= BUDGET);
        }
    }

    #[test]
    fn a_buffer_is_no_larger_than_the_next_size() {
        assert_eq!(Buffer::take(1).0.len(), SIZES[0]);
        assert_eq!(Buffer::take(SIZES[0]).0.len(), SIZES[0]);
        assert_eq!(Buffer::take(SIZES[0] + 1).0.len(), SIZES[1]);
        assert_eq!(Buffer::take(LARGEST_CHUNK).0.len(), LARGEST_CHUNK);
    }
}
