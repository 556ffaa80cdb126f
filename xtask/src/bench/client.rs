//! One keep-alive HTTP/1.1 connection that asks for a file and counts every byte of the answer.
//! It is no general client: an answer other than the one asked for is an error, and nothing is pipelined.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A sensible size for the buffer that [`Connection::receive`] reads into, in bytes: large enough that system
/// calls do not count, small enough to stay in a core's second-level cache.
pub(super) const BUFFER_BYTES: usize = 256 * 1024;

/// The longest head that is read, in bytes.
const MAX_HEAD_BYTES: usize = 8 * 1024;

/// How long a blocking read waits before it fails.
const PATIENCE: Duration = Duration::from_mins(1);

/// A file as servers have it.
#[derive(Clone, Copy)]
pub(super) struct Resource<'path> {
    /// Where it is, as it stands in a request.
    pub(super) path: &'path str,
    /// Its length, in bytes.
    pub(super) bytes: u64,
}

/// What to ask of a file.
#[derive(Clone, Copy)]
pub(super) enum Request {
    /// All of it.
    Whole,
    /// `bytes` bytes from `first` on.
    Range { first: u64, bytes: u64 },
    /// All from `first` on, as a player asks that seeks.
    From { first: u64 },
}

impl Request {
    /// The only status and length, in bytes, that answer the request for a file of `whole` bytes.
    fn expected(self, whole: u64) -> Head {
        match self {
            Self::Whole => Head { status: 200, length: whole },
            Self::Range { bytes, .. } => Head { status: 206, length: bytes },
            Self::From { first } => Head { status: 206, length: whole - first },
        }
    }
}

/// A connection, at most one answer of which is under way.
pub(super) struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    expected: Head,
    state: State,
}

enum State {
    /// The head as far as it has come.
    Head(Vec<u8>),
    /// The bytes of body still to come.
    Body(u64),
}

impl Connection {
    /// Connects; reads block until [`Connection::unblock`] is called.
    pub(super) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream, address, expected: Request::Whole.expected(0), state: State::Body(0) })
    }

    /// Makes reads return [`ErrorKind::WouldBlock`] instead of waiting.
    pub(super) fn unblock(&self) -> io::Result<()> {
        self.stream.set_nonblocking(true)
    }

    /// Sends a request. The answer before it must be complete, so the send buffer is empty and takes the few
    /// bytes at once even when the connection does not block.
    pub(super) fn ask(&mut self, resource: Resource, request: Request) -> io::Result<()> {
        let range = match request {
            Request::Whole => String::new(),
            Request::Range { first, bytes } => format!("Range: bytes={first}-{}\r\n", first + bytes - 1),
            Request::From { first } => format!("Range: bytes={first}-\r\n"),
        };
        let text = format!("GET {} HTTP/1.1\r\nHost: {}\r\n{range}\r\n", resource.path, self.address);
        self.expected = request.expected(resource.bytes);
        self.state = State::Head(Vec::new());
        self.stream.write_all(text.as_bytes())
    }

    /// Reads once and returns the bytes of body among what came, which may be none.
    ///
    /// # Errors
    /// Those of the socket, and [`ErrorKind::InvalidData`] when this is not the answer asked for.
    pub(super) fn receive<'buffer>(&mut self, buffer: &'buffer mut [u8]) -> io::Result<&'buffer [u8]> {
        let count = self.stream.read(buffer)?;
        if count == 0 {
            return Err(io::Error::new(ErrorKind::UnexpectedEof, "the connection was closed"));
        }
        let received = &buffer[..count];
        let (body, due) = match &mut self.state {
            State::Body(left) => (received, *left),
            State::Head(head) => {
                let known = head.len();
                head.extend_from_slice(&received[..count.min(MAX_HEAD_BYTES - known)]);
                let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4) else {
                    return if head.len() < MAX_HEAD_BYTES { Ok(&[]) } else { Err(invalid("the head is too long")) };
                };
                let found = Head::parse(&head[..end]).ok_or_else(|| invalid("the head makes no sense"))?;
                if found != self.expected {
                    return Err(invalid(format!("got {found:?} instead of {:?}", self.expected)));
                }
                (&received[end - known..], found.length)
            }
        };
        let left = due.checked_sub(body.len() as u64).ok_or_else(|| invalid("more body than announced"))?;
        self.state = State::Body(left);
        Ok(body)
    }

    /// Whether the answer is complete.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.state, State::Body(0))
    }
}

/// Whether a GET of the first byte at `path` succeeds, over a connection of its own.
pub(super) fn answers(address: SocketAddr, path: &str) -> bool {
    let answer = exchange(address, &format!("GET {path} HTTP/1.1\r\nRange: bytes=0-0"));
    answer.is_ok_and(|answer| answer.starts_with(b"HTTP/1.1 20"))
}

/// The length of the file at `path`, in bytes, as a HEAD tells it over a connection of its own.
pub(super) fn length(address: SocketAddr, path: &str) -> io::Result<u64> {
    match Head::parse(&exchange(address, &format!("HEAD {path} HTTP/1.1"))?) {
        Some(Head { status: 200, length }) => Ok(length),
        _ => Err(invalid(format!("{path} does not tell its length"))),
    }
}

/// Sends the beginning of a request's head, completes it, and answers all that comes back.
fn exchange(address: SocketAddr, head: &str) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "{head}\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(MAX_HEAD_BYTES as u64).read_to_end(&mut answer)?;
    Ok(answer)
}

/// The part of a response head that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    /// `Content-Length`, in bytes.
    length: u64,
}

impl Head {
    fn parse(head: &[u8]) -> Option<Self> {
        let mut lines = std::str::from_utf8(head).ok()?.lines();
        let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
        let length = lines
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, value)| value.trim().parse().ok())?;
        Some(Self { status, length })
    }
}

fn invalid(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_in_any_case_and_must_have_a_length() {
        let head = b"HTTP/1.1 206 Partial Content\r\nDate: x\r\ncontent-LENGTH:  7\r\n\r\n";
        assert_eq!(Head::parse(head), Some(Head { status: 206, length: 7 }));
        assert_eq!(Head::parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), None);
    }
}
