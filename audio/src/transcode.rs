//! A file as MP3, made piece by piece: which pieces there are, and a run that makes some of them in order.
//! Who wants which piece, and where finished ones are kept, is not known here.

use std::sync::Arc;

use crate::mp3::layout::{FRAME_SAMPLES, PERIOD_FRAMES};
use crate::mp3::{Bitrate, Encoder, Layout};
use crate::pcm::ffmpeg::Kept;
use crate::pcm::{self, Pcm, Planes, for_mp3, silence};
use crate::transcoder::Ffmpeg;
use crate::{Error, Source};

/// Frames that an encoder makes before the first that counts, so that its padding bytes come in step.
const PRIMING_FRAMES: u64 = PERIOD_FRAMES;

/// How many of those have the sound before the piece; the others are silence, which takes a third of the time. An
/// encoder that has heard so much makes the same bytes as one that has heard everything: four frames were enough for
/// music, bursts, fades and clipped noise.
const HEARD_FRAMES: u64 = 12;

/// Frames in one piece, about 1.3 s: pieces start where the pattern of padding bytes does.
const PIECE_FRAMES: u64 = PERIOD_FRAMES;

/// Samples fed to the encoder at once.
const STEP_SAMPLES: u64 = 8 * FRAME_SAMPLES;

/// What is to be made: a file and a bitrate.
#[derive(Clone)]
pub struct Recipe {
    /// The file.
    pub source: Arc<dyn Source>,
    /// The ending of its name, which helps to tell what it is.
    pub extension: Option<String>,
    /// The bitrate of the MP3.
    pub bitrate: Bitrate,
    /// What ffmpeg says of the file, and its processes, when no decoder here reads it.
    ffmpeg: Kept,
}

impl Recipe {
    /// A file as MP3 of a bitrate.
    #[must_use]
    pub fn new(source: Arc<dyn Source>, extension: Option<String>, bitrate: Bitrate, ffmpeg: Ffmpeg) -> Self {
        Self { source, extension, bitrate, ffmpeg: Kept::new(ffmpeg) }
    }

    /// Opens the file and finds out everything about the MP3 but the sound.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when the file cannot be decoded, [`Error::Io`] when it cannot be read.
    pub fn layout(&self) -> Result<Layout, Error> {
        Ok(self.open()?.1)
    }

    fn open(&self) -> Result<(Box<dyn Pcm>, Layout), Error> {
        let decoded = pcm::open(&self.source, self.extension.as_deref(), &self.ffmpeg)?;
        let (pcm, rate, channels) = for_mp3(decoded)?;
        let layout = Layout { samples: pcm.shape().length, rate, bitrate: self.bitrate, channels };
        Ok((pcm, layout))
    }
}

/// Makes pieces one after the other.
pub struct Run {
    source: Arc<dyn Source>,
    pcm: Box<dyn Pcm>,
    layout: Layout,
    /// None after the end of the sound.
    encoder: Option<Encoder>,
    /// The next sample that the encoder gets.
    sample: u64,
    /// Before this sample it gets silence.
    heard_from: u64,
    /// The piece that is made next.
    piece: u64,
    /// Bytes of priming that are still to be thrown away.
    unwanted: usize,
    made: Vec<u8>,
    planes: Planes,
}

impl Run {
    /// A run from a piece on.
    ///
    /// # Errors
    /// As [`Recipe::layout`]; [`Error::Encoder`] when there is no memory for an encoder.
    pub fn start(recipe: &Recipe, piece: u64) -> Result<Self, Error> {
        let (pcm, layout) = recipe.open()?;
        let first = piece * PIECE_FRAMES;
        let primed = first.min(PRIMING_FRAMES);
        let heard = first.min(HEARD_FRAMES);
        // Frames of one period are as long as those of another.
        let unwanted = layout.offset(primed) - layout.offset(0);
        Ok(Self {
            source: Arc::clone(&recipe.source),
            encoder: Some(Encoder::new(&layout)?),
            pcm,
            sample: (first - primed) * FRAME_SAMPLES,
            heard_from: (first - heard) * FRAME_SAMPLES,
            piece,
            unwanted: usize::try_from(unwanted).unwrap_or(0),
            made: Vec::new(),
            planes: Planes::new(),
            layout,
        })
    }

    /// The next piece; none after the last. All of them after the Info frame are the file.
    ///
    /// # Errors
    /// When the file cannot be read any more, or the encoder fails.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if self.piece >= pieces(&self.layout) {
            return Ok(None);
        }
        let (start, end) = bounds(&self.layout, self.piece);
        let wanted = usize::try_from(end - start).unwrap_or(0);
        while self.made.len() < self.unwanted + wanted {
            if !self.encode_more()? {
                return Err(Error::Encoder("frames are missing at the end", 0));
            }
        }
        if !self.source.is_unchanged() {
            return Err(Error::Changed);
        }
        self.made.drain(..self.unwanted);
        self.unwanted = 0;
        self.piece += 1;
        let rest = self.made.split_off(wanted);
        Ok(Some(std::mem::replace(&mut self.made, rest)))
    }

    /// Feeds the encoder; false when it has had everything before.
    fn encode_more(&mut self) -> Result<bool, Error> {
        let Some(encoder) = &mut self.encoder else { return Ok(false) };
        let is_heard = self.sample >= self.heard_from;
        let end = if is_heard { self.layout.samples } else { self.heard_from };
        let count = STEP_SAMPLES.min(end.saturating_sub(self.sample));
        if count == 0 {
            if let Some(encoder) = self.encoder.take() {
                encoder.finish(&mut self.made)?;
            }
            return Ok(true);
        }
        let samples = usize::try_from(count).unwrap_or(0);
        if is_heard {
            self.pcm.read(self.sample, samples, &mut self.planes)?;
        } else {
            silence(&mut self.planes, self.pcm.shape().speakers.count(), samples);
        }
        self.sample += count;
        let (Some(left), Some(right)) = (self.planes.first(), self.planes.last()) else { return Ok(false) };
        encoder.encode(left, right, &mut self.made)?;
        Ok(true)
    }
}

/// How many pieces there are.
#[must_use]
pub fn pieces(layout: &Layout) -> u64 {
    layout.frames().div_ceil(PIECE_FRAMES)
}

/// Where a piece starts and ends, in bytes of the file.
#[must_use]
pub fn bounds(layout: &Layout, piece: u64) -> (u64, u64) {
    let frame = |piece: u64| (piece * PIECE_FRAMES).min(layout.frames());
    (layout.offset(frame(piece)), layout.offset(frame(piece + 1)))
}

/// The piece that has the byte at `offset`; none for the Info frame and beyond the end.
#[must_use]
pub fn piece_at(layout: &Layout, offset: u64) -> Option<u64> {
    layout.frame_at(offset).map(|frame| frame / PIECE_FRAMES)
}
