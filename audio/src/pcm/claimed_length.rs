//! How long a sound can be that lies in so many bytes, and whether the length that its file claims needs a look at the
//! end of the file. How the end is found is not known here.

use symphonia::core::codecs::audio::AudioCodecId;
use symphonia::core::codecs::audio::well_known as codec;

/// How densely a codec packs samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// Every sample takes so many bytes.
    Fixed(u64),
    /// Every sample takes half a byte, and blocks have heads.
    HalfBytes,
    /// Samples of each channel that a byte can hold, and that it hardly ever holds in music. Where the second is none,
    /// it depends on the size of what was compressed.
    Variable(u64, Option<u64>),
}

impl Packing {
    /// How a codec packs samples.
    pub(super) fn of(id: AudioCodecId) -> Self {
        use codec::{
            CODEC_ID_AAC, CODEC_ID_ADPCM_IMA_QT, CODEC_ID_ADPCM_IMA_WAV, CODEC_ID_ADPCM_MS, CODEC_ID_ALAC,
            CODEC_ID_FLAC, CODEC_ID_MP1, CODEC_ID_MP2, CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_PCM_ALAW,
            CODEC_ID_PCM_F32BE, CODEC_ID_PCM_F32LE, CODEC_ID_PCM_F64BE, CODEC_ID_PCM_F64LE, CODEC_ID_PCM_MULAW,
            CODEC_ID_PCM_S8, CODEC_ID_PCM_S16BE, CODEC_ID_PCM_S16LE, CODEC_ID_PCM_S24BE, CODEC_ID_PCM_S24LE,
            CODEC_ID_PCM_S32BE, CODEC_ID_PCM_S32LE, CODEC_ID_PCM_U8, CODEC_ID_PCM_U16BE, CODEC_ID_PCM_U16LE,
            CODEC_ID_PCM_U24BE, CODEC_ID_PCM_U24LE, CODEC_ID_PCM_U32BE, CODEC_ID_PCM_U32LE, CODEC_ID_VORBIS,
        };
        match id {
            CODEC_ID_PCM_S8 | CODEC_ID_PCM_U8 | CODEC_ID_PCM_ALAW | CODEC_ID_PCM_MULAW => Self::Fixed(1),
            CODEC_ID_PCM_S16LE | CODEC_ID_PCM_S16BE | CODEC_ID_PCM_U16LE | CODEC_ID_PCM_U16BE => Self::Fixed(2),
            CODEC_ID_PCM_S24LE | CODEC_ID_PCM_S24BE | CODEC_ID_PCM_U24LE | CODEC_ID_PCM_U24BE => Self::Fixed(3),
            CODEC_ID_PCM_S32LE | CODEC_ID_PCM_S32BE | CODEC_ID_PCM_U32LE | CODEC_ID_PCM_U32BE | CODEC_ID_PCM_F32LE
            | CODEC_ID_PCM_F32BE => Self::Fixed(4),
            CODEC_ID_PCM_F64LE | CODEC_ID_PCM_F64BE => Self::Fixed(8),
            CODEC_ID_ADPCM_MS | CODEC_ID_ADPCM_IMA_WAV | CODEC_ID_ADPCM_IMA_QT => Self::HalfBytes,
            // A frame of one constant: 65,535 samples in ten bytes (RFC 9639).
            CODEC_ID_FLAC => Self::Variable(6_554, None),
            // Frames of 4,096 samples; one of silence has some fifteen bytes.
            CODEC_ID_ALAC => Self::Variable(4_096, None),
            // The lowest bit rates: 1,152 samples in 96 bytes of MPEG-1, 576 in 24 bytes of MPEG-2.
            CODEC_ID_MP1 | CODEC_ID_MP2 | CODEC_ID_MP3 => Self::Variable(24, Some(12)),
            // A frame with spectral band replication has 2,048 samples, and two bytes at least.
            CODEC_ID_AAC => Self::Variable(1_024, Some(48)),
            // A packet has up to 8,192 new samples and one byte, and another in the table of its page.
            CODEC_ID_VORBIS => Self::Variable(4_096, Some(64)),
            // The same with 120 ms.
            CODEC_ID_OPUS => Self::Variable(2_880, Some(96)),
            _ => Self::Variable(6_554, Some(64)),
        }
    }

