//! The sound of a file, decoded by symphonia. What may be wrong with a file is smoothed over here: what can be
//! decoded is heard, and the rest is silence.

use std::sync::Arc;

use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known as codec;
use symphonia::core::formats::Track;
use symphonia::core::formats::well_known::FORMAT_ID_OGG;
use symphonia::core::packet::Packet;
use symphonia::core::units::{Duration, TimeBase};

use super::demuxer::{Demuxer, none};
use super::{Pcm, Planes, Shape, Speakers, end, silence};
use crate::{Error, Source};

/// Sound of which more than this is skipped is sought, in seconds; less is decoded on the way.
const WORTH_A_SEEK: u64 = 2;

/// A decoder that remembers what it heard starts before a place, by this part of a second. Opus asks for 80 ms, and
/// after half a second nothing of what came before is left in most files.
const WARM_UP: u32 = 2;

/// Where the last page of an Ogg file starts is guessed wrong by as much as its end is cut, unless the page before
/// was read. No page that encoders make is longer, in seconds.
const LAST_PAGE: u64 = 10;

/// A file being decoded.
pub struct Decoded {
    demuxer: Demuxer,
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
    pub fn open(source: &Arc<dyn Source>, extension: Option<&str>) -> Result<Self, Error> {
        let demuxer = Demuxer::open(Arc::clone(source), extension)?;
        let (track, parameters) = (demuxer.track(), demuxer.parameters());
        let rate = parameters.sample_rate.ok_or_else(|| none("its sample rate is unknown"))?;
        let clock = Clock::of(track, parameters, rate);
        let speakers = parameters.channels.as_ref().map_or(Speakers::Count(0), speakers);
        let (start, claim) = (track.start_ts.get(), length(track, clock));
        let shape = Shape { rate, speakers, length: claim.unwrap_or(0) };
        let mut sound = Self { demuxer, start, clock, shape, planes: Planes::new(), place: 0 };
        if sound.shape.speakers.count() == 0 {
            sound.count_channels()?;
        }
        sound.shape.length = end::length(&mut sound, claim, source.len())?;
        if source.is_unchanged() { Ok(sound) } else { Err(Error::Changed) }
    }

    /// Finds out by decoding what the head of the file does not tell.
    fn count_channels(&mut self) -> Result<(), Error> {
        self.next(u64::MAX)?;
        self.shape.speakers = Speakers::Count(u16::try_from(self.planes.len()).unwrap_or(u16::MAX));
        if self.shape.speakers.count() == 0 { Err(none("nothing of it can be decoded")) } else { Ok(()) }
    }

    /// Whether what is decoded depends on more than a few packets before, by prediction or by chance.
    #[must_use]
    pub fn remembers(&self) -> bool {
        use codec::{CODEC_ID_AAC, CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_VORBIS};
        let codec = self.demuxer.parameters().codec;
        [CODEC_ID_AAC, CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_VORBIS].contains(&codec)
    }

    /// Forgets everything that was read, so that what is read next depends on the place alone.
    ///
    /// # Errors
    /// [`Error::Unsupported`] when there is no memory for another decoder.
    pub fn forget(&mut self) -> Result<(), Error> {
        self.demuxer.renew()?;
        self.planes.iter_mut().for_each(Vec::clear);
        // No place is before this one, so the next read seeks.
        self.place = u64::MAX;
        Ok(())
    }

    /// The place after what was decoded last.
    fn end(&self) -> u64 {
        self.place.saturating_add(self.planes.first().map_or(0, Vec::len) as u64)
    }

    /// The sample at which a packet begins to sound; negative before the first audible one.
    pub(super) fn start_of(&self, packet: &Packet) -> i64 {
        let trimmed = i64::try_from(packet.trim_start.get()).unwrap_or(0);
        self.clock.sample(packet.pts.get().saturating_add(trimmed))
    }

    /// The sample after a packet.
    pub(super) fn end_of(&self, packet: &Packet) -> i64 {
        let long = packet.trim_start.saturating_add(packet.dur).get();
        self.clock.sample(packet.pts.get().saturating_add(i64::try_from(long).unwrap_or(i64::MAX)))
    }

    /// What the container says.
    pub(super) fn demuxer(&self) -> &Demuxer {
        &self.demuxer
    }

    /// The packets, for those who look for more than sound. The next read starts by seeking.
    pub(super) fn packets(&mut self) -> &mut Demuxer {
        self.planes.iter_mut().for_each(Vec::clear);
        self.place = u64::MAX;
        &mut self.demuxer
    }

    /// Decodes the next packet; false at the end. A packet that cannot be decoded is left out, and a file that
    /// breaks off ends there. Where nothing before `until` can be decoded, nothing after it is looked at.
    fn next(&mut self, until: u64) -> Result<bool, Error> {
        while let Some(packet) = self.demuxer.next_packet()? {
            let place = self.start_of(&packet);
            if self.demuxer.decode(&packet, &mut self.planes)? {
                let early = usize::try_from(place.min(0).unsigned_abs()).unwrap_or(usize::MAX);
                for plane in &mut self.planes {
                    plane.drain(..early.min(plane.len()));
                }
                self.place = u64::try_from(place).unwrap_or(0);
                return Ok(true);
            }
            if u64::try_from(place).is_ok_and(|place| place >= until) {
                self.planes.iter_mut().for_each(Vec::clear);
                self.place = u64::try_from(place).unwrap_or(0);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Goes to a place, or some way before it; false when that is beyond what is there.
    pub(super) fn seek(&mut self, place: u64) -> Result<bool, Error> {
        let rate = u64::from(self.shape.rate);
        let mut from =
            i64::try_from(place).unwrap_or(i64::MAX).saturating_sub((rate / u64::from(WARM_UP)).cast_signed());
        if self.demuxer.container() == FORMAT_ID_OGG {
            from = from.min(self.shape.length.saturating_sub(LAST_PAGE * rate).cast_signed());
        }
        let time = self.clock.time(from).max(self.start.max(0));
        self.planes.iter_mut().for_each(Vec::clear);
        let sought = self.demuxer.seek(time)?;
        // No place is before the last one: what is read next is silence, or sought anew.
        self.place = sought.map_or(u64::MAX, |sought| u64::try_from(self.clock.sample(sought)).unwrap_or(0));
        Ok(sought.is_some())
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
            } else if !self.next(end)? {
                break;
            }
        }
        Ok(())
    }
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
