//! The cover of the compilation: nine tiles, one for each thing that a quiet evening needs.
//! Pictures of a single thing are in `prints`.

use std::f32::consts::{FRAC_PI_2, FRAC_PI_4, TAU};

use super::paper::{CREAM, INK, Ink, OCHRE, Paper, Point, RUST, SAGE, TAPE};
use super::shapes::{both, disc, petal, rectangle, ring, without};

/// The side of a tile.
const SIDE: f32 = 0.275;

/// Where the rows and columns begin.
const PLACES: [f32; 3] = [0.075, 0.3625, 0.65];

/// What is on a tile.
type Sign = fn(&mut Tile<'_>);

/// Ground and sign of each tile, row by row.
const TILES: [(Ink, Sign); 9] = [
    (RUST, reel),
    (CREAM, rainbow),
    (INK, moonrise),
    (SAGE, leaves),
    (OCHRE, cup),
    (TAPE, hiss),
    (CREAM, dots),
    (INK, scales),
    (RUST, waves),
];

/// A tile of the sheet, with coordinates of its own that run from 0 to 1.
struct Tile<'a> {
    paper: &'a mut Paper,
    corner: Point,
}

impl Tile<'_> {
    /// Prints a shape that is given in the tile's coordinates, and cuts it off at the tile's edges.
    fn print(&mut self, ink: Ink, shape: impl Fn(Point) -> f32) {
        let Point { x, y } = self.corner;
        let shape = both(shape, rectangle(0.0, 0.0, 1.0, 1.0));
        self.paper.print(ink, |point| SIDE * shape(Point::new((point.x - x) / SIDE, (point.y - y) / SIDE)));
    }
}

/// The whole cover.
pub(super) fn print(size: u16) -> Paper {
    let mut paper = Paper::new(size, CREAM, 13);
    for (index, (ground, sign)) in TILES.into_iter().enumerate() {
        let corner = Point::new(PLACES[index % 3], PLACES[index / 3]);
        let mut tile = Tile { paper: &mut paper, corner };
        if ground == CREAM {
            // A tile of the paper's own colour needs an outline.
            tile.print(TAPE, without(rectangle(0.0, 0.0, 1.0, 1.0), rectangle(0.012, 0.012, 0.988, 0.988)));
        } else {
            tile.print(ground, rectangle(0.0, 0.0, 1.0, 1.0));
        }
        sign(&mut tile);
    }
    paper
}

const MIDDLE: Point = Point::new(0.5, 0.5);

fn reel(tile: &mut Tile<'_>) {
    tile.print(CREAM, disc(MIDDLE, 0.40));
    tile.print(TAPE, disc(MIDDLE, 0.375));
    for groove in [0.25, 0.29, 0.33] {
        tile.print(CREAM, ring(MIDDLE, groove, 0.008));
    }
    tile.print(CREAM, disc(MIDDLE, 0.20));
    tile.print(RUST, disc(MIDDLE, 0.10));
    for tooth in 0_u8..3 {
        let angle = f32::from(tooth) * TAU / 3.0;
        tile.print(RUST, move |point| rectangle(-0.02, 0.08, 0.02, 0.155)(point.seen_from(MIDDLE, angle)));
    }
}

fn rainbow(tile: &mut Tile<'_>) {
    let corner = Point::new(0.012, 0.988);
    for (lane, ink) in (0_u8..).zip([OCHRE, RUST, TAPE, SAGE]) {
        let inside = both(ring(corner, 0.32 + 0.16 * f32::from(lane), 0.12), rectangle(0.012, 0.0, 1.0, 0.988));
        tile.print(ink, inside);
    }
    tile.print(INK, both(disc(corner, 0.20), rectangle(0.012, 0.0, 1.0, 0.988)));
}