    /// The most samples of each channel that a file of so many bytes can hold.
    pub(super) fn most(self, bytes: u64, channels: u64) -> u64 {
        match self {
            Self::Fixed(width) => bytes / (width * channels.max(1)),
            Self::HalfBytes => bytes.saturating_mul(2) / channels.max(1),
            Self::Variable(most, _) => bytes.saturating_mul(most),
        }
    }

    /// Whether a claimed length is so long for these bytes that the end has to be looked at. For samples of fixed size
    /// it always is: that costs one read, and the length is exact then. `width` is the size of one sample of one
    /// channel before it was compressed, in bytes.
    pub(super) fn is_doubtful(self, claim: u64, bytes: u64, channels: u64, width: u64) -> bool {
        match self {
            Self::Fixed(_) | Self::HalfBytes => true,
            Self::Variable(_, Some(usual)) => claim > bytes.saturating_mul(usual),
            // Compressed to less than half, without loss: quiet music, or a file that breaks off.
            Self::Variable(_, None) => claim.saturating_mul(width * channels) / 2 > bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_fixed_size_have_no_more_than_fits() {
        let packing = Packing::of(codec::CODEC_ID_PCM_S16LE);
        assert_eq!(packing.most(4_000, 2), 1_000);
        assert_eq!(packing.most(3_999, 2), 999);
        assert_eq!(packing.most(4_000, 0), 2_000, "channels that are not known yet");
        assert_eq!(Packing::of(codec::CODEC_ID_PCM_F64BE).most(u64::MAX, 1), u64::MAX / 8);
        assert_eq!(Packing::of(codec::CODEC_ID_ADPCM_MS).most(1_000, 1), 2_000);
        assert!(packing.is_doubtful(1, 4_000, 2, 2), "the end is always looked at");
    }

    #[test]
    fn a_claim_of_days_over_some_kilobytes_is_cut() {
        // A head of FLAC has 36 bits for the length: 18 days at 44.1 kHz.
        let (flac, claim) = (Packing::of(codec::CODEC_ID_FLAC), (1_u64 << 36) - 1);
        assert!(flac.is_doubtful(claim, 10_000, 2, 2));
        assert_eq!(flac.most(10_000, 2), 65_540_000);
        let mp3 = Packing::of(codec::CODEC_ID_MP3);
        assert!(mp3.is_doubtful(u64::from(u32::MAX) * 1152, 1_000_000, 2, 2));
        assert_eq!(mp3.most(1_000_000, 2), 24_000_000);
        for id in [codec::CODEC_ID_AAC, codec::CODEC_ID_VORBIS, codec::CODEC_ID_OPUS, codec::CODEC_ID_ALAC] {
            assert!(Packing::of(id).is_doubtful(u64::MAX, 1_000_000, 2, 2));
            assert!(Packing::of(id).most(u64::MAX, 2) == u64::MAX, "no overflow");
        }
    }

    #[test]
    fn ordinary_music_is_believed_without_a_look() {
        const HOUR: u64 = 3_600;
        let cases = [
            // 900 kbit/s of FLAC, 64 kbit/s of MP3, 32 kbit/s of HE-AAC, 45 of Vorbis, 12 of Opus, 2 channels.
            (codec::CODEC_ID_FLAC, 44_100, 900_000),
            (codec::CODEC_ID_ALAC, 44_100, 900_000),
            (codec::CODEC_ID_MP3, 44_100, 64_000),
            (codec::CODEC_ID_AAC, 44_100, 32_000),
            (codec::CODEC_ID_VORBIS, 44_100, 45_000),
            (codec::CODEC_ID_OPUS, 48_000, 12_000),
        ];
        for (id, rate, bits_per_second) in cases {
            let (claim, bytes) = (rate * HOUR, bits_per_second / 8 * HOUR);
            let packing = Packing::of(id);
            assert!(!packing.is_doubtful(claim, bytes, 2, 2) && packing.most(bytes, 2) > claim, "{id}");
        }
    }
}
