//! Where every frame of a constant-bitrate MP3 lies, known before any of it is encoded, and the frame that says so
//! at the start. Frames themselves are made in `encoder`.
//!
//! Facts of LAME 3.100 (`libmp3lame/lame.c`, `bitstream.c`) hold throughout: the encoder that these figures describe
//! is pinned by the crate that builds it.

use model::Quality;

/// Samples in one frame, of each channel (ISO/IEC 11172-3, layer III).
pub const FRAME_SAMPLES: u64 = 1152;

/// After so many frames the pattern of padding bytes repeats: at 44.1 kHz a frame is 144 · bitrate / 44100 bytes
/// long, which has 49 in the denominator at every bitrate here. At 48 and 32 kHz there is no padding at all.
pub const PERIOD_FRAMES: u64 = 49;

/// Samples that LAME puts before the sound (`ENCDELAY`).
pub const ENCODER_DELAY: u64 = 576;

/// A decoder gives the sound so many samples late; players add them to the delay in the Info frame.
pub const DECODER_DELAY: u64 = 529;

/// Bytes from the start of a file to the end of the mark in its Info frame, at most.
pub const INFO_BYTES: usize = 4 + 32 + 156 + 16;

/// What an Info frame tells of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Info {
    /// The length of the whole file in bytes; longer ones than fit are [`u32::MAX`].
    pub len: u32,
    /// What it was made from.
    pub mark: [u8; 16],
}

impl Info {
    /// Reads the Info frame of which these are the first bytes.
    #[must_use]
    pub fn read(head: &[u8; INFO_BYTES]) -> Option<Self> {
        [17, 32].into_iter().find_map(|side_info| {
            let tag = head.get(4 + side_info..).filter(|tag| tag.starts_with(b"Info"))?;
            let len = u32::from_be_bytes(tag.get(12..16)?.try_into().ok()?);
            Some(Self { len, mark: tag.get(156..172)?.try_into().ok()? })
        })
    }

    /// Whether a file of so many bytes is all of it.
    #[must_use]
    pub fn is_whole(&self, len: u64) -> bool {
        u32::try_from(len).unwrap_or(u32::MAX) == self.len
    }
}

/// A sample rate that MPEG-1 audio has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputRate {
    /// 32 kHz.
    Hz32000,
    /// 44.1 kHz.
    Hz44100,
    /// 48 kHz.
    Hz48000,
}

impl OutputRate {
    /// The rate in Hz.
    #[must_use]
    pub const fn hz(self) -> u32 {
        match self {
            Self::Hz32000 => 32_000,
            Self::Hz44100 => 44_100,
            Self::Hz48000 => 48_000,
        }
    }

    /// The rate for a source of `hz`: its own where MP3 has it, else one of its family that loses nothing a
    /// listener hears, and 48 kHz for the odd ones.
    #[must_use]
    pub const fn for_source(hz: u32) -> Self {
        match hz {
            32_000 => Self::Hz32000,
            44_100 | 88_200 | 176_400 | 352_800 | 22_050 | 11_025 => Self::Hz44100,
            _ => Self::Hz48000,
        }
    }

    const fn index(self) -> u8 {
        match self {
            Self::Hz44100 => 0,
            Self::Hz48000 => 1,
            Self::Hz32000 => 2,
        }
    }
}

/// How many channels are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channels {
    /// One.
    Mono,
    /// Two, as joint stereo.
    Stereo,
}

impl Channels {
    /// The number.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Self::Mono => 1,
            Self::Stereo => 2,
        }
    }
}

/// A bitrate that Ferric makes, in kbit/s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bitrate {
    /// 128 kbit/s.
    Kbps128,
    /// 192 kbit/s.
    Kbps192,
    /// 256 kbit/s.
    Kbps256,
}

impl Bitrate {
    /// The bitrate of a quality; none for the original.
    #[must_use]
    pub const fn of(quality: Quality) -> Option<Self> {
        match quality {
            Quality::Original => None,
            Quality::High => Some(Self::Kbps256),
            Quality::Medium => Some(Self::Kbps192),
            Quality::Low => Some(Self::Kbps128),
        }
    }

    /// The bitrate in kbit/s.
    #[must_use]
    pub const fn kbps(self) -> u32 {
        match self {
            Self::Kbps128 => 128,
            Self::Kbps192 => 192,
            Self::Kbps256 => 256,
        }
    }

    /// Its place in the table of MPEG-1 layer III.
    const fn index(self) -> u8 {
        match self {
            Self::Kbps128 => 9,
            Self::Kbps192 => 11,
            Self::Kbps256 => 13,
        }
    }
}

