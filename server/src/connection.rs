//! One listener's TCP connection, shared between the HTTP engine, which writes to it, and the media body,
//! which asks it for room before it reads from the disk. HTTP itself is not known here.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

use crate::connections::Activity;

/// The reading and writing side of a connection.
#[derive(Debug)]
pub struct Connection {
    stream: Arc<TcpStream>,
    activity: Arc<Activity>,
}

impl Connection {
    /// Takes over a fresh connection.
    #[must_use]
    pub fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        Self { stream: Arc::new(stream), activity }
    }

    /// The view of this connection that a body needs.
    #[must_use]
    pub fn outlet(&self) -> Outlet {
        Outlet(Arc::clone(&self.stream))
    }
}

/// What a body may ask of its connection.
#[derive(Debug, Clone)]
pub struct Outlet(Arc<TcpStream>);

impl Outlet {
    /// Waits until the socket has room and answers for how many bytes: a quarter of its send buffer, which the
    /// kernel sizes by what the client drains. The kernel calls a socket writable when a third of that buffer is
    /// free, so as much leaves at once, and nothing of it stays in memory while the client is busy or paused.
    pub fn poll_room(&self, context: &mut Context<'_>) -> Poll<usize> {
        loop {
            // An error here is one that the write itself will report.
            if ready!(self.0.poll_write_ready(context)).is_err() || self.is_writable() {
                break;
            }
            // The runtime must forget that the socket was ready, so that the next wait really waits.
            let forgotten: io::Result<()> = self.0.try_io(Interest::WRITABLE, || Err(io::ErrorKind::WouldBlock.into()));
            debug_assert!(forgotten.is_err());
        }
        Poll::Ready(rustix::net::sockopt::socket_send_buffer_size(&*self.0).unwrap_or(0) / 4)
    }

    /// The kernel's own view at this moment; also true when the connection is broken.
    fn is_writable(&self) -> bool {
        let mut poll = [PollFd::new(&*self.0, PollFlags::OUT)];
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        rustix::event::poll(&mut poll, Some(&now)).is_ok_and(|ready| ready > 0)
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.stream.poll_read_ready(context))?;
            match self.stream.try_read_buf(buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => {
                    self.activity.progressed(Instant::now());
                    return Poll::Ready(result.map(|_| ()));
                }
            }
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[io::IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        loop {
            let is_ready = self.stream.poll_write_ready(context);
            self.activity.set_blocked(is_ready.is_pending());
            ready!(is_ready)?;
            match self.stream.try_write_vectored(slices) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => {
                    self.activity.progressed(Instant::now());
                    return Poll::Ready(result);
                }
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Every write goes to the kernel at once.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(match rustix::net::shutdown(&*self.stream, rustix::net::Shutdown::Write) {
            Err(rustix::io::Errno::NOTCONN) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        })
    }
}
