//! One reader's view of a live transcoding: bytes of finished segments, and a wait for the others.
//! Segments are only requested here, not made.

use std::io;
use std::sync::{Arc, PoisonError};

use super::Transcoding;
use super::state::Segment;
use crate::Source;
use crate::source::{Wait, read_file_at, read_file_now};
use crate::transcode::{bounds, piece_at};

/// What one listener reads of a [`Transcoding`]; segments that only departed listeners have requested are not made.
pub struct LiveSource {
    live: Arc<Transcoding>,
    reader: u64,
}

/// Where the bytes at an offset are.
enum Place {
    /// So many bytes were copied, from memory.
    Copied(usize),
    /// In the file on disk, with this end of the segment.
    OnDisk {
        segment: u64,
        end: u64,
    },
    NotMade {
        segment: u64,
    },
}

impl LiveSource {
    /// A new reader.
    #[must_use]
    pub fn new(live: Arc<Transcoding>) -> Self {
        let reader = live.lock().add_reader();
        Self { live, reader }
    }

    /// Copies what is in memory, or finds out where the rest is.
    fn look(&self, buffer: &mut [u8], offset: u64) -> io::Result<Place> {
        let live = &self.live;
        if let Some(info) = usize::try_from(offset).ok().and_then(|offset| live.info.get(offset..))
            && !info.is_empty()
        {
            let count = info.len().min(buffer.len());
            buffer[..count].copy_from_slice(&info[..count]);
            return Ok(Place::Copied(count));
        }
        let Some(segment) = piece_at(&live.layout, offset) else { return Ok(Place::Copied(0)) };
        let (start, end) = bounds(&live.layout, segment);
        let mut state = live.lock();
        match state.segment(segment) {
            Some(Segment::OnDisk) => Ok(Place::OnDisk { segment, end }),
            Some(Segment::InMemory) => {
                state.has_read(self.reader, segment);
                let bytes = state.in_memory(segment).cloned();
                drop(state);
                let bytes = bytes.as_deref().and_then(|bytes| bytes.get(usize::try_from(offset - start).ok()?..));
                let bytes = bytes.unwrap_or_default();
                let count = bytes.len().min(buffer.len());
                buffer[..count].copy_from_slice(&bytes[..count]);
                Ok(Place::Copied(count))
            }
            _ => match &state.failure {
                Some(failure) => Err(io::Error::other(failure.clone())),
                None => Ok(Place::NotMade { segment }),
            },
        }
    }

    /// Reads from a segment that is on the disk.
    fn read_disk(
        &self,
        read: impl FnOnce(&std::fs::File, &mut [u8], u64) -> io::Result<usize>,
        buffer: &mut [u8],
        offset: u64,
        (segment, end): (u64, u64),
    ) -> io::Result<usize> {
        let Some(Ok(file)) = self.live.disk.get() else { return Err(io::ErrorKind::NotFound.into()) };
        let count = usize::try_from(end - offset).map_or(buffer.len(), |left| left.min(buffer.len()));
        let read = read(file, &mut buffer[..count], offset)?;
        self.live.lock().has_read(self.reader, segment);
        Ok(read)
    }
}

impl Transcoding {
    /// Requests a segment for a reader; false when there is nothing to wait for, because it is finished or never will
    /// be.
    fn request(self: &Arc<Self>, reader: u64, segment: u64) -> bool {
        let mut state = self.lock();
        if state.failure.is_some() || state.segment(segment).is_none_or(Segment::is_made) {
            return false;
        }
        if let Some(length) = state.await_segment(reader, segment) {
            self.encoders.want(self, segment, length);
        }
        true
    }
}

impl Source for LiveSource {
    fn len(&self) -> u64 {
        self.live.layout.len()
    }

    fn read_now(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        match self.look(buffer, offset)? {
            Place::Copied(count) => Ok(count),
            Place::OnDisk { segment, end } => self.read_disk(read_file_now, buffer, offset, (segment, end)),
            Place::NotMade { .. } => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    fn wait(&self, offset: u64) -> Option<Wait> {
        let segment = piece_at(&self.live.layout, offset)?;
        if self.live.lock().segment(segment) == Some(Segment::OnDisk) {
            return None;
        }
        let (live, reader) = (Arc::clone(&self.live), self.reader);
        Some(Box::pin(async move {
            loop {
                let changed = live.changed_async.notified();
                let mut changed = std::pin::pin!(changed);
                // Before looking, or a change in between would be missed.
                changed.as_mut().enable();
                if !live.request(reader, segment) {
                    return;
                }
                changed.await;
            }
        }))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        loop {
            let segment = match self.look(buffer, offset)? {
                Place::Copied(count) => return Ok(count),
                Place::OnDisk { segment, end } => return self.read_disk(read_file_at, buffer, offset, (segment, end)),
                Place::NotMade { segment } => segment,
            };
            self.live.request(self.reader, segment);
            let mut state = self.live.lock();
            while state.failure.is_none()
                && matches!(state.segment(segment), Some(Segment::Queued | Segment::Planned { .. }))
            {
                state = self.live.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl Drop for LiveSource {
    fn drop(&mut self) {
        let (cancelled, is_unused) = {
            let mut state = self.live.lock();
            (state.remove_reader(self.reader), state.is_unused())
        };
        let encoders = &self.live.encoders;
        if let Some(segment) = cancelled {
            encoders.cancel(&self.live, segment);
        }
        if is_unused {
            encoders.discard(Arc::clone(&self.live));
        }
    }
}