/// The shape of one MP3: everything about its bytes but the sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Length of the sound, in samples of each channel.
    pub samples: u64,
    /// Sample rate.
    pub rate: OutputRate,
    /// Bitrate.
    pub bitrate: Bitrate,
    /// Channels.
    pub channels: Channels,
}

impl Layout {
    /// How many frames of sound there are. LAME fills up to a whole frame, and half of one at least.
    #[must_use]
    pub const fn frames(&self) -> u64 {
        let delayed = self.samples + ENCODER_DELAY;
        let fill = FRAME_SAMPLES - delayed % FRAME_SAMPLES;
        let fill = if fill < FRAME_SAMPLES / 2 { fill + FRAME_SAMPLES } else { fill };
        (delayed + fill) / FRAME_SAMPLES
    }

    /// Samples that follow the sound to fill the last frame.
    #[must_use]
    pub const fn padding(&self) -> u64 {
        self.frames() * FRAME_SAMPLES - ENCODER_DELAY - self.samples
    }

    /// Length of a frame without a padding byte, in bytes.
    const fn frame_bytes(&self) -> u64 {
        (144_000 * self.bitrate.kbps() / self.rate.hz()) as u64
    }

    /// Length of the whole file, in bytes.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.offset(self.frames())
    }

    /// A file has an Info frame at least.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// Where a frame of sound starts, in bytes; for the number of frames, where the file ends.
    #[must_use]
    pub const fn offset(&self, frame: u64) -> u64 {
        let remainder = (144_000 * self.bitrate.kbps() % self.rate.hz()) as u64;
        // LAME starts with the slot lag at the remainder, so that the first frame is never padded.
        let padded = (frame.saturating_sub(1) * remainder).div_ceil(self.rate.hz() as u64);
        self.frame_bytes() * (frame + 1) + padded
    }

    /// The frame of sound that has the byte at `offset`; none for the Info frame and beyond the end.
    #[must_use]
    pub const fn frame_at(&self, offset: u64) -> Option<u64> {
        if offset < self.offset(0) || offset >= self.len() {
            return None;
        }
        // A padding byte in every frame at most: this is never too far.
        let mut frame = (offset - self.offset(0)) / (self.frame_bytes() + 1);
        while self.offset(frame + 1) <= offset {
            let behind = (offset - self.offset(frame + 1)) / (self.frame_bytes() + 1);
            frame += behind + 1;
        }
        Some(frame)
    }

    /// The first frame of the file: silent, and read by players for the number of frames and the samples to leave
    /// out at both ends, so that tracks join without a gap. `mark` tells what it was made from; it lies where players
    /// look for nothing.
    #[must_use]
    pub fn info_frame(&self, mark: &[u8; 16]) -> Vec<u8> {
        let mode = match self.channels {
            Channels::Mono => 0b11,
            Channels::Stereo => 0b01,
        };
        let side_info = match self.channels {
            Channels::Mono => 17,
            Channels::Stereo => 32,
        };
        let mut frame = Vec::with_capacity(1152);
        frame.extend([0xff, 0xfb, self.bitrate.index() << 4 | self.rate.index() << 2, mode << 6 | 0b100]);
        frame.resize(4 + side_info, 0);
        // The fields below are in the file: frames, bytes, table of contents, quality.
        frame.extend(b"Info\0\0\0\x0f");
        frame.extend(low_32_bits(self.frames()));
        frame.extend(low_32_bits(self.len()));
        frame.extend((0..100_u16).filter_map(|percent| u8::try_from(percent * 256 / 100).ok()));
        frame.extend([0, 0, 0, 50]);
        // The LAME tag (gabriel.mp3-tech.org/mp3infotag.html): version, constant bitrate, no gain known.
        frame.extend(b"LAME3.100");
        frame.push(1);
        frame.resize(frame.len() + 1 + 4 + 2 + 2 + 1, 0);
        frame.push(self.bitrate.kbps().min(255) as u8);
        let ends = ENCODER_DELAY << 12 | self.padding();
        frame.extend(&low_32_bits(ends)[1..]);
        frame.resize(frame.len() + 1 + 1 + 2, 0);
        frame.extend(low_32_bits(self.len()));
        // The checksum of the sound would need all of it.
        frame.extend([0, 0]);
        let checksum = crc16(&frame);
        frame.extend(checksum.to_be_bytes());
        frame.extend(mark);
        frame.resize(usize::try_from(self.frame_bytes()).unwrap_or(0), 0);
        frame
    }
}

/// Big-endian, as the Info frame has its numbers; larger ones than fit are cut, and players count for themselves.
fn low_32_bits(number: u64) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes()
}

/// CRC-16 with the polynomial 0x8005, reflected, as LAME has it.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |mut crc: u16, byte| {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xa001 } else { crc >> 1 };
        }
        crc
    })
}
