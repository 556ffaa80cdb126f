//! The one file that all servers hand out: 40 MB of noise in the music folder.
//! It knows what the file holds and can check an answer against it; it measures nothing.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::SocketAddr;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::bench::client::{BUFFER_BYTES, Connection, Request, Resource};
use crate::bench::folder::Folder;

/// The length of the file, in bytes, its WAV header included.
pub(super) const WHOLE_BYTES: u64 = 40_000_000;

/// The same, as the 32 bits that a WAV header has for it.
const WHOLE_BYTES_IN_HEADER: u32 = 40_000_000;

/// The file as servers have it.
pub(super) const WHOLE: Resource = Resource { path: "/play/whole.wav", bytes: WHOLE_BYTES };

/// The length of the shortest WAV header, in bytes.
const HEADER_BYTES: u32 = 44;

/// The file, and the folder that it is in.
pub(super) struct Fixture {
    pub(super) folder: Folder,
    file: File,
}

impl Fixture {
    /// Makes both; the file is the same on every machine.
    pub(super) fn create() -> io::Result<Self> {
        let folder = Folder::create()?;
        let path = folder.music().join("whole.wav");
        write_noise(&path)?;
        Ok(Self { folder, file: File::open(path)? })
    }

    /// Fetches the whole file and a few ranges and compares every byte.
    pub(super) fn verify(&self, address: SocketAddr) -> io::Result<()> {
        let ranges = [(0, 1), (WHOLE_BYTES - 1, 1), (12_345_678, 65_536), (WHOLE_BYTES - 65_536, 65_536)];
        let ranges = ranges.map(|(first, bytes)| (first, Request::Range { first, bytes }));
        let mut connection = Connection::open(address)?;
        let (mut buffer, mut expected) = (vec![0; BUFFER_BYTES], vec![0; BUFFER_BYTES]);
        for (first, request) in [(0, Request::Whole)].into_iter().chain(ranges) {
            let mut offset = first;
            connection.ask(WHOLE, request)?;
            while !connection.is_done() {
                let body = connection.receive(&mut buffer)?;
                let expected = &mut expected[..body.len()];
                self.file.read_exact_at(expected, offset)?;
                if body != expected {
                    return Err(io::Error::other(format!("wrong bytes after offset {offset}")));
                }
                offset += body.len() as u64;
            }
        }
        Ok(())
    }
}

/// Writes a WAV of noise, 16 bits, stereo, 44,100 Hz.
fn write_noise(path: &Path) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(b"RIFF")?;
    file.write_all(&(WHOLE_BYTES_IN_HEADER - 8).to_le_bytes())?;
    file.write_all(b"WAVEfmt \x10\0\0\0\x01\0\x02\0")?;
    file.write_all(&44_100_u32.to_le_bytes())?;
    file.write_all(&(44_100_u32 * 4).to_le_bytes())?;
    file.write_all(b"\x04\0\x10\0data")?;
    file.write_all(&(WHOLE_BYTES_IN_HEADER - HEADER_BYTES).to_le_bytes())?;
    let mut noise = Noise::new(0);
    for _ in 0..(WHOLE_BYTES_IN_HEADER - HEADER_BYTES) / 4 {
        file.write_all(&noise.next().to_le_bytes()[..4])?;
    }
    file.into_inner()?.sync_all()
}

/// Numbers that look random and are the same in every run: `SplitMix64`.
struct Noise(u64);

impl Noise {
    /// A sequence of its own for each `seed`.
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
