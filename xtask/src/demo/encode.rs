//! Writes a recording as a FLAC, WAV, MP3 or Ogg Vorbis file.
//! Titles and covers are added afterwards, by `tags`.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::num::{NonZeroU8, NonZeroU32};
use std::path::Path;

use flacenc::component::BitRepr;
use flacenc::error::Verify;
use mp3lame_encoder::{Bitrate, DualPcm, FlushGap, MonoPcm};

use super::Failure;
use super::catalogue::Format;
use super::stereo::Stereo;

/// Samples that are encoded at a time.
const BLOCK: usize = 16_384;

/// Samples of one or two channels, 16 bit.
struct Pcm {
    rate: u32,
    channels: Vec<Vec<i16>>,
}

/// Writes the recording to `path`; `mono` mixes the channels. `serial` tells one Ogg stream from another.
pub(super) fn write(sound: Stereo, mono: bool, format: Format, serial: i32, path: &Path) -> Result<(), Failure> {
    let pcm = Pcm::new(sound, mono);
    match format {
        Format::Flac => flac(&pcm, path),
        Format::Mp3 => mp3(&pcm, path),
        Format::Ogg => ogg(&pcm, serial, path),
        Format::Wav => wav(&pcm, path),
    }
}

impl Pcm {
    fn new(sound: Stereo, mono: bool) -> Self {
        let channels = if mono {
            vec![sound.left.iter().zip(&sound.right).map(|(left, right)| to_i16(0.5 * (left + right))).collect()]
        } else {
            [sound.left, sound.right].map(|channel| channel.into_iter().map(to_i16).collect()).into()
        };
        Self { rate: sound.rate, channels }
    }

    fn len(&self) -> usize {
        self.channels[0].len()
    }

    /// One or two.
    fn count(&self) -> u8 {
        if self.channels.len() == 1 { 1 } else { 2 }
    }

    /// The samples in the order in which they are played, left before right.
    fn interleaved(&self) -> impl Iterator<Item = i16> {
        (0..self.len()).flat_map(|index| self.channels.iter().map(move |channel| channel[index]))
    }

    /// All channels from one sample on, at most a block of each.
    fn block(&self, start: usize) -> Vec<&[i16]> {
        let end = self.len().min(start + BLOCK);
        self.channels.iter().map(|channel| &channel[start..end]).collect()
    }
}

#[allow(clippy::cast_possible_truncation)] // clamped
fn to_i16(sample: f32) -> i16 {
    (sample.clamp(-1.0, 1.0) * 32_767.0).round() as i16
}

fn flac(pcm: &Pcm, path: &Path) -> Result<(), Failure> {
    let samples: Vec<i32> = pcm.interleaved().map(i32::from).collect();
    let mut config = flacenc::config::Encoder::default();
    // The simple predictors make files larger by a fortieth, in half the time.
    config.subframe_coding.use_lpc = false;
    let config =
        config.into_verified().map_err(|(_, error)| format!("the FLAC encoder's settings are refused: {error}"))?;
    let source = flacenc::source::MemSource::from_samples(&samples, pcm.count().into(), 16, usize::try_from(pcm.rate)?);
    let mut stream = flacenc::encode_with_fixed_block_size(&config, source, config.block_size)
        .map_err(|error| format!("cannot encode FLAC: {error}"))?;
    // The encoder counts the shorter last block, which the smallest block size leaves out (RFC 9639 8.2); strict
    // decoders would take the stream for one of varying block sizes.
    stream
        .stream_info_mut()
        .set_block_sizes(config.block_size, config.block_size)
        .map_err(|error| format!("cannot describe FLAC: {error}"))?;
    let mut bytes = flacenc::bitsink::ByteSink::new();
    stream.write(&mut bytes).map_err(|error| format!("cannot write FLAC: {error}"))?;
    Ok(fs::write(path, bytes.as_slice())?)
}

fn wav(pcm: &Pcm, path: &Path) -> Result<(), Failure> {
    let spec = hound::WavSpec {
        channels: pcm.count().into(),
        sample_rate: pcm.rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec)?;
    for sample in pcm.interleaved() {
        writer.write_sample(sample)?;
    }
    Ok(writer.finalize()?)
}

fn mp3(pcm: &Pcm, path: &Path) -> Result<(), Failure> {
    let failed = |what| move |error| format!("cannot {what} MP3: {error}");
    let mut encoder = mp3lame_encoder::Builder::new()
        .ok_or("there is no memory for the MP3 encoder")?
        .with_sample_rate(pcm.rate)
        .and_then(|builder| builder.with_num_channels(pcm.count()))
        .and_then(|builder| builder.with_brate(Bitrate::Kbps192))
        // At this bitrate nobody hears the better ones, and they take three times as long.
        .and_then(|builder| builder.with_quality(mp3lame_encoder::Quality::Ok))
        .and_then(mp3lame_encoder::Builder::build)
        .map_err(|error| format!("the MP3 encoder's settings are refused: {error}"))?;
    let mut bytes = Vec::new();
    for start in (0..pcm.len()).step_by(BLOCK) {
        bytes.reserve(mp3lame_encoder::max_required_buffer_size(BLOCK));
        match pcm.block(start)[..] {
            [left, right] => encoder.encode_to_vec(DualPcm { left, right }, &mut bytes),
            ref mono => encoder.encode_to_vec(MonoPcm(mono[0]), &mut bytes),
        }
        .map_err(failed("encode"))?;
    }
    bytes.reserve(mp3lame_encoder::max_required_buffer_size(0));
    encoder.flush_to_vec::<FlushGap>(&mut bytes).map_err(failed("finish"))?;
    // The first frame was left empty for the length and the encoder's delay, which are only known now.
    let mut head = Vec::with_capacity(encoder.lame_tag_size());
    encoder.lame_tag_encode_to_vec(&mut head).ok_or("the MP3 encoder has lost its first frame")?;
    bytes.splice(..head.len(), head);
    Ok(fs::write(path, bytes)?)
}

fn ogg(pcm: &Pcm, serial: i32, path: &Path) -> Result<(), Failure> {
    let rate = NonZeroU32::new(pcm.rate).ok_or("a recording needs a sample rate")?;
    let channels = NonZeroU8::new(pcm.count()).ok_or("a recording needs a channel")?;
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = vorbis_rs::VorbisEncoderBuilder::new_with_serial(rate, channels, file, serial).build()?;
    for start in (0..pcm.len()).step_by(BLOCK) {
        let block: Vec<Vec<f32>> = pcm
            .block(start)
            .into_iter()
            .map(|channel| channel.iter().map(|sample| f32::from(*sample) / 32_768.0).collect())
            .collect();
        encoder.encode_audio_block(block)?;
    }
    Ok(encoder.finish()?.flush()?)
}
