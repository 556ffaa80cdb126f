//! The one port through which audio is handed out: a length, and bytes at an offset.
//! An original file, a cached one and one made on the fly all look like this; HTTP is not known here.

use std::io;

/// Bytes of known length that can be read anywhere, by many readers at once.
pub trait Source: Send + Sync + 'static {
    /// The length in bytes; it does not change while the source lives.
    fn len(&self) -> u64;

    /// Whether there is nothing to read.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads into `buffer` from `offset` only what is there without waiting for a disk or an encoder.
    /// May read less than asked.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when nothing is there yet: then call [`Source::read_at`] on a thread
    /// that may wait. Any other error is final. `Ok(0)` before the end means that the source has shrunk.
    fn read_now(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Reads into `buffer` from `offset`, waiting as long as it takes; the buffer is filled unless the end
    /// comes first.
    ///
    /// # Errors
    /// Whatever the disk or the encoder reports.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}
