//! As many requests as a server will answer, over many connections from one thread.
//! What is asked for, and which figure comes out of the tally, is for the caller to say.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::io::retry_on_intr;

use super::client::{BUFFER_BYTES, Connection, Request};

/// What a server has done.
#[derive(Clone, Copy, Default)]
pub(super) struct Tally {
    /// Bytes of body, those of unfinished answers included.
    pub(super) body_bytes: u64,
    /// Finished answers.
    pub(super) answers: u64,
    /// The time from the first request to the last byte.
    pub(super) time: Duration,
}

/// Keeps `connections` connections busy for `time`, each asking for the `next` as soon as it has its answer.
pub(super) fn run(
    address: SocketAddr,
    connections: usize,
    time: Duration,
    mut next: impl FnMut() -> Request,
) -> io::Result<Tally> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut connections = (0..connections).map(|_| Connection::open(address)).collect::<io::Result<Vec<_>>>()?;
    for (number, connection) in (0..).zip(&connections) {
        connection.unblock()?;
        epoll::add(&epoll, connection, epoll::EventData::new_u64(number), epoll::EventFlags::IN)?;
    }
    let mut events = Vec::with_capacity(connections.len());
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut tally = Tally::default();

    let started = Instant::now();
    for connection in &mut connections {
        connection.ask(next())?;
    }
    while let Some(left) = time.checked_sub(started.elapsed()) {
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        events.clear();
        retry_on_intr(|| epoll::wait(&epoll, spare_capacity(&mut events), Some(&left)))?;
        for event in &events {
            let number = usize::try_from(event.data.u64()).map_err(io::Error::other)?;
            let connection = &mut connections[number];
            match connection.receive(&mut buffer) {
                Ok(body) => tally.body_bytes += body.len() as u64,
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Err(error) => return Err(error),
            }
            if connection.is_done() {
                tally.answers += 1;
                connection.ask(next())?;
            }
        }
    }
    tally.time = started.elapsed();
    Ok(tally)
}
