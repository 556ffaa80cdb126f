//! Monkey's Audio. Each of its frames decodes by itself, so a place needs no more than the frame around it; how a frame
//! is coded is known to the crate ape-decoder.

use std::io::BufReader;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ape_decoder::format::ApeFileInfo;
use ape_decoder::{ApeDecoder, ApeError, ApeInfo};
use model::limits::sound::APE_FRAME_SAMPLES;

use super::cursor::Cursor;
use super::{Pcm, Planes, Shape, Speakers, check, guarded, silence};
use crate::{Error, Source};

/// Bytes that may be read to open a file, or for one frame: as much as the longest frame, the table of frames and the
/// head of a WAVE file have. It ends the search for the head in a file that has none.
const MAX_READ: u64 = 80 << 20;

/// The decoder reads its head byte by byte.
type Reader = BufReader<Cursor>;

/// A file being decoded.
pub struct Ape {
    source: Arc<dyn Source>,
    decoder: ApeDecoder<Reader>,
    /// What the decoder may still read.
    left: Arc<AtomicU64>,
    info: ApeInfo,
    shape: Shape,
    /// The frame decoded last, and its samples; none where it is damaged.
    frame: Option<u32>,
    samples: Vec<u8>,
}

impl Ape {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for files from before version 3.95, for floating point and for what is damaged at its
    /// head; [`Error::Io`].
    pub fn open(source: Arc<dyn Source>) -> Result<Self, Error> {
        let left = Arc::new(AtomicU64::new(0));
        let decoder = decoder(&source, &left)?;
        let info = decoder.info().clone();
        let unsupported = |reason: &str| Err(Error::Unsupported(reason.to_owned()));
        if info.is_floating_point || !matches!(info.bits_per_sample, 8 | 16 | 24 | 32) {
            return unsupported("Monkey's Audio of this kind of samples is not known");
        }
        check(info.sample_rate, Some(info.channels.into()))?;
        let frame = u64::from(info.blocks_per_frame) * u64::from(info.channels);
        if !(1..=APE_FRAME_SAMPLES).contains(&frame) || info.final_frame_blocks > info.blocks_per_frame {
            return unsupported("its head makes no sense");
        }
        let length = info.total_samples.min(frames(decoder.file_info()) * u64::from(info.blocks_per_frame));
        let shape = Shape { rate: info.sample_rate, speakers: Speakers::Count(info.channels), length };
        Ok(Self { source, decoder, left, info, shape, frame: None, samples: Vec::new() })
    }

    /// Makes `samples` hold a frame.
    fn decode(&mut self, frame: u32) -> Result<(), Error> {
        if self.frame == Some(frame) {
            return Ok(());
        }
        self.frame = None;
        let mut samples = self.attempt(frame)?;
        if samples.is_none() {
            // After a frame of 24 bits that it could not decode, the decoder takes all others for an older kind. A new
            // one does not, and has no bad frame in mind.
            self.decoder = decoder(&self.source, &self.left)?;
            samples = self.attempt(frame)?;
        }
        if samples.is_none() {
            tracing::debug!(frame, "a frame of Monkey's Audio could not be decoded");
            self.decoder = decoder(&self.source, &self.left)?;
        }
        self.samples = samples.unwrap_or_default();
        self.frame = Some(frame);
        Ok(())
    }

    /// Decodes a frame; none when it is damaged.
    fn attempt(&mut self, frame: u32) -> Result<Option<Vec<u8>>, Error> {
        self.left.store(MAX_READ, Ordering::Relaxed);
        match guarded(|| self.decoder.decode_frame(frame)) {
            Some(Ok(samples)) => Ok(Some(samples)),
            Some(Err(ApeError::Io(error))) if error.raw_os_error().is_some() => Err(Error::Io(error)),
            _ => Ok(None),
        }
    }
}

/// Frames that begin within the file, each after the one before. A head that claims more is of a file that breaks off,
/// or of none.
fn frames(info: &ApeFileInfo) -> u64 {
    let claimed = usize::try_from(info.header.total_frames).unwrap_or(usize::MAX);
    let end = info.file_bytes.saturating_sub(info.junk_header_bytes.into());
    let starts = info.seek_table.iter().take(claimed);
    let mut before = None;
    let within = starts.take_while(|start| {
        let follows = before.is_none_or(|before| before < **start) && **start < end;
        before = Some(**start);
        follows
    });
    within.count() as u64
}

fn decoder(source: &Arc<dyn Source>, left: &Arc<AtomicU64>) -> Result<ApeDecoder<Reader>, Error> {
    left.store(MAX_READ, Ordering::Relaxed);
    let reader = BufReader::with_capacity(1 << 16, Cursor::within(Arc::clone(source), Arc::clone(left)));
    match guarded(|| ApeDecoder::new(reader)) {
        Some(Ok(decoder)) => Ok(decoder),
        Some(Err(ApeError::Io(error))) if error.raw_os_error().is_some() => Err(Error::Io(error)),
        Some(Err(error)) => Err(Error::Unsupported(error.to_string())),
        None => Err(Error::Unsupported("its head makes no sense".to_owned())),
    }
}

impl Pcm for Ape {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn read(&mut self, first: u64, count: usize, out: &mut Planes) -> Result<(), Error> {
        let channels = usize::from(self.info.channels);
        silence(out, channels, count);
        let (per_frame, end) = (u64::from(self.info.blocks_per_frame), (first + count as u64).min(self.shape.length));
        let width = usize::from(self.info.bits_per_sample / 8);
        let mut place = first;
        while place < end {
            let frame = place / per_frame;
            self.decode(u32::try_from(frame).unwrap_or(u32::MAX))?;
            let next = ((frame + 1) * per_frame).min(end);
            let index = |place: u64| usize::try_from(place).unwrap_or(usize::MAX);
            let (skipped, to) = (index(place - frame * per_frame), index(place - first));
            let sounds = self.samples.chunks_exact(width * channels).skip(skipped).take(index(next - place));
            for (n, sound) in sounds.enumerate() {
                for (plane, sample) in out.iter_mut().zip(sound.chunks_exact(width)) {
                    plane[to + n] = value(sample);
                }
            }
            place = next;
        }
        Ok(())
    }
}

/// A sample as WAVE files have it: of 8 bits without a sign, or of more with one.
fn value(sample: &[u8]) -> f32 {
    match *sample {
        [a] => (f32::from(a) - 128.0) / 128.0,
        [a, b] => f32::from(i16::from_le_bytes([a, b])) / 32_768.0,
        [a, b, c] => (i32::from_le_bytes([0, a, b, c]) >> 8) as f32 / 8_388_608.0,
        [a, b, c, d] => i32::from_le_bytes([a, b, c, d]) as f32 / 2_147_483_648.0,
        _ => 0.0,
    }
}
