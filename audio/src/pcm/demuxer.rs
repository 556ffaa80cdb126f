//! Symphonia's readers of containers and its decoders: what they make of a file, packet by packet. A panic in them ends
//! here and becomes an error of that file. Which packets are wanted is decided above.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use model::limits::sound::PACKET_SAMPLES;
use symphonia::core::codecs::audio::well_known::CODEC_ID_VORBIS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error as Symphonia;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known::{FORMAT_ID_AIFF, FORMAT_ID_ISOMP4, FORMAT_ID_WAVE};
use symphonia::core::formats::{FormatId, FormatOptions, FormatReader, SeekMode, SeekTo, Track, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;
use symphonia::core::units::Timestamp;

use super::cursor::Cursor;
use super::opus::Opus;
use super::vorbis::has_sensible_codebooks;
use super::{Planes, check, guarded};
use crate::{Error, Source};

/// Bytes that may be read to open a file, with all its tags, pictures and tables, and for one packet: what is read is
/// kept in memory.
const MAX_HEAD: u64 = 96 << 20;
const MAX_PACKET: u64 = 32 << 20;

/// A packet in which the decoder panics is left out as any other that is damaged; after so many the file is given up,
/// for each costs as much as a thousand good ones.
const MAX_PANICS: u32 = 64;

/// The codecs of symphonia, and Opus.
static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<Opus>();
    codecs
});

/// A file, the track in it that is played, and the decoder for that.
pub(super) struct Demuxer {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: Track,
    panics: u32,
    /// Whether the last packet was read; then to open the file again.
    has_ended: bool,
    source: Arc<dyn Source>,
    extension: Option<String>,
    /// What may still be read.
    left: Arc<AtomicU64>,
}

impl Demuxer {
    /// Opens a file; the format is detected from its content, `extension` is only a hint.
    pub(super) fn open(source: Arc<dyn Source>, extension: Option<&str>) -> Result<Self, Error> {
        guarded(|| {
            let left = Arc::new(AtomicU64::new(MAX_HEAD));
            let format = reader(Arc::clone(&source), extension, Arc::clone(&left))?;
            let track = format.default_track(TrackType::Audio).ok_or_else(|| none("it has no sound"))?.clone();
            let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
            let parameters = parameters.ok_or_else(|| none("its sound is not described"))?;
            let rate = parameters.sample_rate.ok_or_else(|| none("its sample rate is unknown"))?;
            check(rate, parameters.channels.as_ref().map(symphonia::core::audio::Channels::count))?;
            if parameters.max_frames_per_packet.is_some_and(|samples| samples > PACKET_SAMPLES) {
                return Err(none("its packets are too long"));
            }
            let headers = parameters.extra_data.as_deref().unwrap_or_default();
            if parameters.codec == CODEC_ID_VORBIS && !has_sensible_codebooks(headers) {
                return Err(none("its codebooks are too large"));
            }
            let (decoder, extension) = (decoder(parameters)?, extension.map(str::to_owned));
            Ok(Self { format, decoder, track, panics: 0, has_ended: false, source, extension, left })
        })
        .unwrap_or_else(|| Err(none("its head makes the decoder fail")))
    }

    /// What the container says of the track.
    pub(super) fn track(&self) -> &Track {
        &self.track
    }

    /// What the container says of the codec.
    pub(super) fn parameters(&self) -> &AudioCodecParameters {
        self.decoder.codec_params()
    }

    /// The container.
    pub(super) fn container(&self) -> FormatId {
        self.format.format_info().format
    }

    /// The next packet of the track; none at the end, also where a file breaks off.
    pub(super) fn next_packet(&mut self) -> Result<Option<Packet>, Error> {
        let packet = self.any_packet();
        self.has_ended = !matches!(packet, Ok(Some(_)));
        packet
    }

    fn any_packet(&mut self) -> Result<Option<Packet>, Error> {
        loop {
            self.left.store(MAX_PACKET, Ordering::Relaxed);
            match guarded(|| self.format.next_packet()) {
                Some(Ok(Some(packet))) if packet.track_id == self.track.id => return Ok(Some(packet)),
                Some(Ok(Some(_))) => {}
                Some(Err(Symphonia::IoError(error))) if is_of_the_disk(&error) => return Err(Error::Io(error)),
                Some(
                    Ok(None)
                    | Err(
                        Symphonia::ResetRequired
                        | Symphonia::DecodeError(_)
                        | Symphonia::LimitError(_)
                        | Symphonia::IoError(_),
                    ),
                ) => return Ok(None),
                Some(Err(error)) => return Err(unsupported(error)),
                None => return Err(none("its container makes the reader fail")),
            }
        }
    }

