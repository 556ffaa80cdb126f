//! The body of a media response: reads each chunk only when the listener's connection has room for it, so a
//! paused listener holds no audio in memory. Which bytes to send was decided before; nothing is parsed here.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use audio::Source;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::JoinHandle;

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

/// A chunk being read on a thread that may wait for the disk.
type Waiting = JoinHandle<(Buffer, io::Result<usize>)>;

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
    /// For the log: what was asked for.
    request: Arc<str>,
}

impl MediaBody {
    /// A body of these pieces. `outlet` is the connection it will leave by; without one (in a test that has
    /// no connection) chunks are of full size at once.
    #[must_use]
    pub fn new(source: Arc<dyn Source>, pieces: VecDeque<Piece>, outlet: Option<Outlet>, request: Arc<str>) -> Self {
        let remaining = pieces.iter().map(Piece::length).sum();
        let is_short = remaining <= SHORT_BYTES;
        Self { source, pieces, remaining, outlet, is_short, waiting: None, share: Share::take(), request }
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
            tracing::error!(request = %self.request, %error, "stream broken off");
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

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if let Some(waiting) = &mut self.waiting {
            let finished = ready!(Pin::new(waiting).poll(context));
            self.waiting = None;
            return Poll::Ready(Some(match finished {
                Ok((buffer, read)) => self.deliver(buffer, read),
                Err(error) => Err(io::Error::other(error)),
            }));
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
                let source = Arc::clone(&self.source);
                self.waiting = Some(tokio::task::spawn_blocking(move || {
                    let read = source.read_at(buffer.space(length), start);
                    (buffer, read)
                }));
                self.poll_chunk(context)
            }
            read => Poll::Ready(Some(self.deliver(buffer, read))),
        }
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
