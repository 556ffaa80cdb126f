//! Files made in memory: WAVE of every kind, and Opus in Ogg.

use std::io;

use audio::Source;
use ropus::{Application, Bitrate, Channels, Encoder};

/// A file in memory.
pub(crate) struct Memory(pub(crate) Vec<u8>);

impl Source for Memory {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_now(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.read_at(buffer, offset)
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.0.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// The next of a row of numbers between −1 and 1 without order.
pub(crate) fn noise(state: &mut u32) -> f32 {
    *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    (*state >> 8) as f32 / 8_388_608.0 - 1.0
}

/// A WAVE file with an extensible head.
pub(crate) fn wave(rate: u32, bits: i32, is_float: bool, planes: &[Vec<f32>]) -> Vec<u8> {
    let (channels, width) = (u16::try_from(planes.len()).unwrap(), u16::try_from(bits / 8).unwrap());
    let align = channels * width;
    let data = u32::try_from(planes[0].len()).unwrap() * u32::from(align);
    let mut file = b"RIFF".to_vec();
    file.extend((60 + data).to_le_bytes());
    file.extend(b"WAVEfmt \x28\0\0\0\xfe\xff");
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(align)).to_le_bytes());
    file.extend(align.to_le_bytes());
    file.extend((width * 8).to_le_bytes());
    file.extend(22_u16.to_le_bytes());
    file.extend((width * 8).to_le_bytes());
    file.extend([0_u32, 4, 3, 0, 0, 0, 0x3f][planes.len()].to_le_bytes());
    file.extend(if is_float { b"\x03\0" } else { b"\x01\0" });
    file.extend(b"\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71data");
    file.extend(data.to_le_bytes());
    for n in 0..planes[0].len() {
        for plane in planes {
            let whole = f64::from(plane[n]) * 2.0_f64.powi(bits - 1);
            match (bits, is_float) {
                (32, true) => file.extend(plane[n].to_le_bytes()),
                (64, true) => file.extend(f64::from(plane[n]).to_le_bytes()),
                (8, _) => file.push((whole + 128.0) as u8),
                _ => file.extend(&(whole as i64).to_le_bytes()[..usize::from(width)]),
            }
        }
    }
    file
}

/// An Opus file of one channel or two at 48 kHz, with a gain in 256ths of a decibel.
pub(crate) fn opus_file(planes: &[Vec<f32>], gain: i16) -> Vec<u8> {
    const FRAME: usize = 960;
    let channels = if planes.len() == 1 { Channels::Mono } else { Channels::Stereo };
    let rate = Bitrate::try_bits(128_000).unwrap();
    let mut encoder = Encoder::builder(48_000, channels, Application::Audio).bitrate(rate).build().unwrap();
    let skipped = usize::try_from(encoder.lookahead()).unwrap();
    let mut head = b"OpusHead\x01".to_vec();
    head.push(planes.len() as u8);
    head.extend((skipped as u16).to_le_bytes());
    head.extend(48_000_u32.to_le_bytes());
    head.extend(gain.to_le_bytes());
    head.push(0);
    let mut file = page(2, 0, 0, &[head]);
    file.extend(page(0, 0, 1, &[b"OpusTags\0\0\0\0\0\0\0\0".to_vec()]));

    let end = skipped + planes[0].len();
    let mut packets = Vec::new();
    let (mut sequence, mut coded) = (2, 0);
    while coded < end {
        let sound: Vec<f32> = (coded..coded + FRAME)
            .flat_map(|n| planes.iter().map(move |plane| plane.get(n).copied().unwrap_or(0.0)))
            .collect();
        let mut packet = vec![0; 4000];
        let len = encoder.encode_float(&sound, &mut packet).unwrap();
        packet.truncate(len);
        packets.push(packet);
        coded += FRAME;
        if packets.len() == 20 || coded >= end {
            let kind = if coded >= end { 4 } else { 0 };
            file.extend(page(kind, coded.min(end) as u64, sequence, &packets));
            packets.clear();
            sequence += 1;
        }
    }
    file
}

/// An Ogg page (RFC 3533).
fn page(kind: u8, granule: u64, sequence: u32, packets: &[Vec<u8>]) -> Vec<u8> {
    let lacing: Vec<u8> = packets
        .iter()
        .flat_map(|packet| std::iter::repeat_n(255, packet.len() / 255).chain([(packet.len() % 255) as u8]))
        .collect();
    let mut page = b"OggS\0".to_vec();
    page.push(kind);
    page.extend(granule.to_le_bytes());
    page.extend(7_u32.to_le_bytes());
    page.extend(sequence.to_le_bytes());
    page.extend([0; 4]);
    page.push(u8::try_from(lacing.len()).unwrap());
    page.extend(lacing);
    page.extend(packets.concat());
    let checksum = page.iter().fold(0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte) << 24, |sum, _| sum << 1 ^ if sum >> 31 == 1 { 0x04c1_1db7 } else { 0 })
    });
    page[22..26].copy_from_slice(&checksum.to_le_bytes());
    page
}
