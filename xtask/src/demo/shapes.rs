//! Shapes to be printed: each is the distance of a point from its edge, negative inside.
//! Colours and composition are the business of the prints.

use super::paper::Point;

/// The distance from a disc.
pub(super) fn disc(centre: Point, radius: f32) -> impl Fn(Point) -> f32 + Copy {
    move |point| point.to(centre) - radius
}

/// The distance from a circle drawn with a pen.
pub(super) fn ring(centre: Point, radius: f32, pen: f32) -> impl Fn(Point) -> f32 + Copy {
    move |point| (point.to(centre) - radius).abs() - 0.5 * pen
}

/// The distance from a rectangle, given by its corners.
pub(super) fn rectangle(left: f32, top: f32, right: f32, bottom: f32) -> impl Fn(Point) -> f32 + Copy {
    move |point| (left - point.x).max(point.x - right).max(top - point.y).max(point.y - bottom)
}

/// What two shapes share.
pub(super) fn both(a: impl Fn(Point) -> f32, b: impl Fn(Point) -> f32) -> impl Fn(Point) -> f32 {
    move |point| a(point).max(b(point))
}

/// A shape without another one.
pub(super) fn without(a: impl Fn(Point) -> f32, b: impl Fn(Point) -> f32) -> impl Fn(Point) -> f32 {
    move |point| a(point).max(-b(point))
}

/// A pointed oval that begins at a distance from its root and grows away from it; an angle of 0 points up.
pub(super) fn petal(root: Point, angle: f32, begin: f32, end: f32, half: f32) -> impl Fn(Point) -> f32 + Copy {
    // Two discs share a lens that is as long as the petal and twice `half` wide.
    let reach = 0.5 * (end - begin);
    let radius = (reach * reach + half * half) / (2.0 * half);
    move |point| {
        let point = point.seen_from(root, angle);
        (point.x.abs() + radius - half).hypot(point.y + begin + reach) - radius
    }
}

/// A line away from a root.
pub(super) fn vein(root: Point, angle: f32, begin: f32, end: f32) -> impl Fn(Point) -> f32 + Copy {
    move |point| {
        let point = point.seen_from(root, angle);
        (point.x.abs() - 0.002).max(begin + point.y).max(-point.y - end)
    }
}
