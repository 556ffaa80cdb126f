//! The covers: four prints in the same few inks, one for each release and one for the mixtape.
//! They carry no lettering; the pages set the titles beside them.

use std::f32::consts::{PI, TAU};

use image::codecs::jpeg::JpegEncoder;

use super::Failure;
use super::paper::{CREAM, INK, Ink, OCHRE, Paper, Point, RUST, SAGE, TAPE};

/// A cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cover {
    /// A low sun behind a bridge of three arches.
    Bridge,
    /// A sunflower.
    Sunflower,
    /// Nine tiles.
    Tiles,
    /// Two reels, one of them the evening sun.
    Reels,
}

impl Cover {
    /// The cover as a JPEG of `size` pixels a side.
    pub(super) fn jpeg(self, size: u16) -> Result<Vec<u8>, Failure> {
        let paper = match self {
            Self::Bridge => bridge(size),
            Self::Sunflower => sunflower(size),
            Self::Tiles => tiles(size),
            Self::Reels => reels(size),
        };
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 88).encode_image(&paper.finish())?;
        Ok(bytes)
    }
}

/// The distance from a disc.
fn disc(centre: Point, radius: f32) -> impl Fn(Point) -> f32 + Copy {
    move |point| point.to(centre) - radius
}

/// The distance from a circle drawn with a pen.
fn ring(centre: Point, radius: f32, pen: f32) -> impl Fn(Point) -> f32 + Copy {
    move |point| (point.to(centre) - radius).abs() - 0.5 * pen
}

/// The distance from a rectangle, given by its corners.
fn rectangle(left: f32, top: f32, right: f32, bottom: f32) -> impl Fn(Point) -> f32 + Copy {
    move |point| (left - point.x).max(point.x - right).max(top - point.y).max(point.y - bottom)
}

/// What two shapes share.
fn both(a: impl Fn(Point) -> f32, b: impl Fn(Point) -> f32) -> impl Fn(Point) -> f32 {
    move |point| a(point).max(b(point))
}

/// A shape without another one.
fn without(a: impl Fn(Point) -> f32, b: impl Fn(Point) -> f32) -> impl Fn(Point) -> f32 {
    move |point| a(point).max(-b(point))
}

fn bridge(size: u16) -> Paper {
    let mut paper = Paper::new(size, CREAM, 11);
    let sun = Point::new(0.5, 0.42);
    // The sky: rings of light that are cut off by the frame.
    let frame = rectangle(0.07, 0.07, 0.93, 0.93);
    paper.print(OCHRE, both(frame, disc(sun, 0.40)));
    paper.print(CREAM, both(frame, disc(sun, 0.335)));
    paper.print(OCHRE, both(frame, disc(sun, 0.315)));
    paper.print(RUST, disc(sun, 0.25));
    // Three arches, the middle one in front of the sun, with their hangers.
    let road = 0.565;
    for centre in [0.1985, 0.5, 0.8015] {
        let foot = Point::new(centre, road + 0.06);
        let arch = move |radius, pen| both(ring(foot, radius, pen), rectangle(centre - 0.16, 0.0, centre + 0.16, road));
        paper.print(INK, both(frame, arch(0.157, 0.013)));
        for hanger in -4_i8..=4 {
            let x = centre + 0.032 * f32::from(hanger);
            let top = foot.y - (0.157_f32.powi(2) - (x - centre).powi(2)).sqrt();
            paper.print(INK, both(frame, rectangle(x - 0.002, top, x + 0.002, road)));
        }
    }
    paper.print(INK, rectangle(0.07, road - 0.008, 0.93, road + 0.014));
    for pier in [0.3492, 0.6508] {
        paper.print(INK, rectangle(pier - 0.017, road, pier + 0.017, 0.70));
    }
    // The river, in bands that are nearer the lower they are.
    let bands: [(f32, Ink); 6] =
        [(0.635, SAGE), (0.675, CREAM), (0.70, TAPE), (0.765, RUST), (0.80, OCHRE), (0.855, INK)];
    for (band, (top, ink)) in (0_u8..).zip(bands) {
        let near = (top - 0.6) / 0.3;
        let (height, length) = (0.006 + 0.010 * near, 0.11 + 0.12 * near);
        let water = move |point: Point| top + height * (TAU * point.x / length + 1.9 * f32::from(band)).sin() - point.y;
        paper.print(ink, both(frame, water));
    }
    paper
}

