//! A source as decoders of other crates read it: from a place that moves. What is read is not known here.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use symphonia::core::io::MediaSource;

use crate::Source;

/// A reader with a place of its own, so that several can read one file.
pub(super) struct Cursor {
    source: Arc<dyn Source>,
    position: u64,
    /// How many bytes may still be read: a decoder could otherwise search a file for as long as it is, or keep it.
    left: Arc<AtomicU64>,
}

impl Cursor {
    /// A reader at the start that ends when as many bytes have been read as `left` says; who keeps that can add more.
    pub(super) fn within(source: Arc<dyn Source>, left: Arc<AtomicU64>) -> Self {
        Self { source, position: 0, left }
    }
}

impl Read for Cursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.left.load(Ordering::Relaxed)).unwrap_or(usize::MAX);
        let count = buffer.len().min(left);
        let read = self.source.read_at(&mut buffer[..count], self.position)?;
        self.left.fetch_sub(read as u64, Ordering::Relaxed);
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Cursor {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let position = match position {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.source.len().checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl MediaSource for Cursor {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.source.len())
    }
}
