//! Damages the bytes of a good file in the way that disks, half-finished copies and people who mean harm do. The same
//! seed always gives the same damage. What reads the bytes is not known here: tests of other crates include this file
//! by its path.

/// Most kinds of files say what they are in so many bytes; half of the damage goes there.
const HEAD_BYTES: usize = 512;

/// The longest range that is doubled or removed in one step.
const MAX_RANGE: usize = 4096;

/// Whole numbers at the edges of their types and of what programs do with them.
const EXTREMES: [u64; 18] = [
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x00ff_ffff,
    0x7fff_fffe,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fff0,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_ffff,
];

/// Floating-point numbers that arithmetic does not expect: NaN, infinity, and values near the ends of the range.
const FLOATS: [f32; 7] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e20, -1e38, f32::MIN_POSITIVE, -0.0];

/// A row of numbers without order that a seed decides (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// A number from 0 to `end` without it; 0 when that is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// A damaged copy of `original`: one to a dozen wrong places, a few of them more often than many.
pub(crate) fn mutate(original: &[u8], seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut bytes = original.to_vec();
    let count = random.pick(&[1, 1, 1, 2, 2, 3, 5, 12]);
    for _ in 0..count {
        damage(&mut bytes, &mut random);
    }
    bytes
}

fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    if bytes.is_empty() {
        bytes.push(random.pick(&[0, 0x7f, 0xff]));
        return;
    }
    let end = if random.next().is_multiple_of(2) { bytes.len().min(HEAD_BYTES) } else { bytes.len() };
    let place = random.below(end);
    match random.below(16) {
        0..=3 => bytes[place] ^= 1 << random.below(8),
        4..=6 => bytes[place] = random.pick(&[0, 0xff, 0x7f, 0x80, 1]),
        7..=9 => {
            let (value, width) = (random.pick(&EXTREMES), random.pick(&[2, 4, 4, 4, 8]));
            if random.next().is_multiple_of(2) {
                overwrite(bytes, place, &value.to_le_bytes()[..width]);
            } else {
                overwrite(bytes, place, &value.to_be_bytes()[8 - width..]);
            }
        }
        10 => {
            let value = random.pick(&FLOATS);
            // Samples lie at places that their width divides.
            let (place, bits) = (place & !3, value.to_bits());
            let value = if random.next().is_multiple_of(2) { bits.to_le_bytes() } else { bits.to_be_bytes() };
            overwrite(bytes, place, &value);
        }
        11 => {
            let wild: Vec<u8> = (0..=random.below(64)).map(|_| (random.next() & 0xff) as u8).collect();
            overwrite(bytes, place, &wild);
        }
        12 => bytes.truncate(place),
        13 => {
            let range = bytes[place..(place + 1 + random.below(MAX_RANGE)).min(bytes.len())].to_vec();
            bytes.splice(place..place, range);
        }
        14 => {
            let end = (place + 1 + random.below(MAX_RANGE)).min(bytes.len());
            bytes.drain(place..end);
        }
        _ => number(bytes, place, random),
    }
}

fn overwrite(bytes: &mut [u8], place: usize, with: &[u8]) {
    for (byte, with) in bytes[place..].iter_mut().zip(with) {
        *byte = *with;
    }
}

/// Puts an extreme number where one is written in digits, the next after `place`; in files that are no text it does
/// mostly nothing, or moves what follows.
fn number(bytes: &mut Vec<u8>, place: usize, random: &mut Random) {
    let Some(start) = bytes[place..].iter().position(u8::is_ascii_digit).map(|at| place + at) else { return };
    let end = bytes[start..].iter().position(|byte| !byte.is_ascii_digit()).map_or(bytes.len(), |at| start + at);
    let sign = random.pick(&["", "", "-"]);
    let value = random.pick(&EXTREMES);
    bytes.splice(start..end, format!("{sign}{value}").into_bytes());
}
