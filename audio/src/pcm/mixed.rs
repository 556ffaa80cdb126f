//! More than two channels mixed down to two, as ITU-R BS.775-3 (annex 4) has it. Which file needs it is decided
//! above.

use super::{Pcm, Planes, Shape, Speakers, silence};
use crate::Error;

/// Positions by their bit, as in WAVE files.
const FRONT_LEFT: u32 = 1 << 0;
const FRONT_RIGHT: u32 = 1 << 1;
const FRONT_CENTER: u32 = 1 << 2;
const LOW_FREQUENCY: u32 = 1 << 3;
const LEFT: u32 = 1 << 4 | 1 << 6 | 1 << 9 | 1 << 12 | 1 << 15;
const RIGHT: u32 = 1 << 5 | 1 << 7 | 1 << 10 | 1 << 14 | 1 << 17;

/// −3 dB, the weight of the centre and of the channels at the side and behind.
const MINUS_3_DB: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// Two channels.
pub struct Mixed {
    source: Box<dyn Pcm>,
    /// For each channel of the source its weight on the left and on the right.
    weights: Vec<[f32; 2]>,
    planes: Planes,
}

impl Mixed {
    /// Mixes the channels of `source`.
    #[must_use]
    pub fn new(source: Box<dyn Pcm>) -> Self {
        let weights = weights(source.shape().speakers);
        Self { source, weights, planes: Planes::new() }
    }
}

/// The weights; they add up to one on each side at most, so that nothing is louder than it may be.
fn weights(speakers: Speakers) -> Vec<[f32; 2]> {
    let mut weights: Vec<[f32; 2]> = match speakers {
        Speakers::Positions(mask) => {
            (0..u32::BITS).map(|bit| 1 << bit).filter(|position| mask & position != 0).map(weight).collect()
        }
        // Without places the first two are taken for the front, and the others for everywhere.
        Speakers::Count(count) => (0..count)
            .map(|channel| match channel {
                0 => [1.0, 0.0],
                1 => [0.0, 1.0],
                _ => [0.5; 2],
            })
            .collect(),
    };
    let loudest = [0, 1].map(|side| weights.iter().map(|weight| weight[side]).sum::<f32>());
    let loudest = loudest[0].max(loudest[1]).max(1.0);
    for side in weights.iter_mut().flatten() {
        *side /= loudest;
    }
    weights
}

fn weight(position: u32) -> [f32; 2] {
    match position {
        FRONT_LEFT => [1.0, 0.0],
        FRONT_RIGHT => [0.0, 1.0],
        FRONT_CENTER => [MINUS_3_DB; 2],
        // What it adds is in the other channels as well, and small speakers have no use for it.
        LOW_FREQUENCY => [0.0; 2],
        left if left & LEFT != 0 => [MINUS_3_DB, 0.0],
        right if right & RIGHT != 0 => [0.0, MINUS_3_DB],
        // Behind or above in the middle.
        _ => [0.5; 2],
    }
}

impl Pcm for Mixed {
    fn shape(&self) -> Shape {
        Shape { speakers: Speakers::Count(2), ..self.source.shape() }
    }

    fn read(&mut self, first: u64, count: usize, out: &mut Planes) -> Result<(), Error> {
        self.source.read(first, count, &mut self.planes)?;
        silence(out, 2, count);
        for (plane, weights) in self.planes.iter().zip(&self.weights) {
            for (mixed, weight) in out.iter_mut().zip(weights) {
                for (mixed, sample) in mixed.iter_mut().zip(plane) {
                    *mixed += sample * weight;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_channels_keep_their_balance_and_never_clip() {
        // Front left, right, centre, low frequencies, behind left and right.
        let weights = weights(Speakers::Positions(0b11_1111));
        let total = 1.0 + 2.0 * MINUS_3_DB;
        let is = |weight: f32, expected: f32| (weight - expected).abs() < 1e-6;
        assert_eq!(weights.len(), 6);
        assert!(is(weights[0][0], 1.0 / total) && is(weights[0][1], 0.0));
        assert!(is(weights[2][0], MINUS_3_DB / total) && is(weights[2][1], MINUS_3_DB / total));
        assert!(weights[3].into_iter().all(|weight| is(weight, 0.0)));
        assert!(weights[4][0] > 0.0 && is(weights[4][1], 0.0) && is(weights[5][0], 0.0));
        for side in [0, 1] {
            assert!(weights.iter().map(|weight| weight[side]).sum::<f32>() <= 1.0 + 1e-6);
        }
    }
}
