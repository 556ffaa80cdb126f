//! Very many listeners at once, each with a connection and a thread of its own, who read until they are asked to leave.
//! What others wait meanwhile is measured above.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often a listener who waits looks whether to leave, and how long one who was refused stays away.
const GLANCE: Duration = Duration::from_millis(200);

/// The listeners.
pub(super) struct Listeners {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    bytes: AtomicU64,
    refused: AtomicU64,
}

impl Listeners {
    /// Lets one listener ask for each path, from its first byte on.
    pub(super) fn start(address: SocketAddr, targets: Vec<(String, u64)>) -> Self {
        let shared = Arc::<Shared>::default();
        let threads = targets.into_iter().map(|(path, first)| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                while !shared.is_over.load(Ordering::Relaxed) {
                    // Errors of single listeners are expected in a flood.
                    let _ = shared.listen(address, &path, first);
                    thread::sleep(GLANCE);
                }
            })
        });
        Self { threads: threads.collect(), shared }
    }

    /// Lets all leave; returns how many bytes they have received and how often one was refused.
    pub(super) fn leave(self) -> (u64, u64) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        for thread in self.threads {
            let _ = thread.join();
        }
        (self.shared.bytes.load(Ordering::Relaxed), self.shared.refused.load(Ordering::Relaxed))
    }
}

impl Shared {
    fn listen(&self, address: SocketAddr, path: &str, first: u64) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(GLANCE))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nRange: bytes={first}-\r\n\r\n")?;
        let mut buffer = vec![0; 64 * 1024];
        let mut is_first = true;
        while !self.is_over.load(Ordering::Relaxed) {
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => {
                    if is_first && buffer.starts_with(b"HTTP/1.1 503") {
                        self.refused.fetch_add(1, Ordering::Relaxed);
                        break;
                    }
                    is_first = false;
                    self.bytes.fetch_add(read as u64, Ordering::Relaxed);
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
