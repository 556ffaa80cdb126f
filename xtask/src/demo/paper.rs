//! A sheet of paper that shapes are printed on, ink by ink, as on a small screen press.
//! Which shapes make which cover is the business of `cover`.

use fastrand::Rng;
use image::{Rgb, RgbImage};

/// A colour in sRGB, 0 to 255.
pub(super) type Ink = [u8; 3];

/// Unbleached paper.
pub(super) const CREAM: Ink = [240, 228, 204];
/// The red of an oxide primer.
pub(super) const RUST: Ink = [190, 78, 44];
/// The yellow of old school books.
pub(super) const OCHRE: Ink = [221, 160, 66];
/// The brown of magnetic tape.
pub(super) const TAPE: Ink = [104, 66, 45];
/// Blue-black.
pub(super) const INK: Ink = [43, 44, 52];
/// The green-grey of enamel pots.
pub(super) const SAGE: Ink = [126, 146, 122];

/// A point on the sheet: both coordinates run from 0 to 1, from the top left.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub x: f32,
    pub y: f32,
}

impl Point {
    /// The point at these coordinates.
    pub(super) const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// The distance to another point.
    pub(super) fn to(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// This point as seen from another one that is turned by an angle (radians, clockwise).
    pub(super) fn seen_from(self, origin: Self, angle: f32) -> Self {
        let (dx, dy) = (self.x - origin.x, self.y - origin.y);
        let (sin, cos) = angle.sin_cos();
        Self { x: dx * cos + dy * sin, y: dy * cos - dx * sin }
    }
}

/// The sheet.
pub(super) struct Paper {
    size: u16,
    /// Red, green and blue of each pixel, row by row.
    pixels: Vec<[f32; 3]>,
    rng: Rng,
}

impl Paper {
    /// A blank square sheet of `size` pixels a side. The same seed makes the same grain.
    pub(super) fn new(size: u16, ground: Ink, seed: u64) -> Self {
        let pixels = vec![ground.map(f32::from); usize::from(size) * usize::from(size)];
        Self { size, pixels, rng: Rng::with_seed(seed) }
    }

    /// Prints a shape. It is given by the distance of a point from its edge, negative inside; the distance needs to be
    /// right only near the edge, which is smoothed over a pixel.
    pub(super) fn print(&mut self, ink: Ink, shape: impl Fn(Point) -> f32) {
        let pixel = f32::from(self.size).recip();
        let ink = ink.map(f32::from);
        // No two inks are ever laid exactly on top of each other.
        let (dx, dy) = (self.rng.f32() - 0.5, self.rng.f32() - 0.5);
        for (row, line) in self.pixels.chunks_mut(usize::from(self.size)).enumerate() {
            for (column, colour) in line.iter_mut().enumerate() {
                let point = Point::new((column as f32 + 0.5 + dx) * pixel, (row as f32 + 0.5 + dy) * pixel);
                let cover = (0.5 - shape(point) / pixel).clamp(0.0, 1.0);
                if cover > 0.0 {
                    for (channel, ink) in colour.iter_mut().zip(ink) {
                        *channel += cover * (ink - *channel);
                    }
                }
            }
        }
    }

    /// The finished print, with the grain and the age of the paper.
    pub(super) fn finish(mut self) -> RgbImage {
        let clouds = [self.noise(7), self.noise(23)];
        let fibres = self.noise(self.size / 3);
        let pixel = f32::from(self.size).recip();
        let size = u32::from(self.size);
        RgbImage::from_fn(size, size, |x, y| {
            let point = Point::new((x as f32 + 0.5) * pixel, (y as f32 + 0.5) * pixel);
            let age = 5.0 * clouds[0].at(point) + 3.0 * clouds[1].at(point);
            let grain = 7.0 * fibres.at(point) + 9.0 * (self.rng.f32() - 0.5);
            // The edges have seen more light than the middle.
            let edge = point.to(Point::new(0.5, 0.5)).powi(4) * 44.0;
            let [red, green, blue] = self.pixels[y as usize * usize::from(self.size) + x as usize];
            let tone = age + grain - edge;
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped
            Rgb([red + tone, green + tone, blue + tone - 0.5 * edge].map(|value| value.clamp(0.0, 255.0).round() as u8))
        })
    }

    /// Smooth noise with this many bumps along a side.
    fn noise(&mut self, bumps: u16) -> Noise {
        let side = usize::from(bumps) + 2;
        Noise { bumps, side, values: (0..side * side).map(|_| self.rng.f32() - 0.5).collect() }
    }
}

/// Values at the corners of a grid, -0.5 to 0.5.
struct Noise {
    bumps: u16,
    side: usize,
    values: Vec<f32>,
}

impl Noise {
    /// The value at a point, between those of the four corners around it.
    fn at(&self, point: Point) -> f32 {
        let (x, y) = (point.x * f32::from(self.bumps), point.y * f32::from(self.bumps));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // on the sheet
        let (column, row) = (x as usize, y as usize);
        let ease = |t: f32| t * t * (3.0 - 2.0 * t);
        let (right, down) = (ease(x.fract()), ease(y.fract()));
        let corner = |down: usize, right: usize| self.values[(row + down) * self.side + column + right];
        let top = corner(0, 0) + right * (corner(0, 1) - corner(0, 0));
        let bottom = corner(1, 0) + right * (corner(1, 1) - corner(1, 0));
        top + down * (bottom - top)
    }
}
