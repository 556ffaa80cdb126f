//! The covers that are a picture of one thing: the bridge, the sunflower and the two reels.
//! The patchwork of the compilation is in `tiles`.

use std::f32::consts::{PI, TAU};

use super::paper::{CREAM, INK, Ink, OCHRE, Paper, Point, RUST, SAGE, TAPE};
use super::shapes::{both, disc, petal, rectangle, ring, vein, without};

/// A low sun behind a bridge of three arches.
pub(super) fn bridge(size: u16) -> Paper {
    let mut paper = Paper::new(size, CREAM, 11);
    let sun = Point::new(0.5, 0.425);
    // The sky: rings of light that just touch the frame.
    let frame = rectangle(0.07, 0.07, 0.93, 0.93);
    paper.print(OCHRE, both(frame, disc(sun, 0.355)));
    paper.print(CREAM, both(frame, disc(sun, 0.30)));
    paper.print(OCHRE, both(frame, disc(sun, 0.28)));
    paper.print(RUST, disc(sun, 0.225));
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

/// A sunflower, its petals and seeds where nature puts them.
pub(super) fn sunflower(size: u16) -> Paper {
    let mut paper = Paper::new(size, CREAM, 12);
    let heart = Point::new(0.5, 0.40);
    // The stem and two leaves on a strip of lawn.
    paper.print(SAGE, rectangle(0.0, 0.90, 1.0, 1.0));
    paper.print(INK, rectangle(0.0, 0.893, 1.0, 0.90));
    paper.print(INK, rectangle(0.493, 0.5, 0.507, 0.893));
    for (side, ink) in [(-1.0, SAGE), (1.0, TAPE)] {
        let root = Point::new(0.5, 0.893);
        paper.print(ink, petal(root, side * 1.02, 0.0, 0.27, 0.048));
        paper.print(CREAM, vein(root, side * 1.02, 0.03, 0.235));
    }
    // Three rows of petals, each between those of the row behind it.
    let rows: [(f32, f32, f32, Ink); 3] =
        [(0.5, 0.335, 0.040, TAPE), (0.0, 0.325, 0.038, RUST), (0.5, 0.265, 0.032, OCHRE)];
    for (turn, length, width, ink) in rows {
        for index in 0_u8..18 {
            let angle = (f32::from(index) + turn) * TAU / 18.0;
            paper.print(CREAM, petal(heart, angle, 0.085, length + 0.007, width + 0.004));
            paper.print(ink, petal(heart, angle, 0.087, length, width));
        }
    }
    paper.print(CREAM, disc(heart, 0.148));
    paper.print(INK, disc(heart, 0.139));
    // Seeds lie where each is a golden angle farther round than the one before.
    let golden = PI * (3.0 - 5_f32.sqrt());
    for seed in 1_u8..=110 {
        let place = f32::from(seed);
        let (sin, cos) = (place * golden).sin_cos();
        let far = 0.127 * (place / 110.0).sqrt();
        let at = Point::new(heart.x + far * cos, heart.y + far * sin);
        paper.print(if seed < 30 { RUST } else { OCHRE }, disc(at, 0.0024 + 0.0020 * place / 110.0));
    }
    paper
}

/// The sun and the moon as the two reels of a cassette, with the tape around them.
pub(super) fn reels(size: u16) -> Paper {
    let mut paper = Paper::new(size, CREAM, 14);
    let (sun, moon) = (Point::new(0.55, 0.5), Point::new(0.165, 0.5));
    // The tape comes in at the top left, goes round the sun and leaves at the bottom left.
    let tape = move |middle: f32, width: f32| {
        move |point: Point| {
            let away = if point.x > sun.x { point.to(sun) } else { (point.y - sun.y).abs() };
            (away - middle).abs() - 0.5 * width
        }
    };
    for (lane, ink) in (0_u8..).zip([TAPE, RUST, OCHRE, SAGE]) {
        paper.print(ink, tape(0.262 + 0.036 * f32::from(lane), 0.030));
    }
    paper.print(RUST, disc(sun, 0.205));
    paper.print(CREAM, ring(sun, 0.188, 0.004));
    paper.print(INK, disc(moon, 0.112));
    paper.print(CREAM, ring(moon, 0.100, 0.003));
    for (reel, scale, turn, ground) in [(sun, 0.205, 0.26, RUST), (moon, 0.112, 0.0, INK)] {
        for window in 0_u8..3 {
            let (sin, cos) = (turn + f32::from(window) * TAU / 3.0).sin_cos();
            let at = Point::new(reel.x + 0.56 * scale * sin, reel.y - 0.56 * scale * cos);
            paper.print(if ground == RUST { OCHRE } else { CREAM }, disc(at, 0.235 * scale));
        }
        paper.print(CREAM, without(disc(reel, 0.20 * scale), disc(reel, 0.09 * scale)));
        paper.print(ground, disc(reel, 0.09 * scale));
    }
    paper
}
