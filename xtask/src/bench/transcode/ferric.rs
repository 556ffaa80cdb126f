//! Our side of the bench: a server that has transcoded nothing yet, and listeners that fetch MP3s from it.
//! What is fetched, and what the figures are compared with, is decided elsewhere.

use std::fs::File;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use super::Turn;
use super::music::Track;
use super::starts::Start;
use crate::bench::Result;
use crate::bench::client::{BUFFER_BYTES, Connection, Request};
use crate::bench::folder::Folder;
use crate::bench::server::{Program, Server};

/// A server with an empty cache that has nothing left to do.
pub(super) fn start(ferric: &Program, folder: &Folder) -> Result<Server> {
    // No file is asked for: what the server found out about it would make the turn shorter.
    let server = Server::start(ferric, folder, &["/readyz"])?;
    server.rest()?;
    Ok(server)
}

/// Where the MP3 of a track is put.
pub(super) fn target(track: &Track, room: &Path) -> PathBuf {
    room.join(format!("{}-ours.mp3", track.name))
}

/// Fetches all tracks at once from a server of their own.
pub(super) fn fetch(ferric: &Program, folder: &Folder, tracks: &[Track], room: &Path) -> Result<Turn> {
    let server = start(ferric, folder)?;
    let address = server.address();
    let cpu = server.cpu()?;
    let begun = Instant::now();
    thread::scope(|scope| {
        let listeners: Vec<_> = tracks.iter().map(|track| scope.spawn(move || save(address, track, room))).collect();
        listeners.into_iter().try_for_each(|listener| {
            listener.join().unwrap_or_else(|_| Err(io::Error::other("a listener has given up")))
        })
    })?;
    let wall = begun.elapsed().as_secs_f64();
    let turn = Turn { wall, cpu: server.cpu()? - cpu, peak: server.peak_kib()? as f64 / 1024.0 };
    server.kill()?;
    Ok(turn)
}

/// Fetches one track; an answer that is shorter or longer than a HEAD has told is an error.
fn save(address: SocketAddr, track: &Track, room: &Path) -> io::Result<()> {
    let mut file = File::create(target(track, room))?;
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut connection = Connection::open(address)?;
    connection.ask(track.resource(), Request::Whole)?;
    while !connection.is_done() {
        file.write_all(connection.receive(&mut buffer)?)?;
    }
    Ok(())
}

/// Seeks in a track that a server of its own has never touched.
pub(super) fn seek(ferric: &Program, folder: &Folder, track: &Track, percent: u32) -> Result<Start> {
    let server = start(ferric, folder)?;
    let mut connection = Connection::open(server.address())?;
    let first = track.mp3_bytes * u64::from(percent) / 100;
    let begun = Instant::now();
    connection.ask(track.resource(), Request::From { first })?;
    let start = Start::take(begun, |buffer| Ok(connection.receive(buffer)?.len()))?;
    server.kill()?;
    Ok(start)
}
