//! The body of a media response: reads each chunk only when the listener's connection has room for it, so a
//! paused listener holds no audio in memory. Which bytes to send was decided before; nothing is parsed here.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use audio::Source;
use audio::source::Wait;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use model::limits::transcoding::SEGMENT;
use tokio::task::JoinHandle;
use tokio::time::Timeout;

use super::LogPaths;
use super::buffers::{Buffer, LARGEST_CHUNK, Share};
use crate::connection::Outlet;

/// One piece of a body.
#[derive(Debug)]
pub enum Piece {
    /// Bytes of the source.
    Audio(Range<u64>),
    /// The lines between the parts of a multipart body.
    Text(Bytes),
}

impl Piece {
    /// Length in bytes.
    #[must_use]
    pub const fn length(&self) -> u64 {
        match self {
            Self::Audio(range) => range.end - range.start,
            Self::Text(text) => text.len() as u64,
        }
    }
}

/// The longest body that is handed over without asking for room, in bytes.
const SHORT_BYTES: u64 = 64 * 1024;

/// What the next chunk has to wait for.
enum Waiting {
    /// A thread that reads it from the disk.
    Disk(JoinHandle<(Buffer, io::Result<usize>)>),
    /// A live transcoding. No thread is blocked meanwhile.
    Source(Pin<Box<Timeout<Wait>>>),
}

/// A streaming body over a source.
pub struct MediaBody {
    source: Arc<dyn Source>,
    pieces: VecDeque<Piece>,
    remaining: u64,
    outlet: Option<Outlet>,
    /// Fits into any socket's buffer at once, so there is no need to ask for room.
    is_short: bool,
    waiting: Option<Waiting>,
    share: Share,
    /// For the log.
    paths: Arc<LogPaths>,
}

impl MediaBody {
    /// A body of these pieces. `outlet` is the connection it will leave by; without one (in a test that has
    /// no connection) chunks are of full size at once.
    #[must_use]
    pub fn new(source: Arc<dyn Source>, pieces: VecDeque<Piece>, outlet: Option<Outlet>, paths: Arc<LogPaths>) -> Self {
        let remaining = pieces.iter().map(Piece::length).sum();
        let is_short = remaining <= SHORT_BYTES;
        Self { source, pieces, remaining, outlet, is_short, waiting: None, share: Share::take(), paths }
    }

    /// The length of the whole body in bytes.
    #[must_use]
    pub const fn length(&self) -> u64 {
        self.remaining
    }

    /// Hands out what was read and moves on; fewer bytes than asked for are fine, none are not.
    fn deliver(&mut self, buffer: Buffer, read: io::Result<usize>) -> io::Result<Bytes> {
        let read = match read {
            Ok(0) => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter while it was sent")),
            other => other,
        };
        let read = read.inspect_err(|error| {
            // Ending the response early is the only way left to tell the listener.
            let LogPaths { request, serving } = &*self.paths;
            tracing::error!(request, ?serving, %error, "stream broken off");
            self.pieces.clear();
        })?;
        if let Some(Piece::Audio(range)) = self.pieces.front_mut() {
            range.start += read as u64;
            if range.start >= range.end {
                self.pieces.pop_front();
            }
        }
        self.remaining -= read as u64;
        Ok(buffer.into_bytes(read))
    }

    /// What was waited for: the next chunk, or none when it can be read now.
    fn poll_waiting(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let waited = match &mut self.waiting {
            None => return Poll::Ready(None),
            Some(Waiting::Disk(reading)) => Some(ready!(Pin::new(reading).poll(context)).map_err(io::Error::other)),
            Some(Waiting::Source(wait)) => match ready!(wait.as_mut().poll(context)) {
                Ok(()) => None,
                Err(_) => Some(Err(io::Error::new(io::ErrorKind::TimedOut, "the encoders have too much to do"))),
            },
        };
        self.waiting = None;
        Poll::Ready(waited.map(|read| match read {
            Ok((buffer, read)) => self.deliver(buffer, read),
            Err(error) => self.deliver(Buffer::take(0), Err(error)),
        }))
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            if let Some(chunk) = ready!(self.poll_waiting(context)) {
                return Poll::Ready(Some(chunk));
            }
            let (start, length) = match self.pieces.front_mut() {
                None => return Poll::Ready(None),
                Some(Piece::Text(text)) => {
                    let text = std::mem::take(text);
                    self.pieces.pop_front();
                    self.remaining -= text.len() as u64;
                    return Poll::Ready(Some(Ok(text)));
                }
                Some(Piece::Audio(range)) => (range.start, range.end - range.start),
            };
            let room = match &self.outlet {
                Some(outlet) if !self.is_short => ready!(outlet.poll_room(context)),
                _ => LARGEST_CHUNK,
            };
            let chunk = self.share.chunk(room);
            let length = usize::try_from(length).map_or(chunk, |length| length.min(chunk));
            let mut buffer = Buffer::take(length);
            match self.source.read_now(buffer.space(length), start) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.waiting = Some(if let Some(wait) = self.source.wait(start) {
                        Waiting::Source(Box::pin(tokio::time::timeout(SEGMENT, wait)))
                    } else {
                        let source = Arc::clone(&self.source);
                        Waiting::Disk(tokio::task::spawn_blocking(move || {
                            let read = source.read_at(buffer.space(length), start);
                            (buffer, unchanged(source.as_ref(), read))
                        }))
                    });
                }
                read => {
                    // Where reading does not wait, asking for the state of the file does not either.
                    let read = unchanged(self.source.as_ref(), read);
                    return Poll::Ready(Some(self.deliver(buffer, read)));
                }
            }
        }
    }
}

/// What was read, if the file has not changed since it was opened: it may have been overwritten in place.
fn unchanged(source: &dyn Source, read: io::Result<usize>) -> io::Result<usize> {
    match read {
        Ok(_) if !source.is_unchanged() => Err(io::Error::other("the file was changed while it was sent")),
        read => read,
    }
}

impl Body for MediaBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.poll_chunk(context).map_ok(Frame::data)
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && self.waiting.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}
