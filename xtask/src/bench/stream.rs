//! Streaming speed and memory beside nginx on the same machine: `cargo xtask bench stream`.
//! The bytes of every server are checked before it is measured; whether all answers are right is for the tests.
//!
//! ## What is measured
//! All servers hand out the same 40 MB WAV of noise from the page cache over 127.0.0.1, HTTP/1.1 with
//! keep-alive.
//!
//! - **Whole file**, 1 and 64 connections, each fetching it again and again: bytes a second.
//! - **Ranges** of 64 KiB at random offsets (the same ones for all), 16 connections: answers a second.
//! - **Slow listeners**, 2,000 at once: each takes 256 KiB immediately, as a player fills its buffer, then
//!   16 KiB a second. The highest memory seen meanwhile, less the memory before, is shared out among them.
//!   The servers are started afresh for it: memory kept from an earlier rush would hide the growth.
//!   Socket buffers belong to the kernel and are in no server's figure.
//!
//! ## How
//! The load comes from `wrk` with one thread, so that a server has a core left on a machine with two. The bytes of
//! all servers are checked once before; after that wrk checks every status, and a turn with an error does not count.
//!
//! With many connections it is wrk that has no time left, not nginx: the figure is then how fast one core takes in
//! what a server hands it, where bytes still warm in a cache count. A client that reads 256 KiB at a time (wrk reads
//! 8 KiB) shows less difference: there ours had 0.8 to 1.0 of nginx without `tcp_nopush` with whole files and 0.85
//! with ranges, for it copies every byte twice where sendfile copies once. No network listener reads like that.
//!
//! nginx runs with sendfile and one worker a core, without an access log, and it runs twice. With
//! `tcp_nopush`, as it is usually recommended, Nagle's algorithm holds back the end of an answer that does
//! not fill a packet until the client's delayed acknowledgement, 40 ms later. A packet is 64 KiB on
//! loopback, so a range of 64 KiB with its head is one packet and such an end, and the figure says nothing but
//! 16 connections / 40 ms. Without `tcp_nopush` there is no wait, and that is the nginx to beat with ranges.
//!
//! Ours runs with its defaults, request log included.
//!
//! ## What was tried
//! Ratios to nginx without `tcp_nopush`: whole file with 1 and with 64 connections, ranges. Taken with `wrk -t1` on
//! two cores in turns of a second; one figure scatters by a tenth from one run to the next.
//!
//! - **Chunks of 128, 256, 512 KiB**: 0.91, 2.15, 0.97 – 1.41, 2.29, 0.98 – 1.40, 2.21, 0.91. A chunk of 256 KiB it is;
//!   twice that gives nothing, half of it makes one connection wait for a turn twice as often.
//! - **A pool of buffers for each thread** against fresh memory for each chunk: 1.48, 2.09, 1.10 against 1.39, 1.82,
//!   1.08. One pool for all threads came before and was slower: its buffers are warm in another core's cache.
//! - **One thread for each runtime** (`server::worker_runtimes`) against tokio's runtime that shares its tasks: 1.36, 2.30, 1.13
//!   against 1.24, 1.73, 0.94 with one lane on the two cores; 1.34, 2.21, 1.03 with two, since the load needs a core
//!   as well.
//! - **Asking for room** in the socket before reading (`Outlet::poll_room`): without it 1.23, 2.40, 0.96, so it costs
//!   nothing, and a paused listener holds no audio. Answers of one small chunk leave without asking, which saves two of
//!   their eight system calls.
//! - **A share of 16 MiB for each stream** (`server::media::buffers`): speed unchanged up to 64 streams. The 2,000
//!   slow listeners exhaust the kernel's memory for sockets (`net.ipv4.tcp_mem`), which then takes a part of a chunk
//!   and leaves the rest with the server; that was 100 to 270 KiB a listener before, and is about 20 now.
//! - **The HTTP engine's buffer** at 32 KiB against hyper's own 400 KiB: speed unchanged, memory bounded.
//! - **Forgetting that a socket was ready** after it took less than was offered, which saves a failing system call: no
//!   difference, and gone again.
//! - **A memory map** was left out: as fast as reading in the first trials, but a file that shrinks kills the process,
//!   and a cold page stops all listeners of a thread. `preadv2` with `RWF_NOWAIT` says when a page is cold.
//! - **`sendfile`** is what nginx does here: on loopback its pages are copied by the receiver while they are cold.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::Result;
use super::server::{Program, Server, ensure_programs};
use super::table::{self, Rounds, Row, machine};
use fixture::{Fixture, WHOLE, WHOLE_BYTES};

mod fixture;
mod listeners;
mod load;

/// Servers in the table: ours and the two of [`PEERS`].
const SERVERS: usize = 3;

/// What the table calls nginx with `tcp_nopush` and without.
const PEERS: [&str; SERVERS - 1] = ["nginx", "nopush off"];

/// Turns each server gets at each kind of load.
const ROUNDS: usize = 5;

/// How long one turn lasts.
const ROUND_TIME: Duration = Duration::from_secs(3);

/// Turns each server gets with slow listeners: memory scatters less than speed.
const LISTENER_ROUNDS: usize = 3;

/// The size of one range, in bytes.
const RANGE_BYTES: u64 = 64 * 1024;

