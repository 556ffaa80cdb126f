//! The temporary directory of a bench: a music folder with one 40 MB file of noise, and room for the servers.
//! It knows what the file holds and can check an answer against it; it measures nothing.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::net::SocketAddr;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use super::client::{BUFFER_BYTES, Connection, Request};

/// The length of the file, in bytes, its WAV header included.
pub(super) const WHOLE_BYTES: u64 = 40_000_000;

/// The same, as the 32 bits that a WAV header has for it.
const WHOLE_BYTES_IN_HEADER: u32 = 40_000_000;

/// The length of the shortest WAV header, in bytes.
const HEADER_BYTES: u32 = 44;

/// The directory; it is removed when this is dropped.
pub(super) struct Fixture {
    root: PathBuf,
}

impl Fixture {
    /// Makes the directory and the file, which is the same on every machine.
    pub(super) fn create() -> io::Result<Self> {
        let root = std::env::temp_dir().join(format!("ferric-bench-{}", std::process::id()));
        // From here on whatever has been made is removed on the way out.
        let fixture = Self { root };
        fs::create_dir_all(fixture.music())?;
        write_noise(&fixture.whole())?;
        Ok(fixture)
    }

    /// The music folder that both servers read.
    pub(super) fn music(&self) -> PathBuf {
        self.root.join("music")
    }

    /// Makes an empty directory for one server.
    pub(super) fn room(&self, name: &str) -> io::Result<PathBuf> {
        let room = self.root.join(name);
        fs::create_dir(&room)?;
        Ok(room)
    }

    /// Fetches the whole file and a few ranges and compares every byte.
    pub(super) fn verify(&self, address: SocketAddr) -> io::Result<()> {
        let file = File::open(self.whole())?;
        let ranges = [(0, 1), (WHOLE_BYTES - 1, 1), (12_345_678, 65_536), (WHOLE_BYTES - 65_536, 65_536)];
        let ranges = ranges.map(|(first, bytes)| (first, Request::Range { first, bytes }));
        let mut connection = Connection::open(address)?;
        let (mut buffer, mut expected) = (vec![0; BUFFER_BYTES], vec![0; BUFFER_BYTES]);
        for (first, request) in [(0, Request::Whole)].into_iter().chain(ranges) {
            let mut offset = first;
            connection.ask(request)?;
            while !connection.is_done() {
                let body = connection.receive(&mut buffer)?;
                let expected = &mut expected[..body.len()];
                file.read_exact_at(expected, offset)?;
                if body != expected {
                    return Err(io::Error::other(format!("wrong bytes after offset {offset}")));
                }
                offset += body.len() as u64;
            }
        }
        Ok(())
    }

    fn whole(&self) -> PathBuf {
        self.music().join("whole.wav")
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.root) {
            eprintln!("{} is left behind: {error}", self.root.display());
        }
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
