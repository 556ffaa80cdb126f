//! Opus for symphonia, which reads the Ogg pages around it: the streams of a packet (RFC 6716) put together to the
//! channels of the file (RFC 7845). Where a packet belongs and what is cut from the ends is told by the pages.

use ropus::OpusMSDecoder;
use symphonia::core::audio::{
    AsGenericAudioBufferRef, AudioBuffer, AudioMut, AudioSpec, Channels, GenericAudioBufferRef,
};
use symphonia::core::codecs::CodecInfo;
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions, FinalizeResult};
use symphonia::core::codecs::registry::{RegisterableAudioDecoder, SupportedAudioCodec};
use symphonia::core::errors::{Result, decode_error, unsupported_error};
use symphonia::core::packet::PacketRef;

use super::guarded;

/// Samples a second; Opus has no other rate than this.
const RATE: u32 = 48_000;

/// The longest packet, 120 ms.
const MAX_SAMPLES: usize = 5760;

/// For files of so many channels less one, where each is among those that WAVE files have (RFC 7845, 5.1.1.2).
const ORDER: [&[usize]; 8] = [
    &[0],
    &[0, 1],
    &[0, 2, 1],
    &[0, 1, 2, 3],
    &[0, 2, 1, 3, 4],
    &[0, 2, 1, 4, 5, 3],
    &[0, 2, 1, 5, 6, 4, 3],
    &[0, 2, 1, 6, 7, 4, 5, 3],
];

/// What the first packet of a file says.
#[derive(Clone)]
struct Head {
    channels: u8,
    /// By which decoded samples are multiplied.
    gain: f32,
    streams: u8,
    /// Streams of two channels; they come first.
    coupled: u8,
    /// For each channel of the file the decoded one.
    mapping: Vec<u8>,
}

impl Head {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (head, table) = bytes.split_first_chunk::<19>()?;
        let (channels, gain) = (head[9], i16::from_le_bytes([head[16], head[17]]));
        let (streams, coupled, mapping) = match head[18] {
            0 if (1..=2).contains(&channels) => (1, channels - 1, vec![0, 1][..channels.into()].to_vec()),
            1 if (1..=8).contains(&channels) => {
                (*table.first()?, *table.get(1)?, table.get(2..2 + usize::from(channels))?.to_vec())
            }
            _ => return None,
        };
        // In 256ths of a decibel.
        let gain = 10_f32.powf(f32::from(gain) / (20.0 * 256.0));
        head.starts_with(b"OpusHead").then_some(Self { channels, gain, streams, coupled, mapping })
    }

    fn decoder(&self) -> Result<OpusMSDecoder> {
        let Self { channels, streams, coupled, mapping, .. } = self;
        OpusMSDecoder::new(RATE.cast_signed(), (*channels).into(), (*streams).into(), (*coupled).into(), mapping)
            .or_else(|_| unsupported_error("opus: the channels are mapped in a way that is none"))
    }
}

/// A decoder for one file.
pub(super) struct Opus {
    parameters: AudioCodecParameters,
    head: Head,
    decoder: OpusMSDecoder,
    interleaved: Vec<i16>,
    decoded: AudioBuffer<f32>,
}

impl Opus {
    fn decode_packet(&mut self, packet: &PacketRef<'_>) -> Result<()> {
        let (channels, gain) = (usize::from(self.head.channels), self.head.gain / 32_768.0);
        let Ok(len) = i32::try_from(packet.data.len()) else { return decode_error("opus: a packet is too long") };
        // An empty packet would be heard as one that got lost.
        if len == 0 {
            return decode_error("opus: a packet is empty");
        }
        let (decoder, out) = (&mut self.decoder, &mut self.interleaved);
        let decode = || decoder.decode(Some(packet.data), len, out, MAX_SAMPLES.try_into().unwrap_or(0), false);
        let Some(Ok(count)) = guarded(decode) else { return decode_error("opus: a packet is damaged") };
        let count = usize::try_from(count).unwrap_or(0).min(MAX_SAMPLES);
        self.decoded.render_uninit(Some(count));
        for (channel, place) in ORDER[channels - 1].iter().enumerate() {
            let Some(plane) = self.decoded.plane_mut(*place) else { continue };
            let samples = self.interleaved.iter().skip(channel).step_by(channels);
            for (out, sample) in plane.iter_mut().zip(samples) {
                *out = f32::from(*sample) * gain;
            }
        }
        let cut = |samples: u64| usize::try_from(samples).unwrap_or(usize::MAX);
        self.decoded.trim(cut(packet.trim_start.get()), cut(packet.trim_end.get()));
        Ok(())
    }
}

impl AudioDecoder for Opus {
    fn reset(&mut self) {
        if let Ok(decoder) = self.head.decoder() {
            self.decoder = decoder;
        }
    }

    fn codec_info(&self) -> &CodecInfo {
        &Self::supported_codecs()[0].info
    }

    fn codec_params(&self) -> &AudioCodecParameters {
        &self.parameters
    }

    fn decode_ref(&mut self, packet: &PacketRef<'_>) -> Result<GenericAudioBufferRef<'_>> {
        self.decoded.clear();
        self.decode_packet(packet)?;
        Ok(self.decoded.as_generic_audio_buffer_ref())
    }

    fn finalize(&mut self) -> FinalizeResult {
        FinalizeResult::default()
    }

    fn last_decoded(&self) -> GenericAudioBufferRef<'_> {
        self.decoded.as_generic_audio_buffer_ref()
    }
}

impl RegisterableAudioDecoder for Opus {
    fn try_registry_new(parameters: &AudioCodecParameters, _: &AudioDecoderOptions) -> Result<Box<dyn AudioDecoder>> {
        let Some(head) = parameters.extra_data.as_deref().and_then(Head::parse) else {
            return unsupported_error("opus: the channels are mapped in a way that is not known");
        };
        let channels = parameters.channels.clone().unwrap_or(Channels::Discrete(head.channels.into()));
        if channels.count() != usize::from(head.channels) {
            return unsupported_error("opus: the number of channels is not that of the container");
        }
        Ok(Box::new(Self {
            parameters: parameters.clone(),
            decoder: head.decoder()?,
            interleaved: vec![0; MAX_SAMPLES * usize::from(head.channels)],
            decoded: AudioBuffer::new(AudioSpec::new(RATE, channels), MAX_SAMPLES),
            head,
        }))
    }

    fn supported_codecs() -> &'static [SupportedAudioCodec] {
        const INFO: CodecInfo = CodecInfo { short_name: "opus", long_name: "Opus", profiles: &[] };
        &[SupportedAudioCodec { id: CODEC_ID_OPUS, info: INFO }]
    }
}
