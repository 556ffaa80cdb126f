//! Another sample rate, readable at any place. Which rate is wanted is decided above.
//!
//! The resampler works in units of fixed length, and one unit depends on itself and the one before it. Whoever jumps
//! runs it over the unit before first: then a place sounds the same however it was reached.

use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::{Fft, FixedSync, Resampler, WindowFunction};

use model::limits::sound::RATE_RATIO;

use super::{Pcm, Planes, Shape, guarded, silence};
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
        let (taken, given) = ratio(from.rate, rate);
        // The middle of a filter of odd length lies between two samples, and the sound would be late by half of one.
        let ratios = UNIT_SAMPLES.div_ceil(taken as usize);
        let ratios = if ratios * taken as usize % 2 == 1 { ratios + 1 } else { ratios };
        let resampler = guarded(|| {
            Fft::new_custom(
                taken as usize,
                given as usize,
                ratios * taken as usize,
                1,
                channels,
                WindowFunction::BlackmanHarris2,
                FixedSync::Both,
            )
        });
        let resampler = resampler.ok_or_else(failed)?.map_err(|error| Error::Unsupported(error.to_string()))?;
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
        let resampler = &mut self.resampler;
        guarded(|| resampler.process_into_buffer(&input, &mut output, None).map_err(|error| wrong(&error)))
            .ok_or_else(failed)??;
        self.ready = Some(unit);
        Ok(())
    }
}

fn failed() -> Error {
    Error::Unsupported("its sample rate cannot be changed".to_owned())
}

/// The ratio of two rates in numbers of which none is above [`RATE_RATIO`]: exact where there are such, and else the
/// best of its continued fraction, by which an hour is off by less than a tenth of a second. The rates of real files
/// have small ratios; the filter for one of large numbers would take hundreds of megabytes.
fn ratio(from: u32, to: u32) -> (u32, u32) {
    let (mut before, mut best) = ((0, 1), (1, 0));
    let (mut rest, mut divisor) = (u64::from(from), u64::from(to));
    while divisor > 0 {
        let whole = rest / divisor;
        let next = (whole * best.0 + before.0, whole * best.1 + before.1);
        if next.0.max(next.1) > u64::from(RATE_RATIO) {
            // As much of this step as there is room for; it comes nearer if that is more than half.
            let room = |best: u64, before: u64| (u64::from(RATE_RATIO) - before).checked_div(best).unwrap_or(whole);
            let part = room(best.0, before.0).min(room(best.1, before.1));
            if 2 * part > whole {
                best = (part * best.0 + before.0, part * best.1 + before.1);
            }
            break;
        }
        (before, best) = (best, next);
        (rest, divisor) = (divisor, rest % divisor);
    }
    // Both are below the limit, and neither is zero: rates differ by less than it.
    (u32::try_from(best.0).unwrap_or(1).max(1), u32::try_from(best.1).unwrap_or(1).max(1))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_of_real_rates_are_exact() {
        for from in [
            8_000, 11_025, 12_000, 16_000, 18_900, 22_050, 22_254, 22_255, 24_000, 32_000, 37_800, 44_056, 44_100,
            47_952, 48_000, 48_048, 50_000, 50_400, 64_000, 88_200, 96_000, 128_000, 176_400, 192_000, 352_800,
            384_000, 705_600, 768_000,
        ] {
            for to in [32_000, 44_100, 48_000] {
                let (taken, given) = ratio(from, to);
                assert_eq!(u64::from(taken) * u64::from(to), u64::from(given) * u64::from(from), "{from} to {to}");
            }
        }
    }

    #[test]
    fn ratios_of_odd_rates_are_small_and_nearly_exact() {
        for from in (4_000..768_000).step_by(7_919).chain([4_001, 48_001, 99_991, 191_999, 767_999]) {
            let (taken, given) = ratio(from, 48_000);
            assert!(taken.max(given) <= RATE_RATIO, "{from}: {taken}/{given}");
            let error = f64::from(taken) / f64::from(given) * 48_000.0 / f64::from(from) - 1.0;
            assert!(error.abs() * 3_600.0 < 0.1, "{from}: {taken}/{given} is off by {error}");
        }
    }
}
