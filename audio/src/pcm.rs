//! Decoded sound that can be read at any place, and the steps from a file's samples to those an MP3 has: decode,
//! mix down, resample. Each step asks the one below it, and nothing here knows where the sound goes.

pub mod ape;
pub mod blocks;
mod claimed_length;
mod cursor;
pub mod decoded;
mod demuxer;
mod end;
pub mod ffmpeg;
mod finite;
pub mod mixed;
mod opus;
pub mod resampled;
mod vorbis;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use model::limits::sound::{CHANNELS, SAMPLE_RATES, SECONDS};

use crate::format::Format;
use crate::mp3::{Channels, OutputRate};
use crate::{Error, Source};
use ape::Ape;
use blocks::Blocks;
use decoded::Decoded;
use ffmpeg::Kept;
use finite::Finite;

/// Samples between −1 and 1 of several channels, each in a vector of its own; all are of the same length.
pub type Planes = Vec<Vec<f32>>;

/// What a sound is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Samples a second.
    pub rate: u32,
    /// Where the channels belong, in their order.
    pub speakers: Speakers,
    /// Length in samples of each channel.
    pub length: u64,
}

/// Where channels belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speakers {
    /// As in WAVE files: a bit for each position, whose channels come in the order of the bits.
    Positions(u32),
    /// So many channels without a place.
    Count(u16),
}

impl Speakers {
    /// The number of channels.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::Positions(mask) => mask.count_ones() as usize,
            Self::Count(count) => count as usize,
        }
    }
}

/// Sound that can be read anywhere. The same place always gives the same samples, whatever was read before.
pub trait Pcm: Send {
    /// What it is like.
    fn shape(&self) -> Shape;

    /// Fills `out` with `count` samples of each channel from `first` on. Where the file is damaged or ends early,
    /// and beyond the end, there is silence.
    ///
    /// # Errors
    /// When the file cannot be read any more, or makes no sense from here on.
    fn read(&mut self, first: u64, count: usize, out: &mut Planes) -> Result<(), Error>;
}

/// Opens a file with the decoder for its content; `extension` decides where the content is ambiguous. `ffmpeg` says
/// whether ffmpeg may be started for it.
///
/// # Errors
/// [`Error::Unsupported`] when this is no sound that can be decoded here, and [`Error::Io`].
pub fn open(source: &Arc<dyn Source>, extension: Option<&str>, ffmpeg: &Kept) -> Result<Box<dyn Pcm>, Error> {
    let pcm = match embedded(source, extension) {
        Err(Error::Unsupported(reason)) => match ffmpeg::open(source, ffmpeg) {
            Ok(decoded) => decoded,
            Err(Error::Unsupported(further)) => return Err(Error::Unsupported(format!("{reason}; {further}"))),
            Err(error) => return Err(error),
        },
        opened => opened?,
    };
    let shape = pcm.shape();
    check(shape.rate, Some(shape.speakers.count()))?;
    if shape.length > u64::from(shape.rate) * SECONDS {
        return Err(Error::Unsupported("it claims to be longer than a month".to_owned()));
    }
    Ok(Box::new(Finite(pcm)))
}

/// Checks the header that a decoder has read, before memory is allocated for it; channels may not be known yet.
fn check(rate: u32, channels: Option<usize>) -> Result<(), Error> {
    if !SAMPLE_RATES.contains(&rate) {
        return Err(Error::Unsupported(format!("a sample rate of {rate} Hz is not supported")));
    }
    match channels {
        Some(channels) if !CHANNELS.contains(&channels) => {
            Err(Error::Unsupported(format!("{channels} channels are not supported")))
        }
        _ => Ok(()),
    }
}

/// Opens what is decoded by this program itself.
fn embedded(source: &Arc<dyn Source>, extension: Option<&str>) -> Result<Box<dyn Pcm>, Error> {
    let none = |name: &str| Err(Error::Unsupported(format!("there is no decoder for {name} here")));
    match Format::of(source.as_ref(), extension).map_err(Error::Io)? {
        Some(Format::Ape) => Ok(Box::new(Ape::open(Arc::clone(source))?)),
        Some(Format::Asf) => none("Windows Media"),
        Some(Format::Dsd) => none("DSD"),
        // Symphonia opens it, but the times in it are of a millisecond and no place is exact.
        Some(Format::Matroska) => none("Matroska"),
        Some(Format::Musepack) => none("Musepack"),
        Some(Format::Tta) => none("The True Audio"),
        Some(Format::WavPack) => none("WavPack"),
        _ => {
            let decoded = Decoded::open(source, extension)?;
            Ok(if decoded.remembers() { Box::new(Blocks::new(decoded)) } else { Box::new(decoded) })
        }
    }
}

/// What another's decoder answers; none when it panics. A file that is made to provoke that costs a little silence,
/// never the stream.
fn guarded<T>(decode: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(decode)).ok()
}

/// Makes `out` hold `channels` times `count` samples of silence, with the memory that it has.
pub(crate) fn silence(out: &mut Planes, channels: usize, count: usize) {
    out.resize_with(channels, Vec::new);
    for plane in out {
        plane.clear();
        plane.resize(count, 0.0);
    }
}

/// The sound of a file as an MP3 takes it: one channel or two, at a rate that MPEG-1 audio has.
///
/// # Errors
/// [`Error::Unsupported`] when the file's rate is none.
pub fn for_mp3(decoded: Box<dyn Pcm>) -> Result<(Box<dyn Pcm>, OutputRate, Channels), Error> {
    let shape = decoded.shape();
    let rate = OutputRate::for_source(shape.rate);
    let channels = if shape.speakers.count() == 1 { Channels::Mono } else { Channels::Stereo };
    let mixed: Box<dyn Pcm> = if shape.speakers.count() > 2 { Box::new(mixed::Mixed::new(decoded)) } else { decoded };
    if shape.rate == rate.hz() {
        return Ok((mixed, rate, channels));
    }
    Ok((Box::new(resampled::Resampled::new(mixed, rate.hz())?), rate, channels))
}