    /// Decodes a packet into `planes`; false when it is empty or cannot be decoded.
    pub(super) fn decode(&mut self, packet: &Packet, planes: &mut Planes) -> Result<bool, Error> {
        let decoder = &mut self.decoder;
        let outcome = guarded(|| {
            decoder.decode(packet).map(|sound| {
                let has_sound = sound.frames() > 0;
                if has_sound {
                    sound.copy_to_vecs_planar(planes);
                }
                has_sound
            })
        });
        match outcome {
            Some(Ok(has_sound)) => return Ok(has_sound),
            Some(Err(error)) => {
                tracing::debug!(%error, at = packet.pts.get(), "a packet could not be decoded");
                self.reset()?;
            }
            None => {
                self.panics += 1;
                if self.panics >= MAX_PANICS {
                    return Err(none("the decoder fails at it again and again"));
                }
                self.renew()?;
            }
        }
        Ok(false)
    }

    /// Goes to the packet at a time or some way before, and says where that is; none when the place is beyond what is
    /// there.
    pub(super) fn seek(&mut self, time: i64) -> Result<Option<i64>, Error> {
        let to = SeekTo::Timestamp { ts: Timestamp::new(self.seekable(time)), track_id: self.track.id };
        if self.has_ended && self.container() == FORMAT_ID_ISOMP4 {
            // After its end, symphonia's reader of MPEG-4 seeks and then reads nothing.
            let (source, left) = (Arc::clone(&self.source), Arc::clone(&self.left));
            left.store(MAX_HEAD, Ordering::Relaxed);
            let opened = guarded(|| reader(source, self.extension.as_deref(), left));
            self.format = opened.unwrap_or_else(|| Err(none("its head makes the decoder fail")))?;
            self.has_ended = false;
        }
        // In some containers the way to a place leads over all packets before; none of them is kept.
        self.left.store(u64::MAX, Ordering::Relaxed);
        match guarded(|| self.format.seek(SeekMode::Accurate, to)) {
            Some(Ok(sought)) => {
                self.reset()?;
                Ok(Some(sought.actual_ts.get()))
            }
            Some(Err(Symphonia::IoError(error))) if is_of_the_disk(&error) => Err(Error::Io(error)),
            Some(Err(error)) => {
                tracing::debug!(%error, time, "could not seek");
                Ok(None)
            }
            None => Err(none("its container makes the reader fail")),
        }
    }

    /// The time to which symphonia has to be sent to arrive at this one, or before. In WAVE and AIFF it takes samples
    /// for blocks when it computes the place in the file, and so lands many blocks too far.
    fn seekable(&self, time: i64) -> i64 {
        let in_block = self.parameters().frames_per_block.and_then(|samples| i64::try_from(samples).ok()).unwrap_or(1);
        if [FORMAT_ID_WAVE, FORMAT_ID_AIFF].contains(&self.container()) { time / in_block.max(1) } else { time }
    }

    /// Forgets what was decoded, as far as the decoder does.
    fn reset(&mut self) -> Result<(), Error> {
        match guarded(|| self.decoder.reset()) {
            Some(()) => Ok(()),
            None => self.renew(),
        }
    }

    /// Makes a new decoder, which remembers nothing.
    pub(super) fn renew(&mut self) -> Result<(), Error> {
        let made = guarded(|| decoder(self.decoder.codec_params()));
        self.decoder = made.unwrap_or_else(|| Err(none("its head makes the decoder fail")))?;
        Ok(())
    }
}

fn reader(
    source: Arc<dyn Source>,
    extension: Option<&str>,
    left: Arc<AtomicU64>,
) -> Result<Box<dyn FormatReader>, Error> {
    let cursor = Cursor::within(source, left);
    let stream = MediaSourceStream::new(Box::new(cursor), MediaSourceStreamOptions::default());
    let mut hint = Hint::new();
    if let Some(extension) = extension {
        hint.with_extension(extension);
    }
    symphonia::default::get_probe()
        .probe(&hint, stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(unsupported)
}

fn decoder(parameters: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, Error> {
    CODECS.make_audio_decoder(parameters, &AudioDecoderOptions::default()).map_err(unsupported)
}

/// An error that says why a file cannot be decoded.
pub(super) fn none(reason: &str) -> Error {
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