/// One kind of load that is measured as a speed.
struct Load {
    name: &'static str,
    connections: usize,
    pattern: Pattern,
    /// What the ratio should be.
    target: &'static str,
}

/// What the connections of a load ask for.
#[derive(Clone, Copy)]
enum Pattern {
    /// The whole file; the figure is GB/s.
    Whole,
    /// [`RANGE_BYTES`] somewhere in the file; the figure is answers a second.
    Ranges,
}

const LOADS: [Load; 3] = [
    Load { name: "whole file, 1 connection (GB/s)", connections: 1, pattern: Pattern::Whole, target: "≥ 1.3" },
    Load { name: "whole file, 64 connections (GB/s)", connections: 64, pattern: Pattern::Whole, target: "≥ 1.2" },
    Load { name: "64 KiB ranges, 16 connections (1/s)", connections: 16, pattern: Pattern::Ranges, target: "≥ 1.0" },
];

impl Load {
    /// One turn of one server.
    fn run(&self, server: &Server, ranges: &Path) -> Result<f64> {
        let script = matches!(self.pattern, Pattern::Ranges).then_some(ranges);
        let tally = load::run(server.address(), self.connections, ROUND_TIME, script)?;
        Ok(match self.pattern {
            Pattern::Whole => tally.bytes / 1e9,
            Pattern::Ranges => tally.answers,
        })
    }
}

/// Ranges of [`RANGE_BYTES`] at random offsets, for wrk; all servers get the same ones.
fn range_script() -> String {
    let most = WHOLE_BYTES - RANGE_BYTES;
    format!(
        r#"math.randomseed(1)
request = function()
    local first = math.random(0, {most})
    return wrk.format("GET", nil, {{ Range = "bytes=" .. first .. "-" .. first + {RANGE_BYTES} - 1 }})
end
"#
    )
}

/// Runs the whole bench with `ferric`, the release build of the server, and prints the table.
///
/// # Errors
/// When a server does not start, or answers with anything but what was asked for. A figure is never an error.
pub(crate) fn stream(ferric: &Path) -> Result<()> {
    ensure_programs()?;
    raise_file_limit()?;
    let fixture = Fixture::create()?;
    let programs =
        [Program::Ferric(ferric.to_path_buf()), Program::Nginx { nopush: true }, Program::Nginx { nopush: false }];

    println!("{}; servers and load share them", machine());
    println!("{ROUNDS} rounds of {} s each, {LISTENER_ROUNDS} with listeners, in turns\n", ROUND_TIME.as_secs());
    let mut rows = measure_speed(&programs, &fixture)?;
    rows.extend(measure_listeners(&programs, &fixture)?);
    println!();
    table::print(&PEERS, &rows);
    Ok(())
}

/// One row for each of the [`LOADS`].
fn measure_speed(programs: &[Program; SERVERS], fixture: &Fixture) -> Result<Vec<Row>> {
    let servers = programs.iter().map(|program| start(program, fixture)).collect::<Result<Vec<_>>>()?;
    let ranges = fixture.folder.room("wrk")?.join("ranges.lua");
    fs::write(&ranges, range_script())?;
    let mut rows = Vec::new();
    for load in &LOADS {
        let mut rounds = Rounds::default();
        for _ in 0..ROUNDS {
            let mut figures = [0.0; SERVERS];
            for (figure, server) in figures.iter_mut().zip(&servers) {
                *figure = load.run(server, &ranges).map_err(|error| format!("{}: {error}", server.name()))?;
            }
            rounds.push(load.name, figures);
        }
        rows.push(Row::new(load.name, load.target, &rounds));
    }
    Ok(rows)
}

/// A row for all resident memory and one for the part that is no file.
fn measure_listeners(programs: &[Program; SERVERS], fixture: &Fixture) -> Result<Vec<Row>> {
    const RESIDENT: &str = "2,000 slow listeners, RSS each (KiB)";
    const ANONYMOUS: &str = "2,000 slow listeners, anonymous each (KiB)";

    let (mut resident, mut anonymous) = (Rounds::default(), Rounds::default());
    for _ in 0..LISTENER_ROUNDS {
        let mut costs = [listeners::Cost::default(); SERVERS];
        for (cost, program) in costs.iter_mut().zip(programs) {
            let server = start(program, fixture)?;
            *cost = listeners::run(&server).map_err(|error| format!("{}: {error}", server.name()))?;
            if cost.starved > 0 {
                println!("{}: {} listeners fell behind, its figures do not count", server.name(), cost.starved);
            }
        }
        resident.push(RESIDENT, costs.map(|cost| cost.resident));
        anonymous.push(ANONYMOUS, costs.map(|cost| cost.anonymous));
    }
    Ok(vec![Row::new(RESIDENT, "ours ≤ 64", &resident), Row::new(ANONYMOUS, "", &anonymous)])
}

/// A running server that was seen to hand out the right bytes.
fn start(program: &Program, fixture: &Fixture) -> Result<Server> {
    let server = Server::start(program, &fixture.folder, &["/readyz", WHOLE.path])?;
    fixture.verify(server.address()).map_err(|error| format!("{}: {error}", server.name()))?;
    Ok(server)
}

/// Raises the soft limit of open files to the hard one, for this process and the servers it starts:
/// the usual 1,024 is half the listeners.
fn raise_file_limit() -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    Ok(setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?)
}
