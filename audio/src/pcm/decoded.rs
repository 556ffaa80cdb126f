//! The sound of a file, decoded by symphonia. What may be wrong with a file is smoothed over here: what can be
//! decoded is heard, and the rest is silence.

use std::io;
use std::sync::{Arc, LazyLock};

use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::well_known as codec;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error as Symphonia;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known::FORMAT_ID_OGG;
use symphonia::core::formats::{FormatOptions, FormatReader, SeekMode, SeekTo, Track, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::units::{Duration, TimeBase, Timestamp};

use super::cursor::Cursor;
use super::opus::Opus;
use super::{Pcm, Planes, Shape, Speakers, silence};
use crate::{Error, Source};

/// Sound of which more than this is skipped is sought, in seconds; less is decoded on the way.
const WORTH_A_SEEK: u64 = 2;

/// A decoder that remembers what it heard starts before a place, by this part of a second. Opus asks for 80 ms, and
/// after half a second nothing of what came before is left in most files.
const WARM_UP: u32 = 2;

/// Where the last page of an Ogg file starts is guessed wrong by as much as its end is cut, unless the page before
/// was read. No page that encoders make is longer, in seconds.
const LAST_PAGE: u64 = 10;

/// The codecs of symphonia, and Opus.
static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<Opus>();
    codecs
});

/// A file being decoded.
pub struct Decoded {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    /// The time of the first packet.
    start: i64,
    clock: Clock,
    shape: Shape,
    /// What was decoded last, and the place of its first sample.
    planes: Planes,
    place: u64,
}

/// Times of the container and samples of the sound.
#[derive(Clone, Copy)]
struct Clock {
    base: TimeBase,
    rate: u32,
    /// The time of the first sample that is heard.
    origin: i64,
}

impl Clock {
    fn of(track: &Track, parameters: &AudioCodecParameters, rate: u32) -> Self {
        // The samples that an Opus encoder needs to start are counted by the times in the file.
        let skipped = if parameters.codec == codec::CODEC_ID_OPUS { track.delay.unwrap_or(0) } else { 0 };
        let origin = track.start_ts.get().max(0).saturating_add(skipped.into());
        Self { base: track.time_base.unwrap_or_else(|| each_sample(rate)), rate, origin }
    }

    /// The sample at a time; negative before the first that is heard.
    fn sample(self, time: i64) -> i64 {
        let time = i128::from(time) - i128::from(self.origin);
        let samples = time * i128::from(self.rate) * i128::from(self.base.numer.get());
        i64::try_from(samples.div_euclid(self.base.denom.get().into())).unwrap_or(i64::MAX)
    }

    /// The time at which a sample is heard, or the last before.
    fn time(self, sample: i64) -> i64 {
        let time = i128::from(sample) * i128::from(self.base.denom.get());
        let time = time.div_euclid(i128::from(self.base.numer.get()) * i128::from(self.rate.max(1)));
        i64::try_from(time + i128::from(self.origin)).unwrap_or(i64::MAX)
    }
}

impl Decoded {
    /// Opens a file; what it is is told by its content, `extension` only helps.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when this is no sound that can be decoded here, and [`Error::Io`].
    pub fn open(source: Arc<dyn Source>, extension: Option<&str>) -> Result<Self, Error> {
        let stream = MediaSourceStream::new(Box::new(Cursor::new(source)), MediaSourceStreamOptions::default());
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
        let decoder = decoder(parameters)?;
        let rate = parameters.sample_rate.filter(|rate| *rate > 0).ok_or_else(|| none("its sample rate is unknown"))?;
        let clock = Clock::of(track, parameters, rate);
        let speakers = parameters.channels.as_ref().map(speakers);
        let (id, start, length) = (track.id, track.start_ts.get(), length(track, clock));
        let shape = Shape { rate, speakers: speakers.unwrap_or(Speakers::Count(0)), length: length.unwrap_or(0) };
        let mut sound = Self { format, decoder, track: id, start, clock, shape, planes: Planes::new(), place: 0 };
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

    /// Whether what is decoded depends on more than a few packets before, by prediction or by chance.
    #[must_use]
    pub fn remembers(&self) -> bool {
        use codec::{CODEC_ID_AAC, CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_VORBIS};
        let codec = self.decoder.codec_params().codec;
        [CODEC_ID_AAC, CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_VORBIS].contains(&codec)
    }

    /// Forgets everything that was read, so that what is read next depends on the place alone.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when there is no memory for another decoder.
    pub fn forget(&mut self) -> Result<(), Error> {
        self.decoder = decoder(self.decoder.codec_params())?;
        self.planes.iter_mut().for_each(Vec::clear);
        // No place is before this one, so the next read seeks.
        self.place = u64::MAX;
        Ok(())
    }

    /// The place after what was decoded last.
    fn end(&self) -> u64 {
        self.place.saturating_add(self.planes.first().map_or(0, Vec::len) as u64)
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
                Err(Symphonia::IoError(error)) if is_of_the_disk(&error) => return Err(Error::Io(error)),
                Err(Symphonia::IoError(_)) => return Ok(false),
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
                    let place = self.clock.sample(start);
                    let early = usize::try_from(place.min(0).unsigned_abs()).unwrap_or(usize::MAX);
                    for plane in &mut self.planes {
                        plane.drain(..early.min(plane.len()));
                    }
                    self.place = u64::try_from(place).unwrap_or(0);
                    return Ok(true);
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
        let rate = u64::from(self.shape.rate);
        let mut from =
            i64::try_from(place).unwrap_or(i64::MAX).saturating_sub((rate / u64::from(WARM_UP)).cast_signed());
        if self.format.format_info().format == FORMAT_ID_OGG {
            from = from.min(self.shape.length.saturating_sub(LAST_PAGE * rate).cast_signed());
        }
        let time = self.clock.time(from).max(self.start.max(0));
        let to = SeekTo::Timestamp { ts: Timestamp::new(time), track_id: self.track };
        self.planes.iter_mut().for_each(Vec::clear);
        match self.format.seek(SeekMode::Accurate, to) {
            Ok(sought) => {
                self.decoder.reset();
                self.place = u64::try_from(self.clock.sample(sought.actual_ts.get())).unwrap_or(0);
                Ok(())
            }
            Err(Symphonia::IoError(error)) if is_of_the_disk(&error) => Err(Error::Io(error)),
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

fn decoder(parameters: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, Error> {
    CODECS.make_audio_decoder(parameters, &AudioDecoderOptions::default()).map_err(unsupported)
}

/// The length of a track, in samples, when its container tells.
fn length(track: &Track, clock: Clock) -> Option<u64> {
    let by_time = |time: Duration| u64::try_from(clock.sample(i64::try_from(time.get()).unwrap_or(i64::MAX))).ok();
    let frames = track.num_frames.filter(|_| clock.origin == 0);
    frames.or_else(|| track.duration.and_then(by_time))
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
        Symphonia::IoError(error) if is_of_the_disk(&error) => Error::Io(error),
        error => Error::Unsupported(error.to_string()),
    }
}

/// Whether the file could not be read. Symphonia has the same kind of error for a packet that is too short.
fn is_of_the_disk(error: &io::Error) -> bool {
    error.raw_os_error().is_some()
}
