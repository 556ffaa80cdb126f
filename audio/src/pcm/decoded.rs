//! The sound of a file, decoded by symphonia. What may be wrong with a file is smoothed over here: what can be
//! decoded is heard, and the rest is silence.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as Symphonia;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, Track, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::{TimeBase, Timestamp};

use super::{Pcm, Planes, Shape, Speakers, silence};
use crate::{Error, Source};

/// Sound of which more than this is skipped is sought, in seconds; less is decoded on the way.
const WORTH_A_SEEK: u64 = 2;

/// A decoder that remembers what it heard starts before a place, by this part of a second.
const WARM_UP: u32 = 4;

/// A file being decoded.
pub struct Decoded {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    clock: Clock,
    shape: Shape,
    /// Samples that the decoder needs to hear before those that count.
    warm_up: u64,
    /// What was decoded last, and the place of its first sample.
    planes: Planes,
    place: u64,
}

/// Times of the container and samples of the sound.
#[derive(Clone, Copy)]
struct Clock {
    base: TimeBase,
    rate: u32,
}

impl Clock {
    /// The sample at a time; nothing before the start counts.
    fn sample(self, time: i64) -> u64 {
        let time = u128::try_from(time).unwrap_or(0);
        let samples = time * u128::from(self.rate) * u128::from(self.base.numer.get());
        u64::try_from(samples / u128::from(self.base.denom.get())).unwrap_or(u64::MAX)
    }

    /// The time at which a sample is heard, or the last before.
    fn time(self, sample: u64) -> i64 {
        let time = u128::from(sample) * u128::from(self.base.denom.get());
        let time = time / (u128::from(self.base.numer.get()) * u128::from(self.rate.max(1)));
        i64::try_from(time).unwrap_or(i64::MAX)
    }
}

impl Decoded {
    /// Opens a file; what it is is told by its content, `extension` only helps.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when this is no sound that can be decoded here, and [`Error::Io`].
    pub fn open(source: Arc<dyn Source>, extension: Option<&str>) -> Result<Self, Error> {
        let stream =
            MediaSourceStream::new(Box::new(Cursor { source, position: 0 }), MediaSourceStreamOptions::default());
        let mut hint = Hint::new();
        if let Some(extension) = extension {
            hint.with_extension(extension);
        }
        let format = symphonia::default::get_probe()
            .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
            .map_err(unsupported)?;
        let track = format.default_track(TrackType::Audio).ok_or_else(|| none("it has no sound"))?;
        let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
        let parameters = parameters.ok_or_else(|| none("its sound is not described"))?;
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(unsupported)?;
        let rate = parameters.sample_rate.filter(|rate| *rate > 0).ok_or_else(|| none("its sample rate is unknown"))?;
        let clock = Clock { base: track.time_base.unwrap_or_else(|| each_sample(rate)), rate };
        let speakers = parameters.channels.as_ref().map(speakers);
        let warm_up = u64::from(rate / WARM_UP);
        let (id, length) = (track.id, length(track, clock));
        let shape = Shape { rate, speakers: speakers.unwrap_or(Speakers::Count(0)), length: length.unwrap_or(0) };
        let mut sound = Self { format, decoder, track: id, clock, shape, warm_up, planes: Planes::new(), place: 0 };
        sound.complete(length.is_some())?;
        Ok(sound)
    }

    /// Finds out by decoding what the head of the file does not tell.
    fn complete(&mut self, has_length: bool) -> Result<(), Error> {
        if self.shape.speakers.count() == 0 {
            self.next()?;
            self.shape.speakers = Speakers::Count(u16::try_from(self.planes.len()).unwrap_or(0));
            if self.shape.speakers.count() == 0 {
                return Err(none("nothing of it can be decoded"));
            }
        }
        if !has_length {
            while self.next()? {
                self.shape.length = self.end();
            }
            self.seek(0)?;
        }
        Ok(())
    }

    /// The place after what was decoded last.
    fn end(&self) -> u64 {
        self.place + self.planes.first().map_or(0, Vec::len) as u64
    }

