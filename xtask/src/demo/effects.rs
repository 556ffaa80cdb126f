//! The room around the music: an echo that goes from side to side, and a reverb.
//! What the tape does to the sound is in `tape`.

use super::filters::{HighPass, LowPass};
use super::stereo::{Stereo, samples};

/// Adds echoes `seconds` apart, first on the left, each darker and half as loud as the one before.
pub(super) fn echo(sound: &mut Stereo, seconds: f32) {
    let delay = samples(seconds, sound.rate);
    if delay == 0 {
        return;
    }
    let darkness = LowPass::coefficient(2200.0, sound.hertz());
    let mut filters = [LowPass::default(); 2];
    let mut lines = [vec![0.0_f32; delay], vec![0.0_f32; delay]];
    let mut place = 0;
    for (left, right) in sound.left.iter_mut().zip(&mut sound.right) {
        let heard = [lines[0][place], lines[1][place]];
        // Each side feeds the other.
        lines[0][place] = 0.5 * (*left + *right) + 0.45 * filters[1].next(heard[1], darkness);
        lines[1][place] = 0.7 * filters[0].next(heard[0], darkness);
        *left += 0.4 * heard[0];
        *right += 0.4 * heard[1];
        place = (place + 1) % delay;
    }
}

/// The delays of the reverb in seconds: no two have a common period, so no pitch stands out.
const DELAYS: [f32; 8] = [0.0297, 0.0371, 0.0411, 0.0437, 0.0533, 0.0617, 0.0683, 0.0797];

/// Replaces a sound by its reverb, which takes `decay` seconds to fall by 60 dB.
///
/// A feedback network after Stautner and Puckette: eight delays that feed each other through a matrix that neither
/// loses nor adds energy, so that the decay is set by the gains alone.
pub(super) fn reverb(sound: &mut Stereo, decay: f32) {
    let rate = sound.hertz();
    let mut lines = DELAYS.map(|delay| vec![0.0_f32; samples(delay, sound.rate)]);
    let gains = DELAYS.map(|delay| 10_f32.powf(-3.0 * delay / decay));
    let mut places = [0_usize; 8];
    let mut dampers = [LowPass::default(); 8];
    let mut rumbles = [HighPass::default(); 2];
    let (damping, rumble) = (LowPass::coefficient(3800.0, rate), HighPass::coefficient(160.0, rate));
    for (left, right) in sound.left.iter_mut().zip(&mut sound.right) {
        // The low end stays dry: reverberant bass is mud.
        let input = [rumbles[0].next(*left, rumble), rumbles[1].next(*right, rumble)];
        let mut outs = [0.0; 8];
        for line in 0..8 {
            outs[line] = gains[line] * dampers[line].next(lines[line][places[line]], damping);
        }
        *left = 0.6 * (outs[0] - outs[2] + outs[4] - outs[6]);
        *right = 0.6 * (outs[1] - outs[3] + outs[5] - outs[7]);
        // Householder's matrix: each line gets itself less a quarter of the sum.
        let quarter = 0.25 * outs.iter().sum::<f32>();
        for line in 0..8 {
            lines[line][places[line]] = outs[line] - quarter + input[line % 2];
            places[line] += 1;
            if places[line] == lines[line].len() {
                places[line] = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reverb_dies_away() {
        let mut click = Stereo::silence(3.0, 8000);
        click.left[0] = 1.0;
        reverb(&mut click, 1.0);
        let energy = |part: &[f32]| part.iter().map(|sample| sample * sample).sum::<f32>();
        assert!(energy(&click.left[..8000]) > 1e-3);
        assert!(energy(&click.left[16000..]) < 1e-6 * energy(&click.left[..8000]));
    }
}
