//! Another sample rate, readable at any place. Which rate is wanted is decided above.
//!
//! The resampler works in units of fixed length, and one unit depends on itself and the one before it. Whoever jumps
//! runs it over the unit before first: then a place sounds the same however it was reached.

use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::{Fft, FixedSync, Resampler, WindowFunction};

use super::{Pcm, Planes, Shape, silence};
use crate::Error;

/// About how many samples a unit takes in; the filter is as long.
const UNIT_SAMPLES: usize = 2048;

/// A sound at another rate.
pub struct Resampled {
    source: Box<dyn Pcm>,
    shape: Shape,
    resampler: Fft<f32>,
    /// Samples that go into a unit, and that come out.
    unit: (usize, usize),
    /// The unit that `output` holds.
    ready: Option<u64>,
    input: Planes,
    output: Planes,
}

impl Resampled {
    /// The sound of `source` with `rate` samples a second.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a rate of the source that is none.
    pub fn new(source: Box<dyn Pcm>, rate: u32) -> Result<Self, Error> {
        let from = source.shape();
        let channels = from.speakers.count();
        let resampler = Fft::new_custom(
            from.rate as usize,
            rate as usize,
            UNIT_SAMPLES,
            1,
            channels,
            WindowFunction::BlackmanHarris2,
            FixedSync::Both,
        )
        .map_err(|error| Error::Unsupported(error.to_string()))?;
        let unit = (resampler.input_frames_next(), resampler.output_frames_next());
        let length = (u128::from(from.length) * u128::from(rate)).div_ceil(u128::from(from.rate.max(1)));
        let shape = Shape { rate, length: u64::try_from(length).unwrap_or(u64::MAX), ..from };
        Ok(Self { source, shape, resampler, unit, ready: None, input: Planes::new(), output: Planes::new() })
    }

    /// Makes `output` hold a unit.
    fn make(&mut self, unit: u64) -> Result<(), Error> {
        if self.ready == Some(unit) {
            return Ok(());
        }
        if unit > 0 && self.ready != Some(unit - 1) {
            self.resampler.reset();
            self.run(unit - 1)?;
        } else if unit == 0 {
            self.resampler.reset();
        }
        self.run(unit)
    }

    fn run(&mut self, unit: u64) -> Result<(), Error> {
        self.ready = None;
        let (taken, given) = self.unit;
        self.source.read(unit * taken as u64, taken, &mut self.input)?;
        let channels = self.input.len();
        silence(&mut self.output, channels, given);
        let wrong = |error: &dyn std::fmt::Display| Error::Unsupported(error.to_string());
        let input = SequentialSliceOfVecs::new(&self.input, channels, taken).map_err(|error| wrong(&error))?;
        let mut output =
            SequentialSliceOfVecs::new_mut(&mut self.output, channels, given).map_err(|error| wrong(&error))?;
        self.resampler.process_into_buffer(&input, &mut output, None).map_err(|error| wrong(&error))?;
        self.ready = Some(unit);
        Ok(())
    }
}

impl Pcm for Resampled {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn read(&mut self, first: u64, count: usize, out: &mut Planes) -> Result<(), Error> {
        silence(out, self.shape.speakers.count(), count);
        let given = self.unit.1 as u64;
        let mut filled = 0;
        while filled < count {
            // The filter is symmetrical, so everything comes out late by half of it.
            let place = first + filled as u64 + self.resampler.output_delay() as u64;
            self.make(place / given)?;
            let start = usize::try_from(place % given).unwrap_or(0);
            let taken = (self.unit.1 - start).min(count - filled);
            for (out, unit) in out.iter_mut().zip(&self.output) {
                out[filled..filled + taken].copy_from_slice(&unit[start..start + taken]);
            }
            filled += taken;
        }
        // What the filter rings after the end is no part of the sound.
        let sounding = usize::try_from(self.shape.length.saturating_sub(first)).unwrap_or(usize::MAX).min(count);
        for plane in out {
            plane[sounding..].fill(0.0);
        }
        Ok(())
    }
}
