//! What the head of a file says of its sound, as ffprobe reads it. Whether the sound can be decoded is not known here.

use std::path::Path;
use std::time::Duration;

use model::limits::sound::SAMPLE_RATES;
use serde::Deserialize;

use super::process::{INPUT, Process, command};
use super::unsupported;
use crate::pcm::Speakers;
use crate::{AudioFile, Error, Source};

/// Longer output is not a valid answer of ffprobe.
const MAX_ANSWER: usize = 64 * 1024;

/// Channels that are mixed down.
const CHANNELS: std::ops::RangeInclusive<u16> = 1..=16;

/// Containers whose length ffprobe would only guess, from the first frames.
const GUESSED: [&str; 2] = ["aac", "mp3"];

/// Containers in which ffmpeg finds every sample exactly and whose frames are decoded each by itself.
const SEEKABLE: [&str; 2] = ["wv", "tta"];

/// The least that a second of sound takes, in bytes. Silence takes less in some formats, and is counted then.
const BYTES_A_SECOND: u64 = 32;

const NANOS: u128 = 1_000_000_000;

/// Claimed lengths up to this many seconds are always accepted.
const BELIEVED: u64 = 60;

/// How long a sound is, in samples.
pub(super) enum Length {
    /// As the head says.
    Known(u64),
    /// The head does not say it, or nothing that could be.
    Unknown,
}

/// What a file is like.
pub(super) struct Probed {
    pub(super) rate: u32,
    pub(super) speakers: Speakers,
    pub(super) length: Length,
    /// Whether decoding from a place on gives the samples of decoding from the start.
    pub(super) is_seekable: bool,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    streams: Vec<StreamAnswer>,
    format: Option<FormatAnswer>,
}

#[derive(Deserialize)]
struct StreamAnswer {
    sample_rate: Option<String>,
    channels: Option<u16>,
    channel_layout: Option<String>,
    time_base: Option<String>,
    duration_ts: Option<u64>,
}

#[derive(Deserialize)]
struct FormatAnswer {
    format_name: Option<String>,
    duration: Option<String>,
}

/// Asks ffprobe.
///
/// # Errors
/// [`Error::Unsupported`] when it does not know the file.
pub(super) fn probe(program: &Path, file: &AudioFile) -> Result<Probed, Error> {
    let mut command = command(program);
    command
        .args(["-select_streams", "a:0", "-of", "json", "-show_entries"])
        .arg("stream=sample_rate,channels,channel_layout,time_base,duration_ts:format=format_name,duration")
        .args(INPUT);
    let mut process = Process::start(command, file.try_clone_file().map_err(Error::Io)?).map_err(Error::Io)?;
    let (mut text, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match process.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) if text.len() < MAX_ANSWER => text.extend(&buffer[..read]),
            Ok(_) => return Err(unsupported("ffprobe does not come to an end at it")),
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => return Err(Error::Hung),
            Err(error) => return Err(Error::Io(error)),
        }
    }
    let was_killed = process.was_killed();
    let answer: Option<Answer> = serde_json::from_slice(&text).ok().filter(|_| !was_killed);
    answer.and_then(|answer| read(&answer, file.len())).ok_or_else(|| {
        let reason = process.complaint().unwrap_or_else(|| "it has no sound".to_owned());
        Error::Unsupported(format!("ffmpeg cannot decode it either ({reason})"))
    })
}

fn read(answer: &Answer, bytes: u64) -> Option<Probed> {
    let stream = answer.streams.first()?;
    let rate = stream.sample_rate.as_ref()?.parse().ok().filter(|rate| SAMPLE_RATES.contains(rate))?;
    let channels = stream.channels.filter(|channels| CHANNELS.contains(channels))?;
    let speakers = stream.channel_layout.as_deref().and_then(positions).map(Speakers::Positions);
    let speakers = speakers.filter(|speakers| speakers.count() == usize::from(channels));
    let format = answer.format.as_ref()?;
    let is_one_of = |names: &[&str]| {
        format.format_name.as_ref().is_some_and(|format| format.split(',').any(|name| names.contains(&name)))
    };
    let length = stream_length(stream, rate).or_else(|| {
        let duration = Duration::try_from_secs_f64(format.duration.as_ref()?.parse().ok()?).ok()?;
        let samples = duration.as_nanos().checked_mul(u128::from(rate))?;
        u64::try_from((samples + NANOS / 2) / NANOS).ok()
    });
    let most = (BELIEVED + bytes / BYTES_A_SECOND).saturating_mul(u64::from(rate));
    let length = length.filter(|length| (1..=most).contains(length) && !is_one_of(&GUESSED));
    Some(Probed {
        rate,
        speakers: speakers.unwrap_or(Speakers::Count(channels)),
        length: length.map_or(Length::Unknown, Length::Known),
        is_seekable: is_one_of(&SEEKABLE),
    })
}

/// The length in the units of the stream, which are often its samples.
fn stream_length(stream: &StreamAnswer, rate: u32) -> Option<u64> {
    let (over, under) = stream.time_base.as_ref()?.split_once('/')?;
    let (over, under): (u128, u128) = (over.parse().ok()?, under.parse().ok()?);
    let samples = u128::from(stream.duration_ts?) * over * u128::from(rate);
    u64::try_from(samples.checked_add(under / 2)?.checked_div(under)?).ok()
}

/// The positions of a layout, by the name that ffmpeg gives it.
fn positions(layout: &str) -> Option<u32> {
    Some(match layout {
        "mono" => 0x4,
        "stereo" | "downmix" => 0x3,
        "2.1" => 0xb,
        "3.0" => 0x7,
        "3.0(back)" => 0x103,
        "3.1" => 0xf,
        "4.0" => 0x107,
        "4.1" => 0x10f,
        "quad" => 0x33,
        "quad(side)" => 0x603,
        "5.0" => 0x37,
        "5.0(side)" => 0x607,
        "5.1" => 0x3f,
        "5.1(side)" => 0x60f,
        "6.0" => 0x707,
        "6.1" => 0x70f,
        "7.0" => 0x637,
        "7.1" => 0x63f,
        "7.1(wide)" => 0xff,
        _ => return None,
    })
}