    /// Decodes the next packet; false at the end. A packet that cannot be decoded is left out, and a file that
    /// breaks off ends there.
    fn next(&mut self) -> Result<bool, Error> {
        loop {
            let packet = match self.format.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) | Err(Symphonia::ResetRequired | Symphonia::DecodeError(_) | Symphonia::LimitError(_)) => {
                    return Ok(false);
                }
                Err(Symphonia::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
                Err(Symphonia::IoError(error)) => return Err(Error::Io(error)),
                Err(error) => return Err(unsupported(error)),
            };
            if packet.track_id != self.track {
                continue;
            }
            let start = packet.pts.get().saturating_add(i64::try_from(packet.trim_start.get()).unwrap_or(0));
            match self.decoder.decode(&packet) {
                Ok(sound) if sound.frames() == 0 => {}
                Ok(sound) => {
                    sound.copy_to_vecs_planar(&mut self.planes);
                    self.place = self.clock.sample(start);
                    return Ok(true);
                }
                Err(Symphonia::IoError(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                    return Err(Error::Io(error));
                }
                Err(error) => {
                    tracing::debug!(%error, at = start, "a packet could not be decoded");
                    self.decoder.reset();
                }
            }
        }
    }

    /// Goes to a place, or some way before it.
    fn seek(&mut self, place: u64) -> Result<(), Error> {
        let from = place.saturating_sub(self.warm_up);
        let to = SeekTo::Timestamp { ts: Timestamp::new(self.clock.time(from)), track_id: self.track };
        self.planes.iter_mut().for_each(Vec::clear);
        match self.format.seek(SeekMode::Accurate, to) {
            Ok(sought) => {
                self.decoder.reset();
                self.place = self.clock.sample(sought.actual_ts.get());
                Ok(())
            }
            Err(Symphonia::IoError(error)) if error.kind() != io::ErrorKind::UnexpectedEof => Err(Error::Io(error)),
            // The place is beyond what is there: silence.
            Err(error) => {
                tracing::debug!(%error, place, "could not seek");
                self.place = u64::MAX;
                Ok(())
            }
        }
    }
}

impl Pcm for Decoded {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn read(&mut self, first: u64, count: usize, out: &mut Planes) -> Result<(), Error> {
        silence(out, self.shape.speakers.count(), count);
        let end = (first + count as u64).min(self.shape.length);
        let skipped = u64::from(self.shape.rate) * WORTH_A_SEEK;
        if first < end && (first < self.place || first > self.end() + skipped) {
            self.seek(first)?;
        }
        let mut place = first;
        while place < end {
            if self.place > place {
                // Something is missing before what was decoded.
                place = self.place.min(end);
            } else if place < self.end() {
                let from = usize::try_from(place - self.place).unwrap_or(0);
                let to = usize::try_from(place - first).unwrap_or(0);
                let many = usize::try_from(self.end().min(end) - place).unwrap_or(0);
                for (out, plane) in out.iter_mut().zip(&self.planes) {
                    out[to..to + many].copy_from_slice(&plane[from..from + many]);
                }
                place += many as u64;
            } else if !self.next()? {
                break;
            }
        }
        Ok(())
    }
}

/// The length of a track, in samples, when its container tells.
fn length(track: &Track, clock: Clock) -> Option<u64> {
    track.num_frames.or_else(|| track.duration.map(|time| clock.sample(i64::try_from(time.get()).unwrap_or(i64::MAX))))
}

fn speakers(channels: &Channels) -> Speakers {
    match channels {
        Channels::Positioned(positions) => match u32::try_from(positions.bits()) {
            Ok(mask) => Speakers::Positions(mask),
            Err(_) => Speakers::Count(u16::try_from(channels.count()).unwrap_or(u16::MAX)),
        },
        _ => Speakers::Count(u16::try_from(channels.count()).unwrap_or(u16::MAX)),
    }
}

fn each_sample(rate: u32) -> TimeBase {
    TimeBase::try_from_recip(rate).unwrap_or_default()
}

fn none(reason: &str) -> Error {
    Error::Unsupported(reason.to_owned())
}

fn unsupported(error: Symphonia) -> Error {
    match error {
        Symphonia::IoError(error) if error.kind() != io::ErrorKind::UnexpectedEof => Error::Io(error),
        error => Error::Unsupported(error.to_string()),
    }
}

/// A reader with a place of its own, so that several can read one file.
struct Cursor {
    source: Arc<dyn Source>,
    position: u64,
}

impl Read for Cursor {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read_at(buffer, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Cursor {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let position = match position {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.source.len().checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl MediaSource for Cursor {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.source.len())
    }
}
