//! A cover that is drawn from nothing but the title: the card of a cassette with a print on it. The same title always
//! has the same one; the title itself is set beside it by the page.

use std::f32::consts::TAU;

use image::RgbImage;
use sha2::{Digest, Sha256};

use super::print::{Chance, Ink, Point, Sheet, both, disc, rectangle, ring};
use super::{Covers, MIXTAPE_SIDE, encode, worked_on};
use crate::Error;

const PAPER: Ink = [0xf3, 0xea, 0xd8];
const INK: Ink = [0x2e, 0x2b, 0x2f];
const RUST: Ink = [0xb8, 0x50, 0x2d];
const OCHRE: Ink = [0xd9, 0xa0, 0x45];
const TAPE: Ink = [0x68, 0x44, 0x31];
const SAGE: Ink = [0x86, 0x98, 0x7c];
const SLATE: Ink = [0x5b, 0x6f, 0x7d];
const ROSE: Ink = [0xcf, 0x9d, 0x8c];

/// Grounds of the print with three inks that go with each.
const PALETTES: [(Ink, [Ink; 3]); 6] = [
    (OCHRE, [RUST, PAPER, TAPE]),
    (SAGE, [PAPER, INK, OCHRE]),
    (SLATE, [OCHRE, PAPER, RUST]),
    (ROSE, [RUST, PAPER, SLATE]),
    (INK, [RUST, OCHRE, PAPER]),
    (TAPE, [OCHRE, PAPER, RUST]),
];

/// The print on the card.
const LEFT: f32 = 0.155;
const TOP: f32 = 0.07;
const RIGHT: f32 = 0.93;
const BOTTOM: f32 = 0.74;

impl Covers {
    /// Draws the cover for a title and keeps it; answers its file name below `/covers/`. Another `variant` is another
    /// drawing for the same title.
    ///
    /// # Errors
    /// When the cover cannot be kept.
    pub async fn generate(&self, title: &str, variant: u32) -> Result<String, Error> {
        let title = title.to_owned();
        let drawn = worked_on(move || encode::fine_jpeg(&draw(&title, variant)));
        self.store().keep_cover(&drawn.await?.map_err(Error::DamagedPicture)?).await
    }
}

fn draw(title: &str, variant: u32) -> RgbImage {
    let hash = Sha256::new().chain_update(title.trim()).chain_update(variant.to_le_bytes()).finalize();
    let seed = hash.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte));
    let mut chance = Chance::new(seed);
    let side = u16::try_from(MIXTAPE_SIDE).unwrap_or(u16::MAX);
    let mut sheet = Sheet::new(side, PAPER);
    // The fold of the card, and the lines for the pen.
    sheet.print(RUST, rectangle(-0.1, -0.1, 0.085, 1.1));
    sheet.print([0xd8, 0xcc, 0xb6], rectangle(0.085, -0.1, 0.092, 1.1));
    for line in [0.815, 0.875, 0.935] {
        sheet.print([0xb9, 0xab, 0x95], rectangle(LEFT, line, RIGHT, line + 0.002));
    }
    let (ground, inks) = PALETTES[chance.below(PALETTES.len())];
    sheet.print(ground, window(|_| -1.0));
    let motifs = [sun, reels, hills, tiles, bars, rays];
    motifs[chance.below(motifs.len())](&mut sheet, &mut chance, ground, inks);
    sheet.finish(chance)
}

/// The part of a shape that is on the print.
fn window(shape: impl Fn(Point) -> f32) -> impl Fn(Point) -> f32 {
    both(shape, rectangle(LEFT, TOP, RIGHT, BOTTOM))
}

/// A sun in rings above the sea.
fn sun(sheet: &mut Sheet, chance: &mut Chance, ground: Ink, [first, second, third]: [Ink; 3]) {
    let (middle, horizon) =
        (Point::new(chance.between(0.38, 0.70), chance.between(0.32, 0.42)), chance.between(0.46, 0.54));
    for (radius, ink) in [(0.34, third), (0.28, ground), (0.235, second), (0.18, first)] {
        sheet.print(ink, window(disc(middle, radius)));
    }
    let length = chance.between(0.14, 0.26);
    for (wave, ink) in (0_u8..5).zip([third, second, first, ground, third]) {
        let (top, shift) = (horizon + 0.055 * f32::from(wave), chance.unit() * TAU);
        let height = 0.008 + 0.003 * f32::from(wave);
        sheet.print(ink, window(move |point| top + height * (TAU * point.x / length + shift).sin() - point.y));
    }
}

/// Two reels and the tape between them.
fn reels(sheet: &mut Sheet, chance: &mut Chance, ground: Ink, [first, second, third]: [Ink; 3]) {
    let played = chance.between(0.25, 0.75);
    let (left, right) = (Point::new(0.362, 0.35), Point::new(0.723, 0.35));
    sheet.print(third, window(rectangle(LEFT, 0.60, RIGHT, 0.616)));
    sheet.print(second, window(rectangle(LEFT, 0.632, RIGHT, 0.640)));
    for (middle, share, ink) in [(left, 1.0 - played, first), (right, played, third)] {
        let radius = 0.10 + 0.12 * share;
        sheet.print(ink, window(disc(middle, radius)));
        for turn in (1_u8..7).map(f32::from).filter(|turn| 0.075 + 0.02 * turn < radius) {
            sheet.print(ground, window(ring(middle, 0.075 + 0.02 * turn, 0.0025)));
        }
        sheet.print(second, window(disc(middle, 0.062)));
        sheet.print(ground, window(disc(middle, 0.024)));
        let turned = chance.unit() * TAU;
        for tooth in (0_u8..6).map(f32::from) {
            let (sin, cos) = (turned + tooth * TAU / 6.0).sin_cos();
            sheet.print(ground, window(disc(Point::new(middle.x + 0.047 * cos, middle.y + 0.047 * sin), 0.008)));
        }
    }
}