fn sunflower(size: u16) -> Paper {
    let mut paper = Paper::new(size, CREAM, 12);
    let heart = Point::new(0.5, 0.425);
    // The stem and two leaves on a strip of lawn.
    paper.print(SAGE, rectangle(0.0, 0.875, 1.0, 1.0));
    paper.print(INK, rectangle(0.0, 0.868, 1.0, 0.875));
    paper.print(INK, rectangle(0.4925, 0.5, 0.5075, 0.875));
    for (side, ink) in [(-1.0, SAGE), (1.0, TAPE)] {
        let root = Point::new(0.5, 0.865);
        paper.print(ink, petal(root, side * 0.92, 0.0, 0.30, 0.060));
        paper.print(CREAM, vein(root, side * 0.92, 0.03, 0.26));
    }
    // Three rows of petals, each between those of the row behind it.
    let rows: [(f32, f32, f32, Ink); 3] = [(0.5, 0.385, 0.047, TAPE), (0.0, 0.365, 0.044, RUST), (0.5, 0.30, 0.037, OCHRE)];
    for (turn, length, width, ink) in rows {
        for index in 0_u8..18 {
            let angle = (f32::from(index) + turn) * TAU / 18.0;
            paper.print(CREAM, petal(heart, angle, 0.098, length + 0.008, width + 0.005));
            paper.print(ink, petal(heart, angle, 0.10, length, width));
        }
    }
    paper.print(CREAM, disc(heart, 0.175));
    paper.print(INK, disc(heart, 0.165));
    // Seeds lie where each is a golden angle farther round than the one before.
    let golden = PI * (3.0 - 5_f32.sqrt());
    for seed in 1_u8..=110 {
        let place = f32::from(seed);
        let (sin, cos) = (place * golden).sin_cos();
        let far = 0.150 * (place / 110.0).sqrt();
        let at = Point::new(heart.x + far * cos, heart.y + far * sin);
        paper.print(if seed < 30 { RUST } else { OCHRE }, disc(at, 0.0028 + 0.0022 * place / 110.0));
    }
    paper
}

/// A pointed oval that begins at a distance from its root and grows away from it; an angle of 0 points up.
fn petal(root: Point, angle: f32, begin: f32, end: f32, half: f32) -> impl Fn(Point) -> f32 + Copy {
    // Two discs share a lens that is as long as the petal and twice `half` wide.
    let reach = 0.5 * (end - begin);
    let radius = (reach * reach + half * half) / (2.0 * half);
    move |point| {
        let point = point.seen_from(root, angle);
        (point.x.abs() + radius - half).hypot(point.y + begin + reach) - radius
    }
}

/// A line away from a root.
fn vein(root: Point, angle: f32, begin: f32, end: f32) -> impl Fn(Point) -> f32 + Copy {
    move |point| {
        let point = point.seen_from(root, angle);
        (point.x.abs() - 0.002).max(begin + point.y).max(-point.y - end)
    }
}

fn tiles(size: u16) -> Paper {
    const TILE: f32 = 0.28;
    let mut paper = Paper::new(size, CREAM, 13);
    let grounds = [[RUST, CREAM, INK], [CREAM, OCHRE, SAGE], [TAPE, CREAM, RUST]];
    let signs = [[INK, RUST, OCHRE], [TAPE, INK, CREAM], [OCHRE, SAGE, CREAM]];
    for (row, top) in (0_u8..).zip([0.075, 0.36, 0.645]) {
        for (column, left) in (0_u8..).zip([0.075, 0.36, 0.645]) {
            let place = [usize::from(row), usize::from(column)];
            let (ground, ink) = (grounds[place[0]][place[1]], signs[place[0]][place[1]]);
            let tile = rectangle(left, top, left + TILE, top + TILE);
            paper.print(ground, tile);
            let at = move |x: f32, y: f32| Point::new(left + TILE * x, top + TILE * y);
            match (row, column) {
                _ => {
                    let _ = (ink, at);
                }
            }
        }
    }
    paper
}

fn reels(size: u16) -> Paper {
    Paper::new(size, CREAM, 14)
}