fn moonrise(tile: &mut Tile<'_>) {
    tile.print(OCHRE, disc(Point::new(0.5, 0.46), 0.30));
    // The lower it is, the more of it lies behind the haze.
    for (top, bottom) in [(0.46, 0.48), (0.54, 0.57), (0.62, 0.66), (0.70, 0.76)] {
        tile.print(INK, rectangle(0.0, top, 1.0, bottom));
    }
    for (x, y, radius) in [(0.17, 0.20, 0.014), (0.84, 0.16, 0.018), (0.72, 0.09, 0.010), (0.28, 0.08, 0.010)] {
        tile.print(CREAM, disc(Point::new(x, y), radius));
    }
}

fn leaves(tile: &mut Tile<'_>) {
    for quarter in 0_u8..4 {
        let angle = f32::from(quarter) * FRAC_PI_2;
        tile.print(CREAM, petal(MIDDLE, angle + FRAC_PI_4, 0.05, 0.60, 0.135));
        tile.print(INK, petal(MIDDLE, angle + FRAC_PI_4, 0.20, 0.54, 0.040));
        tile.print(OCHRE, petal(MIDDLE, angle, 0.10, 0.42, 0.055));
    }
    tile.print(RUST, disc(MIDDLE, 0.07));
}

fn cup(tile: &mut Tile<'_>) {
    let rim = Point::new(0.46, 0.48);
    tile.print(INK, ring(Point::new(0.73, 0.575), 0.085, 0.04));
    tile.print(CREAM, both(disc(rim, 0.28), rectangle(0.0, 0.48, 1.0, 1.0)));
    tile.print(RUST, both(without(disc(rim, 0.28), disc(rim, 0.22)), rectangle(0.0, 0.48, 1.0, 1.0)));
    tile.print(TAPE, rectangle(0.18, 0.48, 0.74, 0.515));
    tile.print(INK, rectangle(0.17, 0.79, 0.75, 0.82));
    for middle in [0.36, 0.46, 0.56] {
        let steam = move |point: Point| (point.x - middle - 0.025 * (TAU * point.y / 0.19).sin()).abs() - 0.011;
        tile.print(CREAM, both(steam, rectangle(0.0, 0.17, 1.0, 0.42)));
    }
}

fn hiss(tile: &mut Tile<'_>) {
    const HEIGHTS: [f32; 13] = [0.05, 0.11, 0.08, 0.19, 0.13, 0.28, 0.36, 0.24, 0.31, 0.15, 0.20, 0.09, 0.05];
    for (bar, height) in (0_u8..).zip(HEIGHTS) {
        let x = 0.11 + 0.065 * f32::from(bar);
        let ink = if bar == 6 { RUST } else { CREAM };
        tile.print(ink, rectangle(x - 0.016, 0.5 - height, x + 0.016, 0.5 + height));
    }
}

fn dots(tile: &mut Tile<'_>) {
    for row in 0_u8..5 {
        for column in 0_u8..5 {
            let at = Point::new(0.14 + 0.18 * f32::from(column), 0.14 + 0.18 * f32::from(row));
            let (ink, radius) = match (row, column) {
                (3, 1) => (RUST, 0.078),
                (1, 3) => (OCHRE, 0.078),
                _ => (TAPE, 0.028 + 0.007 * f32::from(row)),
            };
            tile.print(ink, disc(at, radius));
        }
    }
}

fn scales(tile: &mut Tile<'_>) {
    // Each row covers the lower half of the one above it.
    for row in 0_u8..10 {
        let y = 0.03 + 0.125 * f32::from(row);
        for column in 0_u8..3 {
            let foot = Point::new(0.5 * f32::from(column) + if row % 2 == 1 { 0.25 } else { 0.0 }, y);
            for (radius, ink) in [(0.25, INK), (0.232, CREAM), (0.165, RUST), (0.10, OCHRE)] {
                tile.print(ink, disc(foot, radius));
            }
        }
    }
}

fn waves(tile: &mut Tile<'_>) {
    for line in 0_u8..6 {
        let middle = 0.155 + 0.138 * f32::from(line);
        let ink = if line == 3 { INK } else { CREAM };
        let wave = move |point: Point| (point.y - middle - 0.035 * (TAU * point.x * 2.0).sin()).abs() - 0.022;
        tile.print(ink, both(wave, rectangle(0.09, 0.0, 0.91, 1.0)));
    }
}
