//! A sheet of paper that shapes are printed on, ink by ink. A shape is the distance of a point from its edge, negative
//! inside; which shapes make which picture is for the callers.

use image::{Rgb, RgbImage};

/// A colour in sRGB.
pub(super) type Ink = [u8; 3];

/// A point: both coordinates run from 0 to 1 over the sheet, from the top left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) x: f32,
    pub(super) y: f32,
}

impl Point {
    pub(super) const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    pub(super) fn to(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// Numbers that look like chance and are always the same for the same seed (SplitMix64).
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// From 0 up to 1.
    pub(super) fn unit(&mut self) -> f32 {
        // As many bits as the number has places.
        (self.next() >> 40) as f32 / 16_777_216.0
    }

    /// Between two numbers.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// From 0 up to, but without, this number.
    pub(super) fn below(&mut self, count: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(count.max(1)).unwrap_or(1)).unwrap_or(0)
    }
}

/// The sheet.
pub(super) struct Sheet {
    side: u16,
    pixels: Vec<[f32; 3]>,
}

impl Sheet {
    /// An empty square sheet with sides of so many pixels.
    pub(super) fn new(side: u16, ground: Ink) -> Self {
        Self { side, pixels: vec![ground.map(f32::from); usize::from(side) * usize::from(side)] }
    }

    /// Prints a shape; its edge is smoothed over a pixel.
    pub(super) fn print(&mut self, ink: Ink, shape: impl Fn(Point) -> f32) {
        let pixel = f32::from(self.side).recip();
        let ink = ink.map(f32::from);
        for (line, row) in self.pixels.chunks_mut(self.side.into()).zip(0_u16..) {
            for (colour, column) in line.iter_mut().zip(0_u16..) {
                let point = Point::new((f32::from(column) + 0.5) * pixel, (f32::from(row) + 0.5) * pixel);
                let cover = (0.5 - shape(point) / pixel).clamp(0.0, 1.0);
                if cover > 0.0 {
                    for (channel, ink) in colour.iter_mut().zip(ink) {
                        *channel += cover * (ink - *channel);
                    }
                }
            }
        }
    }

    /// The finished print, with the grain of its paper.
    pub(super) fn finish(self, mut chance: Chance) -> RgbImage {
        let mut picture = RgbImage::new(self.side.into(), self.side.into());
        for (pixel, colour) in picture.pixels_mut().zip(self.pixels) {
            let grain = chance.between(-3.0, 3.0);
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped
            let tone = |channel: f32| (channel + grain).clamp(0.0, 255.0).round() as u8;
            *pixel = Rgb(colour.map(tone));
        }
        picture
    }
}

/// What is inside both.
pub(super) fn both(one: impl Fn(Point) -> f32, other: impl Fn(Point) -> f32) -> impl Fn(Point) -> f32 {
    move |point| one(point).max(other(point))
}

pub(super) fn disc(middle: Point, radius: f32) -> impl Fn(Point) -> f32 + Copy {
    move |point: Point| point.to(middle) - radius
}

pub(super) fn ring(middle: Point, radius: f32, pen: f32) -> impl Fn(Point) -> f32 + Copy {
    move |point: Point| (point.to(middle) - radius).abs() - 0.5 * pen
}

pub(super) fn rectangle(left: f32, top: f32, right: f32, bottom: f32) -> impl Fn(Point) -> f32 + Copy {
    move |point: Point| (left - point.x).max(point.x - right).max(top - point.y).max(point.y - bottom)
}
