//! Read buffers that are used again and again, because fresh memory costs a page fault every 4 KiB.
//! What is read into them, and when, is decided by the body.

use std::cell::RefCell;

use bytes::Bytes;

/// The size of one buffer, in bytes: as much as a fast connection takes at once, and small enough to stay
/// in a core's cache between the read and the write.
pub const BUFFER_BYTES: usize = 256 * 1024;

/// Idle buffers kept by each thread; more are given back to the system.
const KEPT: usize = 8;

thread_local! {
    /// Of each thread its own, because a buffer that another core has filled is cold here.
    static IDLE: RefCell<Vec<Box<[u8]>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer of [`BUFFER_BYTES`] that goes back to the pool when it is dropped.
#[derive(Debug)]
pub struct Buffer(Box<[u8]>);

impl Buffer {
    /// A buffer with whatever bytes its last user left in it.
    #[must_use]
    pub fn take() -> Self {
        let idle = IDLE.with_borrow_mut(Vec::pop);
        Self(idle.unwrap_or_else(|| vec![0; BUFFER_BYTES].into_boxed_slice()))
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
        // A thread that is ending has no list any more, and the buffer is just freed.
        let _ = IDLE.try_with(|idle| {
            let mut idle = idle.borrow_mut();
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