/// Hills behind hills, and a moon.
fn hills(sheet: &mut Sheet, chance: &mut Chance, ground: Ink, [first, second, third]: [Ink; 3]) {
    let moon = Point::new(chance.between(0.3, 0.8), chance.between(0.18, 0.28));
    sheet.print(second, window(disc(moon, chance.between(0.05, 0.09))));
    for (hill, ink) in (0_u8..5).zip([third, first, second, ground, third]) {
        let top = 0.36 + 0.085 * f32::from(hill);
        let [wide, narrow] = [chance.between(0.5, 0.9), chance.between(0.18, 0.35)];
        let [shift, other] = [chance.unit() * TAU, chance.unit() * TAU];
        let crest =
            move |x: f32| top + 0.045 * (TAU * x / wide + shift).sin() + 0.018 * (TAU * x / narrow + other).sin();
        sheet.print(ink, window(move |point| crest(point.x) - point.y));
    }
}

/// Quarters and halves of discs in a grid, as on a kitchen floor.
fn tiles(sheet: &mut Sheet, chance: &mut Chance, _: Ink, inks: [Ink; 3]) {
    let (columns, rows) = (4_u8, 4_u8);
    let (width, height) = ((RIGHT - LEFT) / f32::from(columns), (BOTTOM - TOP) / f32::from(rows));
    for row in 0..rows {
        for column in 0..columns {
            let (left, top) = (LEFT + width * f32::from(column), TOP + height * f32::from(row));
            let tile = rectangle(left, top, left + width, top + height);
            let corner = |right: bool, down: bool| {
                Point::new(if right { left + width } else { left }, if down { top + height } else { top })
            };
            let ink = inks[chance.below(inks.len())];
            match chance.below(4) {
                0 => sheet
                    .print(ink, both(disc(Point::new(left + width / 2.0, top + height / 2.0), 0.36 * height), tile)),
                1 => {
                    let at = corner(chance.below(2) == 0, chance.below(2) == 0);
                    sheet.print(ink, both(disc(at, height), tile));
                    sheet.print(inks[chance.below(inks.len())], both(disc(at, 0.5 * height), tile));
                }
                2 => {
                    let at = corner(chance.below(2) == 0, chance.below(2) == 0);
                    for step in 1_u8..=3 {
                        sheet.print(ink, both(ring(at, 0.3 * height * f32::from(step), 0.035), tile));
                    }
                }
                _ => sheet.print(ink, tile),
            }
        }
    }
}

/// The level of the sound, bar by bar.
fn bars(sheet: &mut Sheet, chance: &mut Chance, _: Ink, [first, second, third]: [Ink; 3]) {
    const BARS: u8 = 17;
    let step = (RIGHT - LEFT) / f32::from(BARS);
    let (shift, loudest) = (chance.unit() * TAU, chance.below(usize::from(BARS)));
    sheet.print(third, window(rectangle(LEFT, 0.4035, RIGHT, 0.4065)));
    for bar in 0..BARS {
        let along = f32::from(bar) / f32::from(BARS);
        let swell = 0.5 + 0.5 * (TAU * along + shift).sin();
        let height = 0.02 + 0.24 * swell * chance.between(0.35, 1.0);
        let middle = LEFT + step * (f32::from(bar) + 0.5);
        let ink = if usize::from(bar) == loudest { first } else { second };
        sheet.print(ink, window(rectangle(middle - 0.3 * step, 0.405 - height, middle + 0.3 * step, 0.405 + height)));
    }
}

/// Rays from behind the edge.
fn rays(sheet: &mut Sheet, chance: &mut Chance, ground: Ink, [first, second, third]: [Ink; 3]) {
    let heart = Point::new(chance.between(0.35, 0.75), BOTTOM + chance.between(-0.06, 0.04));
    let (count, turned) = (f32::from(9 + u8::try_from(chance.below(3) * 2).unwrap_or(0)), chance.unit() * TAU);
    for (half, ink) in [(0.0, second), (0.5, third)] {
        let ray = move |point: Point| {
            let angle = (point.y - heart.y).atan2(point.x - heart.x) + turned;
            let place = (angle * count / TAU - half).rem_euclid(1.0);
            // Half of the way round to the next one, measured along the arc.
            ((place - 0.5).abs() - 0.125) * point.to(heart) * TAU / count
        };
        sheet.print(ink, window(ray));
    }
    for (radius, ink) in [(0.25, ground), (0.21, first), (0.12, ground), (0.085, second)] {
        sheet.print(ink, window(disc(heart, radius)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_has_one_cover_and_another_title_another() {
        let one = draw("Rheinpromenade", 0);
        assert_eq!(one.dimensions(), (1200, 1200));
        assert!(one == draw(" Rheinpromenade ", 0) && one != draw("Rheinpromenade", 1) && one != draw("東京", 0));
    }

    /// To be looked at: `cargo test -p library looks -- --ignored` writes a sheet of them.
    #[test]
    #[ignore = "for people"]
    fn looks() {
        let mut sheet = RgbImage::new(1200, 900);
        for number in 0..12_u32 {
            let small = encode::exactly(draw("A title", number), 300, 300).unwrap();
            image::imageops::replace(&mut sheet, &small, i64::from(number % 4 * 300), i64::from(number / 4 * 300));
        }
        sheet.save(std::env::temp_dir().join("generated-covers.png")).unwrap();
    }
}
