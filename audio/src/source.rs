//! The one port through which audio is handed out: a length, and bytes at an offset.
//! An original file, a cached one and one made on the fly all look like this; HTTP is not known here.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::pin::Pin;

use crate::AudioFile;

/// A wait that holds no thread.
pub type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Bytes of known length that can be read anywhere, by many readers at once.
pub trait Source: Send + Sync + 'static {
    /// The length in bytes; it does not change while the source lives.
    fn len(&self) -> u64;

    /// Whether there is nothing to read.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the bytes are still those that were there when the source was opened.
    fn is_unchanged(&self) -> bool {
        true
    }

    /// The file that this is, for another program to read; none when it is not one.
    fn as_file(&self) -> Option<&AudioFile> {
        None
    }

    /// Reads into `buffer` from `offset` only what is there without waiting for a disk or an encoder.
    /// May read less than asked.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when nothing is there yet: then await [`Source::wait`], or where there is none
    /// call [`Source::read_at`] on a thread that may block. Any other error is final. `Ok(0)` before the end means that
    /// the source has shrunk.
    fn read_now(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;

    /// What has to be awaited before the bytes at `offset` can be read, where that is more than a disk. Afterwards,
    /// reading them succeeds or returns the error.
    fn wait(&self, offset: u64) -> Option<Wait> {
        let _ = offset;
        None
    }

    /// Reads into `buffer` from `offset`, waiting until there is something; may read less than asked.
    ///
    /// # Errors
    /// Whatever the disk or the encoder reports.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

/// [`Source::read_now`] of a file.
#[cfg(target_os = "linux")]
pub(crate) fn read_file_now(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    use rustix::io::{Errno, ReadWriteFlags, preadv2};
    // The kernel copies what is in the page cache and refuses to wait for the rest.
    let mut buffers = [io::IoSliceMut::new(buffer)];
    match preadv2(file, &mut buffers, offset, ReadWriteFlags::NOWAIT) {
        Ok(read) => Ok(read),
        // Some network and FUSE file systems do not know the flag: there every read may wait.
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INTR) => Err(io::ErrorKind::WouldBlock.into()),
        Err(error) => Err(error.into()),
    }
}

/// [`Source::read_now`] of a file on a system that cannot tell.
#[cfg(not(target_os = "linux"))]
pub(crate) fn read_file_now(_: &File, _: &mut [u8], _: u64) -> io::Result<usize> {
    Err(io::ErrorKind::WouldBlock.into())
}

/// [`Source::read_at`] of a file; fills the buffer unless the end comes first.
pub(crate) fn read_file_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read_at(&mut buffer[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
