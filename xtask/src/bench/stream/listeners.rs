//! Two thousand slow listeners on one server, and what they cost it in memory.
//! How fast they are served is not looked at, only that none of them goes short.

use std::io::{self, ErrorKind};
use std::thread;
use std::time::{Duration, Instant};

use super::fixture::WHOLE;
use crate::bench::client::{BUFFER_BYTES, Connection, Request};
use crate::bench::server::Server;

/// How many listen at once.
const LISTENERS: usize = 2_000;

/// What a listener takes as fast as it comes, in bytes: a player fills its buffer first.
const FIRST_BYTES: usize = 256 * 1024;

/// What a listener takes each second from then on, in bytes: 128 kbit/s.
const SECOND_BYTES: usize = 16 * 1024;

/// How long they go on, in seconds.
const SECONDS: usize = 6;

/// In a second each listener reads once, and a tenth of them reads at the same time.
const TICKS_A_SECOND: usize = 10;

/// How long all of them together may take to get their first bytes.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a listener costs a server.
#[derive(Clone, Copy, Default)]
pub(super) struct Cost {
    /// Resident memory, in KiB each.
    pub(super) resident: f64,
    /// The part of it that belongs to no file, in KiB each.
    pub(super) anonymous: f64,
    /// How many fell more than a second behind, which makes the other figures worthless.
    pub(super) starved: usize,
}

/// Lets them listen for some seconds.
pub(super) fn run(server: &Server) -> io::Result<Cost> {
    // What the start and the first answers have left undone is finished by then.
    thread::sleep(Duration::from_secs(1));
    let before = server.memory()?;
    let mut most = before;

    let mut buffer = vec![0; BUFFER_BYTES];
    let mut listeners = (0..LISTENERS).map(|_| Listener::start(server)).collect::<io::Result<Vec<_>>>()?;
    let deadline = Instant::now() + PATIENCE;
    while listeners.iter().any(|listener| listener.taken < FIRST_BYTES) && Instant::now() < deadline {
        for listener in &mut listeners {
            listener.take_up_to(FIRST_BYTES, &mut buffer)?;
        }
        most = most.max(server.memory()?);
        thread::sleep(Duration::from_millis(5));
    }

    let started = Instant::now();
    let ticks = (1_u32..).zip((1..=SECONDS).flat_map(|second| (0..TICKS_A_SECOND).map(move |turn| (second, turn))));
    let tick_time = Duration::from_secs(1) / 10;
    for (tick, (second, turn)) in ticks {
        thread::sleep((started + tick_time * tick).saturating_duration_since(Instant::now()));
        for listener in listeners.iter_mut().skip(turn).step_by(TICKS_A_SECOND) {
            listener.take_up_to(FIRST_BYTES + second * SECOND_BYTES, &mut buffer)?;
        }
        most = most.max(server.memory()?);
    }

    let all = FIRST_BYTES + SECONDS * SECOND_BYTES;
    Ok(Cost {
        resident: (most.resident_kib - before.resident_kib) as f64 / LISTENERS as f64,
        anonymous: (most.anonymous_kib - before.anonymous_kib) as f64 / LISTENERS as f64,
        starved: listeners.iter().filter(|listener| listener.taken + SECOND_BYTES < all).count(),
    })
}

struct Listener {
    connection: Connection,
    /// Bytes of body read so far.
    taken: usize,
}

impl Listener {
    fn start(server: &Server) -> io::Result<Self> {
        let mut connection = Connection::open(server.address())?;
        connection.unblock()?;
        connection.ask(WHOLE, Request::Whole)?;
        Ok(Self { connection, taken: 0 })
    }

    /// Reads until `total` bytes have been taken or no more are there.
    fn take_up_to(&mut self, total: usize, buffer: &mut [u8]) -> io::Result<()> {
        while self.taken < total {
            let room = buffer.len().min(total - self.taken);
            match self.connection.receive(&mut buffer[..room]) {
                Ok(body) => self.taken += body.len(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
